"""Deliveries over HTTPS: by a token of one feed, or from the console's own page."""

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest

from console.house import found_in
from rosterway.console.forms import masked
from rosterway.runs.clock import utc_now
from rosterway.store import deliveries, operators, sessions

UPLOADS = "/t/lincoln/feeds/nightly/uploads"
USERS = b"user_id,login_id,status\nu1,u1,active\n"


def declared(*files):
    return {
        "files": [
            {"name": name, "size": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in files
        ]
    }


def a_token(house, operator="registrar", **more):
    """The headers of a script whose token is for the feed `nightly`, unless something else is said."""
    usual: dict[str, Any] = {"label": "sis", "tenant": "lincoln", "feed": "nightly"}
    shown = sessions.issue(house.store, operator, by="ana", now=utc_now(), **(usual | more))
    return {"authorization": f"Bearer {shown}", "accept": "*/*"}


async def sent(client, headers, *files):
    """What a careful script does: declare, send in two pieces, deliver."""
    begun = await client.post(UPLOADS, json=declared(*files), headers=headers)
    assert 201 == begun.status_code, begun.text
    where = begun.headers["location"]
    for number, (_, body) in enumerate(files):
        half = len(body) // 2
        for start, end in ((0, half), (half, len(body))):
            done = await client.patch(
                f"{where}/{number}",
                content=body[start:end],
                headers={**headers, "upload-offset": str(start)},
            )
            assert (204, str(end)) == (done.status_code, done.headers["upload-offset"])
    return where, await client.post(f"{where}/deliver", headers=headers)


async def test_a_script_with_a_token_delivers_and_the_delivery_is_like_any_other(house, visitor):
    headers = a_token(house)

    where, answer = await sent(visitor, headers, ("users.csv", USERS), ("fall/courses.csv", b"x"))

    kept = deliveries.get(house.lincoln, answer.json()["delivery"])
    assert ("https", "registrar (sis)", "sent") == (kept.source, kept.sender, kept.sealed_because)
    assert {"users.csv": hashlib.sha256(USERS).hexdigest()}.items() <= {
        one.name: one.sha256 for one in kept.files
    }.items()
    assert [True] == house.poked
    again = await visitor.post(f"{where}/deliver", headers=headers)
    assert kept.id == again.json()["delivery"]
    assert kept.id == (await visitor.get(where, headers=headers)).json()["delivery"]


async def test_a_cut_upload_goes_on_from_what_has_arrived(house, visitor):
    headers = a_token(house)
    begun = await visitor.post(UPLOADS, json=declared(("users.csv", USERS)), headers=headers)
    where = begun.headers["location"]

    async def send(start, body):
        asked = {**headers, "upload-offset": str(start)}
        return await visitor.patch(f"{where}/0", content=body, headers=asked)

    await send(0, USERS[:7])
    early = await visitor.post(f"{where}/deliver", headers=headers)
    wrong = await send(3, USERS[3:])
    arrived = (await visitor.get(where, headers=headers)).json()["files"][0]["arrived"]

    assert (409, 409, 7) == (early.status_code, wrong.status_code, arrived)
    assert "go on from 7" == wrong.json()["error"]["remedy"]
    assert 204 == (await send(7, USERS[7:])).status_code
    assert 200 == (await visitor.post(f"{where}/deliver", headers=headers)).status_code


async def test_pieces_may_be_larger_than_forms(house, visitor):
    body = os.urandom(300_000)

    _, answer = await sent(visitor, a_token(house), ("roster.zip", body))

    assert 200 == answer.status_code
    too_large = await visitor.post(UPLOADS, content=body, headers=a_token(house, label="b"))
    assert 413 == too_large.status_code


@pytest.mark.parametrize(
    "token",
    [
        {"feed": "another"},
        {"feed": None},
        {"tenant": "monroe"},
        {"operator": "viewer"},
        {"operator": "neighbour"},
        {"expires_at": utc_now() - timedelta(hours=1)},
    ],
)
async def test_a_token_that_is_not_for_this_is_refused(house, visitor, token):
    headers = a_token(house, **token)

    refused = await visitor.post(UPLOADS, json=declared(("users.csv", USERS)), headers=headers)

    assert 401 == refused.status_code
    assert "access" == refused.json()["error"]["code"]


async def test_a_token_of_somebody_let_in_no_more_is_worthless(house, visitor):
    headers = a_token(house)
    operators.disable(house.store, "registrar", by="ana", now=utc_now())

    refused = await visitor.post(UPLOADS, json=declared(("users.csv", USERS)), headers=headers)

    assert 401 == refused.status_code


async def test_an_upload_is_its_senders_alone(house, visitor):
    mine, theirs = a_token(house), a_token(house, "approver")
    begun = await visitor.post(UPLOADS, json=declared(("users.csv", USERS)), headers=mine)
    where = begun.headers["location"]

    assert 404 == (await visitor.get(where, headers=theirs)).status_code
    assert 204 == (await visitor.delete(where, headers=mine)).status_code
    assert 404 == (await visitor.get(where, headers=mine)).status_code


async def test_the_page_of_a_feed_sends_with_its_sessions_token(house, registrar):
    page = (await registrar.get("/t/lincoln/feeds/nightly")).text
    headers = {"x-rosterway-csrf": found_in(r'data-csrf="([^"]+)"', page)}
    assert UPLOADS == found_in(r'data-uploads="([^"]+)"', page)

    _, answer = await sent(registrar, headers, ("users.csv", USERS))

    assert "registrar" == deliveries.get(house.lincoln, answer.json()["delivery"]).sender


@pytest.mark.parametrize(
    ("operator", "headers", "status"),
    [
        ("registrar", {}, 403),
        ("registrar", {"x-rosterway-csrf": masked("another session's")}, 403),
        ("viewer", None, 403),
        ("neighbour", None, 404),
    ],
)
async def test_other_pages_and_other_people_send_nothing(house, operator, headers, status):
    async with house.signed_in(operator) as client:
        asked = {"x-rosterway-csrf": masked(client.csrf)} if headers is None else headers
        refused = await client.post(UPLOADS, json=declared(("a.csv", b"")), headers=asked)

    assert status == refused.status_code
    assert "error" in refused.json()


async def test_who_may_not_send_sees_no_place_to_drop_files(house, viewer):
    assert "data-uploads" not in (await viewer.get("/t/lincoln/feeds/nightly")).text


@pytest.mark.parametrize("body", [b"", b"{}", b'{"files": [{"name": "../x", "size": 1}]}', b"[]"])
async def test_what_is_no_declaration_is_said_to_be_none(house, visitor, body):
    refused = await visitor.post(UPLOADS, content=body, headers=a_token(house))

    assert (400, "usage") == (refused.status_code, refused.json()["error"]["code"])
