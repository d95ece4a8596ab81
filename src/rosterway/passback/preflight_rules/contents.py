"""Rules about what an assignment is called and what it is worth."""

from rosterway.passback.preflight_rules.rule import PreflightRule, when
from rosterway.passback.reasons import ReasonRule
from rosterway.passback.rules import Consent, LongName


def _points(points: float | None) -> str:
    return "no points" if points is None else f"{points:g} points"


CONTENTS: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="name-too-long",
            message="The name has {count} characters, and {sis} takes {length}.",
            remedy="Shorten the name.",
            source="users-and-pains.md 3",
        ),
        lambda case: when(
            case.title.is_too_long
            and case.length is not None
            and (case.rules.long_name is LongName.REFUSE or case.title.text is None),
            count=len(case.assignment.name),
            length=case.length,
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="no-name",
            message="The assignment has no name.",
            remedy="Give it a name.",
            source="oneroster.md 9.2",
        ),
        lambda case: when(not case.assignment.name.strip()),
    ),
    PreflightRule(
        ReasonRule(
            code="same-name",
            message="Another line item of the class is called {name} already.",
            remedy="Give the assignment a name of its own.",
            source="users-and-pains.md 3",
        ),
        lambda case: when(
            case.title.is_taken and case.title.text is None, name=case.assignment.name
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="zero-points",
            message="The assignment is worth {points}, which {sis} refuses.",
            remedy="Give it points, or switch Sync to {sis} off.",
            source="users-and-pains.md 14",
        ),
        lambda case: when(
            case.rules.zero_points is Consent.REFUSE and not case.assignment.points_possible,
            points=_points(case.assignment.points_possible),
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="negative-points",
            message="The assignment is worth {points}.",
            remedy="Give it points of 0 or more.",
            source="oneroster.md 9.2",
        ),
        lambda case: when(
            (case.assignment.points_possible or 0) < 0,
            points=_points(case.assignment.points_possible),
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="fractional-points",
            message="The assignment is worth {points}, and {sis} takes whole numbers only.",
            remedy="Make the points possible a whole number.",
            source="users-and-pains.md 14",
        ),
        lambda case: when(
            case.rules.whole_points and (case.assignment.points_possible or 0.0) % 1,
            points=_points(case.assignment.points_possible),
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="no-grade-yet",
            message="Nobody has a grade yet, and {sis} takes an assignment once it has one.",
            remedy="Grade at least one student, then sync again.",
            source="instructure-integration.md 7",
        ),
        lambda case: when(
            case.rules.needs_grade and case.is_new and not case.has_grade,
            sis=case.settings.sis_name,
        ),
    ),
)
