"""Silences: why a student's result is not told to the SIS, as a table.

Leaves to `scores` and `decide` when one holds. What the SIS was told before stays as it is, unless
the silence is one of `CLEARS`: then Canvas has no grade, and the rule pack says what becomes of it.
"""

from collections.abc import Mapping
from enum import StrEnum

from rosterway.passback.reasons import Reason, ReasonRule, Who


class Silence(StrEnum):
    """Why a student's result is not told."""

    UNGRADED = "ungraded"
    MISSING = "missing"
    EXCUSED = "excused"
    HIDDEN = "hidden"
    PENDING = "pending-review"
    OVER = "over-maximum"
    BELOW = "below-zero"
    ROUNDED = "rounded-to-zero"
    EARLY = "scored-early"
    NO_NUMBER = "no-number"
    LETTER = "letter"
    PASS_FAIL = "pass-fail"  # noqa: S105 - a grading type
    NOT_IN_CLASS = "not-in-class"
    NO_SIS_ID = "no-sis-id"
    NOT_READ = "not-read"
    SIS_EDIT = "edited-in-sis"
    LINE_ITEM = "line-item-failed"
    UNPROVEN = "unproven-results"


#: Canvas has no grade here, so what the SIS was told before is no longer true.
CLEARS = frozenset({Silence.UNGRADED, Silence.MISSING, Silence.EXCUSED})

_RULES: Mapping[Silence, ReasonRule] = {
    silence: ReasonRule(code=silence, message=message, remedy=remedy, who=who, source=source)
    for silence, message, remedy, who, source in (
        (
            Silence.UNGRADED,
            "There is no grade in Canvas.",
            "",
            Who.TEACHER,
            "oneroster.md 10.3",
        ),
        (
            Silence.MISSING,
            "The work is missing, and your SIS is told of missing work only with a score.",
            "Give it a score if it is to count.",
            Who.TEACHER,
            "users-and-pains.md 13",
        ),
        (
            Silence.EXCUSED,
            "The student is excused, and your SIS is not told of excused work.",
            "",
            Who.TEACHER,
            "users-and-pains.md 13",
        ),
        (
            Silence.HIDDEN,
            "The grade is hidden from the student in Canvas.",
            "Post the grades of the assignment.",
            Who.TEACHER,
            "canvas-sis.md 6.4",
        ),
        (
            Silence.PENDING,
            "Part of the work still waits for a teacher to grade it.",
            "Grade the rest.",
            Who.TEACHER,
            "oneroster.md 10.3",
        ),
        (
            Silence.OVER,
            "The score is above the points possible, which your SIS refuses.",
            "Lower the score, or raise the points possible.",
            Who.TEACHER,
            "users-and-pains.md 14",
        ),
        (
            Silence.BELOW,
            "The score is below zero, which your SIS refuses.",
            "Raise the score.",
            Who.TEACHER,
            "users-and-pains.md 14",
        ),
        (
            Silence.ROUNDED,
            "Your SIS takes fewer decimals, and rounding would make a 0 of the score.",
            "Give the assignment more points, so that its scores need no decimals.",
            Who.TEACHER,
            "users-and-pains.md 14",
        ),
        (
            Silence.EARLY,
            "The grade is older than the day the assignment is given out, which your SIS refuses.",
            "Set Available From to an earlier day, or grade the work again.",
            Who.TEACHER,
            "instructure-integration.md 3.2",
        ),
        (
            Silence.NO_NUMBER,
            "The grade has no number, and your SIS takes numbers only.",
            "Give the grade as points.",
            Who.TEACHER,
            "users-and-pains.md 14",
        ),
        (
            Silence.LETTER,
            "The letter is not on a score scale of this class in your SIS.",
            "Grade in points, or have the scale added to the class.",
            Who.SIS_ADMIN,
            "users-and-pains.md 14",
        ),
        (
            Silence.PASS_FAIL,
            "Your SIS is not told of complete and incomplete.",
            "Grade in points.",
            Who.TEACHER,
            "users-and-pains.md 14",
        ),
        (
            Silence.NOT_IN_CLASS,
            "The SIS does not list the student in this class.",
            "Enroll the student in the class in the SIS, or remove the enrollment from Canvas.",
            Who.SIS_ADMIN,
            "instructure-integration.md 3.2",
        ),
        (
            Silence.NO_SIS_ID,
            "The student was added to the course by hand and has no SIS id.",
            "Enroll the student through the SIS.",
            Who.SIS_ADMIN,
            "canvas-sis.md 6.4",
        ),
        (
            Silence.NOT_READ,
            "Canvas did not tell of this student's work, so what the SIS has is left alone.",
            "Check that the assignment is still assigned to the student.",
            Who.TEACHER,
            "canvas-sis.md 6.4",
        ),
        (
            Silence.SIS_EDIT,
            "Somebody changed the grade in the SIS after it was sent, and it is not overwritten.",
            "Compare the two, and approve overwriting or change the grade in Canvas.",
            Who.TEACHER,
            "users-and-pains.md 8",
        ),
        (
            Silence.LINE_ITEM,
            "The assignment itself did not reach the SIS, so no grade of it can.",
            "See what became of the assignment.",
            Who.TEACHER,
            "oneroster.md 10.1",
        ),
        (
            Silence.UNPROVEN,
            "The SIS did not prove that it listed all results, so this could be a second one.",
            "Sync again later. If it stays so, have the provider looked at: rosterway doctor.",
            Who.SIS_ADMIN,
            "safety.md",
        ),
    )
}

#: Why a student's result is not told, ready to be shown.
SILENCES: Mapping[Silence, Reason] = {silence: rule.of() for silence, rule in _RULES.items()}

#: The same with their sources, for the reference pages.
SILENCE_RULES: tuple[ReasonRule, ...] = tuple(_RULES.values())
