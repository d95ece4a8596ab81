"""Rules about which line item of the SIS an assignment is."""

from collections.abc import Mapping

from rosterway.passback.case import Case
from rosterway.passback.match import MatchedBy
from rosterway.passback.preflight_rules.rule import PreflightRule, when
from rosterway.passback.reasons import ReasonRule, Who


def _unproven(case: Case) -> Mapping[str, object] | None:
    """An unseen line item may be there. With our own id a put cannot make a second one of ours.

    It could still stand beside one that would have been adopted, so it goes only where nothing is
    adopted or the SIS offers no list to adopt from.
    """
    if case.match.by is not MatchedBy.UNPROVEN:
        return None
    has_list = "line_items" not in case.of_class.unserved
    is_unsafe = case.is_modified or (case.rules.adopts and has_list)
    return when(is_unsafe, sis=case.settings.sis_name)


MATCHES: tuple[PreflightRule, ...] = (
    PreflightRule(
        ReasonRule(
            code="multiple-matches",
            message='Multiple matches found for "{name}" due on {due} in {sis}.',
            remedy="Choose which of the {count} line items it is, or rename those that it is not.",
            source="instructure-integration.md S7",
        ),
        lambda case: when(
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
        lambda case: when(case.rivals > 1, count=case.rivals, sis=case.settings.sis_name),
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
        lambda case: when(case.match.by is MatchedBy.GONE, sis=case.settings.sis_name),
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
        _unproven,
    ),
)
