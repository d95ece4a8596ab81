"""Both gradebooks read by themselves: nothing is told to be equal that is not."""

import aiohttp
import pytest

from canvas_sandbox import client_of, table
from rosterway.canvas.client import CanvasClient
from rosterway.cli.grades_readback import Grade, read_grades_back
from rosterway.sandbox.sis.server import start_sis

COURSE = "sis_course_id:C1"


@pytest.fixture
async def canvas(tmp_path):
    """A course in which Ada has 9 of 10 and Bo is excused."""
    async with client_of(tmp_path / "canvas") as client:
        await client.good(
            {
                "courses.csv": table(
                    "course_id,short_name,long_name,status", "C1,BIO,Biology,active"
                ),
                "sections.csv": table("section_id,course_id,name,status", "K1,C1,Period 1,active"),
                "users.csv": table(
                    "user_id,login_id,full_name,status", "U1,ada,Ada,active", "U2,bo,Bo,active"
                ),
                "enrollments.csv": table(
                    "section_id,user_id,role,status",
                    "K1,U1,student,active",
                    "K1,U2,student,active",
                ),
            }
        )
        await client.call("PUT", f"courses/{COURSE}", json={"course": {"event": "offer"}})
        made = {"name": "Cells", "points_possible": 10, "post_to_sis": True, "published": True}
        _, told = await client.call(
            "POST", f"courses/{COURSE}/assignments", json={"assignment": made}
        )
        for user, marks in (("U1", {"posted_grade": "9"}), ("U2", {"excuse": True})):
            where = f"courses/{COURSE}/assignments/{told['id']}/submissions/sis_user_id:{user}"
            await client.call("PUT", where, json={"submission": marks})
        yield client


def result(student, status, score=None):
    told = {"sourcedId": f"r-{student}", "lineItem": "i", "student": student}
    told |= {"scoreStatus": status, "scoreDate": "2026-10-02"}
    return told if score is None else {**told, "score": score}


AS_IN_CANVAS = [result("U1", "fully graded", 9.0), result("U2", "exempt")]


def cells(student, worth):
    return Grade("Cells", "K1", student, worth)


KEPT = {
    "the same": (AS_IN_CANVAS, 2, [], []),
    "an exempt with the 0 some systems demand": (
        [AS_IN_CANVAS[0], result("U2", "exempt", 0.0)],
        2,
        [],
        [],
    ),
    "another score": (
        [result("U1", "fully graded", 8.0), AS_IN_CANVAS[1]],
        1,
        [cells("U1", "9")],
        [cells("U1", "8")],
    ),
    "a zero for the excused": (
        [AS_IN_CANVAS[0], result("U2", "fully graded", 0.0)],
        1,
        [cells("U2", "excused")],
        [cells("U2", "0")],
    ),
    "nothing of the excused": (AS_IN_CANVAS[:1], 1, [cells("U2", "excused")], []),
    "a student nobody graded": (
        [*AS_IN_CANVAS, result("U3", "fully graded", 7.0)],
        2,
        [],
        [cells("U3", "7")],
    ),
    "work that waits": ([*AS_IN_CANVAS, result("U3", "not submitted")], 2, [], []),
}


@pytest.mark.parametrize(
    ("results", "agreed", "only_canvas", "only_sis"), KEPT.values(), ids=KEPT.keys()
)
async def test_reading_grades_back_tells_what_only_one_side_has(
    canvas, results, agreed, only_canvas, only_sis
):
    item = {"sourcedId": "i", "title": "Cells", "class": "K1", "category": "category-1"}
    async with start_sis(students=40) as sis:
        control = f"{sis.url}/sandbox"
        async with aiohttp.ClientSession() as session:
            for collection, records in (("lineItems", [item]), ("results", results)):
                where = f"{control}/records/{collection}"
                async with session.put(where, json={"records": records}, raise_for_status=True):
                    pass
        async with CanvasClient(canvas.sandbox.url, canvas.sandbox.token) as client:
            read = await read_grades_back(client, COURSE, control)

    assert agreed == read.agreed
    assert only_canvas == list(read.only_canvas)
    assert only_sis == list(read.only_sis)
    assert read.is_equal is not bool(only_canvas or only_sis)


async def test_two_empty_gradebooks_are_not_taken_for_equal(tmp_path):
    async with client_of(tmp_path / "canvas") as canvas, start_sis(students=40) as sis:
        await canvas.good(
            {"courses.csv": table("course_id,short_name,long_name,status", "C1,BIO,Biology,active")}
        )
        async with CanvasClient(canvas.sandbox.url, canvas.sandbox.token) as client:
            read = await read_grades_back(client, COURSE, f"{sis.url}/sandbox")

    assert not read.is_equal
