"""What a browser is told, and what is in no page: nothing inline, nothing from elsewhere."""

import re

import pytest
from structlog.testing import capture_logs

from rosterway.console.pages import STATIC

INLINE = re.compile(
    r"<[^>]+\s(?:style|on\w+)=|<style|<script(?![^>]+src=)|javascript:", re.IGNORECASE
)
ELSEWHERE = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//""")

PAGES = [
    "",
    "/feeds",
    "/feeds/nightly",
    "/runs",
    "/runs/{run}",
    "/runs/{run}/problems",
    "/plans/{plan}",
    "/plans/{plan}/rows",
    "/plans/{plan}/schools/00101",
    "/problems",
    "/audit",
    "/settings",
    "/find?q=nothing",
    "/no/such/page",
]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_has_nothing_inline_and_nothing_from_elsewhere(house, admin, path):
    answer = await admin.get("/t/lincoln" + path.format(run=house.run.id, plan=house.plan.id))

    assert [] == INLINE.findall(answer.text)
    assert [] == ELSEWHERE.findall(answer.text)
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "no-store" == answer.headers["cache-control"]
    assert "nosniff" == answer.headers["x-content-type-options"]


async def test_every_page_has_a_title_a_language_and_one_heading(house, admin):
    for path in PAGES:
        page = (
            await admin.get("/t/lincoln" + path.format(run=house.run.id, plan=house.plan.id))
        ).text
        assert '<html lang="en">' in page
        assert re.search(r"<title>[^<]+ · Rosterway</title>", page), path
        assert 1 == page.count("<h1"), path


async def test_every_field_of_a_page_has_a_label(house, admin):
    for path in PAGES:
        page = (
            await admin.get("/t/lincoln" + path.format(run=house.run.id, plan=house.plan.id))
        ).text
        fields = re.findall(r"<(?:input|select)(?![^>]*hidden)[^>]* id=\"([^\"]+)\"", page)
        labels = set(re.findall(r'<label[^>]* for="([^"]+)"', page))
        assert set(fields) <= labels, path


async def test_static_files_are_kept_by_the_browser_and_change_address_with_their_content(visitor):
    page = (await visitor.get("/sign-in")).text
    (sheet,) = re.findall(r'href="(/static/console\.css\?v=[0-9a-f]{12})"', page)

    answer = await visitor.get(sheet)

    assert "immutable" in answer.headers["cache-control"]
    assert "text/css" in answer.headers["content-type"]


def test_our_script_and_stylesheet_ask_for_nothing_from_elsewhere():
    for path in (STATIC / "console.js", STATIC / "console.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?:|eval\(|@import|new Function", text), path


async def test_a_fault_of_ours_tells_nothing_of_its_inside(house, admin):
    house.office.home.work.rename(house.folder / "elsewhere")

    with capture_logs() as logged:
        answer = await admin.get(f"/t/lincoln/plans/{house.plan.id}/rows")

    assert ["console.failed"] == [one["event"] for one in logged]
    assert 500 == answer.status_code
    assert "Traceback" not in answer.text
    assert str(house.folder) not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_large_form_is_refused(approver):
    answer = await approver.post("/sign-out", data={"csrf": "x" * 100_000})

    assert 413 == answer.status_code


async def test_a_program_that_asks_for_json_is_answered_in_json(house, approver):
    answer = await approver.get("/t/lincoln/runs/run-x", headers={"accept": "application/json"})

    assert 404 == answer.status_code
    assert "store.not-found" == answer.json()["error"]["code"]


async def test_whoever_watches_over_the_process_needs_no_password(visitor):
    assert "ok" == (await visitor.get("/healthz")).text.strip()
    assert (await visitor.get("/readyz")).json()["ready"]
