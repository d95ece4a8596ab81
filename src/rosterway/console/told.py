"""Runs as people hear of them: the outcome in a word, what changed, where to read on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rosterway.console.access import Desk
from rosterway.console.grade_words import GRADE_DECIDED, GRADE_OUTCOMES
from rosterway.console.quantities import of_things
from rosterway.console.words import DECIDED, EXPORT_OUTCOMES, GOING_ON, OUTCOMES, Said
from rosterway.runs.exports.asked import GRADE_EXPORT
from rosterway.runs.stages import WORDS, Stage
from rosterway.store import grade_plans, plans, runs
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

#: So many of a feed's runs and plans are looked at for its 30 days.
MOST_RUNS = 200


@dataclass(frozen=True, slots=True)
class Totals:
    """What a plan changes, all tables together; `removed` as the guards count it."""

    new: int = 0
    changed: int = 0
    removed: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.new + other.new, self.changed + other.changed, self.removed + other.removed
        )

    @property
    def words(self) -> str:
        """`43 new, 1 changed, 19 removed`; what is none is left out."""
        parts = [
            f"{count:,} {word}"
            for count, word in (
                (self.new, "new"),
                (self.changed, "changed"),
                (self.removed, "removed"),
            )
            if count
        ]
        return ", ".join(parts) or "no row differs"


def totals_of(plan: Plan | None) -> Totals:
    """A plan's totals; none where there is no plan."""
    if plan is None:
        return Totals()
    tables: Mapping[str, Mapping[str, int]] = plan.summary.get("tables", {})
    removals: Mapping[str, int] = plan.summary.get("removals", {})
    return Totals(
        sum(counts.get("create", 0) for counts in tables.values()),
        sum(counts.get("update", 0) for counts in tables.values()),
        sum(removals.values()),
    )


def rows_of(plan: Plan | None) -> int:
    """How many rows a plan sends."""
    imports: Iterable[Mapping[str, Any]] = plan.summary.get("imports", ()) if plan else ()
    return sum(one["rows"] for one in imports)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRun:
    """One run. `waits` says that its plan waits for a person now; `grades` is a grade sync's plan."""

    run: Run
    plan: Plan | None
    grades: GradePlan | None = None
    said: Said
    totals: Totals
    rows: int
    waits: bool

    @property
    def at(self) -> datetime:
        """When it ended, or else began."""
        return self.run.ended_at or self.run.started_at or self.run.requested_at

    @property
    def is_approval(self) -> bool:
        """Whether it carries out what a person has approved or discarded."""
        return self.run.kind == "deliver"

    @property
    def is_of_grades(self) -> bool:
        """Whether it concerns grades, and no roster."""
        return self.run.kind in GRADE_OUTCOMES

    @property
    def effect(self) -> str:
        """What it did to Canvas, or would do, in words."""
        if self.is_of_grades and self.run.outcome is not None:
            return self.run.reason
        match self.run.outcome:
            case Outcome.REFUSED | Outcome.NOTHING | Outcome.SUPERSEDED | Outcome.DISCARDED:
                return ""
            case Outcome.FAILED | Outcome.CRASHED:
                return self.run.reason
            case Outcome.HELD if self.waits:
                return f"would be {self.totals.words}"
            case None:
                return doing(self.run)
            case _:
                return self.totals.words if self.plan else ""


def doing(run: Run) -> str:
    """What a run that goes on is at."""
    if run.stage is None:
        return "Waiting for its turn"
    return WORDS[Stage(run.stage)].doing


def said_of(handle: TenantStore, run: Run) -> Said:
    """A run's outcome in a word."""
    return tell(run, None, _grade_plan(handle, run)).said


def tell(run: Run, plan: Plan | None, grades: GradePlan | None = None) -> ToldRun:
    """A run and its plan, in words."""
    if run.kind in GRADE_OUTCOMES:
        return _tell_grades(run, grades)
    outcomes = EXPORT_OUTCOMES if run.kind == GRADE_EXPORT else OUTCOMES
    said = outcomes[run.outcome] if run.outcome else GOING_ON
    waits = plan is not None and plan.state is PlanState.WAITING and run.outcome is Outcome.HELD
    if run.outcome is Outcome.HELD and plan is not None:
        said = DECIDED.get(plan.state, said)
    return ToldRun(
        run=run, plan=plan, said=said, totals=totals_of(plan), rows=rows_of(plan), waits=waits
    )


def _tell_grades(run: Run, plan: GradePlan | None) -> ToldRun:
    said = GRADE_OUTCOMES[run.kind][run.outcome] if run.outcome else GOING_ON
    is_held = run.outcome is Outcome.HELD and plan is not None
    if is_held and plan is not None:
        said = GRADE_DECIDED.get(plan.state, said)
    waits = is_held and plan is not None and plan.state is GradePlanState.WAITING
    return ToldRun(run=run, plan=None, grades=plan, said=said, totals=Totals(), rows=0, waits=waits)


def tell_one(handle: TenantStore, run: Run) -> ToldRun:
    """A run, with the plan it made if it made one."""
    return tell(run, plans.get(handle, run.plan) if run.plan else None, _grade_plan(handle, run))


def _grade_plan(handle: TenantStore, run: Run) -> GradePlan | None:
    if run.kind not in GRADE_OUTCOMES or run.outcome is not Outcome.HELD:
        return None
    return next(iter(grade_plans.latest(handle, run=run.id, limit=1)), None)


def latest_runs(
    desk: Desk, *, feed: str | None = None, before: Run | None = None, limit: int
) -> list[ToldRun]:
    """The latest runs of a feed or of all, told; `before` one of them for the next page."""
    found = runs.latest(desk.handle, feed=feed, before=before, limit=limit)
    return tell_all(desk, found, feed)


def tell_all(desk: Desk, found: list[Run], feed: str | None = None) -> list[ToldRun]:
    """Runs with their plans, few looks at the store for many of them."""
    known: dict[str, Plan] = {}
    if len(found) > 1:
        many = plans.latest(desk.handle, feed=feed, limit=len(found) + 50)
        known = {plan.id: plan for plan in many}
    for run in found:
        if run.plan and run.plan not in known:
            known[run.plan] = plans.get(desk.handle, run.plan)
    return [tell(run, known.get(run.plan or ""), _grade_plan(desk.handle, run)) for run in found]


def holds_of(plan: Plan) -> list[Mapping[str, Any]]:
    """Why a plan waits, as `rostering` said it."""
    return list(plan.summary.get("holds", ()))


def first_hold(plan: Plan) -> str:
    """The first reason in words, and how many more there are."""
    holds = holds_of(plan)
    if not holds:
        return "Every plan of this feed waits for a person."
    first = str(holds[0]["message"])
    more = len(holds) - 1
    return f"{first} And {of_things(more, 'more reason')}." if more else first
