"""Reading a delivery back with nothing but the standard library."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from rosterway.sandbox.district import make_district, write_canvas
from rosterway.sandbox.district.model import Role, Standing, UserKind

KEYS = {
    "accounts": ("account_id",),
    "terms": ("term_id",),
    "courses": ("course_id",),
    "sections": ("section_id",),
    "xlists": ("section_id",),
    "users": ("user_id",),
    "enrollments": ("section_id", "user_id", "role"),
    "admins": ("user_id", "account_id"),
    "user_observers": ("observer_id", "student_id"),
}


def read(folder: Path) -> dict[str, dict[tuple[str, ...], dict[str, str]]]:
    """Table -> key -> row; every table is there, empty if its file is not."""
    tables = {}
    for name, columns in KEYS.items():
        path = folder / f"{name}.csv"
        tables[name] = {}
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file, strict=True))
            tables[name] = {tuple(row[column] for column in columns): row for row in rows}
            assert len(rows) == len(tables[name]), f"{name}: two rows have one key"
    return tables


@pytest.fixture(name="read")
def _read():
    return read


@pytest.fixture(scope="session")
def town(tmp_path_factory):
    """Day 1 of a district of 2,000 students, read back; not to be changed."""
    folder = tmp_path_factory.mktemp("town")
    write_canvas(make_district(students=2_000, seed=7), folder)
    return read(folder)


def assert_sound(roster):
    """What holds for every zone on every day."""
    taught = defaultdict(list)
    for place in roster.enrollments():
        section = roster.sections[place.section]
        user = roster.users[place.user]
        assert roster.rolls[place.section][place.user] is place
        assert roster.schedules[place.user][place.section] is place
        if place.role is Role.STUDENT:
            assert user.kind is UserKind.STUDENT
            assert user.school == roster.school_of(section)
        elif place.standing is Standing.ACTIVE:
            taught[section.id].append(place.role)
    for section in roster.sections.values():
        live = Standing.ACTIVE is section.standing is roster.courses[section.course].standing
        if live and roster.roll(section.id):
            assert Role.TEACHER in taught[section.id]
    for student in roster.students():
        sections = [roster.sections[place.section] for place in roster.schedule(student.id)]
        courses = [roster.courses[section.course] for section in sections]
        assert len({course.code for course in courses}) == len(courses)
        assert all(student.grade in course.grades for course in courses)
        if any(section.homeroom for section in sections):
            assert len(sections) == 7
            assert len({section.homeroom for section in sections}) == 1
        else:
            periods = sorted(section.period for section in sections)
            assert periods == list(range(1, len(periods) + 1))
            assert 6 <= len(periods) <= 8
    for student, guardians in roster.guardians.items():
        for guardian in guardians:
            assert student in roster.wards[guardian]
            assert {student, guardian} <= roster.users.keys()


@pytest.fixture(name="sound", scope="session")
def _sound():
    return assert_sound
