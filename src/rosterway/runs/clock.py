"""The clock. Doors and runs ask it and hand `now` on; everything below takes it as an argument."""

from collections.abc import Callable
from datetime import UTC, datetime

#: Something that tells the time, in UTC.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that asks
