"""Failed logins are counted, and who fails too often has to wait."""

from collections import OrderedDict, deque
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

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
        origin = _origin(address)
        for key, limit in ((origin, None), self._per_address), ((origin, login), self._per_login):
            times = self._failures.setdefault(key, deque(maxlen=limit))
            times.append(self._clock())
            self._failures.move_to_end(key)
        while len(self._failures) > _REMEMBERED:
            self._failures.popitem(last=False)

    def must_wait(self, address: str, login: str | None = None) -> bool:
        """Whether this address, or this login from it, has failed too often of late."""
        limit = self._per_address if login is None else self._per_login
        times = self._failures.get((_origin(address), login))
        return bool(times) and len(times) >= limit and self._clock() - times[0] < WINDOW


def _origin(address: str) -> str:
    """Who has one IPv6 address has the 2**64 around it too."""
    try:
        plain = ip_address(address)
    except ValueError:
        return address
    if isinstance(plain, IPv6Address) and plain.ipv4_mapped is None:
        return str(ip_network((plain, 64), strict=False))
    return address
