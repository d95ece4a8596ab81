"""The program is replaced in mid-run: the newer one finishes what the older one began.

The older program is a copy of this one in which something is different, as it may be after a year.
"""

import shutil
from pathlib import Path

import pytest

import rosterway
from rosterway.runs.moments import Moment
from runs.test_crash import is_told_and_done_once, next_day


class Older:
    """A copy of the program that can be changed; `path` goes into PYTHONPATH."""

    def __init__(self, folder):
        self.path = str(folder)
        self._package = folder / "rosterway"
        shutil.copytree(
            Path(rosterway.__file__).parent,
            self._package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    def had(self, module, text, instead_of):
        """In the older program a module said `text` where it now says something else."""
        file = self._package / module
        now = file.read_text(encoding="utf-8")
        assert now.count(instead_of) == 1
        file.write_text(now.replace(instead_of, text), encoding="utf-8")


def another_version(older):
    older.had("runs/office.py", 'VERSION = "0"', instead_of='VERSION = "1"')


def other_steps(older):
    older.had(
        "runs/workflows.py",
        '@DBOS.step(name="greet")\nasync def greet() -> str:\n    return "good morning"\n\n\n'
        "async def _go_on(tenant: str, run: str, *, in_lane: bool) -> Then:\n    await greet()\n",
        instead_of="async def _go_on(tenant: str, run: str, *, in_lane: bool) -> Then:\n",
    )


@pytest.mark.parametrize("moment", [Moment.PLAN_RECORDED, Moment.IMPORT_CREATED])
@pytest.mark.parametrize("change", [another_version, other_steps])
async def test_a_newer_program_finishes_what_an_older_one_began(
    settled, loaded, tmp_path, change, moment
):
    house, canvas = settled
    older = Older(tmp_path / "older")
    change(older)
    day = next_day(loaded.files)
    await house.start(kill_at=moment, PYTHONPATH=older.path)
    delivery = house.deliver(day)
    await house.died()

    await house.start()

    await is_told_and_done_once(house, canvas, delivery, day)
