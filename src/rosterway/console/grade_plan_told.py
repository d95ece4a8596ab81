"""A grade plan that waits, in words: why, how many of what, and what goes otherwise than in Canvas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rosterway.console.access import Desk
from rosterway.console.grade_results import HIDDEN
from rosterway.console.grade_sides import Sides
from rosterway.passback.line_items import Alteration
from rosterway.passback.plan import Counts, PassbackPlan, Verdict
from rosterway.passback.reasons import Reason
from rosterway.passback.told import number, value_of

#: So many single grades are listed.
_MOST = 50
#: So many sections are named; more are counted.
_NAMED = 3

_CALLED: Mapping[str, str] = {
    "title": "Name",
    "due": "Due",
    "assigned": "Assigned",
    "category": "Category",
    "maximum": "Points possible",
}


@dataclass(frozen=True, slots=True)
class Altered:
    """Something that goes otherwise than Canvas has it."""

    assignment: str
    name: str
    section: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPlan:
    """A grade plan. `altered` is cut off; `more` is how many are not in it.

    `failing` counts assignments, in however many sections.
    """

    why: Sequence[str]
    counts: Counts
    altered: Sequence[Altered]
    more: int
    withheld: Mapping[Reason, int]
    edits: Sequence[Altered]
    deletions: int
    failing: int


def tell_plan(desk: Desk, sides: Sides) -> ToldPlan | None:
    """The plan that waits of a course; None where its file is another's."""
    waiting, plan = sides.waiting, sides.plan
    if waiting is None or plan is None or sides.planned_by is None:
        return None
    altered = _altered(desk, sides, plan)
    withheld: dict[Reason, int] = {}
    for one in plan.withheld:
        withheld[one.reason] = withheld.get(one.reason, 0) + 1
    return ToldPlan(
        why=list(waiting.summary.get("why", ())),
        counts=plan.counts,
        altered=altered[:_MOST],
        more=max(len(altered) - _MOST, 0),
        withheld=withheld,
        edits=_edits(desk, sides, plan)[:_MOST],
        deletions=len(plan.deletions),
        failing=len(
            {one.assignment for one in plan.judgements if one.verdict is Verdict.WILL_FAIL}
        ),
    )


def _altered(desk: Desk, sides: Sides, plan: PassbackPlan) -> list[Altered]:
    names, sections = names_of(sides)
    alike: dict[tuple[str, Alteration], list[str]] = {}
    for one in plan.judgements:
        for change in one.alterations:
            listed = alike.setdefault((one.assignment, change), [])
            listed.append(sections.get(one.class_id, one.class_id))
    found = [
        Altered(
            assignment,
            names.get(assignment, assignment),
            ", ".join(listed) if len(listed) <= _NAMED else f"{len(listed)} sections",
            _CALLED.get(change.what, change.what),
            change.before,
            change.after,
        )
        for (assignment, change), listed in alike.items()
    ]
    people = people_of(desk, sides)
    found += [
        Altered(
            put.assignment,
            names.get(put.assignment, put.assignment),
            sections.get(put.class_id, put.class_id),
            f"Grade of {people.get(put.user, put.user)}",
            _shown(desk, put.score),
            _shown(desk, put.result.score),
        )
        for put in plan.results
        if put.is_altered
    ]
    return found


def _edits(desk: Desk, sides: Sides, plan: PassbackPlan) -> list[Altered]:
    """What somebody has changed in the SIS, and the plan would overwrite."""
    names, sections = names_of(sides)
    people = people_of(desk, sides)
    sends = {(one.class_id, one.assignment, one.user): one.result for one in plan.results}
    sees = desk.sees_people
    return [
        Altered(
            one.assignment,
            names.get(one.assignment, one.assignment),
            sections.get(one.class_id, one.class_id),
            f"Grade of {people.get(one.user, one.user)}",
            value_of(one.found) if sees else HIDDEN,
            value_of(sends.get((one.class_id, one.assignment, one.user))) if sees else HIDDEN,
        )
        for one in plan.edits
    ]


def _shown(desk: Desk, score: float | None) -> str:
    if not desk.sees_people:
        return HIDDEN
    return number(score) if score is not None else "nothing"


def names_of(sides: Sides) -> tuple[dict[str, str], dict[str, str]]:
    """The names of a course's assignments, and of its sections by class."""
    listed = sides.gradebook.assignments if sides.gradebook else ()
    sections = {class_id: one.name for class_id, one in sides.sections.items()}
    return {one.id: one.name for one in listed}, sections


def people_of(desk: Desk, sides: Sides) -> dict[str, str]:
    """The names of a course's students by Canvas's id; none for who may not see them."""
    if sides.gradebook is None or not desk.sees_people:
        return {}
    return {one.id: one.name for one in sides.gradebook.students if one.name}
