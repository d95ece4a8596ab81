"""Step 5, Post Assignments: line items to the SIS, each with a batch's others in flight.

A SIS that chooses ids and does not tell them (Modified) is read afterwards: a line item of that name
and due day, if there is exactly one, is the one that was just made.
"""

from collections.abc import Iterable
from functools import partial

import msgspec

from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.ledger import Entry
from rosterway.passback.plan import PassbackPlan
from rosterway.passback.reasons import ReasonRule, Who
from rosterway.runs.grades import files, sis
from rosterway.runs.grades.outcomes import AssignmentTold, is_taken, told_of_assignment
from rosterway.runs.grades.pieces import Piece, singly
from rosterway.runs.grades.reading_back import read_line_items
from rosterway.runs.grades.sis import Sis, rules_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of
from rosterway.runs.grades.writing import Around, Writing
from rosterway.runs.stages import Stage
from rosterway.store import ledger

#: A SIS that chose an id and told it nobody.
NO_ID = ReasonRule(
    code="no-id-told",
    message="The SIS took the assignment and did not say under which id, and it cannot be told from"
    " its list which one it is.",
    remedy="Link the line item by hand, or have the SIS answer with its id.",
    who=Who.VENDOR,
    source="instructure-integration.md 2.2",
)


async def post_assignments(sync: Syncing) -> tuple[AssignmentTold, ...]:
    """Send the plan's line items; what became of each assignment is kept with the run."""
    sync.enter(Stage.POST_ASSIGNMENTS)
    plan = files.read(sync.handle, sync.run.id, files.PLAN, PassbackPlan)
    pieces = [
        Piece((one.class_id, one.assignment, ""), one.line_item, linked_by=one.linked_by)
        for one in plan.line_items
    ]
    if pieces:
        async with sis.opened(sync) as opened:
            writing = Writing(
                sync=sync,
                sis=opened,
                stage=Stage.POST_ASSIGNMENTS,
                around=around(sync, opened),
                read_back=partial(read_line_items, sync, opened),
                packed=singly,
            )
            await writing.send(pieces)
            await _name(sync, opened, pieces)
    known = entries_of(sync.handle, sync.course)
    put = {piece.key for piece in pieces}
    told = tuple(
        told_of_assignment(one, known.get(key), is_put=key in put)
        for one in plan.judgements
        for key in [(one.class_id, one.assignment, "")]
    )
    sync.leave(
        Stage.POST_ASSIGNMENTS,
        files.ASSIGNMENTS,
        told,
        counts={
            "sent": sum(is_taken(known[key]) for key in put if key in known),
            "refused": sum(not is_taken(known[key]) for key in put if key in known),
        },
    )
    return told


def around(sync: Syncing, opened: Sis) -> Around:
    """What is known around what is sent, for the causes of refusals."""
    classes = files.read(sync.handle, sync.run.id, files.CLASSES, files.Classes)
    known = entries_of(sync.handle, sync.course)
    return Around(
        profile=opened.connection.profile,
        rules=rules_of(sync, opened.connection),
        classes={one.class_id: _as_now(sync, one, known.values()) for one in classes},
        line_items={
            key[:2]: entry.line_item
            for key, entry in known.items()
            if not key[2] and entry.line_item is not None
        },
    )


def _as_now(sync: Syncing, of_class: ClassGradebook, known: Iterable[Entry]) -> ClassGradebook:
    """A class as it was read, with the line items this run has had accepted since."""
    if of_class.line_items is None:
        return of_class
    began = sync.run.started_at
    made = {
        entry.sourced_id: msgspec.structs.replace(entry.line_item, sourced_id=entry.sourced_id)
        for entry in known
        if entry.class_id == of_class.class_id
        and entry.line_item is not None
        and is_taken(entry)
        and entry.at is not None
        and began is not None
        and entry.at >= began
    }
    others = (one for one in of_class.line_items if one.sourced_id not in made)
    return msgspec.structs.replace(of_class, line_items=(*others, *made.values()))


async def _name(sync: Syncing, opened: Sis, pieces: list[Piece]) -> None:
    """Find the ids that the SIS chose and did not tell."""
    known = entries_of(sync.handle, sync.course)
    nameless = [
        piece
        for piece in pieces
        if (entry := known.get(piece.key)) and is_taken(entry) and not entry.sourced_id
    ]
    if not nameless:
        return
    found = await read_line_items(sync, opened, nameless)
    named = [
        msgspec.structs.replace(known[piece.key], sourced_id=seen.sourced_id)
        if (seen := found.get(piece.key)) and seen.sourced_id
        else msgspec.structs.replace(known[piece.key], reason=NO_ID.of())
        for piece in nameless
    ]
    sync.hold_on()
    ledger.put(sync.handle, sync.course, named)
