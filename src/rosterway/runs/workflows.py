"""The durable engine: DBOS keeps at it, `road` knows what to do.

A workflow here is a loop around one step, so that its record says nothing but how often it was gone
round. What another version of the program began, what the engine gave up because its record no
longer fits, and what it lost because its disk was full is begun anew: `road` goes on from the facts.

What may be cured by waiting is waited for, within the office's patience; the step itself decides how
long, so that the engine's record of a workflow fits whatever patience a later process has. The
engine's tables lie in a database of their own, and know ids only.

The functions are bound to the one office of this process by `launch`.
"""

import logging
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID, WorkflowStatus

from rosterway.errors import RosterwayError, ThrottledError
from rosterway.runs import road
from rosterway.runs.exports import road as exports_road
from rosterway.runs.exports.asked import GRADE_EXPORT
from rosterway.runs.grades import asked as grades
from rosterway.runs.grades import road as grades_road
from rosterway.runs.grades.quiet import QuietHoursError
from rosterway.runs.office import APPLICATION_VERSION, Office
from rosterway.runs.requests import FETCHES
from rosterway.runs.road import Then
from rosterway.store import runs, stages
from rosterway.store.runs import Outcome, Trigger

log = structlog.get_logger()

#: One delivery of a tenant is planned at a time, and so many in all.
_PREPARING = "preparing"
_PLANNED_AT_ONCE = 2
#: So many SISs and servers are read at a time; one that is slow keeps no delivery waiting.
_PULLS = "pulls"
_PULLED_AT_ONCE = 4
#: One plan at a time in a Canvas account.
_LANES = "lanes"
#: Grades: what a person has asked for is not stuck behind a night's courses. So many at a time in
#: all, and so many of one SIS.
_GRADES, _ROUNDS = "grades", "rounds"
_GRADES_AT_ONCE, _ROUNDS_AT_ONCE, _OF_ONE_SIS = 8, 4, 2
#: Grade exports mostly wait for Canvas. One of a tenant at a time.
_EXPORTS = "exports"
_EXPORTED_AT_ONCE = 4
#: Seconds between looks at the queues.
_POLL = 0.3

#: Statuses of a workflow that the engine still keeps at.
_GOING = {"ENQUEUED", "DELAYED", "PENDING"}

#: What a run's first workflow hands it on to, by the end of the workflow's name.
_PLAN, _LANE = "/plan", "/lane"
_PARTS = (_LANE, _PLAN, _PLAN + _LANE)

#: How a step says that it is to be tried again.
_WAIT = "wait:"

_office: list[Office] = []
#: The workflows this process is at, and the runs of which it does a step just now.
_at_work: set[str] = set()
_stepping: set[str] = set()
#: Workflows that should be at work here and were not, when last looked for.
_missed: set[str] = set()


def launch(office: Office, database: Path) -> None:
    """Start the engine on its SQLite file and take up what an earlier process left."""
    _office[:] = [office]
    with sqlite3.connect(database) as connection:
        # DBOS opens the file as it finds it; WAL is quicker and lets others read meanwhile.
        connection.execute("PRAGMA journal_mode = WAL")
    config: DBOSConfig = {
        "name": "rosterway",
        "system_database_url": f"sqlite:///{database}",
        "application_version": APPLICATION_VERSION,
        "executor_id": office.worker,
        "log_level": "WARNING",
        "enable_otlp": False,
        "notification_listener_polling_interval_sec": _POLL,
    }
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(
        _PREPARING,
        worker_concurrency=_PLANNED_AT_ONCE,
        partition_concurrency=1,
        polling_interval_sec=_POLL,
    )
    DBOS.register_queue(_PULLS, worker_concurrency=_PULLED_AT_ONCE, polling_interval_sec=_POLL)
    DBOS.register_queue(_LANES, partition_concurrency=1, polling_interval_sec=_POLL)
    DBOS.register_queue(
        _EXPORTS,
        worker_concurrency=_EXPORTED_AT_ONCE,
        partition_concurrency=1,
        polling_interval_sec=_POLL,
    )
    for queue, at_once in ((_GRADES, _GRADES_AT_ONCE), (_ROUNDS, _ROUNDS_AT_ONCE)):
        DBOS.register_queue(
            queue,
            worker_concurrency=at_once,
            partition_concurrency=_OF_ONE_SIS,
            polling_interval_sec=_POLL,
        )


def shut_down() -> None:
    """Stop the engine; what is under way is taken up by the next process."""
    DBOS.destroy(workflow_completion_timeout_sec=0)
    _office.clear()
    _at_work.clear()
    _missed.clear()


async def begin(tenant: str, run: str) -> None:
    """Set a run going, or leave it going.

    A run whose workflows have all ended although it has not, or which only another version of the
    program was at, gets another.
    """
    name, tries = run, 1
    while (known := await DBOS.get_workflow_status_async(name)) is not None:
        for part in (known, *[await DBOS.get_workflow_status_async(name + end) for end in _PARTS]):
            if await _is_going(part):
                return
        tries += 1
        name = f"{run}/{tries}"
    found = runs.get(_office[0].store.tenant(tenant), run)
    if found.kind in grades.KINDS:
        queue = _ROUNDS if found.trigger is Trigger.SCHEDULE else _GRADES
        with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=_sis(tenant)):
            await DBOS.enqueue_workflow_async(queue, sync_grades, tenant, run)
        return
    if found.kind == GRADE_EXPORT:
        with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=tenant):
            await DBOS.enqueue_workflow_async(_EXPORTS, export_grades, tenant, run)
        return
    if found.kind in FETCHES and found.delivery is None:
        with SetWorkflowID(name):
            await DBOS.enqueue_workflow_async(_PULLS, pull, tenant, run)
        return
    with SetWorkflowID(name), SetEnqueueOptions(queue_partition_key=tenant):
        await DBOS.enqueue_workflow_async(_PREPARING, prepare, tenant, run)


def _sis(tenant: str) -> str:
    """The SIS that a tenant's grades go to."""
    settings = _office[0].tenant(tenant).grades
    return f"{tenant}/{settings.connection if settings else ''}"


async def _is_going(workflow: WorkflowStatus | None) -> bool:
    """Whether somebody keeps at a workflow; one that nobody will ever go on with is cancelled."""
    if workflow is None or workflow.status not in _GOING:
        return False
    # The engine passes by those of other versions of the program.
    if workflow.app_version == APPLICATION_VERSION and not _is_lost(workflow):
        return True
    # It would keep its place in the queue, and might wake.
    await DBOS.cancel_workflow_async(workflow.workflow_id)
    return False


def _is_lost(workflow: WorkflowStatus) -> bool:
    """Whether the engine could not even write down that a workflow of this process came to grief.

    Only one that is missed twice is: between taking it up and being at it there is a moment.
    """
    name = workflow.workflow_id
    is_ours = workflow.status == "PENDING" and workflow.executor_id == _office[0].worker
    if not is_ours or name in _at_work:
        _missed.discard(name)
        return False
    if name in _missed:
        _missed.discard(name)
        return True
    _missed.add(name)
    return False


@DBOS.workflow(name="pull")
async def pull(tenant: str, run: str) -> None:
    """Go on until there is a delivery, then stand in line with the others of the tenant."""
    with _working():
        if await _go_on(tenant, run, in_lane=False) is Then.PLAN:
            planning = f"{DBOS.workflow_id}{_PLAN}"
            with SetWorkflowID(planning), SetEnqueueOptions(queue_partition_key=tenant):
                await DBOS.enqueue_workflow_async(_PREPARING, prepare, tenant, run)


@DBOS.workflow(name="prepare")
async def prepare(tenant: str, run: str) -> None:
    """Go on until the run ends or needs the lane of its Canvas account."""
    with _working():
        then = await _go_on(tenant, run, in_lane=False)
        if then is Then.LANE:
            account = _office[0].tenant(tenant).canvas.key
            lane = f"{DBOS.workflow_id}{_LANE}"
            with SetWorkflowID(lane), SetEnqueueOptions(queue_partition_key=account):
                await DBOS.enqueue_workflow_async(_LANES, in_lane, tenant, run)


@DBOS.workflow(name="in_lane")
async def in_lane(tenant: str, run: str) -> None:
    """Go on until the run ends; nobody else is in the account's lane."""
    with _working():
        await _go_on(tenant, run, in_lane=True)


@DBOS.workflow(name="sync_grades")
async def sync_grades(tenant: str, run: str) -> None:
    """Go on until the run ends, or the SIS is not to be asked for hours."""
    with _working():
        await _go_on(tenant, run, in_lane=False)


@DBOS.workflow(name="export_grades")
async def export_grades(tenant: str, run: str) -> None:
    """Go on until the report is in its place, or cannot be had."""
    with _working():
        await _go_on(tenant, run, in_lane=False)


@contextmanager
def _working() -> Generator[None]:
    name = DBOS.workflow_id or ""
    _at_work.add(name)
    try:
        yield
    finally:
        _at_work.discard(name)


async def _go_on(tenant: str, run: str, *, in_lane: bool) -> Then:
    failures, waited = 0, 0.0
    while True:
        answer = await step(tenant, run, in_lane, failures, waited)
        if answer.startswith(_WAIT):
            pause = float(answer.removeprefix(_WAIT))
            failures, waited = failures + 1, waited + pause
            # The engine remembers when the pause ends, so a restart does not begin it anew.
            await DBOS.sleep_async(pause)
            continue
        failures, waited = 0, 0.0
        if answer != Then.MORE:
            return Then(answer)


@DBOS.step(name="advance")
async def step(tenant: str, run: str, in_lane: bool, failures: int, waited: float) -> str:
    """Do the run's next step: what follows, or `wait:` and seconds until it is tried again.

    It has failed `failures` times in a row by now, and waited so many seconds between them.
    """
    office = _office[0]
    if run in _stepping:  # a workflow that was taken for lost is still at it
        return f"{_WAIT}{office.patience.pause(failures) * office.patience.scale}"
    _stepping.add(run)
    try:
        return (await _try(office, tenant, run, in_lane=in_lane, waited=waited)).value
    except RosterwayError as error:
        if not error.retry:
            raise  # another worker has the run
        log.info("run.waits", tenant=tenant, run=run, reason=error.code)
        _show_waiting(office, tenant, run, error)
        told = error.wait if isinstance(error, ThrottledError) else None
        return f"{_WAIT}{told or office.patience.pause(failures) * office.patience.scale}"
    finally:
        _stepping.discard(run)


async def _try(office: Office, tenant: str, run: str, *, in_lane: bool, waited: float) -> Then:
    """The step, or the end of the run: after a fault of ours, or when patience is at its end."""
    kind = runs.get(office.store.tenant(tenant), run).kind
    own = grades_road if kind in grades.KINDS else exports_road if kind == GRADE_EXPORT else None
    give_up = own.give_up if own else road.give_up
    try:
        if own:
            return await own.advance(office, tenant, run)
        return await road.advance(office, tenant, run, in_lane=in_lane)
    except QuietHoursError as quiet:
        # Begun again by the conductor: it keeps no place in the queue meanwhile.
        _show_waiting(office, tenant, run, quiet)
        return Then.LATER
    except RosterwayError as error:
        if not error.retry or waited < office.patience.give_up_after * office.patience.scale:
            raise
        reason = f"It stayed so for as long as Rosterway waits: {road.said(error)}"
        return await give_up(office, tenant, run, Outcome.FAILED, reason)
    except Exception as error:
        log.exception("run.crashed", tenant=tenant, run=run)
        reason = f"Rosterway failed ({type(error).__name__}); the log has it under {run}."
        return await give_up(office, tenant, run, Outcome.CRASHED, reason)


def _show_waiting(office: Office, tenant: str, run: str, error: RosterwayError) -> None:
    """Let people see what a run waits for; if the store is what is away, they will not."""
    with suppress(RosterwayError):
        handle = office.store.tenant(tenant)
        note = f"Waiting: {error.message}"
        stages.progress(handle, run, done=0, of=0, note=note, now=office.clock())
