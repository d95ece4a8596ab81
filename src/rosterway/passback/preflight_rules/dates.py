"""Rules about days: when it is due, and in which grading period or term."""

from collections.abc import Mapping

from rosterway.passback.case import Case
from rosterway.passback.preflight_rules.rule import PreflightRule, when
from rosterway.passback.reasons import ReasonRule
from rosterway.passback.rules import Bound, Inside, Undated
from rosterway.passback.sessions import PERIODS, TERMS, has_dates


def outside_term(case: Case) -> Mapping[str, object] | None:
    """By the SIS's terms of the class, or by Canvas's of the course where it tells of none."""
    if case.due is None or case.rules.due_inside is Inside.ANYWHERE:
        return None
    if has_dates(case.of_class, (*TERMS, *PERIODS)):
        return when(not (case.draft.term or case.draft.period), due=case.due)
    first, last = case.term
    is_early = first is not None and case.due < first
    is_late = last is not None and case.due > last
    return when(is_early or is_late, due=case.due)


def outside_period(case: Case) -> Mapping[str, object] | None:
    """Said only where the SIS tells of grading periods."""
    is_asked = case.rules.due_inside is Inside.PERIOD and case.due is not None
    is_outside = case.draft.period is None and has_dates(case.of_class, PERIODS)
    return when(is_asked and is_outside, due=case.due)


def _assigned_early(case: Case) -> Mapping[str, object] | None:
    assigned, session = case.draft.assigned, case.draft.session
    if case.rules.early_assigned is not Bound.REFUSE or not (assigned and session):
        return None
    return when(
        session.start and assigned < session.start[:10],
        assigned=assigned,
        session=session.title or session.sourced_id,
        begins=(session.start or "")[:10],
        sis=case.settings.sis_name,
    )


DATES: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="no-due-date",
            message="The assignment has no due date in this section, and {sis} needs one.",
            remedy="Give it a due date.",
            source="instructure-integration.md S5",
        ),
        lambda case: when(
            case.due is None
            and (case.rules.undated is Undated.REFUSE or case.settings.requires_due_date),
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="no-session",
            message="There is no due date, and no term or grading period is known to take one from.",
            remedy="Give the assignment a due date.",
            source="oneroster.md 9.2",
        ),
        lambda case: when(
            case.draft.due is None
            and case.rules.undated in {Undated.PERIOD_END, Undated.TERM_END}
            and not case.settings.requires_due_date
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="due-outside-term",
            message="The due date {due} lies outside the class's term.",
            remedy="Choose a due date inside the term.",
            source="users-and-pains.md 3",
        ),
        outside_term,
    ),
    PreflightRule(
        ReasonRule(
            code="due-outside-period",
            message="The due date {due} lies in none of the class's grading periods.",
            remedy="Choose a due date inside a grading period.",
            source="users-and-pains.md 3",
        ),
        outside_period,
    ),
    PreflightRule(
        ReasonRule(
            code="differing-due-dates",
            message="Sections have different due dates, and {sis} takes one for all.",
            remedy="Give all sections the same due date.",
            source="instructure-integration.md 7",
        ),
        lambda case: when(
            case.rules.same_due and case.other_dues - {case.due}, sis=case.settings.sis_name
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="assigned-early",
            message=(
                "It is given out on {assigned}, before {session} begins on {begins}, which "
                "{sis} refuses."
            ),
            remedy="Set Available From to a day inside it, or choose an earlier due date.",
            source="instructure-integration.md 3.2",
        ),
        _assigned_early,
    ),
)
