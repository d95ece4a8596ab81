"""What is known of one course's grades: its runs, both sides as they were read last, and the ledger.

Neither Canvas nor the SIS is asked. What is newer counts: a plan no sync has followed, and a
reconciliation after the last sync.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rosterway.console.access import Desk
from rosterway.errors import NotFoundError
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import Gradebook, Section, SubmissionState
from rosterway.passback.ledger import Entry
from rosterway.passback.plan import PassbackPlan
from rosterway.passback.reconcile import Reconciliation
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES
from rosterway.runs.grades.outcomes import AssignmentOutcome, Posted, ResultOutcome
from rosterway.runs.grades.status import plan_of, posted_by
from rosterway.store import grade_courses, grade_plans, ledger, runs
from rosterway.store.grade_courses import GradeCourse
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.runs import Run

#: So many of a course's runs are looked at.
_RUNS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is known of a course: its runs, both sides as they were read last, and the ledger.

    `plan` is the latest plan if no sync has come to its end since, `compared` the latest
    reconciliation if none has either. `offered` is the latest plan, whatever came after it: what it
    offers to be mended holds until there is another.
    """

    course: str
    known: GradeCourse | None
    runs: Sequence[Run]
    waiting: GradePlan | None
    plan: PassbackPlan | None
    planned_by: Run | None
    offered: PassbackPlan | None
    posted: Posted
    posted_by: Run | None
    compared: Reconciliation | None
    compared_by: Run | None
    gradebook: Gradebook | None
    classes: Mapping[str, ClassGradebook]
    entries: Mapping[tuple[str, str, str], Entry]

    @property
    def name(self) -> str:
        """What the course is called."""
        if self.gradebook is not None:
            return self.gradebook.course.name
        return (self.known.name if self.known else "") or f"Course {self.course}"

    @property
    def going(self) -> Run | None:
        """The run that is under way."""
        return next((run for run in self.runs if run.ended_at is None), None)

    @property
    def last(self) -> Run | None:
        """The latest sync that has ended."""
        ended = (run for run in self.runs if run.ended_at and run.kind == GRADES)
        return next(ended, None)

    @property
    def sections(self) -> dict[str, Section]:
        """The sections the SIS knows, by class."""
        listed = self.gradebook.sections if self.gradebook else ()
        return {one.class_id: one for one in listed if one.class_id}

    @property
    def failed(self) -> list[tuple[str, str, str]]:
        """The places that failed in the latest sync."""
        items = [
            (one.class_id, one.assignment, "")
            for one in self.posted.assignments
            if one.outcome in {AssignmentOutcome.FAILED, AssignmentOutcome.WILL_FAIL}
        ]
        grades = [
            (one.class_id, one.assignment, one.user)
            for one in self.posted.results
            if one.outcome is ResultOutcome.FAILED
        ]
        return sorted({*items, *grades})

    @property
    def grades(self) -> int:
        """How many grades Canvas shows its students and has for the SIS, as it was read last."""
        if self.gradebook is None:
            return 0
        flagged = {one.id for one in self.gradebook.assignments if one.published}
        return sum(
            one.assignment in flagged
            and one.posted_at is not None
            and (one.excused or (one.state is SubmissionState.GRADED and one.score is not None))
            for one in self.gradebook.submissions
        )


def sides_of(desk: Desk, course: str) -> Sides:
    """What is known of a course; NotFoundError if no sync has met it."""
    handle = desk.handle
    found = runs.latest(handle, course=course, limit=_RUNS)
    known = grade_courses.find(handle, course)
    if known is None and not found:
        raise NotFoundError(
            f"Nothing is known of the course {course}.",
            remedy="Preview it from the list of courses.",
        )
    syncs = [run for run in found if run.kind == GRADES]
    posted_by_run = next((run for run in syncs if files.has(handle, run.id, files.POSTED)), None)
    latest = next((run for run in syncs if files.has(handle, run.id, files.PLAN)), None)
    offered = plan_of(handle, latest.id) if latest is not None else None
    planned = latest if latest is not posted_by_run else None
    compared = next((run for run in found if files.has(handle, run.id, files.RECONCILIATION)), None)
    looked = next((run for run in found if files.has(handle, run.id, files.CLASSES)), None)
    snapped = looked or next(
        (run for run in found if files.has(handle, run.id, files.TRANSFORMED)), None
    )
    waiting = grade_plans.latest(handle, course=course, state=GradePlanState.WAITING, limit=1)
    is_newer = compared is not None and _is_after(compared, posted_by_run)
    return Sides(
        course=course,
        known=known,
        runs=found,
        waiting=waiting[0] if waiting else None,
        plan=offered if planned is not None else None,
        planned_by=planned,
        offered=offered,
        posted=posted_by(handle, posted_by_run) if posted_by_run is not None else Posted(),
        posted_by=posted_by_run,
        compared=files.read(handle, compared.id, files.RECONCILIATION, Reconciliation)
        if compared is not None and is_newer
        else None,
        compared_by=compared if is_newer else None,
        gradebook=files.read(handle, snapped.id, files.TRANSFORMED, Gradebook)
        if snapped is not None
        else None,
        classes={
            one.class_id: one for one in files.read(handle, looked.id, files.CLASSES, files.Classes)
        }
        if looked is not None
        else {},
        entries={one.key: one for one in ledger.of_course(handle, course)},
    )


def _is_after(run: Run, other: Run | None) -> bool:
    return other is None or run.requested_at > other.requested_at
