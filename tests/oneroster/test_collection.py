"""One collection, against providers well-behaved and not: whole and proven, or told not to be."""

import csv
import dataclasses
import json

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oneroster_provider import Manners, Provider, org, orgs, refusal
from oneroster_servers import client_of, serving
from rosterway.errors import UnreachableError
from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.oneroster.reading import tables_of
from rosterway.oneroster.collection import CollectionReading
from rosterway.oneroster.outcome import Wanted
from rosterway.oneroster.paging import Reason
from rosterway.oneroster.staging import CollectionFiles
from rosterway.settings.shape import Version

ORGS = ENDPOINTS["getAllOrgs"]


class Pull:
    """One endpoint pulled into a folder."""

    def __init__(self, folder, *, page_size=10, parallel=True, only="", fields=()):
        self.wanted = Wanted(
            endpoint=ORGS,
            version=Version.V1P1,
            page_size=page_size,
            parallel=parallel,
            filter=only,
            fields=fields,
        )
        self.files = CollectionFiles(folder, tables_of(self.wanted.endpoint.noun))
        self.progress = []

    async def read(self, url, **options):
        async with client_of(url, **options) as client:
            reading = CollectionReading(
                client, self.wanted, self.files, on_progress=self.progress.append
            )
            return await reading.read()

    @property
    def ids(self):
        with self.files.csv("orgs").open(newline="") as file:
            return [row["sourcedId"] for row in csv.DictReader(file)]

    @property
    def problems(self):
        lines = (self.files.folder / "problems.ndjson").read_text().splitlines()
        return [json.loads(line)["code"] for line in lines]


async def pulled(provider, folder, *, serve, **wanted):
    pull = Pull(folder, **wanted)
    outcome = await pull.read(await serve(provider))
    return pull, outcome


def codes(outcome):
    return {deviation.code for deviation in outcome.deviations}


# -- whole and proven -----------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 9, 10, 11, 19, 20, 21, 55])
@pytest.mark.parametrize(
    "manners",
    [
        Manners(),
        Manners(total=False),
        Manners(links=True),
        Manners(links=True, total=False),
        Manners(clamp=4),
        Manners(clamp=4, total=False),
        Manners(clamp=1),
        Manners(offset_by_page=True),
        Manners(offset_by_page=True, total=False),
        Manners(internal_links=True, links=True),
        Manners(empty_as_204=True, total=False),
        Manners(refuses_sort=True),
        Manners(refuses_above=500),
    ],
    ids=str,
)
async def test_every_record_arrives_once_and_the_pull_says_so(serve, tmp_path, count, manners):
    provider = Provider({"/orgs": orgs(count)}, manners)
    size = 1000 if manners.refuses_above else 10
    pull, outcome = await pulled(provider, tmp_path, serve=serve, page_size=size)
    assert outcome.proof.is_proven, outcome.proof
    assert sorted(pull.ids) == [record["sourcedId"] for record in provider.held["/orgs"]]
    assert count == outcome.records


@pytest.mark.parametrize("count", [11, 20, 21, 55])
async def test_counted_pages_behind_links_that_hide_the_offset_are_followed(serve, tmp_path, count):
    provider = Provider({"/orgs": orgs(count)}, Manners(opaque_links=True))
    pull, outcome = await pulled(provider, tmp_path, serve=serve)
    assert outcome.proof.is_proven
    assert count == len(set(pull.ids))


async def test_a_counted_empty_collection_is_proven_and_an_uncounted_one_is_not(serve, tmp_path):
    counted = Provider({"/orgs": []})
    uncounted = Provider({"/orgs": []}, Manners(total=False))
    _, proven = await pulled(counted, tmp_path / "a", serve=serve)
    _, unproven = await pulled(uncounted, tmp_path / "b", serve=serve)
    assert proven.proof.is_proven
    assert Reason.EMPTY is unproven.proof.reason


async def test_pages_are_fetched_at_the_same_time_once_two_have_joined(serve, tmp_path):
    provider = Provider({"/orgs": orgs(200)})
    pull = Pull(tmp_path)
    outcome = await pull.read(await serve(provider), max_requests=8)
    assert outcome.proof.is_proven
    assert 200 == len(pull.ids)
    assert 2 <= provider.most_in_flight <= 8


async def test_ids_in_no_order_are_counted_and_proven(serve, tmp_path):
    records = [*reversed(orgs(35))]
    pull, outcome = await pulled(Provider({"/orgs": records}), tmp_path, serve=serve)
    assert outcome.proof.is_proven
    assert [record["sourcedId"] for record in records] == pull.ids


async def test_rows_know_their_place(serve, tmp_path):
    pull, _ = await pulled(Provider({"/orgs": orgs(25)}), tmp_path, serve=serve)
    with pull.files.csv("orgs").open(newline="") as file:
        places = {int(row["_at"]): row["sourcedId"] for row in csv.DictReader(file)}
    assert {at + 1: record["sourcedId"] for at, record in enumerate(orgs(25))} == places


# -- not proven -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("manners", "reason"),
    [
        (Manners(lying_total=99), Reason.SHORT),
        (Manners(lying_total=10), Reason.LONG),
        (Manners(ignores_offset=True), Reason.IGNORES_OFFSET),
        (Manners(ignores_offset=True, total=False), Reason.IGNORES_OFFSET),
        (Manners(opaque_links=True, total=False), Reason.OPAQUE),
    ],
    ids=str,
)
async def test_what_cannot_be_proven_is_told_with_its_reason(serve, tmp_path, manners, reason):
    provider = Provider({"/orgs": orgs(30)}, manners)
    _, outcome = await pulled(provider, tmp_path, serve=serve)
    assert reason is outcome.proof.reason
    assert outcome.proof.words


async def test_an_entry_without_an_id_leaves_the_collection_unproven(serve, tmp_path):
    provider = Provider({"/orgs": [org(1), {"name": "?"}, org(2)]})
    pull, outcome = await pulled(provider, tmp_path, serve=serve)
    assert Reason.UNREADABLE is outcome.proof.reason
    assert ["o-0001", "o-0002"] == pull.ids
    assert ["record-without-id"] == pull.problems


@pytest.mark.parametrize("at", [4, 9, 10, 11, 25])
async def test_a_record_that_is_held_twice_is_proven_and_told(serve, tmp_path, at):
    records = orgs(25)
    provider = Provider({"/orgs": [*records[:at], records[3], *records[at:]]})
    pull, outcome = await pulled(provider, tmp_path, serve=serve)
    assert outcome.proof.is_proven
    assert "record-twice" in codes(outcome)
    assert ["collection-twice"] == pull.problems


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.json_response({"message": "ok"}),
        lambda: web.json_response([]),
        lambda: web.json_response({"orgs": None}),
        lambda: web.Response(text="<html>", content_type="text/html"),
        lambda: refusal(403, "forbidden"),
        lambda: refusal(404, "unknownobject"),
        lambda: refusal(401, "unauthorisedrequest"),
    ],
)
async def test_an_answer_without_its_collection_is_a_failure_and_no_empty_collection(
    serve, tmp_path, answer
):
    provider = Provider({"/orgs": orgs(3)}, before=lambda _request, _number: answer())
    _, outcome = await pulled(provider, tmp_path, serve=serve)
    assert Reason.FAILED is outcome.proof.reason
    assert outcome.error


async def test_a_refused_filter_is_never_left_out(serve, tmp_path):
    provider = Provider(
        {"/orgs": orgs(3)},
        before=lambda request, _: (
            refusal(400, "invalid_filter_field") if "filter" in request.query else None
        ),
    )
    _, outcome = await pulled(provider, tmp_path, serve=serve, only="type='school'")
    assert Reason.FAILED is outcome.proof.reason
    assert outcome.error.startswith("SIS: no")


async def test_refused_fields_are_left_out_and_told(serve, tmp_path):
    provider = Provider(
        {"/orgs": orgs(3)},
        before=lambda request, _: (
            refusal(400, "invalid_selection_field") if "fields" in request.query else None
        ),
    )
    _, outcome = await pulled(provider, tmp_path, serve=serve, fields=("sourcedId", "name"))
    assert outcome.proof.is_proven
    assert "fields-refused" in codes(outcome)


# -- changes while it is read ---------------------------------------------------------------


@pytest.mark.parametrize("total", [True, False])
async def test_a_change_is_noticed_and_the_collection_read_again(serve, tmp_path, total):
    def leave_once(_request, number):
        if number == 4:
            provider.held["/orgs"].pop(2)

    provider = Provider({"/orgs": orgs(45)}, Manners(total=total), before=leave_once)
    pull = Pull(tmp_path, parallel=False)
    outcome = await pull.read(await serve(provider))
    assert outcome.proof.is_proven
    assert sorted(pull.ids) == [record["sourcedId"] for record in provider.held["/orgs"]]
    assert 2 == outcome.readings


async def test_one_leaves_and_one_comes_so_that_the_count_stays(serve, tmp_path):
    def swap(_request, number):
        if number == 3:
            provider.held["/orgs"].pop(2)
            provider.held["/orgs"].append(org(900))

    provider = Provider({"/orgs": orgs(45)}, before=swap)
    pull = Pull(tmp_path, parallel=False)
    outcome = await pull.read(await serve(provider))
    assert outcome.proof.is_proven
    assert sorted(pull.ids) == [record["sourcedId"] for record in provider.held["/orgs"]]


@pytest.mark.parametrize("number", [2, 3, 4])
async def test_behind_links_one_leaves_and_one_comes_and_no_count_tells(serve, tmp_path, number):
    def swap(_request, at):
        if at == number:
            provider.held["/orgs"].pop(0)
            provider.held["/orgs"].append(org(900))

    provider = Provider({"/orgs": orgs(45)}, Manners(opaque_links=True), before=swap)
    pull = Pull(tmp_path)
    outcome = await pull.read(await serve(provider))
    assert outcome.proof.is_proven
    assert sorted(pull.ids) == [record["sourcedId"] for record in provider.held["/orgs"]]


async def test_a_collection_that_never_rests_is_not_proven(serve, tmp_path):
    def always(_request, number):
        provider.held["/orgs"].pop(0)
        provider.held["/orgs"].append(org(1000 + number))

    provider = Provider({"/orgs": orgs(45)}, before=always)
    _, outcome = await pulled(provider, tmp_path, serve=serve)
    assert Reason.CHANGED is outcome.proof.reason
    assert outcome.readings <= 5


# -- failures and resuming ------------------------------------------------------------------


async def test_a_pull_goes_on_at_the_page_it_was_interrupted_at(serve, tmp_path):
    def down(_request, number):
        return web.Response(status=500) if number > 4 else None

    provider = Provider({"/orgs": orgs(95)}, before=down)
    url = await serve(provider)
    pull = Pull(tmp_path, parallel=False)
    with pytest.raises(UnreachableError):
        await pull.read(url)
    arrived = len(pull.ids)
    provider.before = None
    provider.requests.clear()
    again = Pull(tmp_path, parallel=False)
    outcome = await again.read(url)
    assert outcome.proof.is_proven
    assert 95 == len(again.ids) == len(set(again.ids))
    assert arrived > 10
    assert arrived - 1 == int(provider.requests[0].query["offset"])


@pytest.mark.parametrize("cut", [1, 30, 500])
async def test_half_a_page_on_the_disk_is_read_again(serve, tmp_path, cut):
    provider = Provider(
        {"/orgs": orgs(95)},
        before=lambda _request, number: web.Response(status=500) if number > 4 else None,
    )
    url = await serve(provider)
    pull = Pull(tmp_path, parallel=False)
    with pytest.raises(UnreachableError):
        await pull.read(url)
    with pull.files.csv("orgs").open("r+b") as file:
        file.truncate(max(0, pull.files.csv("orgs").stat().st_size - cut))
    provider.before = None
    outcome = await Pull(tmp_path, parallel=False).read(url)
    assert outcome.proof.is_proven
    assert 95 == len(pull.ids) == len(set(pull.ids))


async def test_another_question_is_not_mixed_with_the_answers_to_the_first(serve, tmp_path):
    provider = Provider(
        {"/orgs": orgs(45)},
        before=lambda _request, number: web.Response(status=500) if number == 3 else None,
    )
    url = await serve(provider)
    await Pull(tmp_path).read(url)
    provider.requests.clear()
    await Pull(tmp_path, only="type='school'").read(url)
    assert "0" == provider.requests[0].query["offset"]


async def test_a_page_that_is_cut_is_fetched_again(serve, tmp_path):
    def cut(_request, number):
        return web.Response(text='{"orgs": [{"sour') if number in {1, 3} else None

    provider = Provider({"/orgs": orgs(35)}, before=cut)
    pull, outcome = await pulled(provider, tmp_path, serve=serve)
    assert outcome.proof.is_proven
    assert 35 == len(pull.ids)


# -- any behaviour --------------------------------------------------------------------------

MANNERS = st.builds(
    Manners,
    clamp=st.sampled_from([1, 2, 3, 7, 10, 50]),
    total=st.booleans(),
    lying_total=st.sampled_from([None, None, None, 0, 5, 10, 1000]),
    links=st.booleans(),
    opaque_links=st.booleans(),
    ignores_offset=st.sampled_from([False, False, False, True]),
    offset_by_page=st.booleans(),
    empty_as_204=st.booleans(),
)
#: What happens when the n-th request comes: (n, what).
EVENTS = st.lists(
    st.tuples(
        st.integers(1, 14),
        st.sampled_from(["leave", "come", "swap", "500", "429", "cut", "empty", "repeat", "wrong"]),
    ),
    max_size=3,
)


async def hold_to_what_is_held(folder, *, count, manners, events, place, parallel):
    provider = Provider({"/orgs": orgs(count)}, manners)
    ever = {record["sourcedId"] for record in provider.held["/orgs"]}
    stayed = set(ever)
    previous = []

    def spoil(request, number):
        held = provider.held["/orgs"]
        for at, event in events:
            if at != number:
                continue
            if event in {"leave", "swap"} and held:
                stayed.discard(held.pop(place % len(held))["sourcedId"])
            if event in {"come", "swap"}:
                new = org(5000 + len(ever))
                held.insert((place * 7) % (len(held) + 1), new)
                ever.add(new["sourcedId"])
            if event == "500":
                return web.Response(status=500)
            if event == "429":
                return web.Response(status=429, headers={"Retry-After": "7"})
            if event == "cut":
                return web.Response(text='{"orgs": [')
            if event == "wrong":
                return web.json_response({"error": "later"})
            if event == "empty":
                return web.json_response({"orgs": []})
            if event == "repeat" and previous:
                return provider.answer(previous[-1])
        previous.append(request)
        return None

    provider.before = spoil
    pull = Pull(folder, parallel=parallel)
    async with serving(provider) as url:
        outcome = await pull.read(url, max_requests=3)
    if not outcome.proof.is_proven:
        return
    # Who was there all the time has arrived, nobody who never was, and nobody twice.
    assert stayed <= set(pull.ids) <= ever
    assert len(pull.ids) == len(set(pull.ids))


CASES = {
    "count": st.integers(0, 40),
    "manners": MANNERS,
    "events": EVENTS,
    "place": st.integers(0, 39),
    "parallel": st.booleans(),
}
_ALIKE = settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@settings(_ALIKE, max_examples=60)
@given(**CASES)
async def test_what_arrives_is_what_is_held_or_it_is_not_proven(tmp_path_factory, **case):
    await hold_to_what_is_held(tmp_path_factory.mktemp("pull"), **case)


@pytest.mark.soak
@settings(_ALIKE, max_examples=2000)
@given(**CASES)
async def test_whatever_happens_it_is_what_is_held_or_not_proven(tmp_path_factory, **case):
    await hold_to_what_is_held(tmp_path_factory.mktemp("pull"), **case)


def test_an_outcome_survives_json():
    from rosterway.oneroster.outcome import Outcome, outcome_of
    from rosterway.oneroster.paging import proof

    outcome = Outcome(
        endpoint="getAllOrgs",
        school=None,
        path="/orgs",
        proof=proof(Reason.SHORT, count=1, total=2),
    )
    assert outcome == outcome_of(json.loads(json.dumps(dataclasses.asdict(outcome))))
