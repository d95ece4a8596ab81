"""What a registrar should look at in a grade export: each row with what is noticed of it."""

import csv

import duckdb
import pytest

from rosterway.formats.grade_export import COLUMNS, SHAPES, columns_of
from rosterway.rostering.grade_export import CHECKS, LISTED, look_at
from rosterway.rostering.roster import NOTHING, Roster

#: A row in which nothing is to be looked at.
WELL = {
    "student_name": "Ann",
    "student_id": "7",
    "student_sis": "ann",
    "course_sis": "BIO",
    "section_sis": "BIO-1",
    "current_score": "90.0",
    "final_score": "90.0",
    "unposted_current_score": "90.0",
    "unposted_final_score": "90",
    "current_grade": "A-",
    "final_grade": "A-",
}
NO_SCORES = {name: "" for name in WELL if name.endswith(("score", "grade"))}
ROSTER = Roster("b", {"enrollments": ("course_id", "section_id", "user_id", "status")})


@pytest.fixture
def listed(tmp_path):
    """The list that is made of a report of these rows."""

    def look(*rows, columns=COLUMNS, roster=ROSTER):
        report, out = tmp_path / "report.csv", tmp_path / "list.csv"
        with report.open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(columns)
            writer.writerows([row.get(name, "") for name in columns] for row in rows)
        with duckdb.connect() as connection:
            connection.execute(
                "CREATE VIEW b_enrollments AS SELECT * FROM (VALUES "
                "('BIO', 'BIO-1', 'ann', 'active'), ('ART', NULL, 'bob', 'completed'), "
                "('BIO', 'BIO-1', 'gone', 'deleted')) r(course_id, section_id, user_id, status)"
            )
            counts = look_at(connection, str(report), columns, roster, str(out))
        with out.open(encoding="utf-8", newline="") as text:
            told = list(csv.DictReader(text))
        assert sum(counts.values()) == len(told)
        return told

    return look


@pytest.fixture
def noticed(listed):
    """(row, check) of each thing that is noticed."""

    def look(*rows, **how):
        return [(int(one["row"]), one["check"]) for one in listed(*rows, **how)]

    return look


@pytest.mark.parametrize(
    ("change", "checks"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(NO_SCORES, ["blank"], id="nothing graded"),
        pytest.param(NO_SCORES | {"override_score": "80"}, ["override"], id="an override alone"),
        pytest.param({"unposted_final_score": "91.5"}, ["hidden"], id="a final score hidden"),
        pytest.param({"unposted_current_score": ""}, ["hidden"], id="a current score hidden"),
        pytest.param({"current_score": "95.0", "unposted_current_score": "95"},
                     ["current-differs"], id="work not graded"),
        pytest.param({"final_grade": "", "current_grade": ""}, ["no-scheme"], id="no letters"),
        pytest.param({"student_sis": ""}, ["no-sis-id"], id="a student without a SIS id"),
        pytest.param({"section_sis": "", "course_sis": ""}, ["no-sis-id"], id="a course without"),
        pytest.param({"student_sis": "eve"}, ["not-on-roster"], id="nobody of the roster"),
        pytest.param({"student_sis": "gone"}, ["not-on-roster"], id="one withdrawn"),
        pytest.param({"student_sis": "bob", "course_sis": "ART", "section_sis": ""}, [],
                     id="a course's default section"),
        pytest.param({"student_sis": "ann", "section_sis": "BIO-2"}, ["not-on-roster"],
                     id="another section"),
    ],
)  # fmt: skip
def test_each_row_is_noticed_for_what_it_is(noticed, change, checks):
    assert noticed(WELL | change) == [(2, check) for check in checks]


def test_without_a_roster_nobody_is_missed(noticed):
    assert noticed(WELL | {"student_sis": "eve"}, roster=NOTHING) == []


@pytest.mark.parametrize("columns", SHAPES.values(), ids=[str(count) for count in SHAPES])
def test_every_shape_of_the_report_is_read_by_the_places_of_its_columns(noticed, columns):
    assert columns_of(columns) == columns
    assert noticed(WELL, WELL | {"final_grade": ""}, columns=columns) == [(3, "no-scheme")]


def test_another_report_is_not_taken_for_it():
    assert columns_of(["student name", "student id"]) is None


def test_rows_are_counted_as_a_spreadsheet_counts_them_and_nothing_in_them_calculates(listed):
    tricky = WELL | {"course": 'two\nlines, "quoted"'}
    (told,) = listed(tricky, WELL | {"student_sis": "=cmd|' /C calc'!A0"})
    assert (told["row"], told["check"]) == ("3", "not-on-roster")
    assert told["student_sis"] == "'=cmd|' /C calc'!A0"
    assert tuple(told) == LISTED


def test_no_name_of_a_student_is_repeated(listed):
    (told,) = listed(WELL | {"student_name": "Secret Name", "student_sis": "eve"})
    assert not any("Secret" in cell for cell in told.values())


def test_every_check_says_who_mends_it_and_how():
    assert len({check.code for check in CHECKS}) == len(CHECKS)
    assert all(check.says and check.who and check.remedy for check in CHECKS)
