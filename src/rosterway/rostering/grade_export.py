"""What a registrar should look at in a grade export before the SIS takes it.

Guarantees: the report itself is never changed, and every row of it is looked at by each check of
`CHECKS`, in one pass of the calculator. What is noticed is told by the report's line and by ids; no
name of a student is repeated. Leaves to others: fetching the report, and where the list is put.
"""

from dataclasses import dataclass

import duckdb

from rosterway.formats.grade_export import COLUMNS
from rosterway.rostering import sql
from rosterway.rostering.roster import Roster


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at: `when` is SQL over a row of the report, `who` mends it, and how."""

    code: str
    when: str
    says: str
    who: str
    remedy: str


def _differ(one: str, other: str) -> str:
    """SQL: whether two scores differ as numbers."""
    return f"try_cast({one} AS DOUBLE) IS DISTINCT FROM try_cast({other} AS DOUBLE)"


#: In the order in which they are listed for a row.
CHECKS = (
    Check(
        "blank",
        "final_score IS NULL AND override_score IS NULL",
        "There is no final score: nothing in the course counts for this student.",
        "teacher",
        "Grade the student, or set an override; or say that there is no grade.",
    ),
    Check(
        "hidden",
        f"{_differ('final_score', 'unposted_final_score')}"
        f" OR {_differ('current_score', 'unposted_current_score')}",
        "Some grades are not posted yet: the scores here are without them.",
        "teacher",
        "Post the grades of every assignment, and have the report made anew.",
    ),
    Check(
        "current-differs",
        _differ("current_score", "final_score"),
        "Some work is not graded: it counts as 0 in the final score and not at all in the current.",
        "teacher",
        "Grade it, give it 0, or excuse the student.",
    ),
    Check(
        "override",
        "override_score IS NOT NULL OR override_grade IS NOT NULL",
        "The teacher has set another final grade than Canvas has calculated.",
        "registrar",
        "Take the override, if your policy is to.",
    ),
    Check(
        "no-scheme",
        "final_score IS NOT NULL AND final_grade IS NULL",
        "There is a score and no letter: the course has no grading scheme.",
        "teacher",
        "Choose a grading scheme in the settings of the course.",
    ),
    Check(
        "no-sis-id",
        "student_sis IS NULL OR course_sis IS NULL AND section_sis IS NULL",
        "The student, or the course with its section, has no SIS id: the SIS cannot know this row.",
        "Canvas admin",
        "Give it its SIS id by a roster, or leave the row out.",
    ),
    Check(
        "not-on-roster",
        "NOT on_roster",
        "The roster that Canvas has confirmed does not list this student in this section.",
        "registrar",
        "Look whether the student was withdrawn, or enrolled by hand.",
    ),
)

#: The columns of the list: `row` is the report's, its header being row 1.
LISTED = (
    "row",
    "check",
    "student_id",
    "student_sis",
    "course_sis",
    "section_sis",
    "term_sis",
    "current_score",
    "final_score",
    "unposted_final_score",
    "override_score",
    "says",
    "who",
    "remedy",
)

#: What makes a spreadsheet calculate instead of showing a cell (OWASP, "CSV Injection"); scores
#: below zero are shown as they are.
_FORMULA = r"^([=+@\t\r\n]|-[^0-9.])"


def look_at(
    connection: duckdb.DuckDBPyConnection,
    report: str,
    columns: tuple[str, ...],
    roster: Roster,
    out: str,
) -> dict[str, int]:
    """Write the list of what should be looked at to `out`; how often each check speaks.

    Args:
        connection: sees the files `report` and `out`, and the roster.
        report: the report as Canvas made it, with its header.
        columns: what its columns are (`formats.grade_export`).
        roster: what Canvas has confirmed of all feeds; without enrollments nobody is looked up.
        out: a CSV file, for a spreadsheet.
    """
    _read(connection, report, columns)
    _list_places(connection, roster)
    told = ", ".join(
        f"({place}, {sql.text(check.code)}, {sql.text(check.says)}, {sql.text(check.who)}, "
        f"{sql.text(check.remedy)})"
        for place, check in enumerate(CHECKS)
    )
    spoken = ", ".join(f"CASE WHEN {check.when} THEN {at} END" for at, check in enumerate(CHECKS))
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE noticed AS SELECT * FROM ("
        f"SELECT *, unnest(list_filter([{spoken}], lambda x: x IS NOT NULL)) AS place "
        f"FROM (SELECT e.*, {_on_roster(roster)} AS on_roster FROM exported e)) "
        f'JOIN (VALUES {told}) AS checks(nth, "check", says, who, remedy) ON nth = place'
    )
    row, *others = (sql.name(name) for name in LISTED)
    connection.execute(
        f"COPY (SELECT {', '.join([row, *map(_harmless, others)])} FROM noticed "
        f"ORDER BY {row}, place) TO {sql.text(out)} (FORMAT csv, HEADER)"
    )
    counts: dict[str, int] = dict(
        connection.execute('SELECT "check", count(*) FROM noticed GROUP BY ALL').fetchall()
    )
    return {check.code: counts[check.code] for check in CHECKS if check.code in counts}


def _read(connection: duckdb.DuckDBPyConnection, report: str, columns: tuple[str, ...]) -> None:
    """Make the view `exported`: the report's rows under our names, in their order."""
    given = ", ".join(f"{sql.text(name)}: 'VARCHAR'" for name in columns)
    missing = "".join(f", NULL::VARCHAR AS {name}" for name in COLUMNS if name not in columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW exported AS SELECT *{missing}, "
        f"row_number() OVER () + 1 AS {sql.name('row')} FROM read_csv({sql.text(report)}, "
        f"columns = {{{given}}}, header = true, auto_detect = false, delim = ',', quote = '\"', "
        "escape = '\"', parallel = false, max_line_size = 10000000)"
    )


def _list_places(connection: duckdb.DuckDBPyConnection, roster: Roster) -> None:
    """Make `places` (person, class): where the roster has whom. Without a section it is the course."""
    enrollments = roster.columns("enrollments")

    def cell(name: str) -> str:
        return f"nullif({sql.name(name)}, '')" if name in enrollments else "NULL"

    found = (
        f"SELECT DISTINCT {cell('user_id')} AS person, "
        f"coalesce('section ' || {cell('section_id')}, 'course ' || {cell('course_id')}) AS class "
        f"FROM {roster.view('enrollments')} WHERE {cell('status')} IS DISTINCT FROM 'deleted'"
    )
    nobody = "SELECT NULL::VARCHAR AS person, NULL::VARCHAR AS class WHERE false"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE places AS {found if enrollments else nobody}")


def _on_roster(roster: Roster) -> str:
    """SQL: whether the roster has the student there; one without a SIS id is another matter."""
    if not roster.columns("enrollments"):
        return "true"
    return (
        "student_sis IS NULL OR section_sis IS NULL AND course_sis IS NULL "
        "OR (student_sis, 'section ' || coalesce(section_sis, '')) IN (FROM places) "
        "OR (student_sis, 'course ' || coalesce(course_sis, '')) IN (FROM places)"
    )


def _harmless(cell: str) -> str:
    is_formula = f"regexp_matches({cell}, {sql.text(_FORMULA)})"
    return f"CASE WHEN {is_formula} THEN '''' || {cell} ELSE {cell} END AS {cell}"
