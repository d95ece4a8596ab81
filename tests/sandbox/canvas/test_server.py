"""The server: ready only when its district is in, the same after a restart, gone when told."""

import asyncio

import aiohttp
import pytest

from canvas_sandbox import SCHOOL, USERS, client_of, table
from rosterway.sandbox.canvas.server import serve
from rosterway.sandbox.canvas.trouble import SandboxUsageError

MANY = {"users.csv": table(USERS, *(f"U{n},user{n},active,User {n}," for n in range(30)))}


def write(folder, files):
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


async def test_it_is_ready_when_the_district_is_in_and_ends_when_cancelled(tmp_path):
    ready = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(
        serve(
            port=0,
            home=tmp_path / "home",
            faults=("500:1",),
            district=write(tmp_path / "district", SCHOOL),
            ready=ready.set_result,
        )
    )
    said = await asyncio.wait_for(ready, 10)
    assert set(said) == {"url", "token"}
    headers = {"Authorization": f"Bearer {said['token']}"}
    async with aiohttp.ClientSession(said["url"], headers=headers) as session:
        for expected in (200, 200, 500, 200):
            async with session.get("/api/v1/courses/sis_course_id:C1") as response:
                assert response.status == expected
    server.cancel()
    with pytest.raises(asyncio.CancelledError):
        await server
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(said["url"])


async def test_a_folder_without_csv_files_is_refused(tmp_path):
    with pytest.raises(SandboxUsageError, match="no CSV files"):
        await serve(
            port=0,
            home=tmp_path / "home",
            faults=(),
            district=write(tmp_path / "district", {}),
            ready=lambda _: None,
        )


async def test_a_home_keeps_its_token_and_all_it_holds(tmp_path):
    async with client_of(tmp_path) as canvas:
        await canvas.good(SCHOOL)
        token = canvas.sandbox.token
    async with client_of(tmp_path) as canvas:
        assert canvas.sandbox.token == token
        assert (await canvas.get("users/sis_user_id:U1"))["name"] == "Ann Lee"
        assert (await canvas.show(1))["workflow_state"] == "imported"
        again = await canvas.good(SCHOOL)
        assert again["data"]["statistics"]["total_state_changes"] == 0


async def test_an_import_that_was_running_when_the_server_closed_starts_over(tmp_path):
    async with client_of(tmp_path) as canvas:
        await canvas.control("PUT", "knobs", json={"stepped": True, "segment_rows": 10})
        await canvas.post(MANY)
        await canvas.post(MANY)
        await canvas.control("POST", "steps", json={"count": 2})
        waiting = (await canvas.control("GET", "steps?wait=10"))["waiting"]
        assert waiting["step"] == "segment users.csv"
    async with client_of(tmp_path) as canvas:
        await canvas.idle()
        for import_id in (1, 2):
            finished = await canvas.show(import_id)
            assert finished["workflow_state"] == "imported"
            assert finished["data"]["counts"]["users"] == 30


async def test_the_next_import_can_be_made_to_wait_after_an_abort(canvas):
    await canvas.control("PUT", "knobs", json={"stepped": True, "pause_after_abort": 60})
    _, first = await canvas.post(MANY)
    _, second = await canvas.post(MANY)
    await canvas.control("GET", "steps?wait=10")
    await canvas.call("PUT", f"accounts/self/sis_imports/{first['id']}/abort")
    assert not (await canvas.control("GET", "idle?wait=0.05"))["idle"]
    assert (await canvas.show(second["id"]))["workflow_state"] == "created"


async def test_the_api_answers_while_an_import_runs(canvas):
    await canvas.control("PUT", "knobs", json={"segment_rows": 5})
    rows = table(USERS, *(f"U{n},user{n},active,User {n}," for n in range(2000)))
    _, created = await canvas.post({"users.csv": rows})
    states = []
    while (found := await canvas.show(created["id"]))["workflow_state"] != "imported":
        states.append((found["workflow_state"], found["progress"]))
        made = {"pseudonym[unique_id]": f"byhand{len(states)}"}
        assert (await canvas.call("POST", "accounts/self/users", data=made))[0] == 200
    assert len(states) > 1
    assert [progress for _, progress in states] == sorted(progress for _, progress in states)
    users = await canvas.everything("accounts/self/users?per_page=100")
    assert len(users) == 2001 + len(states)
