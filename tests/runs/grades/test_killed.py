"""`serve` killed with -9 between any two facts of a grade sync: it goes on, and does nothing twice."""

from contextlib import asynccontextmanager
from typing import cast

import pytest

from rosterway.canvas.client import CanvasClient
from rosterway.runs.clock import utc_now
from rosterway.runs.grades import requests
from rosterway.runs.moments import GradeMoment
from rosterway.runs.office import Office
from rosterway.runs.stages import ROADS
from rosterway.sandbox.canvas.server import running
from rosterway.sandbox.sis.server import start_sis
from rosterway.store import runs, stages
from runs.grades.conftest import School, enroll, some_classes
from runs.grades.test_nine_steps import CHOOSES, a_graded_essay
from runs.installation import Installation, Tenant

#: Students of a class. What is let go at once before the first answer is on disk is half of both
#: classes' results, so that there is something left to be cut off at.
STUDENTS = 8
#: Two at a time, so that there are several batches.
GRADES = ('connection = "sis"', 'preview = "never"', "batch = 2", "in_flight = 2", "verify = true")


class House:
    """An installation with a school: `serve` is a process, both sandboxes are here."""

    def __init__(self, installation, school):
        self.installation = installation
        self.school = school

    @property
    def handle(self):
        return self.installation.tenant()

    def request(self):
        return requests.request_sync(self.handle, self.school.course, by="ada", now=utc_now())

    async def ended(self, run):
        def look():
            found = runs.get(self.handle, run)
            return found if found.ended_at else None

        return await self.installation.until(look, what=f"the end of {run}")


@asynccontextmanager
async def house_in(folder, *, knobs=None, grades=GRADES, extra=()):
    async with (
        running(folder / "canvas") as sandbox,
        start_sis(students=80, knobs=knobs or {}) as sis,
        CanvasClient(sandbox.url, sandbox.token, account="1") as canvas,
    ):
        school = School(
            canvas, sis, cast("Office", None), "1.2", some_classes(sis.provider, 2, STUDENTS)
        )
        await enroll(school, sandbox, folder / "school.zip")
        connection = (
            'version = "1.2"',
            f'rostering_url = "{sis.root("1.2")}"',
            f'gradebook_url = "{sis.root("1.2", "gradebook")}"',
            'auth = { method = "bearer", token = { env = "SIS_TOKEN" } }',
        )
        tenant = Tenant(
            sandbox.url,
            {},
            account="1",
            connections={"sis": connection},
            grades=(*grades, *extra),
        )
        (folder / "house").mkdir()
        installation = Installation(folder / "house", {"lincoln": tenant}, sandbox.token)
        installation.environment["SIS_TOKEN"] = sis.provider.credentials.bearer
        try:
            yield House(installation, school)
        finally:
            await installation.close()


STEP, INTENDED = GradeMoment.STEP_DONE, GradeMoment.PUTS_INTENDED
ANSWERED, READ_BACK = GradeMoment.PUTS_ANSWERED, GradeMoment.PUTS_READ_BACK

#: Where each process is killed in turn: after each of the nine steps, and within both posts.
KILLS = (
    *[STEP] * 4,
    *(INTENDED, ANSWERED, STEP),
    *[STEP] * 2,
    *(INTENDED, READ_BACK, ANSWERED, ANSWERED, STEP),
    STEP,
)
#: Within the posts alone, of line items and then of results.
POSTS = (INTENDED, ANSWERED, INTENDED, READ_BACK, ANSWERED)


@pytest.mark.parametrize(
    ("extra", "knobs", "kills"),
    [((), {}, KILLS), (('endpoints = "modified"',), CHOOSES, POSTS)],
    ids=["standard", "modified"],
)
async def test_a_sync_is_killed_between_any_two_facts_and_ends_well(tmp_path, extra, knobs, kills):
    async with house_in(tmp_path, knobs=knobs, extra=extra) as house:
        _, wanted = await a_graded_essay(house.school)
        await house.installation.start()
        run = house.request()
        await house.installation.kill()
        for moment in kills:
            await house.installation.launch(ROSTERWAY_KILL_AT=moment)
            await house.installation.died()
        await house.installation.start()
        ended = await house.ended(run.id)

        assert (ended.outcome, ended.reason) == ("delivered", "")
        assert house.school.scores() == wanted
        assert len(house.school.kept("lineItem")) == 2
        assert len(house.school.kept("result")) == 2 * STUDENTS
        done = [one for one in stages.of_run(house.handle, run.id) if one.stage in ROADS["grades"]]
        assert list(dict.fromkeys(one.stage for one in done)) == list(ROADS["grades"])
