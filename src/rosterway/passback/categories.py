"""Which category of the SIS an assignment group is in one class.

By an association a person made, which is by id and survives every rename; else by exactly the same
title, the class's own categories before global ones; else the default of the rule pack; else it is
said which there are (instructure-integration.md 3.1 and 5). A title that is merely alike is offered
and never taken.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from difflib import SequenceMatcher
from enum import StrEnum

import msgspec

from rosterway.formats.oneroster.gradebook import Category
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import AssignmentGroup, Gradebook
from rosterway.passback.reasons import Reason, ReasonRule

#: How alike two titles must be to be offered, 1 being the same.
ALIKE = 0.75

#: A code after a title, as Skyward writes it: `Homework (HW)`, `Homework - HW`, `HW: Homework`.
_CODE_AFTER = re.compile(r"^(.+?)\s*(?:\([^()]{1,8}\)|\[[^\[\]]{1,8}\]|-\s*[A-Z0-9]{1,6})$")
_CODE_BEFORE = re.compile(r"^[A-Z0-9]{1,6}\s*[:\-]\s*(.+)$")

NOT_FOUND = ReasonRule(
    code="no-category",
    message=(
        "Grading category {group} not found in {sis} for {section}. Available grading categories "
        "are: {available}"
    ),
    remedy=(
        "Associate the assignment group {group} with one of them, or give the two the same name."
        "{near}"
    ),
    source="instructure-integration.md S7",
)


class Association(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person's word that a group is a category in one class. `title` is what it was called then."""

    group: str
    class_id: str
    category_id: str
    title: str = ""
    by: str = ""
    at: datetime | None = None


class FoundBy(StrEnum):
    """How a category was found."""

    ASSOCIATION = "association"
    TITLE = "title"
    DEFAULT = "default"
    NONE = "none"


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """A category whose title is like a group's name. `why`: case, spaces, code or alike."""

    category: Category
    why: str
    ratio: float


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a group is in a class. `reason` says what a person should know or do about it.

    `has_lapsed`: an association names a category the SIS no longer has.
    """

    by: FoundBy
    category: Category | None = None
    has_lapsed: bool = False
    alike: tuple[Alike, ...] = ()
    reason: Reason | None = None


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """A weight that is not the same on both sides."""

    group: str
    class_id: str
    canvas: float
    sis: float


def categories_of(of_class: ClassGradebook) -> tuple[Category, ...]:
    """The categories a class may use: its own, then those of all classes; no deleted ones."""
    listed = [one for one in of_class.categories or () if not one.is_deleted]
    own = (one for one in listed if one.class_id == of_class.class_id)
    return (*own, *(one for one in listed if one.class_id is None))


def find_category(
    group: AssignmentGroup,
    of_class: ClassGradebook,
    association: Association | None,
    default: str | None,
    *,
    section: str = "",
    sis: str = "OneRoster",
) -> Found:
    """What a group is in a class; `default` is a category's sourcedId or title.

    Where the list of categories was not read or is not proven complete, an association is believed.
    """
    usable = categories_of(of_class)
    is_proven = of_class.categories is not None and "categories" not in of_class.incomplete
    lapsed = False
    if association is not None:
        named = next((one for one in usable if one.sourced_id == association.category_id), None)
        if named is None and not is_proven:
            named = Category(sourced_id=association.category_id, title=association.title)
        if named is not None:
            return Found(by=FoundBy.ASSOCIATION, category=named)
        lapsed = True
    named = next((one for one in usable if one.title == group.name), None)
    if named is not None:
        return Found(by=FoundBy.TITLE, category=named, has_lapsed=lapsed)
    near = alike(group.name, usable)
    if default is not None:
        named = next((one for one in usable if default in (one.sourced_id, one.title)), None)
        if named is not None:
            return Found(by=FoundBy.DEFAULT, category=named, has_lapsed=lapsed, alike=near)
    reason = NOT_FOUND.of(
        group=group.name,
        sis=sis,
        section=section or of_class.class_id,
        available=", ".join(one.title for one in usable) or "none",
        near=f" Perhaps {near[0].category.title} is meant." if near else "",
    )
    return Found(by=FoundBy.NONE, has_lapsed=lapsed, alike=near, reason=reason)


def alike(name: str, categories: Iterable[Category]) -> tuple[Alike, ...]:
    """The categories whose titles are like the name, the most alike first, five at most."""
    found = [near for one in categories if (near := _alike(name, one)) is not None]
    return tuple(sorted(found, key=lambda one: (-one.ratio, one.category.title))[:5])


def _alike(name: str, category: Category) -> Alike | None:
    title = category.title
    if title.casefold() == name.casefold():
        return Alike(category=category, why="case", ratio=1.0)
    if _folded(title) == _folded(name):
        return Alike(category=category, why="spaces", ratio=0.98)
    if _folded(_without_code(title)) == _folded(_without_code(name)):
        return Alike(category=category, why="code", ratio=0.95)
    ratio = SequenceMatcher(None, _folded(title), _folded(name)).ratio()
    return Alike(category=category, why="alike", ratio=round(ratio, 2)) if ratio >= ALIKE else None


def _folded(text: str) -> str:
    return "".join(text.casefold().split())


def _without_code(text: str) -> str:
    for pattern in (_CODE_AFTER, _CODE_BEFORE):
        match = pattern.match(text.strip())
        if match:
            return match[1]
    return text


def unassociated(gradebook: Gradebook, associations: Iterable[Association]) -> Mapping[str, int]:
    """For each assignment group, how many of the course's SIS sections have no association."""
    made = {(one.group, one.class_id) for one in associations}
    sections = [one.class_id for one in gradebook.sections if one.class_id]
    return {
        group.id: sum((group.id, class_id) not in made for class_id in sections)
        for group in gradebook.groups
    }


def weight_drift(group: AssignmentGroup, of_class: ClassGradebook, found: Found) -> Iterator[Drift]:
    """Where Canvas and the SIS weigh a category differently, so that their totals differ."""
    weight = found.category.weight if found.category else None
    if group.weight is not None and weight is not None and group.weight != weight:
        yield Drift(group=group.id, class_id=of_class.class_id, canvas=group.weight, sis=weight)
