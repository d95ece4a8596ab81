"""What the console calls things: each state's word, shape and tone, in tables.

Tone is colour's meaning and nothing else: held is amber, bad is red (removed, refused, failed),
good is green (confirmed by Canvas). Shape says the same to who cannot see colour.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rosterway.store.plans import PlanState
from rosterway.store.runs import Outcome, Trigger


class Tone(StrEnum):
    """What a colour stands for."""

    QUIET = "quiet"
    DOING = "doing"
    HELD = "held"
    GOOD = "good"
    BAD = "bad"


class Shape(StrEnum):
    """The mark beside a state's word; drawn in `partials/marks.html`."""

    TICK = "tick"
    HALF = "half"
    DASH = "dash"
    DIAMOND = "diamond"
    CROSS = "cross"
    RING = "ring"
    ARROW = "arrow"
    PAUSE = "pause"
    PLUS = "plus"
    MINUS = "minus"
    PEN = "pen"


@dataclass(frozen=True, slots=True)
class Said:
    """A state in a word, and in a sentence where there is room."""

    word: str
    tone: Tone
    shape: Shape
    sentence: str = ""


OUTCOMES: Mapping[Outcome, Said] = {
    Outcome.DELIVERED: Said(
        "Delivered", Tone.GOOD, Shape.TICK, "Canvas confirmed every row that was sent."
    ),
    Outcome.PARTLY: Said(
        "Delivered in part",
        Tone.GOOD,
        Shape.HALF,
        "Canvas confirmed the rows but for those listed below.",
    ),
    Outcome.NOTHING: Said(
        "Nothing to do", Tone.QUIET, Shape.DASH, "Canvas has all of this already."
    ),
    Outcome.HELD: Said(
        "Held", Tone.HELD, Shape.DIAMOND, "Nothing is sent until a person has looked at the plan."
    ),
    Outcome.REFUSED: Said(
        "Refused",
        Tone.BAD,
        Shape.CROSS,
        "Nothing of this delivery could be used. Nothing was changed in Canvas.",
    ),
    Outcome.SUPERSEDED: Said(
        "Superseded",
        Tone.QUIET,
        Shape.RING,
        "A newer delivery took its place. Nothing of this one was sent.",
    ),
    Outcome.DISCARDED: Said(
        "Discarded", Tone.QUIET, Shape.RING, "A person discarded the plan. Nothing of it was sent."
    ),
    Outcome.FAILED: Said(
        "Failed", Tone.BAD, Shape.CROSS, "It could not be finished. What was not sent is not lost."
    ),
    Outcome.CRASHED: Said(
        "Stopped by a fault of Rosterway",
        Tone.BAD,
        Shape.CROSS,
        "The delivery is kept, and can be run again.",
    ),
}

#: How a grade export ended; what else may happen to it is as with any run.
EXPORT_OUTCOMES: Mapping[Outcome, Said] = {
    **OUTCOMES,
    Outcome.DELIVERED: Said(
        "Made", Tone.GOOD, Shape.TICK, "The files are in the folder grade-export, and kept here."
    ),
    Outcome.FAILED: Said(
        "Failed",
        Tone.BAD,
        Shape.CROSS,
        "There are no new files. Those of before are as they were, with a note beside them.",
    ),
    Outcome.CRASHED: Said(
        "Stopped by a fault of Rosterway",
        Tone.BAD,
        Shape.CROSS,
        "There are no new files. Those of before are as they were, with a note beside them.",
    ),
}

#: A run that was held, once somebody has decided about its plan.
DECIDED: Mapping[PlanState, Said] = {
    PlanState.APPROVED: Said("Held, then approved", Tone.QUIET, Shape.RING),
    PlanState.DELIVERING: Said("Held, then approved", Tone.QUIET, Shape.RING),
    PlanState.DELIVERED: Said("Held, then approved", Tone.QUIET, Shape.RING),
    PlanState.FAILED: Said("Held, then approved", Tone.QUIET, Shape.RING),
    PlanState.DISCARDED: Said("Held, then discarded", Tone.QUIET, Shape.RING),
    PlanState.SUPERSEDED: Said("Held, then superseded", Tone.QUIET, Shape.RING),
}

GOING_ON = Said("Going on", Tone.DOING, Shape.ARROW)
NEVER = Said("No delivery yet", Tone.QUIET, Shape.DASH)
PAUSED = Said("Paused", Tone.QUIET, Shape.PAUSE)

PLANS: Mapping[PlanState, Said] = {
    PlanState.WAITING: Said(
        "Waits for a person", Tone.HELD, Shape.DIAMOND, "Nothing of it has been sent."
    ),
    PlanState.READY: Said("Ready", Tone.DOING, Shape.ARROW, "It goes to Canvas by itself."),
    PlanState.APPROVED: Said(
        "Approved", Tone.DOING, Shape.ARROW, "It goes to Canvas as soon as the way is free."
    ),
    PlanState.DELIVERING: Said(
        "Being sent", Tone.DOING, Shape.ARROW, "Canvas is importing it now."
    ),
    PlanState.DELIVERED: Said("Delivered", Tone.GOOD, Shape.TICK, "Canvas went through all of it."),
    PlanState.FAILED: Said(
        "Failed", Tone.BAD, Shape.CROSS, "It was not sent to its end. The run says why."
    ),
    PlanState.DISCARDED: Said(
        "Discarded", Tone.QUIET, Shape.RING, "A person discarded it. Nothing of it was sent."
    ),
    PlanState.SUPERSEDED: Said(
        "Superseded", Tone.QUIET, Shape.RING, "A newer plan took its place. Nothing of it was sent."
    ),
    PlanState.NOTHING: Said("Nothing to do", Tone.QUIET, Shape.DASH, "Canvas has all of this."),
    PlanState.REFUSED: Said(
        "Refused", Tone.BAD, Shape.CROSS, "Nothing of the delivery could be used."
    ),
}

TRIGGERS: Mapping[Trigger, str] = {
    Trigger.SEALED: "A delivery arrived",
    Trigger.SCHEDULE: "Its schedule",
    Trigger.APPROVAL: "An approval",
    Trigger.HAND: "Somebody asked for it",
}

#: Why a delivery was taken for complete (`gateway`, `runs.receive`).
SEALED: Mapping[str, str] = {
    "settled": "no file had changed for a while",
    "marker": "a marker file said so",
    "zip": "the zip was complete",
    "abandoned": "a file stayed unfinished, and waiting longer makes no sense",
    "command": "it was handed over by command",
    "sent": "its sender said so",
    "pull": "it is what a pull has read",
}

#: How a feed's files are meant.
APPLIED: Mapping[str, str] = {
    "diffing": "What comes is the whole truth: a record that is missing is acted on.",
    "imports": "The files say what they say: a record that is missing means nothing.",
    "canvas-diffing": "Canvas compares each delivery with the one before.",
    "canvas-batch": "Canvas deletes from the term whatever a delivery does not list.",
}

APPROVAL: Mapping[str, str] = {
    "when-held": "A plan waits for a person only when a guard holds it.",
    "always": "Every plan waits for a person.",
}

#: Phases of a term (`rostering.policy`).
PHASES: Mapping[str, str] = {
    "before": "before the term",
    "running": "while the term runs",
    "closing": "as the term ends",
    "over": "after the term",
}

#: When somebody loses access (`rostering.forecast`).
LOST: Mapping[str, str] = {
    "now": "with this plan",
    "grace": "at the end of a grace",
    "end-date": "on a day to come",
    "term-end": "with their term",
}

#: Why a vanished row is left alone (`rostering.vanished`).
SPARED: Mapping[str, str] = {
    "absent": "Its table is not in this delivery.",
    "folder": "In this folder absence means nothing.",
    "unsure": "Its table could not be read to the end, so nothing of it is removed.",
    "policy": "The feed leaves vanished rows of this table alone.",
    "gone": "It gives no access any more.",
    "term": "Its term is about to end.",
    "grace": "It is missing, and waits a while before anything becomes of it.",
    "elsewhere": "Another feed still lists it.",
    "forgotten": "It is deleted, or its term is over.",
}

#: How a row is removed (`rostering.removals`).
REMOVED: Mapping[str, str] = {
    "vanished": "It is not in the delivery any more.",
    "turned": "The delivery takes its access away.",
    "unknown": "The delivery takes away something that was not known.",
    "consequence": "Canvas removes it together with something else.",
}
