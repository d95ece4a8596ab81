"""Approve or discard a plan: a person's word about one digest, and what follows from it."""

from datetime import datetime

from rosterway.errors import ConflictError, NotFoundError
from rosterway.runs.office import APPLICATION_VERSION
from rosterway.runs.road import DELIVER, ROSTER
from rosterway.store import approvals, baselines, plans, runs, tenants
from rosterway.store.approvals import Approval, Verdict
from rosterway.store.plans import PlanState
from rosterway.store.runs import Run, Trigger
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore


def approve(
    handle: TenantStore, digest: str, *, operator: str, reason: str = "", now: datetime
) -> tuple[Approval, Run]:
    """Approve the plan with this digest, and ask for the run that delivers it.

    If the baseline has moved since the plan was made, the approval is refused (ConflictError) and
    the plan is made anew.
    """
    try:
        return _decide(handle, digest, Verdict.APPROVE, operator, reason, now)
    except ConflictError:
        _plan_anew(handle, plans.by_digest(handle, digest), now)
        raise


def discard(
    handle: TenantStore, digest: str, *, operator: str, reason: str = "", now: datetime
) -> tuple[Approval, Run]:
    """Discard the plan with this digest: nothing is sent, and the run asked for tells the sender."""
    return _decide(handle, digest, Verdict.DISCARD, operator, reason, now)


def holder_of(store: Store, digest: str) -> TenantStore:
    """The tenant whose plan has this digest; NotFoundError if none has."""
    for tenant in tenants.every(store):
        handle = store.tenant(tenant.name)
        try:
            plans.by_digest(handle, digest)
        except NotFoundError:
            continue
        return handle
    raise NotFoundError(
        f"There is no plan with the digest {digest}.", remedy="Look at `rosterway run list`."
    )


def _decide(
    handle: TenantStore,
    digest: str,
    verdict: Verdict,
    operator: str,
    reason: str,
    now: datetime,
) -> tuple[Approval, Run]:
    # Together: a word that is given is never without the run that follows from it.
    with handle.together() as tx:
        given = approvals.decide(tx, digest, verdict, operator=operator, reason=reason, now=now)
        plan = plans.get(tx, given.plan)
        run = runs.request(
            tx,
            kind=DELIVER,
            feed=plan.feed,
            delivery=plan.delivery,
            plan=plan.id,
            trigger=Trigger.APPROVAL,
            occasion=plan.id,
            application_version=APPLICATION_VERSION,
            now=now,
        )
    return given, run


def _plan_anew(handle: TenantStore, plan: plans.Plan, now: datetime) -> None:
    """A waiting plan whose baseline has moved shows what is no longer so."""
    moved = baselines.generation(handle, plan.feed) != plan.baseline_generation
    if plan.state is not PlanState.WAITING or not moved or plan.delivery is None:
        return
    plans.advance(handle, plan.id, PlanState.SUPERSEDED, reason="the baseline has moved", now=now)
    runs.request(
        handle,
        kind=ROSTER,
        feed=plan.feed,
        delivery=plan.delivery,
        trigger=Trigger.HAND,
        occasion=f"anew:{plan.id}",
        application_version=APPLICATION_VERSION,
        now=now,
    )
