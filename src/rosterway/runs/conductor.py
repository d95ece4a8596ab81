"""The conductor: sees what is due in the store and sets it going.

Everything that starts a run is first a fact in the store: a delivery, an approval, a request. So a
crash between the fact and the run loses nothing, and the command line needs no server to speak to.

**Rules.** A feed has one run at a time: what is planned while another run is under way would be
planned against a baseline that is about to move. Deliveries of one feed are taken up in the order
they came. In `imports/` every delivery counts: none overtakes one that waits or has failed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import groupby

import structlog

from rosterway.errors import ConflictError
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.requests import request_roster
from rosterway.settings import Apply
from rosterway.store import conductor, deliveries, feeds, plans, runs
from rosterway.store.deliveries import Delivery
from rosterway.store.plans import PlanState
from rosterway.store.runs import Outcome, Run, Trigger
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: Seconds between looks at the store when nobody pokes: what the command line writes is seen then.
LOOK_EVERY = 0.5
#: A run that goes on for so long is shown to the engine again, should that have lost it.
BEGIN_AGAIN = timedelta(seconds=10)

Begin = Callable[[str, str], Awaitable[None]]


class Conductor:
    """Looks, and begins what is due, at once when `wake` is set.

    `begin(tenant, run)` hands a run to the durable engine; one that it has already it leaves alone.
    """

    def __init__(self, office: Office, begin: Begin, wake: asyncio.Event) -> None:
        self._office = office
        self._begin = begin
        self._begun: dict[str, datetime] = {}
        self._wake = wake

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:
                # One tenant's bad row must not stop the others for good.
                log.exception("conductor.look-failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_EVERY)
            self._wake.clear()

    async def look(self) -> None:
        """Begin every run that is due."""
        for tenant, waiting in _by_tenant(conductor.deliveries_without_run(self._office.store)):
            if tenant in self._office.settings.tenants:
                self._take_up(self._office.store.tenant(tenant), waiting)
        first = _first_of_each_feed(conductor.unfinished_runs(self._office.store))
        now = self._office.clock()
        again = BEGIN_AGAIN * self._office.patience.scale
        self._begun = {run.id: self._begun[run.id] for run in first if run.id in self._begun}
        for run in first:
            begun = self._begun.get(run.id)
            is_due = begun is None or now - begun >= again
            if is_due and run.tenant in self._office.settings.tenants:
                await self._begin(run.tenant, run.id)
                self._begun[run.id] = now

    def _take_up(self, handle: TenantStore, waiting: list[Delivery]) -> None:
        named = self._office.tenant(handle.name).feeds
        for name, of_feed in groupby(sorted(waiting, key=_feed_then_time), key=lambda d: d.feed):
            feed = named.get(name)
            if feed is None or not feeds.get(handle, name).runs:
                continue
            delivery = next(iter(of_feed))
            if runs.latest(handle, feed=name, unfinished=True, limit=1):
                continue
            if feed.apply is Apply.IMPORTS and not self._is_clear(handle, delivery):
                continue
            request_roster(handle, delivery, trigger=Trigger.SEALED, now=self._office.clock())
            passing(Moment.RUN_REQUESTED)

    def _is_clear(self, handle: TenantStore, delivery: Delivery) -> bool:
        """Whether no earlier delivery of the feed waits or has failed; one that has is tried again."""
        if plans.latest(handle, feed=delivery.feed, state=PlanState.WAITING, limit=1):
            return False
        last = _last_run(handle, delivery.feed)
        failed = last is not None and last.outcome in {Outcome.FAILED, Outcome.CRASHED}
        if last is None or not failed or last.delivery is None:
            return True
        again = request_roster(
            handle,
            deliveries.get(handle, last.delivery),
            trigger=Trigger.SEALED,
            occasion=f"before:{delivery.id}",
            now=self._office.clock(),
        )
        return again.ended_at is not None and again.outcome not in {
            Outcome.FAILED,
            Outcome.CRASHED,
        }


def run_again(handle: TenantStore, feed: str, *, now: datetime) -> Run | None:
    """Ask for the newest delivery the feed has taken up to be planned anew; None if there is none.

    Deliveries that are still to be taken up are not overtaken. A run that goes on is answered as it
    is. Raises NotFoundError for an unknown feed, ConflictError for one that is paused or retired.
    """
    kept = feeds.get(handle, feed)
    if kept.retired_at is not None:
        raise ConflictError(
            f"The configuration does not name the feed {feed} any more.", remedy="Put it back."
        )
    if kept.paused_at is not None:
        raise ConflictError(
            f"{kept.paused_by} has paused {feed}.", remedy=f"Run `rosterway feed resume {feed}`."
        )
    known = runs.latest(handle, feed=feed)
    if known and known[0].ended_at is None:
        return known[0]
    taken = {run.delivery for run in known if run.delivery is not None}
    if taken:
        newest = max((deliveries.get(handle, one) for one in taken), key=lambda d: d.received_at)
        return request_roster(
            handle, newest, trigger=Trigger.HAND, occasion=now.isoformat(), now=now
        )
    waiting = deliveries.of_feed(handle, feed, limit=1_000)
    if not waiting:
        return None
    return request_roster(handle, waiting[-1], trigger=Trigger.SEALED, now=now)


def _last_run(handle: TenantStore, feed: str) -> Run | None:
    ended = [run for run in runs.latest(handle, feed=feed, limit=5) if run.ended_at is not None]
    return ended[0] if ended else None


def _first_of_each_feed(unfinished: Iterable[Run]) -> list[Run]:
    """The run of each feed that was asked for first."""
    first: dict[tuple[str, str], Run] = {}
    for run in unfinished:
        first.setdefault((run.tenant, run.feed), run)
    return list(first.values())


def _feed_then_time(delivery: Delivery) -> tuple[str, datetime, str]:
    return (delivery.feed, delivery.received_at, delivery.id)


def _by_tenant(waiting: list[Delivery]) -> Iterator[tuple[str, list[Delivery]]]:
    ordered = sorted(waiting, key=lambda delivery: delivery.tenant)
    for tenant, group in groupby(ordered, key=lambda delivery: delivery.tenant):
        yield tenant, list(group)
