"""The line of imports of the root account: one at a time, in the order they were created.

Guarantees: an import that was running when the server went away starts over; undoing and reports
run beside the line. Facts: canvas-lms `SisBatch.process_all_for_account`.
"""

import asyncio
import logging
from collections.abc import Callable

from rosterway.sandbox.canvas.importing.job import run_import
from rosterway.sandbox.canvas.importing.restore import Scope, restore_states
from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.trouble import Stopped

_log = logging.getLogger(__name__)


class ImportLine:
    """Runs what waits. `start` and `stop` belong to the event loop of the server."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._beside: set[asyncio.Task[None]] = set()
        self._runner: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin with what an earlier server left."""
        office = self._instance.office
        now = self._instance.now()
        for left in office.imports("WHERE workflow_state IN ('importing', 'cleanup_batch')"):
            office.move_import(left.id, now=now, by=("importing", "cleanup_batch"), to="created")
        self._runner = asyncio.create_task(self._run())
        self.poke()

    async def stop(self) -> None:
        """Let the running step end and stop there."""
        self._instance.pace.stop()
        tasks = [*self._beside, *([self._runner] if self._runner else [])]
        if self._runner:
            self._runner.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def poke(self) -> None:
        """Something is waiting."""
        self._idle.clear()
        self._wake.set()

    def beside(self, work: Callable[[], None]) -> None:
        """Run something in a thread beside the line."""
        self._idle.clear()
        task = asyncio.create_task(asyncio.to_thread(work))
        self._beside.add(task)
        task.add_done_callback(self._done_beside)

    async def idle(self, seconds: float) -> bool:
        """Wait until nothing runs and nothing waits; whether that came in time."""
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            return False
        return True

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (import_id := self._next()) is not None:
                work = asyncio.ensure_future(
                    asyncio.to_thread(run_import, self._instance, import_id)
                )
                try:
                    await asyncio.shield(work)
                except Stopped:
                    return
                except asyncio.CancelledError:
                    await asyncio.gather(work, return_exceptions=True)
                    raise
                except Exception:
                    _log.exception("sandbox.line.failed import=%s", import_id)
                    raise
                await self._pause_after_abort(import_id)
            self._settle()

    def _next(self) -> int | None:
        waiting = self._instance.office.imports(
            "WHERE workflow_state = 'created' ORDER BY id LIMIT 1"
        )
        return waiting[0].id if waiting else None

    async def _pause_after_abort(self, import_id: int) -> None:
        ended = self._instance.office.get_import(import_id)
        pause = self._instance.knobs.pause_after_abort
        if pause and ended and ended.workflow_state == "aborted":
            await asyncio.sleep(pause)

    def _done_beside(self, task: asyncio.Task[None]) -> None:
        self._beside.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("sandbox.beside.failed", exc_info=error)
        self._settle()

    def _settle(self) -> None:
        unfinished = "WHERE workflow_state IN ('created', 'importing', 'cleanup_batch') LIMIT 1"
        if not self._beside and not self._instance.office.imports(unfinished):
            self._idle.set()


def run_restore(instance: Instance, import_id: int, scope: Scope, progress_id: int) -> None:
    """Undo an import and keep its Progress up to date."""
    office = instance.office

    def report(share: float) -> None:
        office.update(
            "progress", progress_id, completion=int(share * 100), updated_at=instance.now()
        )

    office.update("progress", progress_id, workflow_state="running", updated_at=instance.now())
    with instance.roster.work(instance.now()) as work:
        restore_states(import_id, scope, work, report)
    state = "restored" if scope.whole else "partially_restored"
    office.update_import(import_id, now=instance.now(), workflow_state=state)
    office.update(
        "progress",
        progress_id,
        workflow_state="completed",
        completion=100,
        updated_at=instance.now(),
    )
