"""A try at writing leaves nothing behind, or says what: against the sandbox SIS as it can be."""

import pytest

from oneroster_gradebooks import School, school_of
from rosterway.oneroster.write_test import STATUSES, WriteTest, try_writing
from rosterway.settings.shape import Version

BOTH = pytest.mark.parametrize("version", Version)


async def tried(school: School, class_id: str | None = None) -> WriteTest:
    return await try_writing(
        school.client, school.doors, class_id or school.class_id, token="0a1b2c3d"
    )


def left(school):
    return [
        one["sourcedId"]
        for collection in ("lineItems", "results")
        for one in school.sis.provider.truth(collection)
        if one["status"] == "active"
    ]


@BOTH
async def test_a_good_provider_takes_everything_and_nothing_is_left(version):
    async with school_of(version) as school:
        found = await tried(school)

        assert found.is_good
        assert ("", []) == (found.why, left(school))
    assert min(school.students) == found.student
    assert ["strict"] == found.shapes
    assert ("standard", True, True) == (found.endpoints, found.keeps_ids, found.deletes)
    assert {status: status for status in STATUSES} == found.statuses
    assert [] == found.altered == found.remains
    assert found.title == "Rosterway test 0a1b2c3d"
    told = found.as_dict()
    assert told["good"]
    assert all(step["seconds"] >= 0 for step in told["steps"])


async def test_it_asks_for_nothing_but_what_it_takes():
    async with school_of() as school:
        await tried(school)
        asked = [one.split("?")[0] for one in school.asked()]

    own = school.class_id
    assert {
        f"GET classes/{own}",
        "GET academicSessions",
        "GET categories",
        f"GET classes/{own}/lineItems",
        f"GET classes/{own}/students",
        "GET lineItems/rosterway-test-0a1b2c3d",
        "GET results/rosterway-test-0a1b2c3d-result",
        "PUT lineItems/rosterway-test-0a1b2c3d",
        "PUT results/rosterway-test-0a1b2c3d-result",
        "DELETE lineItems/rosterway-test-0a1b2c3d",
        "DELETE results/rosterway-test-0a1b2c3d-result",
    } == set(asked)


@BOTH
async def test_shapes_are_tried_strict_then_lean(version):
    async with school_of(version, strict=False) as school:
        found = await tried(school)

    assert ["strict", "lean"] == found.shapes


@BOTH
async def test_a_provider_that_gives_ids_of_its_own_is_found_out(version):
    async with school_of(version, renames=True) as school:
        found = await tried(school)

        assert found.is_good
        assert [] == left(school)
    assert ("standard", False) == (found.endpoints, found.keeps_ids)


@BOTH
async def test_a_provider_that_takes_no_ids_of_ours_is_found_out(version):
    async with school_of(version, allocates=True, chosen_ids=False) as school:
        found = await tried(school)

        assert found.is_good, found
        assert [] == left(school)
    assert ("modified", False) == (found.endpoints, found.keeps_ids)


async def test_what_cannot_be_deleted_is_named():
    async with school_of(vendor="aeries") as school:
        found = await tried(school)

        assert ["lineItem rosterway-test-0a1b2c3d", "result rosterway-test-0a1b2c3d-result"] == (
            sorted(found.remains)
        )
        assert sorted(left(school)) == sorted(one.split()[1] for one in found.remains)
    assert (False, False) == (found.deletes, found.is_good)
    assert "" == found.why


@pytest.mark.parametrize(
    "vendor", ["infinite-campus", "powerschool", "blackbaud", "focus", "pinnacle", "aspen"]
)
async def test_what_vendors_demand_is_met(vendor):
    async with school_of(vendor=vendor) as school:
        found = await tried(school)

        assert found.is_good, found.why
        assert [] == left(school)
    became = found.statuses["submitted"]
    assert ("fully graded" if vendor == "blackbaud" else "submitted") == became


async def test_a_status_that_is_refused_is_told_so():
    async with school_of(vendor="eschoolplus") as school:
        found = await tried(school)

    assert {"exempt": "", "fully graded": "fully graded"}.items() <= found.statuses.items()
    assert found.is_good
    assert "Scores must be numeric" in " ".join(step.words for step in found.steps)


@pytest.mark.parametrize("fault", ["write-500", "write-cut", "write-hangs", "write-429"])
@pytest.mark.parametrize("times", [1, 2, 3])
@BOTH
async def test_nothing_is_left_though_answers_are_lost(version, fault, times):
    async with school_of(version, silence=0.2) as school:
        school.sis.provider.faults.put([f"{fault}:{times}"])
        found = await tried(school)
        school.sis.provider.faults.put([])

        assert sorted(left(school)) == sorted(one.split()[1] for one in found.remains)
        assert [] == found.remains


async def test_a_provider_that_refuses_everything_says_why():
    async with school_of(unsupported="putLineItem") as school:
        found = await tried(school)

    assert "takes no line item" in found.why
    assert "putLineItem is not supported" in found.why
    assert not found.is_good


async def test_a_provider_that_takes_no_results_is_told_and_left_clean():
    async with school_of(unsupported="putResult") as school:
        found = await tried(school)

        assert [] == left(school)
    assert "takes no result" in found.why


async def test_a_class_that_is_not_there_is_told_before_anything_is_written():
    async with school_of() as school:
        found = await tried(school, "nowhere")
        asked = school.asked()

    assert "knows no class nowhere" in found.why
    assert not [one for one in asked if not one.startswith("GET")]
