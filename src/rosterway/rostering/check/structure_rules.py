"""Courses, sections and cross-listings beside what Canvas holds of them.

Facts: canvas-lms `lib/sis/course_importer.rb`, `lib/sis/section_importer.rb`,
`lib/sis/xlist_importer.rb`.
"""

from rosterway.rostering import sql
from rosterway.rostering.check.known import Case, live
from rosterway.rostering.dates import instant

_DATES = ("start_date", "end_date")
_BLUEPRINT = "blueprint_course_id"


def check_courses(case: Case) -> None:
    """Find reversed dates, courses re-opened by accident, and blueprints Canvas would not take."""
    if case.mirror.has("courses", "course_id"):
        _check_dates(case)
        _check_reopened(case)
    if case.has(_BLUEPRINT):
        _check_blueprints(case)


def _check_dates(case: Case) -> None:
    """One date from the delivery, the other from Canvas: a column left out keeps what is there."""
    given = [name for name in _DATES if case.has(name)]
    if len(given) != 1 or not case.mirror.has("courses", *_DATES):
        return
    start, end = (f"{'d' if name in given else 'm'}.{name}" for name in _DATES)
    case.find(
        "dates-reversed",
        given[0],
        f"SELECT d._file, d._row, any_value({end}) AS val, any_value({start}) || ', in Canvas' AS other "
        f"FROM ({case.going}) d JOIN {case.mirror.view('courses')} m USING (course_id) "
        f"WHERE {instant(end)} < {instant(start)} GROUP BY 1, 2",
    )


def _check_reopened(case: Case) -> None:
    if case.has("status") and case.mirror.has("courses", "status"):
        case.find(
            "course-reopened",
            "status",
            f"SELECT d._file, d._row, d.course_id AS val, NULL AS other "
            f"FROM (SELECT * FROM ({case.going}) WHERE {case.status} = 'active') d "
            f"SEMI JOIN (SELECT course_id FROM {case.mirror.view('courses')} "
            "WHERE status = 'completed') m USING (course_id)",
        )


def _check_blueprints(case: Case) -> None:
    tied = f"{_BLUEPRINT} IS NOT NULL AND {_BLUEPRINT} <> 'dissociate'"
    if not case.make(
        "tied",
        f"SELECT _file, _row, course_id, {_BLUEPRINT} AS blueprint FROM ({case.going}) WHERE {tied}",
    ):
        return
    blueprints = case.then("courses", _BLUEPRINT)
    case.find(
        "blueprint-refused",
        _BLUEPRINT,
        "SELECT _file, _row, course_id AS val, 'is a blueprint itself' AS other FROM tied "
        f"WHERE course_id IN (SELECT {_BLUEPRINT} FROM ({blueprints}) WHERE {tied})",
    )
    if case.mirror.has("courses", "course_id", _BLUEPRINT):
        case.find(
            "blueprint-refused",
            _BLUEPRINT,
            "SELECT t._file, t._row, t.course_id AS val, "
            f"'is tied to ' || any_value(m.{_BLUEPRINT}) || ' in Canvas' AS other FROM tied t "
            f"JOIN {case.mirror.view('courses')} m USING (course_id) "
            f"WHERE m.{_BLUEPRINT} <> t.blueprint AND m.{_BLUEPRINT} <> 'dissociate' GROUP BY 1, 2, 3",
        )
    if case.knows("accounts", "parent_account_id") and case.knows("courses", "account_id"):
        _check_chain(case)


def _check_chain(case: Case) -> None:
    """A blueprint stands in the course's account or above it."""
    accounts = case.hits.connection.execute(
        f"SELECT account_id, parent_account_id FROM ({case.then('accounts', 'parent_account_id')})"
    ).fetchall()
    parents: dict[str, str | None] = dict(accounts)
    courses = case.then("courses", "account_id")
    pairs = case.hits.connection.execute(
        "SELECT DISTINCT c.account_id, b.account_id FROM tied t "
        f"JOIN ({courses}) c USING (course_id) JOIN ({courses}) b ON b.course_id = t.blueprint "
        "WHERE b.account_id IS NOT NULL"
    ).fetchall()
    apart = [(account, above) for account, above in pairs if not _is_below(account, above, parents)]
    if not apart:
        return
    case.hits.connection.execute("CREATE OR REPLACE TEMP TABLE apart (low VARCHAR, high VARCHAR)")
    case.hits.connection.executemany("INSERT INTO apart VALUES (?, ?)", apart)
    case.find(
        "blueprint-refused",
        _BLUEPRINT,
        "SELECT t._file, t._row, t.course_id AS val, "
        "'is not in the account of ' || t.blueprint || ' or below it' AS other FROM tied t "
        f"JOIN ({courses}) c USING (course_id) JOIN ({courses}) b ON b.course_id = t.blueprint "
        "JOIN apart a ON a.low IS NOT DISTINCT FROM c.account_id AND a.high = b.account_id",
    )


def _is_below(account: str | None, above: str, parents: dict[str, str | None]) -> bool:
    seen: set[str] = set()
    while account is not None and account not in seen:
        if account == above:
            return True
        seen.add(account)
        account = parents.get(account)
    return False


def check_sections(case: Case) -> None:
    """Find cross-listed sections that another course would pull out."""
    if not case.has("course_id") or not (
        case.mirror.has("sections", "section_id", "course_id")
        and case.mirror.has("xlists", "section_id", "xlist_course_id")
    ):
        return
    status = live("x.status") if case.mirror.has("xlists", "status") else "true"
    again = ""
    if case.has_staged("xlists", "section_id"):
        # Cross-listings come after sections, and put this one where it belongs.
        again = f"ANTI JOIN {sql.name(case.hits.staged.view('xlists'))} a USING (section_id)"
    case.find(
        "section-pulled-out",
        "course_id",
        "SELECT d._file, d._row, d.section_id AS val, any_value(x.xlist_course_id) AS other "
        f"FROM ({case.going}) d JOIN {case.mirror.view('sections')} m USING (section_id) "
        f"JOIN {case.mirror.view('xlists')} x USING (section_id) {again} "
        f"WHERE {status} AND d.course_id <> m.course_id GROUP BY 1, 2, 3",
    )


def check_xlists(case: Case) -> None:
    """Find ends of cross-listings that are somewhere else."""
    if not case.mirror.has("xlists", "section_id", "xlist_course_id") or not case.deletes():
        return
    status = live("m.status") if case.mirror.has("xlists", "status") else "true"
    case.find(
        "xlist-elsewhere",
        "xlist_course_id",
        "SELECT d._file, d._row, d.section_id AS val, any_value(m.xlist_course_id) AS other "
        f"FROM (SELECT * FROM ({case.going}) WHERE {case.status} = 'deleted') d "
        f"JOIN {case.mirror.view('xlists')} m USING (section_id) "
        f"WHERE {status} AND m.xlist_course_id <> d.xlist_course_id GROUP BY 1, 2, 3",
    )
