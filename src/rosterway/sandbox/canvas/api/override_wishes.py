"""Overrides as requests spell them. Facts: canvas-lms `lib/api/v1/assignment_override.rb`."""

from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal
from rosterway.sandbox.canvas.api.places import find
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.writing import Wanted

_DATES = ("due_at", "unlock_at", "lock_at")


def wishes_of(request: web.Request, shelf: Shelf, given: Tree) -> list[Wanted] | None:
    """The overrides an assignment is to have; None if the request says nothing of them."""
    if "assignment_overrides" not in given:
        return None
    held = {str(o["id"]): o for own in shelf.overrides.by_assignment.values() for o in own}
    wishes: list[Wanted] = []
    for one in trees.listed(given, "assignment_overrides"):
        if not isinstance(one, dict):
            raise _refused("invalid override data")
        tree = cast(Tree, one)
        known = held.get(trees.text(tree, "id") or "")
        if known is not None and "course_section_id" not in tree and "student_ids" not in tree:
            if known["set_type"] == "CourseSection":
                tree = {**tree, "course_section_id": known["set_id"]}
            else:
                tree = {**tree, "student_ids": list(shelf.overrides.students_of(known["id"]))}
        wishes.append(wish_of(request, shelf, tree))
    return wishes


def wish_of(request: web.Request, shelf: Shelf, given: Tree, *, known: bool = False) -> Wanted:
    """One override. `known`: it is there already, so nobody needs to say whom it is for."""
    read = request.app[INSTANCE].roster.read
    section_id: int | None = None
    students: tuple[int, ...] = ()
    if "student_ids" in given:
        students = _students(request, shelf, given)
    elif "course_section_id" in given:
        spelled = trees.text(given, "course_section_id") or ""
        section_id = find(read, "section", spelled)
        sql = "SELECT 1 FROM sections WHERE id = ? AND course_id = ? AND workflow_state = 'active'"
        if not read.execute(sql, (section_id, shelf.course_id)).fetchone():
            raise _refused(f'unknown section id "{spelled}"')
    elif not known:
        raise _refused("one of student_ids, group_id, or course_section_id is required")
    dates: dict[str, str | None] = {}
    for name in _DATES:
        if name in given:
            dates[name] = _date(name, trees.text(given, name))
    return Wanted(section_id, students, trees.text(given, "title"), dates)


def _students(request: web.Request, shelf: Shelf, given: Tree) -> tuple[int, ...]:
    asked: list[Any] = trees.listed(given, "student_ids")
    if not asked:
        raise _refused("invalid student_ids []")
    seated = {user for user, _ in shelf.seats}
    read = request.app[INSTANCE].roster.read
    found = {str(one): find(read, "user", str(one)) for one in asked}
    if bad := [spelled for spelled, user in found.items() if user not in seated]:
        raise _refused(f"unknown student ids: {bad}")
    return tuple(sorted(user for user in found.values() if user is not None))


def _date(name: str, spelled: str | None) -> str | None:
    """A date that is set; a blank one sets that there is none."""
    if spelled is None:
        return None
    try:
        moment = trees.moment(spelled)
    except ValueError:
        raise _refused(f'invalid {name} "{spelled}"') from None
    if name != "unlock_at":
        return moment.replace("T00:00:00Z", "T23:59:59Z")
    return moment


def _refused(message: str) -> Refusal:
    return Refusal(400, {"errors": [message]})
