"""What a night changes, and what it leaves alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterway.sandbox.district import NIGHTS, DistrictError, make_district, on_day, write_canvas


@pytest.fixture
def days(tmp_path, read):
    """Write days of a district and read them back."""

    def of(district, *numbers, night="ordinary"):
        for number in numbers:
            folder = tmp_path / str(number)
            write_canvas(on_day(district, number, night=night), folder)
            yield read(folder)

    return of


def students(tables):
    return {
        row["user_id"]
        for row in tables["users"].values()
        if row["declared_user_type"] == "student" and row["status"] == "active"
    }


def classes(tables):
    """Student -> the sections they sit in."""
    taken = {student: set() for student in students(tables)}
    for row in tables["enrollments"].values():
        if row["role"] == "student" and row["status"] == "active" and row["user_id"] in taken:
            taken[row["user_id"]].add(row["section_id"])
    return taken


def test_the_first_day_is_the_first_load():
    district = make_district(students=50, seed=3)

    assert on_day(district, 1) == district


@pytest.mark.parametrize(
    ("night", "moving", "leaving", "joining"),
    [
        ("ordinary", (0.015, 0.030), (0.003, 0.007), (0.002, 0.006)),
        ("busy", (0.045, 0.062), (0.004, 0.008), (0.009, 0.015)),
    ],
)
def test_a_night_moves_as_many_people_as_promised(days, night, moving, leaving, joining):
    before, after = days(make_district(students=5_000, seed=7), 1, 2, night=night)
    was, now = classes(before), classes(after)
    stayed = was.keys() & now.keys()

    def share(people):
        return len(list(people)) / 5_000

    assert moving[0] <= share(s for s in stayed if was[s] != now[s]) <= moving[1]
    assert leaving[0] <= share(was.keys() - now.keys()) <= leaving[1]
    assert joining[0] <= share(now.keys() - was.keys()) <= joining[1]


def test_a_night_brings_one_of_each_event(days):
    before, after = days(make_district(students=5_000, seed=7), 1, 2)

    def changed(table, column):
        return [
            key
            for key in before[table].keys() & after[table].keys()
            if before[table][key][column] != after[table][key][column]
        ]

    (opened,) = after["sections"].keys() - before["sections"].keys()
    (merged,) = before["sections"].keys() - after["sections"].keys()
    assert after["sections"][opened]["name"].endswith("(B)")
    assert changed("courses", "long_name")
    assert changed("users", "last_name")
    assert after["user_observers"].keys() - before["user_observers"].keys()
    assert {
        key
        for key in before["enrollments"].keys() - after["enrollments"].keys()
        if key[2] == "teacher" and key[0] != merged[0]
    }


def test_accounts_terms_and_ids_of_courses_stay_as_they_were(days):
    before, after = days(make_district(students=2_000, seed=7), 1, 6)

    assert before["accounts"] == after["accounts"]
    assert before["terms"] == after["terms"]
    assert before["courses"].keys() == after["courses"].keys()


def test_who_changes_class_stays_in_their_school(days):
    before, after = days(make_district(students=2_000, seed=7), 1, 2)
    was, now = classes(before), classes(after)

    def schools(tables, sections):
        courses = {tables["sections"][(section,)]["course_id"] for section in sections}
        return {tables["courses"][(course,)]["account_id"] for course in courses}

    for student in was.keys() & now.keys():
        assert schools(before, was[student]) == schools(after, now[student])
        assert len(was[student]) == len(now[student])


def test_most_of_a_merged_section_is_found_in_another_one(days):
    before, after = days(make_district(students=2_000, seed=7), 1, 2)
    (merged,) = before["sections"].keys() - after["sections"].keys()
    seated = {student for student, taken in classes(before).items() if merged[0] in taken}
    now = classes(after)
    together = [now[student] - classes(before)[student] for student in seated if student in now]

    assert seated
    assert len(set.intersection(*together)) == 1


def test_some_who_left_vanish_and_some_are_sent_as_suspended(days):
    before, after = days(make_district(students=5_000, seed=7), 1, 3)
    left = students(before) - students(after)
    spoken_of = {student for student in left if (student,) in after["users"]}

    assert 0 < len(spoken_of) < len(left)
    assert {after["users"][(student,)]["status"] for student in spoken_of} == {"suspended"}
    gone = left - spoken_of
    assert not gone & {key[1] for key in after["enrollments"]}
    assert not gone & {key[1] for key in after["user_observers"]}


def test_nights_add_up():
    district = make_district(students=300, seed=5)

    assert on_day(district, 5) == on_day(on_day(district, 3), 3)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 400),
    st.integers(0, 1_000),
    st.integers(2, 8),
    st.sampled_from(sorted(NIGHTS)),
)
def test_a_district_stays_sound_whatever_the_nights_bring(sound, students, seed, day, night):
    for roster in on_day(make_district(students=students, seed=seed), day, night=night).rosters():
        sound(roster)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(0, 1_000))
def test_even_in_the_smallest_district_no_night_is_without_a_change(tmp_path_factory, size, seed):
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    district = make_district(students=size, seed=seed)
    write_canvas(district, first)
    write_canvas(on_day(district, 2), second)

    assert (first / "users.csv").read_bytes() != (second / "users.csv").read_bytes()


def test_there_is_no_day_before_the_first():
    with pytest.raises(DistrictError, match="counted from 1"):
        on_day(make_district(students=5, seed=1), 0)


def test_an_unknown_night_is_refused_with_those_there_are():
    with pytest.raises(DistrictError, match="there are ordinary, busy"):
        on_day(make_district(students=5, seed=1), 2, night="stormy")
