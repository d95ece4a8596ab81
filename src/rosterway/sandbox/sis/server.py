"""Running the sandbox SIS: inside a program, beside one, and for a person at the command line."""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from rosterway.sandbox.district import TODAY, make_district
from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.app import build_app
from rosterway.sandbox.sis.clock import Clock, system_clock
from rosterway.sandbox.sis.doors.tokens import TOKEN_PATH
from rosterway.sandbox.sis.model.operations import ROOTS
from rosterway.sandbox.sis.provider import Nights, Provider, Source

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class RunningSis:
    """A sandbox SIS that listens."""

    url: str
    provider: Provider

    @property
    def token_url(self) -> str:
        """Where tokens are given."""
        return self.url + TOKEN_PATH

    def root(self, version: str, service: str = "rostering") -> str:
        """The root of a service: version 1.1 or 1.2; rostering, gradebook or resources."""
        return self.url + ROOTS[version, service]

    def doors(self) -> dict[str, str]:
        """What a client must know, by name; for the first line of a command."""
        known = self.provider.credentials
        return {
            "url": self.url,
            "rostering_1p1": self.root("1.1"),
            "rostering_1p2": self.root("1.2"),
            "gradebook_1p2": self.root("1.2", "gradebook"),
            "resources_1p2": self.root("1.2", "resources"),
            "token_url": self.token_url,
            "client_id": known.client_id,
            "client_secret": known.client_secret,
            "bearer": known.bearer,
            "control": f"{self.url}/sandbox",
        }


@asynccontextmanager
async def start_sis(
    *,
    source: Source | None = None,
    students: int = 300,
    seed: int = 1,
    today: date = TODAY,
    night: str = "ordinary",
    day: int = 1,
    home: Path | None = None,
    categories: str = "global",
    faults: Iterable[str] = (),
    knobs: Mapping[str, Any] | None = None,
    credentials: Credentials | None = None,
    clock: Clock = system_clock,
    port: int = 0,
) -> AsyncGenerator[RunningSis]:
    """A sandbox SIS on loopback for as long as the block lasts; port 0 takes a free one.

    It holds the sandbox district of so many `students` on its Nth `day`, unless `source` says what
    it holds each day. The gradebook is kept in the folder `home`, or in memory without one.

    Raises:
        SisUsageError: a fault, a knob or a kind of categories is unknown.
    """
    if source is None:
        source = Nights(make_district(students=students, seed=seed, today=today), night)
    provider = Provider(
        source,
        day=day,
        home=home,
        categories=categories,
        credentials=credentials or Credentials(),
        clock=clock,
    )
    provider.turn(dict(knobs or {}))
    provider.faults.put(faults)
    runner = web.AppRunner(build_app(provider), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, _HOST, port)
        await site.start()
        provider.url = f"http://{_HOST}:{runner.addresses[0][1]}"
        yield RunningSis(provider.url, provider)
    finally:
        await runner.cleanup()


async def serve(*, ready: Callable[[dict[str, str]], None], **options: Any) -> None:
    """Serve until cancelled, with the options of `start_sis`; `ready` is told the doors."""
    async with start_sis(**options) as sis:
        ready(sis.doors())
        await asyncio.Event().wait()


@contextmanager
def in_background(**options: Any) -> Generator[RunningSis]:
    """A sandbox SIS on a thread of its own, for programs that do not run on a loop.

    Whoever holds it changes it through the controls under /sandbox only.
    """
    loop = asyncio.new_event_loop()
    started: list[RunningSis | BaseException] = []
    up, down = threading.Event(), asyncio.Event()

    async def live() -> None:
        try:
            async with start_sis(**options) as sis:
                started.append(sis)
                up.set()
                await down.wait()
        except BaseException as error:
            started.append(error)
            raise
        finally:
            up.set()

    def run() -> None:
        # what went wrong is raised where the SIS was asked for
        with asyncio.Runner(loop_factory=lambda: loop) as runner, suppress(Exception):
            runner.run(live())

    thread = threading.Thread(target=run, name="sandbox-sis", daemon=True)
    thread.start()
    up.wait()
    first = started[0]
    if isinstance(first, BaseException):
        thread.join()
        raise first
    try:
        yield first
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join()
