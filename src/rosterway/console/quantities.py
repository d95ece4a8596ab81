"""Quantities in words: counts with separators, sizes, lengths of time."""

from datetime import timedelta

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def counted(number: int) -> str:
    """A count with thousands separators."""
    return f"{number:,}"


def of_things(number: int, one: str, many: str | None = None) -> str:
    """A count and the thing counted: `1 row`, `2,000 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """A file's size, rounded to what a person cares for."""
    amount, unit = float(number), 0
    while amount >= 1000 and unit < len(_UNITS) - 1:
        amount /= 1000
        unit += 1
    return f"{number:,} bytes" if unit == 0 else f"{amount:.3g} {_UNITS[unit]}"


def share(count: int, of: int) -> str:
    """A part of a whole in percent; never rounded to none or to all."""
    if not of:
        return "0%"
    percent = 100 * count / of
    if 0 < percent < 1:
        return "under 1%"
    if 99 < percent < 100:
        return "over 99%"
    return f"{percent:.0f}%"


def percent(part: float) -> str:
    """A share that somebody set, as they wrote it: `5%`, `0.5%`."""
    return f"{100 * part:.2f}".rstrip("0").rstrip(".") + "%"


def length(span: timedelta) -> str:
    """How long something took: `0.4 s`, `2 s`, `2 min 5 s`, `1 h 4 min`, `3 days`."""
    seconds = max(span.total_seconds(), 0)
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 60:
        return f"{minutes} min"
    hours, left = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {left} min" if left else f"{hours} h"
    return f"{hours // 24} days"
