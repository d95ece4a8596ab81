"""The road of a run: which step comes next, told by what is true in the store, and that step.

The durable engine only repeats `advance` until it answers that the run has ended; it holds no list
of steps. So a crash between any two facts, or a newer version of this file, finds the run where the
store says it is. Every step may be repeated.
"""

from enum import StrEnum

import msgspec
import structlog

from rosterway.errors import ConflictError, RosterwayError
from rosterway.runs.confirm import ANSWER, confirm
from rosterway.runs.deliver import index_of, next_import, send_import, stopped_by
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.plan_delivery import plan_delivery
from rosterway.runs.report import report
from rosterway.runs.stages import Stage
from rosterway.settings import Apply
from rosterway.store import baselines, plans, runs, sis_imports, stages
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: Kinds of run.
ROSTER = "roster"  # a delivery, planned, and sent unless it must wait
DELIVER = "deliver"  # a plan that a person has approved


class Then(StrEnum):
    """What follows a step."""

    MORE = "more"
    LANE = "lane"  # the next step needs the Canvas account's lane
    ENDED = "ended"


async def advance(office: Office, tenant: str, run_id: str, *, in_lane: bool) -> Then:
    """Do the next step of a run. An error that waiting may cure is raised; any other ends the run."""
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is not None:
        return Then.ENDED
    if not office.claim(handle, run):
        raise ConflictError("another worker has this run")
    try:
        return await _step(office, handle, run, in_lane=in_lane)
    except RosterwayError as error:
        if error.retry:
            raise
        _fail(office, handle, run, Outcome.FAILED, f"{error.message} {error.remedy}".strip())
        return Then.ENDED if runs.get(handle, run_id).ended_at else Then.MORE


async def _step(office: Office, handle: TenantStore, run: Run, *, in_lane: bool) -> Then:
    if run.plan is None:
        plan = await plan_delivery(office, handle, run)
        _supersede(office, handle, plan)
        return Then.MORE
    plan = plans.get(handle, run.plan)
    match plan.state:
        case PlanState.WAITING | PlanState.REFUSED | PlanState.DISCARDED | PlanState.SUPERSEDED:
            return _end(office, handle, run, plan, _OUTCOMES[plan.state], plan.reason)
        case PlanState.NOTHING:
            return await _end_with_nothing(office, handle, run, plan)
        case _:
            if not in_lane:
                return Then.LANE
            return await _deliver(office, handle, run, plan)


#: How a run ends whose plan is not to be sent.
_OUTCOMES = {
    PlanState.WAITING: Outcome.HELD,
    PlanState.REFUSED: Outcome.REFUSED,
    PlanState.DISCARDED: Outcome.DISCARDED,
    PlanState.SUPERSEDED: Outcome.SUPERSEDED,
}


async def _deliver(office: Office, handle: TenantStore, run: Run, plan: Plan) -> Then:
    passing(Moment.LANE_ENTERED)
    index = index_of(handle, plan)
    ordinal = next_import(handle, plan, index.sent)
    if ordinal is not None and plan.state is not PlanState.FAILED:
        await send_import(office, handle, run, plan, ordinal)
        return Then.MORE
    sent = sis_imports.of_plan(handle, plan.id)
    fault = next((why for one in sent if (why := stopped_by(handle, plan, one))), None)
    if plan.state is PlanState.DELIVERING:
        state = PlanState.DELIVERED if fault is None else PlanState.FAILED
        plan = plans.advance(handle, plan.id, state, reason=fault or "", now=office.clock())
        passing(Moment.PLAN_DELIVERED)
    if not _is_confirmed(handle, run, plan):
        await confirm(office, handle, run, plan)
        return Then.MORE
    if plan.state is PlanState.FAILED:
        return _end(office, handle, run, plan, Outcome.FAILED, plan.reason)
    counts = _answer_counts(handle, run)
    is_whole = not (counts["refused"] or counts["unconfirmed"])
    return _end(office, handle, run, plan, Outcome.DELIVERED if is_whole else Outcome.PARTLY, "")


async def _end_with_nothing(office: Office, handle: TenantStore, run: Run, plan: Plan) -> Then:
    """Nothing to send; yet the baseline may have rows to forget, or a new policy to know."""
    known = baselines.current(handle, plan.feed)
    policy = office.feed(handle, plan.feed).policy
    stale = known is not None and known.policy != policy
    if (plan.summary["has_forgotten"] or stale) and not _is_confirmed(handle, run, plan):
        await confirm(office, handle, run, plan)
    return _end(office, handle, run, plan, Outcome.NOTHING, "")


def _is_confirmed(handle: TenantStore, run: Run, plan: Plan) -> bool:
    known = baselines.current(handle, plan.feed)
    return known is not None and known.run == run.id


def _answer_counts(handle: TenantStore, run: Run) -> dict[str, int]:
    kept = stages.file(handle, run.id, ANSWER)
    content = msgspec.json.decode(handle.blobs.local(kept.blob).read_bytes())
    return dict(content["rows"])


def _end(
    office: Office, handle: TenantStore, run: Run, plan: Plan, outcome: Outcome, reason: str
) -> Then:
    stages.enter(handle, run.id, Stage.REPORTING, now=office.clock())
    report(office, handle, run=run, plan=plan, outcome=outcome.value, reason=reason)
    passing(Moment.RECEIPT_WRITTEN)
    stages.leave(handle, run.id, now=office.clock())
    runs.end(handle, run.id, outcome=outcome, reason=reason, now=office.clock())
    log.info("run.ended", tenant=handle.name, feed=run.feed, run=run.id, outcome=outcome.value)
    return Then.ENDED


def _supersede(office: Office, handle: TenantStore, plan: Plan) -> None:
    """In `diffing/` a newer delivery takes the place of one that waits; its receipt says so."""
    feed = office.tenant(handle.name).feeds[plan.feed]
    if feed.apply is not Apply.DIFFING or plan.state is PlanState.REFUSED:
        return
    for struck in plans.supersede(handle, plan.feed, by=plan.id, now=office.clock()):
        report(
            office,
            handle,
            run=runs.get(handle, struck.run),
            plan=struck,
            outcome=Outcome.SUPERSEDED.value,
            reason=f"Delivery {plan.delivery} took its place.",
        )


def _fail(office: Office, handle: TenantStore, run: Run, outcome: Outcome, reason: str) -> None:
    """Put a fault on record: what was sent is still confirmed; if nothing was, the run ends."""
    run = runs.get(handle, run.id)
    plan = plans.get(handle, run.plan) if run.plan else None
    log.warning("run.failed", tenant=handle.name, feed=run.feed, run=run.id)
    if plan is not None and plan.state in {
        PlanState.READY,
        PlanState.APPROVED,
        PlanState.DELIVERING,
    }:
        plan = plans.advance(handle, plan.id, PlanState.FAILED, reason=reason, now=office.clock())
        if _let_go(office, handle, plan, reason):
            return
    stages.enter(handle, run.id, Stage.REPORTING, now=office.clock())
    report(office, handle, run=run, plan=plan, outcome=outcome.value, reason=reason)
    stages.leave(handle, run.id, now=office.clock())
    runs.end(handle, run.id, outcome=outcome, reason=reason, now=office.clock())


def _let_go(office: Office, handle: TenantStore, plan: Plan, reason: str) -> bool:
    """Free the lane of imports nobody follows any more; whether Canvas has any of the plan."""
    for sent in sis_imports.of_plan(handle, plan.id):
        if sent.state not in sis_imports.SETTLED:
            sis_imports.lost(handle, plan.id, sent.ordinal, reason=reason, now=office.clock())
    sent_at_all = {sis_imports.ImportState.FINISHED, sis_imports.ImportState.LOST}
    return any(sent.state in sent_at_all for sent in sis_imports.of_plan(handle, plan.id))


def give_up(office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str) -> None:
    """End a run that cannot go on: Canvas has not come back, or a fault of ours."""
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is None:
        _fail(office, handle, run, outcome, reason)
