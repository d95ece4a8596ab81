"""`rosterway feed`, `run` and `plan DIGEST` on a home that is served: one story, command by command.

The tests share a home and go in order: a first load is delivered, held, approved and sent.
"""

from typing import Any

import pytest

from cli.terminal import tree
from runs.installation import Installation

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.xdist_group("cli-home"),
]


async def json_of(house: Installation, *words: str, code: int = 0) -> Any:
    """What a command says as JSON; nothing else may be on stdout."""
    done = await house.run(*words, "--format", "json")
    assert done.code == code, done.err or done.out
    return done.json


async def waiting(house: Installation) -> str:
    """The digest of the plan that waits in `nightly`."""
    [nightly] = [f for f in await json_of(house, "feed", "list") if f["feed"] == "nightly"]
    return nightly["waiting"]


async def test_feeds_are_listed_before_anything_has_come(house):
    told = await json_of(house, "feed", "list")

    assert told == [
        {
            "feed": name,
            "folder": folder,
            "apply": folder,
            "paused": False,
            "last_run": None,
            "last_outcome": None,
            "last_at": None,
            "waiting": None,
        }
        for name, folder in [("extra", "imports"), ("nightly", "diffing")]
    ]


async def test_a_first_load_waits_and_the_command_says_so_with_10(house, days):
    told = await json_of(house, "feed", "deliver", "nightly", str(days.first), "--wait", code=10)

    assert set(told) == {"delivery", "feed", "files", "run", "outcome"}
    assert (told["feed"], told["outcome"]) == ("nightly", "held")
    assert {file["name"] for file in told["files"]} == {path.name for path in days.first.iterdir()}
    assert all(len(file["sha256"]) == 64 for file in told["files"])


async def test_a_kept_plan_is_shown_as_a_tried_one(house, days):
    digest = await waiting(house)

    kept = await json_of(house, "plan", "show", digest[:8])

    tried = await json_of(house, "plan", str(days.first), code=10)
    assert kept["digest"] == digest != tried["digest"]  # the tenant and the feed are in it
    assert (kept["state"], kept["feed"]) == ("waiting", "nightly")
    for part in ("decision", "tables", "removals", "files", "imports", "holds", "off"):
        assert kept[part] == tried[part]


async def test_a_kept_plan_in_words_has_the_tables_in_canvas_s_order(house, days):
    digest = await waiting(house)

    kept = (await house.run("plan", "show", digest)).out.splitlines()

    tried = (await house.run("plan", str(days.first))).out.splitlines()
    assert kept[:-1] == tried[1:-1]
    assert kept[-1] == f"WAITING  {digest}"


@pytest.mark.parametrize("verb", ["show", "approve", "discard"])
async def test_a_digest_nobody_has_is_1(house, verb):
    told = await json_of(house, "plan", verb, "ffffffff", code=1)

    assert told["error"]["code"] == "store.not-found"
    assert told["error"]["message"] == "There is no plan with the digest ffffffff."


async def test_an_approval_is_of_a_digest_by_name_and_once(house: Installation):
    digest = await waiting(house)

    told = await json_of(
        house, "plan", "approve", digest, "--operator", "maria", "--reason", "looked at"
    )
    again = await json_of(house, "plan", "approve", digest, code=1)

    assert (told["digest"], told["verdict"]) == (digest, "approve")
    assert again["error"]["code"] == "store.conflict"
    sent = await house.until(lambda: ended_run(house, told["run"]), what="the approved run")
    assert sent["outcome"] == "delivered"


async def ended_run(house: Installation, run: str) -> Any:
    """The run as `run show` has it, once it has ended."""
    told = await json_of(house, "run", "show", run)
    return told if told["ended_at"] else None


async def test_a_run_shows_its_stages_its_plan_and_its_sis_imports(house):
    [sent, held] = await json_of(house, "run", "list", "--feed", "nightly")

    assert (held["outcome"], sent["outcome"]) == ("held", "delivered")
    told = await json_of(house, "run", "show", sent["run"])
    assert {name: told[name] for name in sent} == sent
    assert [stage["stage"] for stage in told["stages"]][-2:] == ["confirming", "reporting"]
    assert told["plan_state"] == "delivered"
    assert {one["workflow_state"] for one in told["imports"]} == {"imported"}
    words = await house.run("run", "show", sent["run"])
    assert words.out.startswith(f"Run {sent['run']} of nightly: delivered\n")


async def test_what_a_run_left_can_be_copied_out(house, tmp_path):
    [_, held] = await json_of(house, "run", "list", "--feed", "nightly")

    told = await json_of(house, "run", "files", held["run"], "--out", str(tmp_path / "out"))

    copied = {n: len(c) for n, c in tree(tmp_path / "out").items() if c is not None}
    assert copied == {file["name"]: file["bytes"] for file in told}
    assert any(name.endswith("users.csv") for name in copied)


async def test_progress_is_on_stderr_and_the_result_on_stdout(house, days):
    done = await house.run("feed", "deliver", "nightly", str(days.second), "--wait")

    assert done.code == 0
    assert done.out.splitlines()[0].startswith("Delivered as ")
    assert "ended: delivered." in done.out.splitlines()[1]
    assert "confirming" in done.err or "sending" in done.err


async def test_the_latest_delivery_can_be_run_again_and_is_nothing_now(house):
    told = await json_of(house, "feed", "run", "nightly", "--wait")

    assert told["outcome"] == "nothing"


async def test_a_paused_feed_takes_deliveries_and_starts_nothing(house, days):
    assert await json_of(house, "feed", "pause", "nightly", "--reason", "rollover") == {
        "feed": "nightly",
        "paused": True,
    }
    [nightly] = [f for f in await json_of(house, "feed", "list") if f["feed"] == "nightly"]
    assert nightly["paused"] is True

    told = await json_of(house, "feed", "deliver", "nightly", str(days.first))

    assert told["run"] is None
    assert await json_of(house, "feed", "resume", "nightly") == {"feed": "nightly", "paused": False}


async def test_after_a_pause_a_plan_that_removes_is_held_and_can_be_discarded(house: Installation):
    digest = await house.until(lambda: waiting(house), what="a plan that waits")

    shown = await json_of(house, "plan", "show", digest)
    assert "after-pause" in {hold["guard"] for hold in shown["holds"]}
    told = await json_of(house, "plan", "discard", digest, "--operator", "maria")
    assert (told["digest"], told["verdict"]) == (digest, "discard")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["feed", "deliver", "nigtly", "."], 1, 'there is no feed "nigtly"'),
        (["feed", "deliver", "nightly", "nope"], 2, "There is no file or folder nope."),
        (["feed", "run", "extra"], 1, "Feed extra has no delivery yet."),
        (["feed", "run", "nope"], 1, 'there is no feed "nope"'),
        (["feed", "pause", "nope"], 1, 'there is no feed "nope"'),
        (["feed", "list", "--tenant", "nope"], 1, 'there is no tenant "nope"'),
        (["run", "list", "--feed", "nope"], 1, 'there is no feed "nope"'),
        (["run", "show", "nope"], 1, 'there is no run "nope"'),
        (["run", "files", "nope"], 1, 'there is no run "nope"'),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
async def test_what_is_not_there_is_said_by_name(house, words, code, message):
    told = await json_of(house, *words, code=code)

    assert told["error"]["message"] == message
    assert told["error"]["remedy"]


async def test_tables_fit_a_pipe_one_line_a_run(house):
    runs = await json_of(house, "run", "list")

    lines = (await house.run("run", "list")).out.splitlines()

    assert len(lines) == len(runs) + 2
    assert [line.split()[0] for line in lines[2:]] == [run["run"] for run in runs]
    assert max(map(len, lines)) <= 80
