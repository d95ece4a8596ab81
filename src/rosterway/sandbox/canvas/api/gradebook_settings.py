"""What teachers set that bears on grades: schemes, and final grades of their own.

    GET, POST /api/v1/courses/:course_id/grading_standards
    PUT       /api/v1/courses/:course_id/settings     allow_final_grade_override
    PUT       /api/v1/courses/:course_id/update_final_grade_overrides

Facts: canvas-lms `app/controllers/grading_standards_api_controller.rb`.
"""

import json
import sqlite3
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import find, place
from rosterway.sandbox.canvas.api.progress import progress_json
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.settings import course_gradebook
from rosterway.sandbox.canvas.state.gradebook import (
    FINAL_OVERRIDE_BY_COURSE,
    GRADEBOOK_BY_COURSE,
    CourseGradebook,
    FinalGradeOverride,
    GradingStandard,
)
from rosterway.sandbox.canvas.state.work import Work

_COURSE = "/api/v1/courses/{course_id}"


def routes() -> list[web.RouteDef]:
    """The doors of settings."""
    return [
        web.get(f"{_COURSE}/grading_standards", standards),
        web.post(f"{_COURSE}/grading_standards", create_standard),
        web.put(f"{_COURSE}/settings", update_course_settings),
        web.put(f"{_COURSE}/update_final_grade_overrides", override_final_grades),
    ]


# -- courses ----------------------------------------------------------------------------------


async def update_course_settings(request: web.Request) -> web.Response:
    """Whether a course's final grades may be overridden."""
    require(request, "manage_courses")
    course_id = place(request, "course")
    tree = await trees.tree_of(request)
    if "allow_final_grade_override" in tree:
        allowed = trees.flag(tree, "allow_final_grade_override")
        await keep_gradebook(request, course_id, {"allow_final_grade_override": allowed})
    row = course_gradebook(request.app[INSTANCE].roster.read, course_id)
    allowed = bool(row and row["allow_final_grade_override"])
    return answer(request, {"allow_final_grade_override": allowed})


async def keep_gradebook(request: web.Request, course_id: int, changes: dict[str, Any]) -> None:
    """Change a course's settings that concern grades."""

    def make(work: Work) -> None:
        held = work.first(GRADEBOOK_BY_COURSE, course_id)
        if held is None:
            held = work.add(CourseGradebook(workflow_state="active", course_id=course_id))
        work.set(held, **changes)

    await change(request, make)


def gradebook_changes(course: Tree) -> dict[str, Any]:
    """What of `course[...]` belongs to a course's gradebook."""
    changes: dict[str, Any] = {}
    if "apply_assignment_group_weights" in course:
        weights = trees.flag(course, "apply_assignment_group_weights")
        changes["apply_assignment_group_weights"] = weights
    if "grading_standard_id" in course:
        changes["grading_standard_id"] = trees.whole(course, "grading_standard_id")
    return changes


# -- schemes and final grades -----------------------------------------------------------------


def _standard_json(row: sqlite3.Row) -> dict[str, Any]:
    entries = json.loads(row["scheme"])
    return {
        "id": row["id"],
        "title": row["title"],
        "context_type": "Course",
        "context_id": row["course_id"],
        "grading_scheme": [{"name": name, "value": share} for name, share in entries],
    }


async def standards(request: web.Request) -> web.Response:
    """The grading schemes of a course."""
    course_id = place(request, "course")
    rows = (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT * FROM grading_standards WHERE course_id = ? ORDER BY id", (course_id,)
        )
        .fetchall()
    )
    return answer(request, [_standard_json(row) for row in rows])


async def create_standard(request: web.Request) -> web.Response:
    """A new grading scheme: `grading_scheme_entry[][name]`, and `[value]` in percent."""
    require(request, "manage_grades")
    course_id = place(request, "course")
    tree = await trees.tree_of(request)
    entries = [
        (trees.text(entry, "name") or "", (trees.number(entry, "value") or 0.0) / 100)
        for entry in cast(list[Tree], trees.listed(tree, "grading_scheme_entry"))
    ]
    if not entries:
        raise bad_request("grading_scheme_entry is required")
    entries.sort(key=lambda entry: -entry[1])
    standard = GradingStandard(
        workflow_state="active",
        title=trees.text(tree, "title") or "New Scheme",
        scheme=json.dumps(entries),
        course_id=course_id,
    )
    made = await change(request, lambda work: work.add(standard))
    row = (
        request.app[INSTANCE]
        .roster.read.execute("SELECT * FROM grading_standards WHERE id = ?", (made.id,))
        .fetchone()
    )
    return answer(request, _standard_json(row))


async def override_final_grades(request: web.Request) -> web.Response:
    """Final grades a teacher decided: `override_scores[][student_id]` and `[override_score]`."""
    caller = require(request, "manage_grades")
    course_id = place(request, "course")
    instance = request.app[INSTANCE]
    scores: list[tuple[int, float | None]] = []
    tree = await trees.tree_of(request)
    for one in cast(list[Tree], trees.listed(tree, "override_scores")):
        user_id = find(instance.roster.read, "user", trees.text(one, "student_id") or "")
        if user_id is None:
            raise not_found()
        scores.append((user_id, trees.number(one, "override_score")))
    if not scores:
        raise bad_request("override_scores is required")

    def make(work: Work) -> None:
        for user_id, score in scores:
            for held in work.all(FINAL_OVERRIDE_BY_COURSE, (course_id, user_id)):
                work.set(held, workflow_state="deleted")
            if score is not None:
                work.add(
                    FinalGradeOverride(
                        workflow_state="active", course_id=course_id, user_id=user_id, score=score
                    )
                )

    await change(request, make)
    now = instance.now()
    progress_id = instance.office.add(
        "progress",
        tag="override_grade_update",
        workflow_state="completed",
        completion=100,
        task="{}",
        user_id=caller.user_id,
        created_at=now,
        updated_at=now,
    )
    return answer(request, progress_json(request, progress_id))
