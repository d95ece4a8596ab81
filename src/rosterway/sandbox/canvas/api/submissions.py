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
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, answer, not_found
from rosterway.sandbox.canvas.api.assignments import assignment_in, shelf_of
from rosterway.sandbox.canvas.api.callers import CALLER, require, unauthorized
from rosterway.sandbox.canvas.api.places import find, place
from rosterway.sandbox.canvas.api.submission_json import Wish, submission_json
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.periods import period_of
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.totals import Totals, totals
from rosterway.sandbox.canvas.state.gradebook import Submission

_READERS = ("manage_grades", "view_all_grades")
#: Which enrollment a grouped answer prefers when a student has several.
_RANK = "CASE e.workflow_state WHEN 'active' THEN 0 WHEN 'invited' THEN 1 ELSE 2 END"


@dataclass(frozen=True, slots=True)
class Where:
    """The course looked at, and the section if the address is a section's."""

    course_id: int
    section_id: int | None = None


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


def where_of(request: web.Request) -> Where:
    """Course or section of an address."""
    if "course_id" in request.match_info:
        return Where(place(request, "course"))
    section_id = place(request, "section")
    row = (
        request.app[INSTANCE]
        .roster.read.execute("SELECT course_id FROM sections WHERE id = ?", (section_id,))
        .fetchone()
    )
    return Where(row[0], section_id)


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
        require(request, *_READERS)
    shelf = shelf_of(request, where.course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    found = shelf.submissions([assignment], [user_id])
    if not found:
        raise not_found()
    wish = wish_of(await trees.tree_of(request))
    return answer(request, submission_json(request, shelf, assignment, found[0], wish))


async def of_assignment(request: web.Request) -> web.Response:
    """The submissions of an assignment, in order of users."""
    require(request, *_READERS)
    where = where_of(request)
    shelf = shelf_of(request, where.course_id)
    assignment = assignment_in(request, shelf, "assignment_id")
    wish = wish_of(await trees.tree_of(request))
    rows = _enrollments(request, where)
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
    students = _students(request, where, tree)
    assignments = _assignments(shelf, tree)
    keep = _filter(tree)
    if trees.text(tree, "grouped") is not None:
        return _grouped(request, shelf, tree, students, assignments, keep)
    return _flat(request, shelf, tree, students, assignments, keep)


# -- whose and which --------------------------------------------------------------------------


def _enrollments(request: web.Request, where: Where, condition: str = "TRUE") -> list[sqlite3.Row]:
    """The student enrollments that are not deleted, the ones that count most first."""
    place_of, value = "e.course_id", where.course_id
    if where.section_id is not None:
        place_of, value = "e.section_id", where.section_id
    return (
        request.app[INSTANCE]
        .roster.read.execute(
            f"SELECT e.* FROM enrollments e JOIN courses c ON c.id = e.course_id"
            f" JOIN terms t ON t.id = c.term_id WHERE {place_of} = ?"
            " AND e.type = 'StudentEnrollment' AND e.workflow_state <> 'deleted'"
            f" AND ({condition}) ORDER BY {_RANK}, e.id",
            (value,),
        )
        .fetchall()
    )


def _students(request: web.Request, where: Where, tree: Tree) -> list[sqlite3.Row]:
    """Enrollments of the students asked for."""
    caller = request[CALLER]
    asked = [str(one) for one in trees.listed(tree, "student_ids")]
    sees_all = not caller.rights.isdisjoint(_READERS)
    everyone = {row["user_id"] for row in _enrollments(request, where)}
    if "all" in asked:
        wanted: Collection[int] = everyone if sees_all else {caller.user_id}
    else:
        read = request.app[INSTANCE].roster.read
        found = [find(read, "user", spelled) for spelled in asked]
        known = [user for user in found if user is not None]
        wanted = known or [caller.user_id]
        if not everyone.issuperset(wanted) or (not sees_all and {*wanted} != {caller.user_id}):
            raise unauthorized()
        if len(wanted) > request.app[INSTANCE].knobs.page_max:
            raise Refusal(400, {"error": "too many students"})
    rows = _enrollments(request, where, _state(tree, request.app[INSTANCE].now()))
    if trees.flag(tree, "post_to_sis"):
        rows = [row for row in rows if row["sis_batch_id"] is not None]
    return [row for row in rows if row["user_id"] in wanted]


def _state(tree: Tree, now: str) -> str:
    """The condition of `enrollment_state`, by dates unless `state_based_on_date` is off."""
    state = trees.text(tree, "enrollment_state")
    if state is None:
        return "TRUE"
    by_date = trees.flag(tree, "state_based_on_date") if "state_based_on_date" in tree else True
    ended = f"COALESCE(e.end_at, CASE WHEN c.restrict_to_dates THEN c.conclude_at END, t.end_at) < '{now}'"
    match state, by_date:
        case "active", True:
            return (
                "e.workflow_state = 'active' AND c.workflow_state <> 'completed'"
                f" AND ({ended}) IS NOT TRUE"
            )
        case "concluded", True:
            return (
                "e.workflow_state = 'completed' OR (e.workflow_state = 'active'"
                f" AND (c.workflow_state = 'completed' OR {ended}))"
            )
        case "active", False:
            return "e.workflow_state = 'active'"
        case "concluded", False:
            return "e.workflow_state = 'completed'"
        case _:
            raise Refusal(400, {"error": "invalid enrollment_state"})


def _assignments(shelf: Shelf, tree: Tree) -> list[sqlite3.Row]:
    """The published assignments asked for."""
    rows = [row for row in shelf.assignments if row["workflow_state"] == "published"]
    if trees.flag(tree, "post_to_sis"):
        rows = [row for row in rows if row["post_to_sis"]]
    asked = {str(one) for one in trees.listed(tree, "assignment_ids")}
    if asked:
        rows = [row for row in rows if str(row["id"]) in asked]
    if (spelled := trees.text(tree, "grading_period_id")) is not None:
        if spelled not in {str(period["id"]) for period in shelf.periods}:
            raise not_found()
        rows = [row for row in rows if _is_in(shelf, row, spelled)]
    if asked - {str(row["id"]) for row in rows}:
        raise Refusal(403, {"error": "invalid assignment ids requested"})
    return rows


def _is_in(shelf: Shelf, assignment: sqlite3.Row, period_id: str) -> bool:
    """Whether an assignment is due for anybody in a grading period."""
    dates = set(shelf.due(assignment).values()) or {assignment["due_at"]}
    periods = [period_of(date, shelf.periods) for date in dates]
    return any(period is not None and str(period["id"]) == period_id for period in periods)


@dataclass(frozen=True, slots=True)
class _Filter:
    submitted_since: str | None
    graded_since: str | None
    workflow_state: str | None

    def keeps(self, submission: Submission) -> bool:
        """Whether a submission is among those asked for."""
        if self.workflow_state not in {None, submission.workflow_state}:
            return False
        if (
            self.submitted_since is not None
            and (submission.submitted_at or "") <= self.submitted_since
        ):
            return False
        return self.graded_since is None or (submission.graded_at or "") > self.graded_since


def _filter(tree: Tree) -> _Filter:
    since: list[str | None] = []
    for name in ("submitted_since", "graded_since"):
        spelled = trees.text(tree, name)
        if spelled is not None and not trees.is_moment(spelled):
            raise Refusal(400, {"errors": {name: f"Invalid datetime for {name}"}})
        since.append(spelled and trees.moment(spelled))
    return _Filter(since[0], since[1], trees.text(tree, "workflow_state"))


# -- the answers ------------------------------------------------------------------------------


def _grouped(
    request: web.Request,
    shelf: Shelf,
    tree: Tree,
    enrollments: Sequence[sqlite3.Row],
    assignments: Sequence[sqlite3.Row],
    keep: _Filter,
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
    keep: _Filter,
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
