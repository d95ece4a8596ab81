"""Submissions as the API shows them. Facts: canvas-lms `lib/api/v1/submission.rb`."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE
from rosterway.sandbox.canvas.api.assignment_json import assignment_json, shown
from rosterway.sandbox.canvas.api.assignments import rules_of
from rosterway.sandbox.canvas.api.courses import course_json
from rosterway.sandbox.canvas.api.file_json import user_of
from rosterway.sandbox.canvas.gradebook.lateness import is_late, is_missing, seconds_late
from rosterway.sandbox.canvas.gradebook.periods import period_of
from rosterway.sandbox.canvas.gradebook.schemes import grade_of
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.state.gradebook import Submission


@dataclass(frozen=True, slots=True)
class Wish:
    """What an answer is to have: what is included, and which fields are left."""

    include: Collection[str] = ()
    only: Collection[str] | None = None
    without: Collection[str] = ()


def submission_json(
    request: web.Request,
    shelf: Shelf,
    assignment: sqlite3.Row,
    submission: Submission,
    wish: Wish,
) -> dict[str, Any]:
    """A submission of an assignment of a course."""
    assigned = shelf.due(assignment)
    due_at = assigned.get(submission.user_id, assignment["due_at"])
    entered = None
    if submission.score is not None:
        entered = round(submission.score + (submission.points_deducted or 0.0), 4)
    period = period_of(due_at, shelf.periods)
    shape: dict[str, Any] = {
        "id": submission.id,
        "body": None,
        "url": None,
        "grade": submission.grade,
        "score": submission.score,
        "submitted_at": submission.submitted_at,
        "assignment_id": assignment["id"],
        "user_id": submission.user_id,
        "submission_type": submission.submission_type,
        "workflow_state": submission.workflow_state,
        "grade_matches_current_submission": submission.grade_matches_current_submission,
        "graded_at": submission.graded_at,
        "grader_id": submission.grader_id,
        "attempt": submission.attempt,
        "cached_due_date": due_at,
        "excused": submission.excused,
        "late_policy_status": submission.late_policy_status,
        "points_deducted": submission.points_deducted,
        "grading_period_id": period["id"] if period else None,
        "extra_attempts": None,
        "posted_at": submission.posted_at,
        "redo_request": False,
        "custom_grade_status_id": None,
        "late": is_late(submission, due_at),
        "missing": is_missing(submission, due_at, assignment["submission_types"], shelf.now),
        "seconds_late": seconds_late(submission, due_at),
        "entered_grade": grade_of(entered, shelf.grading(assignment), submission.grade),
        "entered_score": entered,
    }
    if wish.only is not None:
        shape = {name: value for name, value in shape.items() if name in wish.only}
    shape = {name: value for name, value in shape.items() if name not in wish.without}
    if "preview_url" not in wish.without:
        shape["preview_url"] = (
            f"{request.scheme}://{request.host}/courses/{shelf.course_id}/assignments"
            f"/{assignment['id']}/submissions/{submission.user_id}?preview=1&version=0"
        )
    return shape | _included(request, shelf, assignment, submission, wish)


def _included(
    request: web.Request,
    shelf: Shelf,
    assignment: sqlite3.Row,
    submission: Submission,
    wish: Wish,
) -> dict[str, Any]:
    more: dict[str, Any] = {}
    read = request.app[INSTANCE].roster.read
    if "submission_history" in wish.include:
        plain = replace(wish, include=())
        more["submission_history"] = [
            submission_json(request, shelf, assignment, submission, plain)
        ]
    if "submission_comments" in wish.include:
        more["submission_comments"] = _comments(read, submission.id)
    if "assignment" in wish.include:
        show = shown(request, (), rules_of(request, shelf.course_id))
        more["assignment"] = assignment_json(request, shelf, assignment, show)
    if "visibility" in wish.include:
        more["assignment_visible"] = submission.user_id in shelf.due(assignment)
    if "course" in wish.include:
        row = read.execute("SELECT * FROM courses WHERE id = ?", (shelf.course_id,)).fetchone()
        more["course"] = course_json(row, read)
    if "user" in wish.include:
        more["user"] = user_of(read, submission.user_id)
    return more


def _comments(read: sqlite3.Connection, submission_id: int) -> list[dict[str, Any]]:
    rows = read.execute(
        "SELECT c.*, u.name AS author FROM submission_comments c JOIN users u ON u.id = c.author_id"
        " WHERE c.submission_id = ? ORDER BY c.id",
        (submission_id,),
    )
    return [
        {
            "id": row["id"],
            "comment": row["comment"],
            "author_id": row["author_id"],
            "author_name": row["author"],
            "created_at": row["created_at"],
            "edited_at": None,
            "attempt": row["attempt"],
            "author": {"id": row["author_id"], "display_name": row["author"]},
        }
        for row in rows
    ]
