"""Makes the Authorization header of every request, a new one for every attempt."""

from collections.abc import Callable
from typing import Protocol

from yarl import URL

from rosterway.oneroster.auth import Auth, Bearer, OAuth1, OAuth2
from rosterway.oneroster.oauth1 import Signatory
from rosterway.oneroster.tokens import Post, Tokens


class Signer(Protocol):
    """Makes Authorization headers."""

    async def header(self, method: str, url: URL, worker: int) -> str:
        """The header of one request; `worker` numbers those who send at the same time."""
        ...

    def accepted(self, header: str) -> None:
        """Take note that a header was good."""
        ...

    def refused(self, header: str) -> bool:
        """Take note that a header was refused; whether another may do better: one had been good."""
        ...

    @property
    def is_timed(self) -> bool:
        """Whether a wrong clock spoils it."""
        ...


def signer_of(
    auth: Auth, post: Post, *, clock: Callable[[], float], nonce: Callable[[], str]
) -> Signer:
    """What signs for an authentication; `clock` is Unix time, `nonce` makes words never used."""
    match auth:
        case Bearer():
            return _Fixed(auth)
        case OAuth1():
            return _Signed(auth, clock, nonce)
        case OAuth2():
            return Tokens(auth, post, clock)


class _Fixed:
    is_timed = False

    def __init__(self, auth: Bearer) -> None:
        self._auth = auth
        self._was_good = False

    async def header(self, method: str, url: URL, worker: int) -> str:  # noqa: ARG002 - Signer's
        return f"Bearer {self._auth.token}"

    def accepted(self, header: str) -> None:  # noqa: ARG002 - Signer's
        self._was_good = True

    def refused(self, header: str) -> bool:  # noqa: ARG002 - Signer's
        return self._was_good


class _Signed:
    is_timed = True

    def __init__(self, auth: OAuth1, clock: Callable[[], float], nonce: Callable[[], str]) -> None:
        self._signatory = Signatory(auth.key, auth.secret, auth.signature)
        self._clock = clock
        self._nonce = nonce
        self._was_good = False

    async def header(self, method: str, url: URL, worker: int) -> str:  # noqa: ARG002 - Signer's
        return self._signatory.authorization(
            method, url, timestamp=int(self._clock()), nonce=self._nonce()
        )

    def accepted(self, header: str) -> None:  # noqa: ARG002 - Signer's
        self._was_good = True

    def refused(self, header: str) -> bool:  # noqa: ARG002 - Signer's
        return self._was_good
