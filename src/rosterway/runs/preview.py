"""Preview limits: what a feed's old deliveries would have been held for.

Each is planned anew as it was then: against the baseline of that day, at that moment, with what the
feed's settings say of vanished rows now. Nothing is sent, and nothing is kept.
"""

import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rosterway.rostering.limits import Guard, Limits, limits_from
from rosterway.runs.calculate import calculate_plan
from rosterway.runs.jobs import DeliveredPath, LeftPath, PlanJob, Tables
from rosterway.runs.plan_delivery import headers_of, missing_of, pending_of, tables_of
from rosterway.store import baselines, deliveries, feeds, plans
from rosterway.store.feeds import Feed
from rosterway.store.plans import Decision, Plan
from rosterway.store.walls import TenantStore

#: How many plans are looked through for those of the deliveries asked for, at most.
_PLANS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """One delivery: when it was planned, what it was held for, and what it would be held for."""

    delivery: str
    planned_at: datetime
    was: tuple[str, ...]
    holds: tuple[Mapping[str, Any], ...]

    @property
    def guards(self) -> tuple[str, ...]:
        """The guards that would have held it, in their order."""
        return _guards(self.holds)

    def as_dict(self) -> dict[str, object]:
        """As the command line's JSON has it."""
        return {
            "delivery": self.delivery,
            "planned_at": self.planned_at.isoformat(),
            "was_held_by": list(self.was),
            "held_by": list(self.guards),
            "holds": [dict(hold) for hold in self.holds],
        }


async def preview(
    handle: TenantStore,
    feed: str,
    limits: Mapping[str, Any],
    *,
    last: int,
    memory: str | None = None,
) -> AsyncIterator[Previewed]:
    """A feed's last deliveries that were read, the earliest first, under these limits.

    `limits` are as in `rosterway.toml`. Raises ConfigError for limits not understood.
    """
    read = limits_from(limits)
    settings = feeds.get(handle, feed)
    for plan in _planned(handle, feed, last):
        assert plan.delivery is not None
        with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
            job = _job(handle, settings, plan, limits, Path(folder), memory)
            result = await calculate_plan(job, _unheard)
        holds = (*result.plan["holds"], *_of_that_day(plan, read, result.plan["holds"]))
        yield Previewed(
            delivery=plan.delivery,
            planned_at=plan.created_at,
            was=_guards(plan.summary["holds"]),
            holds=holds,
        )


def _planned(handle: TenantStore, feed: str, last: int) -> list[Plan]:
    """The latest plan of each delivery that could be read, the earliest first."""
    found: dict[str, Plan] = {}
    for plan in plans.latest(handle, feed=feed, limit=_PLANS):
        if plan.delivery is not None and plan.decision is not Decision.REFUSED:
            found.setdefault(plan.delivery, plan)
    return list(found.values())[:last][::-1]


def _job(
    handle: TenantStore,
    feed: Feed,
    plan: Plan,
    limits: Mapping[str, Any],
    work: Path,
    memory: str | None,
) -> PlanJob:
    assert plan.delivery is not None
    delivery = deliveries.get(handle, plan.delivery)
    number = plan.baseline_generation
    known = baselines.at(handle, feed.name, number) if number else None
    return PlanJob(
        work=str(work),
        tenant=handle.name,
        feed=feed.name,
        files=tuple(
            DeliveredPath(file.name, str(handle.blobs.local(file.sha256)))
            for file in delivery.files
        ),
        encoding=feed.config["encoding"],
        apply=feed.config["apply"],
        now=plan.created_at,
        baseline=tables_of(handle, known.tables) if known else {},
        pending=pending_of(handle, known) if known else {},
        elsewhere=_elsewhere(handle, feed.name, plan.created_at),
        vanished=feed.config["vanished"],
        limits=dict(limits),
        options={},
        left=tuple(LeftPath(one.name, one.reason) for one in delivery.left),
        unproven=delivery.unproven,
        headers=headers_of(known),
        missing=missing_of(handle, known),
        memory=memory,
    )


def _elsewhere(handle: TenantStore, feed: str, moment: datetime) -> tuple[Tables, ...]:
    """What the tenant's other feeds had confirmed at that moment."""
    then: list[Tables] = []
    for other in feeds.every(handle, retired=True):
        made = baselines.history(handle, other.name) if other.name != feed else []
        before = next((one for one in made if one.made_at <= moment), None)
        if before is not None:
            then.append(tables_of(handle, before.tables))
    return tuple(then)


def _of_that_day(
    plan: Plan, limits: Limits, holds: list[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """What only that day knew: that the run was the first after a pause or another policy."""
    guard = Guard.AFTER_PAUSE
    if not limits.is_on(guard) or guard.value in _guards(holds):
        return []
    return [hold for hold in plan.summary["holds"] if hold["guard"] == guard.value]


def _guards(holds: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    named = {hold["guard"] for hold in holds}
    return tuple(guard.value for guard in Guard if guard.value in named)


async def _unheard(_part: str) -> None:
    """Nobody follows the parts of a preview."""
