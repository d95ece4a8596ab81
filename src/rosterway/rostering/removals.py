"""Removals: whatever takes access away, counted before anybody is asked (`safety.md`, "Removals").

`find_removals` makes one DuckDB table, `removals`: a row for each, with where it belongs. `how` is
`vanished`, `turned` (its own status or end date), `unknown` (a row that takes away something the
baseline does not know), or `consequence` (Canvas removes it because of another removal, its
`cause`; `listed` where the delivery still lists it). `moved` pairs it with an addition of the same
person elsewhere, one to one; `moved_near` says that the person has such an addition in the same
school at all. Pairing is `moves`' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.dates import instant
from rosterway.rostering.keys import Cell, cell_of, ident, key_parts, key_words
from rosterway.rostering.moves import pair_moves
from rosterway.rostering.roster import Roster
from rosterway.rostering.vanished import class_of

#: Columns that name a person, in tables whose rows go with the person's last login.
_PERSON_TABLES: Mapping[str, tuple[str, ...]] = {
    "enrollments": ("user_id",),
    "groups_membership": ("user_id",),
    "admins": ("user_id",),
    "user_observers": ("observer_id", "student_id"),
}
#: Tables whose end date takes access away.
_DATED = ("terms", "courses", "sections", "enrollments")

_NOWHERE = (
    "(SELECT NULL::VARCHAR AS account_id, NULL::VARCHAR AS term_id, NULL::TIMESTAMPTZ AS ends) s"
)


@dataclass(frozen=True, slots=True)
class Place:
    """How a row finds where it belongs: a join that makes `s`, and SQL for the rest."""

    join: str = f"CROSS JOIN {_NOWHERE}"
    account: str = "s.account_id"
    klass: str = "NULL"
    role: str = "NULL"
    person: str = "NULL"


def find_removals(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    *,
    now: datetime,
) -> None:
    """Fill the table `removals`. Needs the scope tables and judged vanished rows."""
    connection.execute(
        "CREATE TEMP TABLE found (tbl VARCHAR, how VARCHAR, ident VARCHAR, words VARCHAR, "
        "class VARCHAR, account_id VARCHAR, term_id VARCHAR, role VARCHAR, person VARCHAR, "
        "listed BOOLEAN, cause VARCHAR)"
    )
    for table in compared.values():
        _own(connection, table, now)
    _with_their_class(connection, compared, baseline, now)
    _with_their_person(connection, compared, baseline, now)
    enrollments = compared.get("enrollments")
    count_live_classes(connection, enrollments, baseline)
    pair_moves(connection, enrollments)


def place_of(table: Compared, columns: tuple[str, ...], cell: Cell) -> Place:
    """Where a row of the table belongs, by cells of these columns."""

    def given(column: str) -> str:
        return cell(column) if column in columns else "NULL"

    parts = key_parts(table.table, columns, cell)
    match table.table.name:
        case "enrollments":
            klass = class_of(columns, cell)
            return Place(
                f"LEFT JOIN scope_classes s ON s.class = {klass}",
                klass=klass,
                role=parts[2],
                person=parts[1],
            )
        case "sections" | "xlists":
            klass = given("section_id")
            return Place(f"LEFT JOIN scope_classes s ON s.class = {klass}", klass=klass)
        case "courses":
            return Place(f"LEFT JOIN scope_courses s ON s.course_id = {given('course_id')}")
        case "terms":
            return Place(
                f"LEFT JOIN scope_terms s ON s.term_id = {given('term_id')}", account="NULL"
            )
        case "admins":
            return Place(account=given("account_id"), role=parts[2])
        case _:
            return Place()


def running(now: datetime) -> str:
    """SQL: the row's term `s` has not ended; unknown dates count as running."""
    return f"(s.ends IS NULL OR s.ends > {_moment(now)})"


def _moment(now: datetime) -> str:
    return f"TIMESTAMPTZ {sql.text(now.isoformat())}"


def count_live_classes(
    connection: duckdb.DuckDBPyConnection, table: Compared | None, baseline: Roster
) -> None:
    """Make `live_classes` (class, role, n): the baseline's enrollments that give access.

    Counted only where some go.
    """
    found = connection.execute("SELECT 1 FROM found WHERE tbl = 'enrollments' LIMIT 1")
    if table is None or not baseline.has("enrollments", "status") or found.fetchone() is None:
        connection.execute("CREATE TEMP TABLE live_classes (class VARCHAR, role VARCHAR, n BIGINT)")
        return
    place = place_of(table, table.before, cell_of("b"))
    access = sql.texts(table.table.access_words)
    connection.execute(
        f"CREATE TEMP TABLE live_classes AS SELECT {place.klass} AS class, {place.role} AS role, "
        f"count(*) AS n FROM {baseline.view('enrollments')} b "
        f"WHERE b.status IN {access} GROUP BY ALL"
    )


def _own(connection: duckdb.DuckDBPyConnection, table: Compared, now: datetime) -> None:
    """Removals that are changes of this very table."""
    if "status" not in table.columns or not table.table.statuses:
        return
    access = sql.texts(table.table.access_words)
    was = f"coalesce(o_status IN {access}, true)" if "status" in table.before else "true"
    cases = [f"WHEN kind = 'vanish' AND target IS NOT NULL AND {was} THEN 'vanished'"]
    if "status" in table.sent:
        taken = f"e_status NOT IN {access}"
        cases.append(f"WHEN kind = 'update' AND {was} AND {taken} THEN 'turned'")
        cases.append(f"WHEN kind = 'create' AND {taken} THEN 'unknown'")
    if table.table.name in _DATED and "end_date" in table.sent:
        cases.append(f"WHEN kind = 'update' AND {was} AND {_ends_early(now)} THEN 'turned'")
    # What the baseline says of the row's place; what the delivery says of a new row's.
    place = place_of(
        table,
        table.columns,
        lambda name: f"coalesce(v.{sql.name('o_' + name)}, v.{sql.name('n_' + name)})",
    )
    connection.execute(
        f"INSERT INTO found SELECT {sql.text(table.table.name)}, how, ident, words, {place.klass}, "
        f"{place.account}, s.term_id, {place.role}, {place.person}, false, NULL FROM "
        f"(SELECT *, CASE {' '.join(cases)} END AS how FROM {table.changes}) v "
        f"{place.join} WHERE how IS NOT NULL AND {running(now)}"
    )


def _ends_early(now: datetime) -> str:
    """SQL: the row's end moves from the future, or from nowhere, into the past."""
    new, old = instant("e_end_date"), instant("o_end_date")
    return f"({new} <= {_moment(now)} AND coalesce({old} > {_moment(now)}, true))"


def _with_their_class(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    now: datetime,
) -> None:
    """Enrollments that go because their section, course or term does."""
    table = compared.get("enrollments")
    if table is None or not baseline.has("enrollments", "status"):
        return
    sections = (
        "SELECT ident AS class, 'section ' || words AS cause FROM found f "
        f"WHERE tbl = 'sections' AND {_deletes(compared, 'sections')}"
    )
    courses = (
        "SELECT c.class, 'course ' || c.course_id AS cause FROM scope_classes c JOIN found f "
        f"ON f.ident = c.course_id WHERE f.tbl = 'courses' AND {_deletes(compared, 'courses')}"
    )
    terms = (
        "SELECT c.class, 'term ' || c.term_id AS cause FROM scope_classes c JOIN found f "
        "ON f.words = c.term_id WHERE f.tbl = 'terms'"
    )
    connection.execute(
        "CREATE TEMP TABLE dying AS SELECT class AS id, min(cause) AS cause "
        f"FROM ({sections} UNION ALL {courses} UNION ALL {terms}) GROUP BY class"
    )
    klass = class_of(table.before, cell_of("b"))
    _consequences(connection, table, baseline, now, "dying", klass)
    _carry(connection, table, "dying", class_of(table.before, cell_of("v", "o_")))
    if "sections" in compared and "course_id" in compared["sections"].before:
        courses = "(SELECT substr(id, 2) AS id, cause FROM dying WHERE starts_with(id, chr(31)))"
        _carry(connection, compared["sections"], courses, "v.o_course_id")


def _with_their_person(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    now: datetime,
) -> None:
    """What goes with a user's last login. Suspending a user removes nothing else."""
    connection.execute(
        "CREATE TEMP TABLE leavers AS SELECT ident AS id, 'user ' || words AS cause FROM found f "
        f"WHERE tbl = 'users' AND {_deletes(compared, 'users')}"
    )
    for name, columns in _PERSON_TABLES.items():
        if name in compared and baseline.has(name, "status", *columns):
            for column in columns:
                _consequences(connection, compared[name], baseline, now, "leavers", f"b.{column}")
                _carry(connection, compared[name], "leavers", f"v.o_{column}")


def _deletes(compared: Mapping[str, Compared], table: str) -> str:
    """SQL over `found`: the removal deletes (a course that only concludes keeps its people)."""
    if table not in compared:
        return "false"
    changes = compared[table].changes
    return f"f.ident IN (SELECT ident FROM {changes} WHERE coalesce(target, e_status) = 'deleted')"


def _carry(
    connection: duckdb.DuckDBPyConnection, table: Compared, causes: str, column: str
) -> None:
    """Mark vanished rows that Canvas removes by itself: they are not sent. A term's end does not."""
    if table.is_joined:
        connection.execute(
            f"UPDATE {table.changes} AS v SET carried = d.cause FROM {causes} d "
            f"WHERE v.kind = 'vanish' AND v.target IS NOT NULL AND d.id = {column} "
            "AND NOT starts_with(d.cause, 'term ')"
        )


def _consequences(
    connection: duckdb.DuckDBPyConnection,
    table: Compared,
    baseline: Roster,
    now: datetime,
    causes: str,
    column: str,
) -> None:
    """Live baseline rows that Canvas removes by itself, unless they are removals already.

    `causes` is a table (id, cause), `column` the SQL for the id in the baseline's row `b`.
    """
    if connection.execute(f"SELECT 1 FROM {causes} LIMIT 1").fetchone() is None:
        return
    name = table.table.name
    row = cell_of("b")
    place = place_of(table, table.before, row)
    access = sql.texts(table.table.access_words)
    connection.execute(
        f"INSERT INTO found SELECT {sql.text(name)}, 'consequence', "
        f"{ident(table.table, table.before, row)} AS ident, "
        f"{key_words(table.table, table.before, row)}, {place.klass}, {place.account}, s.term_id, "
        f"{place.role}, {place.person}, v.ident IS NULL, d.cause "
        f"FROM {baseline.view(name)} b JOIN {causes} d ON d.id = {column} {place.join} "
        f"LEFT JOIN (SELECT ident FROM {table.changes} WHERE kind = 'vanish') v "
        f"ON v.ident = {ident(table.table, table.before, row)} "
        f"ANTI JOIN (SELECT ident FROM found WHERE tbl = {sql.text(name)}) f "
        f"ON f.ident = {ident(table.table, table.before, row)} "
        f"WHERE b.status IN {access} AND {running(now)}"
    )
