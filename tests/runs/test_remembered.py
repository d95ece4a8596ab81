"""What is remembered beside a feed's baseline: since when rows are missing, which columns came."""

import pytest

from rosterway.sandbox.canvas.server import running
from rosterway.store import baselines
from rosterway.store.runs import Outcome
from runs.stepped import Feed


@pytest.fixture
async def feed(tmp_path, monkeypatch):
    async with running(tmp_path / "canvas") as canvas:
        monkeypatch.setenv("CANVAS_TOKEN", canvas.token)
        kept = Feed(tmp_path, canvas, vanished='{ grace = "1 run" }')
        yield kept
        kept.store.close()


HEADER = "user_id,login_id,full_name,email,status"
ANN, BEN = "ann,ann,Ann,ann@hill.example,active", "ben,ben,Ben,ben@hill.example,active"


async def test_a_row_waits_for_its_grace_and_a_column_that_always_came_is_missed(feed):
    await feed.comes(HEADER, ANN, BEN)
    waits, outcome = await feed.comes(HEADER, ANN)
    assert {"users": {"rows": 1, "first": 1, "unit": "runs"}} == waits["waits"]
    assert Outcome.NOTHING == outcome

    acts, outcome = await feed.comes(HEADER, ANN)
    assert ({}, 1, Outcome.DELIVERED) == (acts["waits"], acts["removals"]["users"], outcome)

    short = HEADER.replace(",email", ""), ANN.replace(",ann@hill.example", "")
    held, _ = await feed.comes(*short)
    assert ["header-drift"] == [hold["guard"] for hold in held["holds"]]
    again, _ = await feed.comes(*short)
    assert [] == again["holds"], "somebody has said that the column is not to come any more"
    known = baselines.current(feed.handle, "nightly")
    assert known is not None
    assert known.tables["users"].missing is None
