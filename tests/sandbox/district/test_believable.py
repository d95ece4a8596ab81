"""What a district looks like on its first day."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterway.sandbox.district import TODAY, DistrictError, make_district
from rosterway.sandbox.district.model import OrgKind

sizes = st.integers(1, 300) | st.integers(690, 760)
seeds = st.integers(0, 10_000)


def ids(table):
    return {key[0] for key in table}


def active(table):
    return [row for row in table.values() if row["status"] == "active"]


def test_every_reference_of_the_files_resolves(town):
    accounts, courses = ids(town["accounts"]), ids(town["courses"])
    sections, users = ids(town["sections"]), ids(town["users"])

    assert {row["parent_account_id"] for row in town["accounts"].values()} - accounts == {""}
    assert {row["account_id"] for row in town["courses"].values()} <= accounts
    assert {row["term_id"] for row in town["courses"].values()} <= ids(town["terms"])
    assert {row["course_id"] for row in town["sections"].values()} <= courses
    assert {row["section_id"] for row in town["enrollments"].values()} <= sections
    assert {row["user_id"] for row in town["enrollments"].values()} <= users
    assert {row["observer_id"] for row in town["user_observers"].values()} <= users
    assert {row["student_id"] for row in town["user_observers"].values()} <= users
    assert {row["section_id"] for row in town["xlists"].values()} <= sections
    assert {row["xlist_course_id"] for row in town["xlists"].values()} <= courses
    assert {row["user_id"] for row in town["admins"].values()} <= users
    assert {row["account_id"] for row in town["admins"].values()} <= accounts


def test_the_course_of_an_enrollment_is_the_course_of_its_section(town):
    for row in town["enrollments"].values():
        assert row["course_id"] == town["sections"][(row["section_id"],)]["course_id"]


def test_parents_stand_before_their_children_in_accounts(town):
    seen = {""}
    for row in town["accounts"].values():
        assert row["parent_account_id"] in seen
        seen.add(row["account_id"])


def test_schools_hang_below_their_level_and_levels_below_the_district(town):
    parents = {key[0]: row["parent_account_id"] for key, row in town["accounts"].items()}
    root = next(account for account, parent in parents.items() if not parent)
    schools = {row["account_id"] for row in town["courses"].values()}

    assert {parents[parents[school]] for school in schools} == {root}
    assert len(schools) >= 4


def test_a_cross_listed_section_goes_into_another_course_of_the_same_school_and_term(town):
    assert town["xlists"]
    for row in town["xlists"].values():
        home = town["courses"][(town["sections"][(row["section_id"],)]["course_id"],)]
        target = town["courses"][(row["xlist_course_id"],)]
        assert home != target
        assert (home["account_id"], home["term_id"]) == (target["account_id"], target["term_id"])


def test_logins_are_unique_whatever_the_letter_case(town):
    logins = Counter(row["login_id"].lower() for row in town["users"].values())

    assert logins.most_common(1)[0][1] == 1
    assert max(map(len, logins)) <= 100


def test_no_address_is_outside_the_domains_reserved_for_examples(town):
    addresses = {
        value
        for row in town["users"].values()
        for value in (row["email"], row["login_id"])
        if "@" in value
    }

    assert addresses
    assert all(re.search(r"[@.]example\.(org|com|net)$", value) for value in addresses)


def test_student_and_section_ids_have_zeros_in_front_for_excel_to_eat(town):
    students = [
        row["user_id"] for row in town["users"].values() if row["declared_user_type"] == "student"
    ]

    assert all(re.fullmatch(r"0\d{7}", student) for student in students)
    assert all(re.fullmatch(r"0\d{8}", key[0]) for key in town["sections"])


def test_names_bring_accents_apostrophes_hyphens_spaces_and_commas(town):
    names = " ".join(row["full_name"] for row in town["users"].values())

    for difficult in ("é", "ñ", "ễ", "ł", "'", "-", "De la Cruz", ", Jr.", ", III"):
        assert difficult in names
    assert not re.search(r"[\r\n\t]|  ", names)


def test_some_guardians_have_no_address_and_some_watch_over_several_children(town):
    observers = {
        row["user_id"]: row
        for row in town["users"].values()
        if row["declared_user_type"] == "observer"
    }
    children = Counter(row["observer_id"] for row in town["user_observers"].values())

    assert observers.keys() == children.keys()
    assert any(not row["email"] for row in observers.values())
    assert max(children.values()) > 1
    assert 0.7 < len({r["student_id"] for r in town["user_observers"].values()}) / 2_000 < 0.95


def test_a_real_sis_also_sends_what_is_no_more(town):
    def statuses(table):
        return {row["status"] for row in town[table].values()}

    assert statuses("users") == {"active", "suspended", "deleted"}
    assert statuses("enrollments") == {"active", "inactive", "completed", "deleted"}
    assert statuses("courses") == {"active", "completed", "deleted"}
    assert statuses("sections") == {"active", "deleted"}


def test_nobody_is_enrolled_in_a_deleted_section_or_as_a_deleted_user(town):
    for row in town["enrollments"].values():
        assert town["sections"][(row["section_id"],)]["status"] == "active"
        assert town["users"][(row["user_id"],)]["status"] != "deleted"


def test_the_year_the_semester_and_the_quarter_run_today_and_the_summer_is_over(town):
    used = {row["term_id"] for row in town["courses"].values()}
    today = TODAY.isoformat()
    running = {
        term
        for term in used
        if town["terms"][(term,)]["start_date"] <= today <= town["terms"][(term,)]["end_date"]
    }

    assert running == {"2026-27-FY", "2026-27-S1", "2026-27-Q2"}
    assert used - running == {"2026-SUM"}
    ended = [
        row
        for row in town["enrollments"].values()
        if town["courses"][(row["course_id"],)]["term_id"] == "2026-SUM"
    ]
    assert 0 < len(ended) < 200
    assert {row["status"] for row in ended} == {"completed"}


def test_roles_and_kinds_of_people_are_canvas_words(town):
    roles = Counter(row["role"] for row in town["enrollments"].values())

    assert roles.keys() == {"student", "teacher", "ta"}
    assert roles["student"] > 8 * roles["teacher"] > 8 * roles["ta"] > 0
    kinds = {row["declared_user_type"] for row in town["users"].values()}
    assert kinds == {"student", "teacher", "staff", "administrative", "observer"}


def test_some_sections_have_two_teachers(town):
    teachers = Counter(
        row["section_id"] for row in active(town["enrollments"]) if row["role"] == "teacher"
    )

    assert set(teachers.values()) == {1, 2}


def test_small_elementary_schools_share_a_specialist():
    shared = 0
    for roster in make_district(students=5_000, seed=3).rosters():
        for user in roster.users.values():
            schools = {
                roster.school_of(roster.sections[place.section])
                for place in roster.schedule(user.id)
            }
            assert len(schools) <= 2
            shared += len(schools) == 2

    assert shared


@settings(max_examples=40, deadline=None)
@given(sizes, seeds)
def test_a_district_of_any_size_and_seed_is_sound(sound, students, seed):
    rosters = list(make_district(students=students, seed=seed).rosters())

    assert sum(len(roster.students()) for roster in rosters) == students
    for roster in rosters:
        sound(roster)
    everybody = [user for roster in rosters for user in roster.users.values()]
    assert len({user.id for user in everybody}) == len(everybody)
    assert len({user.login for user in everybody}) == len(everybody)


def test_one_student_makes_a_district():
    office, zone = make_district(students=1, seed=1).rosters()

    assert [org.kind for org in office.orgs.values()] == [OrgKind.DISTRICT]
    assert len(zone.orgs) == 1
    assert len(zone.students()) == 1


@pytest.mark.parametrize("students", [0, -1, 1_000_001])
def test_a_district_nobody_could_run_is_refused(students):
    with pytest.raises(DistrictError, match="1 to 1,000,000 students"):
        make_district(students=students, seed=1)
