"""Grades in the console: the list, a course by state, its students, and what a person does there."""

import csv
import io
import json

import pytest

from console.gradebook import COURSE, LONG_NAME, SECRET
from console.house import found_in, post, text_of
from rosterway.passback.differences import Kind
from rosterway.runs.grades import files
from rosterway.runs.grades.asked import GRADES, RECONCILE, Asked, Preview
from rosterway.runs.grades.requests import asked_of
from rosterway.store import associations, audit, grade_plans, ledger, runs
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.runs import Run

PAGE = f"/t/lincoln/grades/{COURSE}"


def asked_last(house, kind=GRADES) -> tuple[Run, Asked]:
    run = runs.latest(house.lincoln, course=COURSE, kind=kind, limit=1)[0]
    return run, asked_of(house.lincoln, run)


def last_act(house):
    entry = audit.entries(house.lincoln, limit=1)[0]
    return entry.actor, entry.act, entry.subject


async def test_without_a_course_the_list_teaches_how_to_look_at_one(viewer, registrar):
    page = (await viewer.get("/t/lincoln/grades")).text

    assert "Look at a first course." in page
    assert "rosterway grades preview COURSE" in page
    assert "Preview another course" not in page
    assert "Preview another course" in (await registrar.get("/t/lincoln/grades")).text


async def test_the_list_says_how_a_course_is_when_and_what_comes_next(grades, viewer):
    read = text_of((await viewer.get("/t/lincoln/grades")).text)

    assert "Biology BIO Sent in part" in read
    assert "nothing Syncs next at" in read


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [("q=bio", True), ("q=77", True), ("q=chem", False), ("which=waiting", False)],
)
async def test_the_list_is_narrowed(grades, viewer, query, is_shown):
    page = (await viewer.get(f"/t/lincoln/grades?{query}")).text

    assert is_shown == ("Biology" in page)
    assert is_shown != ("No course is like that." in page)


async def test_what_waits_is_on_the_list_and_on_the_overview(grades, viewer, approver):
    grades.preview()

    board = text_of((await approver.get("/t/lincoln")).text)
    listed = text_of((await viewer.get("/t/lincoln/grades?which=waiting")).text)

    assert "2 plans wait for you" in board
    assert "Somebody wanted to see it first. Decide about the grades" in board
    assert "Held" in listed
    assert "Nothing is sent until somebody has looked at what would be." in listed


async def test_a_course_shows_what_became_of_its_assignments(grades, registrar):
    read = text_of((await registrar.get(PAGE)).text)

    assert "Sent in part The grades were sent but for those" in read
    assert "Failed 1 grade failed" in read
    assert "Thu 1 Oct" in read, "23:59 at the school is a day of the school's"
    assert "Homework → Homework" in read
    assert "Sync 3 grades to the SIS" in read
    assert "Retry 1 failed row" in read
    assert "Utilities" not in read, "to remaster and to forget is not a registrar's"


async def test_a_preview_shows_before_and_after_and_offers_exactly_its_grades(grades, approver):
    plan = grades.preview()
    page = (await approver.get(PAGE)).text
    read = text_of(page)

    assert "Somebody wanted to see it first." in read
    assert f"<del>{LONG_NAME}</del> <ins>{LONG_NAME[:30].rstrip()}</ins>" in page
    assert f"Send {plan.counts.results} grades" in read
    assert "Will fail" in read
    assert "Grading category Lab Works not found" in read
    assert "The teacher: Associate the assignment group Lab Works" in read
    assert f'name="digest" value="{plan.digest}"' in page


async def test_everything_is_chosen_and_sending_all_of_it_names_nothing(grades, registrar, house):
    page = (await registrar.get(PAGE)).text
    answer = await post(
        registrar, f"{PAGE}/sync", chosen="true", assignment=["501"], section=["901", "902"]
    )

    assert 'value="501" aria-label="Sync Cells" checked' in page
    run, asked = asked_last(house)
    assert f"/t/lincoln/runs/{run.id}" == answer.headers["location"]
    assert Asked(by="registrar") == asked
    assert ("registrar", "grades.sync", f"course {COURSE}") == last_act(house)
    assert [True] == house.poked


async def test_a_part_of_it_is_named(grades, registrar, house):
    await post(registrar, f"{PAGE}/preview", chosen="true", assignment="501", section="901")

    assert Asked(by="registrar", sections=("901",), preview=Preview.ALWAYS) == asked_last(house)[1]
    assert "grades.preview" == last_act(house)[1]


async def test_nothing_chosen_sends_nothing(grades, registrar, house):
    answer = await post(registrar, f"{PAGE}/sync", chosen="true", section="901")

    assert 400 == answer.status_code
    assert "Nothing is chosen." in answer.text
    assert [] == house.poked


async def test_what_failed_is_asked_for_again_and_nothing_else(grades, registrar, house):
    await post(registrar, f"{PAGE}/retry")

    assert (("BIO-1", "501", "11"),) == asked_last(house)[1].only
    assert "grades.retry" == last_act(house)[1]


async def test_a_course_is_previewed_for_the_first_time_by_its_id(house, registrar):
    answer = await post(registrar, "/t/lincoln/grades", course="4711")

    (run,) = runs.latest(house.lincoln, course="4711")
    assert f"/t/lincoln/runs/{run.id}" == answer.headers["location"]
    assert Preview.ALWAYS is asked_of(house.lincoln, run).preview


async def test_sending_approves_exactly_the_digest_of_the_page(grades, approver, house):
    plan = grades.preview()
    wrong = await post(approver, f"{PAGE}/approve", digest=plan.digest[:12])
    right = await post(approver, f"{PAGE}/approve", digest=plan.digest, reason="Seen it")

    assert 400 == wrong.status_code
    run, asked = asked_last(house)
    assert f"/t/lincoln/runs/{run.id}" == right.headers["location"]
    assert grades.waiting.id == asked.plan
    assert ("approver", "Seen it") == (grades.waiting.decided_by, grades.waiting.reason)


async def test_a_plan_is_discarded(grades, approver):
    plan = grades.preview()

    await post(approver, f"{PAGE}/discard", digest=plan.digest)

    assert GradePlanState.DISCARDED is grades.waiting.state
    assert "Send " not in text_of((await approver.get(PAGE)).text)


async def test_who_may_not_decide_is_told_who_may(grades, registrar):
    plan = grades.preview()
    page = (await registrar.get(PAGE)).text
    answer = await post(registrar, f"{PAGE}/approve", digest=plan.digest)

    assert f"{PAGE}/approve" not in page
    assert "admin, approver, everywhere may decide." in page
    assert 403 == answer.status_code
    assert GradePlanState.WAITING is grades.waiting.state


async def test_who_may_only_look_is_offered_nothing_and_refused(grades, viewer):
    page = (await viewer.get(PAGE)).text
    assert "<button>Reconcile</button>" not in page
    assert 'name="assignment"' not in page
    for verb in ("sync", "preview", "retry", "reconcile", "remaster", "forget", "put-back"):
        assert 403 == (await post(viewer, f"{PAGE}/{verb}")).status_code, verb


async def test_to_forget_takes_the_number_of_the_page_and_can_be_undone(grades, approver, house):
    count = len(ledger.of_course(house.lincoln, COURSE))
    read = text_of((await approver.get(PAGE)).text)
    wrong = await post(approver, f"{PAGE}/forget", entries=str(count + 1))
    right = await post(approver, f"{PAGE}/forget", entries=str(count))
    left = ledger.of_course(house.lincoln, COURSE)
    back = await post(approver, f"{PAGE}/put-back")

    assert f"Forget {count} entries" in read
    assert [400, 303, 303] == [one.status_code for one in (wrong, right, back)]
    assert [] == left
    assert count == len(ledger.of_course(house.lincoln, COURSE))
    assert "grades.put-back" == last_act(house)[1]


async def test_to_remaster_repeats_the_number(grades, approver, registrar, house):
    read = text_of((await approver.get(PAGE)).text)
    refused = await post(registrar, f"{PAGE}/remaster", grades="3")
    await post(approver, f"{PAGE}/remaster", grades="3")

    assert "Remaster 3 grades" in read
    assert 403 == refused.status_code
    assert asked_last(house)[1].remaster


async def test_an_assignment_opens_to_its_students_with_both_explanations(grades, registrar):
    page = (await registrar.get(f"{PAGE}/assignments/501")).text
    read = text_of(page)

    assert "Zoë Quill 11 S11 Period 1 Failed 8.25 nothing" in read
    assert "The SIS admin: Enroll the student in the SIS." in read
    assert f"The SIS said: <q>{SECRET}</q>" in page
    assert "Omar &lt;i&gt;Reed&lt;/i&gt;" in page
    assert "Verified" in read


async def test_who_may_not_see_people_reads_ids_and_no_grade(grades, viewer):
    page = (await viewer.get(f"{PAGE}/assignments/501")).text

    assert "S11" in page
    for hidden in ("Zoë", "Omar", SECRET, "8.25"):
        assert hidden not in page
    for path in ("exchange?class=BIO-1&assignment=501&user=11", "assignments.csv"):
        assert 403 == (await viewer.get(f"{PAGE}/{path}")).status_code


async def test_the_exchange_names_nobody(grades, registrar):
    page = (await registrar.get(f"{PAGE}/exchange?class=BIO-1&assignment=501&user=11")).text

    assert "https://sis.test/results/r-1" in page
    assert "8.3" in page
    assert "Answered 422" in page
    assert "Quill" not in page
    assert "did well" not in page


LISTS = (
    "/t/lincoln/grades/courses",
    f"{PAGE}/assignments",
    f"{PAGE}/assignments/501/results",
    f"{PAGE}/categories",
    f"{PAGE}/differences?kind=",
)


@pytest.mark.parametrize("path", LISTS)
async def test_every_list_is_taken_away_as_csv_and_as_json(grades, registrar, house, path):
    grades.reconcile()
    head, _, query = path.partition("?")
    as_csv = await registrar.get(f"{head}.csv?{query}")
    as_json = await registrar.get(f"{head}.json?{query}")

    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"))))
    told = json.loads(as_json.text)
    assert rows
    assert [list(one) for one in rows] == [list(one) for one in told]
    assert "attachment" in as_csv.headers["content-disposition"]
    assert "grades.download" == last_act(house)[1]
    assert "=Ann" not in {cell for row in rows for cell in row.values()}


async def test_a_difference_shows_both_values_and_why(grades, approver):
    found = grades.reconcile()
    read = text_of((await approver.get(f"{PAGE}/differences")).text)

    (edited,) = found.of(Kind.EDITED_IN_SIS)
    assert "Edited in the SIS" in read
    assert edited.message in read
    assert "Yes, overwrite what somebody changed in the SIS" in read


async def test_an_edit_in_the_sis_is_overwritten_only_on_a_yes_of_its_own(grades, approver, house):
    (edited,) = grades.reconcile().of(Kind.EDITED_IN_SIS)
    place = json.dumps(edited.key)
    without = await post(approver, f"{PAGE}/repair", place=place)
    await post(approver, f"{PAGE}/repair", place=place, overwrite="true")

    assert 400 == without.status_code
    assert "Say yes to overwriting them" in without.text
    asked = asked_last(house)[1]
    assert ((edited.key,), True, True) == (asked.only, asked.repair, asked.overwrite)
    assert "grades.repair" == last_act(house)[1]


async def test_a_place_that_is_no_difference_is_not_repaired(grades, approver):
    grades.reconcile()
    for place in ('["BIO-1","501","12"]', '["x","y","z"]', "nonsense"):
        answer = await post(approver, f"{PAGE}/repair", place=place)
        assert 400 == answer.status_code


async def test_a_reconciliation_is_asked_for(grades, registrar, house):
    await post(registrar, f"{PAGE}/reconcile")

    assert Asked(by="registrar") == asked_last(house, RECONCILE)[1]


async def test_after_a_reconciliation_the_grid_says_what_differs(grades, viewer):
    grades.reconcile()

    read = text_of((await viewer.get(PAGE)).text)
    assert "differences" in read


async def test_the_association_tool_counts_suggests_and_notes_weights(grades, registrar):
    grades.preview()
    page = (await registrar.get(f"{PAGE}/categories")).text
    read = text_of(page)

    assert "Homework 2 unassociated sections" in read
    assert "Lab Works 2 unassociated sections 2 sections without a category" in read
    assert "SIS Section SIS ID SIS Category" in read
    assert "Perhaps Lab Work, which is alike." in read
    assert "It weighs 40 in Canvas and 50 in the SIS, so totals differ." in read
    assert '<option value="c-lab">Lab Work</option>' in page


async def test_a_category_is_chosen_for_each_section_and_taken_away_again(grades, registrar, house):
    form = {"group": "g2", "class": ["BIO-1", "BIO-2"]}
    await post(registrar, f"{PAGE}/categories", **form, category=["c-lab", ""])
    chosen = associations.of_course(house.lincoln, COURSE)
    read = text_of((await registrar.get(f"{PAGE}/categories?group=g2")).text)
    await post(registrar, f"{PAGE}/categories", **form, category=["", ""])

    assert [("g2", "BIO-1", "c-lab", "Lab Work", "registrar")] == [
        (one.group, one.class_id, one.category_id, one.title, one.by) for one in chosen
    ]
    assert "Lab Works 1 unassociated section" in read
    assert [] == associations.of_course(house.lincoln, COURSE)
    assert "category.remove" == last_act(house)[1]


@pytest.mark.parametrize(
    "form",
    [
        {"group": "g2", "class": "BIO-1", "category": "c-none"},
        {"group": "g9", "class": "BIO-1", "category": "c-lab"},
        {"group": "g2", "class": ["BIO-1", "BIO-2"], "category": "c-lab"},
    ],
)
async def test_a_category_the_sis_has_not_is_not_taken(grades, registrar, house, form):
    answer = await post(registrar, f"{PAGE}/categories", **form)

    assert 400 == answer.status_code
    assert [] == associations.of_course(house.lincoln, COURSE)


async def test_a_run_of_grades_speaks_of_grades(grades, registrar, house):
    grades.preview()
    (held, sent) = runs.latest(house.lincoln, course=COURSE, kind=GRADES)
    listed = text_of((await registrar.get("/t/lincoln/runs")).text)
    waits = text_of((await registrar.get(f"/t/lincoln/runs/{held.id}")).text)
    page = (await registrar.get(f"/t/lincoln/runs/{sent.id}")).text
    read = text_of(page)

    assert "Sent in part 1 grade was not sent." in listed
    assert "No grade is sent until a person has looked at what would be." in waits
    assert "Look at the grades" in waits
    assert "Canvas confirmed" not in read
    assert "Post Submissions 2 accepted 1 failed" in read
    assert "Transform Assignments 2 new line items 2 line items to send 3 grades to send" in read
    assert f"/runs/{sent.id}/files/{files.PLAN}" in page
    assert found_in(rf'<dd><a href="{PAGE}">([^<]+)<', page) == "Biology"


async def test_nothing_of_an_unknown_course_is_shown_or_done(house, approver):
    assert 404 == (await approver.get("/t/lincoln/grades/12345")).status_code
    for verb in ("sync", "preview", "retry", "reconcile", "repair"):
        answer = await post(approver, f"/t/lincoln/grades/12345/{verb}")
        assert answer.status_code in {400, 404}, verb
    assert [] == runs.latest(house.lincoln, course="12345")
    assert [] == grade_plans.latest(house.lincoln)
