"""Transform Snapshot, the second step of a grade sync: local rules over what Canvas has.

Rules are data, carried out in their order, and each says what it did, also where it found nothing.
What they leave out is not sent, and is not taken for withdrawn (`own_transform.with_marks`). A
renamed assignment has another title in the SIS and keeps its own name in Canvas.

Leaves to `own_transform` what a user's own function may do where rules are not enough.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec.structs import replace

from rosterway.passback.gradebook import CourseGrade, Gradebook, Student, Submission


class Scores(StrEnum):
    """Which scores count."""

    POSTED = "posted"  # what students see
    UNPOSTED = "unposted"  # hidden ones as well


def _searching(*patterns: str | None) -> None:
    """Refuse a pattern that is none, where the rule is read and not in the middle of a sync."""
    for pattern in patterns:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


class RenameAssignments(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="rule", tag="rename-assignments"
):
    """Replace what `pattern` finds in names of assignments; `replacement` may name its groups."""

    pattern: str
    replacement: str = ""

    def __post_init__(self) -> None:
        _searching(self.pattern)
        try:
            re.sub(self.pattern, self.replacement, "")
        except (re.error, IndexError) as error:
            raise ValueError(f"{self.replacement!r} does not fit its pattern: {error}") from None


class ExcludeAssignments(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="rule", tag="exclude-assignments"
):
    """Leave out assignments whose name, or whose group's name, has these patterns: both, if both."""

    name: str | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        if not (self.name or self.group):
            raise ValueError("assignments are excluded by name, by group or by both")
        _searching(self.name, self.group)


class MapGroup(msgspec.Struct, frozen=True, kw_only=True, tag_field="rule", tag="map-group"):
    """Count assignments of groups whose name has the pattern `group` to the group named `to`."""

    group: str
    to: str

    def __post_init__(self) -> None:
        _searching(self.group)


class ExcludeSections(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="rule", tag="exclude-sections"
):
    """Leave out sections whose SIS id, or whose name, has these patterns: both, if both are given."""

    class_id: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        if not (self.class_id or self.name):
            raise ValueError("sections are excluded by class_id, by name or by both")
        _searching(self.class_id, self.name)


class ChooseScores(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="rule", tag="choose-scores"
):
    """Which scores count. Unposted: a hidden grade counts as if it had been shown when it was given.

    Posted changes course grades only; what becomes of a hidden grade of an assignment is then for
    the rule pack to say, which knows it from one that was cleared.
    """

    scores: Scores


Rule = RenameAssignments | ExcludeAssignments | MapGroup | ExcludeSections | ChooseScores


class Note(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one rule did: to which assignments, sections or users, by id. `done` false: it could not."""

    rule: str
    says: str
    subjects: tuple[str, ...] = ()
    done: bool = True


def apply_rules(gradebook: Gradebook, rules: Iterable[Rule]) -> tuple[Gradebook, tuple[Note, ...]]:
    """The gradebook after these rules, in their order, and a note of each."""
    notes: list[Note] = []
    for rule in rules:
        gradebook, note = _DOES[type(rule)](gradebook, rule)
        notes.append(note)
    return gradebook, tuple(notes)


def _rename(book: Gradebook, rule: RenameAssignments) -> tuple[Gradebook, Note]:
    names = {
        one.id: re.sub(rule.pattern, rule.replacement, one.name).strip()
        for one in book.assignments
        if re.search(rule.pattern, one.name)
    }
    if blank := tuple(ident for ident, name in names.items() if not name):
        return book, _note(
            rule, "Nothing renamed: nothing would be left of a name", blank, done=False
        )
    renamed = tuple(one.id for one in book.assignments if names.get(one.id, one.name) != one.name)
    assignments = tuple(replace(one, name=names.get(one.id, one.name)) for one in book.assignments)
    return replace(book, assignments=assignments), _note(rule, "Assignments renamed", renamed)


def _exclude_assignments(book: Gradebook, rule: ExcludeAssignments) -> tuple[Gradebook, Note]:
    groups = {one.id: one.name for one in book.groups}
    out = tuple(
        one.id
        for one in book.assignments
        if _found(rule.name, one.name) and _found(rule.group, groups.get(one.group, ""))
    )
    return _without_assignments(book, out), _note(rule, "Assignments left out", out)


def _map_group(book: Gradebook, rule: MapGroup) -> tuple[Gradebook, Note]:
    to = next((one.id for one in book.groups if one.name == rule.to), None)
    if to is None:
        says = f"Nothing moved: the course has no assignment group named {rule.to}"
        return book, _note(rule, says, done=False)
    sources = {one.id for one in book.groups if one.id != to and re.search(rule.group, one.name)}
    moved = tuple(one.id for one in book.assignments if one.group in sources)
    assignments = tuple(
        replace(one, group=to) if one.group in sources else one for one in book.assignments
    )
    says = f"Assignments counted to {rule.to}"
    return replace(book, assignments=assignments), _note(rule, says, moved)


def _exclude_sections(book: Gradebook, rule: ExcludeSections) -> tuple[Gradebook, Note]:
    out = tuple(
        one.id
        for one in book.sections
        if _found(rule.class_id, one.class_id or "") and _found(rule.name, one.name)
    )
    students = tuple(_outside(one, out) for one in book.students)
    # A person with two identities in the SIS is two students here, and goes only with both.
    gone = {one.id for one in students} - {one.id for one in students if one.sections or one.left}
    assignments = [
        replace(
            one,
            placements=tuple(place for place in one.placements if place.section not in out),
            individuals=tuple(user for user in one.individuals if user not in gone),
            individual_dates=tuple(
                dates for dates in one.individual_dates if dates.user not in gone
            ),
        )
        for one in book.assignments
    ]
    placed = {one.id for one in book.assignments if one.placements}
    nowhere = [one.id for one in assignments if one.id in placed and not one.placements]
    left = replace(
        book,
        sections=tuple(one for one in book.sections if one.id not in out),
        students=tuple(one for one in students if one.sections or one.left),
        assignments=tuple(assignments),
        submissions=tuple(one for one in book.submissions if one.user not in gone),
        course_grades=tuple(one for one in book.course_grades if one.section not in out),
    )
    return _without_assignments(left, nowhere), _note(rule, "Sections left out", out)


def _choose_scores(book: Gradebook, rule: ChooseScores) -> tuple[Gradebook, Note]:
    if rule.scores is Scores.POSTED:
        grades = tuple(_posted(one) for one in book.course_grades)
        says = "Course grades without what is hidden"
        return replace(book, course_grades=grades), _note(rule, says, _users(grades))
    hidden = tuple(one for one in book.submissions if _is_hidden(one))
    shown = tuple(
        replace(one, posted_at=one.graded_at or book.taken_at) if _is_hidden(one) else one
        for one in book.submissions
    )
    grades = tuple(_unposted(one) for one in book.course_grades)
    counted = _users((*hidden, *(one for one in book.course_grades if _unposted(one) != one)))
    return (
        replace(book, submissions=shown, course_grades=grades),
        _note(rule, "Hidden grades counted as shown", counted),
    )


_DOES: dict[type[Rule], Callable[[Gradebook, Any], tuple[Gradebook, Note]]] = {
    RenameAssignments: _rename,
    ExcludeAssignments: _exclude_assignments,
    MapGroup: _map_group,
    ExcludeSections: _exclude_sections,
    ChooseScores: _choose_scores,
}


def _note(rule: Rule, says: str, subjects: tuple[str, ...] = (), *, done: bool = True) -> Note:
    name = str(type(rule).__struct_config__.tag)
    return Note(rule=name, says=f"{says} ({len(subjects)})", subjects=subjects, done=done)


def _found(pattern: str | None, text: str) -> bool:
    return pattern is None or re.search(pattern, text) is not None


def _without_assignments(book: Gradebook, out: Sequence[str]) -> Gradebook:
    return replace(
        book,
        assignments=tuple(one for one in book.assignments if one.id not in out),
        submissions=tuple(one for one in book.submissions if one.assignment not in out),
    )


def _outside(student: Student, out: Sequence[str]) -> Student:
    return replace(
        student,
        sections=tuple(one for one in student.sections if one not in out),
        left=tuple(one for one in student.left if one not in out),
    )


def _is_hidden(submission: Submission) -> bool:
    return submission.posted_at is None and _is_graded(submission)


def _is_graded(submission: Submission) -> bool:
    return submission.score is not None or bool(submission.grade) or submission.excused


def _unposted(told: CourseGrade) -> CourseGrade:
    """With the hidden grades in the scores that count.

    Canvas tells letters of posted scores only, so a letter stays where its score does.
    """
    current, final = told.unposted_current_score, told.unposted_final_score
    if current is not None and current != told.current_score:
        told = replace(told, current_score=current, current_grade=None)
    if final is not None and final != told.final_score:
        told = replace(told, final_score=final, final_grade=None)
    return told


def _posted(told: CourseGrade) -> CourseGrade:
    return replace(told, unposted_current_score=None, unposted_final_score=None)


def _users(told: Iterable[Submission | CourseGrade]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.user for one in told))
