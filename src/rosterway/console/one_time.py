"""Links that sign in once: for a first look, printed by whoever started the server.

Kept in memory as hashes, for minutes. Opening the link shows a button; only pressing it uses the
link up, so that a program that looks at links ahead cannot.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from threading import Lock

LIFETIME = timedelta(minutes=15)


class OneTimeLinks:
    """The links that still work, by the hash of their token."""

    def __init__(self) -> None:
        self._links: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def path_for(self, operator: str, *, now: datetime, lifetime: timedelta = LIFETIME) -> str:
        """Make a link that signs this operator in; its path, to be put behind the address."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._links = {key: link for key, link in self._links.items() if link[1] > now}
            self._links[_hash(token)] = (operator, now + lifetime)
        return f"/sign-in/{token}"

    def operator(self, token: str, *, now: datetime) -> str | None:
        """Whom a link would sign in, if it still works; it stays."""
        with self._lock:
            name, until = self._links.get(_hash(token), (None, now))
        return name if until > now else None

    def use(self, token: str, *, now: datetime) -> str | None:
        """Use a link up: whom it signs in, or None if it does not work any more."""
        with self._lock:
            name, until = self._links.pop(_hash(token), (None, now))
        return name if until > now else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
