"""The console on a real store: a house built once, and a copy of it for each test."""

import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.gradebook import Grades
from console.house import PASSWORD, House, build_now
from rosterway.runs.clock import utc_now
from rosterway.store import operators
from rosterway.store.operators import Role
from runs.conftest import canvas, installations

__all__ = ["canvas", "installations"]  # fixtures of a real `serve` and the Canvas beside it


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory):
    """The folder of the house; nothing writes to it."""
    folder = tmp_path_factory.mktemp("house")
    with ThreadPoolExecutor(1) as elsewhere:  # a thread of its own has no loop yet
        elsewhere.submit(build_now, folder / "home", folder / "canvas").result()
    return folder / "home"


@pytest.fixture
def house(lived_in, tmp_path):
    shutil.copytree(lived_in, tmp_path / "home")
    opened = House(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def grades(house):
    """Biology, synced once; nothing of it waits."""
    kept = Grades(house)
    kept.sync()
    return kept


@pytest.fixture
async def visitor(house):
    async with house.visitor() as client:
        yield client


@pytest.fixture
async def approver(house):
    async with house.signed_in("approver") as client:
        yield client


@pytest.fixture
async def viewer(house):
    async with house.signed_in("viewer") as client:
        yield client


@pytest.fixture
async def registrar(house):
    async with house.signed_in("registrar") as client:
        yield client


@pytest.fixture
async def admin(house):
    async with house.signed_in("admin") as client:
        yield client


@pytest.fixture
async def serving(installations):
    """A real `serve` with one feed, and an approver named jane."""
    running = installations()
    await running.start()
    operators.add(
        running.store, "jane", password=PASSWORD, role=Role.APPROVER, by="a test", now=utc_now()
    )
    return running
