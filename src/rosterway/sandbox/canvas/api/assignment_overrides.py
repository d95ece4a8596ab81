"""Overrides of an assignment.

    GET, POST        /api/v1/courses/:course_id/assignments/:assignment_id/overrides
    GET, PUT, DELETE /api/v1/courses/:course_id/assignments/:assignment_id/overrides/:id

Facts: canvas-lms `app/controllers/assignment_overrides_controller.rb`.
"""

import sqlite3

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import Refusal, answer, not_found
from rosterway.sandbox.canvas.api.assignment_json import override_json
from rosterway.sandbox.canvas.api.assignments import assignment_in, rules_of, shelf_of
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change, invalid
from rosterway.sandbox.canvas.api.override_wishes import wish_of
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.gradebook.rules import due_date_errors
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.writing import Wanted, live_overrides, write_override
from rosterway.sandbox.canvas.state.gradebook import Assignment, AssignmentOverride
from rosterway.sandbox.canvas.state.work import Work

_PATH = "/api/v1/courses/{course_id}/assignments/{assignment_id}/overrides"


def routes() -> list[web.RouteDef]:
    """The doors of overrides."""
    return [
        web.get(_PATH, index),
        web.post(_PATH, create),
        web.get(f"{_PATH}/{{id:\\d+}}", show),
        web.put(f"{_PATH}/{{id:\\d+}}", update),
        web.delete(f"{_PATH}/{{id:\\d+}}", delete),
    ]


def _found(request: web.Request) -> tuple[Shelf, sqlite3.Row]:
    shelf = shelf_of(request, place(request, "course"))
    return shelf, assignment_in(request, shelf, "assignment_id")


def _override(request: web.Request, shelf: Shelf, assignment: sqlite3.Row) -> sqlite3.Row:
    for row in shelf.overrides.of(assignment["id"]):
        if str(row["id"]) == request.match_info["id"]:
            return row
    raise not_found()


async def index(request: web.Request) -> web.Response:
    """The active overrides of an assignment."""
    require(request, "manage_assignments", "view_all_grades")
    shelf, assignment = _found(request)
    shapes = [override_json(shelf, row) for row in shelf.overrides.of(assignment["id"])]
    return pages.numbered(request, lambda limit, offset: shapes[offset : offset + limit])


async def show(request: web.Request) -> web.Response:
    """One override."""
    require(request, "manage_assignments", "view_all_grades")
    shelf, assignment = _found(request)
    return answer(request, override_json(shelf, _override(request, shelf, assignment)))


async def create(request: web.Request) -> web.Response:
    """An override for a section or for students; a section has one at most."""
    require(request, "manage_assignments")
    shelf, assignment = _found(request)
    wish = wish_of(
        request, shelf, trees.branch(await trees.tree_of(request), "assignment_override")
    )
    taken = {row["set_id"] for row in shelf.overrides.of(assignment["id"])}
    if wish.section_id is not None and wish.section_id in taken:
        message = {"attribute": "set_id", "type": "taken", "message": "taken"}
        raise Refusal(400, {"errors": {"set_id": [message]}})
    return await _write(request, assignment, None, wish, 201)


async def update(request: web.Request) -> web.Response:
    """Change an override: a date that is not named is not overridden any more."""
    require(request, "manage_assignments")
    shelf, assignment = _found(request)
    row = _override(request, shelf, assignment)
    given = trees.branch(await trees.tree_of(request), "assignment_override")
    given.pop("course_section_id", None)  # whom it is for cannot change
    wish = wish_of(request, shelf, given, known=True)
    return await _write(request, assignment, row["id"], wish, 200)


async def _write(
    request: web.Request,
    assignment: sqlite3.Row,
    override_id: int | None,
    wish: Wanted,
    status: int,
) -> web.Response:
    sync = rules_of(request, assignment["course_id"])

    def make(work: Work) -> int:
        held = work.there(Assignment, assignment["id"])
        override = work.get(AssignmentOverride, override_id)
        written = write_override(work, held, override, wish)
        own = [
            {"due_at": o.due_at, "due_at_overridden": o.due_at_overridden}
            for o in live_overrides(work, held)
        ]
        if errors := due_date_errors(dict(assignment), own, sync):
            raise invalid(errors)
        return written.id

    written_id = await change(request, make)
    shelf = shelf_of(request, assignment["course_id"])
    row = next(row for row in shelf.overrides.of(assignment["id"]) if row["id"] == written_id)
    return answer(request, override_json(shelf, row), status=status)


async def delete(request: web.Request) -> web.Response:
    """Take an override away."""
    require(request, "manage_assignments")
    shelf, assignment = _found(request)
    row = _override(request, shelf, assignment)
    shape = override_json(shelf, row)

    def make(work: Work) -> None:
        work.set(work.there(AssignmentOverride, row["id"]), workflow_state="deleted")

    await change(request, make)
    return answer(request, shape)
