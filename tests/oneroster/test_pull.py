"""A pull as a whole: what is asked, what arrives, going on after a stop, and what is told."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from oneroster_provider import WHEN, Provider, org, orgs
from oneroster_pulls import COLLECTIONS, arrived, differences, pulled
from oneroster_servers import Pauses
from rosterway.errors import ConfigError, CredentialsError, UnavailableError, UnreachableError
from rosterway.formats.oneroster.endpoints import Service
from rosterway.oneroster.address import root_of
from rosterway.oneroster.asking import Asked, Source, asked_of, source_of
from rosterway.oneroster.auth import Bearer
from rosterway.oneroster.outcome import Progress
from rosterway.oneroster.patience import Patience, Surroundings, Waiting
from rosterway.oneroster.pull import FRESH, pull
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings import shape
from rosterway.settings.secrets import Secret, SecretPlace, SecretPlaces
from rosterway.settings.shape import Version

ORGS = Asked(exclude=COLLECTIONS[1:], page_size=10)
HALVES = Asked(exclude=COLLECTIONS[2:], page_size=10)
SCHOOLS = Asked(service=Service.SCHOOL, page_size=10)


async def pull_from(url, folder, *, asked=ORGS, clock=1000.0, max_requests=1, on_progress=None):
    source = Source(
        root=root_of(url, Version.V1P1),
        version=Version.V1P1,
        auth=Bearer(token="t"),
        patience=Patience(attempts=2),
        max_requests=max_requests,
    )
    world = Surroundings(pause=Pauses(), jitter=lambda: 1.0, clock=lambda: clock)
    return await pull(source, asked, folder, on_progress=on_progress, surroundings=world)


def asked_paths(provider):
    return [request.path.rpartition("v1p1")[2] for request in provider.requests]


def session(number):
    return {
        "sourcedId": f"s-{number}",
        "status": "active",
        "dateLastModified": WHEN,
        "title": f"Term {number}",
        "type": "term",
        "startDate": "2024-08-01",
        "endDate": "2025-01-01",
        "schoolYear": "2025",
    }


def person(key, name, school):
    return {
        "sourcedId": key,
        "status": "active",
        "dateLastModified": WHEN,
        "username": key,
        "givenName": name,
        "familyName": "X",
        "enabledUser": "true",
        "role": "student",
        "orgs": [{"sourcedId": school}],
    }


# -- what arrives ---------------------------------------------------------------------------


@pytest.mark.parametrize("version", Version)
async def test_a_whole_roster_arrives_and_is_proven(tmp_path, version):
    async with start_sis(students=20) as sis:
        found = await pulled(sis, tmp_path, version=version)
        assert {} == differences(sis, tmp_path, version, {})
    assert found.complete
    assert found.may_remove
    assert set(COLLECTIONS) == set(found.collections)
    told = json.loads(json.dumps(found.as_dict()))
    assert {"complete", "why", "since", "requests", "seconds", "collections", "deviations"} == set(
        told
    )
    enrollments = told["collections"]["enrollments"]
    assert {"records", "pages", "requests", "seconds", "complete", "why"} == set(enrollments)
    assert enrollments["why"] is None
    assert sum(each["requests"] for each in told["collections"].values()) == told["requests"]
    assert not (tmp_path / "parts").exists()
    assert [] == list(found.findings())


async def test_what_is_in_two_collections_stands_once_in_the_table_and_the_first_is_taken(
    serve, tmp_path
):
    here, there = org(1), org(2)
    paths: dict[str, list[object]] = {
        "/orgs": [org(0, "district"), here, there],
        "/schools": [here, there, org(3, status="tobedeleted")],
        "/academicSessions": [session(1)],
        "/classes": [],
    }
    for school in ("o-0001", "o-0002"):
        paths |= {
            f"/schools/{school}/courses": [],
            f"/schools/{school}/enrollments": [],
            f"/schools/{school}/teachers": [person("t", "Tea", school)],
            f"/schools/{school}/students": [person(f"p-{school}", "Pat", school)],
        }
    provider = Provider(paths)
    found = await pull_from(await serve(provider), tmp_path, asked=SCHOOLS)
    assert found.complete, found.why
    assert ["o-0000", "o-0001", "o-0002", "o-0003"] == sorted(arrived(tmp_path, "orgs"))
    assert {"p-o-0001", "p-o-0002", "t"} == set(arrived(tmp_path, "users"))
    roles = arrived(tmp_path, "roles")
    assert ["t/primary/student/o-0001"] == [key for key in roles if key.startswith("t/")]
    assert 2 == found.collections["teachers"].records
    assert not any("o-0003" in path for path in asked_paths(provider))


async def test_an_id_with_a_slash_is_encoded_in_the_path(serve, tmp_path):
    provider = Provider({"/schools": [org(1) | {"sourcedId": "a/b c"}], "/orgs": orgs(1)})
    asked = Asked(service=Service.SCHOOL, exclude=("academicSessions", "classes"))
    await pull_from(await serve(provider), tmp_path, asked=asked)
    assert any("/schools/a%2Fb%20c/courses" in each.raw_path for each in provider.requests)


async def test_an_operation_that_fails_for_school_after_school_is_not_asked_of_all(serve, tmp_path):
    schools = orgs(40)
    provider = Provider({"/orgs": schools, "/schools": schools, "/academicSessions": []})
    found = await pull_from(await serve(provider), tmp_path, asked=SCHOOLS)
    courses = [path for path in asked_paths(provider) if path.endswith("/courses")]
    assert 3 == len(courses)
    assert not found.complete
    why = found.collections["courses"].why or ""
    assert "does not serve this" in why
    assert "39 more like it" in why


async def test_schools_that_cannot_be_listed_leave_the_rest_unread_and_told(serve, tmp_path):
    provider = Provider({"/academicSessions": [session(1)], "/classes": []})
    found = await pull_from(await serve(provider), tmp_path, asked=SCHOOLS)
    assert "The list of schools could not be read" == found.collections["students"].why
    assert found.collections["academicSessions"].complete
    assert not found.complete


async def test_a_delta_asks_for_what_changed_and_may_remove_nothing(tmp_path):
    async with start_sis(students=20, day=3) as sis:
        since = datetime.fromisoformat(sis.provider.now()).astimezone(UTC)
        early = Asked(since=datetime(2000, 1, 1, tzinfo=UTC), filters={"orgs": "type='school'"})
        everything = await pulled(sis, tmp_path / "a", asked=early)
        nothing = await pulled(sis, tmp_path / "b", asked=Asked(since=since))
    assert everything.complete
    assert not everything.may_remove
    assert 1 == everything.collections["orgs"].records
    assert everything.collections["users"].records > 20
    assert {0} == {each.records for each in nothing.collections.values()}


async def test_a_filter_for_what_changed_that_is_not_applied_is_noticed(tmp_path):
    async with start_sis(students=20) as sis:
        sis.provider.faults.put(["filter-ignored"])
        since = datetime.fromisoformat(sis.provider.now()).astimezone(UTC)
        found = await pulled(sis, tmp_path, asked=Asked(since=since))
    ignored = {each.table: each for each in found.deviations if each.code == "filter-ignored"}
    assert found.complete
    assert set(COLLECTIONS) == ignored.keys()
    assert found.collections["users"].records == ignored["users"].count


@pytest.mark.parametrize("skew", [0, 3 * 3600])
async def test_when_a_pull_began_is_told_by_the_clock_of_the_provider(tmp_path, skew):
    async with start_sis(students=20) as sis:
        sis.provider.knobs.turn({"skew_seconds": skew})
        sis.provider.faults.put(["skewed-clock"])
        before = sis.provider.moment()
        found = await pulled(sis, tmp_path, asked=Asked(exclude=COLLECTIONS[1:]))
        after = sis.provider.moment()
    second = timedelta(seconds=1)  # Date headers have no fractions
    assert before - second <= found.began <= after + second


async def test_a_pull_that_goes_on_began_when_it_was_begun(serve, tmp_path):
    provider = Provider({"/orgs": orgs(25)})
    provider.before = lambda _request, number: web.Response(status=500) if number > 2 else None
    url = await serve(provider)
    with pytest.raises(UnreachableError):
        await pull_from(url, tmp_path, clock=1000.0)
    provider.before = None
    provider_is_ahead = time.time() - 2000.0
    found = await pull_from(url, tmp_path, clock=2000.0)
    assert found.complete
    assert 1000.0 == pytest.approx(found.began.timestamp() - provider_is_ahead, abs=30)


async def test_what_one_collection_fails_on_does_not_keep_the_others(serve, tmp_path):
    provider = Provider({"/orgs": orgs(25)})
    found = await pull_from(await serve(provider), tmp_path, asked=HALVES)
    assert 25 == len(arrived(tmp_path, "orgs"))
    assert {} == arrived(tmp_path, "academicSessions")
    assert not found.complete
    assert [why] if (why := found.collections["academicSessions"].why) else False
    assert found.why[0].startswith("/academicSessions: no such thing. The SIS does not serve this")
    assert not found.is_resumable


async def test_problems_of_records_are_kept_beside_the_tables(serve, tmp_path):
    provider = Provider({"/orgs": [org(1), {"name": "?"}, org(2, status="gone?")]})
    found = await pull_from(await serve(provider), tmp_path)
    assert ["record-without-id", "status-unknown"] == [each.code for each in found.findings()]
    assert "1 of its entries" in (found.collections["orgs"].why or "")


async def test_progress_and_waits_are_told_as_they_happen(serve, tmp_path):
    def slow(_request, number):
        return web.Response(status=429, headers={"Retry-After": "9"}) if number == 2 else None

    told: list[Progress | Waiting] = []
    provider = Provider({"/orgs": orgs(25)}, before=slow)
    await pull_from(await serve(provider), tmp_path, on_progress=told.append)
    assert [9.0] == [each.seconds for each in told if isinstance(each, Waiting)]
    progress = [each for each in told if isinstance(each, Progress)]
    assert (25, 25) == (max(each.records for each in progress), progress[-1].total)


# -- stopping and going on ------------------------------------------------------------------


def breaks_at(path, number_from):
    """A provider that answers 500 for a path from its so-many-th request on."""
    seen = {"count": 0}

    def spoil(request, _number):
        if not request.path.endswith(path):
            return None
        seen["count"] += 1
        return web.Response(status=500) if seen["count"] >= number_from else None

    return spoil


async def test_what_was_lost_on_the_way_is_gone_on_with_and_the_rest_is_not_read_again(
    serve, tmp_path
):
    held = {"/orgs": orgs(45), "/academicSessions": [session(n) for n in range(5)]}
    provider = Provider(held, before=breaks_at("/orgs", 4))
    url = await serve(provider)
    first = await pull_from(url, tmp_path, asked=HALVES)
    assert first.is_resumable
    assert not first.collections["orgs"].complete
    assert first.collections["academicSessions"].complete
    provider.before = None
    provider.requests.clear()
    second = await pull_from(url, tmp_path, asked=HALVES, clock=1000.0 + FRESH)
    assert second.complete
    assert 45 == len(arrived(tmp_path, "orgs"))
    assert {"/orgs"} == set(asked_paths(provider))
    assert "0" != provider.requests[0].query["offset"]


@pytest.mark.parametrize(
    ("asked", "clock"),
    [(HALVES, 1001.0 + FRESH), (HALVES, 10.0), (Asked(exclude=COLLECTIONS[2:]), 1000.0)],
    ids=["old", "from-the-future", "another-question"],
)
async def test_what_is_old_or_of_another_question_is_read_anew(serve, tmp_path, asked, clock):
    held = {"/orgs": orgs(45), "/academicSessions": [session(1)]}
    provider = Provider(held, before=breaks_at("/orgs", 4))
    url = await serve(provider)
    await pull_from(url, tmp_path, asked=HALVES)
    provider.before = None
    provider.requests.clear()
    found = await pull_from(url, tmp_path, asked=asked, clock=clock)
    assert found.complete
    assert {"/orgs", "/academicSessions"} == set(asked_paths(provider))


async def test_a_pull_that_ended_is_not_gone_on_with(serve, tmp_path):
    provider = Provider({"/orgs": orgs(5)})
    url = await serve(provider)
    await pull_from(url, tmp_path)
    provider.held["/orgs"].pop()
    await pull_from(url, tmp_path)
    assert 4 == len(arrived(tmp_path, "orgs"))


async def test_a_table_that_is_no_longer_asked_for_does_not_stay(serve, tmp_path):
    provider = Provider({"/orgs": orgs(5), "/academicSessions": [session(1)]})
    url = await serve(provider)
    await pull_from(url, tmp_path, asked=HALVES)
    await pull_from(url, tmp_path)
    assert not (tmp_path / "academicSessions.csv").exists()


async def test_a_provider_that_is_gone_ends_the_pull_and_is_not_asked_for_everything(
    serve, tmp_path
):
    provider = Provider({}, before=lambda _request, _number: web.Response(status=500))
    with pytest.raises(UnreachableError):
        await pull_from(await serve(provider), tmp_path, asked=Asked())
    assert {"/orgs", "/academicSessions", "/courses"} == set(asked_paths(provider))


async def test_nothing_readable_is_the_error_that_it_is(serve, tmp_path):
    provider = Provider({}, before=lambda _request, _number: web.Response(status=403))
    with pytest.raises(CredentialsError):
        await pull_from(await serve(provider), tmp_path)


async def test_a_folder_that_cannot_be_written_is_told(serve, tmp_path):
    (tmp_path / "file").write_text("mine")
    provider = Provider({"/orgs": orgs(5)})
    with pytest.raises(UnavailableError, match="The disk does not take"):
        await pull_from(await serve(provider), tmp_path / "file")
    assert "mine" == (tmp_path / "file").read_text()


# -- what is asked --------------------------------------------------------------------------


def names(asked):
    return [each.path[1:] for each in asked.endpoints()]


def test_six_collections_are_a_roster():
    assert list(COLLECTIONS) == sorted(names(Asked()), key=COLLECTIONS.index)


def test_collections_are_added_and_taken_by_any_of_their_names():
    asked = Asked(include=("demographics", "getAllStudents"), exclude=("/courses", "users"))
    assert {"demographics", "students"} <= set(names(asked))
    assert not {"courses", "users"} & set(names(asked))
    by_school = Asked(service=Service.SCHOOL, include=("users",), exclude=("enrollments",))
    assert "users" in names(by_school)
    assert "schools/{school}/enrollments" not in names(by_school)


def test_what_is_no_collection_is_told_with_what_was_meant():
    with pytest.raises(ConfigError) as caught:
        Asked(exclude=("enrolments",)).check()
    assert "Did you mean enrollments?" == caught.value.remedy


@pytest.mark.parametrize(
    "asked",
    [
        Asked(exclude=COLLECTIONS),
        Asked(service=Service.SCHOOL, exclude=("schools", "orgs")),
        Asked(filters={"users": "role=student"}),
        Asked(filters={"users": "a='1' AND b='2' AND c='3'"}),
        Asked(
            filters={"users": "a='1' AND b='2'"},
            since=datetime(2024, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_sent(asked):
    with pytest.raises(ConfigError):
        asked.check()


def test_schools_are_listed_in_full_in_a_delta():
    asked = Asked(service=Service.SCHOOL, since=datetime(2024, 1, 1, tzinfo=UTC))
    filters = {each.name: asked.wanted(each, Version.V1P1).filter for each in asked.endpoints()}
    assert "" == filters["getAllSchools"]
    assert "dateLastModified>'2024-01-01T00:00:00.000Z'" == filters["getAllClasses"]


def test_a_connection_says_where_and_what_and_a_job_adds_to_it(tmp_path):
    connection = shape.Connection(
        name="sis",
        profile="generic",
        version=Version.V1P2,
        rostering_url="https://sis.example",
        gradebook_url=None,
        auth=shape.OAuth2(
            token_url="https://sis.example/token",
            client_id="me",
            client_secret=Secret(SecretPlace.ENV, "SIS"),
            scope=None,
            credentials=shape.Credentials.BODY,
        ),
        concurrency=5,
        exclude=("demographics",),
        filter={"enrollments": "status='active'"},
    )
    asked = asked_of(connection, Asked(filters={"users": "status='active'"}, page_size=500))
    ours = asked_of(connection, filters={"getAllEnrollments": "role='student'"})
    assert {"getAllEnrollments": "role='student'"} == dict(ours.filters)
    source = source_of(connection, SecretPlaces({"SIS": "s3cret"}, folder=tmp_path))
    assert {"enrollments": "status='active'", "users": "status='active'"} == dict(asked.filters)
    assert list(COLLECTIONS) == sorted(names(asked), key=COLLECTIONS.index)
    assert (5, 500) == (source.max_requests, asked.page_size)
    assert "https://sis.example/ims/oneroster/rostering/v1p2" == str(source.root)
    assert "v1p2/scope/roster-core.readonly" in str(source.auth)
    assert "s3cret" not in repr(source)
