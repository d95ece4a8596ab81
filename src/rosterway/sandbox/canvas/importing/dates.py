"""The lenient reading of dates.

Guarantees, as the reference has it: text is read in UTC; a date that cannot be is told from text
that holds no date. Fine points follow Ruby's date parser, which Canvas uses: `8/1/2026` is the
eighth of January, `12/31/2026` is impossible.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from rosterway.sandbox.canvas.clock import stamp


class Parsed(NamedTuple):
    """`moment` as Canvas prints it; not `possible` means that a warning is due."""

    moment: str | None
    possible: bool = True


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"\b(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?!\d)",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]*{_MONTH},?[\s-]*(?P<y>\d{{4}})\b",
        rf"{_MONTH}\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s*(?P<y>\d{{4}})\b",
        r"(?<!\d)(?P<y>\d{4})[/.](?P<m>\d{1,2})[/.](?P<d>\d{1,2})(?!\d)",
        r"(?<!\d)(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})(?!\d)",
        r"(?<!\d)(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:T?(?P<clock>\d{4,6}))?(?!\d)",
    )
)
_TIME = re.compile(
    r"(?<![\d:])(?P<h>\d{1,2})(?::(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half>[ap]m)?|\s*(?P<only>[ap]m))",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:\d|\s)(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})\s*$", re.IGNORECASE)


@lru_cache(maxsize=8192)
def lenient(text: str) -> Parsed:
    """Read text as a moment in UTC."""
    for pattern in _DATES:
        if match := pattern.search(text):
            try:
                return Parsed(_moment(match.groupdict(), text[match.end() :], text))
            except ValueError:
                return Parsed(None, possible=False)
    return Parsed(None)


def _moment(date: dict[str, str | None], rest: str, text: str) -> str:
    name = date.get("name")
    month = _MONTHS.index(name.lower()) + 1 if name else int(date["m"] or 0)
    hour = minute = second = 0
    if clock := date.get("clock"):
        hour, minute, second = int(clock[:2]), int(clock[2:4]), int(clock[4:] or 0)
    elif time := _TIME.search(rest):
        hour, minute, second = (int(time[part] or 0) for part in ("h", "min", "s"))
        half = (time["half"] or time["only"] or "").lower()
        if half and not 1 <= hour <= 12:
            raise ValueError(text)
        if half:
            hour = hour % 12 + (12 if half == "pm" else 0)
    next_day = hour == 24 and not minute and not second
    moment = datetime(
        int(date["y"] or 0),
        month,
        int(date["d"] or 0),
        0 if next_day else hour,
        minute,
        second,
        tzinfo=_zone(text),
    )
    return stamp(moment + timedelta(days=next_day))


def _zone(text: str) -> timezone:
    match = _ZONE.search(text)
    if not match or match["zone"][0] not in "+-" or ":" not in text:
        return UTC
    sign = -1 if match["zone"][0] == "-" else 1
    digits = match["zone"][1:].replace(":", "")
    return timezone(sign * timedelta(hours=int(digits[:2]), minutes=int(digits[2:])))
