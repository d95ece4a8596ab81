"""Limits tried on the deliveries a home has kept: what would have been held."""

import pytest

from cli.terminal import rosterway
from rosterway.errors import ConfigError, NotFoundError
from rosterway.runs.preview import preview
from rosterway.sandbox.canvas.server import running
from rosterway.store import baselines, plans
from runs.stepped import Feed

HEADER = "user_id,login_id,full_name,status"
PUPILS = [f"u{n},u{n},Pupil {n},active" for n in range(30)]


@pytest.fixture
async def feed(tmp_path, monkeypatch):
    async with running(tmp_path / "canvas") as canvas:
        monkeypatch.setenv("CANVAS_TOKEN", canvas.token)
        kept = Feed(tmp_path, canvas)
        yield kept
        kept.store.close()


async def tried(feed, limits, last=10):
    return [one async for one in preview(feed.handle, "nightly", limits, last=last)]


async def test_old_deliveries_are_held_as_they_would_have_been_and_nothing_is_kept(feed):
    await feed.comes(HEADER, *PUPILS)
    await feed.comes(HEADER, *PUPILS[:24])
    await feed.comes(HEADER, *PUPILS[:12])
    kept = [plan.id for plan in plans.latest(feed.handle)]
    generation = baselines.generation(feed.handle, "nightly")

    as_it_was = await tried(feed, {})
    assert [("first-load",), (), ("removals",)] == [one.guards for one in as_it_was]
    assert [one.was for one in as_it_was] == [one.guards for one in as_it_was]

    file = feed.folder / "limits.toml"
    asked = ("limits", "nightly", "--limits", file, "--last", "2", "--home", feed.folder / "home")
    file.write_text("removals = { count = 5 }")
    told = rosterway(*asked, "--format", "json").json
    assert ({"removals": 2}, 2) == (told["guards"], told["held"])
    assert [[], ["removals"]] == [one["was_held_by"] for one in told["deliveries"]]
    (hold,) = told["deliveries"][0]["holds"]
    assert (6, 30, {"count": 5, "share": 0.05}) == (hold["count"], hold["of"], hold["limit"])

    file.write_text("removals = { count = 40 }")
    words = rosterway(*asked).out.splitlines()
    assert "0 of 2 deliveries would be held." == words[-1]

    assert kept == [plan.id for plan in plans.latest(feed.handle)]
    assert generation == baselines.generation(feed.handle, "nightly")


async def test_limits_and_feeds_that_are_not_known_are_refused(feed):
    with pytest.raises(ConfigError, match="removls"):
        await tried(feed, {"removls": {}})
    with pytest.raises(NotFoundError):
        [one async for one in preview(feed.handle, "weekly", {}, last=1)]
    assert [] == await tried(feed, {})
