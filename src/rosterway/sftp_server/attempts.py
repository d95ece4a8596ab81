"""Failed logins are counted, and who fails too often has to wait."""

from collections import OrderedDict, deque
from collections.abc import Callable

#: Failures of one login from one address, and of any logins from one address (many schools may
#: share one), within the window.
PER_LOGIN, PER_ADDRESS = 10, 100
WINDOW = 600.0
_REMEMBERED = 10_000


class Attempts:
    """Counts failures within a sliding window; forgets the oldest when there are too many."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        per_login: int = PER_LOGIN,
        per_address: int = PER_ADDRESS,
    ) -> None:
        """`clock` answers seconds and only goes forward."""
        self._clock = clock
        self._per_login, self._per_address = per_login, per_address
        self._failures: OrderedDict[tuple[str, str | None], deque[float]] = OrderedDict()

    def failed(self, address: str, login: str) -> None:
        """Somebody at this address could not prove to be this login."""
        for key, limit in ((address, None), self._per_address), ((address, login), self._per_login):
            times = self._failures.setdefault(key, deque(maxlen=limit))
            times.append(self._clock())
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def must_wait(self, address: str, login: str | None = None) -> bool:
        """Whether this address, or this login from it, has failed too often of late."""
        limit = self._per_address if login is None else self._per_login
        times = self._failures.get((address, login))
        return bool(times) and len(times) >= limit and self._clock() - times[0] < WINDOW
