"""A provider on loopback, and a client that does not wait."""

import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

from aiohttp import web

from rosterway.oneroster.address import root_of
from rosterway.oneroster.auth import Auth, Bearer
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.patience import Patience, Surroundings, Waiting
from rosterway.oneroster.wire import Wiring
from rosterway.settings.shape import Version


@asynccontextmanager
async def serving(handler):
    """Serve a handler of requests; gives the url."""

    async def handle(request):
        return await handler(request)

    app = web.Application(client_max_size=2**30)
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Pauses(list[float]):
    """A pause that takes no time and remembers how long it would have been."""

    async def __call__(self, seconds):
        self.append(seconds)


@asynccontextmanager
async def client_of(
    url: str,
    *,
    auth: Auth | None = None,
    version: Version = Version.V1P1,
    pauses: Callable[[float], Awaitable[None]] | None = None,
    clock: Callable[[], float] = time.time,
    patience: Patience | None = None,
    wiring: Wiring | None = None,
    max_requests: int = 4,
    on_wait: Callable[[Waiting], None] | None = None,
):
    """A client of the provider at a url that never really waits."""
    numbers = count(1)
    async with ProviderClient(
        root_of(url, version),
        auth or Bearer(token="t0p-secret"),
        wiring=wiring,
        patience=patience or Patience(attempts=3, garbled=2),
        max_requests=max_requests,
        surroundings=Surroundings(
            clock=clock,
            pause=Pauses() if pauses is None else pauses,
            nonce=lambda: f"nonce-{next(numbers)}",
            jitter=lambda: 1.0,
        ),
        on_wait=on_wait,
    ) as client:
        yield client
