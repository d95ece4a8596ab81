"""Who may see and do what: roles, the wall between tenants, and forms that are only ours."""

import re

import pytest
from fastapi.routing import APIRoute

from console.gradebook import COURSE
from console.house import masked, post, token_in
from rosterway.console.app import ROUTERS
from rosterway.store import approvals, deliveries, ledger, plans
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.plans import PlanState


def served():
    """Every (method, path) that the console serves."""
    return sorted(
        (method, route.path)
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if method in {"GET", "POST"}
    )


def filled(house, path):
    """A path with the ids of things that are there."""
    delivery = house.run.delivery
    names = {
        "tenant": "lincoln",
        "feed": "nightly",
        "run": house.run.id,
        "plan": house.plan.id,
        "school": "00101",
        "delivery": delivery,
        "form": "csv",
        "course": COURSE,
        "assignment": "501",
        "code": "csv-malformed",
        "token": "a-token",
        "upload": "0" * 32,
        "name": "registrar",
        "name:path": deliveries.get(house.lincoln, delivery).files[0].name,
    }
    return re.sub(r"{([^}]+)}", lambda found: str(names[found[1]]), path)


def of_a_tenant(house, method):
    return [
        filled(house, path)
        for known, path in served()
        if known == method and path.startswith("/t/{tenant}")
    ]


async def test_the_neighbour_finds_nothing_behind_any_address_of_ours(house, grades):
    grades.preview()
    async with house.signed_in("neighbour") as neighbour:
        gets = {path: (await neighbour.get(path)).status_code for path in of_a_tenant(house, "GET")}
        posts = {
            path: (await post(neighbour, path)).status_code for path in of_a_tenant(house, "POST")
        }

    assert len(gets) > 25
    assert dict.fromkeys(gets, 404) == gets
    assert dict.fromkeys(posts, 404) == posts
    assert house.plan.state is PlanState.WAITING
    assert grades.waiting.state is GradePlanState.WAITING


async def test_our_ids_lead_nowhere_under_the_neighbours_own_address(house, grades):
    async with house.signed_in("neighbour") as neighbour:
        for path in of_a_tenant(house, "GET"):
            if (
                house.plan.id in path
                or house.run.id in path
                or "deliveries" in path
                or COURSE in path
            ):
                theirs = path.replace("/t/lincoln", "/t/monroe")
                assert 404 == (await neighbour.get(theirs)).status_code, theirs


async def test_who_is_not_signed_in_is_asked_to_whatever_they_open(house, visitor):
    for path in of_a_tenant(house, "GET"):
        answer = await visitor.get(path)
        assert (303, True) == (
            answer.status_code,
            answer.headers["location"].startswith("/sign-in?next="),
        ), path


async def test_who_may_see_several_tenants_chooses_one(house):
    async with house.signed_in("everywhere") as client:
        page = (await client.get("/")).text

    assert "Lincoln Unified" in page
    assert "Monroe County" in page


async def test_every_form_needs_the_token_of_its_own_session(house, admin):
    async with house.signed_in("admin") as other:
        foreign = masked(other.csrf)
    for method, path in served():
        if method == "POST" and not path.startswith("/api/"):  # which no cookie opens
            for form in ({}, {"csrf": "AAAA"}, {"csrf": foreign}):
                answer = await admin.post(filled(house, path), data=form)
                assert 403 == answer.status_code, (path, form)
    assert house.plan.state is PlanState.WAITING


async def test_a_form_that_another_site_sends_is_not_heard(house, approver):
    answer = await approver.post(
        f"/t/lincoln/plans/{house.plan.id}/approve",
        data={"csrf": masked(approver.csrf), "digest": house.plan.digest},
        headers={"sec-fetch-site": "cross-site"},
    )

    assert 403 == answer.status_code
    assert house.plan.state is PlanState.WAITING


async def test_the_token_on_a_page_is_different_each_time(approver):
    tokens = {token_in((await approver.get("/t/lincoln")).text) for _ in range(3)}

    assert 3 == len(tokens)


@pytest.mark.parametrize("role", ["viewer", "registrar"])
async def test_who_may_not_decide_sees_no_button_and_is_refused_without_one(house, role):
    plan = house.plan
    async with house.signed_in(role) as client:
        page = await client.get(f"/t/lincoln/plans/{plan.id}")
        answers = [
            await post(
                client, f"/t/lincoln/plans/{plan.id}/{verb}", digest=plan.digest, reason="No"
            )
            for verb in ("approve", "discard")
        ]

    assert "Approve this plan" not in page.text
    assert "admin, approver, everywhere may decide." in page.text
    for answer in answers:
        assert 403 == answer.status_code
        assert f"Your role here is {role}; it may not approve or discard plans." in answer.text
        assert "Ask someone whose role is approver or admin." in answer.text
    assert approvals.of_plan(house.lincoln, plan.id) is None
    assert PlanState.WAITING is plans.get(house.lincoln, plan.id).state


async def test_who_may_only_look_can_neither_pause_nor_run_a_feed(viewer):
    for verb in ("pause", "resume", "run"):
        assert 403 == (await post(viewer, f"/t/lincoln/feeds/nightly/{verb}")).status_code


async def test_who_may_only_look_reads_no_name_and_takes_no_file_away(house, viewer):
    base = f"/t/lincoln/plans/{house.plan.id}"
    users = (await viewer.get(f"{base}/rows?table=users&what=new")).text

    assert "90000001" in users
    assert "O&#39;Neill" not in users
    assert "(hidden)" in users
    for path in (
        f"{base}/rows.csv",
        f"{base}/rows.json",
        f"{base}/files/01/users.csv",
        f"/t/lincoln/runs/{house.run.id}/problems.csv",
        f"/t/lincoln/runs/{house.run.id}/files/receipt.txt",
        f"/t/lincoln/deliveries/{house.run.delivery}/files/users.csv",
    ):
        assert 403 == (await viewer.get(path)).status_code, path


async def test_who_may_not_see_names_cannot_find_people_by_them(house, viewer):
    page = await viewer.get(f"/t/lincoln/plans/{house.plan.id}/rows?table=users&what=new&q=Neill")

    assert "No row is like that." in page.text


async def test_only_an_admin_reads_the_audit_log(admin, approver):
    assert 403 == (await approver.get("/t/lincoln/audit")).status_code
    page = (await admin.get("/t/lincoln/audit")).text
    assert "plan.approve" in page
    assert "each bound to the one before it" in page


#: Whether a role is heard at a door of grades; who is not is told who would be.
HEARD = {
    "viewer": frozenset(),
    "registrar": frozenset(
        {"preview", "sync", "retry", "reconcile", "categories", "fixes", "link"}
    ),
    "approver": frozenset({"preview", "sync", "retry", "reconcile", "categories", "fixes", "link"})
    | {"remaster", "forget", "put-back", "approve", "discard", "repair"},
}


@pytest.mark.parametrize("role", HEARD)
async def test_who_may_do_what_with_grades(house, grades, role):
    doors = {
        path.rpartition("/")[2]: filled(house, path)
        for method, path in served()
        if method == "POST" and path.startswith("/t/") and "{course}" in path
    }
    refused = set()
    async with house.signed_in(role) as client:
        for door, path in doors.items():
            answer = await post(client, path, digest="0" * 64)
            if answer.status_code == 403:
                refused.add(door)
                assert f"Your role here is {role}; it may not" in answer.text

    assert HEARD["approver"] == doors.keys()
    assert doors.keys() - HEARD[role] == refused


async def test_our_grades_lead_nowhere_for_a_neighbour_with_a_course_of_the_same_id(house, grades):
    async with house.signed_in("neighbour") as neighbour:
        for verb in ("sync", "forget", "approve", "repair", "categories"):
            answer = await post(neighbour, f"/t/monroe/grades/{COURSE}/{verb}", entries="5")
            assert answer.status_code in {400, 404}, verb

    assert 5 == len(ledger.of_course(house.lincoln, COURSE))


async def test_a_teacher_is_sent_to_canvas(house):
    async with house.signed_in("teacher") as teacher:
        answer = await teacher.get("/t/lincoln")

    assert 403 == answer.status_code
    assert "Teachers work with Rosterway inside Canvas." in answer.text
