"""A plan's page: its balance sheet, why it waits, who may decide, what would be sent; and deciding."""

from collections.abc import Callable
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import OF_TENANT, Deciding, Desk, Looking, May, SeeingPeople, who_may
from rosterway.console.balance_sheet import classes_of, sheet_of
from rosterway.console.forms import Signed
from rosterway.console.pages import page, with_query
from rosterway.console.quantities import share
from rosterway.console.run_pages import as_download
from rosterway.console.run_told import told_imports
from rosterway.console.told import holds_of, rows_of, totals_of
from rosterway.console.words import LOST, PLANS
from rosterway.errors import NotFoundError, UsageError
from rosterway.rostering.limits import Guard
from rosterway.runs.approve import approve, discard
from rosterway.store import approvals, audit, plans, runs
from rosterway.store.plans import Plan, PlanState

log = structlog.get_logger()
router = APIRouter(prefix=OF_TENANT)

Digest = Annotated[str, Form(max_length=64)]
Reason = Annotated[str, Form(max_length=500)]


#: The guards that hold because of removals, by the names a hold has.
_REMOVING = frozenset(
    {Guard.REMOVALS, Guard.CLASS, Guard.TO_NONE, Guard.EMPTIED, Guard.AFTER_PAUSE}
)


def plan_named(desk: Desk, name: str) -> Plan:
    """A plan by its id, or by the beginning of its digest as the command line has it."""
    if name.startswith("plan-"):
        return plans.get(desk.handle, name)
    return plans.by_digest(desk.handle, name)


@router.get("/plans/{plan}")
def one_plan(request: Request, desk: Looking, plan: str, by: str = "") -> Response:
    """A plan; `by` is the table its schools are shown by."""
    found = plan_named(desk, plan)
    sheet = sheet_of(desk, found)
    placed = sheet.placed
    chosen = by if by in placed else next(iter(placed), "")
    schools = [one for one in sheet.schools if chosen in one.tables]
    return page(
        request,
        "plan.html",
        desk,
        room="Runs",
        plan=found,
        said=PLANS[found.state],
        sheet=sheet,
        by=chosen,
        placed=placed,
        schools=schools,
        quiet=sum(1 for one in schools if not one.of(chosen).differs),
        holds=holds_of(found),
        imports=told_imports(desk, found),
        rows=rows_of(found),
        totals=totals_of(found),
        problems=found.summary.get("problem_counts", {}),
        off=found.summary.get("off", []),
        missing=found.summary.get("waits", {}),
        forecast=[(LOST[when], count) for when, count in found.summary.get("forecast", {}).items()],
        waits=found.state is PlanState.WAITING,
        may_decide=desk.may(May.DECIDE),
        deciders=who_may(desk.office, desk.tenant.name, May.DECIDE),
        approval=approvals.of_plan(desk.handle, found.id),
        instead=_instead(desk, found),
        run=runs.get(desk.handle, found.run),
        share=share,
        removing=_REMOVING,
        rows_link=rows_link(desk, found),
    )


@router.get("/plans/{plan}/schools/{school}")
def one_school(
    request: Request, desk: Looking, plan: str, school: str, everything: bool = False
) -> Response:
    """The classes of a school in a plan."""
    found = plan_named(desk, plan)
    sheet = sheet_of(desk, found)
    known = sheet.school(school)
    if known is None:
        raise NotFoundError("This plan has no such school.")
    return page(
        request,
        "school.html",
        desk,
        room="Runs",
        plan=found,
        school=known,
        placed=sheet.placed,
        classes=classes_of(desk, found, school, everything=everything),
        everything=everything,
        rows_link=rows_link(desk, found),
    )


@router.get("/plans/{plan}/files/{name:path}")
def plan_file(desk: SeeingPeople, plan: str, name: str) -> Response:
    """One of the exact files that would be sent, or were."""
    found = plan_named(desk, plan)
    digest = found.artifacts.get(f"files/{name}")
    if digest is None:
        raise NotFoundError(f"This plan has no file {name}.")
    audit.append(
        desk.handle,
        actor=desk.operator,
        act="file.download",
        subject=f"{found.id}/{name}",
        now=desk.now,
    )
    path = desk.handle.blobs.local(digest)
    return as_download(path, f"{found.digest[:12]}-{name.replace('/', '-')}", "text/csv")


@router.post("/plans/{plan}/approve", dependencies=[Signed])
def approve_plan(desk: Deciding, plan: str, digest: Digest, reason: Reason = "") -> Response:
    """Approve exactly the digest the page showed."""
    found = _shown(desk, plan, digest)
    _, run = approve(
        desk.handle, found.digest, operator=desk.operator, reason=reason.strip(), now=desk.now
    )
    log.info("plan.approved", tenant=desk.tenant.name, plan=found.id, operator=desk.operator)
    desk.office.poke()
    return RedirectResponse(desk.url("runs", run.id), 303)


@router.post("/plans/{plan}/discard", dependencies=[Signed])
def discard_plan(desk: Deciding, plan: str, digest: Digest, reason: Reason = "") -> Response:
    """Discard it, with a reason for the sender."""
    found = _shown(desk, plan, digest)
    if not reason.strip():
        raise UsageError(
            "A plan is discarded with a reason: the sender reads it in the receipt.",
            remedy="Go back and say in a sentence why.",
        )
    discard(desk.handle, found.digest, operator=desk.operator, reason=reason.strip(), now=desk.now)
    log.info("plan.discarded", tenant=desk.tenant.name, plan=found.id, operator=desk.operator)
    desk.office.poke()
    return RedirectResponse(desk.url("plans", found.id), 303)


def rows_link(desk: Desk, plan: Plan) -> Callable[..., Callable[[str], str]]:
    """For templates: a table, school and class give what makes the address of each kind of rows."""
    base = desk.url("plans", plan.id, "rows")

    def of(table: str, school: str = "", klass: str = "") -> Callable[[str], str]:
        place = {"school": school, "class": klass}
        return lambda what: with_query(base, table=table, what=what, **place)

    return of


def _shown(desk: Desk, plan: str, digest: str) -> Plan:
    found = plan_named(desk, plan)
    if found.digest != digest:
        raise UsageError(
            "The form speaks of another plan than its page.", remedy="Load the page again."
        )
    return found


def _instead(desk: Desk, plan: Plan) -> dict[str, Any] | None:
    """The newest run of the feed, where this plan was superseded."""
    if plan.state is not PlanState.SUPERSEDED:
        return None
    for run in runs.latest(desk.handle, feed=plan.feed, limit=20):
        if run.kind != "deliver" and run.requested_at > plan.created_at:
            return {"run": run}
    return None
