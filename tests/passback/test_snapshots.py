"""A kept gradebook, brought up to date by a reading of only what has changed."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from rosterway.passback.gradebook import Assignment, Course, Gradebook, Student, Submission
from rosterway.passback.snapshots import merged

THEN = datetime(2026, 9, 1, tzinfo=UTC)
NOW = datetime(2026, 9, 2, tzinfo=UTC)

ESSAY = Assignment(id="1", name="Essay", group="1")
QUIZ = Assignment(id="2", name="Quiz", group="1")
ANN = Student(id="7", sourced_id="U7", sections=("1",))
BOB = Student(id="8", sourced_id="U8", sections=("1",))
KEPT = Gradebook(
    course=Course(id="1", name="Biology"),
    taken_at=THEN,
    students=(ANN, BOB),
    assignments=(ESSAY, QUIZ),
    submissions=(
        Submission(assignment="1", user="7", score=1.0),
        Submission(assignment="1", user="8", score=2.0),
        Submission(assignment="2", user="7", score=3.0),
    ),
)
CHANGED = (Submission(assignment="1", user="8", score=9.0),)


def read(**changes):
    return replace(KEPT, taken_at=NOW, since=THEN, submissions=CHANGED, **changes)


def scores(gradebook):
    return {(one.assignment, one.user): one.score for one in gradebook.submissions}


def test_what_changed_takes_the_place_of_what_was_kept():
    now = merged(KEPT, read())

    assert now is not None
    assert (now.since, now.taken_at) == (None, NOW)
    assert scores(now) == {("1", "7"): 1.0, ("1", "8"): 9.0, ("2", "7"): 3.0}


def test_what_is_no_longer_there_takes_its_submissions_along():
    now = merged(KEPT, read(assignments=(ESSAY,), students=(BOB,)))

    assert now is not None
    assert scores(now) == {("1", "8"): 9.0}


@pytest.mark.parametrize(
    "changes",
    [
        {"assignments": (ESSAY, QUIZ, Assignment(id="3", name="New", group="1"))},
        {"students": (ANN, BOB, Student(id="9", sourced_id="U9", sections=("1",)))},
        {"students": (ANN, replace(BOB, sections=("2",)))},
    ],
    ids=["a new assignment", "a new student", "another section"],
)
def test_where_something_is_new_all_must_be_read(changes):
    assert merged(KEPT, read(**changes)) is None
