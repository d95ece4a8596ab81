"""What people do in Canvas by hand: the changes no import knows of.

Enough to try how a gateway copes: a user with a login of their own, a custom role, a student put
into a course or taken out of it, a course made a blueprint, a term given its SIS id.
Facts: Canvas API docs of each. Nothing made here belongs to an import (`sis_import_id` is null).
"""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from rosterway.sandbox.canvas.api import parameters, trees
from rosterway.sandbox.canvas.api.accounts import role_json
from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, bad_request, not_found
from rosterway.sandbox.canvas.api.callers import require
from rosterway.sandbox.canvas.api.courses import course_json
from rosterway.sandbox.canvas.api.gradebook_settings import gradebook_changes, keep_gradebook
from rosterway.sandbox.canvas.api.parameters import Parameters
from rosterway.sandbox.canvas.api.people import user_json
from rosterway.sandbox.canvas.api.places import find, find_term, place
from rosterway.sandbox.canvas.state.records import (
    SECTION_BY_COURSE,
    Admin,
    Course,
    Enrollment,
    Login,
    Record,
    Role,
    Section,
    Term,
    User,
)
from rosterway.sandbox.canvas.state.seed import ACCOUNT_ROLE, DEFAULT_TERM_ID
from rosterway.sandbox.canvas.state.work import Work

_ACCOUNT = "/api/v1/accounts/{account_id}"
_COURSE = "/api/v1/courses/{course_id}"
_TASKS = {
    "conclude": "completed",
    "delete": "deleted",
    "inactivate": "inactive",
    "deactivate": "inactive",
}
_EVENTS = {"offer": "available", "claim": "claimed", "conclude": "completed", "delete": "deleted"}

R = TypeVar("R", bound=Record)


def routes() -> list[web.RouteDef]:
    """The doors that change things."""
    return [
        web.post(f"{_ACCOUNT}/users", create_user),
        web.post(f"{_ACCOUNT}/roles", create_role),
        web.post(f"{_ACCOUNT}/admins", create_admin),
        web.put(f"{_ACCOUNT}/terms/{{term_id}}", update_term),
        web.post(f"{_ACCOUNT}/courses", create_course),
        web.put(_COURSE, update_course),
        web.post(f"{_COURSE}/enrollments", create_enrollment),
        web.delete(f"{_COURSE}/enrollments/{{id:\\d+}}", end_enrollment),
    ]


async def _change(request: web.Request, change: Callable[[Work], R]) -> R:
    """Make a change in a thread, since an import may hold the roster for a moment."""
    instance = request.app[INSTANCE]

    def make() -> R:
        with instance.roster.work(instance.now()) as work:
            return change(work)

    return await asyncio.to_thread(make)


def _row(request: web.Request, record: Record) -> Any:
    read = request.app[INSTANCE].roster.read
    return read.execute(f"SELECT * FROM {record.TABLE} WHERE id = ?", (record.id,)).fetchone()


def _needed(given: Parameters, name: str) -> str:
    value = given.get(name)
    if value is None:
        raise bad_request(f"{name} is required")
    return value


async def create_user(request: web.Request) -> web.Response:
    """A user with a login, as an administrator makes one."""
    require(request, "manage_user_logins")
    place(request, "account")
    given = await parameters.of_request(request)
    login_id = _needed(given, "pseudonym[unique_id]")
    name = given.get("user[name]") or login_id

    def change(work: Work) -> User:
        user = work.add(
            User(
                workflow_state="registered",
                name=name,
                sortable_name=given.get("user[sortable_name]") or name,
                short_name=given.get("user[short_name]") or name,
            )
        )
        work.add(
            Login(
                workflow_state="active",
                user_id=user.id,
                unique_id=login_id,
                login_key=login_id.lower(),
                sis_user_id=given.get("pseudonym[sis_user_id]"),
                integration_id=given.get("pseudonym[integration_id]"),
                password_from_sis=False,
            )
        )
        return user

    return answer(request, user_json(request, (await _change(request, change)).id))


async def create_role(request: web.Request) -> web.Response:
    """A custom role, which imports can then use by name."""
    require(request, "manage_role_overrides")
    account_id = place(request, "account")
    given = await parameters.of_request(request)
    label = _needed(given, "label")
    role = await _change(
        request,
        lambda work: work.add(
            Role(
                workflow_state="active",
                name=label,
                base_role_type=given.get("base_role_type") or ACCOUNT_ROLE,
                account_id=account_id,
            )
        ),
    )
    return answer(request, role_json(_row(request, role)))


async def create_admin(request: web.Request) -> web.Response:
    """An admin whom no import may remove."""
    require(request, "manage_account_memberships")
    account_id = place(request, "account")
    given = await parameters.of_request(request)
    user_id = find(request.app[INSTANCE].roster.read, "user", _needed(given, "user_id"))
    if user_id is None:
        raise not_found()
    admin = await _change(
        request,
        lambda work: work.add(
            Admin(
                workflow_state="active",
                account_id=account_id,
                user_id=user_id,
                role_id=given.number("role_id") or 1,
            )
        ),
    )
    body = {"id": admin.id, "role_id": admin.role_id, "user": user_json(request, user_id)}
    return answer(request, body)


async def update_term(request: web.Request) -> web.Response:
    """Name, dates and SIS id of a term."""
    require(request, "manage_sis")
    instance = request.app[INSTANCE]
    term_id = find_term(instance.roster.read, request.match_info["term_id"], instance.now())
    if term_id is None:
        raise not_found()
    given = await parameters.of_request(request)
    columns = {
        "name": "name",
        "sis_term_id": "sis_source_id",
        "start_at": "start_at",
        "end_at": "end_at",
    }
    changes = {
        column: given.get(f"enrollment_term[{name}]")
        for name, column in columns.items()
        if given.has(f"enrollment_term[{name}]")
    }

    def change(work: Work) -> Term:
        term = work.there(Term, term_id)
        work.set(term, **changes)
        return term

    term = await _change(request, change)
    return answer(request, {"id": term.id, "name": term.name, "sis_term_id": term.sis_source_id})


async def create_course(request: web.Request) -> web.Response:
    """An unpublished course."""
    require(request, "manage_courses")
    account_id = place(request, "account")
    given = await parameters.of_request(request)
    name = given.get("course[name]") or "Unnamed Course"
    course = await _change(
        request,
        lambda work: work.add(
            Course(
                workflow_state="claimed",
                name=name,
                course_code=given.get("course[course_code]") or name,
                account_id=account_id,
                term_id=given.number("course[term_id]") or DEFAULT_TERM_ID,
                sis_source_id=given.get("course[sis_course_id]"),
            )
        ),
    )
    return answer(request, course_json(_row(request, course), request.app[INSTANCE].roster.read))


async def update_course(request: web.Request) -> web.Response:
    """Name, code, state, whether a course is a blueprint, and what concerns its grades."""
    require(request, "manage_courses")
    course_id = place(request, "course")
    given = await parameters.of_request(request)
    changes: dict[str, Any] = {}
    for name in ("name", "course_code"):
        if value := given.get(f"course[{name}]"):
            changes[name] = value
    if given.has("course[blueprint]"):
        changes["blueprint"] = given.true("course[blueprint]")
    if given.has("course[grade_passback_setting]"):
        changes["grade_passback_setting"] = given.get("course[grade_passback_setting]")
    if event := given.get("course[event]"):
        if event not in _EVENTS:
            raise bad_request(f"Invalid event {event}")
        changes["workflow_state"] = _EVENTS[event]

    def change(work: Work) -> Course:
        course = work.there(Course, course_id)
        work.set(course, **changes)
        return course

    course = await _change(request, change)
    tree = trees.branch(await trees.tree_of(request), "course")
    if gradebook := gradebook_changes(tree):
        await keep_gradebook(request, course_id, gradebook)
    return answer(request, course_json(_row(request, course), request.app[INSTANCE].roster.read))


async def create_enrollment(request: web.Request) -> web.Response:
    """Put somebody into a course, in its first section unless one is named."""
    require(request, "manage_students")
    course_id = place(request, "course")
    given = await parameters.of_request(request)
    read = request.app[INSTANCE].roster.read
    user_id = find(read, "user", _needed(given, "enrollment[user_id]"))
    if user_id is None:
        raise not_found()
    kind = given.get("enrollment[type]") or "StudentEnrollment"
    section_id = given.number("enrollment[course_section_id]")

    def change(work: Work) -> Enrollment:
        roles = work.select(Role, "WHERE t.built_in AND t.name = ?", (kind,))
        if not roles:
            raise bad_request("Invalid type")
        section = work.get(Section, section_id) or work.first(SECTION_BY_COURSE, course_id)
        if section is None:
            name = work.there(Course, course_id).name
            section = work.add(
                Section(
                    workflow_state="active", name=name, course_id=course_id, default_section=True
                )
            )
        return work.add(
            Enrollment(
                workflow_state=given.get("enrollment[enrollment_state]") or "active",
                user_id=user_id,
                course_id=course_id,
                section_id=section.id,
                type=kind,
                role_id=roles[0].id,
            )
        )

    return answer(request, _enrollment(await _change(request, change)))


async def end_enrollment(request: web.Request) -> web.Response:
    """Take somebody out of a course: `task` is conclude, delete, inactivate or deactivate."""
    require(request, "manage_students")
    course_id = place(request, "course")
    given = await parameters.of_request(request)
    state = _TASKS.get(given.get("task") or "conclude")
    if state is None:
        raise bad_request("Invalid task")

    def change(work: Work) -> Enrollment:
        enrollment = work.get(Enrollment, int(request.match_info["id"]))
        if enrollment is None or enrollment.course_id != course_id:
            raise not_found()
        work.set(enrollment, workflow_state=state)
        return enrollment

    return answer(request, _enrollment(await _change(request, change)))


def _enrollment(enrollment: Enrollment) -> dict[str, Any]:
    return {
        "id": enrollment.id,
        "user_id": enrollment.user_id,
        "course_id": enrollment.course_id,
        "course_section_id": enrollment.section_id,
        "type": enrollment.type,
        "role_id": enrollment.role_id,
        "enrollment_state": enrollment.workflow_state,
    }
