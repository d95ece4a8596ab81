"""What a person does to a course's grades beside syncing them: associations, and forgetting.

This is the seam for the doors. Every change is in the audit log under the operator's name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from rosterway.canvas.gradebook_course import read_course
from rosterway.errors import ConflictError, NotFoundError, RejectedError
from rosterway.formats.oneroster.gradebook import Category
from rosterway.passback.categories import (
    Association,
    Found,
    categories_of,
    find_category,
    unassociated,
)
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import AssignmentGroup, Gradebook
from rosterway.passback.ledger import Entry, LinkedBy
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES, RECONCILE
from rosterway.runs.grades.transform_assignments import associations_of
from rosterway.runs.office import Office
from rosterway.store import associations, audit, grade_courses, ledger, runs
from rosterway.store.grade_courses import GradeCourse
from rosterway.store.walls import TenantStore

#: How a course is named by its SIS id.
BY_SIS_ID = "sis_course_id:"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInClass:
    """An assignment group in one class: its association, and what it is found to be."""

    group: AssignmentGroup
    class_id: str
    section: str
    association: Association | None
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTable:
    """The association tool's page: each group in each class, as of the last look at both sides.

    `unassociated` counts for each group the sections without an association; `categories` are those
    a class may choose from. Empty where no run has looked at the course yet.
    """

    rows: tuple[GroupInClass, ...] = ()
    categories: Mapping[str, tuple[Category, ...]]
    unassociated: Mapping[str, int]


def every_course(handle: TenantStore) -> list[GradeCourse]:
    """The courses whose grades have been looked at, by their Canvas id."""
    return grade_courses.every(handle)


async def canvas_id(office: Office, handle: TenantStore, course: str) -> str:
    """The Canvas id of a course that may be named by its SIS id; Canvas is asked if nobody knows.

    Raises:
        NotFoundError: Canvas has no such course, or does not show it to the token's user.
        RemoteError: Canvas cannot be asked.
    """
    if not course.startswith(BY_SIS_ID):
        return course
    wanted = course.removeprefix(BY_SIS_ID)
    for known in grade_courses.every(handle):
        if known.sis_id == wanted:
            return known.course
    try:
        async with office.canvas(handle) as canvas:
            return (await read_course(canvas, course)).course.id
    except RejectedError as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        raise NotFoundError(
            f"Canvas has no course with the SIS id {wanted} that the token's user can see.",
            remedy="Look at the course's settings in Canvas, or give its Canvas id.",
        ) from refused


def associate(
    handle: TenantStore,
    course: str,
    *,
    group: str,
    class_id: str,
    category_id: str,
    title: str = "",
    by: str,
    now: datetime,
) -> None:
    """Say which category an assignment group is in one class."""
    associations.put(
        handle,
        course=course,
        group=group,
        class_id=class_id,
        category_id=category_id,
        title=title,
        by=by,
        now=now,
    )


def remove_association(
    handle: TenantStore, course: str, *, group: str, class_id: str, by: str, now: datetime
) -> None:
    """Take an association away: then the names decide again."""
    associations.remove(handle, course=course, group=group, class_id=class_id, by=by, now=now)


def category_table(handle: TenantStore, course: str, default: str | None = None) -> CategoryTable:
    """Each assignment group in each class, by what the latest run that got so far has read."""
    looked = latest_look(handle, course)
    known = associations_of(handle, course)
    if looked is None:
        return CategoryTable(categories={}, unassociated={})
    gradebook, classes = looked
    chosen = {(one.group, one.class_id): one for one in known}
    rows = tuple(
        GroupInClass(
            group=group,
            class_id=section.class_id,
            section=section.name,
            association=chosen.get((group.id, section.class_id)),
            found=find_category(
                group,
                classes.get(section.class_id) or ClassGradebook(class_id=section.class_id),
                chosen.get((group.id, section.class_id)),
                default,
                section=section.name,
            ),
        )
        for group in gradebook.groups
        for section in gradebook.sections
        if section.class_id
    )
    return CategoryTable(
        rows=rows,
        categories={class_id: categories_of(one) for class_id, one in classes.items()},
        unassociated=unassociated(gradebook, known),
    )


def latest_look(
    handle: TenantStore, course: str
) -> tuple[Gradebook, dict[str, ClassGradebook]] | None:
    """Both sides of a course as the latest run read them, or None if none has."""
    for run in runs.latest(handle, course=course, limit=20):
        if files.has(handle, run.id, files.CLASSES):
            gradebook = files.read(handle, run.id, files.TRANSFORMED, Gradebook)
            classes = files.read(handle, run.id, files.CLASSES, files.Classes)
            return gradebook, {one.class_id: one for one in classes}
    return None


def forget(handle: TenantStore, course: str, *, by: str, now: datetime) -> int:
    """Forget what the SIS was told of a course, "clear integration data"; how many entries.

    Raises:
        ConflictError: a sync of it is under way.
        NotFoundError: nothing is known of the course.
    """
    with handle.together() as tx:
        grade_courses.get(tx, course)
        _at_rest(tx, course)
        return ledger.forget(tx, course, by=by, now=now)


def put_back(handle: TenantStore, course: str, *, by: str, now: datetime) -> int:
    """Undo the last `forget`; how many entries came back. Raises as it does."""
    with handle.together() as tx:
        _at_rest(tx, course)
        return ledger.put_back(tx, course, by=by, now=now)


def link(
    handle: TenantStore,
    course: str,
    *,
    assignment: str,
    class_id: str,
    line_item: str,
    by: str,
    now: datetime,
) -> None:
    """Link an assignment in a class to a line item the SIS has: a person's choice among several.

    Raises:
        ConflictError: a sync is under way, or another assignment is linked to that line item.
    """
    with handle.together() as tx:
        _at_rest(tx, course)
        for entry in ledger.of_class(tx, class_id):
            is_taken = not entry.user and entry.sourced_id == line_item
            if is_taken and entry.assignment != assignment:
                raise ConflictError(
                    f"The assignment {entry.assignment} is linked to {line_item} already.",
                    remedy="Choose another line item.",
                )
        made = Entry(
            class_id=class_id,
            assignment=assignment,
            sourced_id=line_item,
            linked_by=LinkedBy.HAND,
            at=now,
        )
        ledger.put(tx, course, [made])
        audit.append(
            tx,
            actor=by,
            act="grades.link",
            subject=f"course {course}",
            now=now,
            details={"assignment": assignment, "class": class_id, "line_item": line_item},
        )


def _at_rest(handle: TenantStore, course: str) -> None:
    for kind in (GRADES, RECONCILE):
        going = runs.latest(handle, course=course, kind=kind, unfinished=True, limit=1)
        if going and going[0].started_at is not None:
            raise ConflictError(
                f"The run {going[0].id} is at this course.", remedy="Wait until it has ended."
            )
