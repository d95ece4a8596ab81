"""A plan while it is made: gathered class by class, then put in order and weighed."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from rosterway.passback.gradebook import Gradebook
from rosterway.passback.holds import Weighed, ask_guards
from rosterway.passback.plan import (
    Counts,
    Deletion,
    Edit,
    Judgement,
    Left,
    LineItemPut,
    PassbackPlan,
    ResultPut,
    Verdict,
    Withheld,
    digest_of,
)
from rosterway.passback.tell import Told
from rosterway.passback.terms import Terms

_Row = TypeVar("_Row", Judgement, LineItemPut, ResultPut, Deletion, Withheld, Left, Edit)


@dataclass(slots=True)
class Sketch:
    """A plan while it is made."""

    judgements: list[Judgement] = field(default_factory=list[Judgement])
    line_items: list[LineItemPut] = field(default_factory=list[LineItemPut])
    told: Told = field(default_factory=Told)
    edits: list[Edit] = field(default_factory=list[Edit])
    read_results: set[str] = field(default_factory=set[str])
    unchanged: int = 0
    adopted: int = 0


def finished(
    making: Sketch, gradebook: Gradebook, terms: Terms, *, now: datetime, is_first: bool
) -> PassbackPlan:
    """The plan that was sketched, in order, with its digest and its holds."""
    told = making.told
    counts = _counts(making)
    puts = (*making.line_items, *told.puts, *told.deletions)
    course = gradebook.course.id
    return PassbackPlan(
        course=course,
        endpoints=terms.endpoints,
        version=terms.version,
        planned_at=now,
        digest=digest_of(course, terms.endpoints, terms.version, puts),
        judgements=_in_order(making.judgements),
        line_items=_in_order(making.line_items),
        results=_in_order(told.puts),
        deletions=_in_order(told.deletions),
        withheld=_in_order(told.withheld),
        left=_in_order(told.left),
        edits=_in_order(making.edits),
        holds=tuple(ask_guards(_weighed(making, counts, is_first=is_first), terms.caution)),
        read_results=tuple(sorted(making.read_results)),
        counts=counts,
    )


def _in_order(rows: Iterable[_Row]) -> tuple[_Row, ...]:
    return tuple(sorted(rows, key=_place))


def _place(
    row: Judgement | LineItemPut | ResultPut | Deletion | Withheld | Left | Edit,
) -> tuple[str, int, str, int, str]:
    """By class, assignment and user; ids of Canvas's are numbers, so the shorter comes first."""
    user = "" if isinstance(row, Judgement | LineItemPut) else row.user
    return (row.class_id, len(row.assignment), row.assignment, len(user), user)


def _counts(making: Sketch) -> Counts:
    told = making.told
    verdicts = [one.verdict for one in making.judgements]
    return Counts(
        pairs=len(verdicts),
        will_fail=verdicts.count(Verdict.WILL_FAIL),
        altered=verdicts.count(Verdict.ALTERED),
        unchanged_line_items=making.unchanged,
        new_line_items=sum(one.is_new for one in making.line_items),
        line_items=len(making.line_items),
        results=len(told.puts),
        unchanged_results=told.unchanged,
        deletions=len(told.deletions),
        withheld=len(told.withheld),
        left=len(told.left),
        ungraded=told.ungraded,
    )


def _weighed(making: Sketch, counts: Counts, *, is_first: bool) -> Weighed:
    deletions = making.told.deletions
    return Weighed(
        is_first=is_first,
        line_items=counts.line_items,
        results=counts.results,
        new_line_items=counts.new_line_items,
        adopted=making.adopted,
        cleared=sum(bool(one.user) for one in deletions)
        + sum(one.is_cleared for one in making.told.puts),
        withdrawn=sum(not one.user for one in deletions),
        edits=len(making.edits),
    )
