"""A course's reconciliation: where Canvas and the SIS differ, why, and what of it is to be ended."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from rosterway.console.access import OF_TENANT, Desk, Looking, May, SeeingPeople, who_may
from rosterway.console.grade_lists import Form, download
from rosterway.console.grade_pages import about
from rosterway.console.grade_plan_told import names_of, people_of
from rosterway.console.grade_results import HIDDEN
from rosterway.console.grade_sides import Sides, sides_of
from rosterway.console.grade_words import DIFFERENCES, NO_DIFFERENCE, WHO
from rosterway.console.pages import page
from rosterway.console.words import Said
from rosterway.passback.differences import UNKNOWN, Difference, Kind

router = APIRouter(prefix=f"{OF_TENANT}/grades/{{course}}/differences")

#: Differences on a page; each has a box, and a form is small.
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One place, on both sides. `place` is what its box says."""

    difference: Difference
    said: Said
    place: str
    assignment: str
    section: str
    who: str
    canvas: str
    sis: str
    message: str


@router.get("")
def differences(
    request: Request,
    desk: Looking,
    course: str,
    kind: Annotated[str, Query(max_length=40)] = "",
    after: int = 0,
) -> Response:
    """The differences of the latest reconciliation, of one kind or of all that matter."""
    sides = sides_of(desk, course)
    compared = sides.compared
    found = _wanted(sides, kind)
    shown = found[max(after, 0) : max(after, 0) + _PAGE]
    counts = compared.counts if compared else {}
    return page(
        request,
        "grade_differences.html",
        desk,
        room="Grades",
        **about(sides),
        compared=compared,
        compared_at=sides.compared_by.ended_at if sides.compared_by else None,
        counts=[(one, DIFFERENCES[one], counts[one]) for one in Kind if counts.get(one)],
        kind=kind,
        rows=[_tell(desk, sides, one) for one in shown],
        total=len(found),
        after=after,
        size=_PAGE,
        edited=sum(one.is_edited and one.is_repairable for one in shown),
        repairable=sum(one.is_repairable for one in shown),
        who=WHO,
        may_decide=desk.may(May.DECIDE),
        may_sync=desk.may(May.GRADES),
        deciders=who_may(desk.office, desk.tenant.name, May.DECIDE),
    )


@router.get(".{form}")
def differences_download(desk: SeeingPeople, course: str, form: Form, kind: str = "") -> Response:
    """The differences as a list."""
    sides = sides_of(desk, course)
    columns = (
        "kind",
        "assignment",
        "name",
        "class",
        "user",
        "student",
        "canvas",
        "sis",
        "explanation",
        "repairable",
        "edited_in_sis",
    )
    rows = [
        (
            one.difference.kind.value,
            one.difference.assignment,
            one.assignment,
            one.difference.class_id,
            one.difference.user,
            one.difference.student_id,
            one.canvas,
            one.sis,
            one.message,
            one.difference.is_repairable,
            one.difference.is_edited,
        )
        for one in _all_told(desk, sides, kind)
    ]
    return download(desk, f"grades-{course}-differences", columns, rows, form)


def _wanted(sides: Sides, kind: str) -> list[Difference]:
    listed: Iterable[Difference] = sides.compared.differences if sides.compared else ()
    if kind:
        return [one for one in listed if one.kind == kind]
    return [one for one in listed if one.kind not in NO_DIFFERENCE]


def _all_told(desk: Desk, sides: Sides, kind: str) -> list[Told]:
    return [_tell(desk, sides, one) for one in _wanted(sides, kind)]


def _tell(desk: Desk, sides: Sides, one: Difference) -> Told:
    names, sections = names_of(sides)
    people = people_of(desk, sides)
    is_shown = desk.sees_people or not one.user
    who = "" if not one.user else people.get(one.user, "")
    if one.user and not who:
        who = one.student_id or one.sourced_id if one.user == UNKNOWN else one.user
    return Told(
        difference=one,
        said=DIFFERENCES[one.kind],
        place=json.dumps(one.key),
        assignment=names.get(one.assignment, one.sourced_id or one.assignment),
        section=sections.get(one.class_id, one.class_id),
        who=who,
        canvas=one.canvas if is_shown else HIDDEN,
        sis=one.sis if is_shown else HIDDEN,
        message=one.message if is_shown else "",
    )
