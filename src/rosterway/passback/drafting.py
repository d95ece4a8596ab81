"""A draft of each line item of a class, with the category and score scale it would have.

Holds what the classes of a course share, too. Leaves to `judge` whether the draft may go.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem
from rosterway.passback.categories import Association, Found, FoundBy, find_category
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.days import day_at, written_day
from rosterway.passback.gradebook import Assignment, AssignmentGroup, Gradebook, Placement
from rosterway.passback.ledger import Entry, LinkedBy
from rosterway.passback.line_items import Alteration, Draft, Title, draft_line_item
from rosterway.passback.places import placements_of
from rosterway.passback.rules import Letters
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
                day_at(place.due_at, zone)
                for place in placements_of(one, gradebook.students)
                if place.section in of_sis
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


def category_in(course: Course, of_class: ClassGradebook, assignment: Assignment) -> Found:
    """The category of an assignment's group in a class."""
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


def draft(
    course: Course,
    of_class: ClassGradebook,
    pair: Pair,
    title: Title,
    category: Found,
    given: Given,
) -> Draft:
    """The line item of a pair as it would be, under no id yet."""
    terms, entry = course.terms, pair.entry
    had = entry.line_item if entry is not None and pair.link else None
    drafted = draft_line_item(
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
    return msgspec.structs.replace(drafted, alterations=(*drafted.alterations, *instead))


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
