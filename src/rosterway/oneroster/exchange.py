"""One write and what became of it, as values: what was sent, what came back, what is known now.

Guarantees: no credential is in an exchange, for the Authorization header and the extra ones are not
kept. Bodies are whole, with ids and grades of students: whoever shows one to others leaves those
out before. Leaves sending to `client`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from rosterway.errors import RemoteError, ThrottledError
from rosterway.oneroster.error_bodies import Said, said_in

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and its answer, as they went over the line.

    `status` None: no answer came. `seconds` from sending to the answer's end.
    """

    method: str
    url: str
    sent: bytes = field(default=b"", repr=False)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: _NOTHING, repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0

    @property
    def said(self) -> Said:
        """The provider's own words and minor codes."""
        return said_in(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
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
