"""A round: the courses that a schedule syncs are listed, and each is asked for by itself.

Courses that were asked for already are not asked for twice, so a round that was cut off goes on.
"""

import asyncio

from rosterway.canvas.course_list import CourseToSync, Which, courses_to_sync
from rosterway.runs.grades.requests import request_scheduled
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.stages import Stage
from rosterway.settings import Courses
from rosterway.store import grade_courses, stages

#: Courses that are written down in one transaction.
_AT_ONCE = 50


async def go_round(sync: Syncing) -> int:
    """List the courses and ask for each; how many there are."""
    sync.enter(Stage.LIST_COURSES)
    which = Which.ALL if sync.grades.courses is Courses.ALL else Which.NIGHTLY
    async with sync.office.canvas(sync.handle) as canvas:
        found = await courses_to_sync(canvas, now=sync.now(), which=which)
    for start in range(0, len(found), _AT_ONCE):
        sync.hold_on()
        await asyncio.to_thread(_ask, sync, found[start : start + _AT_ONCE])
        sync.say("courses", min(start + _AT_ONCE, len(found)), len(found))
    stages.leave(sync.handle, sync.run.id, counts={"courses": len(found)}, now=sync.now())
    return len(found)


def _ask(sync: Syncing, courses: tuple[CourseToSync, ...]) -> None:
    now = sync.now()
    with sync.handle.together() as tx:
        for one in courses:
            grade_courses.put(
                tx, one.id, name=one.name, sis_id=one.sis_id, nightly=one.nightly, now=now
            )
            request_scheduled(tx, one.id, moment=sync.run.id, now=now)
