"""Step 3, Get Assignments: what the SIS has of each class: categories, line items, students.

Results are read only where the policy asks whether somebody has changed them there, and for a
reconciliation.
"""

import asyncio

from rosterway.oneroster.gradebook import ClassRead
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.gradebook import Gradebook
from rosterway.passback.rules import Letters
from rosterway.runs.grades import files, quiet, sis
from rosterway.runs.grades.asked import RECONCILE
from rosterway.runs.grades.sis import Sis, terms_of
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.settings.shape import SisEdits


async def get_assignments(sync: Syncing) -> files.Classes:
    """Read the class gradebooks and keep them with the run."""
    quiet.check(sync)
    sync.enter(Stage.GET_ASSIGNMENTS)
    gradebook = files.read(sync.handle, sync.run.id, files.TRANSFORMED, Gradebook)
    wanted = classes_wanted(sync, gradebook)
    found: list[ClassGradebook] = []
    requests = 0
    if gradebook.assignments:
        async with sis.opened(sync) as opened:
            found = [read.gradebook for read in await _read(sync, opened, wanted)]
            requests = opened.client.requests
    classes = tuple(found)
    sync.leave(
        Stage.GET_ASSIGNMENTS,
        files.CLASSES,
        classes,
        counts={
            "classes": len(classes),
            "line_items": sum(len(one.line_items or ()) for one in classes),
            "requests": requests,
        },
    )
    return classes


def classes_wanted(sync: Syncing, gradebook: Gradebook) -> list[str]:
    """The sourcedIds of the classes whose sections were asked for; all if none was named."""
    sections = sync.asked.sections
    of_sections = (
        one.class_id
        for one in gradebook.sections
        if one.class_id and (not sections or one.id in sections)
    )
    places = {class_id for class_id, _, _ in sync.asked.only}
    return [one for one in dict.fromkeys(of_sections) if not places or one in places]


async def _read(sync: Syncing, opened: Sis, wanted: list[str]) -> list[ClassRead]:
    """The first alone, for what it tells of all; then the others, some at a time."""
    terms = terms_of(sync)
    with_results = (
        sync.run.kind == RECONCILE
        or sync.asked.repair
        or terms.caution.sis_edits is not SisEdits.OVERWRITE
    )
    done = 0
    turn = asyncio.Semaphore(opened.in_flight)

    async def one(class_id: str) -> ClassRead:
        nonlocal done
        async with turn:
            read = await opened.gradebooks.of_class(
                class_id,
                with_results=with_results,
                with_scales=terms.rules.letters is Letters.SCALE,
            )
        done += 1
        sync.hold_on()
        sync.say("classes", done, len(wanted))
        return read

    if not wanted:
        return []
    first = await one(wanted[0])
    try:
        async with asyncio.TaskGroup() as group:
            others = [group.create_task(one(class_id)) for class_id in wanted[1:]]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [first, *(task.result() for task in others)]
