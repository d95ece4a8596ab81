"""Schedules: the moments at which a feed is due, in the tenant's own time.

A moment in the hour that a change of clocks leaves out falls on the end of that hour; one in the hour
that comes twice is taken once, unless the schedule is for every hour. Moments that were missed while
nobody was at work are made up for once, by the latest of them.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from croniter import croniter

_SECOND = timedelta(seconds=1)
#: By how much clocks go back; half an hour on Lord Howe Island.
_CHANGES = (timedelta(hours=1), timedelta(minutes=30))


def latest_moment(schedule: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The last moment of a schedule that is not after `now`, in UTC.

    `schedule` is a cron line of five fields that `settings` has accepted.
    """
    moment = now
    while True:
        found = croniter(schedule, (moment + _SECOND).astimezone(zone)).get_prev(datetime)
        if not _comes_again(schedule, found):
            return found.astimezone(UTC)
        moment = found.astimezone(UTC) - _SECOND


def next_moment(schedule: str, zone: ZoneInfo, now: datetime) -> datetime:
    """The first moment of a schedule after `now`, in UTC."""
    moment = now
    while True:
        found = croniter(schedule, moment.astimezone(zone)).get_next(datetime)
        if not _comes_again(schedule, found):
            return found.astimezone(UTC)
        moment = found.astimezone(UTC)


def _comes_again(schedule: str, found: datetime) -> bool:
    """Whether the clock has shown this time before on that day, and the schedule meant that."""
    hours = schedule.split()[1]
    if "*" in hours:
        return False
    shown = (found.hour, found.minute)
    before = ((found.astimezone(UTC) - step).astimezone(found.tzinfo) for step in _CHANGES)
    return any((earlier.hour, earlier.minute) == shown for earlier in before)
