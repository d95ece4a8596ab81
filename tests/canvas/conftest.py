"""A real HTTP server for a plain function, and a client that does not wait."""

from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from rosterway.canvas.client import CanvasClient, Patience, Timeouts

TOKEN = "1234~secret-token"
AT_ONCE = Patience(attempts=3, first=0, longest=0, jitter=0)


@pytest.fixture
def token():
    return TOKEN


@pytest.fixture
async def serve():
    """Serve a plain function of request to response on loopback; calling it gives the url."""
    runners = []

    async def start(handler):
        async def handle(request):
            return await handler(request)

        app = web.Application(client_max_size=2**30)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
def client_of():
    """A client of the Canvas at a url, in an `async with`, patient in number and not in time."""

    @asynccontextmanager
    async def make(url, *, patience=AT_ONCE, timeouts=None, account="1"):
        limits = timeouts or Timeouts(connect=5, silence=5, upload=30)
        async with CanvasClient(
            url, TOKEN, account=account, patience=patience, timeouts=limits
        ) as client:
            yield client

    return make


@pytest.fixture
def pauses():
    """A pause that takes no time and remembers how long it would have been."""

    class Pauses(list[float]):
        async def __call__(self, seconds: float):
            self.append(seconds)

    return Pauses()
