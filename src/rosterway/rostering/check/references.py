"""Rows against the rows they name: courses name terms, enrollments name users and sections.

A reference is resolved within the delivery and the mirror. A table that is in neither is not
known, so nobody is blamed for naming its rows (`command-line.md`, "check").
"""

from dataclasses import dataclass

from rosterway.formats.canvas_csv.people import BASE_ROLES
from rosterway.formats.canvas_csv.table import Column, Table
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.known import Case
from rosterway.rostering.check.row_rules import role_as_read, status_as_read
from rosterway.rostering.roster import Roster
from rosterway.rostering.staged import Trust

#: References Canvas drops rather than refuses, by (table, column).
_DROPPED = {
    ("courses", "term_id"): "term-unknown",
    ("abstract_courses", "term_id"): "term-unknown",
    ("courses", "abstract_course_id"): "abstract-course-unknown",
    ("courses", "blueprint_course_id"): "blueprint-unknown",
    ("courses", "fallback_account_id"): "fallback-unknown",
    ("abstract_courses", "fallback_account_id"): "fallback-unknown",
}
#: What it means that the row named is being deleted, by (table, column).
_DELETED = {
    ("enrollments", "user_id"): "user-deleted",
    ("enrollments", "section_id"): "section-deleted",
    ("groups", "group_category_id"): "category-deleted",
}
#: Where a column is not looked at: the column that decides, and when.
_OVERLOOKED = {
    ("enrollments", "user_id"): ("user_integration_id", "user_integration_id IS NOT NULL"),
    ("enrollments", "associated_user_id"): (
        "role",
        f"{role_as_read('role')} IN {sql.texts(role for role in BASE_ROLES if role != 'observer')}",
    ),
}
#: Words in place of an id.
_WORDS = {("courses", "blueprint_course_id"): ("dissociate",)}


@dataclass(frozen=True, slots=True)
class _Link:
    """A column, and what is known about the table it refers to.

    `dangling` is a table (id, place) of the ids that are nowhere to be found; `place` says which
    refused row has the id.
    """

    column: Column
    table: Table
    key: str
    staged: bool
    whole: bool
    in_mirror: bool
    dangling: str


def check_references(case: Case) -> None:
    """Find rows that name a row which is missing, refused or being deleted.

    The tables referred to have been checked before: Canvas's processing order sees to that. What is
    missing is an error whatever else the row waits for, so it is looked for first.
    """
    hits, table = case.hits, case.table
    links = [
        link
        for column in table.columns
        if column.refers is not None and case.has(column.name)
        for link in [_link(case, column)]
        if link is not None
    ]
    # What is wrong with one reference of a row says nothing of its others: all are looked at.
    for link, going in [(link, _looking(case, link)) for link in links]:
        _find_dangling(case, link, going)
        dropped = _DROPPED.get((table.name, link.column.name))
        rows = going
        if link.column.name == "account_id" and case.has("fallback_account_id"):
            rows = _without_fallen(case, link, going)
        _record(hits, table, link, dropped or "reference-missing", rows)
    for link in links:
        is_own = link.table is table
        held = 1
        while held:
            if is_own:
                # An account that is refused or held back takes the accounts below it along.
                _find_dangling(case, link, case.going)
            found = _record(hits, table, link, "reference-refused", _looking(case, link))
            held = found if is_own else 0
        _judge_deleted(case, link)
    if table.name == "enrollments":
        _check_relation(case)
    if table.name == "terms" and case.has("date_override_enrollment_type"):
        _check_overrides(hits, case.mirror)


def _link(case: Case, column: Column) -> _Link | None:
    assert column.refers is not None
    name, key = column.refers.table, column.refers.column
    staged = case.hits.staged.tables.get(name)
    has_rows = case.has_staged(name, key)
    in_mirror = case.mirror.has(name, key)
    refused = staged is not None and any(file.trust is Trust.NONE for file in staged.files)
    if not has_rows and not in_mirror and not refused:
        return None
    return _Link(
        column,
        BY_NAME[name],
        key,
        has_rows,
        staged is None or staged.is_whole,
        in_mirror,
        sql.name(f"dangling_{column.name}"),
    )


def _looking(case: Case, link: _Link) -> str:
    """The rows of which Canvas looks at the column at all."""
    unless = _OVERLOOKED.get((case.table.name, link.column.name))
    if unless is None or not case.has(unless[0]):
        return case.going
    return f"SELECT * FROM ({case.going}) WHERE NOT coalesce({unless[1]}, false)"


def _find_dangling(case: Case, link: _Link, going: str) -> None:
    """Fill the link's table of ids that neither the delivery nor the mirror has.

    In a whole delivery nearly every id is found within it, so the mirror is asked only for what
    is left: asking both at once costs twice as much.
    """
    hits, table, mirror = case.hits, case.table, case.mirror
    cell, key = sql.name(link.column.name), sql.name(link.key)
    known: list[str] = []
    if link.staged:
        known.append(f"SELECT {key} AS id FROM ({hits.going(link.table.name)})")
        if link.table.name == "users" and case.has_staged("logins", link.key):
            # A further login is as good as the user's first.
            known[0] += f" UNION ALL SELECT {key} FROM ({hits.going('logins')})"
    if link.in_mirror:
        known.append(f"SELECT {key} AS id FROM {mirror.view(link.table.name)}")
    words = _WORDS.get((table.name, link.column.name), ())
    meant = f" AND {cell} NOT IN {sql.texts(words)}" if words else ""
    # Rows of a table that could not be read whole may well hold the id.
    unread = "NULL" if link.whole else sql.text(f"not all of {link.table.name} could be read")
    ids = known[0] if known else "SELECT NULL::VARCHAR AS id WHERE false"
    hits.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {link.dangling} AS "
        f"SELECT DISTINCT {cell} AS id, {unread}::VARCHAR AS place "
        f"FROM ({going}) ANTI JOIN ({ids}) k ON k.id = {cell} WHERE {cell} IS NOT NULL{meant}"
    )
    if not _has_rows(hits, link.dangling):
        return
    for ids in known[1:]:
        hits.connection.execute(f"DELETE FROM {link.dangling} WHERE id IN ({ids})")
    if link.staged and hits.has_stopped(link.table.name):
        hits.connection.execute(
            f"UPDATE {link.dangling} AS d SET place = r.place FROM ("
            f"SELECT {key} AS id, min({hits.place()}) AS place "
            f"FROM {sql.name(hits.staged.view(link.table.name))} "
            f"JOIN {hits.stopped} USING (_file, _row) WHERE tbl = {sql.text(link.table.name)} "
            "GROUP BY 1) r WHERE r.id = d.id"
        )


def _without_fallen(case: Case, link: _Link, going: str) -> str:
    """Tell of courses that go to the account standing in for an unknown one; the other rows."""
    if not _has_rows(case.hits, f"{link.dangling} WHERE place IS NULL"):
        return going
    known = [
        f"SELECT account_id FROM {rows}"
        for rows in (
            f"({case.hits.going('accounts')})" if case.has_staged("accounts") else "",
            case.mirror.view("accounts") if case.mirror.has("accounts") else "",
        )
        if rows
    ]
    fallen = (
        f"SELECT _file, _row, account_id AS val, fallback_account_id AS other FROM ({going}) "
        f"WHERE account_id IN (SELECT id FROM {link.dangling} WHERE place IS NULL) "
        f"AND fallback_account_id IN ({' UNION ALL '.join(known)})"
    )
    if not case.make("fallen", fallen):
        return going
    case.find("account-fallback", "account_id", "SELECT * FROM fallen")
    return f"SELECT * FROM ({going}) ANTI JOIN fallen USING (_file, _row)"


def _has_rows(hits: Hits, rows: str) -> bool:
    return hits.connection.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchone() is not None


def _record(hits: Hits, table: Table, link: _Link, code: str, going: str) -> int:
    """Record the rows that dangle: under `reference-refused` those whose id is on a refused row."""
    is_held = code == "reference-refused"
    kind = "place IS NOT NULL" if is_held else "place IS NULL"
    if not _has_rows(hits, f"{link.dangling} WHERE {kind}"):
        return 0
    cell = sql.name(link.column.name)
    other = "place" if is_held else sql.text(link.table.name)
    return hits.record(
        code,
        table.name,
        link.column.name,
        f"SELECT _file, _row, {cell} AS val, {other} AS other FROM ({going}) "
        f"JOIN {link.dangling} ON id = {cell} WHERE {kind}",
    )


def _judge_deleted(case: Case, link: _Link) -> None:
    """Find rows that give access to something this delivery deletes, or Canvas has deleted."""
    if not case.is_deleting(link.table.name):
        return
    hits, table = case.hits, case.table
    key, status = sql.name(link.key), status_as_read(link.table, '"status"')
    gone: list[str] = []
    if case.has_staged(link.table.name, link.key, "status"):
        gone.append(
            f"SELECT {key} AS id, 'by ' || min({hits.place()}) AS place "
            f"FROM ({hits.going(link.table.name)}) WHERE {status} = 'deleted' GROUP BY 1"
        )
    if case.mirror.has(link.table.name, link.key, "status"):
        view = case.mirror.view(link.table.name)
        sent = hits.going(link.table.name) if link.staged else ""
        again = (
            f"AND {key} NOT IN (SELECT {key} FROM ({sent}) WHERE {key} IS NOT NULL)" if sent else ""
        )
        gone.append(
            f"SELECT DISTINCT {key} AS id, 'in Canvas' AS place FROM {view} "
            f"WHERE status = 'deleted' {again}"
        )
    if not gone or not case.make("deleting", " UNION ALL ".join(gone)):
        return
    alive = "true"
    if case.has("status") and table.statuses:
        alive = f"{case.status} IN {sql.texts(table.access_words)}"
    cell = sql.name(link.column.name)
    case.find(
        _DELETED.get((table.name, link.column.name), "reference-deleted"),
        link.column.name,
        f"SELECT _file, _row, {cell} AS val, place AS other FROM ({case.going}) "
        f"JOIN deleting ON id = {cell} WHERE {alive}",
    )


def _check_relation(case: Case) -> None:
    """An enrollment that names both: the section is the course's own, or cross-listed into it."""
    hits, mirror = case.hits, case.mirror
    if not case.has("course_id", "section_id"):
        return
    homes = _homes(hits, mirror, "sections", "course_id")
    if not homes:
        return
    guests = _homes(hits, mirror, "xlists", "xlist_course_id")
    visits = f"ANTI JOIN ({' UNION ALL '.join(guests)}) g " if guests else ""
    same = "ON g.section_id = e.section_id AND g.course_id = e.course_id" if guests else ""
    hits.record(
        "section-course-unrelated",
        "enrollments",
        "course_id",
        "SELECT e._file, e._row, e.section_id AS val, any_value(s.course_id) AS other "
        f"FROM ({hits.going('enrollments')}) e JOIN ({' UNION ALL '.join(homes)}) s "
        "ON s.section_id = e.section_id AND s.course_id <> e.course_id "
        f"{visits}{same} GROUP BY 1, 2, 3",
    )


def _homes(hits: Hits, mirror: Roster, table: str, course: str) -> list[str]:
    """Queries for (section_id, course_id): the delivery's, then what only the mirror knows."""
    queries: list[str] = []
    staged = hits.staged.has_rows(table)
    if staged:
        queries.append(
            f"SELECT section_id, {course} AS course_id FROM ({hits.going(table)}) AS delivered"
        )
    if mirror.has(table, "section_id", course):
        unless = f" ANTI JOIN ({hits.going(table)}) d USING (section_id)" if staged else ""
        queries.append(
            f"SELECT b.section_id, b.{course} AS course_id FROM {mirror.view(table)} b{unless}"
        )
    return queries


def _check_overrides(hits: Hits, mirror: Roster) -> None:
    """Dates for a role need their term: here, or in Canvas already."""
    override = "date_override_enrollment_type"
    terms = f"SELECT term_id FROM ({hits.going('terms')}) WHERE {override} IS NULL"
    if mirror.has("terms", "term_id"):
        terms += f" UNION ALL SELECT term_id FROM {mirror.view('terms')}"
    hits.record(
        "override-without-term",
        "terms",
        "term_id",
        f"SELECT _file, _row, term_id AS val, NULL AS other FROM ({hits.going('terms')}) "
        f"ANTI JOIN ({terms}) USING (term_id) WHERE {override} IS NOT NULL",
    )
