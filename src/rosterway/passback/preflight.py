"""Preflight: what will fail before it is sent, by the provider's rules and Canvas's own settings.

The rules are a table: what is looked for, how it is said, who can mend it. A rule looks at one
assignment in one class and says nothing where it holds. Leaves to `offers` what could be changed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from rosterway.passback.case import Case
from rosterway.passback.line_items import PERIODS, TERMS
from rosterway.passback.match import MatchedBy
from rosterway.passback.reasons import Reason, ReasonRule, Who
from rosterway.passback.rules import Consent, Inside, LongName, Undated

Check = Callable[[Case], Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class PreflightRule:
    """One row: how it is said, and what is looked for. A check gives the facts the words need."""

    said: ReasonRule
    check: Check


def _when(is_so: object, **facts: object) -> Mapping[str, object] | None:
    return facts if is_so else None


def _outside_term(case: Case) -> Mapping[str, object] | None:
    if case.due is None or case.rules.due_inside is Inside.ANYWHERE:
        return None
    dated = [one for one in case.of_class.sessions if one.kind in TERMS and one.start and one.end]
    if dated:
        return _when(case.draft.term is None, due=case.due)
    first, last = case.term
    is_early = first is not None and case.due < first
    is_late = last is not None and case.due > last
    return _when(is_early or is_late, due=case.due)


def _outside_period(case: Case) -> Mapping[str, object] | None:
    is_asked = case.rules.due_inside is Inside.PERIOD and case.due is not None
    has_periods = any(one.kind in PERIODS for one in case.of_class.sessions)
    return _when(is_asked and has_periods and case.draft.period is None, due=case.due)


def _unproven(case: Case) -> Mapping[str, object] | None:
    """An unseen line item may be there. With our own id a put cannot make a second one of ours.

    It could still stand beside one that would have been adopted, so it goes only where nothing is
    adopted or the SIS offers no list to adopt from.
    """
    if case.match.by is not MatchedBy.UNPROVEN:
        return None
    has_list = "line_items" not in case.of_class.unserved
    return _when(case.is_modified or (case.rules.adopts and has_list))


def _number(points: float | None) -> str:
    return "no points" if points is None else f"{points:g} points"


#: Every rule, the gravest first: what stops a whole course, then an assignment, then a detail.
RULES: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="syncing-off",
            message="SIS syncing is switched off in the settings of the Canvas account.",
            remedy="Switch SIS Syncing on in the account's settings.",
            who=Who.CANVAS_ADMIN,
            source="instructure-integration.md S5",
        ),
        lambda case: _when(case.settings.is_syncing is False),
    ),
    PreflightRule(
        ReasonRule(
            code="course-unpublished",
            message="The course is not published.",
            remedy="Publish the course.",
            source="canvas-sis.md 6.1",
        ),
        lambda case: _when(case.rules.needs_published and not case.course.published),
    ),
    PreflightRule(
        ReasonRule(
            code="unpublished",
            message="The assignment is not published.",
            remedy="Publish it.",
            source="users-and-pains.md 3",
        ),
        lambda case: _when(case.rules.needs_published and not case.assignment.published),
    ),
    PreflightRule(
        ReasonRule(
            code="not-graded",
            message="The assignment is of the type Not Graded.",
            remedy="Choose another grading type, or switch Sync to {sis} off.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.assignment.grading_type == "not_graded", sis=case.settings.sis_name
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="mastery-path",
            message="The assignment is part of Mastery Paths, which {sis} cannot take.",
            remedy="Assign it to everyone, or switch Sync to {sis} off.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.rules.mastery_paths is Consent.REFUSE and case.assignment.mastery_paths,
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="only-individuals",
            message="Only some students have the assignment, and no section has it as a whole.",
            remedy="Assign it to everyone or to whole sections.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.rules.individuals is Consent.REFUSE and case.assignment.only_individuals
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="individuals",
            message="{count} students have dates of their own, which {sis} cannot take.",
            remedy="Give due dates only to everyone or to whole sections.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.rules.individuals is Consent.REFUSE
            and case.assignment.individuals
            and not case.assignment.only_individuals,
            count=len(case.assignment.individuals),
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="group-not-from-sis",
            message="The assignment group {group} did not come from {sis}, which takes no other.",
            remedy="Move the assignment to a group that came from {sis}.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.rules.needs_sis_group and not case.group.sis_source_id,
            group=case.group.name,
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="name-too-long",
            message="The name has {count} characters, and {sis} takes {length}.",
            remedy="Shorten the name.",
            source="users-and-pains.md 3",
        ),
        lambda case: _when(
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
        lambda case: _when(not case.assignment.name.strip()),
    ),
    PreflightRule(
        ReasonRule(
            code="same-name",
            message="Another line item of the class is called {name} already.",
            remedy="Give the assignment a name of its own.",
            source="users-and-pains.md 3",
        ),
        lambda case: _when(
            case.title.is_taken and case.title.text is None, name=case.assignment.name
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="no-due-date",
            message="The assignment has no due date in this section, and {sis} needs one.",
            remedy="Give it a due date.",
            source="instructure-integration.md S5",
        ),
        lambda case: _when(
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
        lambda case: _when(
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
        _outside_term,
    ),
    PreflightRule(
        ReasonRule(
            code="due-outside-period",
            message="The due date {due} lies in none of the class's grading periods.",
            remedy="Choose a due date inside a grading period.",
            source="users-and-pains.md 3",
        ),
        _outside_period,
    ),
    PreflightRule(
        ReasonRule(
            code="differing-due-dates",
            message="Sections have different due dates, and {sis} takes one for all.",
            remedy="Give all sections the same due date.",
            source="instructure-integration.md 7",
        ),
        lambda case: _when(
            case.rules.same_due and case.other_dues - {case.due}, sis=case.settings.sis_name
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="zero-points",
            message="The assignment is worth {points}, which {sis} refuses.",
            remedy="Give it points, or switch Sync to {sis} off.",
            source="users-and-pains.md 14",
        ),
        lambda case: _when(
            case.rules.zero_points is Consent.REFUSE and not case.assignment.points_possible,
            points=_number(case.assignment.points_possible),
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
        lambda case: _when(
            (case.assignment.points_possible or 0) < 0,
            points=_number(case.assignment.points_possible),
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="fractional-points",
            message="The assignment is worth {points}, and {sis} takes whole numbers only.",
            remedy="Make the points possible a whole number.",
            source="users-and-pains.md 14",
        ),
        lambda case: _when(
            case.rules.whole_points and (case.assignment.points_possible or 0.0) % 1,
            points=_number(case.assignment.points_possible),
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
        lambda case: _when(
            case.rules.needs_grade and case.is_new and not case.has_grade,
            sis=case.settings.sis_name,
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="multiple-matches",
            message='Multiple matches found for "{name}" due on {due} in {sis}.',
            remedy="Choose which of the {count} line items it is, or rename those that it is not.",
            source="instructure-integration.md S7",
        ),
        lambda case: _when(
            case.match.by is MatchedBy.SEVERAL,
            name=case.assignment.name,
            due=case.draft.due or "no date",
            sis=case.settings.sis_name,
            count=len(case.match.candidates),
        ),
    ),
    PreflightRule(
        ReasonRule(
            code="shared-match",
            message="{count} assignments of this name and due date match one line item in {sis}.",
            remedy="Rename all but one of them, or link the line item to the one it is.",
            source="instructure-integration.md 4",
        ),
        lambda case: _when(case.rivals > 1, count=case.rivals, sis=case.settings.sis_name),
    ),
    PreflightRule(
        ReasonRule(
            code="line-item-gone",
            message="The line item it is linked to is no longer in {sis}.",
            remedy=(
                "If it was deleted by mistake, remaster the assignment, which makes it anew with "
                "all its grades. If not, switch Sync to {sis} off."
            ),
            source="instructure-integration.md S7",
        ),
        lambda case: _when(case.match.by is MatchedBy.GONE, sis=case.settings.sis_name),
    ),
    PreflightRule(
        ReasonRule(
            code="unproven-line-items",
            message=(
                "{sis} did not prove that it listed all line items of the class, so a new one could "
                "be a second one."
            ),
            remedy="Sync again later. If it stays so, have the provider looked at: rosterway doctor.",
            who=Who.SIS_ADMIN,
            source="safety.md",
        ),
        lambda case: _facts_of_sis(case, _unproven(case)),
    ),
)


def _facts_of_sis(case: Case, facts: Mapping[str, object] | None) -> Mapping[str, object] | None:
    return None if facts is None else {**facts, "sis": case.settings.sis_name}


def reasons_against(case: Case) -> Iterator[Reason]:
    """Every reason why the assignment will fail in the class; none: it can go."""
    for rule in RULES:
        facts = rule.check(case)
        if facts is not None:
            yield rule.said.of(**facts)
    if case.category_reason is not None and case.rules.needs_category:
        yield case.category_reason
