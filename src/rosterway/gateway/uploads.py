"""One file on its way in, and one handle open on it: what is known of them.

`sealing` keeps these and draws the conclusions; the server only counts writes on its `Upload`.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from rosterway.gateway.folders import Kind


class Standing(StrEnum):
    """How far a file has come."""

    OPEN = "open"
    """A client holds it open for writing."""
    LOST = "lost"
    """Its last upload ended before the client closed it."""
    CLOSED = "closed"
    """The client closed it, renamed it, or named it in a marker."""
    SEEN = "seen"
    """It came by other means than our server: nobody can say more."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells one state of a file on disk from another."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(slots=True, eq=False)
class Upload:
    """One handle open for writing. The server adds to `writes`; nothing else happens per write."""

    path: str
    """Where the file is, absolute; follows renames."""
    writes: int = 0
    revoked: bool = False
    """Set when the file was taken or given up: the server must not write to it any more."""
    name: str | None = None
    """The file's name in the folder that watches it; None if none does, or the file is gone."""
    noticed: int = 0
    """How many of `writes` have counted as something happening."""
    overtaken_at: int | None = None
    """`writes` when somebody else opened the same file."""

    @property
    def overtaken(self) -> bool:
        """Whether a later upload of the same file has replaced this one, which no longer writes.

        A client that lost its connection comes back before we know that the old one is dead.
        """
        return self.writes == self.overtaken_at


@dataclass(frozen=True, slots=True)
class Entry:
    """What must be remembered of a file beyond the life of this process."""

    standing: Standing
    size: int
    reason: str = ""


@dataclass(slots=True)
class File:
    """One file in the folder."""

    kind: Kind
    stamp: Stamp
    since: float
    """When something last happened to it."""
    ended: Standing = Standing.OPEN
    """How its last upload ended; OPEN while that has not been decided."""
    reason: str = ""
    """Why it is unfinished, for people."""
    whole_zip: bool = False
    uploads: list[Upload] = field(default_factory=list[Upload])

    @property
    def standing(self) -> Standing:
        """How far it has come; uploads that were overtaken say nothing."""
        writing = any(not upload.overtaken for upload in self.uploads)
        return Standing.OPEN if writing else self.ended

    @property
    def finished(self) -> bool:
        """Whether it may be read."""
        return self.standing in {Standing.CLOSED, Standing.SEEN}
