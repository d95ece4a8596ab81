"""The changes of one's own that a page shows do what it says, and nothing they may not."""

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from docs.pages import page
from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    Gradebook,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.own_transform import ENTRY_POINTS, breaches
from rosterway.passback.transform import Rule, apply_rules
from rosterway.runs.grades.transform_snapshot import rules_in

SHOWN = page("docs/grade-transforms.md")


def graded(score: float, *, late: bool = False) -> Submission:
    return Submission(
        assignment="1", user="7", state=SubmissionState.GRADED, score=score, late=late
    )


def gradebook(*submissions: Submission) -> Gradebook:
    return Gradebook(
        course=Course(id="4711", name="Biology"),
        taken_at=datetime(2026, 9, 20, tzinfo=UTC),
        sections=(Section(id="3", name="Period 1", class_id="C1"),),
        students=(Student(id="7", sourced_id="U7", sections=("3",)),),
        groups=(AssignmentGroup(id="5", name="Homework"), AssignmentGroup(id="6", name="Lab work")),
        assignments=(
            Assignment(id="1", name="Period 1: Cells", group="6"),
            Assignment(id="2", name="Practice quiz", group="5"),
        ),
        submissions=submissions,
    )


def shown_function() -> Any:
    made: dict[str, Any] = {}
    code = next(block.text for block in SHOWN.blocks() if block.language == "python")
    exec(code, made)
    return made["late_work"]


def test_the_rules_shown_do_what_their_names_say(tmp_path):
    shown = next(block.text for block in SHOWN.blocks() if "[[transform]]" in block.text)
    file = tmp_path / "grades.toml"
    file.write_text(shown, encoding="utf-8")

    made, notes = apply_rules(gradebook(), rules_in(file))

    assert [("1", "Cells", "5")] == [(one.id, one.name, one.group) for one in made.assignments]
    assert all(note.done for note in notes)


def test_every_rule_there_is_has_its_row():
    names = [str(kind.__struct_config__.tag) for kind in Rule.__args__]

    assert [f"`{name}`" for name in names] == [row[0] for row in SHOWN.rows("Rules in a file")]


@pytest.mark.parametrize(("late", "score"), [(True, 9.0), (False, 10.0)])
def test_the_function_shown_takes_a_tenth_off_late_work_and_does_nothing_it_may_not(late, score):
    before = gradebook(graded(10.0, late=late))

    after = shown_function()(before)

    assert [score] == [one.score for one in after.submissions]
    assert breaches(before, after) == ()


def test_the_entry_point_shown_is_in_the_group_that_is_searched():
    shown = next(block.text for block in SHOWN.blocks() if "entry-points" in block.text)

    assert [ENTRY_POINTS] == list(tomllib.loads(shown)["project"]["entry-points"])
