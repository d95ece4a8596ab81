"""A feed that reads a SIS: pulled, translated, planned, guarded and sent as any delivery is."""

import json
from types import SimpleNamespace

import pytest

from rosterway.runs.moments import Moment
from rosterway.sandbox.sis.server import start_sis
from rosterway.store import deliveries, runs
from runs.installation import Tenant
from runs.rosters import held, read

POLICY = '[years]\ntake = "all"\n'


@pytest.fixture
async def sis():
    async with start_sis(students=24, seed=7) as running:
        yield running
        running.provider.faults.put([])


@pytest.fixture
async def school(installations, canvas, sis):
    """An installation whose one feed reads the sandbox SIS when it is told to; started."""
    known = sis.provider.credentials
    client = f'client_id = "{known.client_id}", client_secret = {{ env = "SIS_SECRET" }}'
    connection = [
        'version = "1.2"',
        f'rostering_url = "{sis.url}"',
        f'auth = {{ method = "oauth2", token_url = "{sis.token_url}", {client} }}',
        "page_size = 40",
    ]
    tenant = Tenant(
        canvas.url,
        {"nightly": {"from": "sis", "policy": "translation.toml"}},
        connections={"sis": connection},
    )
    house = installations(lincoln=tenant)
    house.environment["SIS_SECRET"] = known.client_secret
    (house.folder / "translation.toml").write_text(POLICY, encoding="utf-8")
    await house.start()
    return house


async def told(house, *words):
    done = await house.run(*words, "--format", "json")
    assert done.code in {0, 10}, done.err
    return done.json


async def run_now(house):
    return SimpleNamespace(**await told(house, "feed", "run", "nightly", "--wait"))


async def loaded(house):
    """The first pull, approved and sent."""
    first = await run_now(house)
    assert first.outcome == "held"
    shown = await told(house, "run", "show", first.run)
    approved = await told(house, "plan", "approve", shown["digest"])
    handle = house.tenant()
    await house.until(lambda: runs.get(handle, approved["run"]).ended_at, what="the delivery")
    assert runs.get(handle, approved["run"]).outcome == "delivered"
    return first


async def expected(house, sis, folder):
    """What the SIS holds now, as `rosterway pull` translates it."""
    (folder.parent / "policy.toml").write_text(POLICY, encoding="utf-8")
    done = await house.run(
        *("pull", "--rostering-url", sis.url, "--version", "1.2", "--auth", "bearer"),
        *("--token-env", "SIS_TOKEN", "--out", str(folder)),
        *("--policy", str(folder.parent / "policy.toml")),
        SIS_TOKEN=sis.provider.credentials.bearer,
    )
    assert done.code == 0, done.err
    return read(folder)


async def test_a_pulled_roster_reaches_canvas_and_so_does_the_next_day(
    school, sis, canvas, tmp_path
):
    first = await loaded(school)
    shown = await told(school, "run", "show", first.run)
    roster = await expected(school, sis, tmp_path / "day-1")

    stages = [stage["stage"] for stage in shown["stages"]]
    assert stages == ["pulling", "translating", "reading", "comparing", "keeping", "reporting"]
    assert not any(stage["interrupted"] for stage in shown["stages"])
    assert await live(canvas) == in_force(roster)

    await sis.provider.be_on(2)
    second = await run_now(school)
    roster = await expected(school, sis, tmp_path / "day-2")

    assert second.outcome == "delivered"
    assert await live(canvas) == in_force(roster)


async def live(canvas):
    return _compared(await held(canvas))


def in_force(roster):
    return _compared(roster.live())


def _compared(found):
    """Canvas makes the full name itself."""
    people = {(user, login, email) for user, login, _, email in found["users"]}
    return {"users": people, **{name: found[name] for name in ("courses", "enrollments")}}


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
