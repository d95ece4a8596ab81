"""Assignment groups: Canvas's grading categories.

    GET, POST        /api/v1/courses/:course_id/assignment_groups
    GET, PUT, DELETE /api/v1/courses/:course_id/assignment_groups/:id

Facts: canvas-lms `app/controllers/assignment_groups_api_controller.rb`,
`lib/api/v1/assignment_group.rb`.
"""

import json
import sqlite3
from collections.abc import Collection
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, answer, not_found
from rosterway.sandbox.canvas.api.assignment_json import assignment_json, shown
from rosterway.sandbox.canvas.api.assignments import rules_of, shelf_of
from rosterway.sandbox.canvas.api.callers import is_admin, require, unauthorized
from rosterway.sandbox.canvas.api.changes import change, invalid
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.writing import add_group
from rosterway.sandbox.canvas.state.gradebook import (
    ASSIGNMENT_BY_COURSE,
    AssignmentGroup,
)
from rosterway.sandbox.canvas.state.work import Work

_PATH = "/api/v1/courses/{course_id}/assignment_groups"
_IN_CLOSED = "cannot be changed because this assignment group has an assignment in a closed period"
_RULES = ("drop_lowest", "drop_highest")


def routes() -> list[web.RouteDef]:
    """The doors of assignment groups."""
    return [
        web.get(_PATH, index),
        web.post(_PATH, create),
        web.get(f"{_PATH}/{{id:\\d+}}", show),
        web.put(f"{_PATH}/{{id:\\d+}}", update),
        web.delete(f"{_PATH}/{{id:\\d+}}", delete),
    ]


def _rows(request: web.Request, course_id: int) -> list[sqlite3.Row]:
    return (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT * FROM assignment_groups WHERE course_id = ? AND workflow_state <> 'deleted'"
            " ORDER BY position, id",
            (course_id,),
        )
        .fetchall()
    )


def _row(request: web.Request, course_id: int, group_id: int) -> sqlite3.Row:
    for row in _rows(request, course_id):
        if row["id"] == group_id:
            return row
    raise not_found()


def _json(
    request: web.Request, shelf: Shelf, row: sqlite3.Row, include: Collection[str] = ()
) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": row["id"],
        "name": row["name"],
        "position": row["position"],
        "group_weight": row["group_weight"],
        "sis_source_id": row["sis_source_id"],
        "integration_data": json.loads(row["integration_data"]),
        "rules": json.loads(row["rules"]),
    }
    if "assignments" in include:
        show_as = shown(request, include, rules_of(request, shelf.course_id))
        own = [a for a in shelf.assignments if a["assignment_group_id"] == row["id"]]
        shape["assignments"] = [assignment_json(request, shelf, a, show_as) for a in own]
        shape["any_assignment_in_closed_grading_period"] = any(map(shelf.in_closed_period, own))
    return shape


async def index(request: web.Request) -> web.Response:
    """The groups of a course in their order."""
    require(request, "read_roster", "manage_assignments", "view_all_grades")
    course_id = place(request, "course")
    tree = await trees.tree_of(request)
    shelf = shelf_of(request, course_id)
    rows = _rows(request, course_id)
    include = trees.listed(tree, "include")

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        return [_json(request, shelf, row, include) for row in rows[offset : offset + limit]]

    return pages.numbered(request, fetch, total=len(rows))


async def show(request: web.Request) -> web.Response:
    """One group."""
    require(request, "read_roster", "manage_assignments", "view_all_grades")
    course_id = place(request, "course")
    include = trees.listed(await trees.tree_of(request), "include")
    return _answer(request, course_id, int(request.match_info["id"]), include)


def _answer(
    request: web.Request, course_id: int, group_id: int, include: Collection[str] = ()
) -> web.Response:
    shelf = shelf_of(request, course_id)
    return answer(request, _json(request, shelf, _row(request, course_id, group_id), include))


async def create(request: web.Request) -> web.Response:
    """A new group."""
    require(request, "manage_assignments")
    course_id = place(request, "course")
    changes, data = _changes(await trees.tree_of(request))
    changes.setdefault("name", "Assignments")
    changes["integration_data"] = json.dumps(data)
    group = await change(request, lambda work: add_group(work, course_id, **changes))
    return _answer(request, course_id, group.id)


async def update(request: web.Request) -> web.Response:
    """Change a group; integration data are merged into what is there."""
    require(request, "manage_assignments")
    course_id = place(request, "course")
    row = _row(request, course_id, int(request.match_info["id"]))
    changes, data = _changes(await trees.tree_of(request))
    merged = json.loads(row["integration_data"]) | data
    changes["integration_data"] = json.dumps(merged)
    guarded = [n for n in ("group_weight", "rules") if n in changes and changes[n] != row[n]]
    if guarded and _in_closed(request, course_id, row["id"]):
        raise invalid({name: [_IN_CLOSED] for name in guarded})

    def make(work: Work) -> None:
        work.set(work.there(AssignmentGroup, row["id"]), **changes)

    await change(request, make)
    return _answer(request, course_id, row["id"])


async def delete(request: web.Request) -> web.Response:
    """Delete a group, and its assignments unless they move."""
    require(request, "manage_assignments")
    course_id = place(request, "course")
    row = _row(request, course_id, int(request.match_info["id"]))
    if _in_closed(request, course_id, row["id"]):
        raise unauthorized()
    target = trees.whole(await trees.tree_of(request), "move_assignments_to")
    if target is not None:
        _row(request, course_id, target)
    shelf = shelf_of(request, course_id)
    shape = _json(request, shelf, row)

    def make(work: Work) -> None:
        for assignment in work.all(ASSIGNMENT_BY_COURSE, course_id):
            if assignment.assignment_group_id != row["id"]:
                continue
            if target is not None:
                work.set(assignment, assignment_group_id=target)
            else:
                work.set(assignment, workflow_state="deleted")
        work.set(work.there(AssignmentGroup, row["id"]), workflow_state="deleted")

    await change(request, make)
    return answer(request, shape)


def _in_closed(request: web.Request, course_id: int, group_id: int) -> bool:
    """Whether an assignment of the group is in a closed period, which binds all but admins."""
    shelf = shelf_of(request, course_id)
    own = [a for a in shelf.assignments if a["assignment_group_id"] == group_id]
    return any(map(shelf.in_closed_period, own)) and not is_admin(request)


def _changes(tree: Tree) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a request changes, and the integration data to merge."""
    changes: dict[str, Any] = {}
    if (name := trees.text(tree, "name")) is not None:
        changes["name"] = name
    if (position := trees.whole(tree, "position")) is not None:
        changes["position"] = position
    if "group_weight" in tree:
        changes["group_weight"] = trees.number(tree, "group_weight") or 0.0
    if "sis_source_id" in tree:
        changes["sis_source_id"] = trees.text(tree, "sis_source_id")
    if "rules" in tree:
        rules = trees.branch(tree, "rules")
        kept: dict[str, Any] = {
            rule: int(value) for rule in _RULES if (value := trees.whole(rules, rule))
        }
        if never := trees.listed(rules, "never_drop"):
            kept["never_drop"] = [int(one) for one in never]
        changes["rules"] = json.dumps(kept)
    data: Any = tree.get("integration_data")
    if data in (None, ""):
        data = {}
    if not isinstance(data, dict):
        raise Refusal(400, {"errors": [{"message": "Invalid integration data"}]})
    return changes, cast(Tree, data)
