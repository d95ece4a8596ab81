"""The disk takes no more, and then it does again: the run goes on by itself, and nothing is lost.

Any container can play it: the server's own files may not grow, by a limit that is lifted again.
"""

import resource

import pytest

from runs.rosters import held
from runs.test_crash import next_day


@pytest.mark.parametrize("when", ["before the run", "while it calculates"])
async def test_a_full_disk_is_waited_for_and_nothing_is_lost(loaded, tmp_path, when):
    async with loaded.copied(tmp_path / "full") as (house, canvas):
        house.log_is_elsewhere = True
        day = next_day(loaded.files)
        await house.start()
        if when == "before the run":
            leave_no_room(house)
        delivery = house.deliver(day)
        if when == "while it calculates":
            await house.until(house.calculator, what="the calculating process")
            leave_no_room(house)
        await house.until(house.complaints, what="a word about the disk")
        make_room(house)

        assert await house.outcome(delivery) == "delivered"
        assert day.live() == await held(canvas)
        assert house.baseline().live() == day.live()


def leave_no_room(house):
    """No file of the server can grow any more."""
    _, most = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (0, most))


def make_room(house):
    _, most = resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (most, most))
