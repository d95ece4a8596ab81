"""`[tenant.NAME.grades]`: what is read of it, and what it refuses."""

from datetime import date, time, timedelta

import pytest

from rosterway.settings import GradeFiles, Hours, as_data, parse
from rosterway.settings.shape import (
    Categories,
    Courses,
    Performance,
    Preview,
    SisEdits,
    Version,
)
from settings.conftest import EXAMPLE

AT = "tenant.lincoln.grades"
SHORT = "performance = []"


def test_what_is_left_out_is_careful():
    grades = parse(EXAMPLE).tenants["lincoln"].grades

    assert grades is not None
    assert (grades.courses, grades.preview, grades.sis_edits) == (
        Courses.FLAGGED,
        Preview.FIRST,
        SisEdits.OVERWRITE,
    )
    assert (grades.cap, grades.cleared, grades.adoptions) == (25, 10, True)
    assert (grades.categories, grades.verify, dict(grades.rules)) == (Categories.AUTO, False, {})
    # What is not said is the profile's to say; none at all is said by an empty list.
    assert grades.quiet is None


def test_course_grades_go_back_only_where_it_is_said():
    assert not parse(EXAMPLE).tenants["lincoln"].grades.course_grades  # type: ignore[union-attr]
    said = (
        'course_grade = { midterm = { until = "2026-10-16", points = 4, grading_period = "Q1" } }'
    )
    grades = parse(EXAMPLE.replace(SHORT, said)).tenants["lincoln"].grades
    assert grades is not None
    told = grades.course_grades["midterm"]
    assert (told.kind, told.points, told.until) == ("midterm", 4, date(2026, 10, 16))
    assert told.grading_period == "Q1"
    assert as_data(told)["until"] == "2026-10-16"


def test_no_quiet_hours_can_be_said_too():
    grades = parse(EXAMPLE.replace(SHORT, "quiet = []")).tenants["lincoln"].grades
    assert grades is not None
    assert grades.quiet == ()


def test_all_of_it_is_read_and_shown_as_it_was_written():
    written = (
        'performance = ["bulk-results"]\nquiet = ["22:00-05:30"]\nfull_read_every = "12h"\n'
        'rules = { decimals = 1, comments = true, excused = "skip" }'
    )

    grades = parse(EXAMPLE.replace(SHORT, written)).tenants["lincoln"].grades

    assert grades is not None
    assert grades.performance == (Performance.BULK_RESULTS,)
    assert grades.quiet == (Hours(time(22), time(5, 30)),)
    assert grades.full_read_every == timedelta(hours=12)
    shown = as_data(grades)
    assert shown["quiet"] == ["22:00-05:30"]
    assert shown["rules"] == {"decimals": 1, "comments": True, "excused": "skip"}


@pytest.mark.parametrize(
    ("written", "path", "said"),
    [
        ('performance = ["bulk-result"]', "performance[0]", 'did you mean "bulk-results"?'),
        ('quiet = ["7 to 8"]', "quiet[0]", "no part of a day"),
        ('quiet = ["07:00-07:00"]', "quiet[0]", "no part of a day"),
        ("course_grade = { end = {} }", "course_grade.end", "none of the choices"),
        (
            'course_grade = { final = { until = "Friday" } }',
            "course_grade.final.until",
            "is no day",
        ),
        ("verify = 1", "verify", "write true or false"),
        ("rules = 3", "rules", "write a table of rules"),
        ("rules = { decimals = { is = 1 } }", "rules.decimals", "no rule is like this"),
        ('previw = "never"', "previw", "did you mean `preview`?"),
        ('sis_edits = "asks"', "sis_edits", 'did you mean "ask"?'),
    ],
)
def test_what_will_not_do_is_refused_with_a_remedy(spoilt, written, path, said):
    [(found, words)] = spoilt((SHORT, written))

    assert found == f"{AT}.{path}"
    assert said in words


FILES = '[tenant.lincoln.grades.files]\nversion = "1.1"\n[tenant.lincoln.grades]'
TABLE, OVER = "[tenant.lincoln.grades]", 'connection = "sis"\nendpoints'


def test_a_sis_that_takes_files_needs_no_connection():
    text = EXAMPLE.replace(TABLE, FILES).replace(OVER, "endpoints")
    grades = parse(text).tenants["lincoln"].grades

    assert grades is not None
    assert (grades.connection, grades.files) == (
        None,
        GradeFiles(profile="generic", version=Version.V1P1, keep=30),
    )


@pytest.mark.parametrize(
    ("replaced", "path", "said"),
    [
        ([(OVER, "endpoints")], "", "nothing says where grades go"),
        ([(TABLE, FILES)], ".connection", "is asked for nothing"),
        ([(TABLE, FILES), (OVER, "verify = true\nendpoints")], ".verify", "is asked for nothing"),
        ([(TABLE, FILES), (OVER, 'quiet = ["07:30-15:30"]\nendpoints')], ".quiet", "leave it out"),
        (
            [(TABLE, FILES.replace('"1.1"', '"1.1"\nto = "sis"')), (OVER, "endpoints")],
            ".files.to",
            "of kind sftp",
        ),
        (
            [(TABLE, FILES.replace("1.1", "1.0")), (OVER, "endpoints")],
            ".files.version",
            "none of the choices",
        ),
    ],
)
def test_grades_go_one_way_and_files_ask_nothing(spoilt, replaced, path, said):
    [(found, words)] = spoilt(*replaced)

    assert found == f"{AT}{path}"
    assert said in words


@pytest.mark.parametrize(
    ("hours", "moment", "is_in"),
    [
        (Hours(time(8), time(16)), time(8), True),
        (Hours(time(8), time(16)), time(16), False),
        (Hours(time(22), time(5)), time(23, 59), True),
        (Hours(time(22), time(5)), time(4, 59), True),
        (Hours(time(22), time(5)), time(12), False),
    ],
)
def test_a_part_of_the_day_may_go_past_midnight(hours, moment, is_in):
    assert hours.has(moment) is is_in
