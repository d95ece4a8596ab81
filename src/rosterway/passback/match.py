"""Which line item of the SIS is which assignment's, and which result is which student's.

The ledger's link first; then our own id, found in the SIS; then the same name and the same due day
at the school among line items no other assignment has (instructure-integration.md 4). More than one
is never guessed between. On a list that is not proven complete nothing is made that could be there
already.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import written_day


class MatchedBy(StrEnum):
    """How a line item was found, or why none was."""

    LINK = "link"
    OUR_ID = "our-id"
    NAME_AND_DUE = "name-and-due"
    NONE = "none"
    SEVERAL = "several"
    GONE = "gone"  # linked, and proven to be no longer in the SIS
    UNPROVEN = "unproven"  # not seen, in a list that may not be whole


@dataclass(frozen=True, slots=True)
class Match:
    """What was found. `line_item` None: there is none, or the list was not read.

    `candidates` are those a person can choose between.
    """

    by: MatchedBy
    sourced_id: str = ""
    line_item: LineItem | None = None
    candidates: tuple[LineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class LineItems:
    """A class's line items as the SIS has them, found by id and by name and day."""

    by_id: dict[str, LineItem]
    by_name: dict[str, list[LineItem]]
    zone: ZoneInfo
    is_proven: bool
    linked: Collection[str] = field(default_factory=frozenset[str])

    def named(self, names: Iterable[str], day: str | None) -> tuple[LineItem, ...]:
        """Those of one of the names and of the due day that no assignment is linked to."""
        found = {
            one.sourced_id: one
            for name in names
            for one in self.by_name.get(name, ())
            if one.sourced_id not in self.linked and written_day(one.due, self.zone) == day
        }
        return tuple(found.values())


def line_items_of(of_class: ClassGradebook, zone: ZoneInfo, linked: Collection[str]) -> LineItems:
    """A class's line items, ready to be matched; `linked` are the ids assignments already have."""
    listed = [one for one in of_class.line_items or () if not one.is_deleted]
    by_name: dict[str, list[LineItem]] = defaultdict(list)
    for one in listed:
        by_name[one.title].append(one)
    return LineItems(
        by_id={one.sourced_id: one for one in listed},
        by_name=by_name,
        zone=zone,
        is_proven=of_class.line_items is not None and "line_items" not in of_class.incomplete,
        linked=linked,
    )


def match_line_item(
    items: LineItems,
    *,
    link: str,
    ours: str,
    names: Iterable[str],
    due: str | None,
    adopts: bool = True,
) -> Match:
    """The line item of one assignment.

    `link` is the sourcedId the ledger has ("": none), `ours` the one we would choose ("": Modified),
    `names` the assignment's name and the title it would be sent with, `due` its day at the school.
    """
    if link:
        known = items.by_id.get(link)
        if known is None and items.is_proven:
            return Match(MatchedBy.GONE, link)
        return Match(MatchedBy.LINK, link, known)
    if ours and ours in items.by_id:
        return Match(MatchedBy.OUR_ID, ours, items.by_id[ours])
    found = items.named(names, due) if adopts else ()
    if len(found) > 1:
        return Match(MatchedBy.SEVERAL, candidates=found)
    if found:
        return Match(MatchedBy.NAME_AND_DUE, found[0].sourced_id, found[0])
    if not items.is_proven:
        return Match(MatchedBy.UNPROVEN, ours)
    return Match(MatchedBy.NONE, ours)


@dataclass(frozen=True, slots=True)
class Results:
    """A class's results, found by line item and student."""

    by_pair: dict[tuple[str, str], list[Result]]

    def of(self, line_item: str, student: str, known: Iterable[str] = ()) -> Result | None:
        """The student's result on the line item.

        Where the SIS has several, that with one of the known ids is meant, else the first.
        """
        found = self.by_pair.get((line_item, student), [])
        if len(found) < 2:
            return found[0] if found else None
        wanted = [ident for ident in known if ident]
        return next((one for one in found if one.sourced_id in wanted), found[0])


def results_of(of_class: ClassGradebook | None) -> Results:
    """A class's results, ready to be matched; empty where they were not read."""
    by_pair: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for one in (of_class.results if of_class else None) or ():
        if not one.is_deleted:
            by_pair[one.line_item_id, one.student_id].append(one)
    return Results(dict(by_pair))
