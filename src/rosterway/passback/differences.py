"""What may differ between Canvas and a SIS in one place of a gradebook, as values and in words.

A grade is compared by what a person reads of it (`edits`), and by the flags both sides have; not by
comments, ids and the day of a score. Leaves to `reconcile` where the two sides come from, and to `repair` what is done.
"""

from collections.abc import Mapping
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.edits import is_same
from rosterway.passback.ledger import Key
from rosterway.passback.plan import Deletion, LineItemPut, ResultPut
from rosterway.passback.reasons import Reason


class Kind(StrEnum):
    """How the two sides differ, or that they do not."""

    SAME = "same"
    NEVER_SENT = "never-sent"
    CHANGED = "changed-in-canvas"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"
    EDITED_IN_SIS = "edited-in-sis"
    ENTERED_IN_SIS = "entered-in-sis"
    DELETED_IN_SIS = "deleted-in-sis"
    DELETED_IN_CANVAS = "deleted-in-canvas"
    ONLY_IN_SIS = "only-in-sis"
    EXCUSED = "excused"
    ROUNDING = "rounding"
    BY_RULE = "by-rule"
    WITHHELD = "withheld"
    UNREAD = "unread"


#: Each kind in words. `canvas` is what Canvas would tell, `exact` what it has itself, `sis` what the
#: SIS has, `told` what the SIS took from us last, `why` the reason on record.
WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.SAME: "Canvas and the SIS both have {sis}.",
        Kind.NEVER_SENT: "Canvas has {canvas}; the SIS has never been told.",
        Kind.CHANGED: "Canvas has {canvas} now; the SIS still has {sis}, as it was told before.",
        Kind.REFUSED: "Canvas has {canvas}; the SIS refused it and has {sis}. {why}",
        Kind.UNCONFIRMED: "Canvas has {canvas}; when it was sent no answer came, and the SIS has"
        " {sis}.",
        Kind.EDITED_IN_SIS: "The SIS was told {told} and has {sis}: somebody changed it there."
        " Canvas has {canvas}.",
        Kind.ENTERED_IN_SIS: "The SIS has {sis}, which we never told it: somebody entered it there."
        " Canvas has {canvas}.",
        Kind.DELETED_IN_SIS: "The SIS was told {told} and has nothing any more: somebody deleted it"
        " there. Canvas has {canvas}.",
        Kind.DELETED_IN_CANVAS: "Canvas has nothing any more; the SIS has {sis}. {why}",
        Kind.ONLY_IN_SIS: "Only the SIS has this: {sis}. It is shown, and never deleted by itself.",
        Kind.EXCUSED: "One side excuses the student and the other does not: Canvas has {canvas},"
        " the SIS {sis}.",
        Kind.ROUNDING: "Canvas has {exact}, the SIS {sis}: the same but for rounding.",
        Kind.BY_RULE: "Canvas has {exact}, the SIS {sis}, as the rules of this SIS have it.",
        Kind.WITHHELD: "Nothing is told of what Canvas has, and the SIS has {sis}. {why}",
        Kind.UNREAD: "Canvas has {canvas}; what the SIS has is not known, for its list could not be"
        " read completely.",
    }
)


class Difference(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of the gradebook, on both sides. `user` "": the line item itself.

    `assignment` or `user` "?": only the SIS has it, and `sourced_id` says what. `canvas` and `sis`
    are the values in words, `message` the explanation. `put` or `deletion` would make the SIS as
    Canvas is; neither: there is nothing to repair. `is_edited`: what the SIS has is not what it was
    told, so that a repair overwrites somebody's work there.
    """

    kind: Kind
    class_id: str
    assignment: str
    user: str = ""
    student_id: str = ""
    sourced_id: str = ""
    canvas: str = ""
    sis: str = ""
    message: str = ""
    reason: Reason | None = None
    line_item: LineItemPut | None = None
    result: ResultPut | None = None
    deletion: Deletion | None = None
    is_edited: bool = False

    @property
    def key(self) -> Key:
        """Which place it is: class, assignment, user."""
        return (self.class_id, self.assignment, self.user)

    @property
    def is_repairable(self) -> bool:
        """Whether there is something to send that would end it."""
        return any((self.line_item, self.result, self.deletion)) and self.kind is not Kind.SAME


#: Who or what only the SIS knows.
UNKNOWN = "?"


def tells_the_same(wanted: Result | None, found: Result | None) -> bool:
    """Whether both tell one thing, flags too where both sides have them.

    No result is not the same as one that says there is no grade: a person sees only the latter.
    """
    if wanted is None or found is None:
        return wanted is found
    pairs = (
        (wanted.late, found.late),
        (wanted.missing, found.missing),
        (wanted.incomplete, found.incomplete),
    )
    return is_same(wanted, found) and all(
        ours == theirs for ours, theirs in pairs if ours is not None and theirs is not None
    )


def is_excused_on_one_side(wanted: Result | None, found: Result | None) -> bool:
    """Whether just one of the two says exempt."""
    both = [one.score_status == "exempt" for one in (wanted, found) if one is not None]
    return len(both) == 2 and both[0] != both[1]


def is_rounded(exact: float | None, kept: float | None) -> bool:
    """Whether `kept` is `exact` with fewer decimals, rounded in any of the usual ways."""
    if exact is None or kept is None or exact == kept:
        return False
    precise = Decimal(repr(exact))
    wanted = Decimal(repr(kept))
    places = -int(precise.as_tuple().exponent)
    return any(
        precise.quantize(Decimal(1).scaleb(-keep), rounding=way) == wanted
        for keep in range(min(places, 10))
        for way in (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN)
    )


def line_items_agree(
    wanted: LineItem, found: LineItem, days: tuple[str | None, str | None]
) -> bool:
    """Whether the SIS shows the assignment as it would be sent; `days` are the due days at school.

    What one side does not say is not compared: many SISs leave the category or the points out.
    """
    pairs = (
        (wanted.title, found.title),
        (wanted.category_id, found.category_id),
        (wanted.maximum, found.maximum),
        days,
    )
    return all(ours == theirs for ours, theirs in pairs if ours is not None and theirs is not None)
