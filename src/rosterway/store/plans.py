"""Plans: what would be sent, known by a digest, and how far each has come.

A plan is made by one run, against one generation of the feed's baseline. The same digest can come
back on another day (a change, its reversal, and the change again), so plans have ids of their own;
what people say is the digest, and it means the latest plan that has it. Two plans with one digest
are never open at the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index

from rosterway.errors import ConflictError, NotFoundError
from rosterway.rostering.plan import Decision
from rosterway.store import baselines
from rosterway.store.columns import choice, instant, json, number, refers, tenant_table, text
from rosterway.store.ids import derived
from rosterway.store.walls import TenantStore, Transaction


class PlanState(StrEnum):
    """How far a plan has come."""

    WAITING = "waiting"  # for a person
    READY = "ready"  # may go without one
    APPROVED = "approved"
    DELIVERING = "delivering"
    DELIVERED = "delivered"
    FAILED = "failed"
    DISCARDED = "discarded"
    SUPERSEDED = "superseded"
    NOTHING = "nothing"
    REFUSED = "refused"


#: From which states each state can be reached. A state that is missing is only ever the first.
BEFORE: dict[PlanState, frozenset[PlanState]] = {
    PlanState.APPROVED: frozenset({PlanState.WAITING}),
    PlanState.DISCARDED: frozenset({PlanState.WAITING, PlanState.READY, PlanState.APPROVED}),
    PlanState.SUPERSEDED: frozenset({PlanState.WAITING, PlanState.READY, PlanState.APPROVED}),
    PlanState.DELIVERING: frozenset({PlanState.READY, PlanState.APPROVED, PlanState.FAILED}),
    PlanState.DELIVERED: frozenset({PlanState.DELIVERING}),
    PlanState.FAILED: frozenset({PlanState.READY, PlanState.APPROVED, PlanState.DELIVERING}),
}

#: States in which a plan may still be sent.
OPEN = (PlanState.WAITING, PlanState.READY, PlanState.APPROVED, PlanState.DELIVERING)

#: Fewer characters of a digest than this name no plan.
SHORTEST_DIGEST = 8

PLANS = tenant_table(
    "plans",
    text("id"),
    text("digest"),
    text("feed"),
    text("run"),
    text("delivery", null=True),
    number("baseline_generation"),
    choice("decision", Decision),
    json("summary", dict[str, Any]),
    json("artifacts", dict[str, str]),
    instant("created_at"),
    choice("state", PlanState),
    instant("state_at"),
    text("reason"),
    refers(("feed",), "feeds", ("name",)),
    refers(("run",), "runs", ("id",)),
    refers(("delivery",), "deliveries", ("id",)),
    key=("id",),
)
Index(None, PLANS.c.tenant, PLANS.c.feed, PLANS.c.created_at)
Index(None, PLANS.c.tenant, PLANS.c.digest, PLANS.c.created_at)
Index(
    "ux_plans_open_digest",
    PLANS.c.tenant,
    PLANS.c.digest,
    unique=True,
    sqlite_where=PLANS.c.state.in_(OPEN),
    postgresql_where=PLANS.c.state.in_(OPEN),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan; `artifacts` are its files by name, as blob digests; `reason` is why this state."""

    tenant: str
    id: str
    digest: str
    feed: str
    run: str
    delivery: str | None
    baseline_generation: int
    decision: Decision
    summary: Mapping[str, Any]
    artifacts: Mapping[str, str]
    created_at: datetime
    state: PlanState
    state_at: datetime
    reason: str


def record(
    handle: TenantStore,
    *,
    digest: str,
    feed: str,
    run: str,
    delivery: str | None,
    baseline_generation: int,
    decision: Decision,
    asks: bool,
    summary: Mapping[str, Any],
    artifacts: Mapping[str, str],
    now: datetime,
) -> Plan:
    """Keep the plan a run has made; again, and it is the same plan, whatever became of it.

    `asks` says that a person must see a plan even if the guards let it go. A plan with the same
    digest that still waits is superseded by this one; if it is being delivered: `ConflictError`.
    """
    plan = derived("plan", handle.name, run, digest)
    state = _first_state(decision, asks=asks)
    table = PLANS.c
    with handle.together() as tx, tx.writing() as seen:
        if seen.first(Plan, PLANS, table.id == plan) is None:
            seen.update(
                PLANS,
                table.digest == digest,
                table.state.in_(BEFORE[PlanState.SUPERSEDED]),
                state=PlanState.SUPERSEDED,
                state_at=now,
                reason=f"the same plan was made again by {run}",
            )
            seen.insert(
                PLANS,
                id=plan,
                digest=digest,
                feed=feed,
                run=run,
                delivery=delivery,
                baseline_generation=baseline_generation,
                decision=decision,
                summary=summary,
                artifacts=artifacts,
                created_at=now,
                state=state,
                state_at=now,
                reason="",
            )
        return get(tx, plan)


def get(handle: TenantStore, plan: str) -> Plan:
    """The plan of this id; `NotFoundError` if there is none."""
    with handle.reading() as seen:
        found = seen.first(Plan, PLANS, PLANS.c.id == plan)
    if found is None:
        raise NotFoundError(f'there is no plan "{plan}"')
    return found


def by_digest(handle: TenantStore, digest: str) -> Plan:
    """The latest plan with this digest; its beginning is enough where no other begins so."""
    with handle.reading() as seen:
        return by_digest_in(seen, digest)


def by_digest_in(seen: Transaction, digest: str) -> Plan:
    """The same, within a transaction."""
    start = digest.strip().lower()
    table = PLANS.c
    found: list[Plan] = []
    if len(start) >= SHORTEST_DIGEST:
        # "g" follows every digit of a hexadecimal digest
        between = (table.digest >= start) & (table.digest < start + "g")
        order = (table.created_at.desc(), table.id)
        found = seen.find(Plan, PLANS, between, order=order)
    digests = {plan.digest for plan in found}
    if not digests:
        raise NotFoundError(
            f'there is no plan with the digest "{digest}"',
            remedy=f"give at least its first {SHORTEST_DIGEST} characters",
        )
    if len(digests) > 1:
        raise ConflictError(
            f'{len(digests)} plans have a digest that begins with "{digest}"',
            remedy="give more of it",
        )
    return next((plan for plan in found if plan.state in OPEN), found[0])


def latest(
    handle: TenantStore,
    *,
    feed: str | None = None,
    state: PlanState | None = None,
    before: Plan | None = None,
    limit: int = 50,
) -> list[Plan]:
    """Plans, the latest first; `before` one of them gives the next page."""
    table = PLANS.c
    wanted = ((table.feed, feed), (table.state, state))
    where = [column == value for column, value in wanted if value]
    if before is not None:
        earlier = table.created_at < before.created_at
        where.append(earlier | ((table.created_at == before.created_at) & (table.id < before.id)))
    order = (table.created_at.desc(), table.id.desc())
    with handle.reading() as seen:
        return seen.find(Plan, PLANS, *where, order=order, limit=limit)


def advance(
    handle: TenantStore, plan: str, to: PlanState, *, reason: str = "", now: datetime
) -> Plan:
    """Move a plan on by the table `BEFORE`; again to the state it has is nothing new.

    `ConflictError` if it cannot come there from where it is, or is to be delivered although the
    feed's baseline has moved since it was made.
    """
    with handle.together() as tx, tx.writing() as seen:
        table = PLANS.c
        known = get(tx, plan)
        if known.state is to:
            return known
        if to is PlanState.DELIVERING:
            current_baseline(seen, known)
        said = {"state": to, "state_at": now, "reason": reason}
        if not seen.update(PLANS, table.id == plan, table.state.in_(BEFORE.get(to, ())), **said):
            raise ConflictError(f"the plan {known.digest[:12]} is {known.state}, and not {to}")
        return get(tx, plan)


def supersede(handle: TenantStore, feed: str, *, by: str, now: datetime) -> list[Plan]:
    """Supersede every plan of the feed that waits, but the plan `by`; those it struck."""
    table = PLANS.c
    struck = (table.feed == feed, table.id != by, table.state.in_(BEFORE[PlanState.SUPERSEDED]))
    said = {"state": PlanState.SUPERSEDED, "state_at": now, "reason": f"{by} takes its place"}
    with handle.together() as tx, tx.writing() as seen:
        waiting = seen.find(Plan, PLANS, *struck, order=(table.created_at, table.id))
        seen.update(PLANS, *struck, **said)
        return [get(tx, plan.id) for plan in waiting]


def current_baseline(seen: Transaction, plan: Plan) -> None:
    """`ConflictError` if the feed's baseline has moved since the plan was made."""
    now_at = baselines.generation_in(seen, plan.feed)
    if now_at != plan.baseline_generation:
        raise ConflictError(
            f"since the plan {plan.digest[:12]} was made, the baseline of {plan.feed} has moved "
            f"from generation {plan.baseline_generation} to {now_at}",
            remedy="the plan is made anew; look at the new one",
        )


def _first_state(decision: Decision, *, asks: bool) -> PlanState:
    match decision:
        case Decision.GO:
            return PlanState.WAITING if asks else PlanState.READY
        case Decision.HOLD:
            return PlanState.WAITING
        case Decision.NOTHING:
            return PlanState.NOTHING
        case Decision.REFUSED:
            return PlanState.REFUSED
