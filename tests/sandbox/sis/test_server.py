"""Running it: in a program, on a thread, from files; and what is on record of it."""

import asyncio
import json
import subprocess
import sys

import aiohttp
import pytest
import requests

from rosterway.sandbox.sis.server import in_background, serve
from rosterway.sandbox.sis.static import prepare, start_static
from rosterway.sandbox.sis.trouble import SisUsageError


async def test_the_doors_are_told_and_open(sis):
    doors = sis.sis.doors()
    assert {"url", "token_url", "client_id", "client_secret", "bearer", "control"} <= doors.keys()
    assert doors["rostering_1p2"].endswith("/ims/oneroster/rostering/v1p2")
    async with sis.session.get(
        doors["gradebook_1p2"] + "/categories",
        headers={"Authorization": f"Bearer {doors['bearer']}"},
    ) as response:
        assert 200 == response.status


async def test_requests_are_on_record_without_headers_and_bodies(sis):
    await sis.get("/users", filter="givenName='Ann'", limit="5")
    await sis.call("/orgs/none")
    first, second = (await sis.control("GET", "requests"))["requests"]
    assert {
        "method": "GET",
        "path": "/ims/oneroster/rostering/v1p2/users",
        "query": "filter=givenName%3D'Ann'&limit=5",
        "at": "2026-11-23T12:00:00.000Z",
        "status": 200,
    } == first
    assert 404 == second["status"]
    assert {"requests": []} == await sis.control("DELETE", "requests")


async def test_unknown_faults_knobs_and_categories_are_refused_at_the_start(open_sis):
    for options in ({"faults": ["flood"]}, {"knobs": {"colour": 1}}, {"categories": "many"}):
        with pytest.raises(SisUsageError):
            async with open_sis(students=60, **options):
                pass


async def test_serving_for_a_person_says_when_it_is_ready():
    told = asyncio.Queue()
    serving = asyncio.ensure_future(serve(ready=told.put_nowait, students=60))
    doors = await told.get()
    async with aiohttp.ClientSession() as session, session.get(doors["control"]) as response:
        assert 1 == (await response.json())["day"]
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving


def test_it_runs_beside_a_program_without_a_loop():
    with in_background(students=60) as sis:
        headers = {"Authorization": f"Bearer {sis.provider.credentials.bearer}"}
        answer = requests.get(sis.root("1.1") + "/orgs", headers=headers, timeout=10)
        assert "district" in {org["type"] for org in answer.json()["orgs"]}
        url = sis.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)


def test_what_is_wrong_at_the_start_is_raised_beside_it():
    with pytest.raises(SisUsageError), in_background(faults=["flood"]):
        pass


async def test_a_prepared_folder_serves_whole_collections_page_by_page(tmp_path):
    counts = prepare(tmp_path, students=60)
    assert counts == prepare(tmp_path, students=60)
    async with start_static(tmp_path) as doors:
        proof = {"Authorization": f"Bearer {doors['bearer']}"}
        async with aiohttp.ClientSession(headers=proof) as session:
            for collection, count in counts.items():
                url, seen = f"{doors['rostering']}/{collection}?limit=100", []
                while url:
                    async with session.get(url) as response:
                        assert str(count) == response.headers["X-Total-Count"]
                        seen += (await response.json())[collection]
                        url = response.links.get("next", {}).get("url")
                assert count == len(seen) == len({row["sourcedId"] for row in seen})
            async with session.get(f"{doors['rostering']}/orgs?offset=999") as response:
                assert {"orgs": []} == await response.json()
            async with session.post(doors["token_url"], data={}) as response:
                assert doors["bearer"] == (await response.json())["access_token"]
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{doors['rostering']}/orgs") as response,
        ):
            assert 401 == response.status


async def test_a_folder_that_was_not_prepared_is_refused(tmp_path):
    with pytest.raises(SisUsageError, match="not prepared"):
        async with start_static(tmp_path):
            pass


def test_a_prepared_folder_is_served_by_a_process_of_its_own(tmp_path):
    counts = prepare(tmp_path, students=60)
    command = [sys.executable, "-m", "rosterway.sandbox.sis.static", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            doors = json.loads(process.stdout.readline())
            headers = {"Authorization": f"Bearer {doors['bearer']}"}
            answer = requests.get(f"{doors['rostering']}/orgs", headers=headers, timeout=10)
            assert counts["orgs"] == len(answer.json()["orgs"])
        finally:
            process.terminate()
