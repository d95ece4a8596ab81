"""Step 7, Transform Submissions: the results as they are really sent, now that all ids are known."""

import msgspec

from rosterway.formats.oneroster.gradebook import Result
from rosterway.passback import ledger as entries
from rosterway.passback.finish import FinalResults, after_assignments
from rosterway.passback.ledger import Entry, Event
from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import AssignmentTold
from rosterway.runs.grades.sis import terms_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of, may_overwrite
from rosterway.runs.stages import Stage
from rosterway.store import ledger
from rosterway.store.walls import TenantStore

#: What became of an assignment that no grade can follow.
_NOT_THERE = {"failed", "will-fail"}


async def transform_submissions(sync: Syncing) -> FinalResults:
    """Match the results and keep what is sent with the run; what the SIS has already is on record."""
    sync.enter(Stage.TRANSFORM_SUBMISSIONS)
    run = sync.run.id
    plan = files.read(sync.handle, run, files.PLAN, PassbackPlan)
    told = files.read(sync.handle, run, files.ASSIGNMENTS, tuple[AssignmentTold, ...])
    classes = files.read(sync.handle, run, files.RESULTS, files.Classes)
    known = entries_of(sync.handle, sync.course)
    final = after_assignments(
        plan,
        {
            (one.class_id, one.assignment): one.sourced_id
            for one in told
            if one.outcome not in _NOT_THERE and one.sourced_id
        },
        {one.class_id: one for one in classes},
        known,
        sis_edits=terms_of(sync).caution.sis_edits,
        may_overwrite=may_overwrite(sync, plan),
    )
    now = sync.now()
    settled = [
        entries.confirmed(entry, one.result, one.result.sourced_id, now)
        for one in final.confirmed
        if (entry := known.get((one.class_id, one.assignment, one.user)))
    ]
    gone = [
        entries.confirmed(entry, _deleted(entry), entry.sourced_id, now)
        for one in final.absent
        if (entry := known.get((one.class_id, one.assignment, one.user)))
        and (entry.state, Event.CONFIRM) in entries.TRANSITIONS
        and entry.result is not None
    ]

    def put(tx: TenantStore) -> None:
        ledger.put(tx, sync.course, [*settled, *gone])

    sync.leave(
        Stage.TRANSFORM_SUBMISSIONS,
        files.SUBMISSIONS,
        final,
        also=put,
        counts={
            "results": len(final.puts),
            "deletions": len(final.deletions),
            "withheld": len(final.withheld),
            "unchanged": len(final.confirmed),
        },
    )
    return final


def _deleted(entry: Entry) -> Result:
    assert entry.result is not None
    return msgspec.structs.replace(entry.result, is_deleted=True)
