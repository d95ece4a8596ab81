"""The road of a run of grades: which step comes next, told by which files it has, and that step.

As with a roster (`runs.road`), the engine holds no list of steps: it repeats `advance` until the run
has ended. Every step may be repeated.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

import structlog

from rosterway.passback.gradebook import Gradebook
from rosterway.runs import steps
from rosterway.runs.grades import by_file, files
from rosterway.runs.grades.asked import RECONCILE, ROUND
from rosterway.runs.grades.fetch_snapshot import fetch_snapshot
from rosterway.runs.grades.get_assignments import get_assignments
from rosterway.runs.grades.get_submissions import get_submissions
from rosterway.runs.grades.go_round import go_round
from rosterway.runs.grades.outcomes import Posted, ResultOutcome
from rosterway.runs.grades.post_assignments import post_assignments
from rosterway.runs.grades.post_submissions import post_submissions
from rosterway.runs.grades.reconcile import reconcile_course
from rosterway.runs.grades.syncing import Syncing, syncing
from rosterway.runs.grades.transform_assignments import transform_assignments, waiting
from rosterway.runs.grades.transform_snapshot import transform_snapshot
from rosterway.runs.grades.transform_submissions import transform_submissions
from rosterway.runs.grades.update_sync_time import update_sync_time
from rosterway.runs.moments import GradeMoment, passing
from rosterway.runs.office import Office
from rosterway.runs.road import Then
from rosterway.store import runs, stages
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

Step = Callable[[Syncing], Awaitable[object]]

_LOOK: tuple[tuple[str, Step], ...] = (
    (files.SNAPSHOT, fetch_snapshot),
    (files.TRANSFORMED, transform_snapshot),
    (files.CLASSES, get_assignments),
)
#: What a sync does, step by step, and the file each leaves.
STEPS: tuple[tuple[str, Step], ...] = (
    *_LOOK,
    (files.PLAN, transform_assignments),
    (files.ASSIGNMENTS, post_assignments),
    (files.RESULTS, get_submissions),
    (files.SUBMISSIONS, transform_submissions),
    (files.POSTED, post_submissions),
    (files.SYNCED, update_sync_time),
)
_RECONCILING: tuple[tuple[str, Step], ...] = (
    *_LOOK,
    (files.RECONCILIATION, reconcile_course),
)

#: The steps that are others for a SIS that takes files only.
_BY_FILE: Mapping[str, Step] = MappingProxyType(
    {
        files.CLASSES: by_file.get_assignments,
        files.ASSIGNMENTS: by_file.post_assignments,
        files.RESULTS: by_file.get_submissions,
        files.POSTED: by_file.post_submissions,
    }
)

#: What is said of a sync after which nobody can tell what the SIS has.
BY_FILE = "Delivered by file: the SIS does not answer."

#: How a run ends whose plan is not to be sent.
_OUTCOMES = {
    GradePlanState.WAITING: Outcome.HELD,
    GradePlanState.DISCARDED: Outcome.DISCARDED,
    GradePlanState.SUPERSEDED: Outcome.SUPERSEDED,
}


async def advance(office: Office, tenant: str, run_id: str) -> Then:
    """Do the next step of a run of grades; see `steps.advance`."""
    return await steps.advance(
        office, tenant, run_id, partial(_step, office), partial(_end, office)
    )


async def give_up(office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str) -> Then:
    """End a run that cannot go on; what it sent is on record, and so is what nobody answered."""
    return await steps.give_up(office, tenant, run_id, outcome, reason, partial(_end, office))


async def _step(office: Office, handle: TenantStore, run: Run) -> Then:
    sync = syncing(office, handle, run)
    if run.kind == ROUND:
        await go_round(sync)
        return await _end(office, handle, run, Outcome.DELIVERED, "")
    road = _RECONCILING if run.kind == RECONCILE else STEPS
    done = {file.name for file in stages.files(handle, run.id)}
    if files.PLAN in done and files.ASSIGNMENTS not in done and (held := waiting(sync)):
        why = held.summary["why"][0] if held.state is GradePlanState.WAITING else held.reason
        return await _end(office, handle, run, _OUTCOMES[held.state], why)
    for name, step in road:
        if name not in done:
            its = _BY_FILE.get(name, step) if sync.grades.files is not None else step
            await its(sync)
            passing(GradeMoment.STEP_DONE)
            return Then.MORE
    outcome, reason = _how_it_went(sync)
    return await _end(office, handle, run, outcome, reason)


def _how_it_went(sync: Syncing) -> tuple[Outcome, str]:
    if sync.run.kind == RECONCILE:
        return Outcome.DELIVERED, ""
    gradebook = files.read(sync.handle, sync.run.id, files.SNAPSHOT, Gradebook)
    if not gradebook.course.published:
        return Outcome.NOTHING, "The course is not published in Canvas."
    posted = files.read(sync.handle, sync.run.id, files.POSTED, Posted)
    taken = posted.count(ResultOutcome.ACCEPTED, ResultOutcome.VERIFIED, ResultOutcome.WRITTEN)
    refused = posted.count(ResultOutcome.FAILED)
    items = posted.failed_assignments
    sent = taken or any(one.outcome in {"sent", "altered"} for one in posted.assignments)
    parts = [
        f"{count:,} {one if count == 1 else many} not sent"
        for count, one, many in (
            (items, "assignment was", "assignments were"),
            (refused, "grade was", "grades were"),
        )
        if count
    ]
    if parts:
        return (Outcome.PARTLY if sent else Outcome.FAILED), f"{' and '.join(parts)}."
    if sent and sync.grades.files is not None:
        return Outcome.DELIVERED, BY_FILE
    return (Outcome.DELIVERED if sent else Outcome.NOTHING), ""


async def _end(
    office: Office, handle: TenantStore, run: Run, outcome: Outcome, reason: str
) -> Then:
    now: datetime = office.clock()
    stages.leave(handle, run.id, now=now)
    runs.end(handle, run.id, outcome=outcome, reason=reason, now=now)
    log.info("run.ended", tenant=handle.name, course=run.course, run=run.id, outcome=outcome.value)
    return Then.ENDED
