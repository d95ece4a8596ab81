"""The SIS's clock, and how OneRoster prints moments and days."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)  # noqa: TID251 - a server of its own asks the clock itself


def stamp(moment: datetime) -> str:
    """A moment in the W3C profile of ISO 8601, UTC, with three digits of a second."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
