"""Gradebooks of known vendors refuse what these do, in their words, and fail as these do."""

import asyncio
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from rosterway.sandbox.sis.gradebook.picky import DEMANDS
from rosterway.sandbox.sis.gradebook.vendors import VENDORS
from sandbox_school import School, school_of

#: A demand -> what is changed so that it is not met. References are made from bare ids.
BREAKS: dict[str, dict[str, Any]] = {
    "title-30": {"title": "A title of far more than thirty characters"},
    "title-50": {"title": "A title of far more than fifty characters, which nobody reads"},
    "title-unique": {"sourcedId": "li-2"},
    "assigned-in-period": {"gradingPeriod": "2026-27-Q2"},
    "due-in-period": {"gradingPeriod": "2026-27-Q1", "dueDate": "2026-11-30T12:00:00.000Z"},
    "due-in-term": {"dueDate": "2028-11-30T12:00:00.000Z"},
    "due-after-assigned": {"dueDate": "2026-09-20T12:00:00.000Z"},
    "period-of-class": {"gradingPeriod": "2026-27-FY"},
    "category-of-class": {"category": "category-gone"},
    "whole-maximum": {"resultValueMax": 10.5},
    "some-points": {"resultValueMax": 0},
    "same-class": {"class": "another"},
    "line-open": {},
    "line-known": {"lineItem": "unknown"},
    "enrolled": {"student": "stranger"},
    "in-bounds": {"score": 20.5},
    "scored-after-assigned": {"scoreDate": "2026-09-01"},
    "whole-score": {"score": 18.5},
    "always-scored": {"score": None},
    "not-the-teacher-s": {},
    "results-open": {},
}
#: A demand -> what is edited in the SIS before, by collection.
_LOCKED = {"lineItems": {"sourcedId": "li-1", "locked": True}}
EDITS = {
    "line-open": _LOCKED,
    "results-open": _LOCKED,
    "category-of-class": {
        "categories": {"sourcedId": "category-gone", "title": "Old", "status": "tobedeleted"}
    },
    "not-the-teacher-s": {
        "results": {
            "sourcedId": "sis-1",
            "lineItem": "li-1",
            "score": 3.0,
            "scoreStatus": "fully graded",
            "scoreDate": "2026-10-01",
        }
    },
}
PROMISES = [
    pytest.param(vendor, demand, said, id=f"{vendor}-{demand}")
    for vendor, known in VENDORS.items()
    for demand, said in known.refuses.items()
]
_REFS = {
    "gradingPeriod": "academicSession",
    "category": "category",
    "class": "class",
    "lineItem": "lineItem",
    "student": "user",
}


@pytest_asyncio.fixture
async def school(sis):
    found = await school_of(sis)
    assert (await found.put("lineItem", found.line()))[0] == 201
    return found


async def broken(school: School, demand: str):
    """The status and words after an object that breaks a demand is put."""
    noun = DEMANDS[demand].noun
    for collection, record in EDITS.get(demand, {}).items():
        student = {"student": school.student} if collection == "results" else {}
        edit = {"records": [record | student]}
        await school.sis.control("PUT", f"records/{collection}", edit)
    changes = dict(BREAKS[demand])
    classes = await school.sis.ids("/classes", limit="999")
    others = (key for key in classes if key != school.klass["sourcedId"])
    names = {"stranger": school.stranger, "another": next(others)}
    body = school.line() if noun == "lineItem" else school.result()
    for name, value in changes.items():
        body[name] = school.ref(_REFS[name], names.get(value, value)) if name in _REFS else value
    given = {name: value for name, value in body.items() if value is not None}
    return await school.put(noun, given)


def test_every_demand_is_tried():
    assert DEMANDS.keys() == BREAKS.keys()


@pytest.mark.parametrize("demand", DEMANDS)
async def test_a_demand_refuses_what_breaks_it_and_nothing_else_does(school, demand):
    status, body = await broken(school, demand)
    expected = 422 if demand == "line-known" else 201
    assert expected == status, body

    await school.put("lineItem", school.line())
    await school.sis.knob(demands=demand)
    status, body = await broken(school, demand)
    assert 422 == status
    assert DEMANDS[demand].words in body["imsx_description"]


@pytest.mark.parametrize(("vendor", "demand", "said"), PROMISES)
async def test_a_vendor_refuses_in_its_own_words(school, vendor, demand, said):
    await school.sis.knob(vendor=vendor)

    status, body = await broken(school, demand)

    assert said.status == status
    assert f"Sandbox SIS: {said.words}" == body["imsx_description"]


async def test_what_a_vendor_does_not_have_it_does_not_do(school):
    await school.sis.knob(vendor="aeries")
    assert 405 == (await school.sis.grade("DELETE", "/lineItems/li-1"))[0]


async def test_a_vendor_may_keep_a_status_as_another(school):
    await school.sis.knob(vendor="blackbaud")
    await school.put("result", school.result(scoreStatus="submitted", score=20.0))
    (row,) = await school.sis.rows("/results", service="gradebook")
    assert "fully graded" == row["scoreStatus"]


async def test_a_vendor_nobody_knows_is_told(school):
    async with school.sis.session.put(
        f"{school.sis.sis.url}/sandbox/knobs", json={"vendor": "nobody"}
    ) as response:
        assert 400 == response.status
        assert "no vendor 'nobody'" in (await response.json())["error"]


async def test_a_grade_is_edited_in_the_sis_itself(school):
    await school.put("result", school.result())
    edit = {"sourcedId": "r-1", "score": 12.0}
    await school.sis.control("PUT", "records/results", {"records": [edit]})
    (row,) = await school.sis.rows("/results", service="gradebook")
    assert (12.0, "fully graded") == (row["score"], row["scoreStatus"])
    await school.sis.control("DELETE", "records/results/r-1")
    assert [] == await school.sis.rows("/results", service="gradebook")


@pytest.mark.parametrize("fault", ["write-500", "write-cut", "write-hangs"])
async def test_a_write_may_be_done_though_its_answer_does_not_come(school, fault):
    await school.sis.fault(f"{fault}:2")  # aiohttp's client sends once more by itself
    try:
        async with asyncio.timeout(0.5):
            status, _ = await school.put("result", school.result())
    except (aiohttp.ServerDisconnectedError, TimeoutError):
        status = None
    await school.sis.fault()

    assert (500 if fault == "write-500" else None) == status
    assert ["r-1"] == await school.sis.ids("/results", service="gradebook")


async def test_a_write_that_is_told_to_wait_is_not_done(school):
    await school.sis.fault("write-429:1")
    assert 429 == (await school.put("result", school.result()))[0]
    assert [] == await school.sis.ids("/results", service="gradebook")


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_a_put_is_answered_as_the_knobs_say(school, status):
    await school.sis.knob(put_status=status, echoes=True)
    found, body = await school.put("result", school.result())
    assert status == found
    assert (body == "") == (status == 204)


async def test_an_object_may_get_another_id_than_was_sent(school):
    await school.sis.knob(renames=True)
    _, body = await school.put("result", school.result())
    own = body["result"]["sourcedId"]
    assert own != "r-1"
    await school.put("result", school.result(key=own, score=3.0))
    assert [own] == await school.sis.ids("/results", service="gradebook")


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ("pairs-object", {"a": "lineItem"}),
        ("pairs-short", ["a", "c"]),
        ("pairs-reversed", ["c", "b", "a"]),
    ],
)
async def test_pairs_come_as_providers_write_them(school, fault, names):
    await school.sis.fault(fault)
    lines = [school.line(key) for key in ("a", "b", "c")]
    path = f"/classes/{school.klass['sourcedId']}/lineItems"
    status, body = await school.sis.grade("POST", path, {"lineItems": lines})
    pairs = body["sourcedIdPairs"]
    assert 201 == status
    if isinstance(names, dict):
        assert "a" == pairs["suppliedSourcedId"]
    else:
        assert names == [pair["suppliedSourcedId"] for pair in pairs]


@pytest.mark.parametrize(
    ("spelling", "quoted", "bare"), [("quoted", 1, 400), ("bare", 0, 1), ("any", 1, 1)]
)
async def test_categories_are_filtered_in_the_spelling_a_provider_takes(
    open_sis, spelling, quoted, bare
):
    async with open_sis(students=20, categories="by-class") as sis:
        await sis.knob(category_filter=spelling)
        await sis.fault("categories-refused")
        (key,) = await sis.ids("/classes", limit="1")
        found = []
        for value in (f"'{key}'", key):
            status, _, body = await sis.call(
                "/categories", service="gradebook", params={"filter": f"metadata.classId={value}"}
            )
            found.append(len(body["categories"]) if status == 200 else status)
        assert [quoted, bare] == found
        assert 400 == (await sis.call("/categories", service="gradebook"))[0]


async def test_a_read_may_be_missing(school):
    await school.sis.knob(unsupported="getCategoriesForClass")
    key = school.klass["sourcedId"]
    assert 404 == (await school.sis.grade("GET", f"/classes/{key}/categories"))[0]
    assert 200 == (await school.sis.grade("GET", f"/classes/{key}/lineItems"))[0]
