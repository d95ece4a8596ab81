"""Step 6, Get Submissions: the results the SIS has, of the classes where they must be known.

That is where an id is not known yet, an outcome is in doubt, a line item was adopted with what it
holds, or the policy asks whether somebody changed a grade there.
"""

from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import files, sis
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of
from rosterway.runs.stages import Stage


async def get_submissions(sync: Syncing) -> files.Classes:
    """Read the results and keep them with the run."""
    sync.enter(Stage.GET_SUBMISSIONS)
    plan = files.read(sync.handle, sync.run.id, files.PLAN, PassbackPlan)
    doubtful = {
        entry.class_id
        for entry in entries_of(sync.handle, sync.course).values()
        if entry.user and entry.is_in_doubt
    }
    sent = {one.class_id for one in (*plan.results, *plan.deletions)}
    wanted = sorted({*plan.read_results, *(doubtful & sent)})
    found: list[ClassGradebook] = []
    if wanted:
        async with sis.opened(sync) as opened:
            for class_id in wanted:
                read = await opened.gradebooks.results(class_id)
                found.append(
                    ClassGradebook(
                        class_id=class_id,
                        results=read.nouns if read.error is None and read.is_served else None,
                        incomplete=() if read.is_proven else ("results",),
                        unserved=() if read.is_served else ("results",),
                    )
                )
                sync.hold_on()
                sync.say("classes", len(found), len(wanted))
    classes = tuple(found)
    sync.leave(
        Stage.GET_SUBMISSIONS,
        files.RESULTS,
        classes,
        counts={"results": sum(len(one.results or ()) for one in classes)},
    )
    return classes
