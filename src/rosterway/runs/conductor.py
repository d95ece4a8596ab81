"""The conductor: sees what is due in the store and sets it going.

Everything that starts a run is first a fact in the store: a delivery, an approval, a request. So a
crash between the fact and the run loses nothing, and the command line needs no server to speak to.
Deliveries of one feed are taken up one after the other, in the order they came.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import groupby

import structlog

from rosterway.runs.office import APPLICATION_VERSION, Office
from rosterway.runs.road import ROSTER
from rosterway.settings import Apply
from rosterway.store import conductor, deliveries, feeds, plans, runs
from rosterway.store.deliveries import Delivery
from rosterway.store.plans import PlanState
from rosterway.store.runs import Outcome, Run, Trigger
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: Seconds between looks at the store when nobody pokes: what the command line writes is seen then.
LOOK_EVERY = 0.5

Begin = Callable[[str, str], Awaitable[None]]


class Conductor:
    """Looks, and begins what is due, at once when `wake` is set.

    `begin(tenant, run)` hands a run to the durable engine.
    """

    def __init__(self, office: Office, begin: Begin, wake: asyncio.Event) -> None:
        self._office = office
        self._begin = begin
        self._begun: set[str] = set()
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
        unfinished = conductor.unfinished_runs(self._office.store)
        self._begun &= {run.id for run in unfinished}
        for run in unfinished:
            if run.id not in self._begun and run.tenant in self._office.settings.tenants:
                await self._begin(run.tenant, run.id)
                self._begun.add(run.id)

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

    def _is_clear(self, handle: TenantStore, delivery: Delivery) -> bool:
        """In `imports/` every delivery counts: none overtakes one that waits or has failed."""
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


def run_again(handle: TenantStore, feed: str, *, now: datetime) -> Run | None:
    """Ask for the feed's latest delivery to be planned anew; None if there never was one."""
    latest = deliveries.of_feed(handle, feed, limit=1)
    if not latest:
        return None
    return request_roster(
        handle, latest[0], trigger=Trigger.HAND, occasion=now.isoformat(), now=now
    )


def _last_run(handle: TenantStore, feed: str) -> Run | None:
    ended = [run for run in runs.latest(handle, feed=feed, limit=5) if run.ended_at is not None]
    return ended[0] if ended else None


def _feed_then_time(delivery: Delivery) -> tuple[str, datetime, str]:
    return (delivery.feed, delivery.received_at, delivery.id)


def _by_tenant(waiting: list[Delivery]) -> Iterator[tuple[str, list[Delivery]]]:
    ordered = sorted(waiting, key=lambda delivery: delivery.tenant)
    for tenant, group in groupby(ordered, key=lambda delivery: delivery.tenant):
        yield tenant, list(group)
