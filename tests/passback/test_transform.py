"""Transform Snapshot: declared rules, and what a user's own function may do."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    CourseGrade,
    Gradebook,
    Placement,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.own_transform import TransformSnapshot, breaches
from rosterway.passback.transform import (
    ChooseScores,
    ExcludeAssignments,
    ExcludeSections,
    MapGroup,
    Note,
    RenameAssignments,
    Rule,
    Scores,
    apply_rules,
)

NOW = datetime(2026, 11, 30, tzinfo=UTC)
BOTH = (Placement(section="70"), Placement(section="71"))


def graded(assignment, user, score=8.0, **other):
    return Submission(
        assignment=assignment, user=user, state=SubmissionState.GRADED, score=score, **other
    )


BOOK = Gradebook(
    course=Course(id="7", name="Biology"),
    taken_at=NOW,
    sections=(
        Section(id="70", name="Period 1", class_id="S1"),
        Section(id="71", name="Advisory", class_id="ADV-1"),
    ),
    students=(
        Student(id="1", sourced_id="U1", sections=("70",)),
        Student(id="2", sourced_id="U2", sections=("71",), left=("70",)),
        Student(id="3", sourced_id="U3", sections=("71",)),
    ),
    groups=(
        AssignmentGroup(id="50", name="Homework"),
        AssignmentGroup(id="51", name="Classwork"),
    ),
    assignments=(
        Assignment(id="11", name="[B] Essay", group="50", placements=BOTH),
        Assignment(id="12", name="Practice quiz", group="51", placements=BOTH[1:]),
        Assignment(
            id="13", name="Make-up", group="50", individuals=("2", "3"), only_individuals=True
        ),
    ),
    submissions=(
        graded("11", "1", posted_at=NOW),
        graded("11", "2", graded_at=NOW - timedelta(days=1)),
        graded("12", "3"),
        Submission(assignment="11", user="3", state=SubmissionState.SUBMITTED),
    ),
    course_grades=(
        CourseGrade(
            user="1",
            section="70",
            current_score=80,
            current_grade="B",
            final_score=70,
            final_grade="C",
            unposted_current_score=90,
            unposted_final_score=70,
        ),
        CourseGrade(user="3", section="71", current_score=75),
    ),
)


def applied(*rules):
    book, notes = apply_rules(BOOK, rules)
    return book, [(note.rule, note.subjects, note.done) for note in notes]


# -- the rules --------------------------------------------------------------------------------


def test_assignments_are_renamed_by_pattern():
    book, notes = applied(RenameAssignments(pattern=r"^\[(\w)\] ", replacement=r"\1: "))
    assert [one.name for one in book.assignments] == ["B: Essay", "Practice quiz", "Make-up"]
    assert notes == [("rename-assignments", ("11",), True)]


def test_a_rename_that_would_leave_no_name_renames_nothing_and_says_so():
    book, notes = applied(RenameAssignments(pattern="^M.*"))
    assert book == BOOK
    assert notes == [("rename-assignments", ("13",), False)]


@pytest.mark.parametrize(
    ("rule", "out"),
    [
        (ExcludeAssignments(name="(?i)practice"), ("12",)),
        (ExcludeAssignments(group="^Homework$"), ("11", "13")),
        (ExcludeAssignments(name="Essay", group="Homework"), ("11",)),
        (ExcludeAssignments(name="Essay", group="Classwork"), ()),
    ],
)
def test_assignments_are_left_out_with_their_submissions(rule, out):
    book, notes = applied(rule)
    assert notes == [("exclude-assignments", out, True)]
    assert not {*out} & {one.id for one in book.assignments}
    assert not {*out} & {one.assignment for one in book.submissions}
    assert len(BOOK.assignments) - len(out) == len(book.assignments)


def test_a_group_is_counted_to_another():
    book, notes = applied(MapGroup(group="^Class", to="Homework"))
    assert {one.group for one in book.assignments} == {"50"}
    assert notes == [("map-group", ("12",), True)]


def test_a_group_the_course_does_not_have_moves_nothing_and_is_said():
    (book, notes) = apply_rules(BOOK, [MapGroup(group=".", to="Tests")])
    assert book == BOOK
    assert not notes[0].done
    assert "Tests" in notes[0].says


def test_a_section_goes_with_who_and_what_is_in_it_only():
    book, notes = applied(ExcludeSections(class_id="^ADV-"))
    assert notes == [("exclude-sections", ("71",), True)]
    assert [one.id for one in book.sections] == ["70"]
    assert [(one.id, one.sections, one.left) for one in book.students] == [
        ("1", ("70",), ()),
        ("2", (), ("70",)),
    ]
    assert [(one.id, one.placements, one.individuals) for one in book.assignments] == [
        ("11", BOTH[:1], ()),
        ("13", (), ("2",)),
    ]
    assert [(one.assignment, one.user) for one in book.submissions] == [("11", "1"), ("11", "2")]
    assert [one.user for one in book.course_grades] == ["1"]


def test_a_section_is_excluded_by_name_too_and_one_by_hand_never_by_its_sis_id():
    by_hand = replace(BOOK, sections=(Section(id="72", name="Advisory 2"),))
    for rule, left in (
        (ExcludeSections(name="Advisory"), 0),
        (ExcludeSections(name="Advisory", class_id="ADV"), 1),
    ):
        book, _ = apply_rules(by_hand, [rule])
        assert left == len(book.sections)


def test_a_person_with_another_identity_left_keeps_their_grades():
    other = Student(id="3", sourced_id="X3", sections=("70",))
    twice = replace(BOOK, students=(*BOOK.students, other))
    book, _ = apply_rules(twice, [ExcludeSections(class_id="^ADV-")])
    assert [one.sourced_id for one in book.students if one.id == "3"] == ["X3"]
    assert ("11", "3") in [(one.assignment, one.user) for one in book.submissions]


def test_unposted_scores_count_as_if_shown_when_they_were_given():
    book, notes = applied(ChooseScores(scores=Scores.UNPOSTED))
    assert [one.posted_at for one in book.submissions] == [
        NOW,
        NOW - timedelta(days=1),
        NOW,
        None,
    ]
    assert notes == [("choose-scores", ("2", "3", "1"), True)]


def test_a_letter_of_posted_scores_does_not_stand_beside_an_unposted_score():
    book, _ = applied(ChooseScores(scores=Scores.UNPOSTED))
    first = book.course_grades[0]
    assert (90, None) == (first.current_score, first.current_grade)
    assert (70, "C") == (first.final_score, first.final_grade)


def test_posted_scores_leave_hidden_grades_of_assignments_to_the_rule_pack():
    book, _ = applied(ChooseScores(scores=Scores.POSTED))
    assert book.submissions == BOOK.submissions
    assert (80, None) == (
        book.course_grades[0].current_score,
        book.course_grades[0].unposted_current_score,
    )


def test_rules_come_one_after_the_other_and_each_says_what_it_did():
    book, notes = applied(
        MapGroup(group="Classwork", to="Homework"),
        ExcludeAssignments(group="Homework", name="quiz"),
        ExcludeAssignments(name="quiz"),
    )
    assert [one.id for one in book.assignments] == ["11", "13"]
    assert [subjects for _, subjects, _ in notes] == [("12",), ("12",), ()]


@pytest.mark.parametrize(
    "data",
    [
        {"rule": "rename-assignments", "pattern": "("},
        {"rule": "rename-assignments", "pattern": "a", "replacement": r"\2"},
        {"rule": "exclude-assignments"},
        {"rule": "exclude-assignments", "name": "["},
        {"rule": "map-group", "group": "*", "to": "x"},
        {"rule": "exclude-sections"},
        {"rule": "choose-scores", "scores": "some"},
        {"rule": "sort"},
    ],
)
def test_a_rule_that_cannot_work_is_refused_where_it_is_read(data):
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(data, Rule)


def test_a_rule_is_read_from_data():
    data = {"rule": "exclude-assignments", "name": "x"}
    assert msgspec.convert(data, Rule) == ExcludeAssignments(name="x")


words = st.sampled_from(["Essay", "quiz", "Period", "Homework", "ADV", "zzz", "."])
any_rule = st.one_of(
    st.builds(RenameAssignments, pattern=words, replacement=words),
    st.builds(ExcludeAssignments, name=words, group=st.none() | words),
    st.builds(MapGroup, group=words, to=words),
    st.builds(ExcludeSections, name=words, class_id=st.none() | words),
    st.builds(ChooseScores, scores=st.sampled_from(Scores)),
)


@given(st.lists(any_rule, max_size=5))
def test_no_rule_does_what_a_function_may_not(rules):
    book, notes = apply_rules(BOOK, rules)
    assert len(notes) == len(rules)
    assert breaches(BOOK, book) == ()


@given(st.lists(any_rule, max_size=5))
def test_a_transformed_gradebook_is_kept_as_json(rules):
    book, notes = apply_rules(BOOK, rules)
    assert book == msgspec.json.decode(msgspec.json.encode(book), type=Gradebook)
    assert list(notes) == msgspec.json.decode(msgspec.json.encode(notes), type=list[Note])


# -- a user's own function --------------------------------------------------------------------


def shorten(gradebook: Gradebook, /) -> Gradebook:
    """A function as a user writes one."""
    return replace(
        gradebook,
        assignments=tuple(replace(one, name=one.name[:5]) for one in gradebook.assignments),
    )


def test_a_function_may_rename_and_leave_out():
    own: TransformSnapshot = shorten
    assert breaches(BOOK, own(BOOK)) == ()
    assert breaches(BOOK, replace(BOOK, assignments=(), submissions=(), students=())) == ()


FIRST = BOOK.students[0]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"course": Course(id="8", name="Biology")}, "which reading this is was changed: course"),
        ({"since": NOW}, "since"),
        ({"sections": (Section(id="70", name="Period 1", class_id="S9"),)}, "Sections were added"),
        ({"students": (replace(FIRST, sourced_id="U9"),)}, "Students were added"),
        ({"students": (FIRST, FIRST)}, "are there twice"),
        ({"students": (replace(FIRST, sections=("70", "71")),)}, "Students were put into"),
        ({"assignments": (replace(BOOK.assignments[0], id="99"),)}, "Assignments were added"),
        ({"assignments": (replace(BOOK.assignments[0], group="99"),)}, "a group the course"),
        (
            {"assignments": (replace(BOOK.assignments[1], placements=BOTH),)},
            "Assignments were put into a section: 12",
        ),
        ({"submissions": (graded("11", "9"),)}, "Submissions were added"),
        ({"submissions": (graded("11", "3", 0),)}, "no grade was given one: 11/3"),
    ],
)
def test_what_a_function_may_not_do_is_told(changed, says):
    found = breaches(BOOK, replace(BOOK, **changed))
    assert any(says in sentence for sentence in found), found


def test_a_long_list_of_breaches_is_cut_and_counted():
    many = tuple(Assignment(id=str(number), name="x", group="50") for number in range(100, 120))
    (sentence,) = breaches(BOOK, replace(BOOK, assignments=many))
    assert sentence.endswith("and 15 more")
