"""One write and what became of it, as values: what was sent, what came back, what is known now.

Guarantees: no credential is in an exchange, for the Authorization header and the extra ones are not
kept. Bodies are whole, with ids and grades of students: whoever shows one to others leaves those
out before. Leaves sending to `client`.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from rosterway.errors import RemoteError, ThrottledError
from rosterway.oneroster.error_bodies import Said, said_in

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """A request and its answer, as they went over the line.

    `status` None: no answer came. `seconds` from sending to the answer's end.
    """

    method: str
    url: str
    sent: bytes = b""
    status: int | None = None
    headers: Mapping[str, str] = _NOTHING
    body: bytes = b""
    seconds: float = 0.0

    def __repr__(self) -> str:
        """Without bodies and headers: wherever it is shown, no student is."""
        return f"Exchange({self.method!r}, {self.url!r}, {self.status}, {self.seconds:.3f} s)"

    @property
    def said(self) -> Said:
        """The provider's own words and minor codes."""
        return said_in(self.body)


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """How a write ended.

    `error` None: it was accepted. `is_unknown`: it may have been done nevertheless, so it is read
    back before it is sent again.
    """

    exchange: Exchange
    error: RemoteError | None = None
    is_unknown: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the provider said yes."""
        return self.error is None

    @property
    def wait(self) -> float | None:
        """Seconds the provider asked to wait, where it still did when patience ended."""
        return self.error.wait if isinstance(self.error, ThrottledError) else None
