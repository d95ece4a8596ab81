"""The sandbox's clock: UTC, whole seconds, as Canvas prints times."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)  # noqa: TID251 - a server of its own asks the clock itself


def stamp(moment: datetime) -> str:
    """A moment as Canvas prints it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
