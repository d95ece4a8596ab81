"""Who an assignment is assigned to, and when it is due for each of them.

An override of a student's own or of one of their sections replaces the date everyone has; of
several the latest counts, and no date is later than any. An assignment visible only to its overrides
is assigned to nobody else. Facts: canvas-lms `lib/effective_due_dates.rb`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Seats: (user, section) of every student whose enrollment is not deleted.
Seats = Sequence[tuple[int, int]]

_SEATS = (
    "SELECT DISTINCT e.user_id, e.section_id FROM enrollments e"
    " WHERE e.course_id = ? AND e.type = 'StudentEnrollment' AND e.workflow_state <> 'deleted'"
    " ORDER BY e.user_id, e.section_id"
)
_OVERRIDES = (
    "SELECT o.* FROM assignment_overrides o WHERE o.workflow_state = 'active'"
    " AND o.assignment_id IN (SELECT value FROM json_each(?)) AND (o.set_type <> 'CourseSection'"
    " OR EXISTS (SELECT 1 FROM sections s WHERE s.id = o.set_id AND s.workflow_state = 'active'))"
    " ORDER BY o.id"
)
_STUDENTS = (
    "SELECT override_id, user_id FROM assignment_override_students"
    " WHERE workflow_state = 'active' AND assignment_id IN (SELECT value FROM json_each(?))"
    " ORDER BY id"
)


@dataclass(frozen=True, slots=True)
class Overrides:
    """The overrides that count: by assignment, and the students of those that have their own."""

    by_assignment: Mapping[int, Sequence[sqlite3.Row]]
    students: Mapping[int, Sequence[int]]

    def of(self, assignment_id: int) -> Sequence[sqlite3.Row]:
        """The overrides of an assignment, oldest first."""
        return self.by_assignment.get(assignment_id, ())

    def students_of(self, override_id: int) -> Sequence[int]:
        """The students of an override of their own."""
        return self.students.get(override_id, ())


def seats_of(read: sqlite3.Connection, course_id: int) -> list[tuple[int, int]]:
    """The students of a course and where they sit."""
    return [(row[0], row[1]) for row in read.execute(_SEATS, (course_id,))]


def overrides_of(read: sqlite3.Connection, assignment_ids: Iterable[int]) -> Overrides:
    """The active overrides of assignments; those of inactive sections are left out."""
    wanted = json.dumps(list(assignment_ids))
    by_assignment: dict[int, list[sqlite3.Row]] = {}
    for row in read.execute(_OVERRIDES, (wanted,)):
        by_assignment.setdefault(row["assignment_id"], []).append(row)
    students: dict[int, list[int]] = {}
    if by_assignment:
        for row in read.execute(_STUDENTS, (wanted,)):
            students.setdefault(row["override_id"], []).append(row["user_id"])
    return Overrides(by_assignment, students)


def due_dates(assignment: sqlite3.Row, overrides: Overrides, seats: Seats) -> dict[int, str | None]:
    """The due date of every student the assignment is assigned to, by user."""
    found: dict[int, str | None] = {}
    if not assignment["only_visible_to_overrides"]:
        found = dict.fromkeys((user for user, _ in seats), assignment["due_at"])
    own = overrides.of(assignment["id"])
    if not own:
        return found
    dated: dict[int, list[str | None]] = {}
    for override in own:
        for user in _reached(override, overrides, seats):
            found.setdefault(user, assignment["due_at"])
            if override["due_at_overridden"]:
                dated.setdefault(user, []).append(override["due_at"])
    for user, dates in dated.items():
        certain = [date for date in dates if date is not None]
        found[user] = max(certain) if len(certain) == len(dates) else None
    return found


def _reached(override: sqlite3.Row, overrides: Overrides, seats: Seats) -> set[int]:
    if override["set_type"] == "CourseSection":
        return {user for user, section in seats if section == override["set_id"]}
    students = set(overrides.students_of(override["id"]))
    return {user for user, _ in seats if user in students}
