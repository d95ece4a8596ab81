"""The people of a course.

    GET /api/v1/courses/:course_id/users
    GET /api/v1/courses/:course_id/search_users

Facts: Canvas API docs, "List users in course".
"""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.people import user_json
from rosterway.sandbox.canvas.api.places import place

#: `enrollment_type[]` -> the type of an enrollment.
_TYPES = {
    "student": "StudentEnrollment",
    "teacher": "TeacherEnrollment",
    "ta": "TaEnrollment",
    "observer": "ObserverEnrollment",
    "designer": "DesignerEnrollment",
}


def routes() -> list[web.RouteDef]:
    """The doors of a course's people, which are one."""
    return [
        web.get("/api/v1/courses/{course_id}/users", index),
        web.get("/api/v1/courses/{course_id}/search_users", index),
    ]


async def index(request: web.Request) -> web.Response:
    """The users of a course, once each; active and invited ones unless states are named."""
    require(request, "read_roster", "manage_students")
    course_id = place(request, "course")
    read = request.app[INSTANCE].roster.read
    tree = await trees.tree_of(request)
    states = [str(one) for one in trees.listed(tree, "enrollment_state")] or ["active", "invited"]
    types = [_TYPES.get(str(one), str(one)) for one in trees.listed(tree, "enrollment_type")]
    rows: list[sqlite3.Row] = [
        row
        for row in read.execute(
            "SELECT * FROM enrollments WHERE course_id = ? ORDER BY user_id, id", (course_id,)
        )
        if row["workflow_state"] in states and (not types or row["type"] in types)
    ]
    asked = {str(one) for one in trees.listed(tree, "user_ids")}
    users = sorted({row["user_id"] for row in rows if not asked or str(row["user_id"]) in asked})
    include = trees.listed(tree, "include")

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        shapes: list[dict[str, Any]] = []
        for user_id in users[offset : offset + limit]:
            shape = user_json(request, user_id)
            if "enrollments" in include:
                own = [row for row in rows if row["user_id"] == user_id]
                shape["enrollments"] = [_enrollment(row) for row in own]
            shapes.append(shape)
        return shapes

    return pages.numbered(request, fetch, total=len(users))


def _enrollment(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "course_id": row["course_id"],
        "course_section_id": row["section_id"],
        "user_id": row["user_id"],
        "type": row["type"],
        "role_id": row["role_id"],
        "enrollment_state": row["workflow_state"],
        "sis_import_id": row["sis_batch_id"],
    }
