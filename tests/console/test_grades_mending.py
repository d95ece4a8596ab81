"""What keeps grades from going, mended in the console: offered fixes, choices among matches, causes."""

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx2
import pytest

from console.gradebook import COURSE, LONG_NAME, OTHER_CAUSE, TWINS
from console.house import PASSWORD, Browser, post, text_of
from rosterway.console.access import COOKIE
from rosterway.console.app import create_app
from rosterway.passback.ledger import LinkedBy
from rosterway.runs.grades.requests import asked_of
from rosterway.store import audit, ledger, operators, runs, sessions
from rosterway.store.operators import Role
from runs.grades.conftest import open_school

__all__ = ["open_school"]  # a fixture

PAGE = f"/t/lincoln/grades/{COURSE}"
LINK = f"{PAGE}/assignments/504/link"


def linked(house):
    """The line item Osmosis is linked to in Period 1, by hand."""
    entries = {one.key: one for one in ledger.of_course(house.lincoln, COURSE)}
    entry = entries.get(("BIO-1", "504", ""))
    return entry and (entry.sourced_id, entry.linked_by)


# -- every cause ------------------------------------------------------------------------------------


async def test_whatever_may_be_behind_a_refusal_is_told_with_who_can_mend_it(grades, registrar):
    read = text_of((await registrar.get(f"{PAGE}/assignments/501")).text)
    rows = json.loads((await registrar.get(f"{PAGE}/assignments/501/results.json")).text)

    assert "The SIS admin: Enroll the student in the SIS. The SIS said:" in read
    assert f"Or it is this: {OTHER_CAUSE.message} The Canvas admin: Let scores be rounded." in read
    assert [OTHER_CAUSE.message, "", ""] == [one["other_causes"] for one in rows]


async def test_what_failed_of_one_assignment_is_retried_from_its_page(grades, registrar, house):
    read = text_of((await registrar.get(f"{PAGE}/assignments/501")).text)
    await post(registrar, f"{PAGE}/retry", assignment="501")

    assert "Retry 1 failed row" in read
    run = runs.latest(house.lincoln, course=COURSE, limit=1)[0]
    assert (("BIO-1", "501", "11"),) == asked_of(house.lincoln, run).only


# -- the default category ---------------------------------------------------------------------------

PACK = """\
title = "Takes what fits none as Homework"
versions = ["1.2"]
[auth]
methods = ["bearer"]
[[passback.rule]]
rule = "default_category"
value = "Homework"
source = "a test"
"""


async def test_a_default_category_of_the_rule_pack_is_shown_where_it_decides(
    grades, registrar, house
):
    (house.folder / "profiles").mkdir()
    (house.folder / "profiles" / "generic.toml").write_text(PACK)
    grades.preview()
    grid = text_of((await registrar.get(PAGE)).text)
    tool = text_of((await registrar.get(f"{PAGE}/categories")).text)

    assert "Lab Works → Homework (the default)" in grid
    assert "Homework → Homework (the default)" not in grid
    assert "What fits none is Homework" in tool
    assert "Homework the default" in tool


# -- fixes ------------------------------------------------------------------------------------------


async def test_an_offered_change_is_shown_before_and_after_and_nothing_is_made(
    grades, registrar, viewer
):
    plan = grades.preview_to_mend()
    (fix,) = {one for judged in plan.judgements for one in judged.fixes}
    page = (await registrar.get(f"{PAGE}/fixes")).text
    course = (await registrar.get(PAGE)).text
    seen = (await viewer.get(f"{PAGE}/fixes")).text

    assert f"<del>{LONG_NAME}</del> <ins>{fix.after}</ins>" in page
    assert "Make the chosen changes in Canvas" in page
    assert "1 change to make in Canvas" in course
    assert f"Change it in Canvas</a>: <del>{LONG_NAME}</del> <ins>{fix.after}</ins>" in course
    assert fix.after in seen
    assert "Make the chosen changes" not in seen


@pytest.mark.parametrize("form", [{}, {"fix": "{}"}], ids=["nothing chosen", "not offered"])
async def test_a_change_that_is_not_offered_is_not_made(grades, registrar, house, form):
    grades.preview_to_mend()
    before = len(audit.entries(house.lincoln, limit=50))
    answer = await post(registrar, f"{PAGE}/fixes", **form)

    assert 400 == answer.status_code
    assert before == len(audit.entries(house.lincoln, limit=50))


async def test_who_may_only_look_mends_nothing(grades, viewer, house):
    grades.preview_to_mend()
    answers = [
        await post(viewer, f"{PAGE}/fixes"),
        await post(viewer, LINK, **{"class": "BIO-1"}, line_item=TWINS[0]),
    ]

    assert [403, 403] == [one.status_code for one in answers]
    assert linked(house) is None


async def test_a_course_that_offers_nothing_says_what_would_be_there(grades, registrar):
    read = text_of((await registrar.get(f"{PAGE}/fixes")).text)

    assert "No change is offered" in read
    assert "to make in Canvas" not in (await registrar.get(PAGE)).text


# -- one of several matches -------------------------------------------------------------------------


async def test_several_matches_lead_to_a_choice_beside_what_canvas_has(grades, registrar):
    grades.preview_to_mend()
    course = text_of((await registrar.get(PAGE)).text)
    page = (await registrar.get(f"{LINK}?class=BIO-1")).text
    read = text_of(page)

    assert "Choose one of the 2 in Period 1" in course
    assert "Which of these is Osmosis in Period 1?" in read
    assert "Osmosis as Canvas has it Thu 1 Oct 10 Homework" in read
    assert "Osmosis twin-1 Thu 1 Oct 10 Homework Osmosis twin-2 Thu 1 Oct 10 Homework" in read
    assert "now it is linked to none of them" in read.lower()
    assert 'value="twin-2" aria-label="It is twin-2" required' in page


async def test_what_is_chosen_is_linked_by_name_and_may_be_chosen_anew(grades, registrar, house):
    grades.preview_to_mend()
    form = {"class": "BIO-1"}
    answer = await post(registrar, LINK, **form, line_item=TWINS[0])
    first = linked(house)
    read = text_of((await registrar.get(PAGE)).text)
    await post(registrar, LINK, **form, line_item=TWINS[1])

    assert f"{PAGE}/assignments/504" == answer.headers["location"]
    assert (TWINS[0], LinkedBy.HAND) == first
    assert f"Linked to {TWINS[0]} in Period 1; what will become of it the next preview" in read
    assert (TWINS[1], LinkedBy.HAND) == linked(house)
    entry = audit.entries(house.lincoln, limit=1)[0]
    assert ("registrar", "grades.link") == (entry.actor, entry.act)


@pytest.mark.parametrize(
    "form",
    [
        {"class": "BIO-1"},
        {"class": "BIO-1", "line_item": "something-else"},
        {"class": "BIO-2", "line_item": TWINS[0]},
    ],
    ids=["nothing chosen", "no match", "another class"],
)
async def test_what_does_not_match_is_not_linked(grades, registrar, house, form):
    grades.preview_to_mend()

    assert 400 == (await post(registrar, LINK, **form)).status_code
    assert linked(house) is None
    assert 404 == (await registrar.get(f"{LINK}?class=BIO-2")).status_code


# -- the whole of it, between a Canvas and a SIS ------------------------------------------------------


@asynccontextmanager
async def registrar_of(school):
    """A browser in which a registrar of the school has signed in; answers come from in here."""
    store = school.office.store
    operators.add(store, "jo", password=PASSWORD, role=Role.REGISTRAR, by="a test", now=school.time)
    shown, session = sessions.start(store, "jo", now=school.time, lifetime=timedelta(hours=1))
    transport = httpx2.ASGITransport(create_app(school.office))
    async with Browser(transport=transport, base_url="http://console.test") as client:
        client.cookies.set(COOKIE, shown)
        client.csrf = session.csrf
        yield client


def the_box(page):
    """The value of a page's first box, as a browser sends it."""
    found = page.partition('name="fix" value="')[2].partition('" aria-label')[0]
    return found.replace("&#34;", '"').replace("&#39;", "'").replace("&amp;", "&")


async def test_a_fix_and_a_choice_made_here_let_the_grades_go(open_school):
    school = await open_school(grades='preview = "never"\nrules = { name_length = 20 }', most=2)
    class_id = school.classes[0]
    student = school.students[class_id][0]
    await school.grade(await school.assign(LONG_NAME), student, posted_grade="8")
    osmosis = await school.assign("Osmosis")
    await school.grade(osmosis, student, posted_grade="8")
    for one in TWINS:
        twin = {"sourcedId": one, "title": "Osmosis", "class": class_id, "status": "active"}
        twin |= {"dueDate": "2026-10-01T00:00:00Z", "assignDate": "2026-09-01T00:00:00Z"}
        category = school.kept("category")[0]["sourcedId"]
        twin |= {"category": category, "resultValueMax": 10.0, "resultValueMin": 0.0}
        school.sis.provider.shelf.put("lineItem", twin)
    await school.sync(preview=True)
    here = f"/t/lincoln/grades/{school.course}"
    async with registrar_of(school) as client:
        offered = (await client.get(f"{here}/fixes")).text
        done = text_of((await post(client, f"{here}/fixes", fix=the_box(offered))).text)
        await post(
            client,
            f"{here}/assignments/{osmosis}/link",
            **{"class": class_id},
            line_item=TWINS[1],
        )
    await school.sync()

    titles = {title for title, _, _ in school.scores()}
    assert "Changed" in done
    assert {"Osmosis"} < titles
    assert all(len(one) <= 20 for one in titles)
    held_by = {one["lineItem"] for one in school.kept("result")}
    assert TWINS[1] in held_by
    assert TWINS[0] not in held_by
