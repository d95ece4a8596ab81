"""Grades in a real browser, with a sandbox Canvas and a sandbox SIS behind the console."""

import asyncio
import json
import socket
from contextlib import asynccontextmanager
from itertools import product

import pytest
import uvicorn

from console.browsers import LAPTOP, PHONE, opened
from console.house import PASSWORD
from rosterway.console.app import create_app
from rosterway.console.one_time import OneTimeLinks
from rosterway.store import associations, operators, runs
from rosterway.store.operators import Role
from runs.grades.conftest import open_school

__all__ = ["open_school"]  # a fixture

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.xdist_group("browser")]


@asynccontextmanager
async def console_of(school):
    """The console of a school; what leads to it signs an approver in."""
    links = OneTimeLinks()
    operators.add(
        school.office.store,
        "jane",
        password=PASSWORD,
        role=Role.APPROVER,
        by="a test",
        now=school.time,
    )
    app = create_app(school.office, links=links)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            yield base, base + links.path_for("jane", now=school.time)
        finally:
            server.force_exit = server.should_exit = True
            await serving


async def sign_in(page, link):
    await page.goto(link)
    await page.get_by_role("button", name="Sign in as jane").click()
    await page.wait_for_url("**/t/lincoln")


async def carried_out(school, page):
    """The run whose page is shown, driven to its end while it is watched."""
    await page.wait_for_url("**/runs/run-*")
    run = runs.get(school.handle, page.url.rpartition("/")[2])
    return await school.drive(run)


async def test_a_course_is_previewed_associated_and_synced(open_school):
    school = await open_school(grades="rules = { needs_category = true }")
    await school.teach("POST", "/assignment_groups", {"name": "Lab Works"})
    lab = await school.assign("Photosynthesis", group="Lab Works")
    student = school.students[school.classes[0]][0]
    await school.grade(lab, student, posted_grade="8.5")
    titles = {one["title"] for one in school.kept("category")}
    async with console_of(school) as (base, link), opened() as window:
        page = window.page
        await sign_in(page, link)
        await page.keyboard.press("g")
        await page.keyboard.press("d")
        await page.get_by_role("textbox", name="Course its").fill(school.course)
        await page.get_by_role("button", name="Preview this course").click()
        await carried_out(school, page)
        await page.goto(f"{base}/t/lincoln/grades/{school.course}")
        before = await page.locator(".grid .state").first.inner_text()
        await page.get_by_role("link", name="Associate categories").click()
        await page.wait_for_url("**/categories")
        chosen = page.get_by_label("SIS Category of Lab Works in Period 0")
        label = (await chosen.locator("option").all_inner_texts())[1]
        for place in range(len(school.classes)):
            here = page.get_by_label(f"SIS Category of Lab Works in Period {place}")
            await here.select_option(index=1)
        await page.get_by_role("button", name="Save the categories of Lab Works").click()
        await page.get_by_text("0 unassociated sections").wait_for()
        await page.goto(f"{base}/t/lincoln/grades/{school.course}")
        await page.get_by_role("button", name="Preview").click()
        held = await carried_out(school, page)
        await page.get_by_role("link", name="Decide about the grades").click()
        await page.get_by_role("button", name="Send 1 grade").click()
        sent = await carried_out(school, page)
        await page.locator(".verdict .state", has_text="Sent").wait_for()
        await page.get_by_role("link", name="Biology").click()
        after = await page.locator(".grid .state").first.inner_text()
        await school.grade(lab, student, posted_grade="9")
        await page.get_by_role("button", name="Sync 1 grade to the SIS").click()
        again = await carried_out(school, page)

    made = associations.of_course(school.handle, school.course)
    assert "Will fail" == before
    assert label in titles
    assert sorted(school.classes) == sorted(one.class_id for one in made)
    assert ["held", "delivered", "delivered"] == [held.outcome, sent.outcome, again.outcome]
    assert "Sent" == after
    assert {("Photosynthesis", school.classes[0], student): ("fully graded", 9)} == school.scores()
    assert [] == window.complaints


async def test_every_page_of_grades_fits_and_can_be_read_by_day_and_by_night(open_school):
    school = await open_school()
    work = await school.assign("A name that is as long as a teacher makes it, " * 3)
    for one in school.students[school.classes[0]]:
        await school.grade(work, one, posted_grade="7.25")
    await school.sync()
    await school.sync(preview=True, remaster=True)
    faults = {}
    async with console_of(school) as (base, link), opened(reduced_motion="reduce") as window:
        page = window.page
        await sign_in(page, link)
        here = f"/grades/{school.course}"
        pages = ("", "/grades", here, f"{here}/assignments/{work}", f"{here}/categories", "/runs")
        await page.goto(f"{base}/t/lincoln{here}")
        await page.get_by_role("button", name="Reconcile").click()
        await carried_out(school, page)
        for path in (*pages, f"{here}/differences", f"{here}/differences?kind=same"):
            await page.goto(f"{base}/t/lincoln{path}")
            for size, colours in product((LAPTOP, PHONE), ("light", "dark")):
                await page.set_viewport_size(size)
                await page.emulate_media(color_scheme=colours)
                found = await window.faults()
                if await window.is_wider_than_its_window():
                    found.append("wider than its window")
                if found:
                    faults[f"{path} {size['width']} {colours}"] = found

    assert {} == faults, json.dumps(faults, indent=1)
    assert [] == window.complaints
