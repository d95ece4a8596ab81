"""Grades of a whole course, as results of a line item of their own."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.gradebook import Category, ScoreScale
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.course_grades import (
    EVERY,
    RULES,
    Basis,
    CourseGradeKind,
    CourseGradeRule,
    is_course_grade,
    with_course_grades,
)
from rosterway.passback.decide import plan_passback
from rosterway.passback.gradebook import (
    Course,
    CourseGrade,
    Gradebook,
    GradingPeriod,
    Section,
    Student,
)
from rosterway.passback.identity import Identity
from rosterway.passback.rules import Hidden, Letters, Rules
from rosterway.passback.terms import Terms
from rosterway.settings.shape import Version

AT = datetime(2027, 1, 15, tzinfo=UTC)
FINAL = CourseGradeRule()
LETTERS = CourseGradeRule(letters=True)
GRADE = CourseGrade(
    user="u1",
    section="s1",
    current_score=91.25,
    current_grade="A-",
    final_score=80.5,
    final_grade="B-",
    unposted_current_score=95.0,
    unposted_final_score=85.0,
)
GRADEBOOK = Gradebook(
    course=Course(id="7", name="Algebra", term_end_at=AT),
    taken_at=AT,
    sections=(
        Section(id="s1", name="Algebra 1", class_id="C1"),
        Section(id="s2", name="By hand"),
        Section(id="s3", name="Algebra 3", class_id="C3"),
    ),
    students=(Student(id="u1", sourced_id="S1", sections=("s1",)),),
    course_grades=(GRADE,),
)


def having(*grades, sections=("s1",)):
    student = Student(id="u1", sourced_id="S1", sections=sections)
    return msgspec.structs.replace(GRADEBOOK, course_grades=grades, students=(student,))


def graded(**changes):
    return having(msgspec.structs.replace(GRADE, **changes))


VALUES = [
    (80.5, None, GRADEBOOK, FINAL),
    (91.25, None, GRADEBOOK, CourseGradeRule(basis=Basis.CURRENT)),
    (85.0, None, GRADEBOOK, CourseGradeRule(hidden=Hidden.SEND)),
    (95.0, None, GRADEBOOK, CourseGradeRule(basis=Basis.CURRENT, hidden=Hidden.SEND)),
    (99.0, None, graded(override_score=99.0), FINAL),
    (0.0, None, graded(override_score=0.0), FINAL),
    (80.5, None, graded(override_score=99.0), CourseGradeRule(overrides=False)),
    (80.5, "B-", GRADEBOOK, LETTERS),
    (99.0, "A", graded(override_score=99.0, override_grade="A"), LETTERS),
    (None, "A", graded(override_grade="A"), LETTERS),
    (3.22, None, GRADEBOOK, CourseGradeRule(points=4.0)),
]


@pytest.mark.parametrize(("score", "letter", "gradebook", "rule"), VALUES)
def test_the_grade_that_counts_is_the_rules_choice(score, letter, gradebook, rule):
    changed, withheld = with_course_grades(gradebook, [rule])
    assert () == withheld
    (found,) = changed.submissions
    assert (score, letter) == (found.score, found.grade)


NONE = [
    ("no-course-grade", having(), FINAL),
    ("no-course-grade", graded(final_score=None, final_grade=None), FINAL),
    ("no-course-grade", graded(override_grade="A"), FINAL),
    ("no-course-letter", graded(final_grade=None, current_grade=None), LETTERS),
    (
        "no-course-letter",
        graded(override_score=99.0, final_grade=None, current_grade=None),
        LETTERS,
    ),
    ("letter-of-hidden", GRADEBOOK, CourseGradeRule(letters=True, hidden=Hidden.SEND)),
    (
        "grades-of-course-differ",
        having(
            GRADE,
            msgspec.structs.replace(GRADE, section="s3", override_score=70.0),
            sections=("s1", "s3"),
        ),
        FINAL,
    ),
]


@pytest.mark.parametrize(("code", "gradebook", "rule"), NONE)
def test_a_grade_there_is_not_is_withheld_with_its_reason(code, gradebook, rule):
    changed, withheld = with_course_grades(gradebook, [rule])
    assert () == changed.submissions
    assert {code} == {one.reason.code for one in withheld}


def test_every_reason_has_a_case():
    assert {rule.code for rule in RULES} == {code for code, *_ in NONE}


def test_a_section_that_is_not_from_the_sis_has_no_course_grade():
    changed, _ = with_course_grades(GRADEBOOK, [FINAL])
    (assignment,) = changed.assignments
    assert ["s1", "s3"] == [one.section for one in assignment.placements]


def test_midterm_and_final_are_two_line_items_and_none_is_canvass():
    midterm = CourseGradeRule(kind=CourseGradeKind.MIDTERM, title="Midterm", basis=Basis.CURRENT)
    changed, _ = with_course_grades(GRADEBOOK, [midterm, FINAL])
    ids = [one.id for one in changed.assignments]
    assert 2 == len(set(ids))
    assert all(map(is_course_grade, ids))
    assert not is_course_grade("4711")


CLASS = ClassGradebook(
    class_id="C1",
    school_id="O1",
    students=("S1",),
    categories=(Category(sourced_id="K1", title="Final grade"),),
    line_items=(),
    results=(),
    score_scales=(ScoreScale(sourced_id="Z1", class_id="C1", values=(("B-", "80"),)),),
)


def planned(rule, rules=Rules()):
    gradebook, _ = with_course_grades(GRADEBOOK, [rule])
    terms = Terms(
        identity=Identity("canvas.example/1"),
        zone=ZoneInfo("America/Chicago"),
        rules=rules,
        version=Version.V1P2,
    )
    return plan_passback(gradebook, {"C1": CLASS}, {}, (), terms, now=AT)


def test_a_plan_puts_it_as_a_result_of_its_own_line_item():
    plan = planned(FINAL, Rules(decimals=0))
    (item,) = plan.line_items
    (result,) = plan.results
    assert ("Final grade", "K1", 100.0) == (
        item.line_item.title,
        item.line_item.category_id,
        item.line_item.maximum,
    )
    assert ("S1", 81.0, item.line_item.sourced_id) == (
        result.result.student_id,
        result.result.score,
        result.result.line_item_id,
    )


def test_a_letter_goes_by_the_classs_scale():
    (result,) = planned(LETTERS, Rules(letters=Letters.SCALE)).results
    assert ("B-", "Z1") == (result.result.text_score, result.result.score_scale_id)


percent = st.none() | st.floats(0, 150)
letter = st.none() | st.sampled_from(["A", "B-"])


@given(
    st.builds(
        CourseGrade,
        user=st.just("u1"),
        section=st.just("s1"),
        current_score=percent,
        current_grade=letter,
        final_score=percent,
        final_grade=letter,
        unposted_current_score=percent,
        unposted_final_score=percent,
        override_score=percent,
        override_grade=letter,
    ),
    st.builds(
        CourseGradeRule,
        basis=st.sampled_from(Basis),
        overrides=st.booleans(),
        hidden=st.sampled_from(Hidden),
        letters=st.booleans(),
    ),
)
def test_a_student_has_either_a_grade_canvas_has_or_a_reason(grade, rule):
    changed, withheld = with_course_grades(having(grade), [rule])
    assert 1 == len(changed.submissions) + len(withheld)
    has = {
        grade.current_score,
        grade.final_score,
        grade.unposted_current_score,
        grade.unposted_final_score,
        grade.override_score,
    }
    for one in changed.submissions:
        assert one.score in {None if score is None else round(score, 6) for score in has}
        assert one.grade in {None, grade.current_grade, grade.final_grade, grade.override_grade}


def test_after_its_last_day_a_grade_stays_as_the_sis_has_it():
    rule = CourseGradeRule(kind=CourseGradeKind.MIDTERM, until=date(2026, 10, 16))
    last, _ = with_course_grades(GRADEBOOK, [rule], date(2026, 10, 16))
    past, withheld = with_course_grades(GRADEBOOK, [rule], date(2026, 10, 17))
    assert [rule.assignment()] == [one.id for one in last.assignments]
    assert (past.assignments, past.submissions, withheld) == ((), (), ())
    assert {(rule.assignment(), "C1"), (rule.assignment(), "C3")} == {
        (one.assignment, one.class_id) for one in past.left_out
    }


Q1 = GradingPeriod(id="9", title="Quarter 1", end_at=datetime(2026, 10, 16, tzinfo=UTC))
Q2 = GradingPeriod(id="10", title="Quarter 2", start_at=AT)
QUARTERS = msgspec.structs.replace(
    GRADEBOOK,
    periods=(Q1, Q2),
    course_grades=(
        GRADE,
        msgspec.structs.replace(GRADE, period="9", final_score=70.0),
        msgspec.structs.replace(GRADE, period="10", final_score=None),
    ),
)


@pytest.mark.parametrize(
    ("wanted", "told", "left_out"),
    [
        (None, [("course_final", "Grade", AT)], {"course_final_9", "course_final_10"}),
        (
            "Quarter 1",
            [("course_final_9", "Grade, Quarter 1", Q1.end_at)],
            {"course_final", "course_final_10"},
        ),
        (
            EVERY,
            [
                ("course_final_9", "Grade, Quarter 1", Q1.end_at),
                ("course_final_10", "Grade, Quarter 2", AT),
            ],
            {"course_final"},
        ),
        ("Quarter 3", [], {"course_final", "course_final_9", "course_final_10"}),
    ],
)
def test_each_grading_period_that_is_told_has_a_line_item_and_the_others_stay(
    wanted, told, left_out
):
    rule = CourseGradeRule(title="Grade", grading_period=wanted)
    changed, _ = with_course_grades(QUARTERS, [rule])
    assert told == [(one.id, one.name, one.placements[0].due_at) for one in changed.assignments]
    assert left_out == {one.assignment for one in changed.left_out}


def test_a_grading_period_that_has_not_begun_has_no_grades():
    before = msgspec.structs.replace(QUARTERS, taken_at=AT - timedelta(seconds=1))
    changed, withheld = with_course_grades(before, [CourseGradeRule(grading_period=EVERY)])
    assert ["course_final_9"] == [one.id for one in changed.assignments]
    assert () == withheld


def test_the_grade_of_a_grading_period_is_its_own_and_never_the_whole_courses():
    changed, withheld = with_course_grades(QUARTERS, [CourseGradeRule(grading_period=EVERY)])
    assert [("course_final_9", 70.0)] == [
        (one.assignment, one.score) for one in changed.submissions
    ]
    assert [("course_final_10", "no-course-grade")] == [
        (one.assignment, one.reason.code) for one in withheld
    ]
