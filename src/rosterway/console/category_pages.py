"""Category associations: which category of the SIS an assignment group is, section by section."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Request
from fastapi import Form as FormField
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import OF_TENANT, Desk, Looking, May, SeeingPeople, Syncing
from rosterway.console.forms import Signed
from rosterway.console.grade_lists import Form, download
from rosterway.console.grade_pages import about
from rosterway.console.grade_sides import sides_of
from rosterway.console.grade_told import default_of
from rosterway.console.grade_words import NEAR
from rosterway.console.pages import page
from rosterway.errors import UsageError
from rosterway.formats.oneroster.gradebook import Category
from rosterway.passback.categories import Drift, weight_drift
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import AssignmentGroup
from rosterway.runs.grades.courses import (
    CategoryTable,
    GroupInClass,
    associate,
    category_table,
    remove_association,
)
from rosterway.runs.grades.in_canvas import mirror

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/grades/{{course}}/categories")

Text = Annotated[str, FormField(max_length=300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class InClass:
    """A group in one section: what it is there, and what it may be."""

    row: GroupInClass
    choices: Sequence[Category]
    drift: Drift | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An assignment group. `unassociated` counts the sections without an association."""

    group: AssignmentGroup
    unassociated: int
    rows: Sequence[InClass]

    @property
    def unknown(self) -> int:
        """In how many sections it is no category at all, so that its assignments fail."""
        return sum(one.row.found.category is None for one in self.rows)


@router.get("")
def categories(request: Request, desk: Looking, course: str, group: str = "") -> Response:
    """All groups; `group` is opened."""
    sides = sides_of(desk, course)
    default = default_of(desk)
    groups = _groups(category_table(desk.handle, course, default))
    return page(
        request,
        "grade_categories.html",
        desk,
        room="Grades",
        **about(sides),
        groups=groups,
        opened=group,
        near=NEAR,
        default=default,
        may_associate=desk.may(May.GRADES),
    )


@router.get(".{form}")
def categories_download(desk: SeeingPeople, course: str, form: Form) -> Response:
    """Every group in every section as a list."""
    sides_of(desk, course)
    columns = (
        "group",
        "name",
        "section",
        "class",
        "category",
        "title",
        "found_by",
        "associated_by",
    )
    table = category_table(desk.handle, course, default_of(desk))
    rows = [
        (
            one.group.id,
            one.group.name,
            one.section,
            one.class_id,
            one.found.category.sourced_id if one.found.category else None,
            one.found.category.title if one.found.category else None,
            one.found.by.value,
            one.association.by if one.association else None,
        )
        for one in table.rows
    ]
    return download(desk, f"grades-{course}-categories", columns, rows, form)


@router.post("", dependencies=[Signed])
async def choose(
    desk: Syncing,
    course: str,
    group: Text = "",
    klass: Annotated[list[str], FormField(alias="class", max_length=500)] = [],  # noqa: B006
    category: Annotated[list[str], FormField(max_length=500)] = [],  # noqa: B006 - as in grade_acts
) -> Response:
    """Take a group's choices, a category for each class; an empty one takes an association away."""
    sides_of(desk, course)
    table = category_table(desk.handle, course, default_of(desk))
    known = {one.class_id: one for one in table.rows if one.group.id == group}
    if len(klass) != len(category) or not klass or any(one not in known for one in klass):
        raise UsageError(
            "The form speaks of another group than its page.", remedy="Load the page again."
        )
    with desk.handle.together() as tx:
        for class_id, chosen in zip(klass, category, strict=True):
            had = known[class_id].association
            if chosen == (had.category_id if had else ""):
                continue
            if not chosen:
                remove_association(
                    tx, course, group=group, class_id=class_id, by=desk.operator, now=desk.now
                )
                continue
            associate(
                tx,
                course,
                group=group,
                class_id=class_id,
                category_id=chosen,
                title=_title(table, class_id, chosen),
                by=desk.operator,
                now=desk.now,
            )
    # What Canvas does not keep of its copy now, the next sync writes again.
    mirrored = await mirror(desk.office, desk.handle, course)
    if mirrored.says:
        log.info("categories.not-mirrored", tenant=desk.tenant.name, course=course)
    log.info("categories.chosen", tenant=desk.tenant.name, course=course, group=group)
    return _back(desk, course, group)


def _title(table: CategoryTable, class_id: str, chosen: str) -> str:
    for one in table.categories.get(class_id, ()):
        if one.sourced_id == chosen:
            return one.title
    raise UsageError(
        f"The SIS has no category {chosen} for {class_id}.", remedy="Load the page again."
    )


def _back(desk: Desk, course: str, group: str) -> Response:
    return RedirectResponse(f"{desk.url('grades', course, 'categories')}?group={group}", 303)


def _groups(table: CategoryTable) -> list[Group]:
    rows: dict[str, list[InClass]] = {}
    groups: dict[str, AssignmentGroup] = {}
    for row in table.rows:
        groups[row.group.id] = row.group
        of_class = ClassGradebook(class_id=row.class_id)
        drift = next(iter(weight_drift(row.group, of_class, row.found)), None)
        choices = table.categories.get(row.class_id, ())
        rows.setdefault(row.group.id, []).append(InClass(row=row, choices=choices, drift=drift))
    return [
        Group(group=one, unassociated=table.unassociated.get(one.id, 0), rows=rows[one.id])
        for one in groups.values()
    ]
