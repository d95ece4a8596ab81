"""Step 9, Update Sync Time: when the course was synced and how that ended, here and in Canvas.

Canvas is told only of assignments that something became of. A Canvas that does not keep it, for want
of a right, fails no sync: what it said is kept with the run.
"""

from collections import Counter, defaultdict

from rosterway.canvas.association_mirror import mirror_associations
from rosterway.canvas.sync_marks import SyncMark, write_sync_marks
from rosterway.errors import RemoteError
from rosterway.passback.course_grades import is_course_grade
from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import AssignmentOutcome, Posted, ResultOutcome, Synced
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import associations_of
from rosterway.runs.stages import Stage
from rosterway.store import grade_courses, grade_plans
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.walls import TenantStore

#: Outcomes from the gravest to the best: an assignment has that of its gravest class.
_GRAVE = (
    AssignmentOutcome.FAILED,
    AssignmentOutcome.WILL_FAIL,
    AssignmentOutcome.ALTERED,
    AssignmentOutcome.SENT,
    AssignmentOutcome.UNCHANGED,
)


async def update_sync_time(sync: Syncing) -> Synced:
    """Tell Canvas and put the sync on record; with this it is at its end."""
    sync.enter(Stage.UPDATE_SYNC_TIME)
    posted = files.read(sync.handle, sync.run.id, files.POSTED, Posted)
    synced = Synced(at=sync.now())
    marks = marks_of(sync, posted)
    if marks or sync.grades.mirror:
        try:
            synced = await _told(sync, marks)
        except RemoteError as error:
            if error.retry:
                raise
            synced = Synced(at=sync.now(), says=f"{error.message} {error.remedy}".strip())

    def put(tx: TenantStore) -> None:
        grade_courses.synced(tx, sync.course, run=sync.run.id, now=synced.at)
        approved = grade_plans.latest(tx, run=sync.run.id, state=GradePlanState.APPROVED)
        plans = [sync.asked.plan] if sync.asked.plan else [one.id for one in approved]
        for plan in plans:
            grade_plans.advance(tx, plan, GradePlanState.CARRIED_OUT, now=synced.at)

    sync.leave(Stage.UPDATE_SYNC_TIME, files.SYNCED, synced, also=put, counts=synced.marks)
    return synced


def marks_of(sync: Syncing, posted: Posted) -> list[SyncMark]:
    """What Canvas is told of each assignment that something became of."""
    failed = {
        (one.class_id, one.assignment)
        for one in posted.results
        if one.outcome is ResultOutcome.FAILED
    }
    classes: dict[str, dict[str, AssignmentOutcome]] = defaultdict(dict)
    for one in posted.assignments:
        # Of a grade of the course Canvas has no assignment that could be told of it.
        if one.is_draft or is_course_grade(one.assignment):
            continue
        has_failed = (one.class_id, one.assignment) in failed
        outcome = AssignmentOutcome.FAILED if has_failed else one.outcome
        classes[one.assignment][one.class_id] = outcome
    return [
        SyncMark(
            assignment=assignment,
            at=sync.now(),
            outcome=min(found.values(), key=_GRAVE.index).value,
            classes={class_id: outcome.value for class_id, outcome in found.items()},
        )
        for assignment, found in classes.items()
        if set(found.values()) != {AssignmentOutcome.UNCHANGED}
    ]


async def _told(sync: Syncing, marks: list[SyncMark]) -> Synced:
    mirrored: Counter[str] = Counter()
    async with sync.office.canvas(sync.handle) as canvas:
        sync.hold_on()
        written = await write_sync_marks(canvas, sync.course, marks) if marks else ()
        if sync.grades.mirror:
            associated = associations_of(sync.handle, sync.course)
            done = await mirror_associations(canvas, sync.course, associated)
            mirrored = Counter(one.outcome.value for one in done)
    counts = Counter(one.outcome.value for one in written)
    says = next((one.says for one in written if one.says), "")
    return Synced(at=sync.now(), marks=dict(counts), mirrored=dict(mirrored), says=says)
