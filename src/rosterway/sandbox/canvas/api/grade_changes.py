"""The log of changed grades.

    GET /api/v1/audit/grade_change/courses|assignments|students|graders/:id

Newest first, from `start_time` to `end_time`; what was cleared or un-excused is in it, too. Facts:
canvas-lms `app/controllers/grade_change_audit_api_controller.rb`, `lib/api/v1/grade_change_event.rb`.
"""

import sqlite3
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, trees
from rosterway.sandbox.canvas.api.answers import INSTANCE, bad_request
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.places import place

_PATH = "/api/v1/audit/grade_change"
#: Part of the address -> slot of its id, and the column it limits.
_BY = {
    "courses": ("course_id", "course_id"),
    "students": ("user_id", "student_id"),
    "graders": ("user_id", "grader_id"),
    "assignments": ("assignment_id", "assignment_id"),
}


def routes() -> list[web.RouteDef]:
    """The doors of the log."""
    return [web.get(f"{_PATH}/{name}/{{{slot}}}", index) for name, (slot, _) in _BY.items()]


async def index(request: web.Request) -> web.Response:
    """Changes of grades, newest first."""
    require(request, "view_grade_changes")
    slot, column = _BY[request.path.removeprefix(f"{_PATH}/").partition("/")[0]]
    spelled = request.match_info[slot]
    if slot == "assignment_id":
        found = int(spelled) if spelled.isdecimal() else 0
    else:
        found = place(request, slot.removesuffix("_id"))
    where, values = [f"{column} = ?"], [found]
    limits: list[str] = []
    tree = trees.tree_of_query(request)
    for name, sign in (("start_time", ">="), ("end_time", "<=")):
        moment = trees.text(tree, name)
        if moment is None:
            continue
        if not trees.is_moment(moment):
            raise bad_request(f"Invalid datetime for {name}")
        where.append(f"created_at {sign} ?")
        limits.append(trees.moment(moment))
    sql = f"SELECT * FROM grade_changes WHERE {' AND '.join(where)} ORDER BY id DESC"
    read = request.app[INSTANCE].roster.read

    def fetch(limit: int, offset: int) -> list[dict[str, Any]]:
        rows = read.execute(f"{sql} LIMIT ? OFFSET ?", (*values, *limits, limit, offset))
        return [_json(row) for row in rows]

    return pages.numbered(request, fetch, envelope="events")


def _json(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "created_at": row["created_at"],
        "event_type": "grade_change",
        "grade_before": row["grade_before"],
        "grade_after": row["grade_after"],
        "excused_before": bool(row["excused_before"]),
        "excused_after": bool(row["excused_after"]),
        "graded_anonymously": False,
        "points_possible_before": row["points_possible"],
        "points_possible_after": row["points_possible"],
        "version_number": 1,
        "links": {
            "assignment": row["assignment_id"],
            "course": row["course_id"],
            "student": str(row["student_id"]),
            "grader": None if row["grader_id"] is None else str(row["grader_id"]),
            "page_view": None,
        },
    }
