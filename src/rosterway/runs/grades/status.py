"""What became of a course's grades, for the doors: by assignment, by student, and what failed.

It is told from the ledger and from the files of the latest runs; nothing outside is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key, State
from rosterway.passback.plan import Fix, PassbackPlan
from rosterway.passback.reasons import Reason
from rosterway.passback.reconcile import Reconciliation
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES, RECONCILE
from rosterway.runs.grades.outcomes import (
    AssignmentOutcome,
    AssignmentTold,
    Posted,
    ResultOutcome,
    ResultTold,
)
from rosterway.store import grade_courses, grade_plans, ledger, runs
from rosterway.store.grade_courses import GradeCourse
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.runs import Run
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentStatus:
    """An assignment in one class. `synced_at`: when the SIS last accepted it; `told` None: never met.

    `grades` counts its grades by the ledger's states.
    """

    assignment: str
    class_id: str
    name: str
    synced_at: datetime | None
    told: AssignmentTold | None
    grades: dict[State, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseStatus:
    """A course: its last run, one that goes on, and a plan that waits for a person."""

    course: GradeCourse | None
    last: Run | None
    going: Run | None
    waiting: GradePlan | None
    assignments: tuple[AssignmentStatus, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudentResult:
    """A student's grade on one assignment in one class, as the ledger has it."""

    key: Key
    entry: Entry | None
    told: ResultTold | None

    @property
    def reason(self) -> Reason | None:
        """Why it is not in the SIS, if it is not."""
        if self.told is not None and self.told.reason is not None:
            return self.told.reason
        return self.entry.reason if self.entry is not None else None

    @property
    def causes(self) -> tuple[Reason, ...]:
        """All that may be behind a refusal that names no cause, the likeliest first."""
        if self.told is not None and self.told.reason is not None:
            return self.told.causes
        return self.entry.causes if self.entry is not None else ()


def course_status(handle: TenantStore, course: str) -> CourseStatus:
    """How a course's grades are."""
    found = runs.latest(handle, course=course, kind=GRADES, limit=20)
    going = next((run for run in found if run.ended_at is None), None)
    last = next((run for run in found if run.ended_at is not None), None)
    waiting = grade_plans.latest(handle, course=course, state=GradePlanState.WAITING, limit=1)
    return CourseStatus(
        course=grade_courses.find(handle, course),
        last=last,
        going=going,
        waiting=waiting[0] if waiting else None,
        assignments=tuple(_assignments(handle, course, found)),
    )


def results_of(
    handle: TenantStore, course: str, *, assignment: str = "", user: str = ""
) -> list[StudentResult]:
    """The grades of a course, of one assignment or student if named, by place."""
    known = {entry.key: entry for entry in ledger.of_course(handle, course) if entry.user}
    told = {_place(one): one for one in last_posted(handle, course).results}
    return [
        StudentResult(key=key, entry=known.get(key), told=told.get(key))
        for key in sorted({*known, *told})
        if (not assignment or key[1] == assignment) and (not user or key[2] == user)
    ]


def failed_places(handle: TenantStore, course: str) -> list[Key]:
    """The places that failed in the latest sync, to be asked for again."""
    posted = last_posted(handle, course)
    bad = {AssignmentOutcome.FAILED, AssignmentOutcome.WILL_FAIL}
    items = [(one.class_id, one.assignment, "") for one in posted.assignments if one.outcome in bad]
    grades = [_place(one) for one in posted.results if one.outcome is ResultOutcome.FAILED]
    return sorted({*items, *grades})


def last_posted(handle: TenantStore, course: str) -> Posted:
    """What became of the latest sync that came so far; nothing if none has."""
    for run in runs.latest(handle, course=course, kind=GRADES, limit=20):
        if files.has(handle, run.id, files.POSTED):
            return posted_by(handle, run)
    return Posted()


def posted_by(handle: TenantStore, run: Run) -> Posted:
    """What became of one run's sync; `NotFoundError` if it has not come so far."""
    return files.read(handle, run.id, files.POSTED, Posted)


def plan_of(handle: TenantStore, run: str) -> PassbackPlan:
    """The plan a run made; `NotFoundError` if it has made none."""
    return files.read(handle, run, files.PLAN, PassbackPlan)


def latest_plan(handle: TenantStore, course: str) -> PassbackPlan | None:
    """The latest plan of a course, carried out or not: what it offers holds until there is another."""
    for run in runs.latest(handle, course=course, kind=GRADES, limit=20):
        if files.has(handle, run.id, files.PLAN):
            return plan_of(handle, run.id)
    return None


def offered_fixes(plan: PassbackPlan | None) -> tuple[Fix, ...]:
    """The changes in Canvas that a plan offers, each once."""
    judged = plan.judgements if plan is not None else ()
    return tuple(dict.fromkeys(fix for one in judged for fix in one.fixes))


def last_reconciliation(handle: TenantStore, course: str) -> tuple[Run, Reconciliation] | None:
    """The latest reconciliation of a course, and the run that made it."""
    for run in runs.latest(handle, course=course, kind=RECONCILE, limit=20):
        if files.has(handle, run.id, files.RECONCILIATION):
            return run, files.read(handle, run.id, files.RECONCILIATION, Reconciliation)
    return None


def _assignments(handle: TenantStore, course: str, found: list[Run]) -> Iterator[AssignmentStatus]:
    entries = ledger.of_course(handle, course)
    counts: dict[tuple[str, str], dict[State, int]] = {}
    items: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        if entry.user:
            states = counts.setdefault(entry.key[:2], {})
            states[entry.state] = states.get(entry.state, 0) + 1
        else:
            items[entry.key[:2]] = entry
    told = {(one.class_id, one.assignment): one for one in last_posted(handle, course).assignments}
    names = _names(handle, found)
    for pair in sorted({*items, *told}):
        item = items.get(pair)
        is_in_sis = item is not None and bool(item.fingerprint)
        yield AssignmentStatus(
            assignment=pair[1],
            class_id=pair[0],
            name=names.get(pair[1], ""),
            synced_at=item.at if item is not None and is_in_sis else None,
            told=told.get(pair),
            grades=counts.get(pair, {}),
        )


def _names(handle: TenantStore, found: list[Run]) -> dict[str, str]:
    """The assignments' names in Canvas; grades of the course go by their line item's."""
    for run in found:
        if files.has(handle, run.id, files.TRANSFORMED):
            gradebook = files.read(handle, run.id, files.TRANSFORMED, Gradebook)
            return {one.id: one.canvas_name or one.name for one in gradebook.assignments}
    return {}


def _place(told: ResultTold) -> Key:
    return (told.class_id, told.assignment, told.user)
