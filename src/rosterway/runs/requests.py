"""What asks for a run: each is a fact in the store, for which the conductor begins the work."""

from datetime import datetime

from rosterway.runs.office import APPLICATION_VERSION
from rosterway.store import baselines, plans, runs
from rosterway.store.deliveries import Delivery
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Run, Trigger
from rosterway.store.walls import TenantStore

#: Kinds of run.
PULL = "pull"  # a SIS, read into a delivery that is then planned as any other
DELTA = "delta"  # the same of what has changed in it, laid over what was read before
ROSTER = "roster"  # a delivery, planned, and sent unless it must wait
DELIVER = "deliver"  # what a person has said of a plan, carried out
COLLECT = "collect"  # somebody else's SFTP server, read into a delivery that is then planned

#: Those that read a SIS.
PULLS = frozenset({PULL, DELTA})
#: Those that bring their delivery about themselves.
FETCHES = PULLS | {COLLECT}


def request_roster(
    handle: TenantStore,
    delivery: Delivery,
    *,
    trigger: Trigger,
    occasion: str = "",
    now: datetime,
) -> Run:
    """Ask for a delivery to be planned and, if it may, sent; asking again is the same run."""
    return runs.request(
        handle,
        kind=ROSTER,
        feed=delivery.feed,
        delivery=delivery.id,
        trigger=trigger,
        occasion=occasion,
        application_version=APPLICATION_VERSION,
        now=now,
    )


def request_pull(
    handle: TenantStore,
    feed: str,
    *,
    kind: str = PULL,
    trigger: Trigger,
    occasion: str,
    now: datetime,
) -> Run:
    """Ask for what a feed is from to be read, and what it holds to be planned and, if it may, sent."""
    return runs.request(
        handle,
        kind=kind,
        feed=feed,
        trigger=trigger,
        occasion=occasion,
        application_version=APPLICATION_VERSION,
        now=now,
    )


def request_deliver(handle: TenantStore, plan: Plan, *, now: datetime) -> Run:
    """Ask for what was decided about a plan to be carried out, and for the sender to be told."""
    return runs.request(
        handle,
        kind=DELIVER,
        feed=plan.feed,
        delivery=plan.delivery,
        plan=plan.id,
        trigger=Trigger.APPROVAL,
        occasion=plan.id,
        application_version=APPLICATION_VERSION,
        now=now,
    )


def has_moved(handle: TenantStore, plan: Plan) -> bool:
    """Whether the baseline is another one by now than the plan was made against."""
    return baselines.generation(handle, plan.feed) != plan.baseline_generation


def plan_anew(handle: TenantStore, plan: Plan, *, now: datetime) -> Plan:
    """Put a plan aside that shows what is no longer so, and ask for another of its delivery."""
    with handle.together() as tx:
        moved = "the baseline has moved since this plan was made; another is made"
        aside = plans.advance(tx, plan.id, PlanState.SUPERSEDED, reason=moved, now=now)
        runs.request(
            tx,
            kind=ROSTER,
            feed=plan.feed,
            delivery=plan.delivery,
            trigger=Trigger.HAND,
            occasion=f"anew:{plan.id}",
            application_version=APPLICATION_VERSION,
            now=now,
        )
        return aside
