"""What is sent to a SIS, piece by piece, and what is known of one afterwards."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.oneroster.exchange import Exchange
from rosterway.oneroster.gradebook_writes import Written
from rosterway.passback.ledger import Entry, Key, LinkedBy


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to be sent. `deletes` takes it out of the SIS; `was` is what the ledger had of it."""

    key: Key
    noun: LineItem | Result
    deletes: bool = False
    linked_by: LinkedBy = LinkedBy.OURS
    was: Entry | None = None

    @property
    def told(self) -> LineItem | Result:
        """What the SIS has been told once it is done: a deletion leaves a noun that is deleted."""
        return msgspec.structs.replace(self.noun, is_deleted=True) if self.deletes else self.noun

    @property
    def entry(self) -> Entry:
        """The ledger's entry as it was before this is sent."""
        if self.was is not None:
            return self.was
        class_id, assignment, user = self.key
        return Entry(
            class_id=class_id,
            assignment=assignment,
            user=user,
            sourced_id=self.noun.sourced_id,
            linked_by=self.linked_by,
        )


#: What goes in one request, and what became of each.
Parcel = Sequence[Piece]
Answers = Sequence[Written]
#: Finds what the SIS has of pieces nobody knows the outcome of: what it has under which id, or None;
#: a piece that is missing could not be looked for.
ReadBack = Callable[[Sequence[Piece]], Awaitable[Mapping[Key, "Found"]]]


@dataclass(frozen=True, slots=True)
class Found:
    """What the SIS has in a place. `agrees`: it is what was sent."""

    sourced_id: str
    agrees: bool


class Raw(msgspec.Struct, frozen=True, kw_only=True):
    """An exchange that went wrong as it went over the line; no header, so no credential."""

    class_id: str
    assignment: str
    user: str
    method: str
    url: str
    sent: str
    status: int | None
    answered: str
    seconds: float


def singly(pieces: Sequence[Piece]) -> list[Parcel]:
    """Each piece in a request of its own."""
    return [(piece,) for piece in pieces]


def raw_of(key: Key, exchange: Exchange) -> Raw:
    """An exchange, to be kept with the run."""
    class_id, assignment, user = key
    return Raw(
        class_id=class_id,
        assignment=assignment,
        user=user,
        method=exchange.method,
        url=exchange.url,
        sent=exchange.sent.decode("utf-8", "replace"),
        status=exchange.status,
        answered=exchange.body.decode("utf-8", "replace"),
        seconds=exchange.seconds,
    )
