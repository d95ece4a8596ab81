"""A course's late policy.

    GET, POST, PATCH /api/v1/courses/:course_id/late_policy

Facts: canvas-lms `app/controllers/late_policy_controller.rb`.
"""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change, invalid
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.api.trees import Tree
from rosterway.sandbox.canvas.gradebook.lateness import INTERVALS
from rosterway.sandbox.canvas.state.gradebook import LATE_POLICY_BY_COURSE, LatePolicy
from rosterway.sandbox.canvas.state.work import Work

_PATH = "/api/v1/courses/{course_id}/late_policy"
_FLAGS = (
    "missing_submission_deduction_enabled",
    "late_submission_deduction_enabled",
    "late_submission_minimum_percent_enabled",
)
_PERCENTS = (
    "missing_submission_deduction",
    "late_submission_deduction",
    "late_submission_minimum_percent",
)


def routes() -> list[web.RouteDef]:
    """The doors of late policies."""
    return [
        web.get(_PATH, show_late_policy),
        web.post(_PATH, create_late_policy),
        web.patch(_PATH, update_late_policy),
    ]


def _policy(request: web.Request, course_id: int) -> sqlite3.Row | None:
    return (
        request.app[INSTANCE]
        .roster.read.execute("SELECT * FROM late_policies WHERE course_id = ?", (course_id,))
        .fetchone()
    )


async def show_late_policy(request: web.Request) -> web.Response:
    """A course's late policy."""
    require(request, "manage_grades", "view_all_grades")
    return _late_policy(request, place(request, "course"))


def _late_policy(request: web.Request, course_id: int, status: int = 200) -> web.Response:
    row = _policy(request, course_id)
    if row is None:
        raise not_found()
    shape: dict[str, Any] = {"id": row["id"], "course_id": row["course_id"]}
    shape |= {name: bool(row[name]) for name in _FLAGS}
    shape |= {name: row[name] for name in _PERCENTS}
    shape["late_submission_interval"] = row["late_submission_interval"]
    return answer(request, {"late_policy": shape}, status=status)


async def create_late_policy(request: web.Request) -> web.Response:
    """A course's first late policy."""
    require(request, "manage_grades")
    course_id = place(request, "course")
    if _policy(request, course_id) is not None:
        raise invalid({"base": ["late policy already exists for this course"]})
    changes = _policy_changes(trees.branch(await trees.tree_of(request), "late_policy"))
    policy = LatePolicy(workflow_state="active", course_id=course_id, **changes)
    await change(request, lambda work: work.add(policy))
    return _late_policy(request, course_id, 201)


async def update_late_policy(request: web.Request) -> web.Response:
    """Change a late policy; scores that are there keep their deductions."""
    require(request, "manage_grades")
    course_id = place(request, "course")
    if _policy(request, course_id) is None:
        raise not_found()
    changes = _policy_changes(trees.branch(await trees.tree_of(request), "late_policy"))

    def make(work: Work) -> None:
        for policy in work.all(LATE_POLICY_BY_COURSE, course_id):
            work.set(policy, **changes)

    await change(request, make)
    return web.Response(status=204)


def _policy_changes(given: Tree) -> dict[str, Any]:
    changes: dict[str, Any] = {name: trees.flag(given, name) for name in _FLAGS if name in given}
    for name in _PERCENTS:
        if name in given:
            percent = trees.number(given, name)
            if percent is None or not 0 <= percent <= 100:
                raise invalid({name: ["must be between 0 and 100"]})
            changes[name] = percent
    if (interval := trees.text(given, "late_submission_interval")) is not None:
        if interval not in INTERVALS:
            raise invalid({"late_submission_interval": ["is not included in the list"]})
        changes["late_submission_interval"] = interval
    return changes
