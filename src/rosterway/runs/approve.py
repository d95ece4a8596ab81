"""Approve or discard a plan: a person's word about one digest, and what follows from it."""

from contextlib import suppress
from datetime import datetime

from rosterway.errors import ConflictError, NotFoundError
from rosterway.runs.requests import has_moved, plan_anew, request_deliver
from rosterway.store import approvals, plans, tenants
from rosterway.store.approvals import Approval, Verdict
from rosterway.store.plans import PlanState
from rosterway.store.runs import Run
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
        plan = plans.by_digest(handle, digest)
        if plan.state is PlanState.WAITING and has_moved(handle, plan):
            plan_anew(handle, plan, now=now)
        raise


def discard(
    handle: TenantStore, digest: str, *, operator: str, reason: str = "", now: datetime
) -> tuple[Approval, Run]:
    """Discard the plan with this digest: nothing is sent, and the run asked for tells the sender."""
    return _decide(handle, digest, Verdict.DISCARD, operator, reason, now)


def holder_of(store: Store, digest: str) -> TenantStore:
    """The tenant whose plan has this digest.

    NotFoundError if none has, ConflictError if its beginning is that of several tenants' plans.
    """
    found: list[TenantStore] = []
    for tenant in tenants.every(store):
        handle = store.tenant(tenant.name)
        with suppress(NotFoundError):
            plans.by_digest(handle, digest)
            found.append(handle)
    if not found:
        raise NotFoundError(
            f"There is no plan with the digest {digest}.", remedy="Look at `rosterway run list`."
        )
    if len(found) > 1:
        raise ConflictError(
            f"Plans of {len(found)} tenants have a digest that begins with {digest}.",
            remedy="Give more of it.",
        )
    return found[0]


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
        return given, request_deliver(tx, plans.get(tx, given.plan), now=now)
