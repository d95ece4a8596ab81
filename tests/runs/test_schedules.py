"""When a feed is due: in the tenant's own time, over changes of clocks, and after an outage."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.runs.blackouts import (
    latest_open_moment,
    next_blackout,
    next_open_moment,
    open_time,
)
from rosterway.runs.conductor import Conductor, run_again
from rosterway.runs.office import Office
from rosterway.runs.schedules import latest_moment, next_moment
from rosterway.settings import parse
from rosterway.store import configuration, deliveries, feeds, plans, runs
from rosterway.store.home import Home
from rosterway.store.plans import Decision, PlanState
from rosterway.store.runs import Outcome, Trigger
from rosterway.store.store import Store

DENVER = ZoneInfo("America/Denver")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "now", "latest", "following"),
    [
        # 2 o'clock in Denver is 9 o'clock UTC in winter, 8 o'clock in summer
        ("0 2 * * *", "2026-01-15T08:59:59", "2026-01-14T09:00", "2026-01-15T09:00"),
        ("0 2 * * *", "2026-01-15T09:00:00", "2026-01-15T09:00", "2026-01-16T09:00"),
        ("0 2 * * *", "2026-07-15T08:00:00", "2026-07-15T08:00", "2026-07-16T08:00"),
        # the night the clocks go forward, 2:30 does not come; 3:00 stands in for it
        ("30 2 * * *", "2026-03-08T08:59:59", "2026-03-07T09:30", "2026-03-08T09:00"),
        ("30 2 * * *", "2026-03-08T12:00:00", "2026-03-08T09:00", "2026-03-09T08:30"),
        # the night they go back, 1:30 comes twice and is taken once
        ("30 1 * * *", "2026-11-01T07:30:00", "2026-11-01T07:30", "2026-11-02T08:30"),
        ("30 1 * * *", "2026-11-01T08:45:00", "2026-11-01T07:30", "2026-11-02T08:30"),
        # ... but every hour is every hour
        ("0 * * * *", "2026-11-01T08:15:00", "2026-11-01T08:00", "2026-11-01T09:00"),
        ("30 22 * * 1-5", "2026-11-22T12:00:00", "2026-11-21T05:30", "2026-11-24T05:30"),
    ],
)
def test_moments_are_in_the_tenants_time(schedule, now, latest, following):
    assert latest_moment(schedule, DENVER, at(now)) == at(latest)
    assert next_moment(schedule, DENVER, at(now)) == at(following)


@given(
    st.sampled_from(["0 2 * * *", "30 1 * * *", "30 2 * * *", "*/15 * * * *", "0 3 1 * *"]),
    st.integers(0, 3 * 366 * 86_400),
    st.sampled_from(["America/Denver", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
)
def test_now_lies_between_the_latest_moment_and_the_next(schedule, seconds, zone):
    now, zone = at("2025-01-01T00:00") + timedelta(seconds=seconds), ZoneInfo(zone)
    latest, following = latest_moment(schedule, zone, now), next_moment(schedule, zone, now)

    assert latest <= now < following
    assert latest_moment(schedule, zone, latest) == latest
    assert latest_moment(schedule, zone, following) == following


# -- what the conductor makes of it ---------------------------------------------------------

FILE = """
[tenant.lincoln]
name = "Lincoln"
time_zone = "America/Denver"
canvas = { url = "https://canvas.example", token = { env = "T" }, environment = "sandbox" }
feed.pulled = { from = "sis", schedule = "0 2 * * *" }
feed.often = { from = "sis", schedule = "0 2 * * *", delta = "*/30 1-12 * * *" }
feed.files = { from = "gateway", folder = "diffing", schedule = "0 2 * * *" }
feed.parts = { from = "gateway", folder = "imports", schedule = "0 2 * * *" }

[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "https://sis.example"
auth = { method = "bearer", token = { env = "S" } }
"""


class Night:
    """A home whose clock is moved by hand."""

    def __init__(self, folder):
        self.now = at("2026-01-15T00:00")
        self.folder = folder
        self.store = Store.open(Home.create(folder))
        self.restart()

    def restart(self, text=FILE):
        """A new process, some time later."""
        settings = parse(text, None)
        configuration.apply(self.store, settings, now=self.now)
        office = Office(
            home=self.store.home,
            store=self.store,
            settings=settings,
            config_folder=self.folder,
            clock=lambda: self.now,
        )
        self.conductor = Conductor(office, self.begin, wake=asyncio.Event())

    async def begin(self, tenant, run):
        """The engine, which does nothing here."""

    @property
    def lincoln(self):
        return self.store.tenant("lincoln")

    async def until(self, moment):
        """Look once a minute of the last hour before a moment, as the conductor would."""
        self.now = at(moment) - timedelta(hours=1)
        for _ in range(60):
            self.now += timedelta(minutes=1)
            await self.conductor.look()

    async def live_until(self, moment):
        """Look once a minute from now on; whatever is asked for has ended a minute later."""
        while self.now < at(moment):
            self.now += timedelta(minutes=1)
            self.end()
            await self.conductor.look()

    def asked(self, feed="pulled"):
        return runs.latest(self.lincoln, feed=feed)

    def end(self):
        """Whatever was asked for has ended."""
        for run in runs.latest(self.lincoln, unfinished=True):
            runs.end(self.lincoln, run.id, outcome=Outcome.NOTHING, now=self.now)

    def hold(self, run):
        """Its plan waits for a person."""
        return plans.record(
            self.lincoln,
            digest="a" * 64,
            feed=run.feed,
            run=run.id,
            delivery=None,
            baseline_generation=0,
            decision=Decision.HOLD,
            asks=False,
            summary={},
            artifacts={},
            now=self.now,
        )

    def seal(self, feed):
        return deliveries.seal(
            self.lincoln,
            feed=feed,
            source="sftp",
            sender="",
            received_at=self.now,
            files=(),
            because="settled",
            now=self.now,
        )


@pytest.fixture
def night(tmp_path):
    made = Night(tmp_path / "home")
    yield made
    made.store.close()


async def test_a_pull_is_asked_for_at_its_moment_and_once(night):
    await night.until("2026-01-15T08:59")
    before = night.asked()
    await night.until("2026-01-15T09:30")

    assert before == []
    [run] = night.asked()
    assert (run.kind, run.trigger, run.delivery) == ("pull", Trigger.SCHEDULE, None)
    assert run.requested_at == at("2026-01-15T09:00")


async def test_the_next_moment_is_another_run_and_waits_for_the_one_that_goes_on(night):
    await night.until("2026-01-15T09:30")
    await night.until("2026-01-16T09:30")
    while_going_on = night.asked()
    night.end()
    await night.conductor.look()

    assert len(while_going_on) == 1
    assert [run.requested_at for run in night.asked()] == [night.now, at("2026-01-15T09:00")]


async def test_moments_missed_in_an_outage_are_made_up_for_once(night):
    await night.until("2026-01-15T09:30")
    night.end()
    night.now = at("2026-01-19T15:00")
    night.restart()
    for _ in range(3):
        await night.conductor.look()
        night.end()

    assert [run.requested_at for run in night.asked()] == [night.now, at("2026-01-15T09:00")]


async def test_what_was_missed_in_a_pause_is_not_made_up_for(night):
    await night.until("2026-01-15T09:30")
    night.end()
    feeds.pause(night.lincoln, "pulled", by="maria", reason="", now=night.now)
    await night.until("2026-01-16T09:30")
    feeds.resume(night.lincoln, "pulled", by="maria", now=night.now)
    await night.until("2026-01-16T12:00")
    after_the_pause = len(night.asked())
    await night.until("2026-01-17T09:30")

    assert (after_the_pause, len(night.asked())) == (1, 2)


def kinds(night):
    """What was asked for of the feed that has both, with its time in Denver, the first first."""
    asked = reversed(night.asked("often"))
    return [(run.kind, f"{run.requested_at.astimezone(DENVER):%H:%M}") for run in asked]


async def test_deltas_come_between_whole_pulls_and_never_in_the_place_of_one(night):
    await night.live_until("2026-01-15T10:31")

    assert kinds(night) == [
        ("delta", "01:00"),
        ("delta", "01:30"),
        ("pull", "02:00"),
        ("delta", "02:30"),
        ("delta", "03:00"),
        ("delta", "03:30"),
    ]


async def test_a_whole_pull_that_a_delta_held_up_comes_after_it(night):
    await night.live_until("2026-01-15T08:30")
    night.now = at("2026-01-15T09:20")
    await night.conductor.look()
    while_going_on = kinds(night)
    for _ in range(2):
        night.end()
        await night.conductor.look()

    assert while_going_on == [("delta", "01:00"), ("delta", "01:30")]
    assert kinds(night) == [*while_going_on, ("pull", "02:20")]


async def test_after_an_outage_the_whole_is_read_and_not_what_has_changed(night):
    await night.live_until("2026-01-15T09:00")
    before = kinds(night)
    night.now = at("2026-01-16T15:10")
    night.restart()
    for _ in range(3):
        night.end()
        await night.conductor.look()

    assert kinds(night) == [*before, ("pull", "08:10")]


async def test_no_delta_is_read_while_a_plan_of_the_feed_waits_for_a_person(night):
    await night.live_until("2026-01-15T09:00")
    plan = night.hold(night.asked("often")[0])
    await night.live_until("2026-01-15T10:10")
    while_waiting = kinds(night)[-1]
    plans.advance(night.lincoln, plan.id, PlanState.DISCARDED, reason="seen", now=night.now)
    await night.live_until("2026-01-15T10:31")

    assert while_waiting == ("pull", "02:00")
    assert kinds(night)[-2:] == [("pull", "02:00"), ("delta", "03:30")]


async def test_run_now_reads_the_whole_sis_of_a_feed_with_deltas(night):
    run = run_again(night.lincoln, "often", now=night.now)

    assert run is not None
    assert run.kind == "pull"


async def test_a_delivery_waits_for_its_feeds_moment(night):
    await night.until("2026-01-15T05:00")
    sealed = night.seal("files")
    await night.until("2026-01-15T08:59")
    before = night.asked("files")
    await night.until("2026-01-15T09:10")

    assert before == []
    [run] = night.asked("files")
    assert (run.delivery, run.trigger) == (sealed.id, Trigger.SCHEDULE)


@pytest.mark.parametrize(("feed", "first"), [("files", 1), ("parts", 0)])
async def test_run_now_does_not_wait_for_the_moment(night, feed, first):
    """In `diffing/` the newest is the truth, in `imports/` every delivery counts."""
    sealed = []
    for hour in (3, 4):
        night.now = at(f"2026-01-15T0{hour}:00")
        sealed.append(night.seal(feed))
    run = run_again(night.lincoln, feed, now=night.now)

    assert run is not None
    assert (run.delivery, run.trigger) == (sealed[first].id, Trigger.HAND)


async def test_run_now_reads_the_sis(night):
    run = run_again(night.lincoln, "pulled", now=night.now)

    assert run is not None
    assert (run.kind, run.trigger) == ("pull", Trigger.HAND)


# -- days of blackout -----------------------------------------------------------------------

#: From Friday to Sunday nothing of the tenant runs, and `files` not on Monday either.
RESTING = FILE.replace(
    'time_zone = "America/Denver"',
    'time_zone = "America/Denver"\nblackout = ["2026-01-16..2026-01-18"]',
).replace(
    'feed.files = { from = "gateway", folder = "diffing", schedule = "0 2 * * *" }',
    'feed.files = { from = "gateway", folder = "diffing", schedule = "0 2 * * *",'
    ' blackout = ["2026-01-19"] }\nfeed.soon = { from = "gateway", folder = "now", apply = "diffing" }',
)


async def test_a_moment_in_a_blackout_is_passed_over_and_not_made_up_for(night):
    night.restart(RESTING)
    await night.until("2026-01-15T09:30")
    night.end()
    for day in ("16", "17", "18"):
        await night.until(f"2026-01-{day}T09:30")
    during = night.asked()
    await night.until("2026-01-19T08:59")
    before = night.asked()
    await night.until("2026-01-19T09:30")

    assert [at("2026-01-15T09:00")] == [run.requested_at for run in during]
    assert during == before
    assert at("2026-01-19T09:00") == night.asked()[0].requested_at


async def test_a_restart_in_a_blackout_or_after_it_makes_up_for_nothing_in_it(night):
    night.restart(RESTING)
    await night.until("2026-01-15T09:30")
    night.end()
    for moment in ("2026-01-17T15:00", "2026-01-19T07:30"):
        night.now = at(moment)
        night.restart(RESTING)
        await night.conductor.look()

    assert 1 == len(night.asked())


async def test_what_arrives_in_a_blackout_waits_for_its_end(night):
    night.restart(RESTING)
    night.now = at("2026-01-16T07:00")  # midnight in Denver
    delivery = night.seal("soon")
    for moment in ("2026-01-16T07:00", "2026-01-18T12:00", "2026-01-19T06:59"):
        night.now = at(moment)
        await night.conductor.look()
    during = night.asked("soon")
    night.now = at("2026-01-19T07:00")
    await night.conductor.look()

    assert [] == during
    assert [delivery.id] == [run.delivery for run in night.asked("soon")]


async def test_a_feed_has_days_of_its_own_beside_its_tenants(night):
    night.restart(RESTING)
    night.now = at("2026-01-15T12:00")
    night.seal("files")
    await night.until("2026-01-19T12:00")
    on_monday = night.asked("files")
    await night.until("2026-01-20T09:30")

    assert [] == on_monday
    assert [at("2026-01-20T09:00")] == [run.requested_at for run in night.asked("files")]


async def test_by_hand_a_feed_runs_on_any_day(night):
    night.restart(RESTING)
    night.now = at("2026-01-17T15:00")

    run = run_again(night.lincoln, "pulled", now=night.now)

    assert run is not None
    assert Trigger.HAND is run.trigger


LINCOLN = parse(RESTING, None).tenants["lincoln"]


@pytest.mark.parametrize(
    ("now", "latest", "following"),
    [
        ("2026-01-16T06:00", "2026-01-15T09:00", "2026-01-20T09:00"),
        ("2026-01-18T12:00", "2026-01-15T09:00", "2026-01-20T09:00"),
        ("2026-01-20T09:00", "2026-01-20T09:00", "2026-01-21T09:00"),
    ],
)
def test_moments_are_looked_for_around_blackouts(now, latest, following):
    files = LINCOLN.feeds["files"]

    assert at(latest) == latest_open_moment("0 2 * * *", LINCOLN, files, at(now))
    assert at(following) == next_open_moment("0 2 * * *", LINCOLN, files, at(now))


@pytest.mark.parametrize(
    ("since", "now", "hours"),
    [
        ("2026-01-15T00:00", "2026-01-16T00:00", 24),
        ("2026-01-15T07:00", "2026-01-16T19:00", 24),  # midnight in Denver is 7 o'clock
        ("2026-01-17T00:00", "2026-01-18T00:00", 0),
        ("2026-01-15T07:00", "2026-01-20T08:00", 25),
    ],
)
def test_days_of_blackout_are_no_silence(since, now, hours):
    files = LINCOLN.feeds["files"]

    assert timedelta(hours=hours) == open_time(LINCOLN, files, at(since), at(now))


def test_a_blackout_over_a_change_of_clocks_has_an_hour_less():
    days = 'blackout = ["2026-03-07..2026-03-08"]'
    lincoln = parse(FILE.replace('name = "Lincoln"', f'name = "Lincoln"\n{days}'), None).tenants[
        "lincoln"
    ]
    since, now = at("2026-03-07T07:00"), at("2026-03-09T07:00")

    assert timedelta(hours=1) == open_time(lincoln, lincoln.feeds["pulled"], since, now)


def test_the_blackout_that_is_told_is_the_next():
    files = LINCOLN.feeds["files"]
    told = [str(next_blackout(LINCOLN, files, at(f"2026-01-{day}T12:00"))) for day in (10, 17, 19)]

    assert ["2026-01-16..2026-01-18", "2026-01-16..2026-01-18", "2026-01-19"] == told
    assert next_blackout(LINCOLN, files, at("2026-01-21T12:00")) is None
