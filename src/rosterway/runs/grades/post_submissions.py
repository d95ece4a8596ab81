"""Step 8, Post Submissions: results to the SIS, then read back where that is asked for.

Results go before deletions, and line items that are no longer synced go last, with nothing in them.
"""

from collections.abc import Sequence
from functools import partial

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback import ledger as entries
from rosterway.passback.finish import FinalResults
from rosterway.passback.ledger import Event
from rosterway.passback.plan import Deletion, PassbackPlan
from rosterway.passback.reasons import ReasonRule, Who
from rosterway.runs.grades import bulk, files, sis
from rosterway.runs.grades.outcomes import (
    AssignmentTold,
    Posted,
    ResultOutcome,
    ResultTold,
    told_of_results,
)
from rosterway.runs.grades.pieces import Piece, singly
from rosterway.runs.grades.post_assignments import around
from rosterway.runs.grades.reading_back import read_results
from rosterway.runs.grades.sis import Sis
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of
from rosterway.runs.grades.writing import Writing
from rosterway.runs.stages import Stage
from rosterway.store import ledger

#: A grade that was taken, and that the SIS shows otherwise right afterwards.
OTHERWISE = ReasonRule(
    code="read-back-differs",
    message="The SIS accepted the grade, and when it was read back it had something else.",
    remedy="Reconcile the course to see both values; give the raw exchange to the SIS's vendor.",
    who=Who.VENDOR,
    source="product.md, After",
)


async def post_submissions(sync: Syncing) -> Posted:
    """Send the results; what became of the whole sync is kept with the run."""
    sync.enter(Stage.POST_SUBMISSIONS)
    run = sync.run.id
    plan = files.read(sync.handle, run, files.PLAN, PassbackPlan)
    final = files.read(sync.handle, run, files.SUBMISSIONS, FinalResults)
    puts = [
        Piece((one.class_id, one.assignment, one.user), one.result, linked_by=one.linked_by)
        for one in final.puts
    ]
    gone = [_gone(one) for one in final.deletions if one.user]
    items = [_gone(one) for one in final.deletions if not one.user]
    if puts or gone or items:
        async with sis.opened(sync) as opened:
            writing = partial(
                Writing,
                sync=sync,
                sis=opened,
                stage=Stage.POST_SUBMISSIONS,
                around=around(sync, opened),
                read_back=partial(read_results, sync, opened),
            )
            packed, many = bulk.packing(sync, opened), partial(bulk.post_many, sync, opened)
            await writing(packed=packed, post_many=many).send(puts)
            await writing(packed=singly).send([*gone, *items])
            if sync.grades.verify:
                await _verify(sync, opened, puts)
    posted = posted_of(sync, plan, final, [*puts, *gone])
    sync.leave(
        Stage.POST_SUBMISSIONS,
        files.POSTED,
        posted,
        counts={outcome.value: posted.count(outcome) for outcome in ResultOutcome},
    )
    return posted


def posted_of(
    sync: Syncing, plan: PassbackPlan, final: FinalResults, pieces: Sequence[Piece]
) -> Posted:
    """What became of a sync, by the ledger; `pieces` are the results that were to be sent."""
    withheld = {(one.class_id, one.assignment, one.user): one for one in plan.withheld}
    withheld |= {(one.class_id, one.assignment, one.user): one for one in final.withheld}
    return Posted(
        assignments=files.read(
            sync.handle, sync.run.id, files.ASSIGNMENTS, tuple[AssignmentTold, ...]
        ),
        results=(
            *told_of_results(pieces, entries_of(sync.handle, sync.course)),
            *(
                ResultTold(
                    assignment=one.assignment,
                    class_id=one.class_id,
                    user=one.user,
                    outcome=ResultOutcome.WITHHELD,
                    reason=one.reason,
                )
                for one in withheld.values()
            ),
        ),
        unchanged=plan.counts.unchanged_results + len(final.confirmed),
    )


def _gone(one: Deletion) -> Piece:
    key = (one.class_id, one.assignment, one.user)
    if one.user:
        noun: LineItem | Result = Result(
            sourced_id=one.sourced_id, line_item_id="", student_id="", class_id=one.class_id
        )
    else:
        noun = LineItem(sourced_id=one.sourced_id, title="", class_id=one.class_id)
    return Piece(key, noun, deletes=True)


async def _verify(sync: Syncing, opened: Sis, puts: Sequence[Piece]) -> None:
    """Read back what was accepted; what the SIS has as it was sent is verified."""
    known = entries_of(sync.handle, sync.course)
    accepted = [
        piece
        for piece in puts
        if (entry := known.get(piece.key)) and (entry.state, Event.CONFIRM) in entries.TRANSITIONS
    ]
    if not accepted:
        return
    sync.say(f"Reading {len(accepted):,} grades back")
    seen = await read_results(sync, opened, accepted)
    now = sync.now()
    told = [
        entries.confirmed(known[piece.key], piece.told, found.sourced_id, now)
        if found.agrees
        else entries.contradicted(known[piece.key], OTHERWISE.of(), now)
        for piece in accepted
        if (found := seen.get(piece.key)) is not None
    ]
    sync.hold_on()
    ledger.put(sync.handle, sync.course, told)
