"""How often somebody may fail to sign in before they have to wait.

Counted per name and address, per address (a whole school may share one), and per name from
anywhere, which is generous: nobody should be locked out by a stranger's guesses. IPv6 addresses
count by their network of 2**64, which is one subscriber.
"""

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from threading import Lock

WINDOW = timedelta(minutes=15)
PER_PAIR, PER_ADDRESS, PER_NAME = 5, 50, 200
_REMEMBERED = 10_000

_Key = tuple[str | None, str | None]


class Attempts:
    """Failures within a sliding window, in memory; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[_Key, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def failed(self, address: str, name: str, *, now: datetime) -> None:
        """Somebody at this address could not prove to be this operator."""
        with self._lock:
            for key, limit in _keys(address, name):
                self._failures.setdefault(key, deque(maxlen=limit)).append(now)
                self._failures.move_to_end(key)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, address: str, name: str) -> None:
        """They did at last: their own failures count no more."""
        with self._lock:
            self._failures.pop((_origin(address), name.casefold()), None)

    def wait(self, address: str, name: str, *, now: datetime) -> timedelta:
        """How long until another try is heard; zero if it is heard now."""
        with self._lock:
            waits = [
                times[0] + WINDOW - now
                for key, limit in _keys(address, name)
                if (times := self._failures.get(key)) and len(times) >= limit
            ]
        return max([timedelta(0), *waits])


def _keys(address: str, name: str) -> tuple[tuple[_Key, int], ...]:
    origin, folded = _origin(address), name.casefold()
    return (
        ((origin, folded), PER_PAIR),
        ((origin, None), PER_ADDRESS),
        ((None, folded), PER_NAME),
    )


def _origin(address: str) -> str:
    try:
        plain = ip_address(address)
    except ValueError:
        return address
    if isinstance(plain, IPv6Address) and plain.ipv4_mapped is None:
        return str(ip_network((plain, 64), strict=False))
    return address
