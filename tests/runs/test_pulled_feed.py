"""A feed that reads a SIS: pulled, translated, planned, guarded and sent as any delivery is."""

import json

import pytest

from rosterway.runs.moments import Moment
from rosterway.sandbox.sis.server import start_sis
from rosterway.store import deliveries, runs
from runs.pulling import expected, in_force, live, loaded, run_now, school_of, told


@pytest.fixture
async def sis():
    async with start_sis(students=24, seed=7) as running:
        yield running
        running.provider.faults.put([])


@pytest.fixture
async def school(installations, canvas, sis):
    """An installation whose one feed reads the sandbox SIS when it is told to; started."""
    return await school_of(installations, canvas, sis)


async def test_a_pulled_roster_reaches_canvas_and_so_does_the_next_day(
    school, sis, canvas, tmp_path
):
    first = await loaded(school)
    shown = await told(school, "run", "show", first.id)
    roster = await expected(school, sis, tmp_path / "day-1")

    stages = [stage["stage"] for stage in shown["stages"]]
    assert stages == ["pulling", "translating", "reading", "comparing", "keeping", "reporting"]
    assert not any(stage["interrupted"] for stage in shown["stages"])
    assert await live(canvas) == in_force(roster)

    await sis.provider.be_on(2)
    second = await told(school, "feed", "run", "nightly", "--wait")
    roster = await expected(school, sis, tmp_path / "day-2")

    assert second["outcome"] == "delivered"
    assert await live(canvas) == in_force(roster)


async def test_an_unproven_pull_adds_and_removes_nothing(school, sis, canvas, tmp_path):
    await loaded(school)
    before = await live(canvas)
    sis.provider.faults.put(["totals-too-high"])
    await sis.provider.be_on(2)
    second = await run_now(school)
    sis.provider.faults.put([])
    wanted = in_force(await expected(school, sis, tmp_path / "day-2"))

    delivery = deliveries.of_feed(school.tenant(), "nightly")[0]
    receipt = school.receipt(delivery)
    assert delivery.unproven
    assert second.outcome in {"delivered", "held"}
    assert not any(receipt["plan"]["removals"].values())
    assert "unproven-pull" in json.dumps(receipt["plan"])
    after = await live(canvas)
    assert before["enrollments"] <= after["enrollments"]
    if second.outcome == "delivered":
        assert wanted["enrollments"] <= after["enrollments"]


async def test_enrollments_of_nobody_are_told_and_keep_nobody_else_from_leaving(
    school, sis, canvas
):
    """Real SISs list some every night (oneroster 15.1, rule 7)."""
    await loaded(school)
    before = await live(canvas)
    sis.provider.faults.put(["dangling-refs"])
    await sis.provider.be_on(2)
    second = await run_now(school)

    delivery = deliveries.of_feed(school.tenant(), "nightly")[0]
    receipt = school.receipt(delivery)
    codes = {problem["code"] for problem in receipt["problems"]}
    assert (delivery.unproven, second.outcome) == (None, "delivered")
    assert "reference-unknown" in codes
    assert receipt["plan"]["removals"]["enrollments"] > 0
    assert before["enrollments"] - (await live(canvas))["enrollments"]


async def test_a_sis_that_says_no_ends_the_run_with_its_words(school, sis):
    sis.provider.faults.put(["scope-refused", "missing-scope-refused"])
    ended = await school.run("feed", "run", "nightly", "--wait")

    assert ended.code == 1
    assert "failed" in ended.out
    assert deliveries.of_feed(school.tenant(), "nightly") == []


@pytest.mark.parametrize(
    "moment", [Moment.RUN_REQUESTED, Moment.PULLED, Moment.DELIVERY_SEALED, Moment.PLAN_RECORDED]
)
async def test_a_pull_that_is_killed_ends_as_one_delivery(school, moment):
    await school.stop()
    if moment is Moment.RUN_REQUESTED:
        await school.run("feed", "run", "nightly")
    else:
        await school.start(kill_at=moment)
        await school.run("feed", "run", "nightly")
        await school.died()
    await school.start()
    handle = school.tenant()

    def ended():
        return next((run for run in runs.latest(handle) if run.ended_at), None)

    run = await school.until(ended, what="the end of the run")
    assert run.outcome == "held", run.reason
    assert [one.id for one in deliveries.of_feed(handle, "nightly")] == [run.delivery]
    assert not any((school.home / "pulls").rglob("*.csv"))
