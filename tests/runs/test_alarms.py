"""Alarms: when a feed has been silent for too long, when its counts are not as usual, and no oftener."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rosterway.runs.alarms import Alarms, silent_for, unusual
from rosterway.runs.office import Office
from rosterway.settings import Alarm, Apply, parse
from rosterway.store import Home, Store, alarms, configuration, deliveries, feeds, plans, runs
from rosterway.store.alarms import AlarmKind
from rosterway.store.plans import Decision, PlanState
from rosterway.store.runs import Trigger

FILE = """
[tenant.lincoln]
name = "Lincoln"
time_zone = "America/Denver"
canvas = { url = "https://canvas.example", token = { env = "T" }, environment = "sandbox" }
blackout = ["2026-01-10..2026-01-11"]
feed.nightly = { from = "gateway", folder = "diffing", schedule = "0 2 * * *" }
feed.daily = { from = "gateway", folder = "daily", apply = "diffing", alarm = { silent = "26h" } }
feed.parts = { from = "gateway", folder = "imports" }
feed.school = { from = "gateway", folder = "school", apply = "diffing", schedule = "0 2 * * 1-5" }
"""
LINCOLN = parse(FILE).tenants["lincoln"]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("feed", "since", "now", "hours"),
    [
        # by a duration of its own
        ("daily", "2026-01-13T09:00", "2026-01-14T11:00", None),
        ("daily", "2026-01-13T09:00", "2026-01-14T11:01", 26),
        # days of blackout are no silence, and on one nothing is missed
        ("daily", "2026-01-09T09:00", "2026-01-11T12:00", None),
        ("daily", "2026-01-09T09:00", "2026-01-12T10:59", None),
        ("daily", "2026-01-09T09:00", "2026-01-12T11:01", 26),
        # by its schedule: two o'clock in Denver is nine o'clock
        ("nightly", "2026-01-13T09:10", "2026-01-14T20:00", None),
        ("nightly", "2026-01-13T09:10", "2026-01-15T10:00", None),
        ("nightly", "2026-01-13T09:10", "2026-01-15T10:01", 48),
        # a weekend without a moment is none
        ("school", "2026-01-16T09:10", "2026-01-19T12:00", None),
        ("school", "2026-01-16T09:10", "2026-01-20T10:01", 96),
        # nobody has said when it should come
        ("parts", "2026-01-01T00:00", "2026-01-31T00:00", None),
    ],
)
def test_a_feed_is_silent_when_it_is_longer_than_expected(feed, since, now, hours):
    silence = silent_for(LINCOLN, LINCOLN.feeds[feed], at(since), at(now))

    assert hours == (silence and silence // timedelta(hours=1))


def test_a_schedule_of_every_quarter_of_an_hour_expects_a_delivery_a_day():
    feed = replace(LINCOLN.feeds["nightly"], schedule="*/15 * * * *")
    since = at("2026-01-13T09:00")

    assert silent_for(LINCOLN, feed, since, since + timedelta(hours=26)) is None
    assert silent_for(LINCOLN, feed, since, since + timedelta(hours=26, minutes=1))


def test_an_alarm_of_nothing_is_switched_off():
    feed = replace(LINCOLN.feeds["nightly"], alarm=Alarm(silent=timedelta()))

    assert silent_for(LINCOLN, feed, at("2026-01-13T09:00"), at("2026-02-13T09:00")) is None


def plan(number, rows, *, state=PlanState.DELIVERED, table="users", **more):
    tables = {table: {"create": 1, "update": 2, "unchanged": rows - 3, "vanished": 7}}
    tables |= {name: {"create": count} for name, count in more.items()}
    return plans.Plan(
        tenant="lincoln",
        id=f"plan-{number}",
        digest="a" * 64,
        feed="nightly",
        run=f"run-{number}",
        delivery=f"delivery-{number}",
        baseline_generation=0,
        decision=Decision.GO,
        summary={"tables": tables},
        artifacts={},
        created_at=at("2026-01-13T09:00"),
        state=state,
        state_at=at("2026-01-13T09:00"),
        reason="",
    )


def found(newest, *before, feed=None):
    feed = feed or LINCOLN.feeds["nightly"]
    return [one.about for one in unusual(feed, [newest, *before])]


USUAL = [plan(number, rows) for number, rows in enumerate((1000, 1010, 990, 1005))]


@pytest.mark.parametrize(
    ("rows", "is_unusual"), [(693, False), (692, True), (1313, False), (1314, True), (1000, False)]
)
def test_counts_are_unusual_beyond_the_band_widened_by_a_share(rows, is_unusual):
    waiting = plan(9, rows, state=PlanState.WAITING)

    assert (["users"] if is_unusual else []) == found(waiting, *USUAL)


@pytest.mark.parametrize(
    ("counts", "rows", "is_unusual"),
    [(0.04, 950, True), (0.04, 951, False), (0.05, 950, False), (0.0, 5, False)],
)
def test_the_share_is_a_setting_and_nothing_switches_it_off(counts, rows, is_unusual):
    feed = replace(LINCOLN.feeds["nightly"], alarm=Alarm(counts=counts))

    assert (["users"] if is_unusual else []) == found(plan(9, rows), *USUAL, feed=feed)


def test_few_rows_are_nothing_whatever_their_share():
    small = [plan(number, 10) for number in range(4)]

    assert [] == found(plan(9, 29), *small)
    assert ["users"] == found(plan(9, 30), *small)


def test_a_table_that_is_gone_or_new_is_unusual():
    assert ["courses", "users"] == found(plan(9, 500, table="courses"), *USUAL)


def test_with_fewer_than_three_confirmed_nothing_is_usual():
    assert [] == found(plan(9, 5), *USUAL[:2])
    assert ["users"] == found(plan(9, 5), *USUAL[:3])


def test_plans_of_one_delivery_count_once_and_those_put_aside_not_at_all():
    aside = [
        plan(number, 5, state=state)
        for number, state in enumerate(
            (PlanState.SUPERSEDED, PlanState.DISCARDED, PlanState.REFUSED), start=20
        )
    ]

    assert [] == found(aside[0], *aside[1:], *USUAL)
    assert [] == found(plan(9, 5), *[USUAL[0]] * 4)


def test_what_was_let_pass_is_usual_from_then_on():
    assert ["users"] == found(plan(9, 2000), *USUAL)
    assert [] == found(plan(10, 2010), plan(9, 2000), *USUAL)


def test_in_imports_counts_are_watched_only_if_asked():
    feed = replace(LINCOLN.feeds["nightly"], apply=Apply.IMPORTS)
    asked = replace(feed, alarm=Alarm(counts=0.3))

    assert [] == found(plan(9, 5), *USUAL, feed=feed)
    assert ["users"] == found(plan(9, 5), *USUAL, feed=asked)


# -- in the store ---------------------------------------------------------------------------


class Watch:
    """A home whose clock is moved by hand."""

    def __init__(self, folder):
        self.now = at("2026-01-13T09:00")
        self.store = Store.open(Home.create(folder))
        settings = parse(FILE)
        configuration.apply(self.store, settings, now=self.now)
        self.alarms = Alarms(
            Office(
                home=self.store.home,
                store=self.store,
                settings=settings,
                config_folder=Path("/"),
                clock=lambda: self.now,
            )
        )

    @property
    def lincoln(self):
        return self.store.tenant("lincoln")

    def deliver(self, feed, rows=1000, *, decision=Decision.NOTHING):
        """A delivery of so many users, and its plan."""
        self.now += timedelta(minutes=1)
        sealed = deliveries.seal(
            self.lincoln,
            feed=feed,
            source="sftp",
            sender="",
            received_at=self.now,
            files=(),
            because="settled",
            now=self.now,
        )
        run = runs.request(
            self.lincoln,
            kind="roster",
            feed=feed,
            delivery=sealed.id,
            trigger=Trigger.SEALED,
            occasion="",
            application_version="1",
            now=self.now,
        )
        return plans.record(
            self.lincoln,
            digest=f"{rows:064x}",
            feed=feed,
            run=run.id,
            delivery=sealed.id,
            baseline_generation=0,
            decision=decision,
            asks=False,
            summary={"tables": {"users": {"unchanged": rows}}},
            artifacts={},
            now=self.now,
        )

    def look(self, **later):
        self.now += timedelta(**later) + timedelta(minutes=1)
        self.alarms.look()
        return alarms.lasting(self.lincoln)


@pytest.fixture
def watch(tmp_path):
    made = Watch(tmp_path / "home")
    yield made
    made.store.close()


def test_silence_is_noticed_once_told_as_it_is_and_over_with_the_next_delivery(watch):
    watch.deliver("daily")
    assert [] == watch.look(hours=25)

    (first,) = watch.look(hours=1)
    (later,) = [one for one in watch.look(hours=10) if one.feed == "daily"]

    assert ("daily", AlarmKind.SILENT, first.raised_at) == (later.feed, later.kind, later.raised_at)
    assert "daily has brought nothing for 1d2h, since 2026-01-13 02:01 MST" in first.reason
    assert "at least every 1d2h" in first.reason
    assert "nothing for 1d12h" in later.reason
    assert "whether the export runs" in later.remedy
    watch.deliver("daily")
    assert [] == [one for one in watch.look() if one.feed == "daily"]


def test_a_feed_that_is_paused_is_not_missed(watch):
    watch.deliver("daily")
    assert ["daily"] == [one.feed for one in watch.look(hours=27)]

    feeds.pause(watch.lincoln, "daily", by="ana", reason="", now=watch.now)
    assert [] == watch.look()
    feeds.resume(watch.lincoln, "daily", by="ana", now=watch.now)
    assert [] == watch.look()
    assert "daily" in [one.feed for one in watch.look(hours=27)]


def test_counts_out_of_their_band_are_told_with_the_plan_until_the_next_is_as_usual(watch):
    for rows in (1000, 1010, 990):
        watch.deliver("nightly", rows)
    held = watch.deliver("nightly", 300, decision=Decision.HOLD)

    (one,) = watch.look()

    assert (AlarmKind.COUNTS, "users") == (one.kind, one.about)
    assert "users of nightly came with 300 rows" in one.reason
    assert "the last 3 confirmed deliveries had 990 to 1,010" in one.reason
    assert held.digest[:12] in one.remedy
    assert [one] == watch.look()
    watch.deliver("nightly", 1005)
    assert [] == watch.look()
