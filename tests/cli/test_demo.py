"""The demo: a story on real parts whose exit code says whether Canvas holds what was delivered."""

import asyncio
import json
import sys

import pytest

from canvas_sandbox import SCHOOL, client_of, table
from rosterway.cli.readback import read_back


@pytest.mark.peer("sftp")
async def test_the_demo_ends_with_both_sides_holding_what_they_were_told(tmp_path):
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "rosterway", "demo", "--exit", "--students", "40"),
        *("--format", "json", "--home", str(tmp_path / "demo")),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    told = err.decode()
    assert process.returncode == 0, told
    first, second, bad, grades = json.loads(out)["chapters"]
    assert (first["held"], first["outcome"]) == (True, "delivered")
    assert (second["outcome"], second["equal"]) == ("delivered", True)
    assert second["rows"] > 300
    assert bad["outcome"] == "held"
    assert bad["holds"] > 0
    assert "$ sftp sis-uploader@" in told
    assert grades["equal"]
    sent, sent_again = grades["first"]["verified"], grades["second"]["verified"]
    assert 0 < sent_again < sent / 2
    assert grades["second"]["unchanged"] > sent / 2
    assert grades["first"]["failed"] == grades["second"]["failed"] == 0
    assert "Grading category Participation not found" in told


@pytest.fixture
async def canvas(tmp_path):
    async with client_of(tmp_path / "canvas") as client:
        await client.good(SCHOOL)
        yield client


@pytest.fixture
def delivered(tmp_path):
    folder = tmp_path / "delivered"
    folder.mkdir()
    for name, text in SCHOOL.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


async def test_reading_back_finds_no_difference_where_there_is_none(canvas, delivered):
    differences, agreed = await read_back(canvas.sandbox.url, canvas.sandbox.token, delivered)
    assert differences == []
    assert agreed == sum(len(text.splitlines()) - 1 for text in SCHOOL.values())


ENROLLMENTS = "section_id,user_id,role,status"
DIFFERENCES = {
    "a row that changed": (
        {"users.csv": table("user_id,login_id,full_name,status", "U1,a,Else,active")},
        "users",
    ),
    "a row that is gone": (
        {"enrollments.csv": table(ENROLLMENTS, "S1,U1,student,deleted")},
        "enrollments",
    ),
    "a row nobody delivered": (
        {"enrollments.csv": table(ENROLLMENTS, "S1,U1,ta,active")},
        "enrollments",
    ),
    "a course that a cross-listing made": (
        {"xlists.csv": table("xlist_course_id,section_id,status", "X,S1,active")},
        "courses",
    ),
}


@pytest.mark.parametrize(("files", "found"), DIFFERENCES.values(), ids=DIFFERENCES.keys())
async def test_reading_back_names_the_table_that_differs(canvas, delivered, files, found):
    await canvas.send(files)
    differences, _ = await read_back(canvas.sandbox.url, canvas.sandbox.token, delivered)
    assert [one.table for one in differences] == [found]
