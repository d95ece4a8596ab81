"""Real processes: `serve` on a home of its own, and a sandbox Canvas beside it."""

import shutil
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from canvas_sandbox import Client, client_of
from runs.installation import Installation, Tenant, feed
from runs.rosters import Files, district


class Address:
    """A port of this machine that stays ours while nobody listens there."""

    def __init__(self):
        self._placeholder = socket.socket()
        # Bound, never listening: others that ask for any port do not get it, and we may have it
        self._placeholder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._placeholder.bind(("127.0.0.1", 0))
        self.port = self._placeholder.getsockname()[1]

    def close(self):
        self._placeholder.close()


class Canvas:
    """A sandbox Canvas that can go away and come back at the same address."""

    def __init__(self, home, address):
        self._home = home
        self._stack = AsyncExitStack()
        self._port = address.port
        self._running: Client | None = None

    async def start(self):
        self._running = await self._stack.enter_async_context(
            client_of(self._home, port=self._port)
        )
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


@asynccontextmanager
async def canvas_in(home, address=None):
    """A Canvas for as long as the block lasts; at an address of its own unless one is given."""
    running = Canvas(home, address or Address())
    await running.start()
    try:
        yield running
    finally:
        await running.stop()


@pytest.fixture
async def canvas(tmp_path):
    async with canvas_in(tmp_path / "canvas") as running:
        yield running


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


@dataclass
class Loaded:
    """The morning after a first load: a home and a Canvas that can be copied as often as wanted."""

    folder: Path
    address: Address
    files: Files

    @asynccontextmanager
    async def copied(self, folder):
        """The installation, not started, and its Canvas, running, in a folder of their own."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        async with canvas_in(folder / "canvas", self.address) as running:
            house = Installation(
                folder / "house",
                {"lincoln": Tenant(running.url, {"nightly": feed()})},
                running.token,
            )
            try:
                yield house, running
            finally:
                await house.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def loaded(tmp_path_factory):
    """A first load that is told once and copied for every test."""
    folder = tmp_path_factory.mktemp("loaded")
    address, files = Address(), district()
    async with canvas_in(folder / "canvas", address) as running:
        (folder / "house").mkdir()
        house = Installation(
            folder / "house", {"lincoln": Tenant(running.url, {"nightly": feed()})}, running.token
        )
        try:
            await house.start()
            await house.first_load(files)
            assert await house.stop() == 0
        finally:
            await house.close()
    yield Loaded(folder, address, files)
    address.close()


@pytest.fixture
async def settled(tmp_path, loaded):
    """An installation whose first load Canvas has, not started; and that Canvas."""
    async with loaded.copied(tmp_path / "settled") as both:
        yield both
