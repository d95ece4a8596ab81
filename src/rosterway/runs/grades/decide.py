"""A person's yes or no to a grade plan that waits: a fact in the store, and a run that carries it out."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from rosterway.errors import ConflictError, NotFoundError
from rosterway.runs.grades.requests import request_carrying_out
from rosterway.store import grade_plans, tenants
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.runs import Run
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True)
class Approved:
    """What an approval led to: the plan, and the run that carries it out."""

    plan: GradePlan
    run: Run


def approve(
    handle: TenantStore, digest: str, *, operator: str, reason: str = "", now: datetime
) -> Approved:
    """Approve the grade plan with this digest (its beginning is enough) and ask for it to be sent.

    Raises:
        NotFoundError: there is none.
        ConflictError: somebody was first, or another plan has taken its place.
    """
    with handle.together() as tx:
        plan = grade_plans.by_digest(tx, digest)
        to = GradePlanState.APPROVED
        plan = grade_plans.decide(tx, plan.id, to, operator=operator, reason=reason, now=now)
        return Approved(plan, request_carrying_out(tx, plan, by=operator, now=now))


def discard(
    handle: TenantStore, digest: str, *, operator: str, reason: str = "", now: datetime
) -> GradePlan:
    """Discard the grade plan with this digest: nothing of it is sent. Raises as `approve` does."""
    with handle.together() as tx:
        plan = grade_plans.by_digest(tx, digest)
        to = GradePlanState.DISCARDED
        return grade_plans.decide(tx, plan.id, to, operator=operator, reason=reason, now=now)


def holder_of(store: Store, digest: str) -> TenantStore:
    """The tenant whose grade plan has this digest.

    NotFoundError if none has, ConflictError if its beginning is that of several tenants' plans.
    """
    found: list[TenantStore] = []
    for tenant in tenants.every(store):
        handle = store.tenant(tenant.name)
        with suppress(NotFoundError):
            grade_plans.by_digest(handle, digest)
            found.append(handle)
    if not found:
        raise NotFoundError(
            f"There is no grade plan with the digest {digest}.",
            remedy="Look at `rosterway grades courses`.",
        )
    if len(found) > 1:
        raise ConflictError(
            f"Grade plans of {len(found)} tenants have a digest that begins with {digest}.",
            remedy="Give more of it.",
        )
    return found[0]
