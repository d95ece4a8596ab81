"""Enrollments: the current one of each person in each class, its role, dates and standing.

Makes `tr_losers` (records that gave way to another of the same person in the same class) and
`tr_enrollments`, a view with everything rules read.
"""

from rosterway.rostering import sql
from rosterway.rostering.translate.policy import LEAVE_OUT, Fill, SeveralRoles
from rosterway.rostering.translate.sources import view
from rosterway.rostering.translate.work import Work

#: Of roles that are equally current the one that may do more.
_RANK = "CASE role WHEN 'teacher' THEN 0 WHEN 'ta' THEN 1 WHEN 'student' THEN 3 ELSE 2 END"


def make_enrollments(work: Work) -> None:
    """Make the tables."""
    _make_rows(work)
    _tell_references(work)
    _make_losers(work)
    work.view(
        "tr_enrollments",
        'SELECT * FROM tr_rows ANTI JOIN tr_losers USING ("enrollment.sourcedId") '
        'WHERE "user.id" IS NOT NULL AND role IS NOT NULL',
    )
    _tell_rows(work)


def _make_rows(work: Work) -> None:
    choices = work.policy.enrollments
    said = "e.role"
    if choices.aides_by_user_role:
        work.make("tr_aides", "SELECT DISTINCT record FROM tr_roles WHERE role = 'aide'")
        said = (
            "CASE WHEN e.role = 'proctor' AND e.userSourcedId IN (SELECT record FROM tr_aides) "
            "THEN 'aide' ELSE e.role END"
        )
    mapped = {
        role: None if canvas == LEAVE_OUT else canvas for role, canvas in choices.all_roles.items()
    }
    whens = " ".join(
        f"WHEN {sql.text(role)} THEN {sql.text(canvas)}"
        for role, canvas in mapped.items()
        if canvas is not None
    )
    begin = "try_cast(e.beginDate AS DATE)"
    after = work.after("e.endDate")
    first, last = 'c."term.first"', 'c."term.after"'
    is_backward = f"coalesce({after} <= {begin}, false)"
    if choices.fill is Fill.TERM:
        begin_filled = f"CASE WHEN {is_backward} THEN {first} ELSE coalesce({begin}, {first}) END"
        after_filled = f"CASE WHEN {is_backward} THEN {last} ELSE coalesce({after}, {last}) END"
    else:
        begin_filled = f"CASE WHEN NOT {is_backward} THEN {begin} END"
        after_filled = f"CASE WHEN NOT {is_backward} THEN {after} END"
    # Of whom nothing is known the id may be: the row goes on, and `check` holds it back alone, so
    # that what Canvas has of it stays and everybody else's enrollments can still end.
    users = work.policy.users
    keeps_ids = users.user_id == "sourcedId" and not users.merge_by
    user_id = (
        "CASE WHEN p.record IS NULL THEN e.userSourcedId ELSE p.user_id END"
        if keeps_ids
        else "p.user_id"
    )
    taken = '"left" IS NULL'
    work.make(
        "tr_places",
        'SELECT "class.sourcedId", "class.gone", "left", "term.id", "term.first", "term.after" '
        'FROM tr_classes LEFT JOIN tr_terms USING ("term.id")',
    )
    work.view(
        "tr_said",
        'SELECT e.sourcedId AS "enrollment.sourcedId", e.status AS "enrollment.status", '
        'e.role AS "enrollment.role", e.beginDate AS "enrollment.beginDate", '
        'e.endDate AS "enrollment.endDate", e.dateLastModified AS "enrollment.dateLastModified", '
        'e.classSourcedId AS "class.sourcedId", e.userSourcedId AS "user.sourcedId", '
        'e.gone AS "enrollment.gone", try_cast(e._at AS BIGINT) AS nth, '
        f'{said} AS "role.read", {is_backward} AS is_backward, '
        'coalesce(c."class.gone", false) AS "class.gone", c."left", '
        'c."class.sourcedId" IS NULL AS has_no_class, p.record IS NULL AS has_no_user, '
        f'coalesce(p.is_gone, false) AS "user.gone", {user_id} AS "user.id", '
        f'{first} AS "term.first", {last} AS "term.after", c."term.id", '
        f"{begin_filled} AS begins, {after_filled} AS after "
        f"FROM {view('enrollments')} AS e "
        'LEFT JOIN tr_places AS c ON c."class.sourcedId" = e.classSourcedId '
        "LEFT JOIN tr_people AS p ON p.record = e.userSourcedId",
    )
    work.view(
        "tr_rows",
        f'SELECT *, CASE "role.read" {whens} END AS role FROM tr_said '
        f'WHERE {taken} AND "class.sourcedId" IS NOT NULL',
    )


def _tell_references(work: Work) -> None:
    """An enrollment in nothing, or of nobody: what Canvas has of it must stay."""
    live = 'FROM tr_said WHERE NOT "enrollment.gone" AND "left" IS NULL'
    for table, column, missing in (
        ("classes", "class", "has_no_class"),
        ("users", "user", "has_no_user AND NOT has_no_class"),
    ):
        if work.sources.knows_all(table):
            work.tell(
                "reference-unknown",
                "enrollments",
                f"{column}SourcedId",
                f'SELECT nth, "{column}.sourcedId" AS val, "enrollment.sourcedId" AS other {live} '
                f'AND {missing} AND "{column}.sourcedId" IS NOT NULL',
            )
    nameless = '"user.id" IS NULL OR "role.read" IS NULL OR "class.sourcedId" IS NULL'
    if work.one(f"SELECT count(*) {live} AND ({nameless})"):
        work.held.add("enrollments")
    work.tell_together(
        "role-left-out",
        "enrollments",
        "role",
        'SELECT nth, "enrollment.sourcedId" AS id, "role.read" AS val FROM tr_rows '
        'WHERE role IS NULL AND "role.read" IS NOT NULL AND NOT "enrollment.gone"',
    )


def _make_losers(work: Work) -> None:
    """Of several records of one person in one class the current one is taken (section 9).

    In this order: in use, with people and class in use; current today, then to come (the soonest),
    then over (the latest); the role that may do more; the later begun; the later changed; by id.
    """
    of_role = ", role" if work.policy.enrollments.several_roles is SeveralRoles.EACH else ""
    group = f'"class.sourcedId", "user.id"{of_role}'
    placed = '"user.id" IS NOT NULL AND role IS NOT NULL'
    work.make(
        "tr_several",
        f"SELECT {group} FROM tr_rows WHERE {placed} GROUP BY {group} HAVING count(*) > 1",
    )
    is_past = f"coalesce(after <= {work.day}, false)"
    is_to_come = f"coalesce(begins > {work.day}, false)"
    order = (
        f'"enrollment.gone", CASE WHEN {is_past} THEN 2 WHEN {is_to_come} THEN 1 ELSE 0 END, '
        f"CASE WHEN {is_to_come} THEN begins END, CASE WHEN {is_past} THEN after END DESC, {_RANK}, "
        'begins DESC NULLS LAST, "enrollment.dateLastModified" DESC NULLS LAST, '
        '"enrollment.sourcedId"'
    )
    # What is gone gives way to its own role alone: another role's end is news of its own.
    work.make(
        "tr_ranked",
        'SELECT "enrollment.sourcedId", nth, "enrollment.gone", '
        'first_value("enrollment.sourcedId") OVER best AS winner, '
        'CASE WHEN "enrollment.gone" THEN row_number() OVER alike ELSE row_number() OVER best END '
        f"AS place FROM (SELECT * FROM tr_rows WHERE {placed}) JOIN tr_several USING ({group}) "
        f"WINDOW best AS (PARTITION BY {group} ORDER BY {order}), "
        f'alike AS (PARTITION BY "class.sourcedId", "user.id", role ORDER BY {order})',
    )
    work.make(
        "tr_losers",
        'SELECT "enrollment.sourcedId", winner FROM tr_ranked WHERE place > 1',
    )
    work.tell(
        "enrollment-again",
        "enrollments",
        None,
        'SELECT nth, winner AS val, "enrollment.sourcedId" AS other FROM tr_ranked '
        'WHERE place > 1 AND NOT "enrollment.gone"',
    )


def _tell_rows(work: Work) -> None:
    live = 'FROM tr_enrollments WHERE NOT "enrollment.gone" AND NOT "class.gone"'
    for column in ("beginDate", "endDate"):
        work.tell_together(
            "enrollment-date-missing",
            "enrollments",
            column,
            f'SELECT nth, "enrollment.sourcedId" AS id, coalesce("term.id", \'\') AS val {live} '
            f'AND "enrollment.{column}" IS NULL',
        )
    work.tell(
        "enrollment-backward",
        "enrollments",
        "endDate",
        'SELECT nth, "enrollment.beginDate" || \' to \' || "enrollment.endDate" AS val, '
        f'"enrollment.sourcedId" AS other {live} AND is_backward',
    )
