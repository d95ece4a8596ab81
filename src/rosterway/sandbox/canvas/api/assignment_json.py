"""Assignments, their overrides and their dates as the API shows them.

Facts: canvas-lms `lib/api/v1/assignment.rb`, `assignment_override.rb`; Canvas API docs,
"Assignments".
"""

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.callers import CALLER
from rosterway.sandbox.canvas.gradebook.settings import NAME_LENGTH, SyncRules
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.state.gradebook import submission_id

_SIS = frozenset({"read_sis", "manage_sis"})


@dataclass(frozen=True, slots=True)
class Shown:
    """What an answer is to have beside the assignment itself."""

    include: Collection[str] = ()
    #: The caller's place in the SIS: with the right, integration fields are shown.
    sis: bool = False
    rules: SyncRules = field(default_factory=SyncRules)


def shown(request: web.Request, include: Collection[str], rules: SyncRules) -> Shown:
    """What the caller may see of what was asked for."""
    return Shown(include, not request[CALLER].rights.isdisjoint(_SIS), rules)


def assignment_json(
    request: web.Request, shelf: Shelf, row: sqlite3.Row, show: Shown
) -> dict[str, Any]:
    """An assignment of a course."""
    overrides = shelf.overrides.of(row["id"])
    host = f"{request.scheme}://{request.host}"
    submitted, graded = _state(shelf.read, row["id"])
    shape: dict[str, Any] = {
        "id": row["id"],
        "description": row["description"],
        "due_at": row["due_at"],
        "unlock_at": row["unlock_at"],
        "lock_at": row["lock_at"],
        "points_possible": row["points_possible"],
        "grading_type": row["grading_type"],
        "assignment_group_id": row["assignment_group_id"],
        "grading_standard_id": row["grading_standard_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "peer_reviews": False,
        "automatic_peer_reviews": False,
        "position": row["position"],
        "grade_group_students_individually": False,
        "anonymous_peer_reviews": False,
        "group_category_id": None,
        "post_to_sis": bool(row["post_to_sis"]),
        "moderated_grading": False,
        "omit_from_final_grade": bool(row["omit_from_final_grade"]),
        "hide_in_gradebook": False,
        "anonymous_grading": False,
        "allowed_attempts": -1,
        "course_id": row["course_id"],
        "name": row["name"],
        "submission_types": row["submission_types"].split(","),
        "has_submitted_submissions": submitted,
        "due_date_required": bool(show.rules.due_date and row["post_to_sis"]),
        "max_name_length": show.rules.name_length or NAME_LENGTH,
        "in_closed_grading_period": shelf.in_closed_period(row),
        "graded_submissions_exist": graded,
        "is_quiz_assignment": False,
        "can_duplicate": True,
        "workflow_state": row["workflow_state"],
        "important_dates": False,
        "muted": bool(row["post_manually"]),
        "html_url": f"{host}/courses/{row['course_id']}/assignments/{row['id']}",
        "has_overrides": bool(overrides),
        "published": row["workflow_state"] == "published",
        "unpublishable": not submitted,
        "only_visible_to_overrides": bool(row["only_visible_to_overrides"]),
        "locked_for_user": False,
        "post_manually": bool(row["post_manually"]),
    }
    if show.sis:
        shape["sis_assignment_id"] = row["sis_source_id"]
        shape["integration_id"] = row["integration_id"]
        shape["integration_data"] = json.loads(row["integration_data"])
    if "overrides" in show.include:
        shape["overrides"] = [override_json(shelf, override) for override in overrides]
    if "all_dates" in show.include:
        shape["all_dates"] = _all_dates(row, overrides)
    if "assignment_visibility" in show.include:
        shape["assignment_visibility"] = [str(user) for user in shelf.due(row)]
    return shape


def override_json(shelf: Shelf, row: sqlite3.Row) -> dict[str, Any]:
    """An override; a date it does not set is not there at all."""
    shape: dict[str, Any] = {
        "id": row["id"],
        "assignment_id": row["assignment_id"],
        "title": row["title"],
    }
    if row["due_at_overridden"]:
        due_at = row["due_at"]
        shape |= {"due_at": due_at, "all_day": False, "all_day_date": due_at and due_at[:10]}
    for name in ("unlock_at", "lock_at"):
        if row[f"{name}_overridden"]:
            shape[name] = row[name]
    if row["set_type"] == "CourseSection":
        shape["course_section_id"] = row["set_id"]
    else:
        shape["student_ids"] = list(shelf.overrides.students_of(row["id"]))
    return shape


def _all_dates(row: sqlite3.Row, overrides: Collection[sqlite3.Row]) -> list[dict[str, Any]]:
    dates = [
        {
            "id": override["id"],
            "due_at": _date(row, override, "due_at"),
            "unlock_at": _date(row, override, "unlock_at"),
            "lock_at": _date(row, override, "lock_at"),
            "title": override["title"],
            "set_type": override["set_type"],
            "set_id": override["set_id"],
        }
        for override in overrides
    ]
    if row["only_visible_to_overrides"]:
        return dates
    base = {name: row[name] for name in ("due_at", "unlock_at", "lock_at")}
    return [{**base, "base": True, **({"title": "Everyone else"} if dates else {})}, *dates]


def _date(row: sqlite3.Row, override: sqlite3.Row, name: str) -> str | None:
    return override[name] if override[f"{name}_overridden"] else row[name]


def _state(read: sqlite3.Connection, assignment_id: int) -> tuple[bool, bool]:
    """Whether anybody handed work in, and whether anybody has a score."""
    first, last = submission_id(assignment_id, 0), submission_id(assignment_id + 1, 0)
    row = read.execute(
        "SELECT max(submitted_at IS NOT NULL), max(score IS NOT NULL) FROM submissions"
        " WHERE id >= ? AND id < ?",
        (first, last),
    ).fetchone()
    return bool(row[0]), bool(row[1])
