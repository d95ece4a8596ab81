"""Fetch Snapshot: a course's gradebook, whole, or not at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from canvas_gradebooks import GradebookCanvas, enrolled, flagged, handed_in, ordinary
from canvas_servers import says, status
from rosterway.canvas.gradebook import fetch_gradebook
from rosterway.errors import CredentialsError, GarbledError, RejectedError
from rosterway.passback.course_grades import CourseGradeRule
from rosterway.passback.gradebook import (
    AssignmentGroup,
    Course,
    CourseGrade,
    GradingPeriod,
    Placement,
    Section,
    Student,
    SubmissionState,
    SyncSettings,
)

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
DUE = datetime(2026, 10, 1, 4, 59, tzinfo=UTC)
SIS_CALL = "/api/sis/courses/7/assignments"
SUBMISSIONS = "/api/v1/courses/7/students/submissions"


@pytest.fixture
def canvas():
    made = GradebookCanvas()
    made.enrollments = [enrolled(1, "70"), enrolled(2, "71")]
    made.flagged, made.ordinary = [flagged(11)], [ordinary(11)]
    made.submissions = [handed_in(11, 1), handed_in(11, 2)]
    return made


@pytest.fixture
def fetched(serve, client_of):
    """The gradebook of course 7 of a canvas."""

    async def fetching(canvas, course="7", **how):
        async with client_of(await serve(canvas)) as client:
            return await fetch_gradebook(client, course, now=NOW, **how)

    return fetching


# -- the course -----------------------------------------------------------------------------


async def test_a_course_is_told_with_term_sections_groups_and_periods(canvas, fetched):
    canvas.periods = [
        {"id": "9", "title": "Q1", "start_date": "2026-08-15T00:00:00Z", "end_date": None}
    ]
    book = await fetched(canvas)
    assert book.course == Course(
        id="7",
        name="Biology",
        sis_id="C1",
        term_start_at=datetime(2026, 8, 15, 5, tzinfo=UTC),
        term_end_at=datetime(2026, 12, 20, 6, tzinfo=UTC),
        passback="nightly_sync",
    )
    assert book.sections == (
        Section(id="70", name="Period 1", class_id="S1", origin_course="7"),
        Section(id="71", name="Period 2", class_id="S2", origin_course="8"),
        Section(id="72", name="Club", origin_course="7"),
    )
    assert book.groups == (AssignmentGroup(id="50", name="Homework", weight=40.0),)
    assert book.periods == (
        GradingPeriod(id="9", title="Q1", start_at=datetime(2026, 8, 15, tzinfo=UTC)),
    )
    assert (NOW, None, "sis") == (book.taken_at, book.since, book.source)


async def test_a_course_is_found_by_its_sis_id(canvas, fetched):
    assert (await fetched(canvas, "sis_course_id:C1")).course.id == "7"


async def test_weights_of_groups_that_do_not_count_are_none(canvas, fetched):
    canvas.course["apply_assignment_group_weights"] = False
    assert (await fetched(canvas)).groups[0].weight is None


async def test_a_canvas_without_grading_periods_has_none(canvas, fetched):
    canvas.instead["/api/v1/courses/7/grading_periods"] = status(404, "{}")
    assert (await fetched(canvas)).periods == ()


async def test_an_unpublished_course_is_told_as_that_and_nothing_else_is_asked(canvas, fetched):
    canvas.course["workflow_state"] = "unpublished"
    book = await fetched(canvas)
    assert not book.course.published
    assert canvas.paths() == ["/api/v1/courses/7"]


async def test_a_course_the_sis_call_calls_unpublished_is(canvas, fetched):
    words = '{"code": "unpublished_course", "error": "Course is not published"}'
    canvas.instead[SIS_CALL] = status(400, words)
    book = await fetched(canvas)
    assert (False, ()) == (book.course.published, book.assignments)


async def test_sis_ids_that_are_not_shown_are_no_course_without_the_sis(canvas, fetched):
    for section in canvas.sections:
        del section["sis_section_id"]
    with pytest.raises(CredentialsError) as caught:
        await fetched(canvas)
    assert "read_sis" in caught.value.remedy


# -- people ---------------------------------------------------------------------------------


async def test_students_are_told_by_section_there_and_left(canvas, fetched):
    canvas.enrollments = [
        enrolled(1, "70"),
        enrolled(1, "71", state="completed"),
        enrolled(2, "71", state="inactive"),
        enrolled(3, "70", state="invited"),
        enrolled(4, "70", sis=None),
        enrolled(5, "72"),
    ]
    assert (await fetched(canvas)).students == (
        Student(id="1", sourced_id="U1", name="Student 1", sections=("70",), left=("71",)),
        Student(id="2", sourced_id="U2", name="Student 2", left=("71",)),
        Student(id="3", sourced_id="U3", name="Student 3", sections=("70",)),
        Student(id="4", name="Student 4", sections=("70",)),
        Student(id="5", sourced_id="U5", name="Student 5", sections=("72",)),
    )


async def test_everyone_is_asked_for_whatever_the_state(canvas, fetched):
    await fetched(canvas)
    asked = next(one for one in canvas.asked if one.path.endswith("/enrollments"))
    assert asked.query.getall("state[]") == ["active", "invited", "completed", "inactive"]
    assert asked.query.getall("type[]") == ["StudentEnrollment"]


async def test_a_person_with_two_logins_is_each_of_the_sis_students_in_their_sections(
    canvas, fetched
):
    canvas.enrollments = [
        enrolled(1, "70", sis="U1"),
        enrolled(1, "71", sis="X1"),
        enrolled(1, "72", sis=None),
    ]
    assert [(one.sourced_id, one.sections) for one in (await fetched(canvas)).students] == [
        ("U1", ("70", "72")),
        ("X1", ("71",)),
    ]


async def test_only_students_of_the_sis_are_asked_for_their_work(canvas, fetched):
    canvas.enrollments = [
        enrolled(1, "70"),
        enrolled(2, "71", state="completed"),
        enrolled(4, "70", sis=None),
        enrolled(5, "72"),
    ]
    await fetched(canvas)
    asked = next(one for one in canvas.asked if one.path == SUBMISSIONS)
    assert asked.query.getall("student_ids[]") == ["1", "2"]


async def test_course_grades_come_with_the_enrollments_when_asked_for(canvas, fetched):
    grades = {
        "html_url": "…",
        "current_score": 91.5,
        "final_score": 80,
        "unposted_final_score": 79.5,
        "override_score": 95,
        "override_grade": "A",
    }
    canvas.enrollments = [enrolled(1, "70", grades=grades)]
    without, with_them = (
        await fetched(canvas),
        await fetched(canvas, course_grades=[CourseGradeRule()]),
    )
    assert without.course_grades == ()
    assert with_them.course_grades == (
        CourseGrade(
            user="1",
            section="70",
            current_score=91.5,
            final_score=80,
            unposted_final_score=79.5,
            override_score=95,
            override_grade="A",
        ),
    )


# -- assignments ----------------------------------------------------------------------------

EARLY = "2026-09-20T04:59:00Z"


def dated(section, **dates):
    """A section of the SIS call with an override of these dates, null where it sets none."""
    override = {"id": "90", "override_title": "P", "due_at": None, "unlock_at": None} | dates
    return {"id": section, "sis_id": "S", "origin_course": {"id": "7"}, "override": override}


async def test_an_assignment_has_the_dates_that_hold_in_each_section(canvas, fetched):
    canvas.flagged = [flagged(11, sections=[{"id": "70"}, dated("71", due_at=EARLY)])]
    (one,) = (await fetched(canvas)).assignments
    assert one.placements == (
        Placement(section="70", due_at=DUE),
        Placement(section="71", due_at=datetime.fromisoformat(EARLY)),
    )


@pytest.mark.parametrize(
    ("told_by_the_ordinary_call", "holds"),
    [
        ({"id": "90", "course_section_id": "71", "due_at": None}, None),
        ({"id": "90", "course_section_id": "71", "lock_at": EARLY}, DUE),
        ({"id": "91", "course_section_id": "70"}, DUE),
    ],
    ids=["taken away", "left alone", "not told"],
)
async def test_a_date_taken_away_is_told_from_one_left_alone(
    canvas, fetched, told_by_the_ordinary_call, holds
):
    canvas.flagged = [flagged(11, sections=[dated("71")])]
    canvas.ordinary = [ordinary(11, overrides=[told_by_the_ordinary_call])]
    (one,) = (await fetched(canvas)).assignments
    assert [holds] == [placement.due_at for placement in one.placements]


async def test_individuals_are_told_and_whether_there_is_anybody_else(canvas, fetched):
    overrides = [
        {"id": "92", "students": [{"user_id": "1", "sis_user_id": "U1"}, {"user_id": "2"}]},
        {"id": "93", "students": [{"user_id": "1"}]},
    ]
    canvas.flagged = [
        flagged(11, user_overrides=overrides),
        flagged(12, user_overrides=overrides, sections=[]),
        flagged(13),
    ]
    canvas.ordinary = [ordinary(11), ordinary(12, only_visible_to_overrides=True), ordinary(13)]
    found = [(one.individuals, one.only_individuals) for one in (await fetched(canvas)).assignments]
    assert found == [(("1", "2"), False), (("1", "2"), True), ((), False)]


@pytest.mark.parametrize("is_enabled", [True, False], ids=["sis call", "ordinary call"])
async def test_the_dates_of_individuals_are_told_where_they_are_their_own(
    canvas, fetched, is_enabled
):
    mine: dict[str, Any] = {"id": "92", "student_ids": ["1"], "due_at": EARLY}
    undated: dict[str, Any] = {"id": "93", "student_ids": ["2"], "due_at": None}
    as_usual: dict[str, Any] = {"id": "94", "student_ids": ["3"], "lock_at": EARLY}
    overrides = [mine, undated, as_usual]
    canvas.ordinary = [ordinary(11, overrides=overrides)]
    canvas.flagged = [
        flagged(
            11,
            user_overrides=[
                {
                    "id": one["id"],
                    "due_at": one.get("due_at"),
                    "unlock_at": None,
                    "lock_at": one.get("lock_at"),
                    "students": [{"user_id": user} for user in one["student_ids"]],
                }
                for one in overrides
            ],
        )
    ]
    if not is_enabled:
        canvas.instead[SIS_CALL] = status(404, "{}")
    (one,) = (await fetched(canvas)).assignments
    early = datetime.fromisoformat(EARLY)
    assert {own.user: (own.due_at, own.lock_at) for own in one.individual_dates} == {
        "1": (early, None),
        "2": (None, None),
        "3": (DUE, early),
    }


async def test_what_is_not_published_and_what_is_of_mastery_paths_the_ordinary_call_tells(
    canvas, fetched
):
    canvas.flagged = [flagged(11), flagged(12)]
    canvas.ordinary = [
        ordinary(11),
        ordinary(12, overrides=[{"id": "95", "noop_id": 1}]),
        ordinary(13, published=False),
    ]
    told = (await fetched(canvas)).assignments
    assert [(one.id, one.published, one.mastery_paths) for one in told] == [
        ("11", True, False),
        ("12", True, True),
        ("13", False, False),
    ]


async def test_how_an_assignment_is_graded_comes_from_the_ordinary_call(canvas, fetched):
    canvas.flagged = [flagged(11, include_in_final_grade=False, integration_data={"a": 1})]
    canvas.ordinary = [ordinary(11, grading_type="letter_grade")]
    (one,) = (await fetched(canvas)).assignments
    assert (one.grading_type, one.counts, one.integration_data) == (
        "letter_grade",
        False,
        {"a": 1},
    )
    assert (one.points_possible, one.submission_types) == (10, ("online_upload",))


async def test_an_assignment_unflagged_between_the_two_lists_is_left_out(canvas, fetched):
    canvas.flagged = [flagged(11), flagged(12)]
    assert ["11"] == [one.id for one in (await fetched(canvas)).assignments]


@pytest.mark.parametrize(
    "answer",
    [status(400, '{"code": "not_enabled", "error": "not enabled"}'), status(404, "{}")],
    ids=["not enabled", "no such call"],
)
async def test_without_the_sis_call_the_ordinary_one_tells_of_the_assignments(
    canvas, fetched, answer
):
    canvas.instead[SIS_CALL] = answer
    overrides = [
        {"id": "90", "course_section_id": "71", "due_at": EARLY},
        {"id": "91", "student_ids": ["1"], "due_at": EARLY},
    ]
    canvas.ordinary = [
        ordinary(11, overrides=overrides),
        ordinary(12, overrides=overrides, only_visible_to_overrides=True),
        ordinary(13, overrides=overrides[1:], only_visible_to_overrides=True),
        ordinary(14, published=False),
        ordinary(15, post_to_sis=False),
        ordinary(16, omit_from_final_grade=True),
    ]
    book = await fetched(canvas)
    assert book.source == "ordinary"
    early = datetime.fromisoformat(EARLY)
    assert {
        one.id: [(p.section, p.due_at) for p in one.placements] for one in book.assignments
    } == {
        "11": [("70", DUE), ("71", early), ("72", DUE)],
        "12": [("71", early)],
        "13": [],
        "14": [("70", DUE), ("71", DUE), ("72", DUE)],
        "16": [("70", DUE), ("71", DUE), ("72", DUE)],
    }
    assert {"14"} == {one.id for one in book.assignments if not one.published}
    assert {"13"} == {one.id for one in book.assignments if one.only_individuals}
    assert {"16"} == {one.id for one in book.assignments if not one.counts}


async def test_a_missing_right_is_no_reason_to_fall_back(canvas, fetched):
    canvas.instead[SIS_CALL] = status(401, "{}")
    with pytest.raises(CredentialsError) as caught:
        await fetched(canvas)
    assert "view_all_grades" in caught.value.remedy


# -- submissions ----------------------------------------------------------------------------


async def test_every_state_of_a_submission_is_told(canvas, fetched):
    at = "2026-10-02T08:00:00Z"
    canvas.enrollments = [enrolled(number, "70") for number in range(1, 8)]
    canvas.submissions = [
        handed_in(11, 1, workflow_state="graded", score=8.5, grade="8.5", posted_at=at),
        handed_in(11, 2, workflow_state="graded", score=7),  # hidden
        handed_in(11, 3, workflow_state="submitted", late=True, graded_at=at),  # cleared
        handed_in(11, 4, missing=True, late_policy_status="missing"),
        handed_in(11, 5, workflow_state="graded", excused=True),
        handed_in(11, 6, workflow_state="pending_review", score=3),
        handed_in(11, 7, workflow_state="deleted"),
    ]
    found = {one.user: one for one in (await fetched(canvas)).submissions}
    assert found.keys() == {"1", "2", "3", "4", "5", "6"}
    assert (found["1"].score, found["1"].grade) == (8.5, "8.5")
    assert (found["2"].score, found["2"].posted_at) == (7, None)
    assert (found["3"].state, found["3"].score) == (SubmissionState.SUBMITTED, None)
    assert (found["4"].missing, found["4"].late_policy_status) == (True, "missing")
    assert found["5"].excused
    assert found["6"].state is SubmissionState.PENDING_REVIEW


async def test_nothing_that_hides_a_grade_is_asked_for_nor_what_students_wrote(canvas, fetched):
    await fetched(canvas)
    query = next(one for one in canvas.asked if one.path == SUBMISSIONS).query
    assert not {"workflow_state", "post_to_sis", "enrollment_state", "graded_since"} & query.keys()
    assert "body" not in query.getall("response_fields[]")
    assert query["grouped"] == "1"


async def test_an_incremental_reading_overlaps_the_one_before(canvas, fetched):
    canvas.submissions = [
        handed_in(11, 1, workflow_state="graded", score=1, graded_at="2026-11-29T23:55:00Z"),
        handed_in(11, 2, workflow_state="graded", score=2, graded_at="2026-11-29T20:00:00Z"),
    ]
    since = datetime(2026, 11, 30, tzinfo=UTC)
    book = await fetched(canvas, since=since)
    assert (since, ["1"]) == (book.since, [one.user for one in book.submissions])
    query = next(one for one in canvas.asked if one.path == SUBMISSIONS).query
    assert query["graded_since"] == "2026-11-29T23:50:00Z"


async def test_a_moment_with_an_offset_is_asked_for_in_utc(canvas, fetched):
    since = datetime.fromisoformat("2026-11-30T01:00:00-06:00")
    await fetched(canvas, since=since)
    query = next(one for one in canvas.asked if one.path == SUBMISSIONS).query
    assert datetime.fromisoformat(query["graded_since"]) == since - timedelta(minutes=10)


async def test_the_last_word_to_the_student_is_the_comment(canvas, fetched):
    comments = [
        {"author_id": "99", "comment": "Redo it"},
        {"author_id": "99", "comment": "Better"},
        {"author_id": "1", "comment": "Thanks"},
        {"author_id": "99", "comment": "not yet said", "draft": True},
    ]
    canvas.submissions = [handed_in(11, 1, submission_comments=comments)]
    book = await fetched(canvas, comments=True)
    assert ["Better"] == [one.comment for one in book.submissions]
    query = next(one for one in canvas.asked if one.path == SUBMISSIONS).query
    assert query.getall("include[]") == ["submission_comments"]


@pytest.mark.parametrize("most", [50, 20, 7])
async def test_a_large_course_is_read_in_the_portions_canvas_takes(canvas, fetched, most):
    canvas.most_students = most
    students, assignments = range(1, 73), range(11, 161)
    canvas.enrollments = [enrolled(one, "70") for one in students]
    canvas.enrollments += [enrolled(one, "71") for one in students]
    canvas.flagged = [flagged(one) for one in assignments]
    canvas.ordinary = [ordinary(one) for one in assignments]
    canvas.submissions = [handed_in(a, s) for a in (11, 160) for s in students]
    book = await fetched(canvas)
    assert [(a, s) for a in (11, 160) for s in students] == [
        (int(one.assignment), int(one.user)) for one in book.submissions
    ]
    for request in canvas.asked:
        assert len(request.raw_path) < 8000


async def test_one_request_of_many_that_fails_fails_the_reading(canvas, fetched):
    canvas.enrollments = [enrolled(one, "70") for one in range(1, 200)]
    canvas.instead[SUBMISSIONS] = status(401, "{}")
    with pytest.raises(CredentialsError):
        await fetched(canvas)


# -- a course that changes while it is read ---------------------------------------------------


def once(canvas, path, answer):
    """Let `path` answer so the first time only."""

    def first(request):
        del canvas.instead[path]
        return answer(request)

    canvas.instead[path] = first


GONE = status(403, '{"error": "invalid assignment ids requested"}')


async def test_an_assignment_unpublished_meanwhile_has_all_read_again(canvas, fetched):
    once(canvas, SUBMISSIONS, GONE)
    assert len((await fetched(canvas)).submissions) == 2
    assert canvas.paths().count(SIS_CALL) == 2


async def test_a_course_that_never_holds_still_is_refused(canvas, fetched):
    canvas.instead[SUBMISSIONS] = GONE
    with pytest.raises(RejectedError, match="invalid assignment"):
        await fetched(canvas)


ONE_OF_TWO = says([{"user_id": "1", "submissions": []}])


async def test_students_left_out_once_are_asked_for_again(canvas, fetched):
    once(canvas, SUBMISSIONS, ONE_OF_TWO)
    assert len((await fetched(canvas)).submissions) == 2


async def test_students_left_out_twice_stop_the_sync(canvas, fetched):
    canvas.instead[SUBMISSIONS] = ONE_OF_TWO
    with pytest.raises(GarbledError, match="1 students") as caught:
        await fetched(canvas)
    assert "cleared" in caught.value.remedy


async def test_a_student_who_has_left_may_be_left_out(canvas, fetched):
    canvas.enrollments = [enrolled(1, "70"), enrolled(2, "71", state="inactive")]
    canvas.instead[SUBMISSIONS] = ONE_OF_TWO
    assert [one.id for one in (await fetched(canvas)).students] == ["1", "2"]


# -- odd answers ------------------------------------------------------------------------------


async def test_numbers_for_ids_are_read_as_text(canvas, fetched):
    canvas.course["id"] = 7
    canvas.sections[0]["id"] = 70
    canvas.submissions = [handed_in(11, 1) | {"assignment_id": 11, "user_id": 1, "score": "9.5"}]
    book = await fetched(canvas)
    assert ("7", "70") == (book.course.id, book.sections[0].id)
    assert [("11", "1", 9.5)] == [(one.assignment, one.user, one.score) for one in book.submissions]


async def test_an_unknown_state_is_not_guessed_at(canvas, fetched):
    canvas.submissions = [handed_in(11, 1, workflow_state="half_graded")]
    with pytest.raises(GarbledError, match="half_graded"):
        await fetched(canvas)


async def test_what_does_not_fit_is_told_by_its_place_not_its_value(canvas, fetched):
    canvas.submissions = [handed_in(11, 1, score="Ann Doe: 9")]
    with pytest.raises(GarbledError, match=r"submissions\[0\]\.score") as caught:
        await fetched(canvas)
    assert "Ann" not in str(caught.value)


# -- settings ---------------------------------------------------------------------------------


async def test_what_canvas_demands_of_an_assignment_is_told_with_it(canvas, fetched):
    canvas.ordinary = [
        ordinary(11, due_date_required=True, max_name_length=30),
        ordinary(12, due_date_required=False, max_name_length=255),
    ]
    demanded = SyncSettings(requires_due_date=True, name_length=30)
    assert demanded == (await fetched(canvas)).settings


async def test_a_small_course_costs_eight_requests(canvas, fetched):
    await fetched(canvas)
    assert len(canvas.asked) == 8
