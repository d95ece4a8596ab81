"""Moments as people read them: in the tenant's zone, the zone shown, and how long ago."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE, _HOUR, _DAY = 60, 3600, 86400

#: Up to how many seconds away -> the unit's seconds and its name.
_STEPS = (
    (45 * _MINUTE, _MINUTE, "minute"),
    (22 * _HOUR, _HOUR, "hour"),
    (45 * _DAY, _DAY, "day"),
    (320 * _DAY, 30 * _DAY, "month"),
)


@dataclass(frozen=True, slots=True)
class LocalTime:
    """Puts moments into words for one reader: their zone, and what time it is now."""

    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> datetime:
        """Now, where the tenant is."""
        return self.now.astimezone(self.zone)

    def moment(self, at: datetime) -> str:
        """Day and time with the zone: `Mon 23 Nov, 05:12 MST`; the year where it is another."""
        local = at.astimezone(self.zone)
        year = "" if local.year == self.today.year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M} {local:%Z}"

    def clock(self, at: datetime) -> str:
        """Time of day with seconds, for things that follow one another closely."""
        return f"{at.astimezone(self.zone):%H:%M:%S}"

    def day(self, at: datetime) -> str:
        """The day alone: `Mon 23 Nov`; the year where it is another."""
        local = at.astimezone(self.zone)
        year = "" if local.year == self.today.year else f" {local.year}"
        return f"{local:%a} {local.day} {local:%b}{year}"

    def school_day(self, day: str) -> str:
        """A day of the school's written YYYY-MM-DD, as `day` puts it; `no date` for none."""
        if not day:
            return "no date"
        return self.day(datetime.combine(date.fromisoformat(day), time(12), self.zone))

    def ago(self, at: datetime) -> str:
        """How far away: `just now`, `3 minutes ago`, `in 2 hours`."""
        return relative(self.now - at)


def relative(past: timedelta) -> str:
    """A span since then as people say it; a negative one lies ahead."""
    seconds = past.total_seconds()
    away = abs(seconds)
    if away < 45:
        return "just now" if seconds >= 0 else "in a moment"
    for limit, unit, name in _STEPS:
        if away < limit:
            return _said(max(1, round(away / unit)), name, is_past=seconds >= 0)
    return _said(max(1, round(away / (365 * _DAY))), "year", is_past=seconds >= 0)


def _said(count: int, unit: str, *, is_past: bool) -> str:
    words = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{words} ago" if is_past else f"in {words}"
