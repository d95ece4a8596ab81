"""What happens to a submission, and when `graded_at` changes.

It changes when a score is set (even to what it was), on excusing, when the late policy status
changes, and when the assignment's points or scheme change. It does not change when a grade is
cleared or un-excused, when grades are posted or hidden, and when the assignment is unpublished,
deleted, moved to another group or un-flagged.

Facts: canvas-lms `Assignment#save_grade_to_submission`, `Submission#apply_late_policy`.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rosterway.sandbox.canvas.gradebook import lateness
from rosterway.sandbox.canvas.gradebook.schemes import Grading, grade_of, score_of
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.state.gradebook import (
    GradeChange,
    Submission,
    SubmissionComment,
    submission_id,
)
from rosterway.sandbox.canvas.state.work import Work


@dataclass(frozen=True, slots=True)
class Status:
    """A late policy status to set; none takes it away."""

    name: str | None
    seconds_late: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """What a grader asks for. A blank grade clears; None leaves the grade alone.

    Excusing and a grade together are a grade. `excuse` False clears, too, unless a grade comes along:
    an excused submission has none to keep.
    """

    grade: str | None = None
    excuse: bool | None = None
    status: Status | None = None


@dataclass(frozen=True, slots=True)
class Marksheet:
    """What grading must know about an assignment. `due` has everyone it is assigned to."""

    assignment_id: int
    course_id: int
    grading: Grading
    submission_types: str
    post_manually: bool
    due: Mapping[int, str | None]
    policy: Mapping[str, Any] | None = None


def marksheet(shelf: Shelf, assignment: sqlite3.Row) -> Marksheet:
    """The marksheet of an assignment of a course."""
    policy = shelf.read.execute(
        "SELECT * FROM late_policies WHERE course_id = ?", (shelf.course_id,)
    ).fetchone()
    return Marksheet(
        assignment_id=assignment["id"],
        course_id=shelf.course_id,
        grading=shelf.grading(assignment),
        submission_types=assignment["submission_types"],
        post_manually=bool(assignment["post_manually"]),
        due=shelf.due(assignment),
        policy=dict(policy) if policy else None,
    )


class Marking:
    """An assignment's submissions in a unit of work."""

    def __init__(self, work: Work, sheet: Marksheet, grader_id: int | None) -> None:
        self._work = work
        self._sheet = sheet
        self._grader_id = grader_id
        first, last = (submission_id(sheet.assignment_id + more, 0) for more in (0, 1))
        held = work.select(Submission, "WHERE t.id >= ? AND t.id < ?", (first, last))
        self._held = {submission.user_id: submission for submission in held}

    def of(self, user_id: int) -> Submission:
        """A student's submission, which becomes a row by this."""
        submission = self._held.get(user_id)
        if submission is None:
            submission = self._held[user_id] = self._work.add(
                Submission(
                    id=submission_id(self._sheet.assignment_id, user_id),
                    workflow_state="unsubmitted",
                    assignment_id=self._sheet.assignment_id,
                    user_id=user_id,
                    course_id=self._sheet.course_id,
                )
            )
        return submission

    def submit(self, user_id: int, *, kind: str, at: str) -> Submission:
        """Work is handed in; a grade there is stays, and no longer matches what was handed in."""
        submission = self.of(user_id)
        self._work.set(
            submission,
            submission_type=kind,
            submitted_at=at,
            attempt=(submission.attempt or 0) + 1,
            workflow_state="submitted",
            grade_matches_current_submission=submission.score is None,
        )
        return submission

    def mark(self, user_id: int, mark: Mark) -> Submission:
        """Grade, excuse, clear; then set a status."""
        submission = self.of(user_id)
        before = submission.grade, submission.excused
        if mark.grade is not None or mark.excuse is not None:
            self._grade(submission, mark)
        if mark.status is not None:
            self._change_status(submission, mark.status)
        self._log(submission, before)
        return submission

    def comment(self, user_id: int, text: str, author_id: int) -> None:
        """Write to a student about their work; no grade changes by it."""
        submission = self.of(user_id)
        self._work.add(
            SubmissionComment(
                workflow_state="active",
                submission_id=submission.id,
                author_id=author_id,
                comment=text,
                attempt=submission.attempt,
            )
        )

    def post(self, *, posted: bool, users: Iterable[int] | None = None) -> int:
        """Show grades to students, or hide them; how many were."""
        now = self._work.now if posted else None
        chosen = set(self._sheet.due if users is None else users)
        changed = 0
        for user_id in sorted(chosen):
            submission = self.of(user_id)
            if (submission.posted_at is None) == posted:
                changed += self._work.set(submission, posted_at=now)
        return changed

    def regrade(self) -> None:
        """The assignment's points or scheme changed: grades are spelled anew, scores stay."""
        for submission in self._held.values():
            if submission.score is not None:
                before = submission.grade, submission.excused
                grade = grade_of(submission.score, self._sheet.grading, submission.grade)
                self._work.set(submission, grade=grade, graded_at=self._work.now)
                self._log(submission, before)

    def _log(self, submission: Submission, before: tuple[str | None, bool]) -> None:
        """Put a changed grade on record; `before` is what it was, and whether it was excused."""
        grade, excused = before
        if (submission.grade, submission.excused) == before:
            return
        self._work.add(
            GradeChange(
                workflow_state="active",
                course_id=submission.course_id,
                assignment_id=submission.assignment_id,
                student_id=submission.user_id,
                grader_id=self._grader_id,
                grade_before=grade,
                grade_after=submission.grade,
                excused_before=excused,
                excused_after=submission.excused,
                points_possible=self._sheet.grading.points_possible,
            )
        )

    def _grade(self, submission: Submission, mark: Mark) -> None:
        grading = self._sheet.grading
        score = score_of(mark.grade or "", grading)
        excused = bool(mark.excuse) and score is None
        graded = score is not None or excused
        changes: dict[str, Any] = {
            "score": score,
            "grade": grade_of(score, grading, mark.grade),
            "points_deducted": None,
            "excused": excused,
            "grader_id": self._grader_id,
            "workflow_state": "graded" if graded else _ungraded(submission),
        }
        if graded:
            changes |= {"graded_at": self._work.now, "grade_matches_current_submission": True}
            if submission.posted_at is None and not self._sheet.post_manually:
                changes["posted_at"] = self._work.now
        self._work.set(submission, **changes)
        self._apply_policy(submission, score)

    def _change_status(self, submission: Submission, status: Status) -> None:
        seconds = status.seconds_late if status.name == "late" else None
        changed = self._work.set(
            submission, late_policy_status=status.name, seconds_late_override=seconds
        )
        if not changed:
            return
        changes: dict[str, Any] = {"graded_at": self._work.now, "grader_id": self._grader_id}
        if status.name is not None:
            changes["excused"] = False
            if submission.excused:
                changes["workflow_state"] = _ungraded(submission)
        self._work.set(submission, **changes)
        entered = _entered(submission)
        given = lateness.missing_score(self._sheet.grading.points, self._sheet.policy)
        if status.name == "missing" and entered is None and given is not None:
            self._work.set(
                submission, workflow_state="graded", grade_matches_current_submission=True
            )
            self._write_score(submission, given, None)
            if submission.posted_at is None and not self._sheet.post_manually:
                self._work.set(submission, posted_at=self._work.now)
            return
        self._apply_policy(submission, entered)

    def _apply_policy(self, submission: Submission, entered: float | None) -> None:
        """Take off what the late policy takes off the score that was entered."""
        if entered is None:
            return
        seconds = lateness.seconds_late(submission, self._sheet.due.get(submission.user_id))
        points = self._sheet.grading.points
        taken = lateness.deduction(entered, points, seconds, self._sheet.policy)
        self._write_score(submission, entered, taken)

    def _write_score(self, submission: Submission, entered: float, taken: float | None) -> None:
        score = round(entered - (taken or 0.0), 4)
        grade = grade_of(score, self._sheet.grading, submission.grade)
        self._work.set(submission, score=score, grade=grade, points_deducted=taken)


def _entered(submission: Submission) -> float | None:
    """The score before the late policy."""
    if submission.score is None:
        return None
    return submission.score + (submission.points_deducted or 0.0)


def _ungraded(submission: Submission) -> str:
    return "submitted" if submission.submitted_at else "unsubmitted"
