"""Mornings that must not go through: each does its damage, all of it, and nothing else."""

import csv

import pytest

from rosterway.sandbox.district import (
    ALARMS,
    DistrictError,
    make_district,
    on_day,
    write_alarm,
    write_canvas,
)

DISTRICT = make_district(students=1_500, seed=7)


@pytest.fixture
def morning(tmp_path, read):
    """The ordinary tables of day 1, and those of the same day with an alarm."""

    def of(alarm, **options):
        write_canvas(DISTRICT, tmp_path / "before")
        write_alarm(DISTRICT, tmp_path / "after", alarm, **options)
        return read(tmp_path / "before"), read(tmp_path / "after")

    return of


@pytest.fixture
def raw(tmp_path):
    """The bytes of one file before and after an alarm."""

    def of(alarm, file="enrollments.csv", **options):
        write_canvas(DISTRICT, tmp_path / "before")
        write_alarm(DISTRICT, tmp_path / "after", alarm, **options)
        after = tmp_path / "after" / file
        return (tmp_path / "before" / file).read_bytes(), after.exists() and after.read_bytes()

    return of


def test_one_school_is_gone_with_everything_that_was_only_there(morning):
    before, after = morning("school-gone")

    ((school,),) = before["accounts"].keys() - after["accounts"].keys()
    gone = {key for key, row in before["courses"].items() if row["account_id"] == school}
    assert gone == before["courses"].keys() - after["courses"].keys()
    sections = before["sections"].keys() - after["sections"].keys()
    assert sections == {
        key for key, row in before["sections"].items() if (row["course_id"],) in gone
    }
    lost = before["enrollments"].keys() - after["enrollments"].keys()
    assert lost == {key for key in before["enrollments"] if (key[0],) in sections}
    enrolled = {key[1] for key in after["enrollments"]}
    watching = {key[0] for key in after["user_observers"]}
    removed = {key[0] for key in before["users"].keys() - after["users"].keys()}
    assert removed
    assert not removed & (enrolled | watching)
    assert {(row["section_id"],) for row in after["xlists"].values()} <= after["sections"].keys()


def test_one_schools_sections_have_new_ids_and_the_same_people(morning):
    before, after = morning("sections-rekeyed")

    old = before["sections"].keys() - after["sections"].keys()
    new = after["sections"].keys() - before["sections"].keys()
    assert len(old) == len(new) > 10
    courses = {before["sections"][key]["course_id"] for key in old}
    assert len({before["courses"][(course,)]["account_id"] for course in courses}) == 1

    def people(tables, sections):
        return sorted(key[1:] for key in tables["enrollments"] if (key[0],) in sections)

    assert people(before, old) == people(after, new)
    assert len(before["xlists"]) == len(after["xlists"])


def test_students_and_staff_have_new_ids_and_their_old_logins(morning):
    before, after = morning("users-rekeyed")

    def logins(tables):
        return {row["login_id"]: row["user_id"] for row in tables["users"].values()}

    old, new = logins(before), logins(after)
    assert old.keys() == new.keys()
    for login, user in old.items():
        guardian = before["users"][(user,)]["declared_user_type"] == "observer"
        assert new[login] == (user if guardian else f"N{user}")
    assert {key[1] for key in after["enrollments"]} <= set(new.values())
    assert {key[1] for key in after["user_observers"]} <= set(new.values())
    assert {key[0] for key in after["admins"]} <= set(new.values())
    assert len(before["enrollments"]) == len(after["enrollments"])


def test_the_last_rows_are_cut_off_clean(raw):
    before, after = raw("cut-off")

    assert before.startswith(after)
    assert after.endswith(b"\n")
    rows = before.count(b"\n") - 1
    assert before.count(b"\n") - after.count(b"\n") == -(-rows * 4 // 100)


def test_rows_are_lost_here_and_there(raw):
    before, after = raw("rows-lost")
    kept = after.splitlines()
    everything = iter(before.splitlines())

    assert all(line in everything for line in kept)  # in the same order
    rows = before.count(b"\n") - 1
    assert rows + 1 - len(kept) == -(-rows * 6 // 100)
    assert kept[0] == before.splitlines()[0]


def test_every_row_says_deleted(morning):
    before, after = morning("all-deleted", table="users")

    assert {row["status"] for row in after["users"].values()} == {"deleted"}
    assert before["users"].keys() == after["users"].keys()
    assert before["enrollments"] == after["enrollments"]


@pytest.mark.parametrize(
    ("alarm", "content"),
    [
        ("emptied", b"course_id,user_id,role,section_id,status\n"),
        ("zero-byte", b""),
        ("missing", False),
    ],
)
def test_a_table_is_left_without_a_row(raw, alarm, content):
    _, after = raw(alarm)

    assert content == after


def test_a_transfer_breaks_off_in_the_middle_of_a_row(raw):
    before, after = raw("truncated")
    last = next(csv.reader([after.splitlines()[-1].decode()]))

    assert before.startswith(after)
    assert len(last) < 5
    assert len(after) > len(before) * 0.85


@pytest.mark.parametrize("alarm", ALARMS)
def test_every_alarm_also_befalls_a_later_day_and_is_the_same_twice(tmp_path, alarm):
    district = on_day(make_district(students=150, seed=2), 3)
    for name in ("one", "two"):
        write_alarm(district, tmp_path / name, alarm)

    def content(name):
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    assert content("one") == content("two")
    assert not any(name.endswith(".part") for name in content("one"))


def test_an_unknown_alarm_is_refused(tmp_path):
    with pytest.raises(DistrictError, match="no alarm is called 'fire'"):
        write_alarm(DISTRICT, tmp_path, "fire")


def test_an_alarm_for_a_table_that_is_not_sent_is_refused(tmp_path):
    with pytest.raises(DistrictError, match=r"no groups\.csv"):
        write_alarm(make_district(students=5, seed=1), tmp_path, "emptied", table="groups")
