"""One class's assignments, judged: which line item each is, what it would say, and what is against it.

All assignments of a class are judged together, also where a few are selected, because names and
matches of one depend on the others. Leaves to `tell` their results and to `decide` the plan.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem
from rosterway.passback.categories import Association, Found, FoundBy, find_category
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import day_at, written_day
from rosterway.passback.gradebook import Assignment, AssignmentGroup, Gradebook, Placement
from rosterway.passback.ledger import Entry, LinkedBy
from rosterway.passback.line_items import Alteration, Draft, Title, draft_line_item, titles
from rosterway.passback.match import LineItems, Match, MatchedBy, line_items_of, match_line_item
from rosterway.passback.offers import fixes_for
from rosterway.passback.plan import Endpoints, Fix
from rosterway.passback.preflight import Case, reasons_against
from rosterway.passback.reasons import Reason
from rosterway.passback.rules import Letters, SameName
from rosterway.passback.scores import LETTERS, scale_for
from rosterway.passback.terms import Terms


@dataclass(frozen=True, slots=True)
class Pair:
    """An assignment in one class, with the dates that hold there and what the ledger has of it."""

    assignment: Assignment
    placement: Placement
    entry: Entry | None = None

    @property
    def link(self) -> str:
        """The line item the SIS is known to have for it; "": none."""
        entry = self.entry
        if entry is None or (entry.line_item is not None and entry.line_item.is_deleted):
            return ""
        is_known = entry.fingerprint or entry.linked_by is not LinkedBy.OURS
        return entry.sourced_id if is_known else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The grades a class's students have: which assignments have one, and by which letters."""

    graded: frozenset[str] = frozenset()
    letters: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is the same for all classes of the course."""

    gradebook: Gradebook
    groups: Mapping[str, AssignmentGroup]
    associations: Mapping[tuple[str, str], Association]
    dues: Mapping[str, frozenset[str | None]]
    term: tuple[str | None, str | None]
    terms: Terms
    now: datetime
    remaster: bool
    length: int | None


def course_of(
    gradebook: Gradebook,
    associations: Iterable[Association],
    terms: Terms,
    *,
    now: datetime,
    remaster: bool,
) -> Course:
    """The facts of a course that its classes share."""
    zone = terms.zone
    lengths = (terms.rules.name_length, gradebook.settings.name_length)
    of_sis = {one.id for one in gradebook.sections if one.class_id}
    return Course(
        gradebook=gradebook,
        groups={one.id: one for one in gradebook.groups},
        associations={(one.group, one.class_id): one for one in associations},
        dues={
            one.id: frozenset(
                day_at(place.due_at, zone) for place in one.placements if place.section in of_sis
            )
            for one in gradebook.assignments
        },
        term=(
            day_at(gradebook.course.term_start_at, zone),
            day_at(gradebook.course.term_end_at, zone),
        ),
        terms=terms,
        now=now,
        remaster=remaster,
        length=min((one for one in lengths if one is not None), default=None),
    )


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
    found = {pair.assignment.group: _category(course, of_class, pair.assignment) for pair in pairs}
    drafts = [
        _draft(
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
            _draft(
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


def _category(course: Course, of_class: ClassGradebook, assignment: Assignment) -> Found:
    group = course.groups.get(assignment.group) or AssignmentGroup(id=assignment.group, name="")
    section = next(
        (one.name for one in course.gradebook.sections if one.class_id == of_class.class_id), ""
    )
    return find_category(
        group,
        of_class,
        course.associations.get((group.id, of_class.class_id)),
        course.terms.rules.default_category,
        section=section,
        sis=course.gradebook.settings.sis_name,
    )


def _draft(
    course: Course,
    of_class: ClassGradebook,
    pair: Pair,
    title: Title,
    category: Found,
    given: Given,
) -> Draft:
    terms, entry = course.terms, pair.entry
    had = entry.line_item if entry is not None and pair.link else None
    draft = draft_line_item(
        pair.assignment,
        pair.placement,
        of_class,
        sourced_id="",
        title=title.text or pair.assignment.name,
        category_id=_category_id(of_class, category, pair),
        rules=terms.rules,
        version=terms.version,
        zone=terms.zone,
        now=course.now,
        had=had,
        had_due=written_day(had.due, terms.zone) if had else None,
        score_scale_id=_scale_id(course, of_class, pair.assignment, had, given),
    )
    instead = _instead(course, of_class, pair.assignment, category)
    return msgspec.structs.replace(draft, alterations=(*draft.alterations, *instead))


def _instead(
    course: Course, of_class: ClassGradebook, assignment: Assignment, found: Found
) -> Iterator[Alteration]:
    """That the category is another than the one a person chose, or than the group's name."""
    if found.category is None:
        return
    group = course.groups.get(assignment.group)
    chosen = course.associations.get((assignment.group, of_class.class_id))
    if found.has_lapsed and chosen is not None:
        before, why = chosen.title or chosen.category_id, "association"
    elif found.by is FoundBy.DEFAULT:
        before, why = group.name if group else "", "default_category"
    else:
        return
    yield Alteration(what="category", before=before, after=found.category.title, why=why)


def _scale_id(
    course: Course,
    of_class: ClassGradebook,
    assignment: Assignment,
    had: LineItem | None,
    given: Given,
) -> str | None:
    """The score scale letters are told by: that it has, else the one that fits those given."""
    is_asked = course.terms.rules.letters is Letters.SCALE
    if not is_asked or assignment.grading_type not in LETTERS:
        return None
    kept = {one.sourced_id for one in of_class.score_scales or ()}
    if had is not None and had.score_scale_id in kept:
        return had.score_scale_id
    letters = given.letters.get(assignment.id, frozenset())
    scale = scale_for(letters, of_class.score_scales)
    return scale.sourced_id if scale else None


def _category_id(of_class: ClassGradebook, found: Found, pair: Pair) -> str | None:
    """The category found; where categories could not be read, the one the SIS accepted before."""
    if found.category is not None:
        return found.category.sourced_id
    entry = pair.entry
    if of_class.categories is None and entry is not None and entry.line_item is not None:
        return entry.line_item.category_id
    return None


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
        other_dues=course.dues.get(assignment.id, frozenset()),
        term=course.term,
        category_reason=category.reason if draft.line_item.category_id is None else None,
        has_grade=is_graded,
        rivals=rivals,
        is_modified=course.terms.endpoints is Endpoints.MODIFIED,
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
