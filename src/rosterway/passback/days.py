"""Days at the school: a moment becomes a day there, and a day a date no reader gets wrong.

OneRoster's dates carry no zone (users-and-pains.md 31): a due date of 23:59 on the 1st in Chicago is
the 2nd in UTC, so a SIS that cuts off the time files it a day late.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from rosterway.passback.rules import DateForm

_NO_DATE = "0001-01-01"


def day_at(moment: datetime | None, zone: ZoneInfo) -> str | None:
    """The school's day of a moment, as YYYY-MM-DD."""
    return moment.astimezone(zone).date().isoformat() if moment else None


def written_day(written: str | None, zone: ZoneInfo) -> str | None:
    """The day a SIS means by a date or moment; None: none, or no date at all.

    A moment is read at the school, except midnight in UTC or without a zone, which is how a day is
    written by who has no time for it.
    """
    if not written or written.startswith(_NO_DATE):
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    is_bare = moment.tzinfo is None or not moment.utcoffset()
    if moment.tzinfo is None or (is_bare and moment.time() == time.min):
        return moment.date().isoformat()
    return day_at(moment, zone)


def last_day(end: str) -> str:
    """The last day before an exclusive end."""
    return (date.fromisoformat(end[:10]) - timedelta(days=1)).isoformat()


def write_day(day: str, moment: datetime | None, zone: ZoneInfo, form: DateForm) -> str:
    """A day of the school's as a line item writes it; `moment` is the very one, if there was one.

    `safe`: the last minute of the UTC day west of Greenwich, its first east of it, which is the
    school's day whether it is read in UTC or at the school.
    """
    if form is DateForm.DAY:
        return day
    if form is DateForm.SAFE:
        offset = datetime.combine(date.fromisoformat(day), time(12), zone).utcoffset()
        is_east = offset is not None and offset > timedelta()
        return f"{day}T00:00:00.000Z" if is_east else f"{day}T23:59:00.000Z"
    exact = moment or datetime.combine(date.fromisoformat(day), time(23, 59), zone)
    if form is DateForm.OFFSET:
        return exact.astimezone(zone).isoformat(timespec="milliseconds")
    return _utc(exact)


def write_moment(moment: datetime) -> str:
    """A moment in UTC, as OneRoster writes it: milliseconds and Z."""
    return _utc(moment)


def _utc(moment: datetime) -> str:
    at = moment.astimezone(UTC).replace(tzinfo=None)
    return f"{at.isoformat(timespec='milliseconds')}Z"
