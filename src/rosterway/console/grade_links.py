"""Which of several line items of the SIS an assignment is: a person's choice, seen before it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import OF_TENANT, Desk, Looking, May, Syncing
from rosterway.console.forms import Signed
from rosterway.console.grade_lines import InClass
from rosterway.console.grade_pages import about, line_in
from rosterway.console.grade_sides import Sides, sides_of
from rosterway.console.pages import page
from rosterway.errors import NotFoundError, UsageError
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import written_day
from rosterway.passback.told import number
from rosterway.runs.grades.courses import link

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/grades/{{course}}/assignments/{{assignment}}/link")

Text = Annotated[str, Form(max_length=300)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A line item the SIS has, as it was read last. `due`, `points`, `category` are in words."""

    sourced_id: str
    title: str
    due: str
    points: str
    category: str


@router.get("")
def choices(
    request: Request,
    desk: Looking,
    course: str,
    assignment: str,
    klass: Annotated[str, Query(alias="class", max_length=300)] = "",
) -> Response:
    """The line items that match an assignment in one class, beside what Canvas has."""
    sides = sides_of(desk, course)
    line = line_in(desk, sides, assignment)
    here = _place(line.places, klass)
    return page(
        request,
        "grade_link.html",
        desk,
        room="Grades",
        **about(sides),
        line=line,
        here=here,
        candidates=[
            _tell(desk, sides, klass, one) for one in _candidates(sides, assignment, klass)
        ],
        may_link=desk.may(May.GRADES),
    )


@router.post("", dependencies=[Signed])
def choose(
    desk: Syncing,
    course: str,
    assignment: str,
    klass: Annotated[str, Form(alias="class", max_length=300)] = "",
    line_item: Text = "",
) -> Response:
    """Link the assignment to the line item somebody has chosen; the next sync sends it there."""
    sides = sides_of(desk, course)
    if not line_item:
        raise UsageError("Nothing is chosen.", remedy="Choose one of the line items.")
    if line_item not in _candidates(sides, assignment, klass):
        raise UsageError(
            "The form speaks of something else than its page.", remedy="Load the page again."
        )
    link(
        desk.handle,
        course,
        assignment=assignment,
        class_id=klass,
        line_item=line_item,
        by=desk.operator,
        now=desk.now,
    )
    log.info("grades.linked", tenant=desk.tenant.name, course=course, assignment=assignment)
    return RedirectResponse(desk.url("grades", course, "assignments", assignment), 303)


def _place(places: Sequence[InClass], class_id: str) -> InClass:
    found = next((one for one in places if one.class_id == class_id and one.candidates), None)
    if found is None:
        raise NotFoundError(
            "There is nothing to choose here any more.", remedy="Preview the course again."
        )
    return found


def _candidates(sides: Sides, assignment: str, class_id: str) -> tuple[str, ...]:
    judged = sides.offered.judgements if sides.offered else ()
    pair = (class_id, assignment)
    return next((one.candidates for one in judged if (one.class_id, one.assignment) == pair), ())


def _tell(desk: Desk, sides: Sides, class_id: str, sourced_id: str) -> Candidate:
    of_class = sides.classes.get(class_id) or ClassGradebook(class_id=class_id)
    item = next((one for one in of_class.line_items or () if one.sourced_id == sourced_id), None)
    if item is None:
        return Candidate(sourced_id=sourced_id, title="", due="", points="", category="")
    titles = {one.sourced_id: one.title for one in of_class.categories or ()}
    return Candidate(
        sourced_id=sourced_id,
        title=item.title,
        due=desk.times.school_day(written_day(item.due, desk.times.zone) or ""),
        points=number(item.maximum) if item.maximum is not None else "none",
        category=titles.get(item.category_id or "", item.category_id or "none"),
    )
