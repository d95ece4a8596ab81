"""A feed that reads what has changed of a SIS between whole pulls: never less than a whole pull would.

What a delta brings is laid over what was proven before, so Canvas has after it what it would have
after a whole pull; and what no delta can tell stays, until a whole pull says so.
"""

import json
from itertools import count

import msgspec
import pytest

from rosterway.runs.clock import utc_now
from rosterway.runs.moments import Moment
from rosterway.runs.requests import DELTA, request_pull
from rosterway.sandbox.sis.server import start_sis
from rosterway.store import deliveries, runs, stages
from rosterway.store.runs import Trigger
from runs.pulling import (
    approved,
    expected,
    in_force,
    live,
    loaded,
    run_now,
    school_of,
    told,
)

#: Neither moment comes while a test runs: the tests ask for deltas themselves.
SCHEDULES = {"schedule": "0 2 29 2 *", "delta": "30 2 29 2 *"}
_OCCASIONS = count(1)


@pytest.fixture
async def sis():
    async with start_sis(students=24, seed=7) as running:
        yield running
        running.provider.faults.put([])


@pytest.fixture
async def school(installations, canvas, sis):
    return await school_of(installations, canvas, sis, **SCHEDULES)


def ask_for_delta(house):
    """What the conductor does when a delta's moment has come."""
    return request_pull(
        house.tenant(),
        "nightly",
        kind=DELTA,
        trigger=Trigger.SCHEDULE,
        occasion=str(next(_OCCASIONS)),
        now=utc_now(),
    ).id


async def delta(house):
    """A delta, once it has ended."""
    handle, run = house.tenant(), ask_for_delta(house)
    await house.until(lambda: runs.get(handle, run).ended_at, what="the delta")
    return runs.get(handle, run)


def summary(house, run):
    """What a pull says of itself."""
    handle = house.tenant()
    kept = stages.file(handle, run.id, "pull.json")
    return msgspec.json.decode(handle.blobs.local(kept.blob).read_bytes())


def deviations(house, run):
    return {each["code"] for each in summary(house, run)["deviations"]}


def filters(sis):
    """The filters the SIS was asked with since it was last asked this."""
    asked = [each.query for each in sis.provider.requests if "filter=" in each.query]
    sis.provider.requests.clear()
    return asked


def kept_files(house):
    return sorted((house.home / "kept").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("fault", "days", "noticed"),
    [
        (None, 2, set()),
        pytest.param(None, 5, set(), marks=pytest.mark.soak),
        pytest.param("same-modified", 2, set(), marks=pytest.mark.soak),
        ("frozen-modified", 2, set()),
        ("filter-ignored", 2, {"filter-ignored"}),
    ],
)
async def test_what_has_changed_reaches_canvas_as_by_a_whole_pull(
    school, sis, canvas, tmp_path, fault, days, noticed
):
    sis.provider.faults.put([fault] if fault else [])
    run = await loaded(school)
    filters(sis)
    for day in range(2, days + 1):
        await sis.provider.be_on(day)
        run = await delta(school)

        assert run.outcome == "delivered", run.reason
        assert filters(sis)
        assert summary(school, run)["instead_of_delta"] is None
        assert deviations(school, run) >= noticed
        roster = await expected(school, sis, tmp_path / f"day-{day}")
        assert in_force(roster) == await live(canvas)
    said = summary(school, run)["delta"]
    assert said["deltas_before"] == days - 2
    has_all = said["came"]["enrollments"] == said["of"]["enrollments"]
    assert has_all is (fault is not None)


async def test_a_provider_that_refuses_the_filter_is_read_whole_and_people_are_told(
    school, sis, canvas, tmp_path
):
    sis.provider.faults.put(["filter-refused"])
    await loaded(school)
    await sis.provider.be_on(2)
    run = await delta(school)

    assert run.outcome == "delivered", run.reason
    assert "does not tell what has changed" in summary(school, run)["instead_of_delta"]
    shown = await told(school, "run", "show", run.id)
    assert "because the SIS does not tell what has changed" in shown["stages"][0]["note"]
    assert in_force(await expected(school, sis, tmp_path / "day-2")) == await live(canvas)


async def test_what_vanishes_without_a_word_stays_until_a_whole_pull(school, sis, canvas):
    await loaded(school)
    before = await live(canvas)
    gone = max(sis.provider.held.records["enrollment"].values(), key=lambda one: one["endDate"])
    sis.provider.held.purge("enrollment", gone["sourcedId"])
    run = await delta(school)
    after_delta = await live(canvas)
    whole = await run_now(school)

    assert run.outcome == "nothing"
    assert before == after_delta
    assert whole.outcome == "delivered"
    assert len(before["enrollments"] - (await live(canvas))["enrollments"]) == 1


async def test_an_unproven_delta_adds_and_updates_only(school, sis, canvas, tmp_path):
    await loaded(school)
    before = await live(canvas)
    kept = kept_files(school)
    sis.provider.faults.put(["totals-too-high"])
    await sis.provider.be_on(2)
    run = await delta(school)
    sis.provider.faults.put([])
    delivery = deliveries.of_feed(school.tenant(), "nightly")[0]
    receipt = school.receipt(delivery)

    assert delivery.unproven
    assert run.outcome == "held"
    assert "unproven-pull" in json.dumps(receipt["plan"])
    assert kept == kept_files(school)
    vanished = {name: one["vanished"] for name, one in receipt["plan"]["tables"].items()}
    assert not any(vanished.values())
    await approved(school, run.id)
    wanted = in_force(await expected(school, sis, tmp_path / "day-2"))
    after = await live(canvas)
    assert wanted["enrollments"] <= after["enrollments"]
    assert before["enrollments"] - after["enrollments"] <= (
        before["enrollments"] - wanted["enrollments"]
    )


async def test_a_delta_without_anything_to_lay_it_over_is_a_whole_pull(
    school, sis, canvas, tmp_path
):
    handle, run = school.tenant(), ask_for_delta(school)
    await school.until(lambda: runs.get(handle, run).ended_at, what="the first pull")
    first = runs.get(handle, run)
    await approved(school, run)

    assert summary(school, first)["instead_of_delta"] == "no whole pull is kept yet"
    assert in_force(await expected(school, sis, tmp_path / "day-1")) == await live(canvas)

    (school.folder / "translation.toml").write_text('[years]\ntake = "all"\n# other\n')
    await school.stop()
    await school.start()
    changed = await delta(school)

    assert "configuration" in summary(school, changed)["instead_of_delta"]
    assert summary(school, await delta(school))["instead_of_delta"] is None


async def test_a_whole_pull_says_what_no_delta_would_have_told(school, sis, canvas, tmp_path):
    """The change is there, its date is not: it comes with the next whole pull."""
    await loaded(school)
    user = next(iter(sis.provider.held.records["user"].values()))
    sis.provider.held.put("user", {**user, "familyName": "Nightingale"}, None)
    run = await delta(school)
    await run_now(school)
    whole = runs.latest(school.tenant(), feed="nightly", kind="pull", limit=1)[0]

    assert run.outcome == "nothing"
    [found] = [
        each for each in summary(school, whole)["deviations"] if each["code"] == "change-undated"
    ]
    assert ("users", 1) == (found["table"], found["count"])


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(Moment.PULLED, marks=pytest.mark.soak),
        Moment.PULL_KEPT,
        pytest.param(Moment.DELIVERY_SEALED, marks=pytest.mark.soak),
    ],
)
async def test_a_delta_that_is_killed_ends_as_one_delivery(school, sis, canvas, tmp_path, moment):
    await loaded(school)
    await sis.provider.be_on(2)
    await school.stop()
    await school.start(kill_at=moment)
    run = ask_for_delta(school)
    await school.died()
    await school.start()
    handle = school.tenant()
    await school.until(lambda: runs.get(handle, run).ended_at, what="the end of the delta")
    ended = runs.get(handle, run)

    assert ended.outcome == "delivered", ended.reason
    assert len(deliveries.of_feed(handle, "nightly")) == 2
    assert summary(school, ended)["instead_of_delta"] is None
    assert in_force(await expected(school, sis, tmp_path / "day-2")) == await live(canvas)
    assert not any((school.home / "pulls").rglob("*.csv"))
    assert 1 == len({path.parent for path in kept_files(school)})


async def test_what_is_kept_goes_when_the_configuration_wants_no_deltas(school, sis):
    await loaded(school)
    assert kept_files(school)
    await school.stop()
    del school.tenants["lincoln"].feeds["nightly"]["delta"]
    await school.start()

    assert [] == kept_files(school)
