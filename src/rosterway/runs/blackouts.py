"""Blackouts: days on which a feed does not run by itself, by the tenant's calendar.

A moment of a schedule that falls on one is passed over, not made up for. What arrives on one waits
for the day after. By hand everything runs as always.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rosterway.runs.schedules import latest_moment, next_moment
from rosterway.settings import Days, Feed, Tenant

_SECOND = timedelta(seconds=1)
#: Blackouts that follow on each other are looked through so far; then there is no moment at all.
_MOST = 400


def blackout_at(tenant: Tenant, feed: Feed, moment: datetime) -> Days | None:
    """The blackout a moment falls into: of the feed or of its whole tenant."""
    day = moment.astimezone(tenant.time_zone).date()
    return next((days for days in _of(tenant, feed) if day in days), None)


def latest_open_moment(schedule: str, tenant: Tenant, feed: Feed, now: datetime) -> datetime | None:
    """The last moment of a schedule that is not after `now` and in no blackout, in UTC."""
    moment = now
    for _ in range(_MOST):
        moment = latest_moment(schedule, tenant.time_zone, moment)
        days = blackout_at(tenant, feed, moment)
        if days is None:
            return moment
        moment = _start(days, tenant.time_zone) - _SECOND
    return None


def next_open_moment(schedule: str, tenant: Tenant, feed: Feed, now: datetime) -> datetime | None:
    """The first moment of a schedule after `now` that is in no blackout, in UTC."""
    moment = now
    for _ in range(_MOST):
        moment = next_moment(schedule, tenant.time_zone, moment)
        days = blackout_at(tenant, feed, moment)
        if days is None:
            return moment
        moment = end_of(days, tenant.time_zone) - _SECOND
    return None


def next_blackout(tenant: Tenant, feed: Feed, now: datetime) -> Days | None:
    """The blackout that lasts, or else the one that comes next."""
    return next_of(_of(tenant, feed), now.astimezone(tenant.time_zone).date())


def next_of(blackouts: Iterable[Days], today: date) -> Days | None:
    """Of these blackouts the one that lasts today, or else the next; None if all are over."""
    ahead = [days for days in blackouts if days.last >= today]
    return min(ahead, key=lambda days: (days.first, days.last), default=None)


def end_of(days: Days, zone: ZoneInfo) -> datetime:
    """The first moment that is in a blackout no more, in UTC."""
    return _midnight(days.last + timedelta(days=1), zone)


def open_time(tenant: Tenant, feed: Feed, since: datetime, now: datetime) -> timedelta:
    """How long it is from one moment to another, days of blackout left out."""
    zone = tenant.time_zone
    left_out: list[tuple[datetime, datetime]] = []
    for days in sorted(_of(tenant, feed), key=lambda days: days.first):
        begins, ends = max(_start(days, zone), since), min(end_of(days, zone), now)
        if left_out:
            begins = max(begins, left_out[-1][1])
        if begins < ends:
            left_out.append((begins, ends))
    return now - since - sum((ends - begins for begins, ends in left_out), timedelta())


def _of(tenant: Tenant, feed: Feed) -> Iterator[Days]:
    yield from tenant.blackout
    yield from feed.blackout


def _start(days: Days, zone: ZoneInfo) -> datetime:
    return _midnight(days.first, zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    # In UTC: between two times of one zone Python would not see the clocks change.
    return datetime.combine(day, time(), zone).astimezone(UTC)
