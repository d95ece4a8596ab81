"""One class's assignments, judged: which line item each is, what it would say, and what is against it.

All assignments of a class are judged together, also where a few are selected, because names and
matches of one depend on the others. Leaves to `tell` their results and to `decide` the plan.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from rosterway.passback.case import Case
from rosterway.passback.categories import Found
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import day_at
from rosterway.passback.drafting import Course, Given, Pair, category_in, draft
from rosterway.passback.gradebook import AssignmentGroup
from rosterway.passback.line_items import Alteration, Draft, Title, titles
from rosterway.passback.match import LineItems, Match, MatchedBy, line_items_of, match_line_item
from rosterway.passback.offers import fixes_for
from rosterway.passback.plan import Fix
from rosterway.passback.preflight import reasons_against
from rosterway.passback.reasons import Reason
from rosterway.passback.rules import SameName
from rosterway.settings.shape import Endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found of a pair. Without reasons its line item can go."""

    pair: Pair
    draft: Draft
    match: Match
    reasons: tuple[Reason, ...]
    alterations: tuple[Alteration, ...]
    fixes: tuple[Fix, ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the SIS has no line item for it yet."""
        return self.match.by in {MatchedBy.NONE, MatchedBy.UNPROVEN}

    @property
    def is_adopted(self) -> bool:
        """Whether a line item that was there is taken for it, by its name and due day."""
        entry = self.pair.entry
        is_ours = entry is not None and entry.is_in_doubt
        return self.match.by is MatchedBy.NAME_AND_DUE and not is_ours


def judge_class(
    course: Course,
    of_class: ClassGradebook,
    pairs: Sequence[Pair],
    linked: Iterable[str],
    given: Given,
) -> list[Judged]:
    """Every assignment of one class, in the pairs' order.

    `linked` are the line items the ledger knows in the class, whichever assignment's they are.
    """
    rules = course.terms.rules
    items = line_items_of(of_class, course.terms.zone, frozenset(linked))
    named = titles([pair.assignment for pair in pairs], rules, course.length)
    found = {
        pair.assignment.group: category_in(course, of_class, pair.assignment) for pair in pairs
    }
    drafts = [
        draft(
            course, of_class, pair, named[pair.assignment.id], found[pair.assignment.group], given
        )
        for pair in pairs
    ]
    matches = [
        _match(course, items, pair, draft) for pair, draft in zip(pairs, drafts, strict=True)
    ]
    if rules.same_name is not SameName.ALLOW:
        ours = {match.sourced_id for match in matches} | set(items.linked)
        others = [one.title for one in items.by_id.values() if one.sourced_id not in ours]
        named = titles([pair.assignment for pair in pairs], rules, course.length, others)
        drafts = [
            draft(
                course,
                of_class,
                pair,
                named[pair.assignment.id],
                found[pair.assignment.group],
                given,
            )
            for pair in pairs
        ]
    rivals = Counter(one.sourced_id for one in matches if one.by is MatchedBy.NAME_AND_DUE)
    return [
        _judge(
            course, of_class, pair, draft, match, named, found[pair.assignment.group],
            rivals=rivals[match.sourced_id] or 1,
            is_graded=pair.assignment.id in given.graded,
        )
        for pair, draft, match in zip(pairs, drafts, matches, strict=True)
    ]  # fmt: skip


def _match(course: Course, items: LineItems, pair: Pair, draft: Draft) -> Match:
    terms, assignment = course.terms, pair.assignment
    is_standard = terms.endpoints is Endpoints.STANDARD
    ours = terms.identity.line_item(assignment.id, draft.line_item.class_id) if is_standard else ""
    is_in_doubt = pair.entry is not None and pair.entry.is_in_doubt
    match = match_line_item(
        items,
        link=pair.link,
        ours=ours,
        names=(assignment.name, draft.line_item.title),
        due=draft.due,
        adopts=terms.rules.adopts or is_in_doubt,
    )
    if match.by is MatchedBy.GONE and course.remaster:
        return Match(MatchedBy.NONE, ours)
    return match


def _judge(
    course: Course,
    of_class: ClassGradebook,
    pair: Pair,
    draft: Draft,
    match: Match,
    named: Mapping[str, Title],
    category: Found,
    *,
    rivals: int,
    is_graded: bool,
) -> Judged:
    assignment, rules = pair.assignment, course.terms.rules
    group = course.groups.get(assignment.group) or AssignmentGroup(id=assignment.group, name="")
    case = Case(
        assignment=assignment,
        group=group,
        course=course.gradebook.course,
        of_class=of_class,
        settings=course.gradebook.settings,
        rules=rules,
        length=course.length,
        draft=draft,
        title=named[assignment.id],
        match=match,
        due=day_at(pair.placement.due_at, course.terms.zone),
        available=day_at(pair.placement.unlock_at, course.terms.zone),
        other_dues=course.dues.get(assignment.id, frozenset()),
        term=course.term,
        category_reason=category.reason if draft.line_item.category_id is None else None,
        has_grade=is_graded,
        rivals=rivals,
        is_modified=course.terms.endpoints is Endpoints.MODIFIED,
        version=course.terms.version,
    )
    reasons = tuple(reasons_against(case))
    taken = (
        title.text
        for ident, title in named.items()
        if ident != assignment.id and title.text is not None
    )
    return Judged(
        pair=pair,
        draft=_with_id(draft, match, pair),
        match=match,
        reasons=reasons,
        alterations=draft.alterations,
        fixes=tuple(
            fixes_for(case, pair.placement.section, reasons, taken, course.now, course.terms.zone)
        )
        if reasons
        else (),
    )


def _with_id(draft: Draft, match: Match, pair: Pair) -> Draft:
    """The draft under the id that was found, with the description the SIS has.

    A put replaces everything, and a description is the SIS's own.
    """
    had = pair.entry.line_item if pair.entry is not None else None
    described = had or match.line_item
    line_item = msgspec.structs.replace(
        draft.line_item,
        sourced_id=match.sourced_id,
        description=described.description if described else "",
    )
    return msgspec.structs.replace(draft, line_item=line_item)
