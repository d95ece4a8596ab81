"""Signing in and out: by password, once by a link, never by guessing."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from console.house import PASSWORD, House, token_in
from rosterway.console.access import COOKIE
from rosterway.console.first_look import FIRST, first_look
from rosterway.store import operators
from rosterway.store.operators import Role


async def try_to_sign_in(client, name="approver", password=PASSWORD, **more):
    page = await client.get("/sign-in")
    form = {"csrf": token_in(page.text), "name": name, "password": password, **more}
    return await client.post("/sign-in", data=form)


def cookie_of(answer):
    (found,) = [one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE)]
    return found


async def test_a_right_password_opens_the_board(visitor):
    answer = await try_to_sign_in(visitor)

    assert (303, "/") == (answer.status_code, answer.headers["location"])
    answer = await visitor.get("/", follow_redirects=True)
    assert "/t/lincoln" == answer.url.path
    assert 200 == answer.status_code


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(visitor):
    cookie = cookie_of(await try_to_sign_in(visitor))

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Max-Age=43200" in cookie


async def test_over_https_the_cookie_never_travels_without_it(house):
    async with house.visitor(scheme="https") as client:
        answer = await try_to_sign_in(client)

    assert "Secure" in cookie_of(answer)
    assert "max-age" in answer.headers["strict-transport-security"]


async def test_a_wrong_password_and_an_unknown_name_are_answered_alike(visitor):
    wrong = await try_to_sign_in(visitor, password="not the password")
    unknown = await try_to_sign_in(visitor, name="nobody", password="not the password")

    assert 401 == wrong.status_code == unknown.status_code
    said = "That name and password do not belong together."
    assert said in wrong.text
    assert said in unknown.text


async def test_after_five_failures_the_next_try_waits_even_with_the_right_password(house, visitor):
    for _ in range(5):
        assert (await try_to_sign_in(visitor, password="wrong")).status_code == 401

    answer = await try_to_sign_in(visitor)

    assert 429 == answer.status_code
    assert "Too many tries. The next one is heard in" in answer.text
    house.clock.move(minutes=16)
    assert 303 == (await try_to_sign_in(visitor)).status_code


async def test_somebody_elses_guesses_lock_nobody_out(house, visitor):
    async with house.visitor(address="198.51.100.9") as stranger:
        for _ in range(6):
            await try_to_sign_in(stranger, password="wrong")

    assert 303 == (await try_to_sign_in(visitor)).status_code


async def test_neither_names_nor_passwords_that_were_tried_are_logged(visitor):
    with capture_logs() as logged:
        await try_to_sign_in(visitor, name="Jane Roe", password="a secret of hers")

    assert [
        {"address": "192.0.2.7", "event": "console.sign-in-failed", "log_level": "warning"}
    ] == logged


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/x"]
)
async def test_nobody_is_led_to_another_site(visitor, target):
    answer = await try_to_sign_in(visitor, next=target)

    assert "/" == answer.headers["location"]


async def test_a_page_that_was_asked_for_first_is_opened_after_signing_in(house, visitor):
    asked = f"/t/lincoln/plans/{house.plan.id}?by=courses"
    sent = await visitor.get(asked)
    page = await visitor.get(sent.headers["location"])

    answer = await visitor.post(
        "/sign-in",
        data={"csrf": token_in(page.text), "name": "approver", "password": PASSWORD, "next": asked},
    )

    assert asked == answer.headers["location"]


async def test_a_session_ends_after_twelve_hours(house, approver):
    assert 200 == (await approver.get("/t/lincoln")).status_code

    house.clock.move(hours=12, seconds=1)

    assert "/sign-in?next=%2Ft%2Flincoln" == (await approver.get("/t/lincoln")).headers["location"]


async def test_signing_out_ends_the_session_and_not_only_the_cookie(house, approver):
    kept = approver.cookies[COOKIE]
    page = await approver.get("/t/lincoln")
    await approver.post("/sign-out", data={"csrf": token_in(page.text)})

    async with house.visitor() as thief:
        thief.cookies.set(COOKIE, kept)
        assert 303 == (await thief.get("/t/lincoln")).status_code


async def test_a_disabled_operator_is_out_at_once(house, approver):
    operators.disable(house.store, "approver", by="a test", now=house.clock())

    assert (await approver.get("/t/lincoln")).headers["location"].startswith("/sign-in")


async def test_a_link_signs_in_once(house, visitor):
    path = house.links.path_for("viewer", now=house.clock())
    page = await visitor.get(path)

    answer = await visitor.post(path, data={"csrf": token_in(page.text)})

    assert 303 == answer.status_code
    assert 200 == (await visitor.get("/t/lincoln")).status_code
    async with house.visitor() as second:
        assert 404 == (await second.get(path)).status_code


async def test_looking_at_a_link_does_not_use_it_up(house, visitor):
    path = house.links.path_for("viewer", now=house.clock())

    for _ in range(3):
        assert "Sign in as viewer" in (await visitor.get(path)).text


async def test_a_link_that_has_grown_old_says_so(house, visitor):
    path = house.links.path_for("viewer", now=house.clock(), lifetime=timedelta(minutes=15))
    house.clock.move(minutes=15)

    answer = await visitor.get(path)

    assert 404 == answer.status_code
    assert "This link has been used, or its time is over." in answer.text


@pytest.fixture
def new_house(tmp_path):
    opened = House(tmp_path / "new")
    yield opened
    opened.close()


async def test_a_new_home_says_how_the_first_operator_is_made(new_house):
    async with new_house.visitor() as client:
        page = await client.get("/sign-in")

    assert "There is no operator yet." in page.text
    assert "rosterway operator add NAME" in page.text


async def test_it_says_so_still_while_there_is_only_the_link_of_the_first_start(new_house):
    await asyncio.to_thread(first_look, new_house.office, new_house.links)

    async with new_house.visitor() as client:
        page = await client.get("/sign-in")

    assert "There is no operator yet." in page.text
    assert "the link that <code>rosterway serve</code> printed" in page.text


async def test_who_starts_a_new_home_gets_a_link_that_opens_it(new_house):
    path = await asyncio.to_thread(first_look, new_house.office, new_house.links)

    async with new_house.visitor() as client:
        page = await client.get(path)
        await client.post(path, data={"csrf": token_in(page.text)})
        answer = await client.get("/t/lincoln")

    assert 200 == answer.status_code
    assert "Deliver for the first time." in answer.text


def test_the_first_operator_with_a_password_ends_the_first_look(new_house):
    assert first_look(new_house.office, new_house.links) is not None
    operators.add(
        new_house.store,
        "jane",
        password=PASSWORD,
        role=Role.ADMIN,
        by="a test",
        now=new_house.clock(),
    )

    assert first_look(new_house.office, new_house.links) is None
    assert operators.get(new_house.store, FIRST).disabled_at is not None
