"""Which moments of schedules have come since the server started.

Of several that were missed the latest stands for all. What was due before the start is nobody's
memory, unless something was asked for before that.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from zoneinfo import ZoneInfo

from rosterway.runs.clock import Clock
from rosterway.runs.moments import Moment, passing
from rosterway.runs.schedules import latest_moment, next_moment


class Due:
    """Of many schedules, each known by a key; between two moments of one nothing is looked up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock()
        self._next: dict[Hashable, datetime] = {}

    def ask(
        self,
        key: Hashable,
        schedule: str | None,
        zone: ZoneInfo,
        *,
        asked_at: Callable[[], datetime | None],
        request: Callable[[datetime, datetime], object],
    ) -> None:
        """If a moment has come, make the `request`, of (moment, now).

        `asked_at` is when one was last asked for, None if none ever was. A request that fails is made
        again at the next look.
        """
        now = self._clock()
        if schedule is None or now < self._next.get(key, self._since):
            return
        moment = latest_moment(schedule, zone, now)
        if moment > (asked_at() or self._since):
            request(moment, now)
            passing(Moment.RUN_REQUESTED)
        self._next[key] = next_moment(schedule, zone, now)
