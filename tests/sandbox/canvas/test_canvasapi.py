"""The sandbox driven by `canvasapi`, a client we did not write: what works there works on Canvas."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import requests
from canvasapi import Canvas
from canvasapi.exceptions import (
    BadRequest,
    Forbidden,
    InvalidAccessToken,
    RateLimitExceeded,
    ResourceDoesNotExist,
    Unauthorized,
)

from canvas_sandbox import ENROLLMENTS, SCHOOL, USERS, table, zipped

# The sandbox listens on loopback without TLS, which canvasapi warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly:UserWarning")


async def drive(canvas, function: Callable[[Any], Any], *, token=None):
    """Run a function of canvasapi's root account in a thread, since canvasapi waits."""

    def run():
        return function(Canvas(canvas.sandbox.url, token or canvas.sandbox.token).get_account(1))

    return await asyncio.to_thread(run)


@pytest.fixture
def delivery(tmp_path):
    """Writes a zip and gives its path."""

    def write(files, name="delivery.zip"):
        path = tmp_path / name
        path.write_bytes(zipped(files))
        return str(path)

    return write


async def test_an_import_is_created_found_and_followed(canvas, delivery):
    path = delivery(SCHOOL)
    created = await drive(
        canvas, lambda account: account.create_sis_import(path, skip_deletes=True)
    )
    assert created.workflow_state == "created"
    assert created.skip_deletes is True
    await canvas.idle()
    found = await drive(canvas, lambda account: account.get_sis_import(created.id))
    assert found.workflow_state == "imported"
    assert found.data["counts"]["enrollments"] == 4
    assert found.ended_at_date is not None
    listed = await drive(canvas, lambda account: list(account.get_sis_imports()))
    assert [sis_import.id for sis_import in listed] == [created.id]


async def test_running_imports_are_listed_and_aborted(canvas, delivery):
    await canvas.control("PUT", "knobs", json={"stepped": True})
    path = delivery(SCHOOL)

    def two(account):
        return [account.create_sis_import(path) for _ in range(2)]

    running, waiting = await drive(canvas, two)
    await canvas.control("GET", "steps?wait=10")
    listed = await drive(canvas, lambda account: list(account.get_sis_imports_running()))
    assert [sis_import.id for sis_import in listed] == [running.id]
    assert await drive(canvas, lambda account: account.abort_sis_imports_pending()) is True
    aborted = await drive(canvas, lambda _: running.abort())
    assert aborted.workflow_state == "aborted"
    await canvas.idle()
    after = await drive(canvas, lambda account: account.get_sis_import(waiting.id))
    assert after.workflow_state == "aborted"


async def test_an_import_is_undone_and_its_progress_followed(canvas, delivery):
    await canvas.good(SCHOOL)
    path = delivery({"enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,deleted")})
    created = await drive(canvas, lambda account: account.create_sis_import(path))
    await canvas.idle()
    progress = await drive(canvas, lambda _: created.restore_states())
    await canvas.idle()
    assert (await drive(canvas, lambda _: progress.query())).workflow_state == "completed"
    (mine,) = await canvas.get("courses/sis_course_id:C1/enrollments?sis_user_id[]=U1")
    assert mine["enrollment_state"] == "active"


async def test_users_courses_sections_and_enrollments_are_read_page_by_page(canvas):
    rows = table(USERS, *(f"U{n:03},user{n},active,User {n}," for n in range(130)))
    await canvas.good({**SCHOOL, "more.csv": rows})

    def read(account):
        course = next(c for c in account.get_courses() if c.sis_course_id == "C1")
        sections = list(course.get_sections())
        return (
            len(list(account.get_users())),
            sorted(section.sis_section_id for section in sections),
            len(list(course.get_enrollments(type=["StudentEnrollment"]))),
            [enrollment.sis_user_id for enrollment in sections[0].get_enrollments()],
            [term.sis_term_id for term in account.get_enrollment_terms()],
            [sub.sis_account_id for sub in account.get_subaccounts(recursive=True)],
        )

    assert await drive(canvas, read) == (
        135,
        ["S1", "S2"],
        1,
        ["U1", "U2"],
        [None, "T1"],
        ["A", "B"],
    )


async def test_what_is_done_by_hand_is_seen(canvas):
    await canvas.good(SCHOOL)

    def by_hand(account):
        role = account.create_role("Coach", base_role_type="TaEnrollment")
        user = account.create_user({"unique_id": "zoe"}, user={"name": "Zoe"})
        course = account.create_course(course={"name": "Art", "course_code": "ART"})
        course.update(course={"event": "offer", "blueprint": True})
        enrollment = course.enroll_user(user, enrollment={"type": "TeacherEnrollment"})
        before = [found.enrollment_state for found in course.get_enrollments()]
        enrollment.deactivate("delete")
        after = list(course.get_enrollments())
        return role.label, user.name, course.name, before, after

    assert await drive(canvas, by_hand) == ("Coach", "Zoe", "Art", ["active"], [])


async def test_a_report_is_started_and_followed(canvas):
    await canvas.good(SCHOOL)
    started = await drive(
        canvas,
        lambda account: account.create_report("provisioning_csv", parameters={"users": True}),
    )
    await canvas.idle()
    report = await drive(canvas, lambda account: account.get_report("provisioning_csv", started.id))
    assert report.status == "complete"
    downloaded = await asyncio.to_thread(requests.get, report.attachment["url"], timeout=10)
    assert downloaded.text.startswith("canvas_user_id,user_id,")
    assert len(await drive(canvas, lambda account: list(account.get_reports()))) == 3


async def test_logins_admins_roles_and_providers_are_read(canvas):
    await canvas.good(SCHOOL)

    def read(account):
        return (
            sorted(login.unique_id for login in account.get_user_logins()),
            [admin.role for admin in account.get_admins()],
            [provider.auth_type for provider in account.get_authentication_providers()],
            len(list(account.get_roles())),
        )

    assert await drive(canvas, read) == (
        ["admin", "ann", "bob", "cat", "pat"],
        ["AccountAdmin"],
        ["canvas"],
        6,
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("401", InvalidAccessToken),
        ("throttled-403", Forbidden),
        ("throttled-429", RateLimitExceeded),
        ("dropped-connection", requests.ConnectionError),
        ("garbled-json", requests.exceptions.JSONDecodeError),
        ("html-200", requests.exceptions.JSONDecodeError),
    ],
)
async def test_faults_are_what_the_client_takes_them_for(canvas, fault, error):
    await canvas.control("PUT", "faults", json={"faults": [fault]})
    with pytest.raises(error):
        await drive(canvas, lambda account: account)


async def test_refusals_are_what_the_client_takes_them_for(canvas, delivery):
    await canvas.good(SCHOOL)
    path = delivery(SCHOOL)
    with pytest.raises(BadRequest, match="batch_mode_term_id cannot be found"):
        await drive(canvas, lambda account: account.create_sis_import(path, batch_mode=True))
    with pytest.raises(ResourceDoesNotExist):
        await drive(canvas, lambda account: account.get_sis_import(99))
    token = (await canvas.control("POST", "tokens", json={"rights": []}))["token"]
    with pytest.raises(Unauthorized):
        await drive(canvas, lambda account: account.create_sis_import(path), token=token)
    with pytest.raises(InvalidAccessToken):
        await drive(canvas, lambda account: account, token="wrong")
