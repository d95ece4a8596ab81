"""A grade sync's plan: what is to be put where, what is not and why, and what must wait for a yes.

One frozen value, kept as JSON with its run and carried out as it stands. Its digest covers every
put and deletion and nothing else: not the order things were read in, nor the hour.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.ledger import LinkedBy
from rosterway.passback.line_items import Alteration
from rosterway.passback.match import MatchedBy
from rosterway.passback.reasons import Reason
from rosterway.settings.shape import Endpoints, Version

#: The statuses beside which a score is a grade (oneroster.md 9.3).
_GRADES = frozenset({"fully graded", "partially graded"})


class Verdict(StrEnum):
    """What will become of an assignment in a class."""

    WILL_FAIL = "will-fail"
    ALTERED = "altered"
    FINE = "fine"
    UNCHANGED = "unchanged"


class FixKind(StrEnum):
    """What could be changed in Canvas so that an assignment goes."""

    RENAME = "rename"
    DUE_DATE = "due-date"
    AVAILABLE = "available-from"


class Fix(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change offered to the teacher, made in Canvas only on a yes.

    A `due-date` or `available-from` is of one section, as the school's day; a `rename` is of the
    whole assignment.
    """

    kind: FixKind
    assignment: str
    after: str
    before: str = ""
    section: str = ""


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is thought of one assignment in one class, and why.

    `candidates` are the sourcedIds of the line items a person can link it to.
    """

    assignment: str
    class_id: str
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    fixes: tuple[Fix, ...] = ()
    matched_by: MatchedBy = MatchedBy.NONE
    candidates: tuple[str, ...] = ()


class LineItemPut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line item to be sent. Its sourcedId is "" where the SIS is to choose it."""

    assignment: str
    class_id: str
    line_item: LineItem
    is_new: bool = False
    linked_by: LinkedBy = LinkedBy.OURS


class ResultPut(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A result to be sent; `score` is Canvas's own, before the pack's rules.

    The result's line item and sourcedId are "" where only step 5 or 6 will tell them. `is_cleared`:
    it tells that there is no grade any more.
    """

    assignment: str
    class_id: str
    user: str
    result: Result
    score: float | None = None
    is_cleared: bool = False
    linked_by: LinkedBy = LinkedBy.OURS

    @property
    def is_altered(self) -> bool:
        """Whether another number goes than Canvas shows: rounded, or held in its bounds."""
        is_grade = self.score is not None and self.result.score_status in _GRADES
        return is_grade and self.result.score not in (None, self.score)


class Deletion(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A result to be deleted, or with `user` "" a line item.

    `sourced_id` "": whether there is one at all, only reading the SIS will tell. `line_item` and
    `student` are the sourcedIds a result is looked for by.
    """

    assignment: str
    class_id: str
    sourced_id: str
    user: str = ""
    line_item: str = ""
    student: str = ""


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """A student's grade that is not told, and why; what the SIS has of it stays."""

    assignment: str
    class_id: str
    user: str
    reason: Reason


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A line item, or with `user` a result, that the SIS keeps though Canvas no longer has it."""

    assignment: str
    class_id: str
    user: str
    reason: Reason


class Guard(StrEnum):
    """A reason for a plan to wait for a person."""

    FIRST_SYNC = "first-sync"
    NEW_LINE_ITEMS = "new-line-items"
    ADOPTIONS = "adoptions"
    CLEARED = "cleared"
    WITHDRAWN = "withdrawn"
    SIS_EDITS = "sis-edits"


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why the plan waits: which guard, how many, and how many would have passed."""

    guard: Guard
    message: str
    count: int
    limit: int = 0


class Edit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A result somebody changed in the SIS after it accepted ours. `told`: what it accepted."""

    assignment: str
    class_id: str
    user: str
    told: Result
    found: Result | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of everything. `ungraded`: students with nothing to tell yet."""

    pairs: int = 0
    will_fail: int = 0
    altered: int = 0
    unchanged_line_items: int = 0
    new_line_items: int = 0
    line_items: int = 0
    results: int = 0
    unchanged_results: int = 0
    deletions: int = 0
    withheld: int = 0
    left: int = 0
    ungraded: int = 0


class PassbackPlan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it, in order of class, assignment and user.

    `read_results` are the classes whose results must be read before any is put: an id is not known,
    an outcome is in doubt, or a line item was adopted with what it holds.
    """

    course: str
    endpoints: Endpoints
    version: Version
    planned_at: datetime
    digest: str
    judgements: tuple[Judgement, ...] = ()
    line_items: tuple[LineItemPut, ...] = ()
    results: tuple[ResultPut, ...] = ()
    deletions: tuple[Deletion, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    left: tuple[Left, ...] = ()
    edits: tuple[Edit, ...] = ()
    holds: tuple[Hold, ...] = ()
    read_results: tuple[str, ...] = ()
    counts: Counts = Counts()

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be sent."""
        return not (self.line_items or self.results or self.deletions)


def digest_of(
    course: str,
    endpoints: Endpoints,
    version: Version,
    puts: Iterable[LineItemPut | ResultPut | Deletion],
) -> str:
    """SHA-256 over what would be sent, in any order."""
    said = sorted(_ENCODER.encode((type(put).__name__, put)) for put in puts)
    head = _ENCODER.encode((course, endpoints, version))
    return hashlib.sha256(b"\n".join((head, *said))).hexdigest()


_ENCODER = msgspec.json.Encoder()
