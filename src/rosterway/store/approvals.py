"""Approvals: a person's yes or no to one plan, given once.

Two people who decide at the same moment cannot both succeed: the plan's state is changed by a
condition on the state it has. A yes is refused if the baseline has moved since the plan was made,
since what it would do is then no longer what was shown.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rosterway.errors import ConflictError
from rosterway.store import audit
from rosterway.store.columns import choice, instant, refers, tenant_table, text
from rosterway.store.plans import PLANS, Plan, PlanState, by_digest_in, current_baseline
from rosterway.store.walls import TenantStore, Transaction


class Verdict(StrEnum):
    """What a person says to a plan."""

    APPROVE = "approve"
    DISCARD = "discard"


_LEADS_TO = {Verdict.APPROVE: PlanState.APPROVED, Verdict.DISCARD: PlanState.DISCARDED}

APPROVALS = tenant_table(
    "approvals",
    text("plan"),
    text("digest"),
    choice("verdict", Verdict),
    text("operator"),
    text("reason"),
    instant("at"),
    refers(("plan",), "plans", ("id",)),
    key=("plan",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who said what to which plan, when and why."""

    tenant: str
    plan: str
    digest: str
    verdict: Verdict
    operator: str
    reason: str
    at: datetime


def decide(
    handle: TenantStore,
    digest: str,
    verdict: Verdict,
    *,
    operator: str,
    reason: str = "",
    now: datetime,
) -> Approval:
    """Approve or discard the plan with this digest, and write it in the audit log.

    `ConflictError` says who was first, or that the baseline has moved; `NotFoundError` that there
    is no such plan.
    """
    with handle.together() as tx, tx.writing() as seen:
        plan = by_digest_in(seen, digest)
        if verdict is Verdict.APPROVE:
            current_baseline(seen, plan)
        moved = seen.update(
            PLANS,
            PLANS.c.id == plan.id,
            PLANS.c.state == PlanState.WAITING,
            state=_LEADS_TO[verdict],
            state_at=now,
            reason=reason,
        )
        if not moved:
            raise ConflictError(_why_not(seen, plan))
        said: dict[str, Any] = {
            "plan": plan.id,
            "digest": plan.digest,
            "verdict": verdict,
            "operator": operator,
            "reason": reason,
            "at": now,
        }
        seen.insert(APPROVALS, **said)
        audit.append(
            tx,
            actor=operator,
            act=f"plan.{verdict}",
            subject=plan.digest,
            now=now,
            details={"feed": plan.feed, "run": plan.run, "reason": reason},
        )
        return Approval(tenant=handle.name, **said)


def of_plan(handle: TenantStore, plan: str) -> Approval | None:
    """What was said to this plan, or None if nobody has."""
    with handle.reading() as seen:
        return _of_plan(seen, plan)


def _of_plan(seen: Transaction, plan: str) -> Approval | None:
    return seen.first(Approval, APPROVALS, APPROVALS.c.plan == plan)


def _why_not(seen: Transaction, plan: Plan) -> str:
    earlier = _of_plan(seen, plan.id)
    if earlier:
        done = "approved" if earlier.verdict is Verdict.APPROVE else "discarded"
        return f"{earlier.operator} has {done} the plan {plan.digest[:12]} already"
    return f"the plan {plan.digest[:12]} is {plan.state}; nobody needs to decide about it"
