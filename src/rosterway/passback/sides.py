"""Both sides of one class's gradebook, place by place: what Canvas has to tell, and what the SIS has.

A place is an assignment in a class, or a student's result on it. Canvas's side is a plan made as a
remaster that overwrites edits, which therefore holds all there is to tell; the ledger says what the
SIS was told. Leaves to `comparing` what follows from that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key
from rosterway.passback.match import results_of
from rosterway.passback.plan import (
    Deletion,
    Judgement,
    Left,
    LineItemPut,
    PassbackPlan,
    ResultPut,
    Verdict,
    Withheld,
)
from rosterway.passback.reasons import Reason
from rosterway.passback.tell import room_of
from rosterway.settings.shape import Endpoints

One = TypeVar("One", ResultPut, Deletion, Withheld, Left)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItemPlace:
    """An assignment in a class. `is_whole`: what is not found is not there."""

    key: Key
    put: LineItemPut | None
    deletion: Deletion | None
    reason: Reason | None
    entry: Entry | None
    found: LineItem | None
    is_whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPlace:
    """A student's result. `line_item` is the SIS's id of the assignment, "" if it has none.

    `is_left`: the SIS keeps it by policy though Canvas has nothing there any more.
    """

    key: Key
    student: str
    line_item: str
    put: ResultPut | None
    deletion: Deletion | None
    reason: Reason | None
    is_left: bool
    entry: Entry | None
    found: Result | None
    is_whole: bool
    is_modified: bool


@dataclass(frozen=True, slots=True)
class Sides:
    """A class's places; `unknown_items` and `unknown_results` are those only the SIS has.

    An unknown result stands with the assignment it is a result of.
    """

    line_items: tuple[LineItemPlace, ...]
    results: tuple[ResultPlace, ...]
    unknown_items: tuple[LineItem, ...]
    unknown_results: tuple[tuple[str, Result], ...]


def sides_of(
    gradebook: Gradebook,
    plan: PassbackPlan,
    of_class: ClassGradebook,
    entries: Mapping[Key, Entry],
) -> Sides:
    """Every place of a class. `entries` are the whole ledger of the course."""
    items = tuple(_line_items(plan, of_class, entries))
    # A link to a line item that is gone still keeps its results together.
    ids = {place.key[1]: _line_item_id(place) for place in items}
    results = tuple(_results(gradebook, plan, of_class, entries, ids))
    known = {place.found.sourced_id for place in results if place.found}
    assignments = {ident: assignment for assignment, ident in ids.items() if ident}
    return Sides(
        line_items=items,
        results=results,
        unknown_items=tuple(
            one
            for one in of_class.line_items or ()
            if not one.is_deleted and one.sourced_id not in assignments
        ),
        unknown_results=tuple(
            (assignments[one.line_item_id], one)
            for one in of_class.results or ()
            if not one.is_deleted
            and one.line_item_id in assignments
            and one.sourced_id not in known
        ),
    )


def is_whole(of_class: ClassGradebook, name: str) -> bool:
    """Whether a list of a class was read and is proven complete."""
    return getattr(of_class, name) is not None and name not in of_class.incomplete


def _line_items(
    plan: PassbackPlan, of_class: ClassGradebook, entries: Mapping[Key, Entry]
) -> Iterator[LineItemPlace]:
    here = of_class.class_id
    puts = {one.assignment: one for one in plan.line_items if one.class_id == here}
    judged = {one.assignment: one for one in plan.judgements if one.class_id == here}
    gone = {one.assignment: one for one in plan.deletions if one.class_id == here and not one.user}
    left = {one.assignment: one for one in plan.left if one.class_id == here and not one.user}
    linked = (key[1] for key in entries if key[0] == here and not key[2])
    listed = {one.sourced_id: one for one in of_class.line_items or () if not one.is_deleted}
    for assignment in dict.fromkeys((*puts, *judged, *gone, *left, *linked)):
        entry, put = entries.get((here, assignment, "")), puts.get(assignment)
        ids = (entry.sourced_id if entry else "", put.line_item.sourced_id if put else "")
        kept = left.get(assignment)
        yield LineItemPlace(
            key=(here, assignment, ""),
            put=put,
            deletion=gone.get(assignment),
            reason=_why_not(judged.get(assignment)) or (kept.reason if kept else None),
            entry=entry,
            found=next((listed[ident] for ident in ids if ident in listed), None),
            is_whole=is_whole(of_class, "line_items"),
        )


def _why_not(judged: Judgement | None) -> Reason | None:
    """Why an assignment will not go, if that is thought of it."""
    if judged is None or judged.verdict is not Verdict.WILL_FAIL:
        return None
    return next(iter(judged.reasons), None)


def _line_item_id(place: LineItemPlace) -> str:
    if place.found:
        return place.found.sourced_id
    if place.entry and place.entry.sourced_id:
        return place.entry.sourced_id
    return place.put.line_item.sourced_id if place.put else ""


def _results(
    gradebook: Gradebook,
    plan: PassbackPlan,
    of_class: ClassGradebook,
    entries: Mapping[Key, Entry],
    line_items: Mapping[str, str],
) -> Iterator[ResultPlace]:
    here = of_class.class_id
    sections = {one.id for one in gradebook.sections if one.class_id == here}
    gone = (one for one in gradebook.students if not sections.isdisjoint(one.left))
    there = room_of(gradebook, of_class).students
    students = {one.id: one.sourced_id or "" for one in (*gone, *there)}
    theirs = results_of(of_class)
    puts = _of_students(plan.results, here)
    gone = _of_students(plan.deletions, here)
    withheld = _of_students(plan.withheld, here)
    left = _of_students(plan.left, here)
    told = (key for key in entries if key[0] == here and key[2])
    for key in dict.fromkeys((*puts, *gone, *withheld, *left, *told)):
        entry, put, deletion = entries.get(key), puts.get(key), gone.get(key)
        had = entry.result if entry else None
        student = _student(put, had) or students.get(key[2], "")
        line_item = line_items.get(key[1]) or (put.result.line_item_id if put else "")
        known = (
            entry.sourced_id if entry else "",
            put.result.sourced_id if put else "",
            deletion.sourced_id if deletion else "",
        )
        silence = withheld.get(key) or left.get(key)
        yield ResultPlace(
            key=key,
            student=student,
            line_item=line_item,
            put=put,
            deletion=deletion,
            reason=silence.reason if silence else None,
            is_left=key in left,
            entry=entry,
            found=theirs.of(line_item, student, known),
            is_whole=is_whole(of_class, "results"),
            is_modified=plan.endpoints is Endpoints.MODIFIED,
        )


def _student(put: ResultPut | None, had: Result | None) -> str:
    if put is not None:
        return put.result.student_id
    return had.student_id if had else ""


def _of_students(found: Iterable[One], class_id: str) -> dict[Key, One]:
    """Those of a class that are about a student, by their place."""
    return {
        (one.class_id, one.assignment, one.user): one
        for one in found
        if one.class_id == class_id and one.user
    }
