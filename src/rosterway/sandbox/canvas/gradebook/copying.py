"""A course's assignment groups and assignments, copied into another course.

Everything gets new ids. Names, weights, points, dates and `post_to_sis` come along; grades, overrides
and the integration fields of assignments do not, those of groups only if asked. A second copy of the
same course updates what the first one made.

Facts: canvas-lms `app/models/importers/assignment_importer.rb`, `assignment_group_importer.rb`.
"""

from datetime import datetime, timedelta
from typing import Any

from rosterway.sandbox.canvas.clock import stamp
from rosterway.sandbox.canvas.gradebook.writing import live_groups
from rosterway.sandbox.canvas.state.gradebook import (
    ASSIGNMENT_BY_COURSE,
    GROUP_BY_COURSE,
    Assignment,
    AssignmentGroup,
)
from rosterway.sandbox.canvas.state.work import Work

_GROUP = ("name", "position", "group_weight", "rules")
_GROUP_FROM_SIS = ("sis_source_id", "integration_data")
_ASSIGNMENT = (
    "name",
    "position",
    "description",
    "points_possible",
    "grading_type",
    "submission_types",
    "post_to_sis",
    "omit_from_final_grade",
    "post_manually",
    "workflow_state",
)
_DATES = ("due_at", "unlock_at", "lock_at")


def copy_course(
    work: Work, source_id: int, target_id: int, *, integration: bool, shift: timedelta
) -> int:
    """Copy into the target, dates moved by `shift`; how many assignments were."""
    made: dict[int, int] = {}
    held = {group.copied_from: group for group in work.all(GROUP_BY_COURSE, target_id)}
    for group in live_groups(work, source_id):
        names = (*_GROUP, *(_GROUP_FROM_SIS if integration else ()))
        values: dict[str, Any] = {name: getattr(group, name) for name in names}
        known = held.get(group.id)
        if known is not None:
            work.set(known, workflow_state="available", **values)
        else:
            known = work.add(
                AssignmentGroup(
                    workflow_state="available", course_id=target_id, copied_from=group.id, **values
                )
            )
        made[group.id] = known.id
    copies = {one.copied_from: one for one in work.all(ASSIGNMENT_BY_COURSE, target_id)}
    originals = [
        one for one in work.all(ASSIGNMENT_BY_COURSE, source_id) if one.workflow_state != "deleted"
    ]
    for one in originals:
        values = {name: getattr(one, name) for name in _ASSIGNMENT}
        values |= {name: _shifted(getattr(one, name), shift) for name in _DATES}
        values["assignment_group_id"] = made[one.assignment_group_id]
        if (copy := copies.get(one.id)) is not None:
            work.set(copy, **values)
        else:
            work.add(Assignment(course_id=target_id, copied_from=one.id, **values))
    return len(originals)


def _shifted(moment: str | None, shift: timedelta) -> str | None:
    return moment and stamp(datetime.fromisoformat(moment) + shift)
