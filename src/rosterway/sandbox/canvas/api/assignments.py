"""Assignments of a course.

    GET, POST        /api/v1/courses/:course_id/assignments
    GET, PUT, DELETE /api/v1/courses/:course_id/assignments/:id
    GET              /api/v1/courses/:course_id/assignment_groups/:group_id/assignments

Facts: canvas-lms `app/controllers/assignments_api_controller.rb`; Canvas API docs, "Assignments".
"""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, answer, not_found
from rosterway.sandbox.canvas.api.assignment_changes import changes_of
from rosterway.sandbox.canvas.api.assignment_json import assignment_json, shown
from rosterway.sandbox.canvas.api.callers import CALLER, is_admin, require, unauthorized
from rosterway.sandbox.canvas.api.changes import change, invalid
from rosterway.sandbox.canvas.api.override_wishes import wishes_of
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.marking import Marking, Marksheet, marksheet
from rosterway.sandbox.canvas.gradebook.periods import any_closed
from rosterway.sandbox.canvas.gradebook.schemes import Grading
from rosterway.sandbox.canvas.gradebook.settings import SyncRules, sync_rules
from rosterway.sandbox.canvas.gradebook.shelf import Shelf, scheme_of
from rosterway.sandbox.canvas.gradebook.writing import delete_assignment, save_assignment
from rosterway.sandbox.canvas.state.gradebook import Assignment
from rosterway.sandbox.canvas.state.work import Work

_COURSE = "/api/v1/courses/{course_id}"
#: What a change of spells every grade anew.
_GRADING = ("points_possible", "grading_type", "grading_standard_id")
_WRITERS = ("manage_assignments",)
_READERS = ("read_roster", "manage_assignments", "manage_grades", "view_all_grades")
#: What may still change of an assignment that is due in a closed grading period.
_EVEN_CLOSED = frozenset(
    {"description", "submission_types", "due_at", "only_visible_to_overrides", "post_to_sis"}
)


def routes() -> list[web.RouteDef]:
    """The doors of assignments."""
    return [
        web.get(f"{_COURSE}/assignments", index),
        web.post(f"{_COURSE}/assignments", create),
        web.get(f"{_COURSE}/assignment_groups/{{group_id:\\d+}}/assignments", index),
        web.get(f"{_COURSE}/assignments/{{id}}", show),
        web.put(f"{_COURSE}/assignments/{{id}}", update),
        web.delete(f"{_COURSE}/assignments/{{id}}", delete),
    ]


def shelf_of(request: web.Request, course_id: int) -> Shelf:
    """A course's gradebook as it is now."""
    instance = request.app[INSTANCE]
    return Shelf(instance.roster.read, course_id, instance.now())


def rules_of(request: web.Request, course_id: int) -> SyncRules:
    """What the account of a course demands of what is posted to the SIS."""
    instance = request.app[INSTANCE]
    read = instance.roster.read
    row = read.execute("SELECT account_id FROM courses WHERE id = ?", (course_id,)).fetchone()
    return sync_rules(instance, read, row[0])


def assignment_in(request: web.Request, shelf: Shelf, name: str = "id") -> sqlite3.Row:
    """The assignment of the address, of this course and not deleted; also by `sis_assignment_id:`."""
    spelled = request.match_info[name]
    prefix, colon, value = spelled.partition(":")
    column, wanted = ("id", spelled) if not colon else ("sis_source_id", value)
    if colon and prefix != "sis_assignment_id":
        raise not_found()
    for row in shelf.assignments:
        if str(row[column]) == wanted:
            return row
    raise not_found()


async def index(request: web.Request) -> web.Response:
    """The assignments of a course or group, in the order of the page."""
    require(request, *_READERS)
    tree = await trees.tree_of(request)
    course_id = place(request, "course")
    shelf = shelf_of(request, course_id)
    rows = [row for row in shelf.assignments if _is_asked_for(request, tree, row)]
    if (term := (trees.text(tree, "search_term") or "").lower()) or "order_by" in tree:
        rows = [row for row in rows if term in row["name"].lower()]
    match trees.text(tree, "order_by"):
        case "name":
            rows.sort(key=lambda row: row["name"].lower())
        case "due_at":
            rows.sort(key=lambda row: (row["due_at"] is None, row["due_at"] or "", row["name"]))
        case _:
            pass
    show_as = shown(request, trees.listed(tree, "include"), rules_of(request, course_id))

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        some = rows[offset : offset + limit]
        return [assignment_json(request, shelf, row, show_as) for row in some]

    return pages.numbered(request, fetch, total=len(rows))


def _is_asked_for(request: web.Request, tree: Tree, row: sqlite3.Row) -> bool:
    group_id = request.match_info.get("group_id")
    if group_id is not None and str(row["assignment_group_id"]) != group_id:
        return False
    ids = trees.listed(tree, "assignment_ids")
    if ids and str(row["id"]) not in map(str, ids):
        return False
    if "post_to_sis" in tree and bool(row["post_to_sis"]) != trees.flag(tree, "post_to_sis"):
        return False
    readable = not request[CALLER].rights.isdisjoint(("manage_assignments", "view_all_grades"))
    return readable or row["workflow_state"] == "published"


async def show(request: web.Request) -> web.Response:
    """One assignment."""
    require(request, *_READERS)
    tree = await trees.tree_of(request)
    return _answer(request, place(request, "course"), request.match_info["id"], tree)


def _answer(
    request: web.Request, course_id: int, spelled: str, tree: Tree, status: int = 200
) -> web.Response:
    shelf = shelf_of(request, course_id)
    row = next((row for row in shelf.assignments if str(row["id"]) == spelled), None)
    if row is None:
        row = assignment_in(request, shelf)
    show_as = shown(request, trees.listed(tree, "include"), rules_of(request, course_id))
    return answer(request, assignment_json(request, shelf, row, show_as), status=status)


async def create(request: web.Request) -> web.Response:
    """A new assignment, unpublished unless it says otherwise."""
    require(request, *_WRITERS)
    course_id = place(request, "course")
    tree = await trees.tree_of(request)
    given = trees.branch(tree, "assignment")
    sync = rules_of(request, course_id)
    shelf = shelf_of(request, course_id)
    changes: dict[str, Any] = {"course_id": course_id, "post_to_sis": sync.export_by_default}
    changes |= changes_of(request, course_id, given)
    if _closed(request, shelf, [changes.get("due_at")]):
        raise Refusal(403, {"errors": {"due_at": [{"message": _IN_CLOSED}]}})
    wishes = wishes_of(request, shelf, given)

    def make(work: Work) -> Assignment:
        return save_assignment(work, None, changes, overrides=wishes, sync=sync, refuse=invalid)

    made = await change(request, make)
    return _answer(request, course_id, str(made.id), tree, 201)


_IN_CLOSED = "cannot be changed because this assignment is due in a closed grading period"


async def update(request: web.Request) -> web.Response:
    """Change an assignment; what is not named stays."""
    require(request, *_WRITERS)
    course_id = place(request, "course")
    tree = await trees.tree_of(request)
    given = trees.branch(tree, "assignment")
    shelf = shelf_of(request, course_id)
    row = assignment_in(request, shelf)
    changes = changes_of(request, course_id, given)
    wishes = wishes_of(request, shelf, given)
    if changes.get("due_at") is not None and row["only_visible_to_overrides"]:
        # A date for everyone makes it everyone's, as Canvas has it.
        changes.setdefault("only_visible_to_overrides", False)
    if shelf.in_closed_period(row) and not is_admin(request):
        changed = {name for name, value in changes.items() if row[name] != value}
        if refused := sorted(changed - _EVEN_CLOSED):
            raise invalid({name: [_IN_CLOSED] for name in refused})
    sheet = _new_sheet(shelf, row, changes)
    sync = rules_of(request, course_id)

    def make(work: Work) -> None:
        assignment = work.there(Assignment, row["id"])
        save_assignment(work, assignment, changes, overrides=wishes, sync=sync, refuse=invalid)
        if sheet is not None:
            Marking(work, sheet, None).regrade()

    await change(request, make)
    return _answer(request, course_id, str(row["id"]), tree)


def _new_sheet(shelf: Shelf, row: sqlite3.Row, changes: dict[str, Any]) -> Marksheet | None:
    """The marksheet after a change of points or scheme; None if there is no such change."""
    new = {name: changes.get(name, row[name]) for name in _GRADING}
    if all(new[name] == row[name] for name in _GRADING):
        return None
    scheme = scheme_of(shelf.read, shelf.course_id, new["grading_standard_id"])
    old = marksheet(shelf, row)
    return Marksheet(
        assignment_id=old.assignment_id,
        course_id=old.course_id,
        grading=Grading(new["grading_type"], new["points_possible"], scheme),
        submission_types=old.submission_types,
        post_manually=old.post_manually,
        due=old.due,
        policy=old.policy,
    )


async def delete(request: web.Request) -> web.Response:
    """Delete an assignment; it is shown once more as deleted."""
    require(request, *_WRITERS)
    course_id = place(request, "course")
    shelf = shelf_of(request, course_id)
    row = assignment_in(request, shelf)
    if shelf.in_closed_period(row) and not is_admin(request):
        raise unauthorized()
    show_as = shown(request, (), rules_of(request, course_id))
    shape = assignment_json(request, shelf, row, show_as)
    await change(request, lambda work: delete_assignment(work, work.there(Assignment, row["id"])))
    return answer(request, {**shape, "workflow_state": "deleted"})


def _closed(request: web.Request, shelf: Shelf, dates: list[str | None]) -> bool:
    """Whether a date lies in a closed grading period and the caller is no admin."""
    return any_closed(dates, shelf.periods, shelf.now) and not is_admin(request)
