"""The road of a grade export: which step comes next, told by which files the run has, and that step.

As with a roster (`runs.road`), the engine repeats `advance` until the run has ended, and every step
may be repeated.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from rosterway.errors import ConfigError, ConflictError, RosterwayError
from rosterway.runs.exports import exporting as files
from rosterway.runs.exports.ask_reports import ask_reports
from rosterway.runs.exports.check_grades import check_grades
from rosterway.runs.exports.exporting import Exporting, exporting
from rosterway.runs.exports.fetch_reports import fetch_reports
from rosterway.runs.exports.place_files import note_failure, place_files, send_note
from rosterway.runs.moments import ExportMoment, passing
from rosterway.runs.office import Office
from rosterway.runs.road import Then, disk_may_recover, said
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
    """Do the next step of a grade export.

    An error that waiting may cure is raised, and a ConflictError if another worker has the run; any
    other error ends the run.
    """
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is not None:
        return Then.ENDED
    if not office.claim(handle, run):
        raise ConflictError(f"another worker has the run {run.id}")
    with disk_may_recover():
        try:
            return await _step(exporting(office, handle, run))
        except RosterwayError as error:
            is_ours = office.claim(handle, run)
            if error.retry or not is_ours:
                raise
            return await _end(office, handle, run, Outcome.FAILED, said(error))


async def give_up(office: Office, tenant: str, run_id: str, outcome: Outcome, reason: str) -> Then:
    """End a run that cannot go on; the files that were placed before stay as they are."""
    handle = office.store.tenant(tenant)
    run = runs.get(handle, run_id)
    if run.ended_at is None:
        with disk_may_recover():
            await _end(office, handle, run, outcome, reason)
    return Then.ENDED


async def _step(export: Exporting) -> Then:
    done = export.done()
    for name, step in STEPS:
        if name not in done:
            await step(export)
            passing(ExportMoment.STEP_DONE)
            return Then.MORE
    return await _end(export.office, export.handle, export.run, Outcome.DELIVERED, "")


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
