"""A crash between any two steps of taking a delivery loses nothing and delivers nothing twice.

Python tells of every file it opens, renames, makes or removes before it does so (PEP 578). These
tests stop everything right there, at each of those moments in turn, and start the next process.
"""

import itertools
import sys
from contextlib import contextmanager
from typing import ClassVar

import pytest

DELIVERY = {
    "users.csv": b"user_id",
    "fall/courses.csv": b"course_id",
    "fall/deep/er/sections.csv": b"section_id",
}


class Killed(BaseException):
    """The process is no more."""


class Death:
    """Comes after a number of steps below a directory, and stays."""

    steps: ClassVar = {
        "open",
        "os.rename",
        "os.mkdir",
        "os.remove",
        "os.rmdir",
        "os.scandir",
        "os.chmod",
    }

    def __init__(self):
        self.directory: str | None = None
        self.left = 0
        sys.addaudithook(self)  # it cannot be taken off again, so it listens only when told to

    def __call__(self, event, args):
        if self.directory and event in self.steps and str(args[0]).startswith(self.directory):
            self.left -= 1
            self.strike()

    def strike(self):
        if self.directory and self.left < 0:
            raise Killed

    @contextmanager
    def after(self, steps, directory):
        self.directory, self.left = str(directory), steps
        try:
            yield
        except Killed:
            pass
        finally:
            self.directory = None


class DyingJournal:
    """SQLite does not tell of its steps, but it does not outlive its process either."""

    def __init__(self, journal):
        self.journal = journal

    def write(self, entries, forgotten):
        death.strike()
        self.journal.write(entries, forgotten)

    def all(self):
        return self.journal.all()


death = Death()


death = Death()


async def take_out(gateway):
    await gateway.work(minutes=5)


async def start_and_take_out(gateway):
    gateway.start()
    await take_out(gateway)


async def survives(gateway, steps, doing):
    """Whether a process gets through this when it has so many steps to live."""
    with death.after(steps, gateway.home):
        await doing(gateway)
        death.strike()
    return death.left >= 0


def uploaded(gateway):
    gateway.start()
    for name, content in DELIVERY.items():
        gateway.send(name, content)
    gateway.send("fall/.done", b"")
    return gateway


def assert_delivered_once(gateway):
    """The taker may be told twice, but of one and the same delivery, and it is whole."""
    (told, *again) = gateway.taken
    assert all(told == other for other in again)
    assert told.complete
    assert {file.name: file.path.read_bytes() for file in told.files} == DELIVERY
    assert gateway.lying == []


@pytest.fixture
def homes(gateway_at, tmp_path):
    return (gateway_at(tmp_path / str(number), DyingJournal) for number in itertools.count())


async def test_the_next_process_ends_what_a_killed_one_began(homes):
    steps = 0
    for steps, gateway in enumerate(homes):
        survived = await survives(uploaded(gateway), steps, take_out)
        await start_and_take_out(gateway)

        assert_delivered_once(gateway)
        if survived:
            break
    assert steps > 20


@pytest.mark.parametrize("first", [20, 28, 36, 60])
async def test_a_process_killed_while_it_recovers_is_recovered_from(homes, first):
    for steps, gateway in enumerate(homes):
        await survives(uploaded(gateway), first, take_out)
        survived = await survives(gateway, steps, start_and_take_out)
        await start_and_take_out(gateway)

        assert_delivered_once(gateway)
        if survived:
            break


async def test_a_file_that_changed_while_the_process_was_dead_is_not_taken(homes):
    gateway = await killed_while_moving(homes)
    (name,) = set(gateway.lying) & set(DELIVERY)
    (gateway.folder / name).write_bytes(b"somebody else wrote this")
    await start_and_take_out(gateway)

    arrival = gateway.taken[0]
    assert [(name, "it changed while the delivery was taken")] == [
        (cut.name, cut.reason) for cut in arrival.unfinished
    ]
    await take_out(gateway)
    assert {name: b"somebody else wrote this"} == gateway.contents[1]


async def test_a_file_that_vanished_while_the_process_was_dead_is_named(homes):
    gateway = await killed_while_moving(homes)
    (name,) = set(gateway.lying) & set(DELIVERY)
    (gateway.folder / name).unlink()
    await start_and_take_out(gateway)

    (arrival,) = gateway.taken
    assert [(name, "it vanished")] == [(cut.name, cut.reason) for cut in arrival.unfinished]


async def killed_while_moving(homes):
    """A gateway whose process died when all files but one had been moved."""
    for steps, gateway in enumerate(homes):
        await survives(uploaded(gateway), steps, take_out)
        if len(set(gateway.lying) & set(DELIVERY)) == 1:
            return gateway
    raise AssertionError
