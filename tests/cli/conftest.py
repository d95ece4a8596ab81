"""What tests of the command line share: two days of a district, and a home that is served."""

import json
from types import SimpleNamespace

import pytest
import pytest_asyncio

from cli.terminal import ended, rosterway, started
from runs.installation import Installation, Tenant, feed


@pytest.fixture(scope="session")
def days(tmp_path_factory):
    """A small district on its first and second day, and damaged, as the sandbox writes it."""
    folder = tmp_path_factory.mktemp("district")
    made = {"first": (), "second": ("--day", 2), "dirty": ("--dirty",)}
    for name, more in made.items():
        asked = ("--students", 120, "--seed", 7, "--as", "canvas", "--out", folder / name)
        done = rosterway("sandbox", "district", *asked, *more)
        assert done.code == 0, done.err
    return SimpleNamespace(**{name: folder / name for name in made})


@pytest.fixture(scope="session")
def sandbox_canvas(tmp_path_factory):
    """`rosterway sandbox canvas` in a process of its own: url and token."""
    process = started("sandbox", "canvas", "--port", 0)
    assert process.stdout is not None
    yield SimpleNamespace(**json.loads(process.stdout.readline()))
    assert ended(process) == 143


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(tmp_path_factory, sandbox_canvas):
    """A home that is served: two feeds, `nightly` by diffing and `extra` by imports."""
    folder = tmp_path_factory.mktemp("house")
    feeds = {"nightly": feed(), "extra": feed(folder="imports")}
    exports = {"registrar": ["keep = 0"]}
    tenants = {"lincoln": Tenant(sandbox_canvas.url, feeds, exports=exports)}
    served = Installation(folder, tenants, sandbox_canvas.token, {"COLUMNS": "80"})
    await served.start()
    yield served
    try:
        assert await served.stop() == 0
    finally:
        await served.close()


@pytest.fixture
def quiet_folder(tmp_path):
    """A working folder in which a command must leave nothing."""
    folder = tmp_path / "here"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []
