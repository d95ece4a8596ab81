"""Faults on request: each does what its name says, as often as asked, and then is gone."""

import asyncio
from urllib.parse import urlsplit

import aiohttp
import pytest

from canvas_sandbox import USERS, client_of, table
from rosterway.sandbox.canvas.faults import FAULTS, Faults
from rosterway.sandbox.canvas.trouble import SandboxUsageError

SELF = "users/self"
IMPORTS = "accounts/self/sis_imports"
ONE_USER = {"users.csv": table(USERS, "U1,ann,active,Ann,")}
BAD_USERS = {"users.csv": table(USERS, *(f"U{n},,active,X," for n in range(10)))}


async def put(canvas, *names, **options):
    return await canvas.control("PUT", "faults", json={"faults": names, **options})


async def test_faults_are_named_and_unknown_ones_refused(canvas):
    about = await canvas.get("/sandbox")
    assert set(about["faults"]) == set(FAULTS)
    status, body = await canvas.call("PUT", "/sandbox/faults", json={"faults": ["flood"]})
    assert status == 400
    assert "no fault 'flood'" in body["errors"][0]


async def test_every_third_request_fails_unless_said_otherwise(canvas):
    await put(canvas, "500")
    assert [(await canvas.call("GET", SELF))[0] for _ in range(6)] == [200, 200, 500] * 2
    await put(canvas, "500", every=1, times=2)
    assert [(await canvas.call("GET", SELF))[0] for _ in range(3)] == [500, 500, 200]


async def test_a_fault_counts_its_times_in_its_name_too(canvas):
    await put(canvas, "401:1", "throttled-429:2")
    assert [(await canvas.call("GET", SELF))[0] for _ in range(4)] == [401, 429, 429, 200]


@pytest.mark.parametrize(
    ("fault", "status", "text", "header"),
    [
        ("401", 401, "Invalid access token.", "WWW-Authenticate"),
        ("throttled-403", 403, "403 Forbidden (Rate Limit Exceeded)", "X-Rate-Limit-Remaining"),
        ("throttled-429", 429, "Rate Limit Exceeded", "X-Rate-Limit-Remaining"),
        ("html-200", 200, "<!DOCTYPE html>", None),
        ("html-502", 502, "<!DOCTYPE html>", None),
        ("500", 500, "internal_server_error", None),
    ],
)
async def test_a_fault_answers_in_canvas_s_place(canvas, fault, status, text, header):
    await put(canvas, fault, times=1, every=1)
    async with canvas.session.get(f"/api/v1/{SELF}") as response:
        assert response.status == status
        assert text in await response.text()
        assert header is None or header in response.headers
    assert (await canvas.call("GET", SELF))[0] == 200


async def test_maintenance_is_answered_with_200_and_502_in_turn(canvas):
    await put(canvas, "html")
    assert {(await canvas.call("GET", SELF))[0] for _ in range(2)} == {200, 502}


async def test_garbled_json_ends_in_the_middle(canvas):
    await put(canvas, "garbled-json", times=1)
    _, text = await canvas.call("GET", SELF)
    assert isinstance(text, str)
    assert text.startswith('{"id":')


async def test_a_dropped_connection_leaves_nothing_behind(canvas):
    await put(canvas, "dropped-connection", times=1)
    with pytest.raises(aiohttp.ClientError):
        await canvas.post(ONE_USER)
    assert (await canvas.get(IMPORTS))["sis_imports"] == []
    (cut, _) = (await canvas.control("GET", "requests"))["requests"]
    assert (cut["method"], cut["status"]) == ("POST", None)


async def test_a_dropped_upload_makes_no_import_and_spares_other_requests(canvas):
    await put(canvas, "dropped-upload", times=1)
    assert (await canvas.call("GET", SELF))[0] == 200
    with pytest.raises(aiohttp.ClientError):
        await canvas.post(ONE_USER)
    assert (await canvas.get(IMPORTS))["sis_imports"] == []


async def test_a_segment_that_crashes_applies_none_of_its_rows_and_stops_no_other(canvas):
    await put(canvas, "segment-crash", times=1)
    finished = await canvas.send(ONE_USER)
    assert finished["workflow_state"] == "failed_with_messages"
    ((file, message),) = finished["processing_errors"]
    assert file == "users.csv"
    assert message.startswith("Error while importing CSV. Please contact support.")
    assert (await canvas.send(ONE_USER))["workflow_state"] == "imported"


async def test_an_upload_that_breaks_off_makes_no_import_and_leaves_no_file(canvas):
    url = urlsplit(canvas.sandbox.url)
    _, writer = await asyncio.open_connection(url.hostname, url.port)
    head = (
        f"POST /api/v1/{IMPORTS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/zip\r\n"
        f"Authorization: Bearer {canvas.sandbox.token}\r\nContent-Length: 100000\r\n\r\nPK"
    )
    writer.write(head.encode())
    await writer.drain()
    folder = canvas.sandbox.instance.office.folder
    async with asyncio.timeout(10):
        while not list(folder.iterdir()):
            await canvas.control("GET", "requests")
        writer.transport.abort()
        while list(folder.iterdir()):
            await canvas.control("GET", "requests")
    assert (await canvas.get(IMPORTS))["sis_imports"] == []


async def test_an_accepted_import_whose_answer_is_lost_is_there_all_the_same(canvas):
    await put(canvas, "accepted-then-dropped", times=1)
    assert (await canvas.call("GET", SELF))[0] == 200
    with pytest.raises(aiohttp.ClientError):
        await canvas.post(ONE_USER)
    await canvas.idle()
    (found,) = (await canvas.get(IMPORTS))["sis_imports"]
    assert found["workflow_state"] == "imported"
    assert [file["display_name"] for file in found["csv_attachments"]] == ["users.csv"]


async def test_a_stuck_import_stays_importing_until_the_fault_is_taken_away(canvas):
    await put(canvas, "stuck", times=1)
    _, created = await canvas.post(ONE_USER)
    assert (await canvas.control("GET", "steps?wait=10"))["waiting"]["step"] == "stuck"
    assert (await canvas.show(created["id"]))["workflow_state"] == "importing"
    await put(canvas)
    await canvas.idle()
    assert (await canvas.show(created["id"]))["workflow_state"] == "imported"


async def test_a_stuck_import_can_be_aborted_and_the_next_one_runs(canvas):
    await put(canvas, "stuck", times=1)
    _, created = await canvas.post(ONE_USER)
    _, waiting = await canvas.post(ONE_USER)
    stuck = (await canvas.control("GET", "steps?wait=10"))["waiting"]
    assert stuck == {"import": created["id"], "step": "stuck"}
    status, _ = await canvas.call("PUT", f"{IMPORTS}/{created['id']}/abort")
    assert status == 200
    await canvas.idle()
    assert (await canvas.show(created["id"]))["workflow_state"] == "aborted"
    assert (await canvas.show(waiting["id"]))["workflow_state"] == "imported"


async def test_an_import_that_stays_initializing_is_passed_by(canvas):
    await put(canvas, "initializing-forever", times=1)
    _, first = await canvas.post(ONE_USER)
    second = await canvas.good(ONE_USER)
    assert (await canvas.show(first["id"]))["workflow_state"] == "initializing"
    assert second["id"] == first["id"] + 1


async def test_an_import_takes_as_long_as_asked_and_shows_how_far_it_is(canvas):
    await canvas.control("PUT", "knobs", json={"import_seconds": 0.2})
    _, created = await canvas.post(ONE_USER)
    seen = set()
    while (found := await canvas.show(created["id"]))["workflow_state"] != "imported":
        seen.add(found["progress"])
    assert len(seen) > 3


async def test_the_slow_fault_leaves_an_import_unfinished_for_now(canvas):
    await put(canvas, "slow")
    _, created = await canvas.post(ONE_USER)
    assert not (await canvas.control("GET", "idle?wait=0.05"))["idle"]
    await canvas.call("PUT", f"{IMPORTS}/{created['id']}/abort")
    await canvas.idle()


async def test_errors_lag_behind_the_final_state(canvas):
    await put(canvas, "errors-lag")
    finished = await canvas.send(BAD_USERS)
    assert finished["data"]["counts"]["warning_count"] == 10
    assert "errors_attachment" not in finished
    path = f"{IMPORTS}/{finished['id']}/errors?per_page=100"
    counts = [len((await canvas.get(path))["sis_import_errors"]) for _ in range(3)]
    assert counts == [5, 5, 10]
    assert "errors_attachment" in await canvas.show(finished["id"])


async def test_faults_given_at_the_start_are_on(tmp_path):
    async with client_of(tmp_path, faults=("html-502:1",)) as canvas:
        listed = await canvas.control("GET", "faults")
        assert listed == {"faults": {"html-502": {"times": 1, "every": 1}}}
        assert (await canvas.call("GET", SELF))[0] == 502
        assert (await canvas.control("GET", "faults")) == {"faults": {}}


async def test_an_unknown_fault_at_the_start_is_refused(tmp_path):
    with pytest.raises(SandboxUsageError, match="no fault 'flood'"):
        async with client_of(tmp_path, faults=("flood",)):
            pass


def test_a_fault_with_a_bad_number_is_refused():
    with pytest.raises(SandboxUsageError, match="500:3"):
        Faults().put(["500:often"])


async def test_requests_are_logged_without_queries_and_bodies(canvas):
    await canvas.call("GET", f"{SELF}?access_token=secret")
    await canvas.post(ONE_USER)
    await canvas.call("GET", "users/sis_user_id:a%2Fb")
    logged = (await canvas.control("GET", "requests"))["requests"]
    assert [(entry["method"], entry["path"], entry["status"]) for entry in logged] == [
        ("GET", f"/api/v1/{SELF}", 200),
        ("POST", f"/api/v1/{IMPORTS}", 200),
        ("GET", "/api/v1/users/sis_user_id:a%2Fb", 404),
    ]
    assert all(entry["at"].endswith("Z") for entry in logged)
    await canvas.control("DELETE", "requests")
    assert (await canvas.control("GET", "requests"))["requests"] == []


@pytest.mark.parametrize(
    ("knobs", "complaint"),
    [
        ({"volume": 11}, "no knob 'volume'"),
        ({"page_max": "many"}, "takes int"),
        ({"stepped": 1}, "takes bool"),
    ],
)
async def test_knobs_are_turned_by_name_and_type(canvas, knobs, complaint):
    status, body = await canvas.call("PUT", "/sandbox/knobs", json=knobs)
    assert status == 400
    assert complaint in body["errors"][0]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/sandbox/faults", "not json"),
        ("PUT", "/sandbox/knobs", "[1]"),
        ("GET", "/sandbox/idle?wait=long", None),
        ("POST", "/sandbox/tokens", '{"rights": ["fly"]}'),
    ],
)
async def test_a_control_that_makes_no_sense_is_refused(canvas, method, path, body):
    assert (await canvas.call(method, path, data=body))[0] == 400
