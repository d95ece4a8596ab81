"""Faults on request: each does what its name says, as often as asked, and then is gone."""

import asyncio
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp
import pytest

from rosterway.sandbox.sis.damage import DAMAGE
from rosterway.sandbox.sis.faults import FAULTS, Faults, Sort
from rosterway.sandbox.sis.holding.crooked import CROOKED
from rosterway.sandbox.sis.trouble import SisUsageError


async def pages(sis, path="/enrollments", limit=200, most=20, **params):
    """Pages by offset until one is empty, as the crudest client asks."""
    found, offset = [], 0
    for _ in range(most):
        _, _, body = await sis.call(path, params={"limit": limit, "offset": offset, **params})
        (rows,) = body.values()
        if not rows:
            break
        found.append([row["sourcedId"] for row in rows])
        offset += len(rows)
    return found


def test_every_fault_is_somewhere_in_the_source_and_no_other_is():
    told = {name for name, fault in FAULTS.items() if fault.sort is Sort.RECORD}
    held = {name for name, fault in FAULTS.items() if fault.sort is Sort.HELD}
    assert told == DAMAGE.keys() - {"numeric-ids"}
    assert held == CROOKED.keys()
    folder = Path(__file__).parents[3] / "src/rosterway/sandbox/sis"
    source = "".join(file.read_text() for file in folder.rglob("*.py") if file.name != "faults.py")
    for name in FAULTS.keys() - told - held:
        stem, _, end = name.rpartition("-")
        assert f'"{name}"' in source or f'{{name}}-{end}"' in source, (name, stem)


def test_unknown_faults_and_counted_ones_that_are_held_are_refused():
    faults = Faults()
    with pytest.raises(SisUsageError, match="no fault 'flood'"):
        faults.put(["flood"])
    with pytest.raises(SisUsageError, match="as in 500:3"):
        faults.put(["500:x"])
    with pytest.raises(SisUsageError, match="cannot be counted"):
        faults.put(["school-users:2"])


async def test_faults_are_listed_with_where_they_are_known_from(sis):
    about = await sis.control("GET", "")
    assert FAULTS.keys() == about["faults"].keys()
    assert "Ed-Fi: limit clamped" == about["faults"]["clamped-limit"]["source"]


async def test_a_fault_counts_its_times_and_keeps_to_its_path(sis):
    await sis.fault("500@users:2")
    assert [200, 500, 500, 200] == [
        (await sis.call(path))[0] for path in ("/orgs", "/users", "/users", "/users")
    ]
    assert {"faults": {}} == await sis.control("GET", "faults")


async def test_every_third_request_fails_unless_said_otherwise(sis):
    await sis.fault("500")
    assert [200, 200, 500] * 2 == [(await sis.call("/orgs"))[0] for _ in range(6)]


@pytest.mark.parametrize(
    ("fault", "status", "text"),
    [
        ("429-seconds", 429, "server_busy"),
        ("429-date", 429, "server_busy"),
        ("503", 503, "server_busy"),
        ("502", 502, "<!DOCTYPE html>"),
        ("500", 500, "internal_server_error"),
        ("html-200", 200, "<!DOCTYPE html>"),
        ("blank-body", 200, ""),
        ("401", 401, "unauthorisedrequest"),
    ],
)
async def test_an_answer_is_given_in_place_of_the_right_one(sis, fault, status, text):
    await sis.fault(f"{fault}:1")
    found, _, body = await sis.call("/orgs")
    assert status == found
    assert text in str(body)
    assert 200 == (await sis.call("/orgs"))[0]


async def test_retry_after_is_a_number_or_a_date(sis):
    await sis.knob(retry_seconds=7)
    await sis.fault("429-seconds:1")
    assert "7" == (await sis.call("/orgs"))[1]["Retry-After"]
    await sis.fault("429-date:1")
    date = parsedate_to_datetime((await sis.call("/orgs"))[1]["Retry-After"])
    assert datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC) == date


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [("cut:2", [None, None, 200]), ("cut-midway:1", [None, 200])],
)
async def test_a_connection_is_cut(sis, fault, statuses):
    await sis.fault(fault)
    with pytest.raises(aiohttp.ClientError):  # aiohttp asks again by itself, once
        await sis.call("/users")
    assert 200 == (await sis.call("/users"))[0]
    log = (await sis.control("GET", "requests"))["requests"]
    assert statuses == [entry["status"] for entry in log]


async def test_truncated_json_ends_in_the_middle(sis):
    await sis.fault("truncated-json:1")
    _, _, body = await sis.call("/users")
    assert isinstance(body, str)
    assert body.startswith('{"users":[')


async def test_later_pages_fail_once_each(sis):
    await sis.fault("500-midway")
    paths = [f"/enrollments?limit=100&offset={at}" for at in (0, 100, 100, 200, 200, 100)]
    assert [200, 500, 200, 500, 200, 200] == [(await sis.call(path))[0] for path in paths]


async def test_what_hangs_goes_on_when_faults_are_put_anew(sis):
    await sis.fault("hangs:1")
    asking = asyncio.ensure_future(sis.call("/orgs"))
    while not (await sis.control("GET", "requests"))["requests"]:
        pass
    assert not asking.done()
    await sis.fault()
    assert 200 == (await asking)[0]


async def test_what_is_slow_takes_its_time(sis):
    await sis.knob(slow_seconds=0.2)
    await sis.fault("slow")
    loop = asyncio.get_running_loop()
    began = loop.time()
    await sis.call("/orgs")
    assert loop.time() - began >= 0.19


async def test_json_may_call_itself_html(sis):
    await sis.fault("text-html-json")
    _, headers, body = await sis.call("/orgs")
    assert "text/html; charset=utf-8" == headers["Content-Type"]
    assert "orgs" in body


async def test_a_clamped_limit_shortens_every_page_and_the_links_say_so(sis):
    await sis.fault("clamped-limit")
    _, headers, body = await sis.call("/enrollments?limit=1000")
    assert 50 == len(body["enrollments"])
    assert "offset=50" in headers["Link"]
    whole = [key for page in await pages(sis, limit=1000) for key in page]
    assert whole == [row["sourcedId"] for row in await sis.truth("enrollments")]


@pytest.mark.parametrize(
    ("fault", "total"),
    [
        ("no-totals", None),
        ("totals-too-low", "10"),
        ("totals-too-high", "{+7}"),
        ("garbled-totals", "{} records"),
        ("x-count", None),
    ],
)
async def test_totals_are_missing_or_wrong(sis, fault, total):
    count = len(await sis.truth("users"))
    await sis.fault(fault)
    _, headers, _ = await sis.call("/users?limit=10")
    expected = total and total.replace("{+7}", str(count + 7)).replace("{}", f"{count:,}")
    assert expected == headers.get("X-Total-Count")
    assert (str(count) if fault == "x-count" else None) == headers.get("X-Count")


@pytest.mark.parametrize(
    ("fault", "begins"),
    [
        ("relative-links", "</ims/oneroster/"),
        ("internal-links", "<http://sis-app-01.internal:8080/ims/oneroster/"),
    ],
)
async def test_links_are_relative_or_lead_inside(sis, fault, begins):
    await sis.fault(fault)
    assert (await sis.call("/users?limit=10"))[1]["Link"].startswith(begins)


async def test_links_are_missing_or_without_end(sis):
    await sis.fault("no-links")
    assert "Link" not in (await sis.call("/users?limit=10"))[1]
    await sis.fault("endless-links")
    assert 'rel="next"' in (await sis.call("/users?limit=9999"))[1]["Link"]


async def test_an_ignored_offset_shows_the_first_page_for_ever(sis):
    await sis.fault("ignored-offset")
    first, second = await pages(sis, most=2)
    assert first == second


async def test_a_repeated_page_shows_the_one_before(sis):
    await sis.fault("repeated-page:1")
    first, second, third = await pages(sis, most=3)
    assert first == second
    assert not {*first} & {*third}


async def test_duplicate_rows_overlap_by_one(sis):
    await sis.fault("duplicate-rows")
    _, headers, body = await sis.call("/enrollments?limit=10&offset=10")
    everything = await sis.truth("enrollments")
    assert [row["sourcedId"] for row in everything[9:20]] == [
        row["sourcedId"] for row in body["enrollments"]
    ]
    assert "offset=20" in headers["Link"]


async def test_rows_inserted_push_others_onto_the_next_page(sis):
    before = len(await sis.truth("enrollments"))
    await sis.fault("rows-inserted:1")
    first, second, *_ = await pages(sis)
    assert first[-1] == second[0]
    after = await sis.truth("enrollments")
    assert before + 1 == len(after)
    assert "-new-1" == after[0]["sourcedId"]


@pytest.mark.parametrize("collection", ["enrollments", "users", "classes", "courses", "orgs"])
async def test_rows_removed_hide_one_from_who_pages_by_offset(sis, collection):
    before = {row["sourcedId"] for row in await sis.truth(collection)}
    await sis.fault("rows-inserted:1", "rows-removed:1")
    await sis.call(f"/{collection}?limit=1")
    after = {row["sourcedId"] for row in await sis.truth(collection)}
    assert before ^ after <= {"-new-1", *before}
    users = {row["sourcedId"] for row in await sis.truth("users")}
    assert users >= {row["user"]["sourcedId"] for row in await sis.truth("enrollments")}


async def test_a_removed_row_makes_another_go_unseen(sis):
    await sis.fault("rows-removed:1")
    seen = [key for page in await pages(sis) for key in page]
    truth = [row["sourcedId"] for row in await sis.truth("enrollments")]
    assert 1 == len(set(truth) - set(seen))
    assert 1 == len(set(seen) - set(truth))


async def test_a_row_that_comes_and_goes_leaves_the_totals_as_they_were(sis):
    before = await sis.truth("users")
    await sis.fault("shifting-rows:2")
    seen = [key for page in await pages(sis, "/users", limit=20) for key in page]
    assert before == await sis.truth("users")
    assert len(seen) == len(before)
    assert len(set(seen)) < len(before)


async def test_an_unstable_order_is_another_each_time_unless_sorted(sis):
    await sis.fault("unstable-order")
    first, second = [await sis.ids("/users") for _ in range(2)]
    assert first != second
    first, second = [await sis.ids("/users", sort="sourcedId") for _ in range(2)]
    assert first == second


@pytest.mark.parametrize(
    ("fault", "path", "status", "body"),
    [
        ("empty-answer", "/orgs", 200, {"orgs": []}),
        ("no-envelope", "/orgs", 200, {"status": "ok"}),
        ("no-envelope", "/orgs/{org}", 200, {"status": "ok"}),
    ],
)
async def test_collections_answer_without_what_belongs_to_them(sis, fault, path, status, body):
    (org,) = await sis.ids("/orgs", limit="1")
    await sis.fault(f"{fault}:1")
    found, headers, answer = await sis.call(path.format(org=org))
    assert (status, body) == (found, answer)
    assert (fault == "empty-answer" or path != "/orgs") is ("X-Total-Count" not in headers)


async def test_an_empty_collection_may_be_a_404_and_one_with_rows_a_bare_list(sis):
    await sis.fault("204-for-empty")
    assert (204, "") == (await sis.call("/orgs?offset=99"))[::2]
    await sis.fault("404-for-empty")
    assert 404 == (await sis.call("/orgs?offset=99"))[0]
    assert 200 == (await sis.call("/orgs"))[0]
    await sis.fault("bare-list")
    assert isinstance((await sis.call("/orgs"))[2], list)


async def test_envelopes_may_be_keyed_as_the_path(sis):
    (term,) = await sis.ids("/terms", limit="1")
    await sis.fault("path-envelopes")
    assert ["students"] == list((await sis.call("/students"))[2])
    assert ["users"] == list((await sis.call("/users"))[2])
    assert ["term"] == list((await sis.call(f"/terms/{term}"))[2])


async def test_totals_may_stand_in_the_body(sis):
    await sis.fault("totals-in-body")
    _, _, body = await sis.call("/users?limit=10&offset=20")
    count = len(await sis.truth("users"))
    assert (count, -(-count // 10), 3, 20, 10) == (
        body["totalCount"],
        body["pageCount"],
        body["pageNumber"],
        body["offset"],
        body["limit"],
    )


@pytest.mark.parametrize(
    ("fault", "query", "status"),
    [
        ("filter-refused", "filter=status%3D'active'", 400),
        ("fields-refused", "fields=sourcedId", 400),
        ("sort-refused", "sort=sourcedId", 400),
        ("large-limit-400", "limit=51", 400),
        ("large-limit-500", "limit=51", 500),
        ("large-limit-500", "limit=50", 200),
        ("global-refused", "", 403),
    ],
)
async def test_parameters_are_refused(sis, fault, query, status):
    await sis.fault(fault)
    assert status == (await sis.call(f"/users?{query}"))[0]
    assert 200 == (await sis.call("/orgs"))[0]


async def test_parameters_are_ignored(sis):
    plain = await sis.get("/users")
    await sis.fault("filter-ignored", "fields-ignored", "sort-ignored")
    assert plain == await sis.get(
        "/users", filter="givenName='nobody'", fields="sourcedId", sort="familyName"
    )


@pytest.mark.parametrize(
    ("fault", "since", "is_all"),
    [
        ("same-modified", "2026-11-23T11:59:00.000Z", True),
        ("frozen-modified", "2026-11-23T11:59:00.000Z", False),
        ("frozen-modified", "2019-12-31T00:00:00.000Z", True),
    ],
)
async def test_a_filter_sees_the_dates_that_are_told(sis, fault, since, is_all):
    """What a delta brings from a provider that dates everything now, or nothing ever."""
    plain = await sis.rows("/users")
    await sis.fault(fault)
    found = await sis.rows("/users", filter=f"dateLastModified>'{since}'")
    assert len(found) == (len(plain) if is_all else 0)


async def test_what_belongs_to_something_may_not_be_served(sis):
    await sis.fault("no-nested")
    assert 404 == (await sis.call("/schools/00101/classes"))[0]
    assert 200 == (await sis.call("/schools/00101"))[0]


@pytest.mark.parametrize("shape", ["official", "statusInfoSet", "errors", "StatusInfo", "bare"])
async def test_error_bodies_have_the_shapes_of_the_field(sis, shape):
    await sis.knob(error_shape=shape)
    _, _, body = await sis.call("/orgs/none")
    assert "Sandbox SIS: unknown org none" in str(body)
    keys = {
        "official": "imsx_CodeMinor",
        "statusInfoSet": "statusInfoSet",
        "errors": "errors",
        "StatusInfo": "imsx_StatusInfo",
        "bare": "imsx_codeMinor",
    }
    assert keys[shape] in body


async def test_knobs_are_refused_when_unknown_or_of_another_kind(sis):
    for turned in ({"colour": 1}, {"strict": 1}, {"headers": "x"}):
        async with sis.session.put(f"{sis.sis.url}/sandbox/knobs", json=turned) as response:
            assert 400 == response.status
