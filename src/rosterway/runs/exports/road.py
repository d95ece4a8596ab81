"""The road of a grade export: which step comes next, told by which files the run has, and that step.

As with a roster (`runs.road`), the engine repeats `advance` until the run has ended, and every step
may be repeated.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import structlog

from rosterway.errors import ConfigError
from rosterway.runs import steps
from rosterway.runs.exports import exporting as files
from rosterway.runs.exports.ask_reports import ask_reports
from rosterway.runs.exports.check_grades import check_grades
from rosterway.runs.exports.exporting import Exporting, exporting
from rosterway.runs.exports.fetch_reports import fetch_reports
from rosterway.runs.exports.place_files import note_failure, place_files, send_note
from rosterway.runs.moments import ExportMoment, passing
from rosterway.runs.office import Office
from rosterway.runs.road import Then
from rosterway.store import runs, stages
from rosterway.store.runs import Outcome, Run
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: What is done, step by step, and the file each leaves.
STEPS: tuple[tuple[str, Callable[[Exporting], Awaitable[None]]], ...] = (
    (files.REPORTS, ask_reports),
    (files.FETCHED, fetch_reports),
    (files.CHECKED, check_grades),
    (files.PLACED, place_files),
)


async def advance(office: Office, tenant: str, run_id: str) -> Then:
    """Do the next step of a grade export; see `steps.advance`."""
    return await steps.advance(
        office, tenant, run_id, partial(_step, office), partial(_end, office)
    )


async def give_up(office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str) -> Then:
    """End a run that cannot go on; the files that were placed before stay as they are."""
    return await steps.give_up(office, tenant, run_id, outcome, reason, partial(_end, office))


async def _step(office: Office, handle: TenantStore, run: Run) -> Then:
    export = exporting(office, handle, run)
    done = export.done()
    for name, step in STEPS:
        if name not in done:
            await step(export)
            passing(ExportMoment.STEP_DONE)
            return Then.MORE
    return await _end(office, handle, run, Outcome.DELIVERED, "")


async def _end(
    office: Office, handle: TenantStore, run: Run, outcome: Outcome, reason: str
) -> Then:
    if outcome is not Outcome.DELIVERED:
        with suppress(ConfigError):  # nobody says any more where its files are
            export = exporting(office, handle, run)
            note_failure(export, reason)
            await send_note(export)
    now = office.clock()
    stages.leave(handle, run.id, now=now)
    runs.end(handle, run.id, outcome=outcome, reason=reason, now=now)
    log.info("run.ended", tenant=handle.name, export=run.export, run=run.id, outcome=outcome.value)
    return Then.ENDED
