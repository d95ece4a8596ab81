"""Grade exports on the page of feeds: how the last went, its files, and making one now."""

from datetime import timedelta

import pytest

from console.house import House, post
from rosterway.runs.clock import utc_now
from rosterway.runs.exports.asked import request_export
from rosterway.store import audit, runs, stages
from rosterway.store.runs import Outcome, Trigger

REPORT = b"student name,student id\n"


@pytest.fixture
def made(house: House):
    """The run that made yesterday's report; there is none of today."""
    handle = house.lincoln
    yesterday = utc_now() - timedelta(days=1)
    run = request_export(handle, "registrar", trigger=Trigger.SCHEDULE, now=yesterday)
    blob = handle.blobs.put_bytes(REPORT)
    stages.attach(handle, run.id, "registrar.csv", blob, stage="fetch-report", now=yesterday)
    runs.end(handle, run.id, outcome=Outcome.DELIVERED, now=yesterday)
    failed = request_export(handle, "registrar", trigger=Trigger.SCHEDULE, now=utc_now())
    reason = "Canvas could not make it."
    runs.end(handle, failed.id, outcome=Outcome.FAILED, reason=reason, now=utc_now())
    return run.id


async def test_the_page_of_feeds_tells_how_it_went_and_keeps_the_last_whole_files(registrar, made):
    page = (await registrar.get("/t/lincoln/feeds")).text
    assert "Canvas could not make it." in page
    assert f"/runs/{made}/files/registrar.csv" in page
    assert "Made next at" in page


async def test_a_file_is_taken_by_who_may_see_people_and_that_is_on_record(
    registrar, viewer, house, made
):
    where = f"/t/lincoln/runs/{made}/files/registrar.csv"
    assert (await registrar.get(where)).content == REPORT
    assert audit.entries(house.lincoln, limit=1)[0].act == "file.download"
    assert (await viewer.get(where)).status_code == 403
    assert where not in (await viewer.get("/t/lincoln/feeds")).text


async def test_one_is_made_now_on_a_press(registrar, house):
    answer = await post(registrar, "/t/lincoln/grade-exports/registrar/run")
    (asked,) = runs.latest(house.lincoln, export="registrar", unfinished=True)
    assert answer.headers["location"].endswith(f"/runs/{asked.id}")
    assert house.poked
    page = (await registrar.get(answer.headers["location"])).text
    assert "Grade export of" in page
    unknown = await post(registrar, "/t/lincoln/grade-exports/nobodys/run")
    assert unknown.status_code == 404
