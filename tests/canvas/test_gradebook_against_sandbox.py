"""A gradebook read from, and written to, the sandbox Canvas: same reference, other hands."""

import zipfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rosterway.canvas import imports
from rosterway.canvas.association_mirror import mirror_associations
from rosterway.canvas.client import Call, CanvasClient, Patience
from rosterway.canvas.course_list import Which, courses_to_sync
from rosterway.canvas.grade_fixes import FixOutcome, apply_fix
from rosterway.canvas.grade_permissions import GRADE_RIGHTS, probe_grades
from rosterway.canvas.gradebook import fetch_gradebook
from rosterway.canvas.integration_data import Outcome
from rosterway.canvas.sync_marks import SyncMark, forget_sync_marks, mark_in, write_sync_marks
from rosterway.errors import CredentialsError
from rosterway.passback.categories import Association
from rosterway.passback.course_grades import EVERY, CourseGradeRule
from rosterway.passback.gradebook import SubmissionState
from rosterway.passback.plan import Fix, FixKind
from rosterway.sandbox.canvas.server import running

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
TEACHING = Call("teaching")

#: Biology, with a section cross-listed into it, one made by hand, and students of every kind.
SCHOOL = {
    "terms": "term_id,name,status,start_date,end_date\n"
    "F26,Fall,active,2026-08-15T00:00:00Z,2026-12-20T00:00:00Z\n",
    "courses": "course_id,short_name,long_name,term_id,status\nC1,BIO,Biology,F26,active\n"
    "C2,BIO2,Biology too,F26,active\n",
    "sections": "section_id,course_id,name,status\nS1,C1,Period 1,active\nS2,C2,Period 2,active\n",
    "xlists": "xlist_course_id,section_id,status\nC1,S2,active\n",
    "users": "user_id,login_id,status,full_name\nU1,ann,active,Ann Doe\nU2,bob,active,Bob Roe\n"
    "U3,cay,active,Cay Poe\nU4,dan,active,Dan Fox\nT1,tea,active,Tea Cher\n",
    "enrollments": "course_id,section_id,user_id,role,status\nC1,S1,T1,teacher,active\n"
    "C1,S1,U1,student,active\n,S2,U2,student,active\nC1,S1,U3,student,active\n"
    "C1,S1,U4,student,completed\n",
}


class Class:
    """The course as its teacher works in it."""

    def __init__(self, client):
        self.client = client
        self.course = ""
        self.users = {}
        self.sections = {}

    async def send(self, method, path, body):
        where = f"/api/v1/courses/{self.course}{path}"
        return await self.client.send(method, where, call=TEACHING, json=body)

    async def assign(self, name, **fields):
        made = {"name": name, "points_possible": 10, "post_to_sis": True, "published": True}
        told = await self.send("POST", "/assignments", {"assignment": made | fields})
        return told["id"]

    async def grade(self, assignment, user, **fields):
        path = f"/assignments/{assignment}/submissions/{user}"
        await self.send("PUT", path, {"submission": fields})

    async def fetch(self, **how):
        return await fetch_gradebook(self.client, "sis_course_id:C1", now=NOW, **how)


@pytest.fixture
async def sandbox(tmp_path):
    async with running(tmp_path / "canvas") as canvas:
        yield canvas


@pytest.fixture
async def client(sandbox):
    at_once = Patience(attempts=3, first=0, longest=0, jitter=0)
    async with CanvasClient(sandbox.url, sandbox.token, account="1", patience=at_once) as made:
        yield made


@pytest.fixture
async def biology(client, sandbox, tmp_path):
    """Biology, published; `users` are Canvas's ids by SIS id, `sections` those of the sections."""
    path = tmp_path / "school.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for table, text in SCHOOL.items():
            archive.writestr(f"{table}.csv", text)
    made = await imports.create(client, path, name=path.name)
    await sandbox.line.idle(10)
    assert (await imports.show(client, made.id)).workflow_state == "imported"
    taught = Class(client)
    taught.course = (await client.get("/api/v1/courses/sis_course_id:C1", call=TEACHING))["id"]
    await taught.send("PUT", "", {"course": {"event": "offer"}})
    book = await taught.fetch()
    taught.users = {one.sourced_id: one.id for one in book.students}
    taught.sections = {one.class_id: one.id for one in book.sections}
    return taught


async def test_classes_and_people_are_the_siss(biology):
    book = await biology.fetch()
    assert set(book.classes()) == {"S1", "S2"}
    origins = {one.class_id: one.origin_course for one in book.sections}
    assert origins["S1"] == book.course.id != origins["S2"]
    there = {one.sourced_id: bool(one.sections) for one in book.students}
    assert there == {"U1": True, "U2": True, "U3": True, "U4": False}


async def test_the_term_of_a_course_is_told_with_its_dates(biology):
    course = (await biology.fetch()).course
    assert (course.term_start_at, course.term_end_at) == (
        datetime(2026, 8, 15, tzinfo=UTC),
        datetime(2026, 12, 20, tzinfo=UTC),
    )


async def test_a_groups_weight_is_told_where_the_course_says_that_weights_count(biology):
    group = {"name": "Tests", "group_weight": 40}
    await biology.send("POST", "/assignment_groups", group)
    before = {one.name: one.weight for one in (await biology.fetch()).groups}
    await biology.send("PUT", "", {"course": {"apply_assignment_group_weights": True}})
    after = {one.name: one.weight for one in (await biology.fetch()).groups}
    assert (before["Tests"], after["Tests"]) == (None, 40.0)


async def test_an_unpublished_course_is_told(biology):
    await biology.send("PUT", "", {"course": {"event": "claim"}})
    assert not (await biology.fetch()).course.published


async def test_only_flagged_assignments_are_told_with_the_dates_of_each_section(
    biology,
):
    essay = await biology.assign("Essay", due_at="2026-10-01T04:59:00Z")
    await biology.assign("Draft", published=False)
    await biology.assign("Warm-up", post_to_sis=False)
    override = {"course_section_id": biology.sections["S2"], "due_at": "2026-10-08T04:59:00Z"}
    await biology.send("POST", f"/assignments/{essay}/overrides", {"assignment_override": override})
    book = await biology.fetch()
    told, draft = book.assignments
    assert (told.name, told.published, book.source) == ("Essay", True, "sis")
    assert (draft.name, draft.published) == ("Draft", False)
    due = {place.section: place.due_at for place in told.placements}
    assert due[biology.sections["S1"]] == datetime(2026, 10, 1, 4, 59, tzinfo=UTC)
    assert due[biology.sections["S2"]] == datetime(2026, 10, 8, 4, 59, tzinfo=UTC)


async def test_an_assignment_for_individuals_alone_is_told_as_that(biology):
    quiz = await biology.assign("Make-up", only_visible_to_overrides=True)
    due = "2026-10-08T04:59:00Z"
    override = {"student_ids": [biology.users["U1"]], "title": "One", "due_at": due}
    await biology.send("POST", f"/assignments/{quiz}/overrides", {"assignment_override": override})
    (told,) = (await biology.fetch()).assignments
    assert (told.only_individuals, told.individuals) == (True, (biology.users["U1"],))
    assert [datetime.fromisoformat(due)] == [one.due_at for one in told.individual_dates]


async def test_graded_cleared_excused_and_untouched_work_is_all_told(biology):
    essay = await biology.assign("Essay")
    users = biology.users
    await biology.grade(essay, users["U1"], posted_grade="8.5")
    await biology.grade(essay, users["U2"], excuse="true")
    await biology.grade(essay, users["U3"], posted_grade="7")
    before = {one.user: one for one in (await biology.fetch()).submissions}
    assert (before[users["U1"]].score, before[users["U3"]].score) == (8.5, 7)
    assert before[users["U2"]].excused
    await biology.grade(essay, users["U1"], posted_grade="")
    await biology.grade(essay, users["U2"], excuse="false")
    after = {one.user: one for one in (await biology.fetch()).submissions}
    assert (after[users["U1"]].score, after[users["U2"]].excused) == (None, False)
    assert after[users["U2"]].state is SubmissionState.UNSUBMITTED
    assert after[users["U3"]] == before[users["U3"]]


async def test_what_an_incremental_reading_does_not_notice_a_full_one_does(biology):
    essay = await biology.assign("Essay")
    await biology.grade(essay, biology.users["U1"], posted_grade="9")
    full = await biology.fetch()
    (told,) = [one for one in full.submissions if one.user == biology.users["U1"]]
    await biology.grade(essay, biology.users["U1"], posted_grade="")
    later = datetime(2100, 1, 1, tzinfo=UTC)
    assert (await biology.fetch(since=later)).submissions == ()
    cleared = {one.user: one.score for one in (await biology.fetch()).submissions}
    assert (9, None) == (told.score, cleared[biology.users["U1"]])


async def test_course_grades_come_when_asked_for(biology):
    essay = await biology.assign("Essay")
    await biology.grade(essay, biology.users["U1"], posted_grade="8")
    grades = {
        one.user: one
        for one in (await biology.fetch(course_grades=[CourseGradeRule()])).course_grades
    }
    assert grades[biology.users["U1"]].current_score == 80


async def test_grades_of_a_grading_period_are_of_what_is_due_in_it(biology):
    periods = [
        ("Quarter 1", "2026-08-15T00:00:00Z", "2026-10-16T00:00:00Z"),
        ("Quarter 2", "2026-10-16T00:00:00Z", "2026-12-20T00:00:00Z"),
    ]
    await biology.client.send(
        "POST",
        "/api/v1/accounts/self/grading_period_sets",
        call=TEACHING,
        json={
            "enrollment_term_ids": ["sis_term_id:F26"],
            "grading_period_set": {"title": "Quarters"},
            "grading_periods": [
                {"title": title, "start_date": start, "end_date": end}
                for title, start, end in periods
            ],
        },
    )
    user = biology.users["U1"]
    for name, due, grade in (("Early", "2026-10-01", "8"), ("Late", "2026-11-01", "6")):
        work = await biology.assign(name, due_at=f"{due}T12:00:00Z")
        await biology.grade(work, user, posted_grade=grade)

    each = await biology.fetch(course_grades=[CourseGradeRule(grading_period=EVERY)])
    one = await biology.fetch(course_grades=[CourseGradeRule(grading_period="Quarter 2")])

    first, second = [period.id for period in each.periods]
    assert {first: 80, second: 60} == {
        grade.period: grade.current_score for grade in each.course_grades if grade.user == user
    }
    assert {second} == {grade.period for grade in one.course_grades}


async def test_a_mark_is_kept_and_forgotten(biology):
    essay = await biology.assign("Essay", integration_data={"theirs": "stays"})
    mark = SyncMark(assignment=essay, at=NOW, outcome="sent", classes={"S1": "sent"})
    course = biology.course
    assert ["written"] == [
        one.outcome for one in await write_sync_marks(biology.client, course, [mark])
    ]
    assert ["unchanged"] == [
        one.outcome for one in await write_sync_marks(biology.client, course, [mark])
    ]
    (told,) = (await biology.fetch()).assignments
    assert mark == mark_in(told.integration_data, essay)
    assert ["written"] == [one.outcome for one in await forget_sync_marks(biology.client, course)]
    (told,) = (await biology.fetch()).assignments
    assert told.integration_data == {"theirs": "stays"}


async def test_a_mirror_is_kept_in_the_group(biology):
    group = (await biology.send("POST", "/assignment_groups", {"name": "Homework"}))["id"]
    association = Association(group=group, class_id="S1", category_id="K1")
    for outcome in ("written", "unchanged"):
        done = await mirror_associations(biology.client, biology.course, [association])
        assert [outcome] == [one.outcome for one in done]
    await mirror_associations(biology.client, biology.course, [])
    told = {one.id: one for one in (await biology.fetch()).groups}[group]
    assert told.integration_data["rosterway"]["categories"] == {"S1": ""}


async def test_fixes_are_made_and_a_refusal_is_in_words(biology):
    essay = await biology.assign("A very long name")
    rename = Fix(kind=FixKind.RENAME, assignment=essay, before="A very long name", after="Short")
    date = Fix(
        kind=FixKind.DUE_DATE,
        assignment=essay,
        section=biology.sections["S1"],
        after="2026-12-18",
    )
    for fix in (rename, date):
        told = await apply_fix(biology.client, biology.course, fix, zone=CHICAGO)
        assert told.outcome is FixOutcome.DONE
    again = await apply_fix(biology.client, biology.course, rename, zone=CHICAGO)
    assert again.outcome is FixOutcome.ALREADY
    moved = Fix(
        kind=FixKind.DUE_DATE,
        assignment=essay,
        section=biology.sections["S2"],
        before="2026-12-18",
        after="2026-12-11",
    )
    assert (
        await apply_fix(biology.client, biology.course, moved, zone=CHICAGO)
    ).outcome is FixOutcome.DONE
    (told,) = (await biology.fetch()).assignments
    due = {place.section: place.due_at for place in told.placements}
    assert due[biology.sections["S1"]] == datetime(2026, 12, 19, 5, 59, 59, tzinfo=UTC)
    assert due[biology.sections["S2"]] == datetime(2026, 12, 12, 5, 59, 59, tzinfo=UTC)


async def test_what_the_account_demands_is_read_with_its_assignments_and_enforced(biology):
    essay = await biology.assign("Essay", due_at="2026-10-01T04:59:00Z")
    settings = {
        "sis_syncing": {"value": True},
        "sis_require_assignment_due_date": {"value": True},
        "sis_assignment_name_length": {"value": True},
        "sis_assignment_name_length_input": {"value": "30"},
    }
    account = biology.client.account_path()
    await biology.client.send(
        "PUT", account, call=TEACHING, json={"account": {"settings": settings}}
    )
    told = (await biology.fetch()).settings
    assert (told.requires_due_date, told.name_length) == (True, 30)
    fix = Fix(kind=FixKind.RENAME, assignment=essay, before="Essay", after="x" * 31)
    refused = await apply_fix(biology.client, biology.course, fix, zone=CHICAGO)
    assert refused.outcome is FixOutcome.REFUSED
    assert "cannot be longer than 30 characters" in refused.says


#: What an account's settings of S5 are set to in turn -> what a course's assignments then demand.
S5 = [
    ({"sis_require_assignment_due_date": True}, (False, 255)),  # SIS syncing is off
    ({"sis_syncing": True}, (True, 255)),
    ({"sis_assignment_name_length": True, "sis_assignment_name_length_input": "30"}, (True, 30)),
    ({"sis_default_grade_export": True}, (True, 30)),  # Canvas's own affair: the flag is on each
    ({"sis_require_assignment_due_date": False}, (False, 30)),
    ({"sis_assignment_name_length": False}, (False, 255)),
]


async def test_every_sync_setting_of_an_account_is_heeded(biology):
    await biology.assign("Essay", due_at="2026-10-01T04:59:00Z")
    account = biology.client.account_path()
    found = []
    for changes, _ in S5:
        settings = {name: {"value": value} for name, value in changes.items()}
        body = {"account": {"settings": settings}}
        await biology.client.send("PUT", account, call=TEACHING, json=body)
        told = (await biology.fetch()).settings
        found.append((told.requires_due_date, told.name_length))
    assert [expected for _, expected in S5] == found


async def test_courses_with_flagged_assignments_are_listed(biology):
    listed = await courses_to_sync(biology.client, now=NOW, which=Which.ALL)
    assert listed == ()
    await biology.assign("Essay")
    listed = await courses_to_sync(biology.client, now=NOW, which=Which.ALL)
    assert [(biology.course, 1)] == [(one.id, one.flagged) for one in listed]
    assert await courses_to_sync(biology.client, now=NOW) == ()


async def test_each_right_of_the_administrators_token_is_told(biology):
    found = {one.name: one.ok for one in await probe_grades(biology.client, "sis_course_id:C1")}
    assert found["sis-assignments-enabled"]
    assert {right.finding for right in GRADE_RIGHTS} < found.keys()
    # This Canvas knows no right to list courses, and says that nobody has it.
    assert {name for name, ok in found.items() if not ok} <= {"right-to-list-courses"}


READING_ONLY = ("read_sis", "read_roster", "view_all_grades", "manage_assignments")


@pytest.fixture
def client_with(sandbox):
    """A client of the same Canvas whose token has these rights only."""

    @asynccontextmanager
    async def make(*rights):
        token = sandbox.instance.office.new_token(1, rights)
        async with CanvasClient(sandbox.url, token, account="1") as made:
            yield made

    return make


async def test_a_mark_that_canvas_drops_without_a_word_is_told_dropped(biology, client_with):
    first, second = await biology.assign("Essay"), await biology.assign("Quiz")
    marks = [SyncMark(assignment=one, at=NOW, outcome="sent") for one in (first, second)]
    async with client_with(*READING_ONLY) as client:
        told = await write_sync_marks(client, biology.course, marks)
    assert ["dropped", "dropped"] == [one.outcome for one in told]


async def test_marks_are_not_written_where_the_data_of_others_is_not_shown(biology, client_with):
    essay = await biology.assign("Essay", integration_data={"theirs": "stays"})
    async with client_with("view_all_grades", "manage_assignments") as client:
        (told,) = await write_sync_marks(
            client, biology.course, [SyncMark(assignment=essay, at=NOW, outcome="sent")]
        )
    assert told.outcome is Outcome.UNREADABLE
    (kept,) = (await biology.fetch()).assignments
    assert kept.integration_data == {"theirs": "stays"}


async def test_a_gradebook_is_not_read_without_the_right_to_grades(biology, client_with):
    await biology.assign("Essay")
    async with client_with("read_sis", "read_roster") as client:
        with pytest.raises(CredentialsError) as caught:
            await fetch_gradebook(client, biology.course, now=NOW)
    assert "view_all_grades" in caught.value.remedy
