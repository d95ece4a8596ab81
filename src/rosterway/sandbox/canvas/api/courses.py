"""Reading courses, sections, groups and enrollments. Facts: Canvas API docs of each."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api import pages, parameters
from rosterway.sandbox.canvas.api.accounts import rows_page, term_json
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.enrollment_grades import grades_of
from rosterway.sandbox.canvas.api.file_json import user_of
from rosterway.sandbox.canvas.api.parameters import Parameters
from rosterway.sandbox.canvas.api.places import find_term, place
from rosterway.sandbox.canvas.gradebook.settings import course_gradebook

#: Workflow state of a course -> what the API calls it.
_COURSE_STATES = {"claimed": "unpublished", "created": "unpublished"}
_SHOWN_STATES = {"unpublished": "claimed"}
_ENROLLMENT_STATES = {
    "current_and_invited": ("active", "invited"),
    "current_and_concluded": ("active", "completed"),
}
_ENROLLMENTS = """
SELECT e.*, r.name AS role, c.sis_source_id AS sis_course_id,
       c.integration_id AS course_integration, s.sis_source_id AS sis_section_id,
       s.integration_id AS section_integration, l.sis_user_id AS sis_user_id,
       a.sis_source_id AS sis_account_id
FROM enrollments e JOIN roles r ON r.id = e.role_id JOIN courses c ON c.id = e.course_id
JOIN sections s ON s.id = e.section_id JOIN accounts a ON a.id = c.account_id
LEFT JOIN logins l ON l.id = e.login_id
"""


def routes() -> list[web.RouteDef]:
    """The doors of courses and what is in them."""
    return [
        web.get("/api/v1/accounts/{account_id}/courses", index),
        web.get("/api/v1/courses/{course_id}", show),
        web.get("/api/v1/courses/{course_id}/sections", sections),
        web.get("/api/v1/courses/{course_id}/sections/{section_id}", section),
        web.get("/api/v1/sections/{section_id}", section),
        web.get("/api/v1/courses/{course_id}/enrollments", enrollments),
        web.get("/api/v1/sections/{section_id}/enrollments", enrollments),
        web.get("/api/v1/users/{user_id}/enrollments", enrollments),
        web.get("/api/v1/courses/{course_id}/groups", groups),
        web.get("/api/v1/accounts/{account_id}/groups", groups),
        web.get("/api/v1/groups/{group_id}/memberships", memberships),
    ]


def course_json(row: sqlite3.Row, read: sqlite3.Connection) -> dict[str, Any]:
    """A course as the API shows it."""
    gradebook = course_gradebook(read, row["id"])
    return {
        "id": row["id"],
        "name": row["name"],
        "course_code": row["course_code"],
        "account_id": row["account_id"],
        "root_account_id": 1,
        "enrollment_term_id": row["term_id"],
        "workflow_state": _COURSE_STATES.get(row["workflow_state"], row["workflow_state"]),
        "start_at": row["start_at"],
        "end_at": row["conclude_at"],
        "created_at": row["created_at"],
        "restrict_enrollments_to_course_dates": bool(row["restrict_to_dates"]),
        "course_format": row["course_format"],
        "grade_passback_setting": row["grade_passback_setting"],
        "apply_assignment_group_weights": bool(
            gradebook and gradebook["apply_assignment_group_weights"]
        ),
        "blueprint": bool(row["blueprint"]),
        "friendly_name": row["friendly_name"],
        "sis_course_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "sis_import_id": row["sis_batch_id"],
    }


def _shown(request: web.Request, row: sqlite3.Row) -> dict[str, Any]:
    """A course; with `include[]=term` its term as well."""
    read = request.app[INSTANCE].roster.read
    shape = course_json(row, read)
    if "term" in parameters.of_query(request).all("include"):
        term = read.execute("SELECT * FROM terms WHERE id = ?", (row["term_id"],)).fetchone()
        shape["term"] = term_json(request, term)
    return shape


async def index(request: web.Request) -> web.Response:
    """The courses of an account and of those below it, by bookmark."""
    require(request, "read_course_list")
    instance = request.app[INSTANCE]
    read = instance.roster.read
    given = parameters.of_query(request)
    where = ["account_id IN tree"]
    values: list[Any] = [place(request, "account")]
    states = given.all("state")
    if "all" not in states:
        shown = states or ["claimed", "created", "available", "completed"]
        where.append(f"workflow_state IN ({', '.join('?' * len(shown))})")
        values.extend(_SHOWN_STATES.get(state, state) for state in shown)
    if spelled := given.get("enrollment_term_id"):
        where.append("term_id = ?")
        values.append(find_term(read, spelled, instance.now()))
    if term := given.get("search_term"):
        where.append("(name LIKE ? OR course_code LIKE ? OR sis_source_id LIKE ?)")
        values.extend([f"%{term}%"] * 3)
    sql = (
        "WITH RECURSIVE tree(id) AS (SELECT ? UNION ALL SELECT a.id FROM accounts a JOIN tree t"
        f" ON a.parent_account_id = t.id) SELECT * FROM courses WHERE {' AND '.join(where)}"
        " AND id > ? ORDER BY id LIMIT ?"
    )

    def fetch(limit: int, after: int) -> list[sqlite3.Row]:
        return read.execute(sql, (*values, after, limit)).fetchall()

    return pages.bookmarked(request, fetch, lambda rows: [_shown(request, row) for row in rows])


async def show(request: web.Request) -> web.Response:
    """One course."""
    read = request.app[INSTANCE].roster.read
    course_id = place(request, "course")
    row = read.execute("SELECT * FROM courses WHERE id = ?", (course_id,)).fetchone()
    return answer(request, _shown(request, row))


_SECTIONS = (
    "SELECT s.*, c.sis_source_id AS sis_course_id FROM sections s"
    " JOIN courses c ON c.id = s.course_id"
)


def section_json(row: sqlite3.Row) -> dict[str, Any]:
    """A section as the API shows it."""
    return {
        "id": row["id"],
        "course_id": row["course_id"],
        "nonxlist_course_id": row["nonxlist_course_id"],
        "name": row["name"],
        "start_at": row["start_at"],
        "end_at": row["end_at"],
        "created_at": row["created_at"],
        "sis_section_id": row["sis_source_id"],
        "integration_id": row["integration_id"],
        "sis_course_id": row["sis_course_id"],
        "sis_import_id": row["sis_batch_id"],
    }


async def sections(request: web.Request) -> web.Response:
    """The sections of a course; with `include[]=total_students` how many each has."""
    require(request, "read_roster", "manage_courses")
    read = request.app[INSTANCE].roster.read
    counted = "total_students" in parameters.of_query(request).all("include")
    sql = f"{_SECTIONS} WHERE s.course_id = ? AND s.workflow_state = 'active' ORDER BY s.id"

    def show_row(row: sqlite3.Row) -> dict[str, Any]:
        more = {"total_students": _students(read, row["id"])} if counted else {}
        return section_json(row) | more

    return rows_page(request, sql, (place(request, "course"),), show_row)


def _students(read: sqlite3.Connection, section_id: int) -> int:
    row = read.execute(
        "SELECT count(DISTINCT user_id) FROM enrollments WHERE section_id = ?"
        " AND type = 'StudentEnrollment' AND workflow_state IN ('active', 'invited')",
        (section_id,),
    ).fetchone()
    return int(row[0])


async def section(request: web.Request) -> web.Response:
    """One section."""
    require(request, "read_roster", "manage_courses")
    read = request.app[INSTANCE].roster.read
    row = read.execute(f"{_SECTIONS} WHERE s.id = ?", (place(request, "section"),)).fetchone()
    return answer(request, section_json(row))


def enrollment_json(row: sqlite3.Row, read: sqlite3.Connection) -> dict[str, Any]:
    """An enrollment as the API shows it, its user within."""
    return {
        "id": row["id"],
        "course_id": row["course_id"],
        "course_section_id": row["section_id"],
        "user_id": row["user_id"],
        "root_account_id": 1,
        "type": row["type"],
        "role": row["role"],
        "role_id": row["role_id"],
        "enrollment_state": row["workflow_state"],
        "associated_user_id": row["associated_user_id"],
        "limit_privileges_to_course_section": bool(row["limit_privileges"]),
        "start_at": row["start_at"],
        "end_at": row["end_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "sis_import_id": row["sis_batch_id"],
        "sis_account_id": row["sis_account_id"],
        "sis_course_id": row["sis_course_id"],
        "course_integration_id": row["course_integration"],
        "sis_section_id": row["sis_section_id"],
        "section_integration_id": row["section_integration"],
        "sis_user_id": row["sis_user_id"],
        "user": user_of(read, row["user_id"]),
    }


async def enrollments(request: web.Request) -> web.Response:
    """Enrollments of a course, a section or a user, by bookmark; live ones unless `state[]`."""
    require(request, "read_roster", "manage_students")
    read = request.app[INSTANCE].roster.read
    given = parameters.of_query(request)
    kind = next(
        kind for kind in ("course", "section", "user") if f"{kind}_id" in request.match_info
    )
    where = [f"e.{kind}_id = ?"]
    values: list[Any] = [place(request, kind)]
    _filter(given, where, values)
    sql = f"{_ENROLLMENTS} WHERE {' AND '.join(where)} AND e.id > ? ORDER BY e.id LIMIT ?"

    def fetch(limit: int, after: int) -> list[sqlite3.Row]:
        return read.execute(sql, (*values, after, limit)).fetchall()

    def show_rows(rows: Sequence[sqlite3.Row]) -> list[dict[str, Any]]:
        grades = grades_of(request, rows)
        shapes = [enrollment_json(row, read) for row in rows]
        return [
            shape | ({"grades": grades[shape["id"]]} if shape["id"] in grades else {})
            for shape in shapes
        ]

    return pages.bookmarked(request, fetch, show_rows)


def _filter(given: Parameters, where: list[str], values: list[Any]) -> None:
    states: list[str] = []
    for state in given.all("state") or ["active"]:
        states.extend(_ENROLLMENT_STATES.get(state, (state,)))
    filters = {
        "e.workflow_state": states,
        "e.type": given.all("type"),
        "r.name": given.all("role"),
        "c.sis_source_id": given.all("sis_course_id"),
        "s.sis_source_id": given.all("sis_section_id"),
        "l.sis_user_id": given.all("sis_user_id"),
    }
    for column, wanted in filters.items():
        if wanted:
            where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values.extend(wanted)


async def groups(request: web.Request) -> web.Response:
    """The groups of a course or an account."""
    require(request, "read_roster")
    kind = "course" if "course_id" in request.match_info else "account"
    sql = (
        f"SELECT * FROM groups WHERE {kind}_id = ? AND workflow_state = 'available'"
        " AND NOT non_collaborative ORDER BY id"
    )
    return rows_page(
        request,
        sql,
        (place(request, kind),),
        lambda row: {
            "id": row["id"],
            "name": row["name"],
            "group_category_id": row["group_category_id"],
            "context_type": kind.capitalize(),
            f"{kind}_id": row[f"{kind}_id"],
            "sis_group_id": row["sis_source_id"],
            "sis_import_id": row["sis_batch_id"],
        },
    )


async def memberships(request: web.Request) -> web.Response:
    """Who is in a group."""
    require(request, "read_roster")
    sql = (
        "SELECT * FROM group_memberships WHERE group_id = ? AND workflow_state = 'accepted'"
        " ORDER BY id"
    )
    return rows_page(
        request,
        sql,
        (place(request, "group"),),
        lambda row: {
            "id": row["id"],
            "group_id": row["group_id"],
            "user_id": row["user_id"],
            "workflow_state": row["workflow_state"],
            "moderator": False,
            "sis_import_id": row["sis_batch_id"],
        },
    )
