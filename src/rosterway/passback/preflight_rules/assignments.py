"""Rules about which assignments go: published, graded, and whose they are."""

from rosterway.passback.preflight_rules.rule import PreflightRule, when
from rosterway.passback.reasons import ReasonRule
from rosterway.passback.rules import Consent

ASSIGNMENTS: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="course-unpublished",
            message="The course is not published.",
            remedy="Publish the course.",
            source="canvas-sis.md 6.1",
        ),
        lambda case: when(case.rules.needs_published and not case.course.published),
    ),
    PreflightRule(
        ReasonRule(
            code="unpublished",
            message="The assignment is not published.",
            remedy="Publish it.",
            source="users-and-pains.md 3",
        ),
        lambda case: when(case.rules.needs_published and not case.assignment.published),
    ),
    PreflightRule(
        ReasonRule(
            code="not-graded",
            message="The assignment is of the type Not Graded.",
            remedy="Choose another grading type, or switch Sync to {sis} off.",
            source="instructure-integration.md 7",
        ),
        lambda case: when(case.assignment.grading_type == "not_graded", sis=case.settings.sis_name),
    ),
    PreflightRule(
        ReasonRule(
            code="mastery-path",
            message="The assignment is part of Mastery Paths, which {sis} cannot take.",
            remedy="Assign it to everyone, or switch Sync to {sis} off.",
            source="instructure-integration.md 7",
        ),
        lambda case: when(
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
        lambda case: when(
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
        lambda case: when(
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
        lambda case: when(
            case.rules.needs_sis_group and not case.group.sis_source_id,
            group=case.group.name,
            sis=case.settings.sis_name,
        ),
    ),
)
