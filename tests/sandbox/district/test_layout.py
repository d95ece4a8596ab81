"""Schools, sessions, timetables: the skeleton under the people."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterway.sandbox.district.catalogue import (
    ELECTIVE,
    HOMEROOM,
    REQUIRED,
    SPECIALS,
    SUMMER,
    TIMETABLED,
)
from rosterway.sandbox.district.layout import Level, zone_plans
from rosterway.sandbox.district.luck import apportion, luck, share_of
from rosterway.sandbox.district.names import FEATURES, PLACES, place_name
from rosterway.sandbox.district.people import plain
from rosterway.sandbox.district.sessions import calendar_of
from rosterway.sandbox.district.timetable import Requests, timetable


@pytest.mark.parametrize(
    ("students", "levels"),
    [
        (50, [Level.HIGH]),  # kindergarten to grade 12 under one roof
        (400, [Level.ELEMENTARY, Level.HIGH]),
        (2_000, [Level.ELEMENTARY, Level.ELEMENTARY, Level.MIDDLE, Level.HIGH]),
    ],
)
def test_a_small_district_has_few_schools(students, levels):
    (zone,) = zone_plans(students, seed=7)

    assert levels == [school.level for school in zone.schools]


@pytest.mark.parametrize("students", [1, 119, 120, 699, 700, 25_000, 1_000_000])
def test_zones_hold_every_student_and_none_is_large(students):
    zones = list(zone_plans(students, seed=11))
    schools = [school for zone in zones for school in zone.schools]

    assert students == sum(school.size for school in schools)
    assert max(sum(school.size for school in zone.schools) for zone in zones) < 8_000
    assert len({school.id for school in schools}) == len(schools)


def test_schools_are_as_large_as_schools_are():
    sizes: dict[Level, list[int]] = {level: [] for level in Level}
    for zone in zone_plans(100_000, seed=5):
        for school in zone.schools:
            if "Alternative" not in school.name:
                sizes[school.level].append(school.size)

    assert 100 < min(sizes[Level.ELEMENTARY]) < max(sizes[Level.ELEMENTARY]) < 1_100
    assert 250 < min(sizes[Level.MIDDLE]) < max(sizes[Level.MIDDLE]) < 1_500
    assert 800 < min(sizes[Level.HIGH]) < max(sizes[Level.HIGH]) < 2_800


def test_no_two_schools_of_the_largest_district_share_a_name():
    names = Counter(school.name for zone in zone_plans(900_000, seed=2) for school in zone.schools)

    assert names.most_common(1)[0][1] == 1


def test_every_place_name_comes_once_before_any_comes_twice():
    count = len(PLACES) * len(FEATURES)

    assert count == len({place_name(number, 5) for number in range(count)})


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
)
def test_every_day_has_a_school_year_with_the_right_session_running(today):
    calendar = calendar_of(today)
    by_id = {session.id: session for session in calendar.sessions}

    assert calendar.summer.last < calendar.year.first
    assert calendar.year.first.weekday() == 0
    for session in calendar.sessions:
        assert session.first < session.last
        assert not session.parent or session.parent in by_id
        if session.parent:
            parent = by_id[session.parent]
            assert parent.first <= session.first < session.last <= parent.last
    for current in (by_id[running] for running in calendar.running.values()):
        if calendar.year.first <= today <= calendar.year.last:
            assert current.first <= today <= current.last + timedelta(days=3)


def test_the_catalogue_has_no_code_twice():
    entries = [*TIMETABLED, *SUMMER]
    for grade in HOMEROOM:
        entries += [*HOMEROOM[grade], *SPECIALS[grade]]

    assert len({entry.code for entry in entries}) == len(entries)


@pytest.mark.parametrize("grade", range(6, 13))
def test_even_the_smallest_school_offers_each_grade_a_full_day(grade):
    offered = [e for e in TIMETABLED if e.size == 0 and e.lowest <= grade <= e.highest]

    assert set(REQUIRED) <= {entry.subject for entry in offered}
    assert len([entry for entry in offered if entry.subject in ELECTIVE]) >= 3


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 400), st.integers(6, 8), st.integers())
def test_a_timetable_gives_everybody_every_period_once(students, periods, seed):
    rng = luck(seed)
    requests = Requests(students, periods)
    grades = {str(number): rng.randint(6, 12) for number in range(students)}
    wanted = {student: requests.of_student(grade, rng) for student, grade in grades.items()}

    planned = timetable(wanted, grades, periods)

    for student, grade in grades.items():
        mine = [section for section in planned if student in section.students]
        assert sorted(section.period for section in mine) == list(range(1, periods + 1))
        assert len({section.entry.code for section in mine}) == periods
        assert all(section.entry.lowest <= grade <= section.entry.highest for section in mine)
    assert all(len(section.students) <= section.entry.seats for section in planned)


def test_classes_of_a_large_school_are_neither_crowded_nor_deserted():
    rng = luck("school")
    requests = Requests(1_200, 7)
    grades = {str(number): rng.randint(9, 12) for number in range(1_200)}
    wanted = {student: requests.of_student(grade, rng) for student, grade in grades.items()}
    sizes = sorted(len(section.students) for section in timetable(wanted, grades, 7))

    assert 22 < sizes[len(sizes) // 2] <= 30
    assert sizes[len(sizes) // 10] > 8


@given(st.integers(0, 10_000), st.lists(st.floats(0.1, 10), min_size=1, max_size=40))
def test_parts_add_up_and_are_within_one_of_their_share(total, weights):
    parts = apportion(total, weights)

    assert total == sum(parts)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / sum(weights)) < 1.0001


@given(st.integers(0, 1_000), st.floats(0, 1), st.integers())
def test_a_share_is_within_one_of_what_it_should_be(count, share, seed):
    taken = share_of(count, share, luck(seed))

    assert 0 <= taken <= count
    assert abs(taken - count * share) <= 1


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nguyễn", "nguyen"),
        ("Łucja", "lucja"),
        ("O'Brien", "obrien"),
        ("De la Cruz", "delacruz"),
        ("Weiß", "weis"),
        ("Þórsdóttir", "torsdottir"),
        ("Anne-Marie", "annemarie"),
    ],
)
def test_a_login_is_made_of_plain_letters(name, letters):
    assert letters == plain(name)
