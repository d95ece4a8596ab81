"""The conductor: sees what is due in the store and sets it going.

Everything that starts a run is first a fact in the store: a delivery, an approval, a request. So a
crash between the fact and the run loses nothing, and the command line needs no server to speak to.

**Rules.** A feed has one run at a time, and so has a course: what is planned while another run is
under way would be planned against what is about to move. Deliveries of one feed are taken up in the
order they came. In `imports/` every delivery counts: none overtakes one that waits or has failed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby

import structlog

from rosterway.errors import ConflictError
from rosterway.runs.alarms import Alarms
from rosterway.runs.blackouts import blackout_at, latest_open_moment, next_open_moment
from rosterway.runs.exports.due import Exports
from rosterway.runs.grades.rounds import Rounds
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.requests import COLLECT, DELTA, PULL, request_pull, request_roster
from rosterway.settings import GATEWAY, Apply, Feed, Tenant
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
        self._next: dict[tuple[str, str, str], datetime] = {}
        self._rounds = Rounds(office)
        self._exports = Exports(office)
        self._alarms = Alarms(office)

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
        self._pull_what_is_due()
        self._rounds.ask()
        self._exports.ask()
        self._alarms.look()
        unfinished = conductor.unfinished_runs(self._office.store)
        first = _first_of_each(self._rounds.allowed(unfinished))
        now = self._office.clock()
        again = BEGIN_AGAIN * self._office.patience.scale
        self._begun = {run.id: self._begun[run.id] for run in first if run.id in self._begun}
        for run in first:
            begun = self._begun.get(run.id)
            is_due = begun is None or now - begun >= again
            if is_due and run.tenant in self._office.settings.tenants:
                await self._begin(run.tenant, run.id)
                self._begun[run.id] = now

    def _pull_what_is_due(self) -> None:
        """Ask for what is to be fetched now; of several moments that were missed, for one."""
        now = self._office.clock()
        for tenant in self._office.settings.tenants.values():
            for feed in tenant.feeds.values():
                if feed.source == GATEWAY:
                    continue
                # The whole first: a delta that is due as well has nothing to add to it.
                for kind, schedule in ((_kind(tenant, feed), feed.schedule), (DELTA, feed.delta)):
                    place = (tenant.key, feed.name, kind)
                    if schedule is None or now < self._next.get(place, now):
                        continue
                    if self._pull_if_due(tenant, feed, kind, schedule, now):
                        following = next_open_moment(schedule, tenant, feed, now)
                        self._next[place] = following or datetime.max.replace(tzinfo=UTC)

    def _pull_if_due(
        self, tenant: Tenant, feed: Feed, kind: str, schedule: str, now: datetime
    ) -> bool:
        """Whether there is nothing more to see to until the next moment."""
        handle = self._office.store.tenant(tenant.key)
        kept = feeds.get(handle, feed.name)
        if not kept.runs or runs.latest(handle, feed=feed.name, unfinished=True, limit=1):
            return False  # looked at again, until it runs again or has ended
        moment = latest_open_moment(schedule, tenant, feed, now)
        if moment is None or blackout_at(tenant, feed, now):
            return True
        since = [_asked_at(handle, feed.name, kind) or kept.applied_at, kept.resumed_at]
        if moment <= max(one for one in since if one is not None):
            return True
        if kind == DELTA and plans.latest(handle, feed=feed.name, state=PlanState.WAITING, limit=1):
            # A person looks at what the whole pull brought; each delta would make it another plan.
            return True
        occasion = moment.isoformat()
        is_part = kind == COLLECT and feed.apply is Apply.IMPORTS
        if is_part and not self._is_clear(handle, feed.name, occasion):
            return False
        request_pull(
            handle, feed.name, kind=kind, trigger=Trigger.SCHEDULE, occasion=occasion, now=now
        )
        passing(Moment.RUN_REQUESTED)
        return True

    def _is_due(self, handle: TenantStore, feed: Feed, delivery: Delivery) -> bool:
        """Whether a delivery has waited for its feed's schedule, and for the end of a blackout."""
        tenant, now = self._office.tenant(handle.name), self._office.clock()
        if blackout_at(tenant, feed, now):
            return False
        if feed.schedule is None:
            return True
        moment = latest_open_moment(feed.schedule, tenant, feed, now)
        return moment is not None and moment >= delivery.sealed_at

    def _take_up(self, handle: TenantStore, waiting: list[Delivery]) -> None:
        named = self._office.tenant(handle.name).feeds
        for name, of_feed in groupby(sorted(waiting, key=_feed_then_time), key=lambda d: d.feed):
            feed = named.get(name)
            if feed is None or not feeds.get(handle, name).runs:
                continue
            delivery = next(iter(of_feed))
            if runs.latest(handle, feed=name, unfinished=True, limit=1):
                continue
            if not self._is_due(handle, feed, delivery):
                continue
            if feed.apply is Apply.IMPORTS and not self._is_clear(handle, name, delivery.id):
                continue
            trigger = Trigger.SCHEDULE if feed.schedule else Trigger.SEALED
            request_roster(handle, delivery, trigger=trigger, now=self._office.clock())
            passing(Moment.RUN_REQUESTED)

    def _is_clear(self, handle: TenantStore, feed: str, before: str) -> bool:
        """Whether no earlier delivery of the feed waits or has failed; one that has is tried again.

        `before` names what is to come after it.
        """
        if plans.latest(handle, feed=feed, state=PlanState.WAITING, limit=1):
            return False
        last = _last_run(handle, feed)
        failed = last is not None and last.outcome in {Outcome.FAILED, Outcome.CRASHED}
        if last is None or not failed or last.delivery is None:
            return True
        again = request_roster(
            handle,
            deliveries.get(handle, last.delivery),
            trigger=Trigger.SEALED,
            occasion=f"before:{before}",
            now=self._office.clock(),
        )
        return again.ended_at is not None and again.outcome not in {
            Outcome.FAILED,
            Outcome.CRASHED,
        }


def _kind(tenant: Tenant, feed: Feed) -> str:
    """What a feed from a connection is fetched by."""
    return COLLECT if feed.source in tenant.sftp_connections else PULL


def _asked_at(handle: TenantStore, feed: str, kind: str) -> datetime | None:
    """When a feed's latest run was asked for that spares one of this kind."""
    wanted = None if kind == DELTA else kind
    last = next(iter(runs.latest(handle, feed=feed, kind=wanted, limit=1)), None)
    return None if last is None else last.requested_at


def run_again(handle: TenantStore, feed: str, *, now: datetime) -> Run | None:
    """Ask for a feed to be run now; None if there is nothing to run.

    From a connection, the SIS or the server is read. Else a delivery that waits for the feed's schedule is taken
    up, or if there is none the newest one that was is planned anew. Deliveries that are still to be
    taken up are not overtaken. A run that goes on is answered as it
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
    if kept.config.get("source") != GATEWAY:
        kind = COLLECT if kept.collects else PULL
        occasion = now.isoformat()
        return request_pull(
            handle, feed, kind=kind, trigger=Trigger.HAND, occasion=occasion, now=now
        )
    if kept.config.get("schedule") and (waits := _waiting_for_schedule(handle, kept)):
        return request_roster(handle, waits, trigger=Trigger.HAND, now=now)
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


def _waiting_for_schedule(handle: TenantStore, feed: feeds.Feed) -> Delivery | None:
    """The delivery to take up first: in `diffing` the newest is the truth, in `imports` all count."""
    found = [
        one
        for one in deliveries.of_feed(handle, feed.name)
        if not runs.latest(handle, delivery=one.id, limit=1)
    ]
    if not found:
        return None
    return found[-1] if feed.config.get("apply") == Apply.IMPORTS else found[0]


def _last_run(handle: TenantStore, feed: str) -> Run | None:
    ended = [run for run in runs.latest(handle, feed=feed, limit=5) if run.ended_at is not None]
    return ended[0] if ended else None


def _first_of_each(unfinished: Iterable[Run]) -> list[Run]:
    """The run of each feed, and of each course, that was asked for first."""
    first: dict[tuple[str, str], Run] = {}
    for run in unfinished:
        first.setdefault((run.tenant, run.subject), run)
    return list(first.values())


def _feed_then_time(delivery: Delivery) -> tuple[str, datetime, str]:
    return (delivery.feed, delivery.received_at, delivery.id)


def _by_tenant(waiting: list[Delivery]) -> Iterator[tuple[str, list[Delivery]]]:
    ordered = sorted(waiting, key=lambda delivery: delivery.tenant)
    for tenant, group in groupby(ordered, key=lambda delivery: delivery.tenant):
        yield tenant, list(group)
