"""The road of a run: which step comes next, told by what is true in the store, and that step.

The durable engine only repeats `advance` until it answers that the run has ended; it holds no list
of steps. So a crash between any two facts, or a newer version of this file, finds the run where the
store says it is. Every step may be repeated.
"""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum

import msgspec
import structlog

from rosterway.errors import ConfigError, ConflictError, RosterwayError, UnavailableError
from rosterway.runs.collect import collect, tidy
from rosterway.runs.confirm import ANSWER, confirm
from rosterway.runs.deliver import index_of, next_import, send_import, stopped_by
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.plan_delivery import plan_delivery
from rosterway.runs.pull import forget_pull, pull_roster
from rosterway.runs.report import report
from rosterway.runs.requests import COLLECT, PULLS, has_moved, plan_anew
from rosterway.runs.send_receipt import send_receipt
from rosterway.runs.stages import Stage
from rosterway.settings import Apply
from rosterway.store import baselines, deliveries, plans, runs, sis_imports, stages
from rosterway.store.deliveries import Delivery
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()


class Then(StrEnum):
    """What follows a step."""

    MORE = "more"
    PLAN = "plan"  # there is a delivery now, to be planned when it is this tenant's turn
    LANE = "lane"  # the next step needs the Canvas account's lane
    LATER = "later"  # nothing can be done for hours; whoever begins it again goes on
    ENDED = "ended"


async def advance(office: Office, tenant: str, run_id: str, *, in_lane: bool) -> Then:
    """Do the next step of a run.

    An error that waiting may cure is raised, and a ConflictError if another worker has the run; any
    other error ends the run.
    """
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is not None:
        return Then.ENDED
    _hold_on(office, handle, run)
    with disk_may_recover():
        try:
            return await _step(office, handle, run, in_lane=in_lane)
        except RosterwayError as error:
            if error.retry:
                raise
            _hold_on(office, handle, run)
            return await _fail(office, handle, run, Outcome.FAILED, said(error))


def said(error: RosterwayError) -> str:
    """An error in one line, with what to do."""
    message = error.message if error.message.endswith(".") else f"{error.message}."
    return f"{message} {error.remedy}".strip()


async def give_up(office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str) -> Then:
    """End a run that cannot go on, because of another system or a fault of ours.

    What was sent of it is still confirmed: then there is more to do.
    """
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is not None:
        return Then.ENDED
    with disk_may_recover():
        return await _fail(office, handle, run, outcome, reason)


@contextmanager
def disk_may_recover() -> Generator[None]:
    """What the disk refuses is tried again: somebody may make room."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"A file of this run cannot be written or read: {error.strerror or error}.",
            remedy="Look at the disk of the home folder; the run goes on by itself.",
        ) from error


def _hold_on(office: Office, handle: TenantStore, run: Run) -> None:
    """Take or prolong the lease; without it nothing is done, not even giving up."""
    if not office.claim(handle, run):
        raise ConflictError(f"another worker has the run {run.id}")


async def _step(office: Office, handle: TenantStore, run: Run, *, in_lane: bool) -> Then:
    if run.plan is None:
        if run.kind in PULLS and run.delivery is None:
            await pull_roster(office, handle, run)
            return Then.PLAN
        if run.kind in PULLS:
            await forget_pull(office, handle, run)
        if run.kind == COLLECT and run.delivery is None:
            if nothing := await collect(office, handle, run):
                return await _end(office, handle, run, None, Outcome.NOTHING, nothing)
            return Then.PLAN
        if run.kind == COLLECT:
            await tidy(office, handle, run)
        if newer := _overtaken_by(office, handle, run):
            reason = f"Delivery {newer.id} is newer and was taken up before it."
            return await _end(office, handle, run, None, Outcome.SUPERSEDED, reason)
        plan = await plan_delivery(office, handle, run)
        await _supersede(office, handle, plan)
        return Then.MORE
    plan = plans.get(handle, run.plan)
    match plan.state:
        case PlanState.WAITING | PlanState.REFUSED | PlanState.DISCARDED | PlanState.SUPERSEDED:
            return await _end(office, handle, run, plan, _OUTCOMES[plan.state], plan.reason)
        case PlanState.NOTHING:
            return await _end_with_nothing(office, handle, run, plan)
        case _ if not in_lane:
            return Then.LANE
        case PlanState.READY | PlanState.APPROVED if _is_stale(office, handle, plan):
            plan_anew(handle, plan, now=office.clock())
            return Then.MORE
        case _:
            return await _deliver(office, handle, run, plan)


#: How a run ends whose plan is not to be sent.
_OUTCOMES = {
    PlanState.WAITING: Outcome.HELD,
    PlanState.REFUSED: Outcome.REFUSED,
    PlanState.DISCARDED: Outcome.DISCARDED,
    PlanState.SUPERSEDED: Outcome.SUPERSEDED,
}


def _overtaken_by(office: Office, handle: TenantStore, run: Run) -> Delivery | None:
    """In `diffing/` the newest delivery is the truth: one that was held up on its way is not."""
    if office.feed_settings(handle.name, run.roster).apply is Apply.IMPORTS or run.delivery is None:
        return None
    own = deliveries.get(handle, run.delivery)
    others = {one.delivery for one in runs.latest(handle, feed=run.roster) if one.id != run.id}
    taken = [deliveries.get(handle, one) for one in others if one is not None]
    newest = max(taken, key=lambda delivery: delivery.received_at, default=own)
    return newest if newest.received_at > own.received_at else None


def _is_stale(office: Office, handle: TenantStore, plan: Plan) -> bool:
    """Whether a plan shows what is no longer so: of the baseline, or of which Canvas it is for."""
    return has_moved(handle, plan) or _is_for_another_canvas(office, handle, plan)


def _is_for_another_canvas(office: Office, handle: TenantStore, plan: Plan) -> bool:
    account = office.tenant(handle.name).canvas.key
    return bool(plan.summary.get("account", account) != account)


async def _deliver(office: Office, handle: TenantStore, run: Run, plan: Plan) -> Then:
    passing(Moment.LANE_ENTERED)
    index = index_of(handle, plan)
    ordinal = next_import(handle, plan, index.sent)
    if ordinal is not None and plan.state is not PlanState.FAILED:
        if _is_for_another_canvas(office, handle, plan):
            raise ConfigError(
                "The configuration names another Canvas account than this plan was begun for.",
                remedy="Run the feed again; it is planned for the account that is named now.",
            )
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
        return await _end(office, handle, run, plan, Outcome.FAILED, plan.reason)
    counts = _answer_counts(handle, run)
    is_whole = not (counts["refused"] or counts["unconfirmed"])
    return await _end(
        office, handle, run, plan, Outcome.DELIVERED if is_whole else Outcome.PARTLY, ""
    )


async def _end_with_nothing(office: Office, handle: TenantStore, run: Run, plan: Plan) -> Then:
    """Nothing to send; yet the baseline may have rows to forget, or a new policy to know."""
    known = baselines.current(handle, plan.feed)
    policy = office.feed(handle, plan.feed).policy
    stale = known is not None and known.policy != policy
    if (plan.summary["has_forgotten"] or stale) and not _is_confirmed(handle, run, plan):
        await confirm(office, handle, run, plan)
    return await _end(office, handle, run, plan, Outcome.NOTHING, "")


def _is_confirmed(handle: TenantStore, run: Run, plan: Plan) -> bool:
    known = baselines.current(handle, plan.feed)
    return known is not None and known.run == run.id


def _answer_counts(handle: TenantStore, run: Run) -> dict[str, int]:
    kept = stages.file(handle, run.id, ANSWER)
    content = msgspec.json.decode(handle.blobs.local(kept.blob).read_bytes())
    return dict(content["rows"])


async def _end(
    office: Office,
    handle: TenantStore,
    run: Run,
    plan: Plan | None,
    outcome: Outcome,
    reason: str,
) -> Then:
    stages.enter(handle, run.id, Stage.REPORTING, now=office.clock())
    await asyncio.to_thread(
        report, office, handle, run=run, plan=plan, outcome=outcome.value, reason=reason
    )
    passing(Moment.RECEIPT_WRITTEN)
    await send_receipt(office, handle, run)
    stages.leave(handle, run.id, now=office.clock())
    runs.end(handle, run.id, outcome=outcome, reason=reason, now=office.clock())
    log.info("run.ended", tenant=handle.name, feed=run.roster, run=run.id, outcome=outcome.value)
    return Then.ENDED


async def _supersede(office: Office, handle: TenantStore, plan: Plan) -> None:
    """A plan takes the place of those that wait for the same delivery; their receipts say so.

    In `diffing/` it takes the place of an older delivery's as well.
    """
    if plan.state is PlanState.REFUSED:
        return
    feed = office.feed_settings(handle.name, plan.feed)
    struck: list[Plan] = []
    if feed.apply is Apply.DIFFING:
        struck = plans.supersede(handle, plan.feed, by=plan.id, now=office.clock())
    else:
        for other in plans.latest(handle, feed=plan.feed, state=PlanState.WAITING):
            if other.delivery == plan.delivery and other.id != plan.id:
                reason = f"{plan.id} takes its place"
                plans.advance(
                    handle, other.id, PlanState.SUPERSEDED, reason=reason, now=office.clock()
                )
    for one in struck:
        if one.delivery == plan.delivery:
            continue  # its receipt is about to be written anew
        await asyncio.to_thread(
            report,
            office,
            handle,
            run=runs.get(handle, one.run),
            plan=one,
            outcome=Outcome.SUPERSEDED.value,
            reason=f"Delivery {plan.delivery} took its place.",
        )
        await send_receipt(office, handle, runs.get(handle, one.run))


async def _fail(
    office: Office, handle: TenantStore, run: Run, outcome: Outcome, reason: str
) -> Then:
    """Put a fault on record: what was sent is still confirmed; if nothing was, the run ends."""
    run = runs.get(handle, run.id)
    plan = plans.get(handle, run.plan) if run.plan else None
    log.warning("run.failed", tenant=handle.name, feed=run.roster, run=run.id)
    if plan is not None and plan.state in plans.BEFORE[PlanState.FAILED]:
        now = office.clock()
        # Together: an import that outlived its plan would keep the lane for good.
        with handle.together() as tx:
            plan = plans.advance(tx, plan.id, PlanState.FAILED, reason=reason, now=now)
            is_begun = _let_go(tx, plan, reason, now)
        if is_begun:
            return Then.MORE
    return await _end(office, handle, run, plan, outcome, reason)


def _let_go(handle: TenantStore, plan: Plan, reason: str, now: datetime) -> bool:
    """Free the lane of imports nobody follows any more; whether Canvas may have any of the plan."""
    for sent in sis_imports.of_plan(handle, plan.id):
        if sent.state not in sis_imports.SETTLED:
            sis_imports.lost(handle, plan.id, sent.ordinal, reason=reason, now=now)
    sent_at_all = {sis_imports.ImportState.FINISHED, sis_imports.ImportState.LOST}
    return any(sent.state in sent_at_all for sent in sis_imports.of_plan(handle, plan.id))
