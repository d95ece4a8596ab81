"""What the console calls the states of grades: words, shapes and tones, in tables.

Green stands only for what was read back from the SIS. What the SIS has merely accepted is sent.
"""

from collections.abc import Mapping
from enum import StrEnum

from rosterway.console.words import Said, Shape, Tone
from rosterway.passback.differences import Kind
from rosterway.passback.ledger import State
from rosterway.passback.plan import Verdict
from rosterway.passback.reasons import Who
from rosterway.runs.grades.asked import GRADES, RECONCILE, ROUND
from rosterway.runs.grades.outcomes import AssignmentOutcome, ResultOutcome
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.runs import Outcome

_FAILED = Said(
    "Failed", Tone.BAD, Shape.CROSS, "It could not be finished. What the SIS accepted is on record."
)
_STOPPED = Said(
    "Stopped by a fault of Rosterway",
    Tone.BAD,
    Shape.CROSS,
    "What the SIS accepted is on record, and it can be asked for again.",
)
_SUPERSEDED = Said(
    "Superseded", Tone.QUIET, Shape.RING, "A newer request took its place. Nothing of it was sent."
)

_SYNC: Mapping[Outcome, Said] = {
    Outcome.DELIVERED: Said(
        "Sent", Tone.GOOD, Shape.TICK, "Every grade was sent, and none was refused."
    ),
    Outcome.PARTLY: Said(
        "Sent in part",
        Tone.GOOD,
        Shape.HALF,
        "The grades were sent but for those the course's page lists.",
    ),
    Outcome.NOTHING: Said(
        "Nothing to do", Tone.QUIET, Shape.DASH, "There was nothing that the SIS did not have."
    ),
    Outcome.HELD: Said(
        "Held",
        Tone.HELD,
        Shape.DIAMOND,
        "No grade is sent until a person has looked at what would be.",
    ),
    Outcome.REFUSED: Said("Refused", Tone.BAD, Shape.CROSS, "No grade was sent."),
    Outcome.SUPERSEDED: _SUPERSEDED,
    Outcome.DISCARDED: Said(
        "Discarded", Tone.QUIET, Shape.RING, "A person discarded it. No grade was sent."
    ),
    Outcome.FAILED: _FAILED,
    Outcome.CRASHED: _STOPPED,
}

#: How a run of each kind that concerns grades ended.
GRADE_OUTCOMES: Mapping[str, Mapping[Outcome, Said]] = {
    GRADES: _SYNC,
    RECONCILE: {
        **_SYNC,
        Outcome.DELIVERED: Said(
            "Compared", Tone.QUIET, Shape.TICK, "Both sides were read. Nothing was changed."
        ),
        Outcome.FAILED: Said(
            "Failed", Tone.BAD, Shape.CROSS, "The two sides could not be compared."
        ),
    },
    ROUND: {
        **_SYNC,
        Outcome.DELIVERED: Said(
            "Courses asked for", Tone.QUIET, Shape.TICK, "Each course has a run of its own."
        ),
        Outcome.FAILED: Said("Failed", Tone.BAD, Shape.CROSS, "The courses could not be listed."),
    },
}

#: A run that was held, once somebody has decided about its grade plan.
GRADE_DECIDED: Mapping[GradePlanState, Said] = {
    GradePlanState.APPROVED: Said("Held, then approved", Tone.QUIET, Shape.RING),
    GradePlanState.CARRIED_OUT: Said("Held, then approved", Tone.QUIET, Shape.RING),
    GradePlanState.DISCARDED: Said("Held, then discarded", Tone.QUIET, Shape.RING),
    GradePlanState.SUPERSEDED: Said("Held, then superseded", Tone.QUIET, Shape.RING),
}

#: What a run of each kind is called.
KINDS: Mapping[str, str] = {
    GRADES: "Grade sync",
    RECONCILE: "Reconciliation",
    ROUND: "Round of grade syncs",
}

NEVER_SYNCED = Said("Not synced yet", Tone.QUIET, Shape.RING)


class GridState(StrEnum):
    """How an assignment is, the most urgent first."""

    FAILED = "failed"
    WILL_FAIL = "will-fail"
    DIFFERS = "differs"
    WILL_BE_ALTERED = "will-be-altered"
    FINE = "fine"
    ALTERED = "altered"
    NEW = "new"
    SENT = "sent"
    VERIFIED = "verified"
    UNCHANGED = "unchanged"


GRID: Mapping[GridState, Said] = {
    GridState.FAILED: Said("Failed", Tone.BAD, Shape.CROSS),
    GridState.WILL_FAIL: Said("Will fail", Tone.BAD, Shape.CROSS),
    GridState.DIFFERS: Said("Differs", Tone.QUIET, Shape.HALF),
    GridState.WILL_BE_ALTERED: Said("Will be altered", Tone.DOING, Shape.PEN),
    GridState.FINE: Said("Fine, to be sent", Tone.DOING, Shape.ARROW),
    GridState.ALTERED: Said("Sent, altered", Tone.QUIET, Shape.PEN),
    GridState.NEW: NEVER_SYNCED,
    GridState.SENT: Said("Sent", Tone.QUIET, Shape.ARROW),
    GridState.VERIFIED: Said("Verified", Tone.GOOD, Shape.TICK),
    GridState.UNCHANGED: Said("Unchanged", Tone.QUIET, Shape.DASH),
}

BEFORE: Mapping[Verdict, GridState] = {
    Verdict.WILL_FAIL: GridState.WILL_FAIL,
    Verdict.ALTERED: GridState.WILL_BE_ALTERED,
    Verdict.FINE: GridState.FINE,
    Verdict.UNCHANGED: GridState.UNCHANGED,
}
AFTER: Mapping[AssignmentOutcome, GridState] = {
    AssignmentOutcome.SENT: GridState.SENT,
    AssignmentOutcome.UNCHANGED: GridState.UNCHANGED,
    AssignmentOutcome.ALTERED: GridState.ALTERED,
    AssignmentOutcome.FAILED: GridState.FAILED,
    AssignmentOutcome.WILL_FAIL: GridState.WILL_FAIL,
}
KNOWN: Mapping[State, GridState] = {
    State.INTENDED: GridState.SENT,
    State.ACCEPTED: GridState.SENT,
    State.VERIFIED: GridState.VERIFIED,
    State.REFUSED: GridState.FAILED,
    State.UNKNOWN: GridState.SENT,
    State.WRITTEN: GridState.SENT,
}

_WRITTEN = Said(
    "Delivered by file",
    Tone.QUIET,
    Shape.ARROW,
    "It is in the file that the SIS takes. The SIS does not answer.",
)
_IN_DOUBT = Said("Sent, not answered", Tone.QUIET, Shape.HALF)

#: A student's grade, by what became of it in the latest sync, else by the ledger.
RESULTS: Mapping[ResultOutcome | State, Said] = {
    ResultOutcome.ACCEPTED: Said("Accepted", Tone.QUIET, Shape.ARROW),
    ResultOutcome.VERIFIED: Said("Verified", Tone.GOOD, Shape.TICK),
    ResultOutcome.FAILED: Said("Failed", Tone.BAD, Shape.CROSS),
    ResultOutcome.WITHHELD: Said("Withheld", Tone.QUIET, Shape.PAUSE),
    ResultOutcome.WRITTEN: _WRITTEN,
    State.WRITTEN: _WRITTEN,
    State.INTENDED: _IN_DOUBT,
    State.UNKNOWN: _IN_DOUBT,
    State.REFUSED: Said("Failed", Tone.BAD, Shape.CROSS),
}
TO_BE_SENT = Said("To be sent", Tone.DOING, Shape.ARROW)

DIFFERENCES: Mapping[Kind, Said] = {
    Kind.SAME: Said("The same", Tone.GOOD, Shape.TICK),
    Kind.NEVER_SENT: Said("Never sent", Tone.QUIET, Shape.RING),
    Kind.CHANGED: Said("Changed in Canvas", Tone.QUIET, Shape.PEN),
    Kind.REFUSED: Said("Refused by the SIS", Tone.BAD, Shape.CROSS),
    Kind.UNCONFIRMED: Said("Sent, not answered", Tone.QUIET, Shape.HALF),
    Kind.EDITED_IN_SIS: Said("Edited in the SIS", Tone.HELD, Shape.DIAMOND),
    Kind.ENTERED_IN_SIS: Said("Entered in the SIS", Tone.HELD, Shape.DIAMOND),
    Kind.DELETED_IN_SIS: Said("Deleted in the SIS", Tone.HELD, Shape.DIAMOND),
    Kind.DELETED_IN_CANVAS: Said("Gone from Canvas", Tone.BAD, Shape.MINUS),
    Kind.ONLY_IN_SIS: Said("Only in the SIS", Tone.QUIET, Shape.PLUS),
    Kind.EXCUSED: Said("Excused on one side", Tone.QUIET, Shape.HALF),
    Kind.ROUNDING: Said("Rounded", Tone.QUIET, Shape.DASH),
    Kind.BY_RULE: Said("By rule of the SIS", Tone.QUIET, Shape.DASH),
    Kind.WITHHELD: Said("Withheld", Tone.QUIET, Shape.PAUSE),
    Kind.UNREAD: Said("Could not be read", Tone.QUIET, Shape.HALF),
}
#: Both sides say the same, or what a rule makes of it.
NO_DIFFERENCE = frozenset({Kind.SAME, Kind.ROUNDING, Kind.BY_RULE})

WHO: Mapping[Who, str] = {
    Who.TEACHER: "the teacher",
    Who.CANVAS_ADMIN: "the Canvas admin",
    Who.SIS_ADMIN: "the SIS admin",
    Who.VENDOR: "the SIS's vendor",
    Who.ROSTERWAY: "Rosterway",
}

#: Why a category is near to a group's name (`passback.categories`).
NEAR: Mapping[str, str] = {
    "case": "differs only in capital letters",
    "spaces": "differs only in spaces",
    "code": "differs only in a code",
    "alike": "is alike",
}
