"""Consequences: what Canvas removes by itself because something else goes (`safety.md`, "Removals").

Enrollments go with their section, their course, a course their section is cross-listed into, or a
term that ends before its time; with a user's last login go enrollments, memberships, admin roles
and observers. Rows of other feeds go the same way, whatever this delivery says of them.

A vanished row whose cause surely takes it along is `carried`: it need not be sent.
"""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from rosterway.formats.canvas_csv.table import Table
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.dates import instant
from rosterway.rostering.keys import STAND_IN, cell_of, ident, key_words
from rosterway.rostering.places import class_of, moment, place_of, running
from rosterway.rostering.roster import Roster

#: Columns that name a person, in tables whose rows go with the person's last login.
_PERSON_TABLES: Mapping[str, tuple[str, ...]] = {
    "enrollments": ("user_id",),
    "groups_membership": ("user_id",),
    "admins": ("user_id",),
    "user_observers": ("observer_id", "student_id"),
}
#: A term's dates for one kind of enrollment -> the role Canvas knows it by.
_OVERRIDDEN = {
    "StudentEnrollment": "student",
    "TeacherEnrollment": "teacher",
    "TaEnrollment": "ta",
    "DesignerEnrollment": "designer",
}


def add_consequences(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    elsewhere: Roster,
    *,
    now: datetime,
) -> None:
    """Add to `found` what goes with what is there, and mark what is carried.

    Leaves `dying` (id, cause, sure): classes that go; `sure` where nothing can keep their people.
    """
    _find_dying(connection, compared, baseline)
    _find_overridden(connection, compared, now)
    connection.execute(
        "CREATE TEMP TABLE leavers AS SELECT ident AS id, 'user ' || words AS cause FROM found f "
        f"WHERE tbl = 'users' AND {_deletes(compared, 'users')}"
    )
    nothing: Mapping[str, Compared] = {}
    for roster, changes in ((baseline, compared), (elsewhere, nothing)):
        if roster.has("enrollments", "status"):
            klass = class_of(roster.columns("enrollments"), cell_of("b"))
            causes = ("dying", "true"), ("overridden", "d.role = {role}")
            for name, condition in causes:
                _add(connection, "enrollments", roster, changes, now, name, klass, condition)
        for name, columns in _PERSON_TABLES.items():
            if roster.has(name, "status", *columns):
                for column in columns:
                    _add(connection, name, roster, changes, now, "leavers", f"b.{column}")
    _carry_all(connection, compared)


def _find_dying(
    connection: duckdb.DuckDBPyConnection, compared: Mapping[str, Compared], baseline: Roster
) -> None:
    """Make `dying`. A cross-listed section goes with the course it is in, not with its own."""
    guests = "SELECT NULL::VARCHAR AS class, NULL::VARCHAR AS host WHERE false"
    if baseline.has("xlists", "section_id", "xlist_course_id", "status"):
        guests = (
            "SELECT section_id AS class, xlist_course_id AS host "
            f"FROM {baseline.view('xlists')} WHERE status = 'active'"
        )
    deleted = f"f.tbl = 'courses' AND {_deletes(compared, 'courses')}"
    sections = (
        "SELECT ident AS class, 'section ' || words AS cause, true AS sure FROM found f "
        f"WHERE tbl = 'sections' AND {_deletes(compared, 'sections')}"
    )
    courses = (
        "SELECT c.class, 'course ' || c.course_id AS cause, g.class IS NULL AND "
        f"(c.class = {STAND_IN} || c.course_id OR c.class IN (SELECT class FROM ({sections}))) "
        "AS sure FROM scope_classes c JOIN found f ON f.ident = c.course_id "
        f"LEFT JOIN ({guests}) g ON g.class = c.class WHERE {deleted}"
    )
    hosts = (
        "SELECT g.class, 'course ' || g.host AS cause, false AS sure "
        f"FROM ({guests}) g JOIN found f ON f.ident = g.host WHERE {deleted}"
    )
    terms = (
        "SELECT c.class, 'term ' || c.term_id AS cause, false AS sure "
        "FROM scope_classes c JOIN found f ON f.words = c.term_id WHERE f.tbl = 'terms'"
    )
    connection.execute(
        "CREATE TEMP TABLE dying AS SELECT class AS id, arg_min(cause, (NOT sure, cause)) AS cause, "
        f"bool_or(sure) AS sure FROM ({sections} UNION ALL {courses} UNION ALL {hosts} "
        f"UNION ALL {terms}) GROUP BY class"
    )


def _find_overridden(
    connection: duckdb.DuckDBPyConnection, compared: Mapping[str, Compared], now: datetime
) -> None:
    """Make `overridden` (id, role, cause): classes whose term ends early for one role."""
    connection.execute("CREATE TEMP TABLE overridden (id VARCHAR, role VARCHAR, cause VARCHAR)")
    terms = compared.get("terms")
    if terms is None or not {"date_override_enrollment_type", "end_date"} <= {*terms.sent}:
        return
    roles = " ".join(
        f"WHEN {sql.text(kind)} THEN {sql.text(role)}" for kind, role in _OVERRIDDEN.items()
    )
    new, old = instant("v.e_end_date"), instant("v.o_end_date")
    connection.execute(
        "INSERT INTO overridden SELECT id, role, 'term ' || term_id || ' for ' || role FROM ("
        "SELECT c.class AS id, c.term_id, "
        f"CASE v.e_date_override_enrollment_type {roles} END AS role "
        f"FROM {terms.changes} v JOIN scope_classes c ON c.term_id = v.e_term_id "
        f"WHERE v.kind <> 'vanish' AND v.e_status = 'active' AND {new} <= {moment(now)} "
        f"AND coalesce({old} > {moment(now)}, true)) WHERE role IS NOT NULL"
    )


def _deletes(compared: Mapping[str, Compared], table: str) -> str:
    """SQL over `found`: the removal deletes (a course that only concludes keeps its people)."""
    if table not in compared:
        return "false"
    changes = compared[table].changes
    return f"f.ident IN (SELECT ident FROM {changes} WHERE coalesce(target, e_status) = 'deleted')"


def _add(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    roster: Roster,
    compared: Mapping[str, Compared],
    now: datetime,
    causes: str,
    column: str,
    condition: str = "true",
) -> None:
    """Live rows of a roster that Canvas removes by itself, unless they are removals already.

    `causes` is a table (id, cause), `column` the SQL for the id in the roster's row `b`. Rows that
    no delivery of this feed speaks of (`compared` lacks their table) are another feed's.
    """
    if connection.execute(f"SELECT 1 FROM {causes} LIMIT 1").fetchone() is None:
        return
    table: Table = BY_NAME[name]
    columns = roster.columns(name)
    key = ident(table, columns, cell_of("b"))
    place = place_of(table, columns, cell_of("b"))
    ours = compared.get(name)
    vanished = "SELECT NULL::VARCHAR AS ident WHERE false"
    if ours is not None:
        vanished = f"SELECT ident FROM {ours.changes} WHERE kind = 'vanish'"
    how = "elsewhere" if ours is None else "consequence"
    connection.execute(
        f"INSERT INTO found SELECT {sql.text(name)}, {sql.text(how)}, {key} AS ident, "
        f"{key_words(table, columns, cell_of('b'))}, {place.klass}, {place.account}, s.term_id, "
        f"{place.role}, {place.person}, v.ident IS NULL, d.cause "
        f"FROM {roster.view(name)} b JOIN {causes} d ON d.id = {column} {place.join} "
        f"LEFT JOIN ({vanished}) v ON v.ident = {key} "
        f"ANTI JOIN (SELECT ident FROM found WHERE tbl = {sql.text(name)}) f ON f.ident = {key} "
        f"WHERE b.status IN {sql.texts(table.access_words)} AND {running(now)} "
        f"AND {condition.format(role=place.role)}"
    )


def _carry_all(connection: duckdb.DuckDBPyConnection, compared: Mapping[str, Compared]) -> None:
    """Mark vanished rows that Canvas removes by itself: they are not sent."""
    sure = "(SELECT id, cause FROM dying WHERE sure)"
    with_course = "(SELECT id, cause FROM dying WHERE sure AND starts_with(cause, 'course '))"
    enrollments = compared.get("enrollments")
    if enrollments is not None:
        _carry(connection, enrollments, sure, class_of(enrollments.before, cell_of("v", "o_")))
    if "sections" in compared:
        _carry(connection, compared["sections"], with_course, "v.o_section_id")
    for name, columns in _PERSON_TABLES.items():
        if name in compared:
            for column in columns:
                if column in compared[name].before:
                    _carry(connection, compared[name], "leavers", f"v.o_{column}")


def _carry(
    connection: duckdb.DuckDBPyConnection, table: Compared, causes: str, column: str
) -> None:
    if table.is_joined:
        connection.execute(
            f"UPDATE {table.changes} AS v SET carried = d.cause FROM {causes} d "
            f"WHERE v.kind = 'vanish' AND v.target IS NOT NULL AND d.id = {column}"
        )
