"""Grade plans that wait for a person: what would be sent of a course, known by a digest.

The plan itself is a file of the run that made it. Of one course at most one waits: a newer one takes
its place. A yes or no is given once, to one digest, by a named operator, and is in the audit log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store import audit
from rosterway.store.columns import choice, instant, json, refers, tenant_table, text
from rosterway.store.ids import derived
from rosterway.store.plans import SHORTEST_DIGEST
from rosterway.store.walls import Condition, TenantStore


class GradePlanState(StrEnum):
    """How far a grade plan has come."""

    WAITING = "waiting"
    APPROVED = "approved"
    CARRIED_OUT = "carried-out"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"


#: From which states each state can be reached.
BEFORE: dict[GradePlanState, frozenset[GradePlanState]] = {
    GradePlanState.APPROVED: frozenset({GradePlanState.WAITING}),
    GradePlanState.CARRIED_OUT: frozenset({GradePlanState.APPROVED}),
    GradePlanState.DISCARDED: frozenset({GradePlanState.WAITING}),
    GradePlanState.SUPERSEDED: frozenset({GradePlanState.WAITING, GradePlanState.APPROVED}),
}

GRADE_PLANS = tenant_table(
    "grade_plans",
    text("id"),
    text("digest"),
    text("course"),
    text("run"),
    json("summary", dict[str, Any]),
    instant("created_at"),
    choice("state", GradePlanState),
    instant("state_at"),
    text("decided_by", null=True),
    text("reason"),
    refers(("run",), "runs", ("id",)),
    key=("id",),
)
Index(None, GRADE_PLANS.c.tenant, GRADE_PLANS.c.course, GRADE_PLANS.c.created_at)
Index(None, GRADE_PLANS.c.tenant, GRADE_PLANS.c.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradePlan:
    """A grade plan; `run` made it and has it as a file, `summary` says in numbers what it does."""

    tenant: str
    id: str
    digest: str
    course: str
    run: str
    summary: Mapping[str, Any]
    created_at: datetime
    state: GradePlanState
    state_at: datetime
    decided_by: str | None
    reason: str


def record(
    handle: TenantStore,
    *,
    digest: str,
    course: str,
    run: str,
    summary: Mapping[str, Any],
    now: datetime,
) -> GradePlan:
    """Keep that a plan waits; again, and it is the same. Another that waits for the course yields."""
    plan = derived("grades", handle.name, run, digest)
    table = GRADE_PLANS.c
    with handle.together() as tx, tx.writing() as seen:
        if seen.count(GRADE_PLANS, table.id == plan):
            return get(tx, plan)
        seen.update(
            GRADE_PLANS,
            table.course == course,
            table.state == GradePlanState.WAITING,
            state=GradePlanState.SUPERSEDED,
            state_at=now,
            reason=f"{plan} takes its place",
        )
        seen.insert(
            GRADE_PLANS,
            id=plan,
            digest=digest,
            course=course,
            run=run,
            summary=summary,
            created_at=now,
            state=GradePlanState.WAITING,
            state_at=now,
            reason="",
        )
        return get(tx, plan)


def get(handle: TenantStore, plan: str) -> GradePlan:
    """The grade plan of this id; `NotFoundError` if there is none."""
    with handle.reading() as seen:
        found = seen.first(GradePlan, GRADE_PLANS, GRADE_PLANS.c.id == plan)
    if found is None:
        raise NotFoundError(f'there is no grade plan "{plan}"')
    return found


def by_digest(handle: TenantStore, digest: str) -> GradePlan:
    """The grade plan with this digest, the one that waits before others; its beginning is enough."""
    start, table = digest.strip().lower(), GRADE_PLANS.c
    found: list[GradePlan] = []
    if len(start) >= SHORTEST_DIGEST:
        between = (table.digest >= start) & (table.digest < start + "g")
        with handle.reading() as seen:
            order = (table.created_at.desc(), table.id)
            found = seen.find(GradePlan, GRADE_PLANS, between, order=order)
    digests = {plan.digest for plan in found}
    if not digests:
        raise NotFoundError(
            f'there is no grade plan with the digest "{digest}"',
            remedy=f"give at least its first {SHORTEST_DIGEST} characters",
        )
    if len(digests) > 1:
        raise ConflictError(
            f'{len(digests)} grade plans have a digest that begins with "{digest}"',
            remedy="give more of it",
        )
    return next((plan for plan in found if plan.state is GradePlanState.WAITING), found[0])


def latest(
    handle: TenantStore,
    *,
    course: str | None = None,
    run: str | None = None,
    state: GradePlanState | None = None,
    limit: int = 50,
) -> list[GradePlan]:
    """Grade plans that meet all of these, the latest first."""
    table = GRADE_PLANS.c
    wanted = ((table.course, course), (table.run, run), (table.state, state))
    where: list[Condition] = [column == value for column, value in wanted if value]
    order = (table.created_at.desc(), table.id.desc())
    with handle.reading() as seen:
        return seen.find(GradePlan, GRADE_PLANS, *where, order=order, limit=limit)


def decide(
    handle: TenantStore,
    plan: str,
    to: GradePlanState,
    *,
    operator: str,
    reason: str = "",
    now: datetime,
) -> GradePlan:
    """Approve or discard a grade plan that waits, and write it in the audit log.

    `ConflictError` says who was first, or what became of it.
    """
    table = GRADE_PLANS.c
    said = {"state": to, "state_at": now, "decided_by": operator, "reason": reason}
    with handle.together() as tx, tx.writing() as seen:
        known = get(tx, plan)
        if not seen.update(GRADE_PLANS, table.id == plan, table.state.in_(BEFORE[to]), **said):
            who = f"{known.decided_by} was first: " if known.decided_by else ""
            raise ConflictError(f"{who}the grade plan {known.digest[:12]} is {known.state} already")
        verb = "approve" if to is GradePlanState.APPROVED else "discard"
        audit.append(
            tx,
            actor=operator,
            act=f"grades.{verb}",
            subject=known.digest,
            now=now,
            details={"course": known.course, "run": known.run, "reason": reason},
        )
        return get(tx, plan)


def advance(
    handle: TenantStore, plan: str, to: GradePlanState, *, reason: str = "", now: datetime
) -> GradePlan:
    """Move a grade plan on by the table `BEFORE`; again to the state it has is nothing new."""
    table = GRADE_PLANS.c
    with handle.together() as tx, tx.writing() as seen:
        known = get(tx, plan)
        if known.state is to:
            return known
        said = {"state": to, "state_at": now, "reason": reason}
        if not seen.update(GRADE_PLANS, table.id == plan, table.state.in_(BEFORE[to]), **said):
            raise ConflictError(f"the grade plan {known.digest[:12]} is {known.state}, not {to}")
        return get(tx, plan)
