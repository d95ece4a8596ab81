"""What a person does about a course's grades: sync, retry, compare, decide, remaster, forget.

Each act is a fact in the store under the operator's name, and an entry of the audit log in the same
transaction; the conductor begins the work.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
import structlog
from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import OF_TENANT, Deciding, Desk, Forgetting, Syncing
from rosterway.console.forms import Signed
from rosterway.console.grade_sides import Sides, sides_of
from rosterway.console.quantities import of_things
from rosterway.errors import ConfigError, NotFoundError, UsageError
from rosterway.passback.ledger import Key
from rosterway.runs.grades import courses, decide
from rosterway.runs.grades.in_canvas import forget_marks
from rosterway.runs.grades.requests import (
    request_again,
    request_reconcile,
    request_repair,
    request_sync,
)
from rosterway.store import audit, grade_plans, ledger
from rosterway.store.grade_plans import GradePlan
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/grades")

Ids = Annotated[list[str], Form(max_length=2_000)]
Text = Annotated[str, Form(max_length=500)]
Digest = Annotated[str, Form(max_length=64)]
#: The boxes of a form were there to choose from.
Chosen = Annotated[bool, Form()]
Number = Annotated[int, Form()]


@router.post("", dependencies=[Signed])
async def open_course(desk: Syncing, course: Text = "") -> Response:
    """Look at a course for the first time: a preview, which sends nothing."""
    named = course.strip()
    if not named:
        raise UsageError("No course is named.", remedy="Give its Canvas id or its SIS id.")
    _refuse_unless_configured(desk)
    wanted = named if named.isdigit() or ":" in named else f"{courses.BY_SIS_ID}{named}"
    found = await courses.canvas_id(desk.office, desk.handle, wanted)
    return await asyncio.to_thread(_preview, desk, found)


@router.post("/{course}/preview", dependencies=[Signed])
def preview(
    desk: Syncing,
    course: str,
    assignment: Ids = [],  # noqa: B006 - FastAPI reads it as a default and copies it
    section: Ids = [],  # noqa: B006
    chosen: Chosen = False,
) -> Response:
    """Show what would be sent; nothing is."""
    sides_of(desk, course)
    return _preview(desk, course, *_selected(desk, course, assignment, section, chosen=chosen))


@router.post("/{course}/sync", dependencies=[Signed])
def sync(
    desk: Syncing,
    course: str,
    assignment: Ids = [],  # noqa: B006
    section: Ids = [],  # noqa: B006
    chosen: Chosen = False,
) -> Response:
    """Send the chosen assignments' grades; a guard may hold them."""
    assignments, sections = _selected(desk, course, assignment, section, chosen=chosen)
    with desk.handle.together() as tx:
        run = request_sync(
            tx, course, by=desk.operator, assignments=assignments, sections=sections, now=desk.now
        )
        _note(desk, tx, "grades.sync", course, run, assignments=len(assignments) or "all")
    return _to(desk, run)


@router.post("/{course}/retry", dependencies=[Signed])
def retry(desk: Syncing, course: str, assignment: Text = "") -> Response:
    """Send again what failed in the latest sync, of one assignment or of all."""
    failed = [one for one in sides_of(desk, course).failed if assignment in {"", one[1]}]
    if not failed:
        raise NotFoundError("Nothing failed in the latest sync.")
    with desk.handle.together() as tx:
        run = request_again(tx, course, failed, by=desk.operator, now=desk.now)
        _note(desk, tx, "grades.retry", course, run, places=len(failed))
    return _to(desk, run)


@router.post("/{course}/reconcile", dependencies=[Signed])
def reconcile(desk: Syncing, course: str) -> Response:
    """Compare both sides; nothing is changed."""
    sides_of(desk, course)
    with desk.handle.together() as tx:
        run = request_reconcile(tx, course, by=desk.operator, now=desk.now)
        _note(desk, tx, "grades.reconcile", course, run)
    return _to(desk, run)


@router.post("/{course}/remaster", dependencies=[Signed])
def remaster(desk: Forgetting, course: str, grades: Number = -1) -> Response:
    """Send every grade again, whatever the SIS has accepted."""
    if grades != sides_of(desk, course).grades:
        raise _moved_on()
    with desk.handle.together() as tx:
        run = request_sync(tx, course, by=desk.operator, remaster=True, now=desk.now)
        _note(desk, tx, "grades.remaster", course, run, grades=grades)
    return _to(desk, run)


@router.post("/{course}/forget", dependencies=[Signed])
async def forget(desk: Forgetting, course: str, entries: Number = -1) -> Response:
    """Forget what the SIS was told of a course, and take our marks out of Canvas; it can be put back."""
    if entries != sum(ledger.count(desk.handle, course).values()):
        raise _moved_on()
    count = courses.forget(desk.handle, course, by=desk.operator, now=desk.now)
    canvas = await forget_marks(desk.office, desk.handle, course)
    log.info(
        "grades.forgotten",
        tenant=desk.tenant.name,
        course=course,
        entries=count,
        marks_gone=not canvas.says,
    )
    return RedirectResponse(desk.url("grades", course), 303)


@router.post("/{course}/put-back", dependencies=[Signed])
def put_back(desk: Forgetting, course: str) -> Response:
    """Undo the last forgetting."""
    count = courses.put_back(desk.handle, course, by=desk.operator, now=desk.now)
    log.info("grades.put-back", tenant=desk.tenant.name, course=course, entries=count)
    return RedirectResponse(desk.url("grades", course), 303)


@router.post("/{course}/approve", dependencies=[Signed])
def approve(desk: Deciding, course: str, digest: Digest = "", reason: Text = "") -> Response:
    """Approve exactly the digest the page showed."""
    plan = _shown(desk, course, digest)
    made = decide.approve(
        desk.handle, plan.digest, operator=desk.operator, reason=reason.strip(), now=desk.now
    )
    log.info("grades.approved", tenant=desk.tenant.name, plan=plan.id, operator=desk.operator)
    return _to(desk, made.run)


@router.post("/{course}/discard", dependencies=[Signed])
def discard(desk: Deciding, course: str, digest: Digest = "", reason: Text = "") -> Response:
    """Discard it: nothing of it is sent."""
    plan = _shown(desk, course, digest)
    decide.discard(
        desk.handle, plan.digest, operator=desk.operator, reason=reason.strip(), now=desk.now
    )
    log.info("grades.discarded", tenant=desk.tenant.name, plan=plan.id, operator=desk.operator)
    return RedirectResponse(desk.url("grades", course), 303)


@router.post("/{course}/repair", dependencies=[Signed])
def repair(
    desk: Deciding,
    course: str,
    place: Ids = [],  # noqa: B006
    overwrite: Chosen = False,
) -> Response:
    """End chosen differences: the SIS is to say what Canvas says."""
    places = _places(place)
    compared = sides_of(desk, course).compared
    known = {one.key: one for one in compared.differences} if compared else {}
    if any(one not in known or not known[one].is_repairable for one in places):
        raise _moved_on()
    edited = sum(known[one].is_edited for one in places)
    if edited and not overwrite:
        raise UsageError(
            f"Of what you chose, {of_things(edited, 'value was', 'values were')} changed in the SIS"
            " by somebody there.",
            remedy="Say yes to overwriting them, or leave them out.",
        )
    with desk.handle.together() as tx:
        run = request_repair(
            tx, course, places, overwrite=overwrite, by=desk.operator, now=desk.now
        )
        _note(desk, tx, "grades.repair", course, run, places=len(places), overwritten=edited)
    return _to(desk, run)


def _preview(
    desk: Desk, course: str, assignments: Sequence[str] = (), sections: Sequence[str] = ()
) -> Response:
    with desk.handle.together() as tx:
        run = request_sync(
            tx,
            course,
            by=desk.operator,
            assignments=assignments,
            sections=sections,
            preview=True,
            now=desk.now,
        )
        _note(desk, tx, "grades.preview", course, run)
    return _to(desk, run)


def _selected(
    desk: Desk, course: str, assignments: list[str], sections: list[str], *, chosen: bool
) -> tuple[list[str], list[str]]:
    """What was chosen; empty for all of it, so that what is new since the page was made goes too."""
    sides = sides_of(desk, course)
    if not chosen:
        return [], []
    if not assignments or (sides.sections and not sections):
        raise UsageError(
            "Nothing is chosen.", remedy="Choose at least one assignment and one section."
        )
    return _unless_all(assignments, _flagged(sides)), _unless_all(
        sections, {one.id for one in sides.sections.values()}
    )


def _flagged(sides: Sides) -> set[str]:
    listed = sides.gradebook.assignments if sides.gradebook else ()
    in_sis = {one.id for one in sides.sections.values()}
    return {one.id for one in listed if any(here.section in in_sis for here in one.placements)}


def _unless_all(chosen: list[str], known: set[str]) -> list[str]:
    return [] if set(chosen) >= known else sorted(set(chosen))


def _places(given: list[str]) -> list[Key]:
    try:
        found = [msgspec.json.decode(one, type=tuple[str, str, str]) for one in given]
    except msgspec.MsgspecError:
        raise _moved_on() from None
    if not found:
        raise UsageError("Nothing is chosen.", remedy="Choose at least one difference.")
    return found


def _shown(desk: Desk, course: str, digest: str) -> GradePlan:
    plan = grade_plans.by_digest(desk.handle, digest)
    if plan.course != course or plan.digest != digest:
        raise _moved_on()
    return plan


def _moved_on() -> UsageError:
    return UsageError(
        "The form speaks of something else than its page.", remedy="Load the page again."
    )


def _refuse_unless_configured(desk: Desk) -> None:
    if desk.office.tenant(desk.tenant.name).grades is None:
        raise ConfigError(
            "The configuration does not say how grades go back.",
            remedy=f"Add [tenant.{desk.tenant.name}.grades].",
        )


def _note(desk: Desk, tx: TenantStore, act: str, course: str, run: Run, **details: object) -> None:
    told: Mapping[str, Any] = {"run": run.id, **details}
    audit.append(
        tx, actor=desk.operator, act=act, subject=f"course {course}", now=desk.now, details=told
    )


def _to(desk: Desk, run: Run) -> Response:
    log.info("grades.asked", tenant=desk.tenant.name, run=run.id, operator=desk.operator)
    desk.office.poke()
    return RedirectResponse(desk.url("runs", run.id), 303)
