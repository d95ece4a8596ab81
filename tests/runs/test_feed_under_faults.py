"""A feed's pull of the sandbox SIS under its faults, alone and in random pairs.

The property: what is delivered is what the provider holds, or the delivery says that it is not
proven, and then removes nothing (`unproven-pull`).
"""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rosterway.errors import RosterwayError
from rosterway.runs.office import Office, Patience
from rosterway.runs.pull import pull_roster
from rosterway.runs.requests import request_pull
from rosterway.sandbox.sis.faults import FAULTS
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings import parse
from rosterway.store import Home, Store, configuration
from rosterway.store.runs import Trigger

NOW = datetime(2026, 9, 20, 15, tzinfo=UTC)
CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "https://canvas.example"
token = {{ env = "CANVAS_TOKEN" }}
[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "{url}"
auth = {{ method = "bearer", token = {{ env = "SIS_TOKEN" }} }}
page_size = 40
[tenant.lincoln.feed.nightly]
from = "sis"
policy = "translation.toml"
"""

#: Under these records are told with other values, or other records: a Canvas roster of its own.
TOLD_OTHERWISE = {
    "blank-titles",
    "dangling-classes",
    "dangling-refs",
    "duplicate-enrollments",
    "inclusive-ends",
    "missing-dates",
    "no-agents",
    "no-current-class",
    "no-email",
    "no-names",
    "numeric-ids",
    "odd-vocabulary",
    "one-sided-agents",
    "school-users",
    "sentinel-dates",
}
#: It never answers, and how long that is borne is tested where it can be short (`test_faults`).
SILENT = {"hangs"}
#: Under these a pull cannot know, and has to say so.
UNPROVEN = {"empty-answer", "rows-removed", "global-refused"}
#: What a pull has to get through, one of each kind: transport, paging, answers, records, access.
EVERY_DAY = (
    "500-midway",
    "cut-midway",
    "clamped-limit",
    "no-totals",
    "repeated-page",
    "rows-removed",
    "empty-answer",
    "no-envelope",
    "real-booleans",
    "bare-refs",
    "401",
    "global-refused",
)


@asynccontextmanager
async def house(folder, *faults):
    """An office with one feed, which reads a SIS with these faults."""
    knobs = {"slow_seconds": 0.0, "clamp": 20}
    async with start_sis(students=20, faults=faults, knobs=knobs) as sis:
        home = Home.create(folder / "home")
        store = Store.open(home)
        told = parse(CONFIG.format(url=sis.url))
        policies = {"translation.toml": '[years]\ntake = "all"\n'}
        configuration.apply(store, told, policies=policies, now=NOW)
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SIS_TOKEN", sis.provider.credentials.bearer)
                yield Office(
                    home=home,
                    store=store,
                    settings=told,
                    config_folder=folder,
                    policies=policies,
                    clock=lambda: NOW,
                    patience=Patience(scale=0.01),
                )
        finally:
            sis.provider.faults.put([])
            store.close()


async def delivered(folder, *faults):
    """What a pull under these faults delivers; None where it ends with an error for a person."""
    async with house(folder, *faults) as office:
        handle = office.store.tenant("lincoln")
        run = request_pull(handle, "nightly", trigger=Trigger.HAND, occasion="now", now=NOW)
        assert office.claim(handle, run)
        for _ in range(4):
            try:
                return await pull_roster(office, handle, run)
            except RosterwayError as error:
                if not error.retry:
                    return None
        return None


def files(delivery):
    return {one.name: one.sha256 for one in delivery.files}


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """What a SIS without faults holds, as it is delivered."""
    found = asyncio.run(delivered(tmp_path_factory.mktemp("clean")))
    assert found is not None
    assert found.unproven is None
    return files(found)


@pytest.mark.parametrize("name", EVERY_DAY)
async def test_a_feed_delivers_what_the_sis_holds_or_says_that_it_is_not_proven(
    tmp_path, clean, name
):
    found = await delivered(tmp_path, name)

    assert found is not None
    assert (name in UNPROVEN) == bool(found.unproven), found.unproven
    assert found.unproven or clean == files(found)


async def hold_to_the_property(folder, clean, *faults):
    found = await delivered(folder, *faults)
    if found is None or found.unproven or TOLD_OTHERWISE.intersection(faults):
        return
    assert clean == files(found)


PAIRS = st.lists(st.sampled_from(sorted(set(FAULTS) - SILENT)), min_size=2, max_size=2, unique=True)
_ALIKE = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(_ALIKE, max_examples=4, derandomize=True)
@given(faults=PAIRS)
async def test_two_faults_at_a_time(tmp_path_factory, clean, faults):
    await hold_to_the_property(tmp_path_factory.mktemp("pair"), clean, *faults)


@pytest.mark.soak
@pytest.mark.parametrize("name", sorted(set(FAULTS) - SILENT))
async def test_every_fault_alone(tmp_path, clean, name):
    await hold_to_the_property(tmp_path, clean, name)


@pytest.mark.soak
@settings(_ALIKE, max_examples=300)
@given(faults=PAIRS)
async def test_many_pairs_of_faults(tmp_path_factory, clean, faults):
    await hold_to_the_property(tmp_path_factory.mktemp("pair"), clean, *faults)
