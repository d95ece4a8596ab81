"""What became of each assignment and each grade of a sync: what the pages and the command line tell."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

import msgspec

from rosterway.passback.ledger import Entry, Key, State
from rosterway.passback.line_items import Alteration
from rosterway.passback.plan import Judgement, Verdict
from rosterway.passback.reasons import Reason
from rosterway.runs.grades.pieces import Piece


class AssignmentOutcome(StrEnum):
    """What became of an assignment in a class."""

    SENT = "sent"
    UNCHANGED = "unchanged"
    ALTERED = "altered"  # sent, and not quite as Canvas has it
    FAILED = "failed"
    WILL_FAIL = "will-fail"  # not sent, for it would have failed


class ResultOutcome(StrEnum):
    """What became of a grade."""

    ACCEPTED = "accepted"
    VERIFIED = "verified"
    WRITTEN = "written"  # into a file: the SIS does not answer
    FAILED = "failed"
    WITHHELD = "withheld"


class AssignmentTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An assignment in a class. `answer` are the provider's own words.

    `causes` are all that may be behind a refusal whose words say little, the likeliest first.
    """

    assignment: str
    class_id: str
    outcome: AssignmentOutcome
    sourced_id: str = ""
    reasons: tuple[Reason, ...] = ()
    alterations: tuple[Alteration, ...] = ()
    answer: str = ""
    causes: tuple[Reason, ...] = ()

    @property
    def is_draft(self) -> bool:
        """Whether it waits for its teacher to publish it, which is nothing gone wrong."""
        return any(one.code == "unpublished" for one in self.reasons)


class ResultTold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A student's grade; `user` is Canvas's id. `is_deleted`: it was taken out of the SIS.

    `causes` are as an assignment's.
    """

    assignment: str
    class_id: str
    user: str
    outcome: ResultOutcome
    sourced_id: str = ""
    reason: Reason | None = None
    answer: str = ""
    causes: tuple[Reason, ...] = ()
    is_deleted: bool = False


class Posted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a whole sync. `unchanged` grades the SIS had as they are."""

    assignments: tuple[AssignmentTold, ...] = ()
    results: tuple[ResultTold, ...] = ()
    unchanged: int = 0

    def count(self, *outcomes: ResultOutcome) -> int:
        """How many grades came to this."""
        return sum(one.outcome in outcomes for one in self.results)

    @property
    def failed_assignments(self) -> int:
        """How many assignments in classes did not go that were to; drafts were not."""
        bad = {AssignmentOutcome.FAILED, AssignmentOutcome.WILL_FAIL}
        return sum(one.outcome in bad and not one.is_draft for one in self.assignments)


class Synced(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a sync was brought to its end, and what Canvas was told of it, by outcome of writing."""

    at: datetime
    marks: dict[str, int] = {}
    mirrored: dict[str, int] = {}
    says: str = ""


def told_of_assignment(judged: Judgement, entry: Entry | None, *, is_put: bool) -> AssignmentTold:
    """What became of an assignment; `entry` is the ledger's after the post."""
    outcome, reasons = AssignmentOutcome.UNCHANGED, judged.reasons
    if judged.verdict is Verdict.WILL_FAIL:
        outcome = AssignmentOutcome.WILL_FAIL
    elif is_put and (entry is None or not is_taken(entry) or not entry.sourced_id):
        outcome = AssignmentOutcome.FAILED
        reasons = (entry.reason,) if entry is not None and entry.reason is not None else ()
    elif is_put or judged.verdict is not Verdict.UNCHANGED:
        is_altered = judged.verdict is Verdict.ALTERED
        outcome = AssignmentOutcome.ALTERED if is_altered else AssignmentOutcome.SENT
    return AssignmentTold(
        assignment=judged.assignment,
        class_id=judged.class_id,
        outcome=outcome,
        sourced_id=entry.sourced_id if entry is not None else "",
        reasons=reasons,
        alterations=judged.alterations,
        answer=entry.answer if entry is not None else "",
        causes=entry.causes if entry is not None else (),
    )


def told_of_results(pieces: Iterable[Piece], known: dict[Key, Entry]) -> Iterable[ResultTold]:
    """What became of grades that were to be sent."""
    for piece in pieces:
        class_id, assignment, user = piece.key
        entry = known.get(piece.key)
        outcome = ResultOutcome.FAILED
        if entry is not None and is_taken(entry):
            outcome = _TAKEN[entry.state]
        yield ResultTold(
            assignment=assignment,
            class_id=class_id,
            user=user,
            outcome=outcome,
            sourced_id=entry.sourced_id if entry is not None else "",
            reason=entry.reason if entry is not None else None,
            answer=entry.answer if entry is not None else "",
            causes=entry.causes if entry is not None else (),
            is_deleted=piece.deletes,
        )


def is_taken(entry: Entry) -> bool:
    """Whether the SIS has accepted what was sent last, or a file for it has it."""
    return entry.state in _TAKEN


_TAKEN: Mapping[State, ResultOutcome] = MappingProxyType(
    {
        State.ACCEPTED: ResultOutcome.ACCEPTED,
        State.VERIFIED: ResultOutcome.VERIFIED,
        State.WRITTEN: ResultOutcome.WRITTEN,
    }
)
