"""The ledger: what a SIS was last told of each line item and result, and what became of it.

It is also the link between an assignment in a class and its line item: an entry holds the
sourcedId, so a rename, another due date or a new run never looks for it again. Nothing is sent that
the SIS has already accepted. Leaves to `store` where entries are kept, and to `runs` when.
"""

import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.reasons import Reason

#: Whose entry it is: class sourcedId, Canvas assignment id, Canvas user id ("": the line item).
Key = tuple[str, str, str]


class State(StrEnum):
    """What became of what was last sent."""

    INTENDED = "intended"  # written down before it is sent; found so after a crash, it is unknown
    ACCEPTED = "accepted"
    VERIFIED = "verified"  # accepted, and read back as it was sent
    WRITTEN = "written"  # put into a file for a SIS that does not answer
    REFUSED = "refused"
    UNKNOWN = "unknown"  # sent, and no answer came: read back before it is sent again


#: The SIS has what was last sent, or a file for it has.
SETTLED = frozenset({State.ACCEPTED, State.VERIFIED, State.WRITTEN})


class Event(StrEnum):
    """What can happen to an entry."""

    SEND = "send"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WRITE = "write"  # the file it was put into is where the SIS takes it
    LOSE = "lose"  # no answer, or a crash before one was written down
    CONFIRM = "confirm"  # read back: the SIS has what was sent
    CONTRADICT = "contradict"  # read back: the SIS has something else, or nothing


#: What follows from what. A pair that is not here cannot happen.
TRANSITIONS: dict[tuple[State | None, Event], State] = {
    **{(state, Event.SEND): State.INTENDED for state in (None, *State)},
    (State.INTENDED, Event.ACCEPT): State.ACCEPTED,
    (State.INTENDED, Event.REFUSE): State.REFUSED,
    (State.INTENDED, Event.WRITE): State.WRITTEN,
    (State.INTENDED, Event.LOSE): State.UNKNOWN,
    (State.UNKNOWN, Event.LOSE): State.UNKNOWN,
    (State.INTENDED, Event.CONFIRM): State.VERIFIED,
    (State.UNKNOWN, Event.CONFIRM): State.VERIFIED,
    (State.ACCEPTED, Event.CONFIRM): State.VERIFIED,
    (State.VERIFIED, Event.CONFIRM): State.VERIFIED,
    (State.INTENDED, Event.CONTRADICT): State.REFUSED,
    (State.UNKNOWN, Event.CONTRADICT): State.REFUSED,
    (State.ACCEPTED, Event.CONTRADICT): State.ACCEPTED,
    (State.VERIFIED, Event.CONTRADICT): State.ACCEPTED,
    (State.REFUSED, Event.CONTRADICT): State.REFUSED,
}


class LinkedBy(StrEnum):
    """How a line item or result came to be linked."""

    OURS = "ours"  # we made it
    ADOPTED = "adopted"  # it was there, and was recognised
    HAND = "hand"  # a person chose it


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line item (`user` "") or one result.

    `line_item` or `result` is what the SIS last *accepted*, and `fingerprint` is its; both are empty
    for a link that nothing was sent through yet. `answer` is the provider's own words.
    `sent` is the fingerprint of what was last sent, accepted or not. `causes` are all that may be
    behind a refusal whose words say little, the likeliest first.
    """

    class_id: str
    assignment: str
    user: str = ""
    sourced_id: str = ""
    state: State = State.ACCEPTED
    linked_by: LinkedBy = LinkedBy.OURS
    fingerprint: str = ""
    sent: str = ""
    line_item: LineItem | None = None
    result: Result | None = None
    at: datetime | None = None
    attempts: int = 0
    reason: Reason | None = None
    answer: str = ""
    causes: tuple[Reason, ...] = ()

    @property
    def key(self) -> Key:
        """Whose it is."""
        return (self.class_id, self.assignment, self.user)

    @property
    def payload(self) -> LineItem | Result | None:
        """What the SIS last accepted."""
        return self.line_item if self.user == "" else self.result

    @property
    def is_in_doubt(self) -> bool:
        """Whether the SIS may or may not have what was last sent."""
        return self.state in {State.UNKNOWN, State.INTENDED}


def fingerprint(noun: LineItem | Result) -> str:
    """A hash of what the noun says, whatever its own id.

    The day of a score does not count either: it is the day the score changed, so where nothing
    else changed, the day that was sent is still the right one.
    """
    if isinstance(noun, Result):
        said = (
            noun.line_item_id,
            noun.student_id,
            noun.score,
            noun.text_score,
            noun.score_status,
            noun.comment,
            noun.score_scale_id,
            noun.late,
            noun.missing,
            noun.incomplete,
            noun.in_progress,
            noun.is_deleted,
        )
    else:
        said = msgspec.structs.astuple(noun)[1:]
    return hashlib.blake2b(_ENCODER.encode(said), digest_size=16).hexdigest()


_ENCODER = msgspec.json.Encoder()


def is_unchanged(entry: Entry | None, noun: LineItem | Result) -> bool:
    """Whether the SIS has accepted just this, so that it need not be sent."""
    return entry is not None and entry.state in SETTLED and entry.fingerprint == fingerprint(noun)


def intended(entry: Entry, noun: LineItem | Result, at: datetime) -> Entry:
    """The entry as it is written before the noun is sent; what was accepted before stays in it."""
    return _moved(
        entry,
        Event.SEND,
        at=at,
        attempts=entry.attempts + 1,
        sent=fingerprint(noun),
        reason=None,
        causes=(),
    )


def accepted(entry: Entry, noun: LineItem | Result, sourced_id: str, at: datetime) -> Entry:
    """The entry after the SIS accepted the noun under that id."""
    return _taken(entry, Event.ACCEPT, noun, sourced_id, at)


def written(entry: Entry, noun: LineItem | Result, at: datetime) -> Entry:
    """The entry after the noun has been put into a file where the SIS takes it."""
    return _taken(entry, Event.WRITE, noun, noun.sourced_id, at)


def refused(
    entry: Entry,
    reason: Reason,
    at: datetime,
    answer: str = "",
    causes: tuple[Reason, ...] = (),
) -> Entry:
    """The entry after the SIS refused what was sent, for a reason, in its own words."""
    return _moved(entry, Event.REFUSE, reason=reason, at=at, answer=answer, causes=causes)


def lost(entry: Entry, reason: Reason, at: datetime) -> Entry:
    """The entry when no answer came, or none was written down."""
    return _moved(entry, Event.LOSE, reason=reason, at=at)


def confirmed(entry: Entry, noun: LineItem | Result, sourced_id: str, at: datetime) -> Entry:
    """The entry after the noun that was sent has been read back."""
    return _taken(entry, Event.CONFIRM, noun, sourced_id, at)


def contradicted(entry: Entry, reason: Reason, at: datetime) -> Entry:
    """The entry after the SIS was read and has something else than what was sent, or nothing."""
    return _moved(entry, Event.CONTRADICT, reason=reason, at=at)


def _taken(
    entry: Entry, event: Event, noun: LineItem | Result, sourced_id: str, at: datetime
) -> Entry:
    payload = {"result": noun} if isinstance(noun, Result) else {"line_item": noun}
    print_ = fingerprint(noun)
    return _moved(
        entry,
        event,
        sourced_id=sourced_id or entry.sourced_id,
        fingerprint=print_,
        sent=print_,
        reason=None,
        answer="",
        causes=(),
        at=at,
        **payload,
    )


def _moved(entry: Entry, event: Event, **changes: object) -> Entry:
    return msgspec.structs.replace(entry, state=TRANSITIONS[entry.state, event], **changes)
