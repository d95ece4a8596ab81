"""Running the sandbox Canvas: for a person at the command line, and inside a test."""

import asyncio
import logging
import zipfile
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import LINE
from rosterway.sandbox.canvas.app import build_app
from rosterway.sandbox.canvas.clock import Clock, system_clock
from rosterway.sandbox.canvas.importing.line import ImportLine
from rosterway.sandbox.canvas.instance import Instance, open_instance
from rosterway.sandbox.canvas.state.office import SisImport
from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.trouble import SandboxUsageError

_HOST = "127.0.0.1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A sandbox Canvas that listens."""

    url: str
    instance: Instance
    line: ImportLine

    @property
    def token(self) -> str:
        """The administrator's token."""
        return self.instance.token


@asynccontextmanager
async def running(
    home: Path, *, port: int = 0, faults: tuple[str, ...] = (), clock: Clock = system_clock
) -> AsyncGenerator[Running]:
    """A sandbox Canvas on loopback for as long as the block lasts; port 0 takes a free one."""
    instance = open_instance(home, clock=clock)
    try:
        instance.faults.put(faults)
    except SandboxUsageError:
        instance.close()
        raise
    runner = web.AppRunner(build_app(instance), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, port)
        await site.start()
        bound = runner.addresses[0][1]
        yield Running(f"http://{_HOST}:{bound}", instance, runner.app[LINE])
    finally:
        await runner.cleanup()


async def serve(
    *,
    port: int,
    home: Path,
    faults: tuple[str, ...],
    district: Path | None,
    ready: Callable[[dict[str, str]], None],
) -> None:
    """Serve until cancelled. `district` is a folder of Canvas CSV files to begin with.

    `ready` is told address and token once everything is in place.
    """
    async with running(home, port=port) as sandbox:
        if district is not None:
            begun = await load(sandbox, district)
            _log.info("sandbox.district.loaded state=%s", begun.workflow_state)
        sandbox.instance.faults.put(faults)
        ready({"url": sandbox.url, "token": sandbox.token})
        await asyncio.Event().wait()


async def load(sandbox: Running, folder: Path) -> SisImport:
    """Import the CSV files of a folder as one SIS import and follow it to its end."""
    files = sorted(folder.rglob("*.csv"))
    if not files:
        raise SandboxUsageError(f"{folder} holds no CSV files")
    instance = sandbox.instance
    upload = instance.office.new_path(".zip")

    def pack() -> None:
        with zipfile.ZipFile(upload, "w", zipfile.ZIP_STORED) as archive:
            for file in files:
                archive.write(file, file.relative_to(folder).as_posix())

    await asyncio.to_thread(pack)
    now = instance.now()
    import_id = instance.office.new_import(now=now, user_id=1, options=Options())
    file_id = instance.office.add_file(
        upload, display_name="district.zip", content_type="application/zip", now=now
    )
    instance.office.update_import(import_id, now=now, file_id=file_id, workflow_state="created")
    sandbox.line.poke()
    await sandbox.line.idle(seconds=3600)
    finished = instance.office.get_import(import_id)
    assert finished is not None
    return finished
