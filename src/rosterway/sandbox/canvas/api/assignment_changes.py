"""What a request changes about an assignment, as far as the request alone can say.

Facts: canvas-lms `lib/api/v1/assignment.rb`. Integration fields are dropped silently unless the caller
has `manage_sis`; midnight sharp is the end of the day.
"""

import json
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE
from rosterway.sandbox.canvas.api.callers import CALLER
from rosterway.sandbox.canvas.api.changes import invalid
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.rules import SUBMISSION_TYPES
from rosterway.sandbox.canvas.gradebook.schemes import GRADING_TYPES

_DATES = ("due_at", "unlock_at", "lock_at")


def changes_of(request: web.Request, course_id: int, given: Tree) -> dict[str, Any]:
    """What a request changes, checked as far as the request alone can say."""
    errors: dict[str, list[str]] = {}
    changes: dict[str, Any] = {}
    for name in ("name", "description"):
        if name in given:
            changes[name] = trees.text(given, name)
    for name in _DATES:
        if name in given:
            spelled = trees.text(given, name)
            if spelled is not None and not trees.is_moment(spelled):
                errors[f"assignment[{name}]"] = [f"Invalid datetime for {name}"]
                continue
            changes[name] = _midnight(name, spelled and trees.moment(spelled))
    for name in ("post_to_sis", "omit_from_final_grade", "only_visible_to_overrides"):
        if name in given:
            changes[name] = trees.flag(given, name)
    for name in ("post_manually", "muted"):
        if name in given:
            changes["post_manually"] = trees.flag(given, name)
    if "published" in given:
        changes["workflow_state"] = "published" if trees.flag(given, "published") else "unpublished"
    if "points_possible" in given:
        changes["points_possible"] = trees.number(given, "points_possible")
    if "grading_standard_id" in given:
        changes["grading_standard_id"] = trees.whole(given, "grading_standard_id")
    if (position := trees.whole(given, "position")) is not None:
        changes["position"] = position
    if (grading_type := trees.text(given, "grading_type")) is not None:
        if grading_type not in GRADING_TYPES:
            errors["grading_type"] = ["is not included in the list"]
        changes["grading_type"] = grading_type
        if grading_type == "not_graded" and "submission_types" not in given:
            changes["submission_types"] = "not_graded"
    if "submission_types" in given:
        types = [str(one) for one in trees.listed(given, "submission_types")] or ["none"]
        if not SUBMISSION_TYPES.issuperset(types):
            errors["assignment[submission_types]"] = ["Invalid submission types"]
        changes["submission_types"] = ",".join(types)
    if "assignment_group_id" in given:
        changes["assignment_group_id"] = _group(request, course_id, given, errors)
    changes |= _integration(request, given, errors)
    if errors:
        raise invalid(errors)
    return changes


def _midnight(name: str, moment: str | None) -> str | None:
    """Midnight sharp is the end of the day for a due date and a lock date, as Canvas has it."""
    if moment is not None and name != "unlock_at" and moment.endswith("T00:00:00Z"):
        return moment.replace("T00:00:00Z", "T23:59:59Z")
    return moment


def _group(
    request: web.Request, course_id: int, given: Tree, errors: dict[str, list[str]]
) -> int | None:
    """The assignment group asked for; none takes the first, and an unknown one likewise."""
    spelled = trees.text(given, "assignment_group_id")
    if spelled is None:
        return None
    if not spelled.isdecimal() or int(spelled) == 0:
        errors["assignment[assignment_group_id]"] = ["must be a positive number"]
        return None
    row = (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT id FROM assignment_groups WHERE id = ? AND course_id = ?",
            (int(spelled), course_id),
        )
        .fetchone()
    )
    return row[0] if row else None


def _integration(request: web.Request, given: Tree, errors: dict[str, list[str]]) -> dict[str, Any]:
    """Integration fields, which only somebody with `manage_sis` writes: else dropped silently."""
    if "manage_sis" not in request[CALLER].rights:
        return {}
    changes: dict[str, Any] = {}
    if "sis_assignment_id" in given:
        changes["sis_source_id"] = trees.text(given, "sis_assignment_id")
    if "integration_id" in given:
        changes["integration_id"] = trees.text(given, "integration_id")
    if "integration_data" in given:
        data = _object(given["integration_data"])
        if data is None:
            errors["integration_data"] = ["Invalid integration data"]
        changes["integration_data"] = json.dumps(data or {})
    return changes


def _object(data: Any) -> Tree | None:
    """Integration data as an object or as the JSON of one; None if they are neither."""
    if isinstance(data, str) and data.strip():
        try:
            data = json.loads(data)
        except ValueError:
            return None
    if data in (None, ""):
        return {}
    return cast(Tree, data) if isinstance(data, dict) else None
