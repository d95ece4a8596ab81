"""The grade export report: a row for every student enrollment, with the course's totals.

Without `include_deleted` only published courses and active or completed enrollments have rows; a
student without a login has none. Facts: canvas-lms `grade_reports.rb` of
`gems/plugins/account_reports`.
"""

import csv
import io
import itertools
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from rosterway.sandbox.canvas.gradebook.settings import plain
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.totals import Totals, course_scheme, grade_for, totals

TITLE = "Grade Export"
PARAMETERS = ("enrollment_term_id", "include_deleted", "limiting_period")

_INTEGRATION = "student integration id"
_OVERRIDES = ("override score", "override grade")
COLUMNS = (
    "student name",
    "student id",
    "student sis",
    _INTEGRATION,
    "course",
    "course id",
    "course sis",
    "section",
    "section id",
    "section sis",
    "term",
    "term id",
    "term sis",
    "current score",
    "final score",
    "enrollment state",
    "unposted current score",
    "unposted final score",
    "override score",
    "current grade",
    "final grade",
    "unposted current grade",
    "unposted final grade",
    "override grade",
)
_STATES = {"completed": "concluded"}

_ENROLLMENTS = """
SELECT e.user_id, e.course_id, e.workflow_state, u.name AS student,
       COALESCE(l.sis_user_id, o.sis_user_id) AS student_sis,
       COALESCE(l.integration_id, o.integration_id) AS student_integration,
       c.name AS course, c.sis_source_id AS course_sis, c.workflow_state AS course_state,
       s.name AS section, s.id AS section_id, s.sis_source_id AS section_sis,
       t.name AS term, t.id AS term_id, t.sis_source_id AS term_sis
FROM enrollments e
JOIN users u ON u.id = e.user_id
JOIN courses c ON c.id = e.course_id
JOIN sections s ON s.id = e.section_id
JOIN terms t ON t.id = c.term_id
JOIN logins o ON o.id = (SELECT x.id FROM logins x WHERE x.user_id = e.user_id
                         AND x.workflow_state <> 'deleted'
                         ORDER BY x.sis_user_id IS NULL, x.id LIMIT 1)
LEFT JOIN logins l ON l.id = e.login_id
WHERE e.type = 'StudentEnrollment' AND (? IS NULL OR t.id = ? OR t.sis_source_id = ?)
  AND (? OR (c.workflow_state = 'available' AND e.workflow_state IN ('active', 'completed')))
ORDER BY t.id, c.id, e.id
"""


def write(reader: sqlite3.Connection, parameters: Mapping[str, Any], now: str) -> str:
    """The report as CSV."""
    spelled = parameters.get("enrollment_term_id") or None
    term = spelled and str(spelled).removeprefix("sis_term_id:")
    deleted = str(parameters.get("include_deleted")).lower() in {"true", "1"}
    rows = reader.execute(_ENROLLMENTS, (term, term, term, deleted)).fetchall()
    columns = _columns(reader)
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for course_id, own in itertools.groupby(rows, key=lambda row: row["course_id"]):
        writer.writerows(_course(Shelf(reader, course_id, now), list(own)))
    return text.getvalue()


def _columns(reader: sqlite3.Connection) -> list[str]:
    left_out: set[str] = set()
    if str(plain(reader, "include_integration_ids_in_gradebook_exports")).lower() != "true":
        left_out.add(_INTEGRATION)
    allowed = reader.execute(
        "SELECT 1 FROM course_gradebooks WHERE allow_final_grade_override LIMIT 1"
    ).fetchone()
    if not allowed:
        left_out.update(_OVERRIDES)
    return [name for name in COLUMNS if name not in left_out]


def _course(shelf: Shelf, rows: list[sqlite3.Row]) -> Iterator[dict[str, Any]]:
    sums = totals(shelf, {row["user_id"] for row in rows})
    scheme = course_scheme(shelf)
    for row in rows:
        own = sums.get(row["user_id"]) or Totals()
        shape: dict[str, Any] = {
            "student name": row["student"],
            "student id": row["user_id"],
            "student sis": row["student_sis"],
            _INTEGRATION: row["student_integration"],
            "course": row["course"],
            "course id": row["course_id"],
            "course sis": row["course_sis"],
            "section": row["section"],
            "section id": row["section_id"],
            "section sis": row["section_sis"],
            "term": row["term"],
            "term id": row["term_id"],
            "term sis": row["term_sis"],
            "enrollment state": _STATES.get(row["workflow_state"], row["workflow_state"]),
        }
        for name in ("current", "final", "unposted_current", "unposted_final", "override"):
            score: float | None = getattr(own, f"{name}_score")
            shown = name.replace("_", " ")
            shape |= {f"{shown} score": score, f"{shown} grade": grade_for(score, scheme)}
        yield shape
