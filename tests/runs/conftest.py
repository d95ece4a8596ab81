"""Real processes: `serve` on a home of its own, and a sandbox Canvas beside it."""

from contextlib import AsyncExitStack

import pytest

from canvas_sandbox import Client, client_of
from runs.installation import Installation, Tenant, feed


class Canvas:
    """A sandbox Canvas that can go away and come back at the same address."""

    def __init__(self, home):
        self._home = home
        self._stack = AsyncExitStack()
        self._port = 0
        self._running: Client | None = None

    async def start(self):
        self._running = await self._stack.enter_async_context(
            client_of(self._home, port=self._port)
        )
        self._port = int(self.url.rpartition(":")[2])
        return self

    async def stop(self):
        await self._stack.aclose()

    @property
    def client(self) -> Client:
        assert self._running is not None
        return self._running

    @property
    def url(self):
        return self.client.sandbox.url

    @property
    def token(self):
        return self.client.sandbox.token

    def faults(self, *names):
        """Have exactly these faults on; `name:2` strikes twice."""
        self.client.sandbox.instance.faults.put(names)

    @property
    def requests(self):
        """Every request it got: method, path, status."""
        return list(self.client.sandbox.instance.requests)

    @property
    def posts(self):
        """How often somebody asked it for an import."""
        return sum(
            one["method"] == "POST" and one["path"].endswith("/sis_imports")
            for one in self.requests
        )

    async def imports(self):
        """Every import it has, the oldest first."""
        return (await self.client.everything("accounts/self/sis_imports"))[::-1]

    async def report(self, *arguments, **parameters):
        return await self.client.report(*arguments, **parameters)


@pytest.fixture
async def canvas(tmp_path):
    running = await Canvas(tmp_path / "canvas").start()
    yield running
    await running.stop()


@pytest.fixture
async def installations(tmp_path, canvas):
    """Makes installations, each in a folder of its own."""
    made = []

    def make(name="house", **tenants):
        folder = tmp_path / name
        folder.mkdir()
        named = tenants or {"lincoln": Tenant(canvas.url, {"nightly": feed()})}
        made.append(Installation(folder, named, canvas.token))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.fixture
async def house(installations):
    """One tenant with one feed in `diffing/`; not started yet."""
    return installations()
