"""A Canvas with one course, for exact shapes and odd answers: data in, pages out."""

from copy import deepcopy
from typing import Any

from aiohttp import web

COURSE: dict[str, Any] = {
    "id": "7",
    "name": "Biology",
    "sis_course_id": "C1",
    "workflow_state": "available",
    "account_id": "3",
    "grade_passback_setting": "nightly_sync",
    "apply_assignment_group_weights": True,
    "term": {"id": "2", "start_at": "2026-08-15T05:00:00Z", "end_at": "2026-12-20T06:00:00Z"},
}
SECTIONS: list[Any] = [
    {"id": "70", "name": "Period 1", "sis_section_id": "S1", "nonxlist_course_id": None},
    {"id": "71", "name": "Period 2", "sis_section_id": "S2", "nonxlist_course_id": "8"},
    {"id": "72", "name": "Club", "sis_section_id": None, "nonxlist_course_id": None},
]


def enrolled(user: int, section: str, sis: str | None = "", state: str = "active", **other: Any):
    """An enrollment; `sis` "" stands for U<user>."""
    return {
        "user_id": str(user),
        "course_section_id": section,
        "enrollment_state": state,
        "sis_user_id": f"U{user}" if sis == "" else sis,
        "user": {"id": str(user), "name": f"Student {user}"},
        **other,
    }


def flagged(ident: int, **other: Any):
    """An assignment as the SIS call tells it, in every section with a SIS id."""
    return {
        "id": str(ident),
        "course_id": "7",
        "name": f"Essay {ident}",
        "created_at": "2026-09-01T00:00:00Z",
        "due_at": "2026-10-01T04:59:00Z",
        "unlock_at": None,
        "lock_at": None,
        "points_possible": 10,
        "submission_types": ["online_upload"],
        "integration_id": None,
        "integration_data": {},
        "include_in_final_grade": True,
        "assignment_group": {"id": "50", "name": "Homework", "group_weight": 40.0},
        "sections": [
            {"id": "70", "name": "Period 1", "sis_id": "S1", "origin_course": {"id": "7"}},
            {"id": "71", "name": "Period 2", "sis_id": "S2", "origin_course": {"id": "8"}},
        ],
        "user_overrides": [],
    } | other


def ordinary(ident: int, **other: Any):
    """The same assignment as the ordinary call tells it."""
    return {
        "id": str(ident),
        "name": f"Essay {ident}",
        "assignment_group_id": "50",
        "created_at": "2026-09-01T00:00:00Z",
        "due_at": "2026-10-01T04:59:00Z",
        "unlock_at": None,
        "lock_at": None,
        "points_possible": 10,
        "grading_type": "points",
        "submission_types": ["online_upload"],
        "published": True,
        "post_to_sis": True,
        "omit_from_final_grade": False,
        "only_visible_to_overrides": False,
        "integration_id": None,
        "integration_data": {},
        "overrides": [],
    } | other


def handed_in(assignment: int, user: int, **other: Any):
    """A submission, ungraded unless told otherwise."""
    return {
        "assignment_id": str(assignment),
        "user_id": str(user),
        "workflow_state": "unsubmitted",
        "score": None,
        "grade": None,
        "excused": False,
        "late": False,
        "missing": False,
        "late_policy_status": None,
        "submitted_at": None,
        "graded_at": None,
        "posted_at": None,
    } | other


class GradebookCanvas:
    """The handler. Change its data before it is asked; `asked` are the requests it got."""

    def __init__(self, most_students: int = 50):
        self.most_students = most_students
        self.course = deepcopy(COURSE)
        self.sections = deepcopy(SECTIONS)
        self.enrollments: list[Any] = []
        self.groups: list[Any] = [{"id": "50", "name": "Homework", "group_weight": 40.0}]
        self.flagged: list[Any] = []
        self.ordinary: list[Any] = []
        self.submissions: list[Any] = []
        self.periods: list[Any] = []
        self.settings: dict[str, Any] = {}
        #: path -> an answer instead of the usual one
        self.instead: dict[str, Any] = {}
        self.asked: list[web.Request] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        if request.path in self.instead:
            return self.instead[request.path](request)
        lists = {
            "/api/v1/courses/7/sections": self.sections,
            "/api/v1/courses/7/enrollments": self.enrollments,
            "/api/v1/courses/7/assignment_groups": self.groups,
            "/api/sis/courses/7/assignments": self.flagged,
            "/api/v1/courses/7/assignments": self.ordinary,
        }
        match request.path:
            case "/api/v1/courses/7" | "/api/v1/courses/sis_course_id:C1":
                return web.json_response(self.course)
            case "/api/v1/courses/7/grading_periods":
                return web.json_response({"grading_periods": self.periods})
            case "/api/v1/accounts/3/settings" | "/api/v1/accounts/1/settings":
                return web.json_response(self.settings)
            case "/api/v1/courses/7/students/submissions":
                return self._submissions(request)
            case path if path in lists:
                return paged(request, lists[path])
            case _:
                return web.json_response({}, status=404)

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [request.path for request in self.asked]

    def _submissions(self, request: web.Request) -> web.StreamResponse:
        """Grouped by student; pages go by enrollments, and a person is told once a page."""
        students = request.query.getall("student_ids[]")
        assignments = request.query.getall("assignment_ids[]")
        if len(students) > self.most_students:
            return web.json_response({"error": "too many students"}, status=400)
        if not set(assignments) <= {one["id"] for one in self.ordinary}:
            words = {"error": "invalid assignment ids requested"}
            return web.json_response(words, status=403)
        told = [one["user_id"] for one in self.enrollments if one["user_id"] in students]
        since = request.query.get("graded_since", "")
        return paged(
            request,
            [
                {
                    "user_id": user,
                    "submissions": [
                        one
                        for one in self.submissions
                        if str(one["user_id"]) == user
                        and str(one["assignment_id"]) in assignments
                        and (not since or (one["graded_at"] or "") > since)
                    ],
                }
                for user in told
            ],
        )


def paged(request: web.Request, items: list[Any], size: int = 50) -> web.StreamResponse:
    """A page of a list, with a Link to the next."""
    start = int(request.query.get("page", "0"))
    headers: dict[str, str] = {}
    if start + size < len(items):
        following = request.url.update_query(page=str(start + size))
        headers["Link"] = f'<{following}>; rel="next"'
    return web.json_response(items[start : start + size], headers=headers)
