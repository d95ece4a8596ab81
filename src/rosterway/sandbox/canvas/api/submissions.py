"""Reading submissions.

    GET /api/v1/courses|sections/:id/students/submissions
    GET /api/v1/courses|sections/:id/assignments/:assignment_id/submissions
    GET /api/v1/courses|sections/:id/assignments/:assignment_id/submissions/:user_id

Facts: canvas-lms `app/controllers/submissions_api_controller.rb`. Of the traps: `grouped` is tested
for presence, `post_to_sis` drops students who were enrolled by hand, and `graded_since` is strictly
greater.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, not_found
from rosterway.sandbox.canvas.api.assignments import assignment_in, shelf_of
from rosterway.sandbox.canvas.api.callers import CALLER, require
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.api.submission_choice import (
    READERS,
    Filter,
    assignments_of,
    enrollments_of,
    filter_of,
    students_of,
    where_of,
)
from rosterway.sandbox.canvas.api.submission_json import Wish, submission_json
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.totals import Totals, totals


def routes() -> list[web.RouteDef]:
    """The doors of submissions that are read."""
    doors: list[web.RouteDef] = []
    for base in ("/api/v1/courses/{course_id}", "/api/v1/sections/{section_id}"):
        one = f"{base}/assignments/{{assignment_id}}/submissions"
        doors += [
            web.get(f"{base}/students/submissions", for_students),
            web.get(one, of_assignment),
            web.get(f"{one}/{{user_id}}", show),
        ]
    return doors


def wish_of(tree: Tree) -> Wish:
    """What an answer is to have."""
    only = trees.listed(tree, "response_fields")
    return Wish(
        trees.listed(tree, "include"), only or None, trees.listed(tree, "exclude_response_fields")
    )


async def show(request: web.Request) -> web.Response:
    """One student's submission."""
    where = where_of(request)
    user_id = place(request, "user")
    if user_id != request[CALLER].user_id:
        require(request, *READERS)
    shelf = shelf_of(request, where.course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    found = shelf.submissions([assignment], [user_id])
    if not found:
        raise not_found()
    wish = wish_of(await trees.tree_of(request))
    return answer(request, submission_json(request, shelf, assignment, found[0], wish))


async def of_assignment(request: web.Request) -> web.Response:
    """The submissions of an assignment, in order of users."""
    require(request, *READERS)
    where = where_of(request)
    shelf = shelf_of(request, where.course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    wish = wish_of(await trees.tree_of(request))
    rows = enrollments_of(request, where)
    found = shelf.submissions([assignment], sorted({row["user_id"] for row in rows}))

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        some = found[offset : offset + limit]
        return [submission_json(request, shelf, assignment, one, wish) for one in some]

    return pages.numbered(request, fetch, total=len(found))


async def for_students(request: web.Request) -> web.Response:
    """The submissions of students for assignments, grouped by student or flat."""
    tree = await trees.tree_of(request)
    where = where_of(request)
    shelf = shelf_of(request, where.course_id)
    students = students_of(request, where, tree)
    assignments = assignments_of(shelf, tree)
    keep = filter_of(tree)
    if trees.text(tree, "grouped") is not None:
        return _grouped(request, shelf, tree, students, assignments, keep)
    return _flat(request, shelf, tree, students, assignments, keep)


# -- the answers ------------------------------------------------------------------------------


def _grouped(
    request: web.Request,
    shelf: Shelf,
    tree: Tree,
    enrollments: Sequence[sqlite3.Row],
    assignments: Sequence[sqlite3.Row],
    keep: Filter,
) -> web.Response:
    """A page of students, each with their submissions."""
    first = {row["user_id"]: row for row in reversed(enrollments)}
    users = sorted(first)
    by_id = {row["id"]: row for row in assignments}
    wish = wish_of(tree)

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        page = users[offset : offset + limit]
        logins = _logins(request, [first[user] for user in page])
        sums = totals(shelf, page) if "total_scores" in wish.include else None
        items: dict[int, dict[str, Any]] = {}
        for user in page:
            item: dict[str, Any] = {"user_id": user, "section_id": first[user]["section_id"]}
            if logins is not None:
                sis_user_id, integration_id = logins.get(user, (None, None))
                item |= {"sis_user_id": sis_user_id, "integration_id": integration_id}
            items[user] = item | {"submissions": []}
            if sums is not None:
                items[user] |= _scores(sums.get(user) or Totals())
        for one in shelf.submissions(assignments, page):
            if keep.keeps(one):
                shape = submission_json(request, shelf, by_id[one.assignment_id], one, wish)
                items[one.user_id]["submissions"].append(shape)
        return list(items.values())

    return pages.numbered(request, fetch, total=len(users))


def _flat(
    request: web.Request,
    shelf: Shelf,
    tree: Tree,
    enrollments: Sequence[sqlite3.Row],
    assignments: Sequence[sqlite3.Row],
    keep: Filter,
) -> web.Response:
    """A page of submissions, in order of ids or of `graded_at`."""
    by_id = {row["id"]: row for row in assignments}
    users = sorted({row["user_id"] for row in enrollments})
    found = [one for one in shelf.submissions(assignments, users) if keep.keeps(one)]
    backwards = trees.text(tree, "order_direction") == "descending"
    if trees.text(tree, "order") == "graded_at":
        # Nobody graded comes last, whichever way.
        found.sort(key=lambda one: one.graded_at or "", reverse=backwards)
        found.sort(key=lambda one: one.graded_at is None)
    elif backwards:
        found.reverse()
    wish = wish_of(tree)

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        some = found[offset : offset + limit]
        return [submission_json(request, shelf, by_id[o.assignment_id], o, wish) for o in some]

    return pages.numbered(request, fetch)


def _logins(
    request: web.Request, enrollments: Sequence[sqlite3.Row]
) -> dict[int, tuple[str | None, str | None]] | None:
    """SIS and integration id of the login each enrollment was made with; None without the right."""
    if request[CALLER].rights.isdisjoint(("read_sis", "manage_sis")):
        return None
    read = request.app[INSTANCE].roster.read
    made_with = {row["user_id"]: row["login_id"] for row in enrollments}
    rows = read.execute(
        "SELECT * FROM logins WHERE user_id IN (SELECT value FROM json_each(?))"
        " AND workflow_state <> 'deleted' ORDER BY sis_user_id IS NOT NULL, id DESC",
        (json.dumps(sorted(made_with)),),
    ).fetchall()
    rows.sort(key=lambda row: row["id"] == made_with[row["user_id"]])
    return {row["user_id"]: (row["sis_user_id"], row["integration_id"]) for row in rows}


def _scores(sums: Totals) -> dict[str, float | None]:
    return {
        "computed_final_score": sums.final_score,
        "computed_current_score": sums.current_score,
        "unposted_final_score": sums.unposted_final_score,
        "unposted_current_score": sums.unposted_current_score,
    }
