"""Changes in Canvas that a preview offers: shown with before and after, and made on a yes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from rosterway.canvas.grade_fixes import Fixed, FixOutcome
from rosterway.console.access import OF_TENANT, Desk, Looking, May, Syncing
from rosterway.console.forms import Signed
from rosterway.console.grade_pages import about
from rosterway.console.grade_plan_told import names_of
from rosterway.console.grade_sides import Sides, sides_of
from rosterway.console.pages import page
from rosterway.console.words import Said, Shape, Tone
from rosterway.errors import UsageError
from rosterway.passback.plan import Fix, FixKind
from rosterway.runs.grades.in_canvas import apply_fixes
from rosterway.runs.grades.status import offered_fixes

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/grades/{{course}}/fixes")

_CALLED: Mapping[FixKind, str] = {
    FixKind.RENAME: "Name",
    FixKind.DUE_DATE: "Due",
    FixKind.AVAILABLE: "Available from",
}

_BECAME: Mapping[FixOutcome, Said] = {
    FixOutcome.DONE: Said("Changed", Tone.GOOD, Shape.TICK),
    FixOutcome.ALREADY: Said("So already", Tone.QUIET, Shape.DASH),
    FixOutcome.MOVED_ON: Said("Changed by somebody since", Tone.QUIET, Shape.HALF),
    FixOutcome.REFUSED: Said("Refused by Canvas", Tone.BAD, Shape.CROSS),
    FixOutcome.NOT_KEPT: Said("Not kept by Canvas", Tone.BAD, Shape.CROSS),
}
_MADE = frozenset({FixOutcome.DONE, FixOutcome.ALREADY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change, in words. `box` is what its box says; `said` what became of it."""

    assignment: str
    name: str
    section: str
    what: str
    before: str
    after: str
    box: str
    said: Said | None = None
    canvas_says: str = ""


@router.get("")
def offered(request: Request, desk: Looking, course: str) -> Response:
    """The changes the latest preview or sync offers; nothing is made yet."""
    sides = sides_of(desk, course)
    told = [_tell(desk, sides, one) for one in offered_fixes(sides.offered)]
    return _page(request, desk, sides, told, is_done=False)


@router.post("", dependencies=[Signed])
async def make(
    request: Request,
    desk: Syncing,
    course: str,
    fix: Annotated[list[str], Form(max_length=500)] = [],  # noqa: B006 - as in grade_acts
) -> Response:
    """Make the chosen changes in Canvas; what has changed there since stays as it is."""
    sides = sides_of(desk, course)
    known = {_box(one): one for one in offered_fixes(sides.offered)}
    if not fix:
        raise UsageError("Nothing is chosen.", remedy="Choose at least one change.")
    if any(one not in known for one in fix):
        raise UsageError(
            "What is offered is not what the page showed any more.", remedy="Load the page again."
        )
    chosen = [known[one] for one in dict.fromkeys(fix)]
    done = await apply_fixes(
        desk.office, desk.handle, course, chosen, by=desk.operator, now=desk.now
    )
    made = sum(one.outcome in _MADE for one in done)
    log.info("grades.fixed", tenant=desk.tenant.name, course=course, made=made, of=len(done))
    return _page(request, desk, sides, [_became(desk, sides, one) for one in done], is_done=True)


def _page(
    request: Request, desk: Desk, sides: Sides, told: Sequence[Told], *, is_done: bool
) -> Response:
    return page(
        request,
        "grade_fixes.html",
        desk,
        room="Grades",
        **about(sides),
        fixes=told,
        is_done=is_done,
        offered_at=sides.offered.planned_at if sides.offered else None,
        may_fix=desk.may(May.GRADES),
    )


def _became(desk: Desk, sides: Sides, done: Fixed) -> Told:
    says = _shown(desk, done.fix.kind, done.says) if done.outcome in _SHOWS else done.says
    return _tell(desk, sides, done.fix, _BECAME[done.outcome], says)


#: Outcomes that tell what stands in Canvas now; the others tell Canvas's own words.
_SHOWS = frozenset({FixOutcome.MOVED_ON, FixOutcome.NOT_KEPT})


def _tell(
    desk: Desk, sides: Sides, fix: Fix, said: Said | None = None, canvas_says: str = ""
) -> Told:
    names, _ = names_of(sides)
    sections = {one.id: one.name for one in sides.gradebook.sections} if sides.gradebook else {}
    return Told(
        assignment=fix.assignment,
        name=names.get(fix.assignment, fix.assignment),
        section=sections.get(fix.section, fix.section),
        what=_CALLED[fix.kind],
        before=_shown(desk, fix.kind, fix.before),
        after=_shown(desk, fix.kind, fix.after),
        box=_box(fix),
        said=said,
        canvas_says=canvas_says,
    )


def _box(fix: Fix) -> str:
    return msgspec.json.encode(fix).decode()


def _shown(desk: Desk, kind: FixKind, value: str) -> str:
    """A name as it is, a day as the console writes days."""
    return value if kind is FixKind.RENAME else desk.times.school_day(value)
