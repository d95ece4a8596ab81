"""Where assignments and students are: individuals' dates, two ids of one person, what is left out."""

from datetime import UTC, datetime

import pytest

from passback.a_course import (
    DUE,
    accept,
    assignment,
    both,
    gradebook,
    graded,
    of_class,
    plan,
    terms,
)
from rosterway.passback.course_grades import CourseGradeRule, with_course_grades
from rosterway.passback.gradebook import Course, CourseGrade, IndividualDates, Student
from rosterway.passback.ledger import Entry
from rosterway.passback.own_transform import with_marks
from rosterway.passback.plan import Verdict
from rosterway.passback.reconcile import reconcile_course
from rosterway.passback.transform import (
    ExcludeAssignments,
    ExcludeSections,
    RenameAssignments,
    apply_rules,
)

LATER = datetime(2026, 10, 9, 4, 59, tzinfo=UTC)

#: One person of Canvas, who has a login for each of the two classes.
TWICE = (
    Student(id="1", sourced_id="u-1", sections=("s1",)),
    Student(id="1", sourced_id="u-11", sections=("s2",)),
)


def test_a_person_with_two_logins_has_a_result_in_each_class_under_the_id_enrolled_there():
    told = plan(gradebook(submissions=[graded("1")], students=TWICE))
    assert {(one.class_id, one.result.student_id) for one in told.results} == {
        ("c-1", "u-1"),
        ("c-2", "u-11"),
    }


def test_of_two_logins_in_one_class_the_one_the_sis_lists_is_meant():
    unlisted = Student(id="1", sourced_id="u-old", sections=("s1",))
    told = plan(gradebook(submissions=[graded("1")], students=(unlisted, TWICE[0])))
    assert [("1", "u-1")] == [(one.user, one.result.student_id) for one in told.results]


def test_both_sides_of_a_person_with_two_logins_are_compared_class_by_class():
    book = gradebook(submissions=[graded("1")], students=TWICE)
    ledger, classes = accept(plan(book))
    # What was intended and never answered tells no student.
    blank = {
        key: Entry(class_id=key[0], assignment=key[1], user=key[2]) for key in ledger if key[2]
    }
    known = {key: entry for key, entry in ledger.items() if not key[2]} | blank
    untold = gradebook(students=TWICE)
    found = reconcile_course(untold, classes, known, (), terms(), now=book.taken_at)
    assert {(one.class_id, one.student_id) for one in found.differences if one.user} == {
        ("c-1", "u-1"),
        ("c-2", "u-11"),
    }


def test_a_person_with_two_logins_has_one_grade_of_the_course_or_is_withheld():
    def grades(first: float, second: float) -> tuple[CourseGrade, ...]:
        return (
            CourseGrade(user="1", section="s1", final_score=first),
            CourseGrade(user="1", section="s2", final_score=second),
        )

    same = gradebook(students=TWICE, course_grades=grades(90, 90))
    told, withheld = with_course_grades(same, [CourseGradeRule()])
    assert [("1", 90.0)] == [(one.user, one.score) for one in told.submissions]
    assert withheld == ()
    apart = gradebook(students=TWICE, course_grades=grades(90, 80))
    told, withheld = with_course_grades(apart, [CourseGradeRule()])
    assert told.submissions == ()
    assert {"c-1", "c-2"} == {one.class_id for one in withheld}


def test_an_assignment_for_individuals_is_due_in_a_class_when_the_last_of_them_hands_it_in():
    own = (
        IndividualDates(user="1", due_at=DUE),
        IndividualDates(user="2", due_at=LATER),
        IndividualDates(user="11", due_at=DUE),
    )
    some = assignment(
        placements=(), only_individuals=True, individuals=("1", "2", "11"), individual_dates=own
    )
    told = plan(gradebook([some], [graded("1")]))
    assert {"c-1": "2026-10-08", "c-2": "2026-10-01"} == {
        one.class_id: (one.line_item.due or "")[:10] for one in told.line_items
    }


def test_no_date_is_offered_that_would_give_an_assignment_for_individuals_to_a_whole_section():
    some = assignment(placements=(), only_individuals=True, individuals=("1",))
    (judged,) = plan(gradebook([some]), terms=terms(undated="refuse")).judgements
    assert (judged.verdict, judged.fixes) == (Verdict.WILL_FAIL, ())
    assert ["no-due-date"] == [reason.code for reason in judged.reasons]


def test_what_is_offered_to_be_renamed_goes_by_its_name_in_canvas():
    before = gradebook([assignment(name="HW | A very long name of an essay", sections=("s1",))])
    rule = RenameAssignments(pattern=r"^HW \| ")
    after = with_marks(before, apply_rules(before, [rule])[0])
    (judged,) = plan(after, terms=terms(name_length=20)).judgements
    (fix,) = judged.fixes
    assert (fix.before, fix.after) == ("HW | A very long name of an essay", "A very long name of")


@pytest.mark.parametrize(
    "rule",
    [ExcludeAssignments(name="Essay"), ExcludeSections(class_id="c-1")],
    ids=["assignments", "sections"],
)
def test_what_a_transform_leaves_out_is_not_deleted_as_if_it_were_withdrawn(rule):
    before = gradebook([assignment("42"), assignment("43", name="Quiz")])
    policy = terms(withdrawn="delete")
    ledger, classes = accept(plan(before, terms=policy))
    after = with_marks(before, apply_rules(before, [rule])[0])
    told = plan(after, classes, ledger, policy)
    assert told.deletions == ()
    assert {"left-out"} == {one.reason.code for one in told.left}
    # What Canvas itself has no longer goes all the same.
    gone = gradebook([assignment("43", name="Quiz")])
    told = plan(with_marks(gone, apply_rules(gone, [rule])[0]), classes, ledger, policy)
    assert {"42"} == {one.assignment for one in told.deletions}


def test_what_is_unpublished_counts_as_withdrawn_and_is_said_to_wait_for_its_publication():
    policy = terms(withdrawn="delete")
    ledger, classes = accept(plan(gradebook(), terms=policy))
    told = plan(gradebook([assignment(published=False)]), classes, ledger, policy)
    assert {("42", "")} == {(one.assignment, one.user) for one in told.deletions}
    assert {"unpublished"} == {one.code for found in told.judgements for one in found.reasons}


def test_a_draft_is_told_as_one_and_nothing_of_it_is_sent():
    told = plan(gradebook([assignment(published=False)]), both())
    assert (told.line_items, told.results) == ((), ())
    assert {Verdict.WILL_FAIL} == {one.verdict for one in told.judgements}


def test_to_a_class_the_sis_has_marked_as_deleted_nothing_is_sent_and_it_is_said():
    ledger, classes = accept(plan(gradebook(), terms=terms(withdrawn="delete")))
    classes["c-1"] = of_class("c-1", line_items=classes["c-1"].line_items, is_deleted=True)
    book = gradebook([assignment("43")], [graded("1", on="43"), graded("11", on="43")])
    told = plan(book, classes, ledger, terms(withdrawn="delete"))
    sent = (*told.line_items, *told.results, *told.deletions)
    assert {"c-2"} == {one.class_id for one in sent}
    (judged,) = (one for one in told.judgements if one.class_id == "c-1")
    assert judged.verdict is Verdict.WILL_FAIL
    assert "marked the class c-1 as deleted" in judged.reasons[0].message


def test_of_a_course_that_is_not_published_nothing_is_taken_for_withdrawn():
    policy = terms(withdrawn="delete")
    ledger, classes = accept(plan(gradebook(), terms=policy))
    untold = gradebook(
        [], sections=(), students=(), course=Course(id="7", name="", published=False)
    )
    told = plan(untold, classes, ledger, policy)
    assert told.is_empty
