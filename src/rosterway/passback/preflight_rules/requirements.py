"""Rules about what OneRoster itself requires of a line item and this one would not have.

A strict payload is for a SIS that holds it to the specification's schema; what a rule pack says that
it goes without is not looked for. A missing category or due date has a rule or reason of its own.
"""

from collections.abc import Callable, Mapping

from rosterway.formats.oneroster.gradebook_writing import Manner, lacking
from rosterway.passback.case import Case
from rosterway.passback.preflight_rules.dates import outside_period, outside_term
from rosterway.passback.preflight_rules.rule import PreflightRule, when
from rosterway.passback.reasons import ReasonRule, Who
from rosterway.passback.rules import Shape
from rosterway.passback.sessions import PERIODS, TERMS, has_dates


def _lacks(case: Case, name: str) -> bool:
    if case.rules.shape is Shape.LEAN:
        return False
    return name in lacking(case.draft.line_item, Manner(version=case.version))


def _without_session(case: Case, *, is_told: bool) -> Mapping[str, object] | None:
    """Whether it falls in no session though the SIS tells when they are, or tells of none."""
    lacks = case.rules.grading_period and case.draft.due and _lacks(case, "gradingPeriod")
    if not lacks or outside_term(case) or outside_period(case):
        return None
    is_so = has_dates(case.of_class, (*PERIODS, *TERMS)) is is_told
    return when(is_so, due=case.draft.due, sis=case.settings.sis_name)


def _in_no_session(case: Case) -> Mapping[str, object] | None:
    return _without_session(case, is_told=True)


def _of_no_session(case: Case) -> Mapping[str, object] | None:
    return _without_session(case, is_told=False)


def _lack_of(name: str) -> Callable[[Case], Mapping[str, object] | None]:
    return lambda case: when(_lacks(case, name), sis=case.settings.sis_name)


REQUIREMENTS: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="no-grading-period",
            message=(
                "The due date {due} lies in no grading period or term of the class, and {sis} "
                "takes no assignment without one."
            ),
            remedy="Choose a due date inside the term.",
            source="oneroster.md 9.2",
        ),
        _in_no_session,
    ),
    PreflightRule(
        ReasonRule(
            code="no-sessions",
            message=(
                "{sis} does not say which grading periods and terms the class has, and takes no "
                "assignment without one."
            ),
            remedy=(
                "Have the class's terms and their days told by the SIS, or, if it takes line items "
                "without a grading period, set the rule grading_period to false."
            ),
            who=Who.SIS_ADMIN,
            source="oneroster.md 9.2",
        ),
        _of_no_session,
    ),
    PreflightRule(
        ReasonRule(
            code="no-school",
            message="{sis} does not say which school the class is of, and takes no assignment without.",
            remedy=(
                "Have the class's school told by the SIS, or, if it takes line items without one, "
                "set the rule shape to lean."
            ),
            who=Who.SIS_ADMIN,
            source="oneroster.md 9.2",
        ),
        _lack_of("school"),
    ),
)
