"""A course's grades as people hear of them: each assignment with its state, and why.

It is told from what the latest runs have read and from the ledger; neither Canvas nor the SIS is
asked. What is newer counts: a preview's verdict before what became of the sync before it, and a
reconciliation's differences after it.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from rosterway.console.access import Desk
from rosterway.console.grade_lines import ORDER, InClass, Line
from rosterway.console.grade_sides import Sides
from rosterway.console.grade_words import AFTER, BEFORE, KNOWN, NO_DIFFERENCE, GridState
from rosterway.passback.categories import FoundBy
from rosterway.passback.gradebook import Assignment, Gradebook, Section
from rosterway.passback.ledger import Entry, LinkedBy, State
from rosterway.passback.plan import Judgement
from rosterway.runs.grades.courses import category_table
from rosterway.runs.grades.outcomes import (
    AssignmentTold,
    ResultOutcome,
    ResultTold,
)
from rosterway.runs.grades.sis import default_category

#: An assignment in a class: class, assignment.
Pair = tuple[str, str]


def lines_of(desk: Desk, sides: Sides) -> list[Line]:
    """The assignments of a course, the most urgent first, then by name."""
    gradebook = sides.gradebook
    if gradebook is None:
        return []
    look = _Look(desk, sides, gradebook)
    found = [look.line(one) for one in gradebook.assignments]
    return sorted(
        (one for one in found if one.places),
        key=lambda one: (ORDER[one.state], one.name.casefold(), one.assignment),
    )


class _Look:
    """A look at all assignments of one course."""

    def __init__(self, desk: Desk, sides: Sides, gradebook: Gradebook) -> None:
        self._sides = sides
        self._groups = {one.id: one.name for one in gradebook.groups}
        self._sections = {one.id: one for one in gradebook.sections}
        self._judged: dict[Pair, Judgement] = {
            (one.class_id, one.assignment): one
            for one in (sides.plan.judgements if sides.plan else ())
        }
        self._offered: dict[Pair, Judgement] = {
            (one.class_id, one.assignment): one
            for one in (sides.offered.judgements if sides.offered else ())
        }
        self._told: dict[Pair, AssignmentTold] = {
            (one.class_id, one.assignment): one for one in sides.posted.assignments
        }
        self._failed = Counter(
            _pair(one) for one in sides.posted.results if one.outcome is ResultOutcome.FAILED
        )
        self._turned = Counter(
            (one.class_id, one.assignment)
            for one in (sides.plan.results if sides.plan else ())
            if one.is_altered
        )
        self._grades: dict[Pair, list[State]] = {}
        for (class_id, assignment, user), entry in sides.entries.items():
            if user:
                self._grades.setdefault((class_id, assignment), []).append(entry.state)
        self._differ = Counter(
            (one.class_id, one.assignment)
            for one in (sides.compared.differences if sides.compared else ())
            if one.kind not in NO_DIFFERENCE
        )
        self._categories = {
            (one.group.id, one.class_id): one.found.category.title
            + (" (the default)" if one.found.by is FoundBy.DEFAULT else "")
            for one in category_table(desk.handle, sides.course, default_of(desk)).rows
            if one.found.category is not None
        }

    def line(self, assignment: Assignment) -> Line:
        """One assignment; without places if no section of the SIS has it."""
        places: list[InClass] = []
        for placement in assignment.placements:
            section = self._sections.get(placement.section)
            if section is not None and section.class_id:
                places.append(self._in_class(assignment, section, placement.due_at))
        return Line(
            assignment=assignment.id,
            name=assignment.name,
            group=self._groups.get(assignment.group, ""),
            points=assignment.points_possible,
            places=tuple(places),
        )

    def _in_class(self, assignment: Assignment, section: Section, due: datetime | None) -> InClass:
        class_id = section.class_id or ""
        pair = (class_id, assignment.id)
        judged, told = self._judged.get(pair), self._told.get(pair)
        entry = self._sides.entries.get((*pair, ""))
        source: Judgement | AssignmentTold | None = judged or told
        reasons = source.reasons if source is not None else ()
        if source is None and entry is not None and entry.reason is not None:
            reasons = (entry.reason,)
        is_in_sis = entry is not None and bool(entry.fingerprint)
        offered = self._offered.get(pair)
        causes = told.causes if told is not None and judged is None else ()
        return InClass(
            class_id=class_id,
            section=section.name,
            state=self._state(pair, judged, told, entry),
            due=due,
            category=self._categories.get((assignment.group, class_id), ""),
            synced_at=entry.at if entry is not None and is_in_sis else None,
            reasons=reasons,
            alterations=source.alterations if source is not None else (),
            answer="" if judged is not None else told.answer if told is not None else "",
            failed=0 if judged is not None else self._failed[pair],
            differ=self._differ[pair],
            turned=self._turned[pair] if judged is not None else 0,
            causes=tuple(one for one in causes if one not in reasons),
            fixes=offered.fixes if offered is not None else (),
            candidates=len(offered.candidates) if offered is not None else 0,
            linked=_linked(offered, entry),
        )

    def _state(
        self,
        pair: Pair,
        judged: Judgement | None,
        told: AssignmentTold | None,
        entry: Entry | None,
    ) -> GridState:
        if judged is not None:
            return BEFORE[judged.verdict]
        state = KNOWN[entry.state] if entry is not None else GridState.NEW
        if told is not None:
            state = AFTER[told.outcome]
        if self._failed[pair]:
            state = GridState.FAILED
        if self._differ[pair] and ORDER[state] > ORDER[GridState.DIFFERS]:
            return GridState.DIFFERS
        grades = self._grades.get(pair, [])
        is_read_back = bool(grades) and all(one is State.VERIFIED for one in grades)
        if state is GridState.SENT and is_read_back:
            return GridState.VERIFIED
        return state


def default_of(desk: Desk) -> str | None:
    """The category that takes what fits none, as the rules of the tenant's SIS have it."""
    return default_category(desk.office.tenant(desk.tenant.name), desk.office.config_folder)


def counted(lines: Iterable[Line]) -> dict[GridState, int]:
    """How many assignments are in each state, the most urgent first."""
    found = Counter(one.state for one in lines)
    return {state: found[state] for state in GridState if found[state]}


def _linked(offered: Judgement | None, entry: Entry | None) -> str:
    """The line item somebody has chosen among several, or ""."""
    is_chosen = entry is not None and entry.linked_by is LinkedBy.HAND
    if offered is None or entry is None or not is_chosen:
        return ""
    return entry.sourced_id if entry.sourced_id in offered.candidates else ""


def _pair(told: ResultTold) -> Pair:
    return (told.class_id, told.assignment)
