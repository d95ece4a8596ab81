"""What a feed's settings ask of its SIS imports: Canvas is asked for it, and does it."""

import pytest

from rosterway.canvas.client import Call, CanvasClient
from rosterway.sandbox.canvas.server import running
from rosterway.store import sis_imports
from runs.stepped import Feed

BY_HAND = Call("changing a course by hand")


class Course:
    """A feed of one course, and the course in Canvas."""

    def __init__(self, folder, canvas):
        self.feed, self.canvas = Feed(folder, canvas), canvas

    async def comes(self, name):
        """A delivery in which it is called so, sent whoever must say yes; the plan."""
        row = f"BIO,BIO,{name},active"
        await self.feed.comes("course_id,short_name,long_name,status", row, table="courses")
        return self.feed.plan

    async def in_canvas(self, **body):
        async with CanvasClient(self.canvas.url, self.canvas.token, account="1") as client:
            path = "/api/v1/courses/sis_course_id:BIO"
            if not body:
                return (await client.get(path, call=BY_HAND))["name"]
            return await client.send("PUT", path, call=BY_HAND, json=body)


@pytest.fixture
async def course(tmp_path, monkeypatch):
    async with running(tmp_path / "canvas") as canvas:
        monkeypatch.setenv("CANVAS_TOKEN", canvas.token)
        kept = Course(tmp_path, canvas)
        yield kept
        kept.feed.store.close()


async def test_a_name_changed_by_hand_stays_until_the_settings_ask_to_override_it(course):
    await course.comes("Biology")
    await course.in_canvas(course={"name": "Life and Death"})
    await course.comes("Biology I")
    assert await course.in_canvas() == "Life and Death"

    course.feed.set(sis_import="{ override_sis_stickiness = true, clear_sis_stickiness = true }")
    plan = await course.comes("Biology II")
    assert await course.in_canvas() == "Biology II"
    (sent,) = sis_imports.of_plan(course.feed.handle, plan.id)
    assert sent.options == {"override_sis_stickiness": True, "clear_sis_stickiness": True}

    course.feed.set()
    await course.comes("Biology III")
    assert await course.in_canvas() == "Biology III"  # it counts as changed by hand no more


async def test_the_digest_covers_what_canvas_is_asked_for(course):
    digests = []
    for options in ("{}", "{ override_sis_stickiness = true }"):
        course.feed.set(sis_import=options)
        await course.feed.comes(
            "course_id,short_name,long_name,status",
            "BIO,BIO,Biology,active",
            table="courses",
            approves=False,
        )
        digests.append(course.feed.plan.digest)
    assert len(set(digests)) == 2
