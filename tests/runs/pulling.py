"""A feed that reads the sandbox SIS, and what should have come of it.

What should have come is told by `rosterway pull`, which knows nothing of feeds and of what was read
before.
"""

from rosterway.runs import approve, conductor
from rosterway.runs.clock import utc_now
from rosterway.store import plans, runs
from runs.installation import Tenant
from runs.rosters import held, read

POLICY = '[years]\ntake = "all"\n'


async def school_of(installations, canvas, sis, **feed):
    """An installation whose one feed, `nightly`, reads the sandbox SIS; started."""
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
        {"nightly": {"from": "sis", "policy": "translation.toml", **feed}},
        connections={"sis": connection},
    )
    house = installations(lincoln=tenant)
    house.environment["SIS_SECRET"] = known.client_secret
    (house.folder / "translation.toml").write_text(POLICY, encoding="utf-8")
    await house.start()
    return house


async def told(house, *words):
    """What a command answers in JSON."""
    done = await house.run(*words, "--format", "json")
    assert done.code in {0, 10}, done.err
    return done.json


async def run_now(house):
    """Read the whole SIS now; the run, once it has ended."""
    handle = house.tenant()
    run = conductor.run_again(handle, "nightly", now=utc_now())
    assert run is not None
    await house.until(lambda: runs.get(handle, run.id).ended_at, what="the pull")
    return runs.get(handle, run.id)


async def loaded(house):
    """The first pull, approved and sent."""
    first = await run_now(house)
    assert first.outcome == "held"
    await approved(house, first.id)
    return first


async def approved(house, run):
    """Approve the plan of a run and see it sent."""
    handle = house.tenant()
    waiting = runs.get(handle, run).plan
    assert waiting is not None
    digest = plans.get(handle, waiting).digest
    _, delivering = approve.approve(handle, digest, operator="registrar", now=utc_now())
    await house.until(lambda: runs.get(handle, delivering.id).ended_at, what="the delivery")
    assert runs.get(handle, delivering.id).outcome == "delivered"


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


async def live(canvas):
    """What is in force in Canvas."""
    return _compared(await held(canvas))


def in_force(roster):
    """What of a roster should be."""
    return _compared(roster.live())


def _compared(found):
    """Canvas makes the full name itself."""
    people = {(user, login, email) for user, login, _, email in found["users"]}
    return {"users": people, **{name: found[name] for name in ("courses", "enrollments")}}
