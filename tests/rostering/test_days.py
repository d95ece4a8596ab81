"""Ordinary days do not hold, alarming days do (`safety.md`, the two lists below the limits).

Each day twice: as a small story, and befallen a generated district of ten thousand students.
"""

from datetime import UTC, datetime

import pytest

from rostering.story import decide, numbered, people, table, town
from rosterway.sandbox.district import TODAY, make_district, on_day, write_alarm, write_canvas
from rosterway.sandbox.district.alarms import ALARMS
from rosterway.sandbox.district.days import NIGHTS

MORNING = datetime(TODAY.year, TODAY.month, TODAY.day, 6, 0, tzinfo=UTC)

# -- A small town of two schools: 48 classes of 25, each pupil in three ------------------------

CLASSES = {"C1": 12, "C2": 12, "CY": 24}
SECTIONS = [f"{course}-{number:02d}" for course, many in CLASSES.items() for number in range(many)]
PUPILS = numbered(400)


def classes(pupils=tuple(PUPILS)):
    """Who sits where: pupil n takes the nth place of each third of the timetable."""
    enrolled = {section: [] for section in SECTIONS}
    for pupil in pupils:
        n = int(pupil[1:]) - 1
        home = ("C1", "C2")[n % 2]
        enrolled[f"{home}-{n // 2 % 12:02d}"].append(pupil)
        enrolled[f"CY-{n % 24:02d}"].append(pupil)
        enrolled[f"CY-{(n + 7) % 24:02d}"].append(pupil)
    return enrolled


def morning(enrolled, *, sections=None, pupils=tuple(PUPILS), **rows):
    listed = SECTIONS if sections is None else sections
    return town(
        enrolled,
        sections=[f"{section},{section.split('-')[0]},Class {section}" for section in listed],
        users=people(pupils),
        **rows,
    )


YESTERDAY = morning(classes())


def moved(share):
    """Every so many pupils are in the next class instead of one of theirs."""
    enrolled = classes()
    for n, pupil in enumerate(PUPILS):
        if n % round(1 / share) == 0:
            enrolled[f"CY-{n % 24:02d}"].remove(pupil)
            enrolled[f"CY-{(n + 1) % 24:02d}"].append(pupil)
    return enrolled


def test_a_day_on_which_half_a_percent_leave_and_two_percent_change_section_does_not_hold():
    pupils = PUPILS[2:]
    enrolled = {
        section: [pupil for pupil in names if pupil in pupils]
        for section, names in moved(0.02).items()
    }
    told = decide(YESTERDAY, morning(enrolled, pupils=pupils))
    assert ("go", []) == (told.decision, told.guards)
    assert 6 == told.removals("enrollments")
    assert 2 == told.removals("users")


def test_two_merged_sections_do_not_hold():
    enrolled = classes()
    enrolled["CY-00"] += enrolled.pop("CY-01")
    enrolled["C1-00"] += enrolled.pop("C1-01")
    told = decide(YESTERDAY, morning(enrolled, sections=list(enrolled)))
    assert ("go", []) == (told.decision, told.guards)
    assert (0, 2) == (told.removals("enrollments"), told.removals("sections"))


def test_the_busy_first_weeks_with_five_percent_moving_do_not_hold():
    told = decide(YESTERDAY, morning(moved(0.05)))
    assert ("go", []) == (told.decision, told.guards)
    assert len(told.rows("enrollments", status="deleted")) == 20


def test_one_school_gone_holds():
    enrolled = {s: names for s, names in classes().items() if not s.startswith("C2")}
    told = decide(
        YESTERDAY,
        morning(
            enrolled,
            sections=list(enrolled),
            courses=[row for row in YESTERDAY["courses"].splitlines()[1:] if ",M," not in row],
            accounts=["H,,Hill High"],
        ),
    )
    assert "hold" == told.decision
    assert {"enrollments", "sections"} <= {hold.table for hold in told.plan.holds}


def test_four_percent_of_rows_cut_off_the_end_hold():
    header, *rows = YESTERDAY["enrollments"].splitlines()
    kept = [header, *rows[: len(rows) * 96 // 100]]
    told = decide(YESTERDAY, {**YESTERDAY, "enrollments": "\n".join(kept) + "\n"})
    assert "hold" == told.decision


def test_six_percent_lost_at_random_hold():
    header, *rows = YESTERDAY["enrollments"].splitlines()
    kept = [row for n, row in enumerate(rows) if n * 37 % 100 >= 6]
    told = decide(YESTERDAY, {**YESTERDAY, "enrollments": "\n".join([header, *kept]) + "\n"})
    assert (["removals"], 72) == (told.guards, told.hold("removals").count)


def test_one_schools_sections_rekeyed_hold():
    anew = {
        section.replace("C2-", "C2-9") if section.startswith("C2") else section: names
        for section, names in classes().items()
    }
    told = decide(YESTERDAY, morning(anew, sections=list(anew)))
    assert ["removals", "removals", "twin-class"] == told.guards
    assert 200 == told.removals("enrollments"), "nobody moved: the classes are not known"
    assert 12 == told.hold("twin-class").below, "every class of the school, told together"


def test_everybodys_logins_changed_hold():
    users = [f"{name},{name.lower()}@hill.example,{name}" for name in PUPILS]
    told = decide(YESTERDAY, {**YESTERDAY, "users": table("users", users)})
    assert ["key-drift"] == told.guards


def test_an_export_that_lost_a_column_holds():
    header, *rows = YESTERDAY["courses"].splitlines()
    cut = [",".join((*row.split(",")[:4], row.split(",")[5])) for row in (header, *rows)]
    told = decide(YESTERDAY, {**YESTERDAY, "courses": "\n".join(cut) + "\n"})
    assert ["header-drift"] == told.guards


def test_a_class_that_is_split_in_two_by_the_office_does_not_hold():
    enrolled = classes()
    enrolled["CY-90"] = [enrolled["CY-00"].pop() for _ in range(8)]
    told = decide(YESTERDAY, morning(enrolled, sections=list(enrolled)))
    assert ("go", []) == (told.decision, told.guards)


# -- Ten thousand students, and fewer where the list names no number ---------------------------


def a_district(students, folder):
    made = make_district(students=students, seed=11)
    write_canvas(made, folder)
    return made, folder


@pytest.fixture(scope="module")
def district(tmp_path_factory):
    return a_district(10_000, tmp_path_factory.mktemp("yesterday"))


@pytest.fixture(scope="module")
def small_district(tmp_path_factory):
    return a_district(1_500, tmp_path_factory.mktemp("yesterday"))


@pytest.mark.parametrize("night", NIGHTS)
def test_a_night_of_a_whole_district_does_not_hold(district, night, tmp_path):
    made, yesterday = district
    write_canvas(on_day(made, 2, night=night), tmp_path)
    told = decide(yesterday, tmp_path, at=MORNING, threads=2, rows=False)
    assert ("go", []) == (told.decision, told.guards)
    assert told.removals("enrollments") > 100
    assert told.removals("users") > 20


#: The list of alarming days.
LISTED = ["school-gone", "cut-off", "rows-lost", "sections-rekeyed"]


@pytest.mark.parametrize("alarm", LISTED)
def test_an_alarming_morning_of_a_whole_district_holds(district, alarm, tmp_path):
    made, yesterday = district
    write_alarm(made, tmp_path, alarm)
    told = decide(yesterday, tmp_path, at=MORNING, threads=2, rows=False)
    assert "hold" == told.decision
    assert "removals" in told.guards
    assert ("twin-class" in told.guards) == (alarm == "sections-rekeyed")


def test_a_quiet_night_is_nothing_to_do(small_district):
    _, yesterday = small_district
    told = decide(yesterday, yesterday, at=MORNING, rows=False)
    assert ("nothing", []) == (told.decision, told.guards)
    assert {0} == set(told.plan.removals.values())


#: What every other alarming morning is told as, at least.
TOLD_AS = {
    "users-rekeyed": "removals",
    "all-deleted": "removals",
    "emptied": "emptied",
    "missing": "missing-table",
    "zero-byte": "emptied",
}


def test_every_alarm_is_tried():
    assert {*LISTED, *TOLD_AS, "truncated"} == ALARMS.keys()


@pytest.mark.parametrize("alarm", TOLD_AS)
def test_every_other_alarming_morning_holds_too(small_district, alarm, tmp_path):
    made, yesterday = small_district
    write_alarm(made, tmp_path, alarm)
    told = decide(yesterday, tmp_path, at=MORNING, rows=False)
    assert "hold" == told.decision
    assert TOLD_AS[alarm] in told.guards


def test_a_file_that_was_cut_off_removes_nothing(small_district, tmp_path):
    made, yesterday = small_district
    write_alarm(made, tmp_path, "truncated")
    told = decide(yesterday, tmp_path, at=MORNING, rows=False)
    assert ("nothing", []) == (told.decision, told.guards)
    assert {0} == set(told.plan.removals.values())
    assert told.counts("enrollments")["vanished"] > 0, "what it would have removed is shown"


def test_a_file_of_a_second_day_that_was_cut_off_removes_nothing_either(small_district, tmp_path):
    """The second day says of some pupils that they are deleted: that must wait for a whole file."""
    made, yesterday = small_district
    write_alarm(on_day(made, 2), tmp_path, "truncated")
    told = decide(yesterday, tmp_path, at=MORNING, rows=False)
    assert told.removals("enrollments") == 0
    assert "enrollments" not in {file.table for file in told.plan.files if "removals" in file.step}
