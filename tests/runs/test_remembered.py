"""What is remembered beside a feed's baseline: since when rows are missing, which columns came.

The steps of the runs are driven in this process, against a sandbox Canvas.
"""

from datetime import UTC, datetime, timedelta

import pytest

from rosterway.runs import approve
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.sandbox.canvas.server import running
from rosterway.settings import parse
from rosterway.store import Home, Store, baselines, configuration, plans, runs
from rosterway.store.runs import Outcome, Trigger

CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "{url}"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
vanished = {{ grace = "1 run" }}
"""


class Feed:
    """A feed of users and nothing else, to which something comes every night."""

    def __init__(self, folder, canvas):
        self.folder, self.time = folder, datetime(2026, 9, 1, 12, tzinfo=UTC)
        home = Home.create(folder / "home")
        self.store = Store.open(home)
        settings = parse(CONFIG.format(url=canvas.url))
        configuration.apply(self.store, settings, now=self.time)
        self.office = Office(
            home=home,
            store=self.store,
            settings=settings,
            config_folder=folder,
            clock=lambda: self.time,
            patience=Patience(scale=0.01),
        )
        self.handle = self.store.tenant("lincoln")

    async def comes(self, header, *rows, approves=True):
        """The run's plan, and how the run ended."""
        self.time += timedelta(days=1)
        file = self.folder / "users.csv"
        file.write_text("\n".join([header, *rows, ""]))
        sealed = deliver_paths(
            self.store, "lincoln", "nightly", [file], sender="a test", now=self.time
        )
        run = await self._go(
            request_roster(self.handle, sealed, trigger=Trigger.SEALED, now=self.time)
        )
        plan = plans.get(self.handle, run.plan)
        if run.outcome is Outcome.HELD and approves:
            _, approved = approve.approve(
                self.handle, plan.digest, operator="maria", reason="", now=self.time
            )
            run = await self._go(approved)
        return plan.summary, run.outcome

    async def _go(self, run):
        while await advance(self.office, "lincoln", run.id, in_lane=True) is not Then.ENDED:
            pass
        return runs.get(self.handle, run.id)


@pytest.fixture
async def feed(tmp_path, monkeypatch):
    async with running(tmp_path / "canvas") as canvas:
        monkeypatch.setenv("CANVAS_TOKEN", canvas.token)
        kept = Feed(tmp_path, canvas)
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
    assert baselines.current(feed.handle, "nightly").tables["users"].missing is None
