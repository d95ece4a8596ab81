"""Where rows belong: the class, course, term and school behind a row, as DuckDB tables.

`scope_terms` (term_id, starts, ends), `scope_courses` (course_id, account_id, term_id, starts, ends)
and `scope_classes` (class, course_id, account_id, term_id, starts, ends, known) join the baseline's view of the
world with what only the delivery knows. Where both speak, the baseline does: a delivery that moves
a term's end into the past must not thereby make its own removals harmless. A class is a section,
or, for enrollments that name only a course, the course behind `STAND_IN`.
"""

from collections.abc import Mapping

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.dates import instant
from rosterway.rostering.keys import STAND_IN
from rosterway.rostering.roster import Roster


def build_scopes(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> None:
    """Make the scope tables."""
    _terms(connection, baseline, current)
    _courses(connection, baseline, current)
    _classes(connection, baseline, current)


def school_parents(
    connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster
) -> Mapping[str, str | None]:
    """Account -> the account above it (None below the root), the baseline's word first."""
    parents: dict[str, str | None] = {}
    for roster in (current, baseline):
        if roster.has("accounts", "account_id", "parent_account_id"):
            parents |= dict(
                connection.execute(
                    f"SELECT account_id, parent_account_id FROM {roster.view('accounts')}"
                ).fetchall()
            )
    return parents


def school_names(
    connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster
) -> Mapping[str, str]:
    """Account -> its name, for messages."""
    names: dict[str, str] = {}
    for roster in (current, baseline):
        if roster.has("accounts", "account_id", "name"):
            names |= dict(
                connection.execute(
                    f"SELECT account_id, name FROM {roster.view('accounts')} WHERE name IS NOT NULL"
                ).fetchall()
            )
    return names


def _terms(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> None:
    sides: list[str] = []
    for roster in (baseline, current):
        if not roster.has("terms", "term_id"):
            continue
        starts, ends = (
            instant(sql.name(column)) if roster.has("terms", column) else "NULL::TIMESTAMPTZ"
            for column in ("start_date", "end_date")
        )
        main = (
            "date_override_enrollment_type IS NULL"
            if roster.has("terms", "date_override_enrollment_type")
            else "true"
        )
        sides.append(
            f"SELECT term_id, {starts} AS starts, {ends} AS ends "
            f"FROM {roster.view('terms')} WHERE {main}"
        )
    rows = (
        " UNION ALL ".join(sides)
        or "SELECT NULL::VARCHAR AS term_id, NULL::TIMESTAMPTZ AS starts, "
        "NULL::TIMESTAMPTZ AS ends WHERE false"
    )
    # A term has ended, or is still to begin, when every side that knows it says so; unknown dates
    # count as running.
    connection.execute(
        "CREATE TEMP TABLE scope_terms AS SELECT term_id, "
        "CASE WHEN bool_or(starts IS NULL) THEN NULL ELSE min(starts) END AS starts, "
        "CASE WHEN bool_or(ends IS NULL) THEN NULL ELSE max(ends) END AS ends "
        f"FROM ({rows}) GROUP BY term_id"
    )


def _courses(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> None:
    sides: list[str] = []
    for rank, roster in enumerate((baseline, current)):
        if roster.has("courses", "course_id"):
            cells = ", ".join(
                _or_null(roster, "courses", column) for column in ("account_id", "term_id")
            )
            sides.append(f"SELECT course_id, {cells}, {rank} AS rank FROM {roster.view('courses')}")
    rows = " UNION ALL ".join(sides) or (
        "SELECT NULL::VARCHAR AS course_id, NULL::VARCHAR AS account_id, "
        "NULL::VARCHAR AS term_id, 0 AS rank WHERE false"
    )
    connection.execute(
        "CREATE TEMP TABLE scope_courses AS "
        "SELECT course_id, account_id, c.term_id, t.starts, t.ends FROM ("
        "SELECT course_id, arg_min(account_id, rank) FILTER (account_id IS NOT NULL) AS account_id, "
        "arg_min(term_id, rank) FILTER (term_id IS NOT NULL) AS term_id "
        f"FROM ({rows}) GROUP BY course_id) c LEFT JOIN scope_terms t ON t.term_id = c.term_id"
    )


def _classes(connection: duckdb.DuckDBPyConnection, baseline: Roster, current: Roster) -> None:
    sides: list[str] = []
    for rank, roster in enumerate((baseline, current)):
        if roster.has("sections", "section_id", "course_id"):
            sides.append(
                f"SELECT section_id AS class, course_id, {rank} AS rank "
                f"FROM {roster.view('sections')}"
            )
        if roster.has("courses", "course_id"):
            sides.append(
                f"SELECT {STAND_IN} || course_id AS class, course_id, {rank} AS rank "
                f"FROM {roster.view('courses')}"
            )
    rows = " UNION ALL ".join(sides) or (
        "SELECT NULL::VARCHAR AS class, NULL::VARCHAR AS course_id, 0 AS rank WHERE false"
    )
    connection.execute(
        "CREATE TEMP TABLE scope_classes AS SELECT class, s.course_id, account_id, term_id, starts, "
        "ends, known FROM (SELECT class, arg_min(course_id, rank) AS course_id, min(rank) = 0 AS known "
        f"FROM ({rows}) GROUP BY class) s LEFT JOIN scope_courses c ON c.course_id = s.course_id"
    )


def _or_null(roster: Roster, table: str, column: str) -> str:
    if roster.has(table, column):
        return sql.name(column)
    return f"NULL::VARCHAR AS {sql.name(column)}"
