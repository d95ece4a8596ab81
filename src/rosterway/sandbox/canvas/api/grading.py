"""Grading: one submission, many at once, and handing work in.

    PUT  /api/v1/courses|sections/:id/assignments/:assignment_id/submissions/:user_id
    POST /api/v1/courses|sections/:id/assignments/:assignment_id/submissions
    POST /api/v1/courses|sections/:id/assignments/:assignment_id/submissions/update_grades
    POST /api/v1/courses|sections/:id/submissions/update_grades

Facts: canvas-lms `SubmissionsApiController#update`, `#bulk_update`. Of the traps: a `posted_grade`
or `excuse` that is JSON null, or an `excuse` that is JSON false, is as good as not sent.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, LINE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.assignments import assignment_in, shelf_of
from rosterway.sandbox.canvas.api.callers import is_admin, require, unauthorized
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import find, place
from rosterway.sandbox.canvas.api.progress import progress_json
from rosterway.sandbox.canvas.api.submission_choice import where_of
from rosterway.sandbox.canvas.api.submission_json import Wish, submission_json
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.lateness import STATUSES
from rosterway.sandbox.canvas.gradebook.marking import Mark, Marking, Marksheet, Status, marksheet
from rosterway.sandbox.canvas.gradebook.periods import any_closed
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.state.work import Work

_KINDS = ("online_text_entry", "online_url", "online_upload", "media_recording")


def routes() -> list[web.RouteDef]:
    """The doors of grading."""
    doors: list[web.RouteDef] = []
    for base in ("/api/v1/courses/{course_id}", "/api/v1/sections/{section_id}"):
        one = f"{base}/assignments/{{assignment_id}}/submissions"
        doors += [
            web.post(f"{one}/update_grades", update_grades),
            web.post(f"{base}/submissions/update_grades", update_many_grades),
            web.post(one, submit),
            web.put(f"{one}/{{user_id}}", grade),
        ]
    return doors


def _require_grader(request: web.Request) -> int:
    caller = require(request, "manage_grades")
    if request.app[INSTANCE].faults.strike("grading-refused"):
        raise unauthorized()
    return caller.user_id


async def grade(request: web.Request) -> web.Response:
    """Grade, clear, excuse, set a status; a comment may come along, or alone."""
    grader_id = _require_grader(request)
    shelf = shelf_of(request, where_of(request).course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    user_id = place(request, "user")
    sheet = marksheet(shelf, assignment)
    if user_id not in sheet.due:
        raise unauthorized()
    _refuse_closed(request, shelf, sheet.due[user_id])
    tree = await trees.tree_of(request)
    mark = mark_of(trees.branch(tree, "submission"))
    comment = trees.text(trees.branch(tree, "comment"), "text_comment")

    def make(work: Work) -> None:
        marking = Marking(work, sheet, grader_id)
        marking.mark(user_id, mark)
        if comment is not None:
            marking.comment(user_id, comment, grader_id)

    await change(request, make)
    return _answer(request, shelf.course_id, assignment, user_id)


def _refuse_closed(request: web.Request, shelf: Shelf, due_at: str | None) -> None:
    """In a closed grading period only an admin grades."""
    if any_closed([due_at], shelf.periods, shelf.now) and not is_admin(request):
        raise unauthorized()


def mark_of(given: Mapping[str, Any]) -> Mark:
    """What a grader asks for."""
    posted, excuse = given.get("posted_grade"), given.get("excuse")
    status: Status | None = None
    if "late_policy_status" in given:
        name = trees.text(given, "late_policy_status")
        if name is not None and name not in STATUSES:
            raise bad_request("late_policy_status is not included in the list")
        status = Status(name, trees.whole(given, "seconds_late_override"))
    return Mark(
        grade=None if posted in (None, False) else str(posted),
        excuse=None if excuse in (None, False, "") else trees.means_yes(excuse),
        status=status,
    )


def _answer(
    request: web.Request, course_id: int, assignment: sqlite3.Row, user_id: int, status: int = 200
) -> web.Response:
    shelf = shelf_of(request, course_id)
    row = next((row for row in shelf.assignments if row["id"] == assignment["id"]), assignment)
    (submission,) = shelf.stored([row], [user_id])
    wish = Wish(include=("submission_comments",))
    shape = submission_json(request, shelf, row, submission, wish)
    return answer(request, shape, status=status)


async def submit(request: web.Request) -> web.Response:
    """Hand work in for a student; whoever grades may say when."""
    caller = require(request, "manage_grades")
    instance = request.app[INSTANCE]
    shelf = shelf_of(request, where_of(request).course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    given = trees.branch(await trees.tree_of(request), "submission")
    kind = trees.text(given, "submission_type")
    if kind not in _KINDS or kind not in assignment["submission_types"].split(","):
        raise bad_request("Invalid submission_type given")
    spelled = trees.text(given, "user_id")
    user_id = find(shelf.read, "user", spelled) if spelled else caller.user_id
    sheet = marksheet(shelf, assignment)
    if user_id is None or user_id not in sheet.due:
        raise not_found()
    at = trees.text(given, "submitted_at")
    if at is not None and not trees.is_moment(at):
        raise bad_request("Invalid datetime for submitted_at")
    moment = trees.moment(at) if at else instance.now()
    student = user_id

    def make(work: Work) -> None:
        Marking(work, sheet, caller.user_id).submit(student, kind=kind, at=moment)

    await change(request, make)
    return _answer(request, shelf.course_id, assignment, student, 201)


async def update_grades(request: web.Request) -> web.Response:
    """Grade many students in one assignment; a Progress tells when it is done."""
    grader_id = _require_grader(request)
    shelf = shelf_of(request, where_of(request).course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    tree = await trees.tree_of(request)
    marks = [(marksheet(shelf, assignment), trees.branch(tree, "grade_data"))]
    return _start(request, marks, grader_id)


async def update_many_grades(request: web.Request) -> web.Response:
    """Grade many students in many assignments: `grade_data[assignment][student][posted_grade]`."""
    grader_id = _require_grader(request)
    shelf = shelf_of(request, where_of(request).course_id)
    data = trees.branch(await trees.tree_of(request), "grade_data")
    rows = {str(row["id"]): row for row in shelf.assignments}
    if unknown := sorted(set(data) - set(rows)):
        raise bad_request(f"unknown assignment {unknown[0]}")
    marks = [(marksheet(shelf, rows[name]), trees.branch(data, name)) for name in data]
    return _start(request, marks, grader_id)


def _start(
    request: web.Request, marks: list[tuple[Marksheet, Tree]], grader_id: int
) -> web.Response:
    if not any(data for _, data in marks):
        raise bad_request("'grade_data' parameter required")
    instance = request.app[INSTANCE]
    now = instance.now()
    progress_id = instance.office.add(
        "progress",
        tag="submissions_update",
        workflow_state="queued",
        completion=0,
        task="{}",
        user_id=grader_id,
        created_at=now,
        updated_at=now,
    )
    read = instance.roster.read
    work_list: list[tuple[Marksheet, list[tuple[int, Mark]]]] = []
    missing: list[str] = []
    for sheet, data in marks:
        found: list[tuple[int, Mark]] = []
        for spelled, given in data.items():
            user_id = find(read, "user", spelled)
            if user_id is None or user_id not in sheet.due or not isinstance(given, dict):
                missing.append(spelled)
            else:
                found.append((user_id, mark_of(cast(Tree, given))))
        work_list.append((sheet, found))

    def run() -> None:
        with instance.roster.work(instance.now()) as work:
            for sheet, found in work_list:
                marking = Marking(work, sheet, grader_id)
                for user_id, mark in found:
                    marking.mark(user_id, mark)
        text = f"Couldn't find User(s) with API ids {', '.join(missing)}" if missing else None
        instance.office.update(
            "progress",
            progress_id,
            workflow_state="failed" if missing else "completed",
            completion=100,
            message=text,
            updated_at=instance.now(),
        )

    body = progress_json(request, progress_id)
    request.app[LINE].beside(run)
    return answer(request, body)
