"""A course's gradebook as it is read: assignments, dates, periods, submissions.

A submission that nothing happened to is made up here, unsubmitted, for every student the assignment
is assigned to; one of a student who is assigned no more is shown while it has a score.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, cast

from rosterway.sandbox.canvas.gradebook.dates import Overrides, due_dates, overrides_of, seats_of
from rosterway.sandbox.canvas.gradebook.periods import is_closed, period_of, periods_of
from rosterway.sandbox.canvas.gradebook.schemes import DEFAULT_SCHEME, Grading, Scheme
from rosterway.sandbox.canvas.gradebook.settings import course_gradebook
from rosterway.sandbox.canvas.state.gradebook import Submission, submission_id

_ASSIGNMENTS = (
    "SELECT a.* FROM assignments a JOIN assignment_groups g ON g.id = a.assignment_group_id"
    " WHERE a.course_id = ? AND a.workflow_state <> 'deleted'"
    " ORDER BY g.position, g.id, a.position, a.id"
)


class Shelf:
    """One course, looked at once; what is read is kept until the shelf goes."""

    def __init__(self, read: sqlite3.Connection, course_id: int, now: str) -> None:
        self.read = read
        self.course_id = course_id
        self.now = now
        self.assignments: list[sqlite3.Row] = read.execute(_ASSIGNMENTS, (course_id,)).fetchall()
        self._overrides: Overrides | None = None
        self._seats: list[tuple[int, int]] | None = None
        self._periods: list[sqlite3.Row] | None = None
        self._due: dict[int, dict[int, str | None]] = {}
        self._schemes: dict[int | None, Scheme] = {}

    @property
    def seats(self) -> list[tuple[int, int]]:
        """The students and where they sit."""
        if self._seats is None:
            self._seats = seats_of(self.read, self.course_id)
        return self._seats

    @property
    def overrides(self) -> Overrides:
        """The overrides of all assignments."""
        if self._overrides is None:
            self._overrides = overrides_of(self.read, (row["id"] for row in self.assignments))
        return self._overrides

    @property
    def periods(self) -> list[sqlite3.Row]:
        """The grading periods of the course."""
        if self._periods is None:
            self._periods = periods_of(self.read, self.course_id)
        return self._periods

    def due(self, assignment: sqlite3.Row) -> dict[int, str | None]:
        """Due dates of the students an assignment is assigned to."""
        found = self._due.get(assignment["id"])
        if found is None:
            found = due_dates(assignment, self.overrides, self.seats)
            self._due[assignment["id"]] = found
        return found

    def in_closed_period(self, assignment: sqlite3.Row) -> bool:
        """Whether the assignment is due for anybody in a closed grading period."""
        if not self.periods:
            return False
        dates = set(self.due(assignment).values()) or {assignment["due_at"]}
        return any(is_closed(period_of(date, self.periods), self.now) for date in dates)

    def grading(self, assignment: sqlite3.Row) -> Grading:
        """How an assignment is graded."""
        standard_id = assignment["grading_standard_id"]
        if standard_id not in self._schemes:
            self._schemes[standard_id] = scheme_of(self.read, self.course_id, standard_id)
        return Grading(
            assignment["grading_type"], assignment["points_possible"], self._schemes[standard_id]
        )

    def stored(
        self, assignments: Iterable[sqlite3.Row], users: Collection[int] | None = None
    ) -> Iterator[Submission]:
        """The submissions something happened to, of these assignments and users."""
        wanted = json.dumps([row["id"] for row in assignments])
        sql = (
            "SELECT s.* FROM submissions s WHERE s.course_id = ?"
            " AND s.assignment_id IN (SELECT value FROM json_each(?))"
        )
        values: list[Any] = [self.course_id, wanted]
        if users is not None:
            sql += " AND s.user_id IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(sorted(users)))
        for row in self.read.execute(f"{sql} ORDER BY s.id", values):
            yield submission_of(row)

    def submissions(
        self, assignments: Sequence[sqlite3.Row], users: Collection[int]
    ) -> list[Submission]:
        """The submissions of these assignments and users that are shown, in order of their ids."""
        held = {submission.id: submission for submission in self.stored(assignments, users)}
        found: list[Submission] = []
        for assignment in assignments:
            assigned = self.due(assignment)
            for user in users:
                key = submission_id(assignment["id"], user)
                submission = held.get(key)
                if user in assigned:
                    found.append(submission or unsubmitted(assignment, user))
                elif submission is not None and submission.score is not None:
                    found.append(submission)
        return sorted(found, key=lambda submission: submission.id)


def submission_of(row: sqlite3.Row) -> Submission:
    """A submission as it is stored."""
    submission = Submission(**dict(row))
    submission.excused = bool(submission.excused)
    submission.grade_matches_current_submission = bool(submission.grade_matches_current_submission)
    return submission


def unsubmitted(assignment: sqlite3.Row, user_id: int) -> Submission:
    """The submission of a student to whose work nothing happened yet."""
    return Submission(
        id=submission_id(assignment["id"], user_id),
        workflow_state="unsubmitted",
        assignment_id=assignment["id"],
        user_id=user_id,
        course_id=assignment["course_id"],
    )


def scheme_of(read: sqlite3.Connection, course_id: int, standard_id: int | None) -> Scheme:
    """The scheme an assignment uses: its own, else the course's, else Canvas's."""
    if standard_id is None:
        course = course_gradebook(read, course_id)
        standard_id = course["grading_standard_id"] if course else None
    if not standard_id:
        return DEFAULT_SCHEME
    row = read.execute(
        "SELECT scheme FROM grading_standards WHERE id = ?", (standard_id,)
    ).fetchone()
    if row is None:
        return DEFAULT_SCHEME
    return [(name, share) for name, share in cast(list[list[Any]], json.loads(row["scheme"]))]
