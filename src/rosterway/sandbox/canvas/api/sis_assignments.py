"""`/api/sis`: what a SIS is to know of the assignments that are posted to it.

    GET /api/sis/courses/:course_id/assignments
    GET /api/sis/accounts/:account_id/assignments
    PUT /api/sis/courses/:course_id/disable_post_to_sis

Facts: canvas-lms `app/controllers/sis_api_controller.rb`, `lib/api/v1/sis_assignment.rb`.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.changes import change
from rosterway.sandbox.canvas.api.places import place
from rosterway.sandbox.canvas.gradebook.dates import Overrides, overrides_of
from rosterway.sandbox.canvas.gradebook.periods import periods_of
from rosterway.sandbox.canvas.gradebook.rules import NOT_GRADED
from rosterway.sandbox.canvas.importing.dates import lenient
from rosterway.sandbox.canvas.state.gradebook import ASSIGNMENT_BY_COURSE
from rosterway.sandbox.canvas.state.work import Work

_ASSIGNMENTS = (
    "SELECT a.*, g.name AS group_name, g.group_weight, g.sis_source_id AS group_sis_id,"
    " g.integration_data AS group_data FROM assignments a"
    " JOIN assignment_groups g ON g.id = a.assignment_group_id"
    " JOIN courses c ON c.id = a.course_id JOIN terms t ON t.id = c.term_id"
    " WHERE a.workflow_state = 'published' AND a.post_to_sis AND {where}"
    " AND (a.course_id > ? OR (a.course_id = ? AND a.id > ?)) ORDER BY a.course_id, a.id LIMIT ?"
)
_IN_ACCOUNT = (
    "c.workflow_state IN ('available', 'completed') AND c.account_id IN (WITH RECURSIVE tree(id) AS (SELECT ?"
    " UNION ALL SELECT a.id FROM accounts a JOIN tree t ON a.parent_account_id = t.id)"
    " SELECT id FROM tree)"
)
#: States of a course that was published: a concluded one still is.
_PUBLISHED = ("available", "completed")
_SECTIONS = (
    "SELECT s.*, c.name AS course_name, c.sis_source_id AS course_sis_id,"
    " c.integration_id AS course_integration, o.id AS origin_id, o.name AS origin_name,"
    " o.sis_source_id AS origin_sis_id, o.integration_id AS origin_integration"
    " FROM sections s JOIN courses c ON c.id = s.course_id"
    " LEFT JOIN courses o ON o.id = s.nonxlist_course_id"
    " WHERE s.workflow_state = 'active' AND s.course_id IN (SELECT value FROM json_each(?))"
    " ORDER BY s.id"
)
_SIS_USERS = (
    "SELECT user_id, sis_user_id FROM logins WHERE sis_user_id IS NOT NULL"
    " AND workflow_state <> 'deleted' AND user_id IN (SELECT value FROM json_each(?))"
    " ORDER BY id DESC"
)


def routes() -> list[web.RouteDef]:
    """The doors a SIS knocks at."""
    return [
        web.get("/api/sis/courses/{course_id}/assignments", of_course),
        web.get("/api/sis/accounts/{account_id}/assignments", of_account),
        web.put("/api/sis/courses/{course_id}/disable_post_to_sis", disable),
    ]


def _require_export(request: web.Request) -> None:
    require(request, "view_all_grades")
    instance = request.app[INSTANCE]
    if instance.knobs.post_grades and not instance.faults.strike("assignments-not-enabled"):
        return
    raise Refusal(
        400,
        {
            "code": "not_enabled",
            "error": "A SIS integration is not configured and the bulk SIS Grade Export feature"
            " is not enabled",
        },
    )


async def of_course(request: web.Request) -> web.Response:
    """The published assignments of a published course that are posted to the SIS."""
    course_id = place(request, "course")
    _require_export(request)
    read = request.app[INSTANCE].roster.read
    state = read.execute("SELECT workflow_state FROM courses WHERE id = ?", (course_id,))
    if state.fetchone()[0] not in _PUBLISHED:
        raise Refusal(
            400,
            {
                "code": "unpublished_course",
                "error": "Grade data is not available for non-published courses",
            },
        )
    return _page(request, "a.course_id = ?", (course_id,))


async def of_account(request: web.Request) -> web.Response:
    """The same for every published course of an account and of those below it."""
    account_id = place(request, "account")
    _require_export(request)
    tree = await trees.tree_of(request)
    where: list[str] = [_IN_ACCOUNT]
    values: list[object] = [account_id]
    for name, course, term, sign in (
        ("starts_before", "c.start_at", "t.start_at", "<"),
        ("ends_after", "c.conclude_at", "t.end_at", ">"),
    ):
        spelled = trees.text(tree, name)
        if spelled and (at := lenient(spelled).moment):
            where.append(
                f"(({course} IS NULL AND {term} IS NULL) OR {course} {sign} ? OR {term} {sign} ?)"
            )
            values += [at, at]
    return _page(request, " AND ".join(where), values)


def _page(request: web.Request, where: str, values: Sequence[object]) -> web.Response:
    read = request.app[INSTANCE].roster.read
    sql = _ASSIGNMENTS.format(where=where)
    student_overrides = "student_overrides" in request.query.getall("include[]", [])

    def fetch(limit: int, after: Sequence[int]) -> list[sqlite3.Row]:
        course_id, assignment_id = after or (0, 0)
        return read.execute(sql, (*values, course_id, course_id, assignment_id, limit)).fetchall()

    def show(rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
        overrides = overrides_of(read, (row["id"] for row in rows))
        sections = _sections(read, {row["course_id"] for row in rows})
        users = _sis_users(read, overrides) if student_overrides else None
        return [_json(row, sections.get(row["course_id"], []), overrides, users) for row in rows]

    return pages.bookmarked_by(request, ("course_id", "id"), fetch, show)


def _sections(read: sqlite3.Connection, courses: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    found: dict[int, list[sqlite3.Row]] = {}
    for row in read.execute(_SECTIONS, (json.dumps(sorted(courses)),)):
        found.setdefault(row["course_id"], []).append(row)
    return found


def _sis_users(read: sqlite3.Connection, overrides: Overrides) -> dict[int, str]:
    users = sorted({user for students in overrides.students.values() for user in students})
    return dict(map(tuple, read.execute(_SIS_USERS, (json.dumps(users),))))


def _json(
    row: sqlite3.Row,
    sections: Sequence[sqlite3.Row],
    overrides: Overrides,
    users: Mapping[int, str] | None,
) -> dict[str, Any]:
    own = overrides.of(row["id"])
    by_section = {o["set_id"]: o for o in own if o["set_type"] == "CourseSection"}
    if row["only_visible_to_overrides"]:
        sections = [section for section in sections if section["id"] in by_section]
    shape: dict[str, Any] = {
        "id": row["id"],
        "course_id": row["course_id"],
        "name": row["name"],
        "created_at": row["created_at"],
        "due_at": row["due_at"],
        "unlock_at": row["unlock_at"],
        "lock_at": row["lock_at"],
        "points_possible": row["points_possible"],
        "submission_types": row["submission_types"].split(","),
        "sis_assignment_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "integration_data": json.loads(row["integration_data"]),
        "include_in_final_grade": not row["omit_from_final_grade"]
        and row["grading_type"] != NOT_GRADED,
        "assignment_group": {
            "id": row["assignment_group_id"],
            "name": row["group_name"],
            "group_weight": row["group_weight"],
            "sis_source_id": row["group_sis_id"],
            "integration_data": json.loads(row["group_data"]),
        },
        "sections": [_section(section, by_section.get(section["id"])) for section in sections],
    }
    if users is not None:
        shape["user_overrides"] = [
            {
                **_dates(override, "title"),
                "students": [
                    {"user_id": user, "sis_user_id": users.get(user)}
                    for user in overrides.students_of(override["id"])
                ],
            }
            for override in own
            if overrides.students_of(override["id"])
        ]
    return shape


def _section(row: sqlite3.Row, override: sqlite3.Row | None) -> dict[str, Any]:
    course = {
        "id": row["course_id"],
        "name": row["course_name"],
        "sis_id": row["course_sis_id"],
        "integration_id": row["course_integration"],
    }
    shape: dict[str, Any] = {
        "id": row["id"],
        "name": row["name"],
        "sis_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "origin_course": course,
    }
    if row["origin_id"] is not None:
        shape["origin_course"] = {
            "id": row["origin_id"],
            "name": row["origin_name"],
            "sis_id": row["origin_sis_id"],
            "integration_id": row["origin_integration"],
        }
        shape["xlist_course"] = course
    if override is not None:
        shape["override"] = _dates(override, "override_title")
    return shape


def _dates(override: sqlite3.Row, title: str) -> dict[str, Any]:
    """An override's dates as they are stored: null for one it does not set."""
    return {
        "id": override["id"],
        title: override["title"],
        "due_at": override["due_at"],
        "unlock_at": override["unlock_at"],
        "lock_at": override["lock_at"],
    }


async def disable(request: web.Request) -> web.Response:
    """Un-flag what is posted to the SIS; with a grading period, what is due in it or never."""
    require(request, "manage_assignments")
    course_id = place(request, "course")
    read = request.app[INSTANCE].roster.read
    period: sqlite3.Row | None = None
    tree = await trees.tree_of(request)
    if (spelled := trees.text(tree, "grading_period_id")) is not None:
        own = {str(row["id"]): row for row in periods_of(read, course_id)}
        if (period := own.get(spelled)) is None:
            error = "The specified resource does not exist."
            raise Refusal(400, {"code": "not_found", "error": error})

    def make(work: Work) -> None:
        for assignment in work.all(ASSIGNMENT_BY_COURSE, course_id):
            flagged = assignment.workflow_state == "published" and assignment.post_to_sis
            if flagged and _in_or_without(assignment.due_at, period):
                work.set(assignment, post_to_sis=False)

    await change(request, make)
    return web.Response(status=204)


def _in_or_without(due_at: str | None, period: sqlite3.Row | None) -> bool:
    if period is None or due_at is None:
        return True
    return bool(period["start_date"] < due_at <= period["end_date"])
