"""The doctor looks at the sandbox SIS as it is, and with every one of its faults."""

from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from oneroster_pulls import bearer, oauth1, oauth2
from oneroster_servers import Pauses
from rosterway.formats.oneroster.endpoints import endpoints_of, scopes
from rosterway.oneroster.address import root_of, web_address
from rosterway.oneroster.asking import Asked, Source
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.doctor import examine
from rosterway.oneroster.examination import NEEDED, Status
from rosterway.oneroster.patience import Surroundings
from rosterway.oneroster.wire import Wiring
from rosterway.sandbox.sis.faults import FAULTS
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.shape import Version


@asynccontextmanager
async def sis_with(*faults, students=20, **knobs):
    async with start_sis(
        students=students, faults=faults, knobs={"slow_seconds": 0.0, **knobs}
    ) as sis:
        try:
            yield sis
        finally:
            sis.provider.faults.put([])


async def looked_at(
    sis, folder, *, auth=None, version=Version.V1P2, gradebook=False, url=None, page_size=1000
):
    source = Source(
        root=root_of(url or sis.url, version),
        version=version,
        auth=auth or bearer(sis),
        wiring=Wiring(silence=0.1 if sis.provider.faults.on("hangs") else 60.0),
    )
    other = None
    if gradebook:
        other = replace(source, root=web_address(sis.root("1.2", "gradebook"), "gradebook_url"))
    world = Surroundings(pause=Pauses(), jitter=lambda: 1.0)
    return await examine(
        source, Asked(page_size=page_size), folder, gradebook=other, surroundings=world
    )


def statuses(found):
    return {each.operation: each.status for each in found.operations}


async def test_a_good_provider_can_be_used_and_everything_is_told(tmp_path):
    async with sis_with(students=60) as sis:
        found = await looked_at(sis, tmp_path, gradebook=True)

    assert found.is_usable
    assert (found.why, found.lacking, found.deviations) == ("", (), ())
    assert {Status.SERVED, Status.EMPTY} >= set(statuses(found).values())
    assert {"getAllUsers", "getEnrollmentsForSchool", "getLineItemsForClass"} <= set(
        statuses(found)
    )
    users = next(each for each in found.operations if each.operation == "getAllUsers")
    assert users.total == users.records > 60
    assert found.estimate is not None
    assert [each.asked for each in found.sizes][:2] == [100, 500]
    assert found.recommend["service"] == "bulk"
    told = found.as_dict()
    assert told["usable"]
    assert abs(told["clock_skew_seconds"]) <= 1


@pytest.mark.parametrize("name", [name for name in FAULTS if name != "hangs"])
async def test_no_fault_makes_it_stumble(tmp_path, name):
    async with sis_with(name, clamp=15) as sis:
        guessed = " ".join(scopes(Version.V1P2, endpoints_of(Asked().service)))
        found = await looked_at(sis, tmp_path, auth=oauth2(sis, scope=guessed, guessed=True))

    assert found.reachable
    assert found.is_usable or found.why


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("clamped-limit", "limit-clamped"),
        ("no-totals", "total-missing"),
        ("sort-refused", "sort-refused"),
        ("real-booleans", "boolean-json"),
        ("internal-links", "link-elsewhere"),
        ("large-limit-400", "page-size-refused"),
    ],
)
async def test_deviations_are_found_with_an_example(tmp_path, fault, code):
    async with sis_with(fault, clamp=100, students=60) as sis:
        size = 1000 if "limit" in fault else 40
        found = await looked_at(sis, tmp_path, page_size=size)

    assert code in {each.code for each in found.deviations}


async def test_a_smaller_page_is_recommended_where_a_large_one_is_not_honoured(tmp_path):
    async with sis_with("clamped-limit", clamp=100, students=60) as sis:
        found = await looked_at(sis, tmp_path)

    assert [(each.asked, each.came) for each in found.sizes] == [(100, 100), (500, 100)]
    assert found.recommend["page_size"] == 100


async def test_where_whole_collections_are_refused_schools_are_recommended(tmp_path):
    async with sis_with("global-refused") as sis:
        found = await looked_at(sis, tmp_path)

    assert statuses(found)["getAllUsers"] is Status.REFUSED
    assert statuses(found)["getStudentsForSchool"] is Status.SERVED
    assert found.recommend["service"] == "school"
    assert found.lacking == ("classes",)
    assert "classes" in found.why


async def test_what_is_not_there_is_missing(tmp_path):
    async with sis_with("no-nested") as sis:
        found = await looked_at(sis, tmp_path)

    assert found.is_usable
    assert statuses(found)["getCoursesForSchool"] is Status.MISSING
    assert set(NEEDED) & set(found.lacking) == set()


@pytest.mark.parametrize("way", ["token", "client", "signature"])
async def test_who_is_not_let_in_is_told_why(tmp_path, way):
    async with sis_with() as sis:
        auth = {
            "token": Bearer(token="not-the-secret"),
            "client": replace(oauth2(sis), client_secret="not-the-secret"),
            "signature": replace(oauth1(sis), secret="not-the-secret"),
        }[way]
        found = await looked_at(sis, tmp_path, auth=auth, version=Version.V1P1)

    assert (found.reachable, found.authenticated, found.is_usable) == (True, False, False)
    assert found.why
    assert found.remedy
    assert "not-the-secret" not in str(found.as_dict())


async def test_a_clock_that_is_off_is_told_with_its_size(tmp_path):
    async with sis_with("skewed-clock", skew_seconds=3600) as sis:
        found = await looked_at(sis, tmp_path, auth=oauth1(sis), version=Version.V1P1)

    assert not found.authenticated
    assert found.clock_skew == pytest.approx(-3600, abs=5)
    assert "60 min" in found.why


async def test_nobody_there_is_not_the_same_as_nobody_let_in(tmp_path):
    async with sis_with() as sis:
        found = await looked_at(sis, tmp_path, url="http://127.0.0.1:1")

    assert (found.reachable, found.authenticated) == (False, False)
    assert "cannot be reached" in found.why
