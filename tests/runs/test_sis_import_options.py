"""What a feed's settings ask of its SIS imports: Canvas is asked for it, and does it.

The steps of the runs are driven in this process, against a sandbox Canvas.
"""

from datetime import UTC, datetime, timedelta

import pytest

from rosterway.canvas.client import Call, CanvasClient
from rosterway.runs import approve
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.sandbox.canvas.server import running
from rosterway.settings import parse
from rosterway.store import Home, Store, configuration, plans, runs, sis_imports
from rosterway.store.runs import Outcome, Trigger

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
BY_HAND = Call("changing a course by hand")
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
sis_import = {options}
"""


class Feed:
    """A feed of one course."""

    def __init__(self, folder, canvas, monkeypatch):
        self.folder, self.canvas, self.time = folder, canvas, NOW
        monkeypatch.setenv("CANVAS_TOKEN", canvas.token)
        self.home = Home.create(folder / "home")
        self.store = Store.open(self.home)

    def options(self, options):
        settings = parse(CONFIG.format(url=self.canvas.url, options=options))
        configuration.apply(self.store, settings, now=self.time)
        self.office = Office(
            home=self.home,
            store=self.store,
            settings=settings,
            config_folder=self.folder,
            clock=lambda: self.time,
            patience=Patience(scale=0.01),
        )

    @property
    def handle(self):
        return self.store.tenant("lincoln")

    async def deliver(self, name):
        """A delivery in which the course is called so; the run's end, approved if it must be."""
        self.time += timedelta(hours=1)
        file = self.folder / "courses.csv"
        file.write_text(f"course_id,short_name,long_name,status\nBIO,BIO,{name},active\n")
        sealed = deliver_paths(
            self.store, "lincoln", "nightly", [file], sender="a test", now=self.time
        )
        run = await self._go(
            request_roster(self.handle, sealed, trigger=Trigger.SEALED, now=self.time)
        )
        if run.outcome is Outcome.HELD:
            assert run.plan is not None
            plan = plans.get(self.handle, run.plan)
            _, approved = approve.approve(
                self.handle, plan.digest, operator="maria", reason="", now=self.time
            )
            run = await self._go(approved)
        return run

    async def _go(self, run):
        while await advance(self.office, "lincoln", run.id, in_lane=True) is not Then.ENDED:
            pass
        return runs.get(self.handle, run.id)

    async def in_canvas(self, method="GET", **body):
        async with CanvasClient(self.canvas.url, self.canvas.token, account="1") as client:
            path = "/api/v1/courses/sis_course_id:BIO"
            if method == "GET":
                return (await client.get(path, call=BY_HAND))["name"]
            return await client.send(method, path, call=BY_HAND, json=body)


@pytest.fixture
async def feed(tmp_path, monkeypatch):
    async with running(tmp_path / "canvas") as canvas:
        kept = Feed(tmp_path, canvas, monkeypatch)
        yield kept
        kept.store.close()


async def test_a_name_changed_by_hand_stays_until_the_settings_ask_to_override_it(feed):
    feed.options("{}")
    await feed.deliver("Biology")
    await feed.in_canvas("PUT", course={"name": "Life and Death"})
    await feed.deliver("Biology I")
    assert await feed.in_canvas() == "Life and Death"

    feed.options("{ override_sis_stickiness = true, clear_sis_stickiness = true }")
    run = await feed.deliver("Biology II")
    assert await feed.in_canvas() == "Biology II"
    assert run.plan is not None
    (sent,) = sis_imports.of_plan(feed.handle, run.plan)
    assert sent.options == {"override_sis_stickiness": True, "clear_sis_stickiness": True}

    feed.options("{}")
    await feed.deliver("Biology III")
    assert await feed.in_canvas() == "Biology III"  # it counts as changed by hand no more


async def test_the_digest_covers_what_canvas_is_asked_for(feed):
    digests = []
    for options in ("{}", "{ override_sis_stickiness = true }"):
        feed.options(options)
        feed.time += timedelta(hours=1)
        file = feed.folder / "courses.csv"
        file.write_text("course_id,short_name,long_name,status\nBIO,BIO,Biology,active\n")
        sealed = deliver_paths(
            feed.store, "lincoln", "nightly", [file], sender="a test", now=feed.time
        )
        run = request_roster(
            feed.handle, sealed, trigger=Trigger.HAND, occasion=options, now=feed.time
        )
        while await advance(feed.office, "lincoln", run.id, in_lane=False) is Then.MORE:
            pass
        made = runs.get(feed.handle, run.id).plan
        assert made is not None
        digests.append(plans.get(feed.handle, made).digest)
    assert len(set(digests)) == 2
