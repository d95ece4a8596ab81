"""Alarms: a feed that has brought nothing for too long, and one whose counts leave their usual band.

Nothing of such a feed has failed, so nobody would look. An alarm is raised once, stays while it lasts
and is cleared when it is over; it changes nothing of what a feed does. Telling people who are not
looking is left to others, who read it in the store and in the log.

The usual band of a table is from the fewest to the most rows it had in the last confirmed deliveries,
widened by a share; so a count that a person has let pass is usual from then on.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from rosterway.runs.blackouts import blackout_at, next_open_moment, open_time
from rosterway.runs.office import Office
from rosterway.settings import Apply, Feed, Tenant
from rosterway.settings.plain import duration_text
from rosterway.store import alarms, collected, deliveries, feeds, plans
from rosterway.store.alarms import AlarmKind
from rosterway.store.plans import Plan, PlanState
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: How often is looked.
_EVERY = timedelta(minutes=1)
#: What a feed may take from its moment to its delivery, and the least silence that is one.
_SLACK, _LEAST = timedelta(hours=1), timedelta(hours=26)
#: So many confirmed deliveries are what is usual, and with fewer than these nothing is.
_USUAL, _FEWEST = 10, 3
#: Fewer rows than these more or less are nothing, whatever their share.
_ROWS = 20
#: The share by which counts may leave their band where the files are the whole truth.
_SHARE = 0.3
_CONFIRMED = {PlanState.DELIVERED, PlanState.NOTHING}
#: Plans that say nothing of what came last: a person has seen to it, or it could not be read.
_ASIDE = {PlanState.SUPERSEDED, PlanState.DISCARDED, PlanState.REFUSED}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a feed, `about` one of its tables or all of it (blank)."""

    kind: AlarmKind
    about: str
    reason: str
    remedy: str


class Alarms:
    """Of all tenants, looked at once a minute."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._next: datetime | None = None
        #: By tenant and feed: the newest plan at the last look, and what was unusual of it.
        self._counts: dict[tuple[str, str], tuple[Plan, list[Wrong]]] = {}

    def look(self) -> None:
        """Raise what is to be raised, and clear what is over."""
        now = self._office.clock()
        if self._next is not None and now < self._next:
            return
        self._next = now + _EVERY
        for tenant in self._office.settings.tenants.values():
            handle = self._office.store.tenant(tenant.key)
            found = {
                (name, one.kind, one.about): one
                for name, feed in tenant.feeds.items()
                for one in self._wrong(handle, tenant, feed, now)
            }
            for (name, kind, about), one in found.items():
                if alarms.raise_alarm(
                    handle, name, kind, about, reason=one.reason, remedy=one.remedy, now=now
                ):
                    told = {"tenant": tenant.key, "feed": name, "kind": kind.value}
                    log.warning("alarm.raised", **told, about=about)
            for alarm in alarms.lasting(handle):
                if (alarm.feed, alarm.kind, alarm.about) not in found:
                    alarms.clear(handle, alarm, now=now)
                    told = {"tenant": tenant.key, "feed": alarm.feed, "kind": alarm.kind.value}
                    log.info("alarm.cleared", **told, about=alarm.about)

    def _wrong(
        self, handle: TenantStore, tenant: Tenant, feed: Feed, now: datetime
    ) -> Iterator[Wrong]:
        kept = feeds.get(handle, feed.name)
        if not kept.runs:
            return
        since = _last_sign(handle, kept)
        if (silence := silent_for(tenant, feed, since, now)) is not None:
            yield Wrong(AlarmKind.SILENT, "", *_silence_told(tenant, feed, since, silence))
        yield from self._unusual(handle, feed)

    def _unusual(self, handle: TenantStore, feed: Feed) -> list[Wrong]:
        """What `unusual` finds; plans are large, so it is asked only when there is news."""
        place = (handle.name, feed.name)
        newest = next(iter(plans.latest(handle, feed=feed.name, limit=1)), None)
        if newest is None:
            return []
        before = self._counts.get(place)
        if before is None or (before[0].id, before[0].state) != (newest.id, newest.state):
            found = list(unusual(feed, plans.latest(handle, feed=feed.name)))
            self._counts[place] = before = (newest, found)
        return before[1]


def _last_sign(handle: TenantStore, kept: feeds.Feed) -> datetime:
    """When something last came, or the feed was resumed; when it was named if nothing ever has."""
    signs = [one.received_at for one in deliveries.of_feed(handle, kept.name, limit=1)]
    signs += [one.taken_at for one in collected.of_feed(handle, kept.name)]
    if not signs:
        signs.append(kept.applied_at)
    if kept.resumed_at is not None:
        signs.append(kept.resumed_at)
    return max(signs)


def silent_for(tenant: Tenant, feed: Feed, since: datetime, now: datetime) -> timedelta | None:
    """How long a feed has been silent, if that is too long; days of blackout are no silence."""
    silence = open_time(tenant, feed, since, now)
    if blackout_at(tenant, feed, now):
        return None
    if feed.alarm.silent is not None:
        return silence if feed.alarm.silent and silence > feed.alarm.silent else None
    if feed.schedule is None or silence <= _LEAST:
        return None
    moment: datetime | None = since
    for _ in range(2):
        moment = moment and next_open_moment(feed.schedule, tenant, feed, moment)
    return silence if moment is not None and now > moment + _SLACK else None


def _silence_told(
    tenant: Tenant, feed: Feed, since: datetime, silence: timedelta
) -> tuple[str, str]:
    hours = timedelta(hours=silence // timedelta(hours=1))
    last = f"{since.astimezone(tenant.time_zone):%Y-%m-%d %H:%M %Z}"
    expected = (
        f"at least every {duration_text(feed.alarm.silent)}"
        if feed.alarm.silent
        else "at the moments of its schedule"
    )
    reason = (
        f"{feed.name} has brought nothing for {duration_text(hours)}, since {last}; it is expected"
        f" {expected}."
    )
    if feed.source in tenant.sftp_connections:
        return reason, f"Run `rosterway connection test {feed.source}`, and ask who writes there."
    if feed.source in tenant.connections:
        return reason, f"See how its last runs ended: `rosterway run list --feed {feed.name}`."
    return reason, "Ask the sender whether the export runs, and whether its upload still signs in."


def unusual(feed: Feed, known: Sequence[Plan]) -> Iterator[Wrong]:
    """Tables of the newest plan whose counts are not as in those confirmed before, by name."""
    share = feed.alarm.counts
    if share is None:
        share = 0.0 if feed.apply is Apply.IMPORTS else _SHARE
    said = [plan for plan in known if plan.state not in _ASIDE]
    if not share or not said:
        return
    newest = said[0]
    usual = _usual(plan for plan in said[1:] if plan.delivery != newest.delivery)
    if len(usual) < _FEWEST:
        return
    rows = _rows(newest)
    for table in sorted({name for one in usual for name in one} | rows.keys()):
        before = [one.get(table, 0) for one in usual]
        least, most, now = min(before), max(before), rows.get(table, 0)
        beyond = max(least - now, now - most)
        if beyond >= _ROWS and not least * (1 - share) <= now <= most * (1 + share):
            yield Wrong(AlarmKind.COUNTS, table, *_count_told(feed, newest, table, now, before))


def _usual(confirmed: Iterator[Plan]) -> list[Mapping[str, int]]:
    """The rows of the last confirmed deliveries, one plan of each."""
    found: dict[str | None, Mapping[str, int]] = {}
    for plan in confirmed:
        if plan.state in _CONFIRMED and len(found) < _USUAL:
            found.setdefault(plan.delivery, _rows(plan))
    return list(found.values())


def _rows(plan: Plan) -> Mapping[str, int]:
    """How many rows each table had that a plan was made of."""
    tables: Mapping[str, Mapping[str, Any]] = plan.summary.get("tables", {})
    return {
        name: sum(int(counts.get(part, 0)) for part in ("create", "update", "unchanged"))
        for name, counts in tables.items()
    }


def _count_told(feed: Feed, plan: Plan, table: str, now: int, before: list[int]) -> tuple[str, str]:
    least, most = min(before), max(before)
    usual = f"{least:,}" if least == most else f"{least:,} to {most:,}"
    reason = (
        f"{table} of {feed.name} came with {now:,} rows; the last {len(before)} confirmed deliveries"
        f" had {usual}."
    )
    return reason, (
        f"See what that changes (`rosterway plan show {plan.digest[:12]}`), and ask the sender"
        " whether it is meant."
    )
