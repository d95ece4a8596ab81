"""`rosterway feed`, `run` and `plan DIGEST` on a home that is served.

What happens there is told once, by fixtures that follow from each other: a first load is `held`,
approved and `sent`, and a `second` day goes by itself. The tests look at what was said meanwhile.
"""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio

from cli.terminal import rosterway, tree
from rosterway.runs.clock import utc_now
from rosterway.settings import parse
from rosterway.store import Home, Store, alarms, configuration, deliveries
from rosterway.store.alarms import AlarmKind
from runs.installation import Installation, Tenant, feed

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def json_of(house: Installation, *words: str, code: int = 0) -> Any:
    """What a command says as JSON; nothing else may be on stdout."""
    done = await house.run(*words, "--format", "json")
    assert done.code == code, done.err or done.out
    return done.json


async def feed_of(house: Installation, name: str) -> dict[str, Any]:
    """The feed as `feed list` has it."""
    return next(one for one in await json_of(house, "feed", "list") if one["feed"] == name)


async def ended_run(house: Installation, run: str) -> Any:
    """The run as `run show` has it, once it has ended."""
    told = await json_of(house, "run", "show", run)
    return told if told["ended_at"] else None


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def held(house: Installation, days):
    """A first load: it waits for a person."""
    told = await json_of(house, "feed", "deliver", "nightly", str(days.first), "--wait", code=10)
    digest = (await feed_of(house, "nightly"))["waiting"]
    shown = await json_of(house, "plan", "show", digest[:8])
    words = (await house.run("plan", "show", digest)).out
    return SimpleNamespace(told=told, digest=digest, shown=shown, words=words)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sent(house: Installation, held):
    """The first load, approved and in Canvas."""
    by = ("--operator", "maria", "--reason", "looked at")
    told = await json_of(house, "plan", "approve", held.digest, *by)
    again = await json_of(house, "plan", "approve", held.digest, code=1)
    run = await house.until(lambda: ended_run(house, told["run"]), what="the approved run")
    return SimpleNamespace(told=told, again=again, run=run)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def second(house: Installation, sent, days):
    """The second day, delivered and waited for, in words; then run again."""
    delivered = await house.run("feed", "deliver", "nightly", str(days.second), "--wait")
    again = await json_of(house, "feed", "run", "nightly", "--wait")
    return SimpleNamespace(delivered=delivered, again=again)


async def test_a_feed_is_listed_before_anything_has_come(house):
    assert await feed_of(house, "extra") == {
        "feed": "extra",
        "folder": "imports",
        "apply": "imports",
        "paused": False,
        "last_run": None,
        "last_outcome": None,
        "last_at": None,
        "waiting": None,
        "to_begin": None,
        "blackout": None,
        "alarms": [],
    }


async def test_a_first_load_waits_and_the_command_says_so_with_10(held, days):
    assert set(held.told) == {"delivery", "feed", "files", "run", "outcome"}
    assert (held.told["feed"], held.told["outcome"]) == ("nightly", "held")
    names = {file["name"] for file in held.told["files"]}
    assert names == {path.name for path in days.first.iterdir()}
    assert all(len(file["sha256"]) == 64 for file in held.told["files"])


async def test_a_kept_plan_is_shown_as_a_tried_one(held, days):
    tried = rosterway("plan", days.first, "--format", "json").json

    assert held.shown["digest"] == held.digest != tried["digest"]  # tenant and feed are in it
    assert (held.shown["state"], held.shown["feed"]) == ("waiting", "nightly")
    for part in ("decision", "tables", "removals", "files", "imports", "holds", "off"):
        assert held.shown[part] == tried[part]


async def test_a_kept_plan_in_words_reads_like_a_tried_one(held, days):
    tried = rosterway("plan", days.first).out.splitlines()

    *kept, last = held.words.splitlines()
    assert kept == tried[1:-1]
    assert last == f"WAITING  {held.digest}"


async def test_an_approval_is_of_a_digest_and_given_once(held, sent):
    assert (sent.told["digest"], sent.told["verdict"]) == (held.digest, "approve")
    assert sent.again["error"]["code"] == "store.conflict"


async def test_a_run_shows_its_stages_its_plan_and_its_sis_imports(house, sent):
    listed = await json_of(house, "run", "list", "--feed", "nightly")
    words = await house.run("run", "show", sent.run["run"])

    [shown] = [run for run in listed if run["run"] == sent.run["run"]]
    assert {name: sent.run[name] for name in shown} == shown
    assert sent.run["outcome"] == "delivered"
    assert sent.run["plan_state"] == "delivered"
    stages = [stage["stage"] for stage in sent.run["stages"]]
    assert stages[-2:] == ["confirming", "reporting"]
    assert {one["workflow_state"] for one in sent.run["imports"]} == {"imported"}
    assert words.out.startswith(f"Run {sent.run['run']} of nightly: delivered\n")


async def test_what_a_run_left_can_be_copied_out(house, held, tmp_path):
    told = await json_of(house, "run", "files", held.told["run"], "--out", str(tmp_path / "out"))

    copied = {
        name: len(bytes_) for name, bytes_ in tree(tmp_path / "out").items() if bytes_ is not None
    }
    assert copied == {file["name"]: file["bytes"] for file in told}
    assert any(name.endswith("users.csv") for name in copied)


async def test_progress_is_on_stderr_and_the_result_on_stdout(house, second):
    delivered, ended = second.delivered.out.splitlines()

    assert second.delivered.code == 0
    assert delivered.startswith("Delivered as ")
    assert "ended: delivered." in ended
    run = second.delivered.out.split("Run ")[1].split()[0]
    shown = await json_of(house, "run", "show", run)
    told = [line.split()[0] for line in second.delivered.err.splitlines()]
    names = [stage["stage"] for stage in shown["stages"]]
    assert list(dict.fromkeys(told)) == ["waiting", *dict.fromkeys(names)]


async def test_the_latest_delivery_can_be_run_again_and_is_nothing_now(second):
    assert second.again["outcome"] == "nothing"


async def test_a_paused_feed_takes_deliveries_and_what_removes_is_held_afterwards(
    house: Installation, second, days
):
    paused = await json_of(house, "feed", "pause", "nightly", "--reason", "rollover")
    listed = await feed_of(house, "nightly")
    delivered = await json_of(house, "feed", "deliver", "nightly", str(days.first))
    resumed = await json_of(house, "feed", "resume", "nightly")

    async def waits() -> Any:
        return (await feed_of(house, "nightly"))["waiting"]

    digest = await house.until(waits, what="a plan that waits")
    shown = await json_of(house, "plan", "show", digest)
    told = await json_of(house, "plan", "discard", digest, "--operator", "maria")

    assert (paused, resumed) == (
        {"feed": "nightly", "paused": True},
        {"feed": "nightly", "paused": False},
    )
    assert listed["paused"] is True
    assert delivered["run"] is None
    assert "after-pause" in {hold["guard"] for hold in shown["holds"]}
    assert (told["digest"], told["verdict"]) == (digest, "discard")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        ("feed deliver nigtly .", 1, 'there is no feed "nigtly"'),
        ("feed deliver nightly nope", 2, "There is no file or folder nope."),
        ("feed run extra", 1, "Feed extra has no delivery yet."),
        ("feed list --tenant nope", 1, 'there is no tenant "nope"'),
        ("run list --feed nope", 1, 'there is no feed "nope"'),
        ("run show nope", 1, 'there is no run "nope"'),
        ("plan approve ffffffff", 1, "There is no plan with the digest ffffffff."),
    ],
)
async def test_what_is_not_there_is_said_by_name(house, words, code, message):
    told = await json_of(house, *words.split(), code=code)

    assert told["error"]["message"] == message
    assert told["error"]["remedy"]


async def test_a_pipe_has_one_line_a_run(house, held):
    lines = (await house.run("run", "list")).out.splitlines()

    assert lines[0].split() == ["run", "about", "asked", "(UTC)", "stage", "outcome"]
    assert held.told["run"] in {line.split()[0] for line in lines[2:]}
    assert max(map(len, lines)) <= 80


@pytest_asyncio.fixture(loop_scope="session")
async def alone(sandbox_canvas, tmp_path):
    """A home of its own, served until a test stops that."""
    tenant = Tenant(sandbox_canvas.url, {"nightly": feed()})
    served = Installation(tmp_path, {"lincoln": tenant}, sandbox_canvas.token)
    await served.start()
    yield served
    await served.close()


async def test_nobody_waits_where_no_server_runs_and_what_was_asked_for_is_kept(alone, days):
    await alone.stop()

    waited = await json_of(alone, "feed", "deliver", "nightly", str(days.first), "--wait", code=1)
    again = await json_of(alone, "feed", "run", "nightly", "--wait", code=1)

    assert waited["error"]["code"] == again["error"]["code"] == "store.unavailable"
    [delivery] = deliveries.of_feed(alone.tenant(), "nightly")
    assert waited["error"]["message"] == (
        "No server runs in this home, so there is nothing to wait for. "
        f"The delivery is kept as {delivery.id}: the next one takes it up."
    )
    [run] = await json_of(alone, "run", "list")
    assert run["run"] in again["error"]["message"]
    assert "rosterway serve" in waited["error"]["remedy"]


async def test_a_server_that_ends_is_not_waited_for_much_longer(alone, days):
    await alone.run("feed", "pause", "nightly")  # nothing happens until somebody resumes it
    command = ("feed", "deliver", "nightly", str(days.first), "--wait")
    waiting = asyncio.ensure_future(alone.run(*command))
    await alone.until(
        lambda: deliveries.of_feed(alone.tenant(), "nightly"), what="a sealed delivery"
    )

    await alone.stop()
    done = await waiting

    assert (done.code, done.out) == (1, "")
    assert "No server runs in this home" in done.err


RESTING = """
[tenant.lincoln]
name = "Lincoln"
time_zone = "America/Denver"
canvas = { url = "https://canvas.example", token = { env = "T" }, environment = "sandbox" }
blackout = ["2001-01-01", "2099-12-24..2100-01-03"]
feed.nightly = { from = "gateway", folder = "diffing", blackout = ["2098-11-26"] }
"""


async def test_a_feed_is_listed_with_its_next_blackout_and_its_alarms(tmp_path):
    store = Store.open(Home.create(tmp_path / "home"))
    now = utc_now()
    configuration.apply(store, parse(RESTING), now=now)
    reason, remedy = "nightly has brought nothing for 2d.", "Ask the sender."
    alarms.raise_alarm(
        store.tenant("lincoln"),
        "nightly",
        AlarmKind.SILENT,
        "",
        reason=reason,
        remedy=remedy,
        now=now,
    )
    store.close()

    (feed,) = rosterway("feed", "list", "--format", "json", "--home", tmp_path / "home").json
    words = rosterway("feed", "list", "--home", tmp_path / "home").out

    assert feed["blackout"] == "2098-11-26"
    (alarm,) = feed["alarms"]
    assert alarm == {
        "kind": "silent",
        "table": None,
        "reason": reason,
        "remedy": remedy,
        "since": now.isoformat(),
    }
    assert f"Alarm: {reason} {remedy}" in words
    assert "2098-11-26" in words
