"""Whose submissions a request asks for, of which assignments, and in which state.

Facts: canvas-lms `SubmissionsApiController#for_students`.
"""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, not_found
from rosterway.sandbox.canvas.api.callers import CALLER, unauthorized
from rosterway.sandbox.canvas.api.places import find, place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.periods import period_of
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.state.gradebook import Submission

#: Either right lets somebody see all submissions of a course.
READERS = ("manage_grades", "view_all_grades")
#: Which enrollment a grouped answer prefers when a student has several.
_RANK = "CASE e.workflow_state WHEN 'active' THEN 0 WHEN 'invited' THEN 1 ELSE 2 END"


@dataclass(frozen=True, slots=True)
class Where:
    """The course looked at, and the section if the address is a section's."""

    course_id: int
    section_id: int | None = None


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


def enrollments_of(
    request: web.Request, where: Where, condition: str = "TRUE"
) -> list[sqlite3.Row]:
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


def students_of(request: web.Request, where: Where, tree: Tree) -> list[sqlite3.Row]:
    """Enrollments of the students asked for."""
    caller = request[CALLER]
    asked = [str(one) for one in trees.listed(tree, "student_ids")]
    sees_all = not caller.rights.isdisjoint(READERS)
    everyone = {row["user_id"] for row in enrollments_of(request, where)}
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
    rows = enrollments_of(request, where, _state(tree, request.app[INSTANCE].now()))
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


def assignments_of(shelf: Shelf, tree: Tree) -> list[sqlite3.Row]:
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
class Filter:
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


def filter_of(tree: Tree) -> Filter:
    since: list[str | None] = []
    for name in ("submitted_since", "graded_since"):
        spelled = trees.text(tree, name)
        if spelled is not None and not trees.is_moment(spelled):
            raise Refusal(400, {"errors": {name: f"Invalid datetime for {name}"}})
        since.append(spelled and trees.moment(spelled))
    return Filter(since[0], since[1], trees.text(tree, "workflow_state"))
