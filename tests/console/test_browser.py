"""The console in a real browser, on a real `serve` beside a sandbox Canvas."""

import json
from itertools import product

import pytest

from console.browsers import LAPTOP, PHONE, opened
from console.house import PASSWORD, without_a_school
from rosterway.store import deliveries
from runs.rosters import district, held

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.xdist_group("browser")]

SIZES = pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])


async def sign_in(page, name="jane"):
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/t/lincoln")


@pytest.fixture
async def waiting(serving):
    """`serve`, with a held plan of a first load; the delivery."""
    files = district(120)
    delivery = serving.deliver(files)
    assert await serving.outcome(delivery) == "held"
    return files, delivery


async def test_the_link_that_serve_prints_signs_in_at_a_press_of_a_button(installations):
    ready = await installations().start()

    async with opened() as window:
        await window.page.goto(ready["sign_in"])
        await window.page.get_by_role("button", name="Sign in as first-look").click()
        await window.page.wait_for_url("**/t/lincoln")
        heading = await window.page.locator("h1").inner_text()

    assert "Ready for the first delivery" == heading
    assert [] == window.complaints


@SIZES
async def test_a_held_plan_is_read_approved_and_seen_to_arrive_in_canvas(
    serving, waiting, canvas, size
):
    files, delivery = waiting
    async with opened(size) as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        await page.get_by_role("link", name="Decide about the plan").first.click()
        await page.get_by_label("Why is this right?").fill("The first load")
        await page.get_by_role("button", name="Approve this plan").click()
        await page.wait_for_url("**/runs/run-*")
        await page.locator(".verdict .state", has_text="Delivered").wait_for()
        imports = await page.locator(".imports q").all_inner_texts()

    assert {"imported"} == set(imports)
    assert await serving.outcome(delivery, number=2) == "delivered"
    assert files.live() == await held(canvas)
    assert [] == window.complaints


async def test_the_stages_of_a_run_move_while_they_are_watched(serving, waiting, canvas):
    _, delivery = waiting
    canvas.faults("slow")
    async with opened() as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        serving.approve(delivery)
        run = serving.runs_of(delivery)[-1]
        await page.goto(f"{serving.console}/t/lincoln/runs/{run.id}")
        await page.evaluate("window.stayed = true")
        await page.locator(".imports .going", has_text="Canvas is importing").first.wait_for()
        stayed = await page.evaluate("window.stayed")
        canvas.faults()
        await page.locator(".verdict .state", has_text="Delivered").wait_for()

    assert stayed, "the page moved without being loaded again"
    assert [] == window.complaints


async def test_files_are_sent_on_a_feeds_page_and_the_board_says_by_itself_that_a_plan_waits(
    serving, tmp_path
):
    files = sorted(district(24).write(tmp_path / "morning").iterdir())
    async with opened() as window:
        await window.page.goto(serving.console)
        await sign_in(window.page)
        sending = await window.page.context.new_page()
        await sending.goto(f"{serving.console}/t/lincoln/feeds/nightly")
        await sending.locator("#files").set_input_files(files)
        await sending.get_by_text("Delivered as").wait_for()
        (kept,) = deliveries.of_feed(serving.tenant(), "nightly", limit=2)
        assert [(one.name, one.stat().st_size) for one in files] == [
            (one.name, one.size) for one in kept.files
        ]
        await window.page.get_by_role("heading", name="1 plan waits for you").wait_for()

    assert [] == window.complaints


async def test_rows_are_searched_as_one_types(serving, waiting):
    files, delivery = waiting
    plan = serving.plan_of(delivery)
    async with opened() as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        for size, person in ((LAPTOP, files["users"][7]), (PHONE, files["users"][8])):
            await page.set_viewport_size(size)
            await page.goto(
                f"{serving.console}/t/lincoln/plans/{plan.id}/rows?table=users&what=new"
            )
            await page.keyboard.press("/")
            await page.keyboard.type(person["user_id"])
            await page.locator("#found", has_text=f"1 row with “{person['user_id']}”").wait_for()
            assert [person["full_name"]] == await page.locator(".rows .title").all_inner_texts()
            assert f"q={person['user_id']}" in page.url

    assert [] == window.complaints


async def test_without_javascript_a_plan_is_found_searched_and_approved_all_the_same(
    serving, waiting
):
    files, delivery = waiting
    async with opened(java_script_enabled=False) as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        await page.get_by_role("link", name="Decide about the plan").first.click()
        plan = page.url
        await page.get_by_role("link", name="Search all rows").click()
        await page.get_by_label("Table", exact=True).select_option("users")
        await page.get_by_label("Which", exact=True).select_option("new")
        await page.locator("#q").fill(files["users"][0]["user_id"])
        await page.get_by_role("button", name="Show").click()
        found = await page.locator("#found").inner_text()
        await page.goto(plan)
        await page.get_by_role("button", name="Approve this plan").click()
        await page.wait_for_url("**/runs/run-*")

    assert "1 row" in found
    assert await serving.outcome(delivery, number=2) == "delivered"


async def test_every_page_fits_its_window_and_can_be_read_by_day_and_by_night(serving):
    files = district(120)
    await serving.first_load(files)
    cut, _ = without_a_school(files)
    cut["enrollments"].append({**cut["enrollments"][0], "user_id": "nobody-at-all-" + "x" * 60})
    cut["courses"][0]["long_name"] = "An unusually long name of a course, " * 5
    delivery = serving.deliver(cut)
    assert await serving.outcome(delivery) == "held"
    plan, run = serving.plan_of(delivery), serving.runs_of(delivery)[0]
    pages = [
        "",
        "/feeds",
        "/feeds/nightly",
        "/runs",
        f"/runs/{run.id}",
        f"/runs/{run.id}/problems",
        f"/plans/{plan.id}",
        f"/plans/{plan.id}/schools/00101",
        f"/plans/{plan.id}/rows",
        f"/plans/{plan.id}/rows?table=courses&what=changed",
        "/problems",
        "/settings",
    ]
    faults = {}
    async with opened(reduced_motion="reduce") as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        for path in pages:
            await page.goto(f"{serving.console}/t/lincoln{path}")
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


async def test_the_keyboard_goes_everywhere_and_says_where_it_is(serving):
    async with opened() as window:
        page = window.page
        await page.goto(serving.console)
        await sign_in(page)
        await page.keyboard.press("Tab")
        first = await page.evaluate("document.activeElement.textContent")
        outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        await page.keyboard.press("g")
        await page.keyboard.press("r")
        await page.wait_for_url("**/t/lincoln/runs")
        await page.keyboard.press("?")
        listed = await page.get_by_role("dialog").inner_text()

    assert "Skip to the content" == first
    assert "none" != outline
    assert "This list" in listed
