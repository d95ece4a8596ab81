"""The district as OneRoster: whole, consistent, and the same in both versions."""

from collections import Counter

import pytest

from rosterway.sandbox.district import make_district, on_day
from rosterway.sandbox.district.model import Role, Standing
from rosterway.sandbox.sis.gradebook.strict import fault_of
from rosterway.sandbox.sis.holding.records import collect, district_records
from rosterway.sandbox.sis.model.fields import Kind
from rosterway.sandbox.sis.model.nouns import COLLECTIONS, NOUNS, ROSTER_NOUNS

DISTRICT = make_district(students=900, seed=3)


@pytest.fixture(scope="module")
def records():
    return collect(district_records(DISTRICT))


def test_the_same_district_always_makes_the_same_records(records):
    assert records == collect(district_records(make_district(students=900, seed=3)))


def test_everything_that_is_referred_to_exists(records):
    for noun in ROSTER_NOUNS:
        for record in records[noun].values():
            for field in NOUNS["1.2"][noun].fields:
                if field.kind is Kind.REF and field.name in record:
                    value = record[field.name]
                    for key in value if field.many else [value]:
                        assert key in records[field.of], (noun, record, field)


def test_nobody_and_no_class_of_the_district_is_missing(records):
    rosters = list(DISTRICT.rosters())
    assert {key for roster in rosters for key in roster.users} == records["user"].keys()
    assert {key for roster in rosters for key in roster.sections} == records["class"].keys()
    places = Counter(
        (place.section, place.user) for roster in rosters for place in roster.enrollments()
    )
    assert places == Counter((r["class"], r["user"]) for r in records["enrollment"].values())


def test_guardians_and_children_name_each_other(records):
    users = records["user"]
    linked = [user for user in users.values() if user.get("agents")]
    assert linked
    for user in linked:
        for agent in user["agents"]:
            assert user["sourcedId"] in users[agent]["agents"]


def test_a_class_of_the_year_lists_both_semesters_and_ends_are_excluded(records):
    calendar = DISTRICT.calendar
    terms = Counter(tuple(record["terms"]) for record in records["class"].values())
    assert tuple(semester.id for semester in calendar.semesters) in terms
    session = records["academicSession"][calendar.semesters[0].id]
    assert calendar.semesters[0].last.isoformat() < session["endDate"]


def test_who_was_suspended_is_active_and_disabled_and_has_left_the_classes(records):
    for roster in DISTRICT.rosters():
        for user in roster.users.values():
            record = records["user"][user.id]
            assert (user.standing is Standing.DELETED) is (record["status"] == "tobedeleted")
            assert (user.standing is Standing.SUSPENDED) is (record["enabledUser"] is False)
    ended = [
        record
        for record in records["enrollment"].values()
        if not records["user"][record["user"]]["enabledUser"] and record["status"] == "active"
    ]
    assert ended
    assert all(record["endDate"] < DISTRICT.today.isoformat() for record in ended)


def test_every_enrollment_has_dates_and_only_teachers_say_whether_they_lead(records):
    aides = sum(
        place.role is Role.TA for roster in DISTRICT.rosters() for place in roster.enrollments()
    )
    roles = Counter(record["role"] for record in records["enrollment"].values())
    assert aides == roles["proctor"]
    for record in records["enrollment"].values():
        assert record["beginDate"] < record["endDate"] or record["status"] == "active"
        assert ("primary" in record) is (record["role"] == "teacher")


@pytest.mark.parametrize("version", ["1.1", "1.2"])
async def test_what_is_told_is_what_the_schema_of_the_version_wants(open_sis, version):
    async with open_sis(students=60, day=2) as sis:
        for noun, collection in COLLECTIONS.items():
            if noun in NOUNS[version]:
                for told in await sis.truth(collection, version):
                    assert fault_of(version, noun, told) is None


async def test_both_versions_tell_of_the_same_things(sis):
    for collection in ("orgs", "classes", "users", "enrollments"):
        older = {row["sourcedId"]: row for row in await sis.truth(collection, "1.1")}
        newer = {row["sourcedId"]: row for row in await sis.truth(collection, "1.2")}
        assert older.keys() == newer.keys()
        assert all(
            older[key]["dateLastModified"] == newer[key]["dateLastModified"] for key in older
        )


async def test_a_person_has_a_role_and_orgs_in_1p1_and_roles_in_1p2(sis):
    older = {row["sourcedId"]: row for row in await sis.truth("users", "1.1")}
    administrators = 0
    for newer in await sis.truth("users", "1.2"):
        old = older[newer["sourcedId"]]
        assert [role["org"]["sourcedId"] for role in newer["roles"]] == [
            org["sourcedId"] for org in old["orgs"]
        ]
        assert "roles" not in old
        assert "role" not in newer
        administrators += old["role"] == "administrator"
        if newer["roles"][0]["role"] == "districtAdministrator":
            assert "administrator" == old["role"]
    assert administrators


async def test_references_point_below_the_root_of_their_service(sis):
    (book,) = await sis.rows("/courses", limit="1")
    assert book["resources"][0]["href"].startswith(sis.sis.root("1.2", "resources"))
    assert book["org"]["href"] == sis.url(f"/orgs/{book['org']['sourcedId']}")


def test_another_day_has_other_records():
    later = collect(district_records(on_day(DISTRICT, 2)))
    first = collect(district_records(DISTRICT))
    assert first["enrollment"].keys() != later["enrollment"].keys()
    assert first["academicSession"] == later["academicSession"]
