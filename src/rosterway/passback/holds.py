"""Guards: what makes a grade sync wait for a person, whatever the provider would accept."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rosterway.passback.caution import Caution
from rosterway.passback.plan import Guard, Hold
from rosterway.settings.shape import SisEdits

#: Each guard in words.
WORDS: Mapping[Guard, str] = {
    Guard.FIRST_SYNC: "nothing of the course was ever sent to the SIS",
    Guard.NEW_LINE_ITEMS: "more new line items than the cap would be made",
    Guard.ADOPTIONS: "line items that are in the SIS already would be taken over, by name and due day",
    Guard.CLEARED: "more grades than the cap would be taken back",
    Guard.WITHDRAWN: "line items would be deleted with all their grades",
    Guard.SIS_EDITS: "grades that somebody changed in the SIS would be overwritten",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the guards look at: how much of each a plan would send."""

    is_first: bool
    line_items: int
    results: int
    new_line_items: int
    adopted: int
    cleared: int
    withdrawn: int
    edits: int


def ask_guards(of: Weighed, caution: Caution) -> Iterator[Hold]:
    """Every reason for the plan to wait."""
    if of.is_first and caution.first_sync and (of.line_items or of.results):
        yield Hold(
            guard=Guard.FIRST_SYNC,
            count=of.line_items,
            message=(
                f"This is the first sync of the course: {of.line_items:,} line items and "
                f"{of.results:,} results would go to the SIS."
            ),
        )
    if of.new_line_items > caution.new_line_items:
        yield Hold(
            guard=Guard.NEW_LINE_ITEMS,
            count=of.new_line_items,
            limit=caution.new_line_items,
            message=f"{of.new_line_items:,} new line items would be made; the limit is {caution.new_line_items:,}.",
        )
    if of.adopted and caution.adoptions:
        yield Hold(
            guard=Guard.ADOPTIONS,
            count=of.adopted,
            message=(
                f"{of.adopted:,} line items that are in the SIS already would be taken over, "
                "because their names and due dates are the same."
            ),
        )
    if of.cleared > caution.cleared:
        yield Hold(
            guard=Guard.CLEARED,
            count=of.cleared,
            limit=caution.cleared,
            message=f"{of.cleared:,} grades would be taken back; the limit is {caution.cleared:,}.",
        )
    if of.withdrawn:
        yield Hold(
            guard=Guard.WITHDRAWN,
            count=of.withdrawn,
            message=f"{of.withdrawn:,} line items would be deleted with all their grades.",
        )
    if of.edits and caution.sis_edits is SisEdits.ASK:
        yield Hold(
            guard=Guard.SIS_EDITS,
            count=of.edits,
            message=f"{of.edits:,} grades that were changed in the SIS would be overwritten.",
        )
