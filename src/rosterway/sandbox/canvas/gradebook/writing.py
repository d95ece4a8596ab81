"""Creating and changing assignments, their groups and overrides in a unit of work.

Guarantees: nothing is written that `rules` refuses; a change of points or scheme spells grades anew.
Left to the doors: reading parameters, and who may do what.
Facts: canvas-lms `lib/api/v1/assignment.rb`, `assignment_override.rb`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from rosterway.sandbox.canvas.gradebook import rules
from rosterway.sandbox.canvas.gradebook.rules import Errors
from rosterway.sandbox.canvas.gradebook.settings import SyncRules
from rosterway.sandbox.canvas.state.gradebook import (
    ASSIGNMENT_BY_COURSE,
    ASSIGNMENT_BY_SIS_ID,
    GROUP_BY_COURSE,
    OVERRIDE_BY_ASSIGNMENT,
    STUDENT_BY_OVERRIDE,
    Assignment,
    AssignmentGroup,
    AssignmentOverride,
    OverrideStudent,
)
from rosterway.sandbox.canvas.state.records import Section
from rosterway.sandbox.canvas.state.work import Work

#: The group a course's first assignment gets if it names none.
_FIRST_GROUP = "Assignments"
_DATES = ("due_at", "unlock_at", "lock_at")

#: Told the errors of an assignment; raises.
Refuse = Callable[[Errors], Exception]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An override as it is asked for: a section or students, and the dates it sets."""

    section_id: int | None = None
    students: tuple[int, ...] = ()
    title: str | None = None
    dates: Mapping[str, str | None] | None = None


def live_groups(work: Work, course_id: int) -> list[AssignmentGroup]:
    """The assignment groups of a course in their order."""
    groups = work.all(GROUP_BY_COURSE, course_id)
    live = [group for group in groups if group.workflow_state != "deleted"]
    return sorted(live, key=lambda group: (group.position, group.id))


def add_group(work: Work, course_id: int, **values: Any) -> AssignmentGroup:
    """A new assignment group, last unless a position is given."""
    values.setdefault("position", len(live_groups(work, course_id)) + 1)
    group = AssignmentGroup(workflow_state="available", course_id=course_id, **values)
    return work.add(group)


def save_assignment(
    work: Work,
    assignment: Assignment | None,
    changes: Mapping[str, Any],
    *,
    overrides: Sequence[Wanted] | None,
    sync: SyncRules,
    refuse: Refuse,
) -> Assignment:
    """Create or change an assignment; `overrides` replaces all it has."""
    wanted = _as_it_would_be(assignment, changes)
    if not rules.is_gradeable(wanted):
        wanted["post_to_sis"] = False
    errors = rules.name_errors(wanted, sync)
    if overrides is None and assignment is not None:
        own: Iterable[Mapping[str, Any]] = [
            {"due_at": o.due_at, "due_at_overridden": o.due_at_overridden}
            for o in live_overrides(work, assignment)
        ]
    else:
        dated = [wish.dates or {} for wish in overrides or ()]
        own = [{"due_at": d.get("due_at"), "due_at_overridden": "due_at" in d} for d in dated]
    errors |= rules.due_date_errors(wanted, own, sync)
    if (sis_id := wanted["sis_source_id"]) is not None:
        holder = work.first(ASSIGNMENT_BY_SIS_ID, sis_id)
        if holder is not None and holder is not assignment:
            errors["sis_source_id"] = ["has already been taken"]
    if errors:
        raise refuse(errors)
    if not wanted["assignment_group_id"]:
        groups = live_groups(work, wanted["course_id"])
        first = groups[0] if groups else add_group(work, wanted["course_id"], name=_FIRST_GROUP)
        wanted["assignment_group_id"] = first.id
    if not wanted["position"]:
        wanted["position"] = 1 + sum(
            a.assignment_group_id == wanted["assignment_group_id"]
            for a in work.all(ASSIGNMENT_BY_COURSE, wanted["course_id"])
        )
    if assignment is None:
        assignment = work.add(Assignment(**wanted))
    else:
        work.set(assignment, **wanted)
    if overrides is not None:
        replace_overrides(work, assignment, overrides)
    return assignment


def delete_assignment(work: Work, assignment: Assignment) -> None:
    """Delete an assignment; its submissions and their `graded_at` stay as they are."""
    work.set(assignment, workflow_state="deleted")


def live_overrides(work: Work, assignment: Assignment) -> list[AssignmentOverride]:
    """The active overrides of an assignment."""
    found = work.all(OVERRIDE_BY_ASSIGNMENT, assignment.id)
    return [override for override in found if override.workflow_state == "active"]


def replace_overrides(work: Work, assignment: Assignment, wanted: Sequence[Wanted]) -> None:
    """Make the overrides of an assignment exactly these; one for the same set is kept."""
    left = live_overrides(work, assignment)
    for wish in wanted:
        same = next((o for o in left if _is_for(work, o, wish)), None)
        if same is not None:
            left.remove(same)
        write_override(work, assignment, same, wish)
    for override in left:
        work.set(override, workflow_state="deleted")


def write_override(
    work: Work, assignment: Assignment, override: AssignmentOverride | None, wish: Wanted
) -> AssignmentOverride:
    """Create or change an override: a date not named is not overridden any more."""
    changes: dict[str, Any] = {"title": _title(work, override, wish)}
    dates = wish.dates or {}
    for name in _DATES:
        changes[name] = dates.get(name)
        changes[f"{name}_overridden"] = name in dates
    if override is None:
        override = work.add(
            AssignmentOverride(
                workflow_state="active",
                assignment_id=assignment.id,
                set_type="ADHOC" if wish.section_id is None else "CourseSection",
                set_id=wish.section_id,
                **changes,
            )
        )
    else:
        work.set(override, **changes)
    if wish.students:
        _seat(work, override, wish.students)
    return override


def _as_it_would_be(assignment: Assignment | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    held: dict[str, Any] = {
        field.name: field.default for field in fields(Assignment) if field.name not in _KEPT
    }
    held |= {"workflow_state": "unpublished", "assignment_group_id": None, "position": None}
    held |= {"name": "Assignment"}
    if assignment is not None:
        held = {name: getattr(assignment, name) for name in held | {"course_id": None}}
    return held | dict(changes)


#: What a record is given by `Work`.
_KEPT = frozenset({"id", "sis_batch_id", "stuck", "created_at", "updated_at"})


def _is_for(work: Work, override: AssignmentOverride, wish: Wanted) -> bool:
    if wish.section_id is not None:
        return override.set_type == "CourseSection" and override.set_id == wish.section_id
    if override.set_type != "ADHOC":
        return False
    held = {s.user_id for s in work.all(STUDENT_BY_OVERRIDE, override.id) if _active(s)}
    return held == set(wish.students)


def _title(work: Work, override: AssignmentOverride | None, wish: Wanted) -> str:
    """A section's name, or what is asked for, or how many students there are."""
    if wish.section_id is not None:
        return work.there(Section, wish.section_id).name
    if override is not None and override.set_type == "CourseSection":
        return override.title
    if wish.title:
        return wish.title
    if not wish.students and override is not None:
        return override.title
    return f"{len(wish.students)} student{'s' * (len(wish.students) != 1)}"


def _seat(work: Work, override: AssignmentOverride, students: Sequence[int]) -> None:
    held = {s.user_id: s for s in work.all(STUDENT_BY_OVERRIDE, override.id)}
    for user_id, seat in held.items():
        work.set(seat, workflow_state="active" if user_id in students else "deleted")
    for user_id in students:
        if user_id not in held:
            work.add(
                OverrideStudent(
                    workflow_state="active",
                    assignment_id=override.assignment_id,
                    override_id=override.id,
                    user_id=user_id,
                )
            )


def _active(seat: OverrideStudent) -> bool:
    return seat.workflow_state == "active"
