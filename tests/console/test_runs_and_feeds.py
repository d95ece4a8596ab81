"""Runs, feeds and problems as their pages tell them."""

import asyncio
import re
from typing import Any

import pytest
from starlette.requests import Request

from console.house import post, text_of
from rosterway.console.access import SignInError
from rosterway.console.live import Fragment, event, stream
from rosterway.runs.clock import utc_now
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.stages import Stage
from rosterway.store import audit, feeds, runs, stages
from rosterway.store.runs import Outcome


async def test_a_run_shows_its_stages_its_files_and_why_its_plan_waits(house, approver):
    read = text_of((await approver.get(f"/t/lincoln/runs/{house.run.id}")).text)

    for words in ("Read and checked", "Compared", "Planned", "Reported", "Why it waits"):
        assert words in read
    assert "users.csv" in read
    assert "Sent" not in read


async def test_a_run_that_has_ended_is_told_live_in_one_last_event(house, approver):
    answer = await approver.get(f"/t/lincoln/runs/{house.run.id}/events")

    assert "text/event-stream" in answer.headers["content-type"]
    assert answer.text.startswith("event: final\ndata: ")
    assert 1 == answer.text.count("event: ")


async def test_a_run_of_grades_has_a_course_and_no_feed(house, approver):
    handle = house.store.tenant("lincoln")
    run = request_sync(handle, "4711", by="ada", now=utc_now())
    stages.enter(handle, run.id, Stage.FETCH_SNAPSHOT, now=utc_now())
    runs.end(handle, run.id, outcome=Outcome.HELD, reason="First.", now=utc_now())

    listed = text_of((await approver.get("/t/lincoln/runs")).text)
    read = text_of((await approver.get(f"/t/lincoln/runs/{run.id}")).text)

    assert "course 4711" in listed
    for words in ("Grade sync of", "4711 in Canvas", "Fetch Snapshot", "First."):
        assert words in read


async def test_a_live_page_ends_when_its_session_does():
    seen = [Fragment("<p>1</p>"), Fragment("<p>1</p>"), Fragment("<p>2</p>")]

    def look():
        if not seen:
            raise SignInError("Please sign in.")
        return seen.pop(0)

    async def still_there() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    request = Request({"type": "http"}, still_there)
    answer = stream(request, look, every=0)

    sent = [piece async for piece in answer.body_iterator]
    assert ["event: fragment\ndata: <p>1</p>\n\n", "event: fragment\ndata: <p>2</p>\n\n"] == sent


def test_every_line_of_a_fragment_is_a_line_of_its_event():
    assert "event: fragment\ndata: <p>\ndata: </p>\n\n" == event("fragment", "<p>\n</p>")


async def test_the_receipt_is_there_as_the_sender_finds_it(house, approver):
    page = (await approver.get(f"/t/lincoln/runs/{house.run.id}")).text
    (address,) = set(re.findall(r'href="([^"]+receipt\.txt)"', page))

    answer = await approver.get(address)

    assert f"Delivery {house.run.delivery} of feed nightly" in answer.text
    assert "attachment" in answer.headers["content-disposition"]


@pytest.mark.parametrize("name", ["..%2F..%2Fhome.toml", "../../../keys", "nothing.csv"])
async def test_only_files_of_the_delivery_are_handed_out(house, approver, name):
    answer = await approver.get(f"/t/lincoln/deliveries/{house.run.delivery}/files/{name}")

    assert 404 == answer.status_code


async def test_problems_are_told_by_cause_with_their_remedy(house, approver):
    page = (await approver.get(f"/t/lincoln/runs/{house.run.id}/problems")).text
    read = text_of(page)

    assert "nobody-at-all" in read
    assert "enrollments.csv, line" in read
    (cause,) = re.findall(r'href="([^"]+/problems/[^"]+user_id)"', page)
    assert "nobody-at-all" in (await approver.get(cause.replace("&amp;", "&"))).text


async def test_a_feed_is_paused_with_a_reason_and_resumed(house, approver):
    await post(approver, "/t/lincoln/feeds/nightly/pause", reason="The SIS is moved")
    page = (await approver.get("/t/lincoln/feeds/nightly")).text
    assert "Paused by approver" in text_of(page)
    assert "The SIS is moved" in page
    assert not feeds.get(house.lincoln, "nightly").runs

    await post(approver, "/t/lincoln/feeds/nightly/resume")

    assert feeds.get(house.lincoln, "nightly").runs
    assert ["feed.resume", "feed.pause"] == [
        one.act for one in audit.entries(house.lincoln, limit=2)
    ]


async def test_running_now_leads_to_the_run(house, approver):
    answer = await post(approver, "/t/lincoln/feeds/nightly/run")

    run = runs.latest(house.lincoln, feed="nightly", limit=1)[0]
    assert f"/t/lincoln/runs/{run.id}" == answer.headers["location"]
    assert [True] == house.poked


async def test_a_paused_feed_is_not_run(house, approver):
    await post(approver, "/t/lincoln/feeds/nightly/pause")

    answer = await post(approver, "/t/lincoln/feeds/nightly/run")

    assert 400 == answer.status_code
    assert "nightly is paused." in answer.text


async def test_times_are_the_tenants_and_name_their_zone(house, approver):
    page = (await approver.get("/t/lincoln/runs")).text

    assert re.search(r"\d\d:\d\d M[SD]T", page)
    assert "just now" in page or "minute" in page


async def test_moves_are_told_apart_from_removals(house, approver):
    base = f"/t/lincoln/plans/{house.plan.id}/rows?table=enrollments"

    assert "No row is like that." in (await approver.get(f"{base}&what=moved")).text
    assert "504 rows" in text_of((await approver.get(f"{base}&what=removed")).text)
