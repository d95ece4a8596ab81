"""The steps of a sync that are others where the SIS takes files only: nothing is asked of it.

Posting is one bundle, the course's whole gradebook, put where the SIS takes it. Guarantees: the bundle
is kept with the run before it is placed, and what it tells is on record as intended; a run that was
cut off places the very same file; the SIS finds a whole file or the one before. A sync that changes
nothing makes none. What was placed is *written*: whether the SIS took it, nobody can say.
"""

import asyncio
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import quote

from rosterway.errors import ConfigError
from rosterway.gateway import outgoing
from rosterway.gateway.folders import GRADE_EXPORT
from rosterway.passback import ledger as entries
from rosterway.passback.finish import FinalResults
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.ledger import Entry, Key, State
from rosterway.passback.plan import PassbackPlan
from rosterway.passback.unasked import class_unasked, noun_of, whole_bundle
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import RECONCILE
from rosterway.runs.grades.get_assignments import classes_wanted
from rosterway.runs.grades.outcomes import (
    AssignmentTold,
    Posted,
    ResultOutcome,
    told_of_assignment,
)
from rosterway.runs.grades.pieces import Piece
from rosterway.runs.grades.post_submissions import posted_of
from rosterway.runs.grades.sis import terms_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import entries_of
from rosterway.runs.moments import GradeMoment, passing
from rosterway.runs.stages import Stage
from rosterway.runs.their_server import put_exports, their_server
from rosterway.settings import GATEWAY, GradeFiles
from rosterway.store import ledger, stages

#: The bundle, as the run keeps it.
BUNDLE = "gradebook.zip"


def bundle_name(course: str) -> str:
    """The name of a course's bundle where the SIS takes it; `course` is its Canvas id."""
    return f"gradebook-{quote(course, safe='')}.zip"


async def get_assignments(sync: Syncing) -> files.Classes:
    """Step 3: the classes by what Canvas says and the ledger knows; nobody is asked.

    Raises:
        ConfigError: it is a reconciliation or a repair, for which the SIS would have to answer.
    """
    if sync.run.kind == RECONCILE or sync.asked.repair:
        raise ConfigError(
            "The SIS takes files and does not answer, so there is nothing to compare with.",
            remedy="Look in the SIS; a remaster tells it all of an assignment again.",
        )
    sync.enter(Stage.GET_ASSIGNMENTS)
    gradebook = files.read(sync.handle, sync.run.id, files.TRANSFORMED, Gradebook)
    known, terms = entries_of(sync.handle, sync.course).values(), terms_of(sync)
    classes = tuple(
        class_unasked(gradebook, class_id, known, terms)
        for class_id in classes_wanted(sync, gradebook)
    )
    sync.leave(Stage.GET_ASSIGNMENTS, files.CLASSES, classes, counts={"classes": len(classes)})
    return classes


async def post_assignments(sync: Syncing) -> tuple[AssignmentTold, ...]:
    """Step 5: line items go with the results, so here they have only the ids they will go under."""
    sync.enter(Stage.POST_ASSIGNMENTS)
    plan = files.read(sync.handle, sync.run.id, files.PLAN, PassbackPlan)
    known, now = entries_of(sync.handle, sync.course), sync.now()
    put = {
        piece.key: entries.written(entries.intended(piece.entry, piece.told, now), piece.told, now)
        for piece in _line_items(plan)
    }
    told = tuple(
        told_of_assignment(one, put.get(key) or known.get(key), is_put=key in put)
        for one in plan.judgements
        for key in [(one.class_id, one.assignment, "")]
    )
    sync.leave(Stage.POST_ASSIGNMENTS, files.ASSIGNMENTS, told, counts={"named": len(put)})
    return told


async def get_submissions(sync: Syncing) -> files.Classes:
    """Step 6: nothing, for no results can be read."""
    sync.enter(Stage.GET_SUBMISSIONS)
    classes: files.Classes = ()
    sync.leave(Stage.GET_SUBMISSIONS, files.RESULTS, classes, counts={})
    return classes


async def post_submissions(sync: Syncing) -> Posted:
    """Step 8: one bundle of line items and results, and then the ledger."""
    sync.enter(Stage.POST_SUBMISSIONS)
    plan = files.read(sync.handle, sync.run.id, files.PLAN, PassbackPlan)
    final = files.read(sync.handle, sync.run.id, files.SUBMISSIONS, FinalResults)
    pieces = _pieces(plan, final, entries_of(sync.handle, sync.course))
    if pieces:
        if not sync.has(BUNDLE):
            _make(sync, plan, final, pieces)
            passing(GradeMoment.PUTS_INTENDED)
        sync.hold_on()
        await asyncio.to_thread(_place, sync)
        if _placing(sync).to != GATEWAY:
            await _send(sync)
        _record(sync, pieces)
        passing(GradeMoment.PUTS_ANSWERED)
    posted = posted_of(sync, plan, final, [one for one in pieces if one.key[2]])
    sync.leave(
        Stage.POST_SUBMISSIONS,
        files.POSTED,
        posted,
        counts={outcome.value: posted.count(outcome) for outcome in ResultOutcome},
    )
    return posted


def _line_items(plan: PassbackPlan) -> list[Piece]:
    return [
        Piece((one.class_id, one.assignment, ""), one.line_item, linked_by=one.linked_by)
        for one in plan.line_items
    ]


def _pieces(plan: PassbackPlan, final: FinalResults, known: Mapping[Key, Entry]) -> list[Piece]:
    """All that the bundle changes, with what the ledger has of it."""
    results = (
        Piece((one.class_id, one.assignment, one.user), one.result, linked_by=one.linked_by)
        for one in final.puts
    )
    gone = (
        Piece(key, noun_of(one, known.get(key)), deletes=True)
        for one in final.deletions
        for key in [(one.class_id, one.assignment, one.user)]
    )
    return [
        replace(piece, was=known.get(piece.key)) for piece in (*_line_items(plan), *results, *gone)
    ]


def _make(sync: Syncing, plan: PassbackPlan, final: FinalResults, pieces: Sequence[Piece]) -> None:
    """Keep the bundle with the run, and what it tells as intended, in one transaction."""
    now = sync.now()
    known = ledger.of_course(sync.handle, sync.course)
    classes = files.read(sync.handle, sync.run.id, files.CLASSES, files.Classes)
    made = whole_bundle(plan, final, classes, known, sync.zone, now)
    blob = sync.handle.blobs.put_bytes(_zipped(made))
    sync.hold_on()
    with sync.handle.together() as tx:
        ledger.put(tx, sync.course, [entries.intended(one.entry, one.told, now) for one in pieces])
        stages.attach(tx, sync.run.id, BUNDLE, blob, stage=Stage.POST_SUBMISSIONS, now=now)


def _placing(sync: Syncing) -> GradeFiles:
    assert sync.grades.files is not None
    return sync.grades.files


def _source(sync: Syncing) -> Path:
    """The bundle the run has kept."""
    return sync.handle.blobs.local(stages.file(sync.handle, sync.run.id, BUNDLE).blob)


def _names(sync: Syncing, today: date) -> list[str]:
    """What it is called where the SIS takes it: the dated copy first, the stable name last."""
    name = bundle_name(sync.course)
    return [outgoing.dated(name, today), name] if _placing(sync).keep else [name]


def _place(sync: Syncing) -> None:
    """Put the bundle into the tenant's own tree."""
    folder, today = sync.office.home.tree(sync.handle.name) / GRADE_EXPORT, _today(sync)
    for name in _names(sync, today):
        outgoing.place_file(_source(sync), folder / name)
    name, keep = bundle_name(sync.course), _placing(sync).keep
    outgoing.remove_old_copies(folder, name, today=today, keep=keep)


async def _send(sync: Syncing) -> None:
    """Put it on somebody else's server as well; what cannot be put there is told of nobody yet."""
    there = their_server(sync.office, sync.handle, _placing(sync).to)
    today = _today(sync)
    sync.say(f"Putting the file on {there.connection.name}")
    sync.hold_on()
    await put_exports(
        there,
        [(_source(sync), name) for name in _names(sync, today)],
        stable=[bundle_name(sync.course)],
        today=today,
        keep=_placing(sync).keep,
    )


def _today(sync: Syncing) -> date:
    return sync.now().astimezone(sync.zone).date()


def _record(sync: Syncing, pieces: Sequence[Piece]) -> None:
    """Have the ledger say what was written; what a run before a crash has recorded is so already."""
    known, now = entries_of(sync.handle, sync.course), sync.now()
    told = [
        entries.written(entry, piece.told, now)
        for piece in pieces
        if (entry := known.get(piece.key)) and entry.state is State.INTENDED
    ]
    ledger.put(sync.handle, sync.course, told)


def _zipped(made: Mapping[str, str]) -> bytes:
    """A zip of the files; the same files are the same bytes."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, text in made.items():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, text.encode())
    return whole.getvalue()
