"""Submissions: what grading does to them, when `graded_at` moves, and how they are read."""

import aiohttp
import pytest

from canvas_sandbox import ENROLLMENTS, SCHOOL, client_of, table

ONLINE = {"submission_types": ["online_text_entry"]}

# -- a posted grade ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grading_type", "points", "posted", "score", "grade"),
    [
        ("points", 20, "13.5", 13.5, "13.5"),
        ("points", 20, "13", 13.0, "13"),
        ("points", 20, "40%", 8.0, "8"),
        ("points", 20, "25", 25.0, "25"),
        ("points", 20, "0", 0.0, "0"),
        ("points", 0, "3", 3.0, "3"),
        ("points", 20, "complete", 20.0, "20"),
        ("points", 20, "B", None, None),
        ("points", 20, "", None, None),
        ("percent", 20, "40%", 8.0, "40%"),
        ("percent", 30, "29", 29.0, "96.67%"),
        ("letter_grade", 100, "B", 86.0, "B"),
        ("letter_grade", 100, "b", 86.0, "B"),
        ("letter_grade", 100, "A", 100.0, "A"),
        ("letter_grade", 100, "91", 91.0, "A-"),
        ("letter_grade", 50, "F", 30.0, "F"),
        ("letter_grade", 0, "A-", 0.0, "A-"),
        ("pass_fail", 20, "pass", 20.0, "complete"),
        ("pass_fail", 20, "fail", 0.0, "incomplete"),
        ("pass_fail", 20, "20", 20.0, "complete"),
        ("pass_fail", 20, "7", None, None),
        ("pass_fail", 0, "complete", 0.0, "complete"),
    ],
)
async def test_a_posted_grade_becomes_score_and_grade(
    room, grading_type, points, posted, score, grade
):
    made = await room.assign(grading_type=grading_type, points_possible=points)
    marked = await room.mark(made, posted_grade=posted)
    assert (marked["score"], marked["grade"]) == (score, grade)
    assert marked["workflow_state"] == ("unsubmitted" if score is None else "graded")


async def test_a_scheme_of_the_course_reads_letters_its_own_way(room):
    data = {
        "title": "Short",
        "grading_scheme_entry": [{"name": "Good", "value": 50}, {"name": "Bad", "value": 0}],
    }
    _, standard = await room.call("POST", "grading_standards", json=data)
    made = await room.assign(grading_type="letter_grade", grading_standard_id=standard["id"])
    marked = await room.mark(made, posted_grade="bad")
    assert (marked["score"], marked["grade"]) == (9.8, "Bad")
    assert await room.get("grading_standards") == [standard]


# -- when `graded_at` moves -------------------------------------------------------------------

SCORE, CLEAR = {"posted_grade": "15"}, {"posted_grade": ""}
EXCUSE, UNEXCUSE = {"excuse": "true"}, {"excuse": "false"}


@pytest.mark.parametrize(
    ("before", "act", "moves", "state", "score"),
    [
        ({}, SCORE, True, "graded", 15.0),
        (SCORE, {"posted_grade": "16"}, True, "graded", 16.0),
        (SCORE, SCORE, True, "graded", 15.0),
        (SCORE, CLEAR, False, "unsubmitted", None),
        (SCORE, EXCUSE, True, "graded", None),
        (EXCUSE, UNEXCUSE, False, "unsubmitted", None),
        (EXCUSE, SCORE, True, "graded", 15.0),
        (SCORE, {"late_policy_status": "late"}, True, "graded", 15.0),
        (SCORE, {"late_policy_status": "none"}, True, "graded", 15.0),
        (
            {"late_policy_status": "late"},
            {"late_policy_status": "late"},
            False,
            "unsubmitted",
            None,
        ),
        ({"late_policy_status": "late"}, {"late_policy_status": ""}, True, "unsubmitted", None),
    ],
)
async def test_graded_at_moves_with_some_acts_of_a_grader_only(
    room, clock, before, act, moves, state, score
):
    made = await room.assign()
    if before:
        await room.mark(made, **before)
    was = (await room.submission(made))["graded_at"]
    now = clock.on(hours=1)
    marked = await room.mark(made, **act)
    assert marked["graded_at"] == (now if moves else was)
    assert (marked["workflow_state"], marked["score"]) == (state, score)


@pytest.mark.parametrize(
    ("fields", "moves"),
    [
        ({"points_possible": 40}, True),
        ({"grading_type": "percent"}, True),
        ({"published": False}, False),
        ({"post_to_sis": False}, False),
        ({"name": "Renamed"}, False),
        ({"due_at": "2026-12-05T10:00:00Z"}, False),
    ],
)
async def test_graded_at_moves_with_points_and_scheme_of_the_assignment_only(
    room, clock, fields, moves
):
    made = await room.assign()
    was = (await room.mark(made, posted_grade="15"))["graded_at"]
    now = clock.on(hours=1)
    await room.change(made, **fields)
    submission = await room.submission(made)
    assert submission["graded_at"] == (now if moves else was)
    assert submission["score"] == 15.0
    assert submission["grade"] == ("75%" if "grading_type" in fields else "15")


async def test_graded_at_stays_when_the_group_changes(room, clock):
    made = await room.assign()
    was = (await room.mark(made, posted_grade="15"))["graded_at"]
    _, group = await room.call("POST", "assignment_groups", json={"name": "Other"})
    clock.on(hours=1)
    await room.change(made, assignment_group_id=group["id"])
    assert (await room.submission(made))["graded_at"] == was


async def test_hiding_and_posting_move_posted_at_alone(room, clock):
    made = await room.assign()
    marked = await room.mark(made, posted_grade="15")
    assert marked["posted_at"] == marked["graded_at"]
    clock.on(hours=1)
    assert await room.post(made, posted=False) == {"changed": 1}
    hidden = await room.submission(made)
    assert (hidden["posted_at"], hidden["graded_at"]) == (None, marked["graded_at"])
    now = clock.on(hours=1)
    await room.post(made, posted=True)
    shown = await room.submission(made)
    assert (shown["posted_at"], shown["graded_at"]) == (now, marked["graded_at"])


async def test_grades_of_an_assignment_posted_by_hand_wait(room):
    made = await room.assign(post_manually=True)
    assert (await room.mark(made, posted_grade="15"))["posted_at"] is None


@pytest.mark.parametrize(
    "submission", [{"excuse": False}, {"posted_grade": None}, {"excuse": None}, {}]
)
async def test_json_null_and_false_are_as_good_as_not_sent(room, submission):
    made = await room.assign()
    before = await room.mark(made, excuse="true")
    path = f"assignments/{made['id']}/submissions/sis_user_id:U1"
    status, after = await room.call("PUT", path, json={"submission": submission})
    assert (status, after) == (200, before)


async def test_a_student_it_is_not_assigned_to_is_not_graded(room):
    made = await room.assign(only_visible_to_overrides=True)
    await room.override(made, course_section_id="sis_section_id:S4")
    path = f"assignments/{made['id']}/submissions"
    data = {"submission[posted_grade]": "15"}
    assert (await room.call("PUT", f"{path}/sis_user_id:U1", data=data))[0] == 401
    assert (await room.call("PUT", f"{path}/sis_user_id:U2", data=data))[0] == 200
    assert (await room.call("PUT", f"{path}/sis_user_id:NOBODY", data=data))[0] == 404


async def test_grading_takes_the_right_an_open_period_and_no_fault(room, quarters):
    await quarters()
    made = await room.assign(due_at="2026-09-10T10:00:00Z")
    path = f"assignments/{made['id']}/submissions/sis_user_id:U1"
    data = {"submission[posted_grade]": "15"}
    looker, grader = await room.token("view_all_grades"), await room.token("manage_grades")
    for headers in (looker, grader):
        assert (await room.call("PUT", path, data=data, headers=headers))[0] == 401
    assert (await room.call("PUT", path, data=data))[0] == 200
    await room.canvas.control("PUT", "faults", json={"faults": ["grading-refused:1"]})
    assert (await room.call("PUT", path, data=data))[0] == 401


async def test_every_change_of_a_grade_is_on_record_cleared_ones_too(room, clock):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    since = clock.on(hours=1)
    for act in (CLEAR, EXCUSE, UNEXCUSE, {"late_policy_status": "late"}):
        await room.mark(made, **act)
    course = made["course_id"]
    log = f"audit/grade_change/courses/{course}"
    told = [
        (one["grade_before"], one["grade_after"], one["excused_before"], one["excused_after"])
        for one in (await room.canvas.get(f"{log}?start_time={since}"))["events"]
    ]
    assert told == [
        (None, None, True, False),
        (None, None, False, True),
        ("15", None, False, False),
    ]
    for path in (
        log,
        f"audit/grade_change/assignments/{made['id']}",
        "audit/grade_change/graders/1",
    ):
        assert len((await room.canvas.get(path))["events"]) == 4
    student = "audit/grade_change/students/sis_user_id:U3"
    assert (await room.canvas.get(student))["events"] == []
    headers = await room.token("view_all_grades")
    assert (await room.canvas.call("GET", log, headers=headers))[0] == 401


# -- late and missing -------------------------------------------------------------------------

DUE = "2026-11-20T12:00:00Z"


@pytest.mark.parametrize(
    ("at", "marks", "late", "missing", "seconds"),
    [
        ("2026-11-20T12:30:00Z", {}, True, False, 1800),
        ("2026-11-20T11:30:00Z", {}, False, False, 0),
        (None, {}, False, True, 0),
        (None, {"posted_grade": "15"}, False, False, 0),
        (None, {"posted_grade": "0"}, False, True, 0),
        (None, {"excuse": "true"}, False, False, 0),
        (None, {"late_policy_status": "none"}, False, False, 0),
        ("2026-11-20T12:30:00Z", {"late_policy_status": "none"}, False, False, 0),
        ("2026-11-20T11:30:00Z", {"late_policy_status": "missing"}, False, True, 0),
        (None, {"late_policy_status": "late", "seconds_late_override": "60"}, True, False, 60),
    ],
)
async def test_late_and_missing_follow_dates_until_a_status_says_otherwise(
    room, at, marks, late, missing, seconds
):
    made = await room.assign(due_at=DUE, **ONLINE)
    if at:
        await room.hand_in(made, submitted_at=at)
    if marks:
        await room.mark(made, **marks)
    found = await room.submission(made)
    assert (found["late"], found["missing"], found["seconds_late"]) == (late, missing, seconds)


async def test_work_that_is_not_handed_in_to_canvas_is_never_missing_by_itself(room):
    made = await room.assign(due_at=DUE, submission_types=["on_paper"])
    assert (await room.submission(made))["missing"] is False


async def test_lateness_is_by_the_students_own_due_date(room):
    made = await room.assign(due_at=DUE, **ONLINE)
    await room.override(made, course_section_id="sis_section_id:S3", due_at="2026-11-21T12:00:00Z")
    await room.override(made, student_ids=["sis_user_id:U3"], due_at="2026-11-22T12:00:00Z")
    dates = {}
    for student in ("U1", "U2", "U3"):
        found = await room.hand_in(made, student, submitted_at="2026-11-20T13:00:00Z")
        dates[student] = (found["cached_due_date"], found["late"])
    assert dates == {
        "U1": ("2026-11-21T12:00:00Z", False),
        "U2": (DUE, True),
        "U3": ("2026-11-22T12:00:00Z", False),
    }


POLICY = {
    "late_submission_deduction_enabled": True,
    "late_submission_deduction": 10,
    "late_submission_interval": "day",
    "missing_submission_deduction_enabled": True,
    "missing_submission_deduction": 75,
}


async def policy(room, **fields):
    status, made = await room.call("POST", "late_policy", json={"late_policy": POLICY | fields})
    assert status == 201, made


@pytest.mark.parametrize(
    ("at", "fields", "posted", "score", "deducted"),
    [
        ("2026-11-20T13:00:00Z", {}, "20", 18.0, 2.0),
        ("2026-11-22T13:00:00Z", {}, "20", 14.0, 6.0),
        ("2026-11-20T11:00:00Z", {}, "20", 20.0, None),
        ("2026-11-22T13:00:00Z", {"late_submission_interval": "hour"}, "20", 0.0, 20.0),
        (
            "2026-11-22T13:00:00Z",
            {
                "late_submission_minimum_percent_enabled": True,
                "late_submission_minimum_percent": 80,
            },
            "20",
            16.0,
            4.0,
        ),
    ],
)
async def test_a_late_policy_takes_points_off_and_keeps_what_was_entered(
    room, at, fields, posted, score, deducted
):
    await policy(room, **fields)
    made = await room.assign(due_at=DUE, **ONLINE)
    await room.hand_in(made, submitted_at=at)
    marked = await room.mark(made, posted_grade=posted)
    assert (marked["score"], marked["points_deducted"]) == (score, deducted)
    assert (marked["entered_score"], marked["entered_grade"]) == (20.0, "20")


async def test_a_late_status_taken_away_gives_the_points_back(room):
    await policy(room)
    made = await room.assign(due_at=DUE, **ONLINE)
    await room.hand_in(made, submitted_at="2026-11-20T13:00:00Z")
    await room.mark(made, posted_grade="20")
    mended = await room.mark(made, late_policy_status="none")
    assert (mended["score"], mended["points_deducted"]) == (20.0, None)


async def test_missing_work_gets_what_the_policy_gives_it(room):
    await policy(room)
    made = await room.assign(due_at=DUE, **ONLINE)
    marked = await room.mark(made, late_policy_status="missing")
    assert (marked["score"], marked["workflow_state"]) == (5.0, "graded")


async def test_a_late_policy_is_read_and_changed(room):
    assert (await room.call("GET", "late_policy"))[0] == 404
    await policy(room)
    body = {"late_policy": {"late_submission_deduction": 5}}
    assert (await room.call("PATCH", "late_policy", json=body))[0] == 204
    held = (await room.get("late_policy"))["late_policy"]
    assert (held["late_submission_deduction"], held["missing_submission_deduction"]) == (5.0, 75.0)
    assert (await room.call("POST", "late_policy", json=body))[0] == 400


async def test_a_comment_is_kept_and_changes_no_grade(room, clock):
    made = await room.assign()
    before = await room.mark(made, posted_grade="15")
    path = f"assignments/{made['id']}/submissions/sis_user_id:U1"
    clock.on(hours=1)
    _, after = await room.call("PUT", path, data={"comment[text_comment]": "Well done"})
    (comment,) = after.pop("submission_comments")
    assert (comment["comment"], comment["author_name"]) == ("Well done", "Sandbox Administrator")
    assert before.pop("submission_comments") == []
    assert after == before
    (listed,) = await read(room, "student_ids[]=sis_user_id:U1&include[]=submission_comments")
    assert listed["submission_comments"] == [comment]


async def test_a_change_whose_answer_is_lost_is_made_all_the_same(room):
    made = await room.assign()
    # aiohttp tries a PUT again by itself when a kept connection breaks: no use in losing one answer.
    await room.canvas.control("PUT", "faults", json={"faults": ["changed-then-dropped"]})
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await room.mark(made, posted_grade="15")
    await room.canvas.control("PUT", "faults", json={"faults": []})
    assert (await room.submission(made))["score"] == 15.0


# -- handing in -------------------------------------------------------------------------------


async def test_work_handed_in_again_keeps_its_grade_which_does_not_match_it(room):
    made = await room.assign(**ONLINE)
    first = await room.hand_in(made)
    assert (first["workflow_state"], first["attempt"]) == ("submitted", 1)
    await room.mark(made, posted_grade="15")
    second = await room.hand_in(made)
    assert (second["attempt"], second["score"]) == (2, 15.0)
    assert (second["workflow_state"], second["grade_matches_current_submission"]) == (
        "submitted",
        False,
    )
    cleared = await room.mark(made, posted_grade="")
    assert (cleared["workflow_state"], cleared["score"]) == ("submitted", None)


async def test_work_of_another_kind_is_not_taken(room):
    made = await room.assign(submission_types=["on_paper"])
    body = {"submission": {"submission_type": "online_url", "user_id": "sis_user_id:U1"}}
    path = f"assignments/{made['id']}/submissions"
    assert (await room.call("POST", path, json=body))[0] == 400


# -- many at once -----------------------------------------------------------------------------


async def test_many_are_graded_at_once_and_a_progress_tells(room):
    made = await room.assign()
    path = f"assignments/{made['id']}/submissions/update_grades"
    data = {
        "grade_data[sis_user_id:U1][posted_grade]": "15",
        "grade_data[sis_user_id:U3][excuse]": "true",
    }
    status, started = await room.call("POST", path, data=data)
    assert (status, started["workflow_state"]) == (200, "queued")
    await room.canvas.idle()
    progress = await room.canvas.get(f"progress/{started['id']}")
    assert (progress["workflow_state"], progress["completion"]) == ("completed", 100)
    assert (await room.submission(made, "U1"))["score"] == 15.0
    assert (await room.submission(made, "U3"))["excused"] is True


async def test_unknown_students_fail_the_progress_and_not_the_others(room):
    made = await room.assign()
    data = {
        "grade_data": {
            str(made["id"]): {
                "sis_user_id:U1": {"posted_grade": 7},
                "sis_user_id:NOBODY": {"posted_grade": 7},
            }
        }
    }
    _, started = await room.call("POST", "submissions/update_grades", json=data)
    await room.canvas.idle()
    progress = await room.canvas.get(f"progress/{started['id']}")
    assert progress["workflow_state"] == "failed"
    assert "sis_user_id:NOBODY" in progress["message"]
    assert (await room.submission(made, "U1"))["score"] == 7.0
    assert (await room.call("POST", "submissions/update_grades", json={}))[0] == 400


# -- reading ----------------------------------------------------------------------------------


async def read(room, query, path=None):
    return await room.canvas.get(f"{path or room.path}/students/submissions?{query}")


async def test_everybody_has_a_submission_from_the_first_and_it_keeps_its_id(room):
    made = await room.assign()
    before = await read(room, "student_ids[]=all")
    assert [one["workflow_state"] for one in before] == ["unsubmitted"] * 4
    await room.mark(made, posted_grade="15")
    after = await read(room, "student_ids[]=all")
    assert [one["id"] for one in after] == [one["id"] for one in before]


async def test_grouped_submissions_name_the_student_as_the_sis_does(room):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    grouped = await read(room, "student_ids[]=all&grouped=1")
    assert [one["sis_user_id"] for one in grouped] == ["U1", "U2", "U3", "P1"]
    first = grouped[0]
    assert set(first) == {"user_id", "section_id", "sis_user_id", "integration_id", "submissions"}
    assert [one["score"] for one in first["submissions"]] == [15.0]
    plain = await room.token("view_all_grades")
    path = f"{room.path}/students/submissions?student_ids[]=all&grouped=1"
    _, without = await room.canvas.call("GET", path, headers=plain)
    assert "sis_user_id" not in without[0]


async def test_grouping_is_asked_for_by_presence(room):
    await room.assign()
    grouped = await read(room, "student_ids[]=all&grouped=0")
    assert "submissions" in grouped[0]


async def test_a_section_has_its_own_students_only(room):
    await room.assign()
    for section, students in (("S3", ["U1", "U3"]), ("S9", ["P1"])):
        path = f"sections/sis_section_id:{section}"
        grouped = await read(room, "student_ids[]=all&grouped=1", path)
        assert [one["sis_user_id"] for one in grouped] == students


async def test_only_those_it_is_assigned_to_have_one(room):
    made = await room.assign(only_visible_to_overrides=True)
    await room.override(made, course_section_id="sis_section_id:S4")
    (only,) = await read(room, "student_ids[]=all")
    bob = await room.canvas.get("users/sis_user_id:U2")
    assert only["user_id"] == bob["id"]


async def test_a_grade_stays_to_be_seen_when_the_assignment_is_taken_away(room):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    await room.change(made, only_visible_to_overrides=True)
    (left,) = await read(room, "student_ids[]=all&include[]=visibility")
    assert (left["score"], left["assignment_visible"]) == (15.0, False)


@pytest.mark.parametrize(
    ("query", "scores"),
    [
        ("", [15.0, None, None, None]),
        ("workflow_state=graded", [15.0]),
        ("workflow_state=unsubmitted", [None, None]),
        ("workflow_state=submitted", [None]),
        ("graded_since=2026-11-23T08:59:59Z", [15.0]),
        ("graded_since=2026-11-23T09:00:00Z", []),
        ("submitted_since=2026-11-22T08:00:00Z", [None]),
        ("submitted_since=2026-11-22T10:00:00Z", []),
        ("order=graded_at&order_direction=descending", [15.0, None, None, None]),
        ("order_direction=descending", [None, None, None, 15.0]),
    ],
)
async def test_submissions_are_filtered_and_ordered(room, query, scores):
    made = await room.assign(**ONLINE)
    await room.mark(made, posted_grade="15")
    await room.hand_in(made, "U3", submitted_at="2026-11-22T09:00:00Z")
    found = await read(room, f"student_ids[]=all&{query}")
    assert [one["score"] for one in found] == scores


async def test_what_a_clear_leaves_is_not_among_what_was_graded_since(room, clock):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    since = clock.on(hours=1)
    await room.mark(made, posted_grade="")
    assert await read(room, f"student_ids[]=all&graded_since={since}") == []


async def test_post_to_sis_drops_other_assignments_and_students_added_by_hand(room):
    await room.assign(name="Told")
    await room.assign(name="Kept", post_to_sis=False)
    data = {"enrollment[user_id]": "1", "enrollment[type]": "StudentEnrollment"}
    await room.call("POST", "enrollments", data=data)
    everything = await read(room, "student_ids[]=all&grouped=1")
    told = await read(room, "student_ids[]=all&grouped=1&post_to_sis=true")
    assert [len(one["submissions"]) for one in everything] == [2] * 5
    assert [len(one["submissions"]) for one in told] == [1] * 4


@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        (
            "student_ids[]=all&assignment_ids[]=99",
            403,
            {"error": "invalid assignment ids requested"},
        ),
        ("student_ids[]=all&enrollment_state=odd", 400, {"error": "invalid enrollment_state"}),
        (
            "student_ids[]=all&graded_since=now",
            400,
            {"errors": {"graded_since": "Invalid datetime for graded_since"}},
        ),
        (
            "student_ids[]=all&submitted_since=2026-11-23",
            400,
            {"errors": {"submitted_since": "Invalid datetime for submitted_since"}},
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_in_canvass_words(room, query, status, error):
    await room.assign()
    path = f"{room.path}/students/submissions?{query}"
    assert await room.canvas.call("GET", path) == (status, error)


async def test_too_many_students_are_refused_and_strangers_as_well(room):
    await room.canvas.control("PUT", "knobs", json={"page_max": 2})
    path = f"{room.path}/students/submissions?student_ids[]=sis_user_id:U1&student_ids[]=sis_user_id:U2"
    assert (await room.canvas.call("GET", path))[0] == 200
    more = f"{path}&student_ids[]=sis_user_id:U3"
    assert await room.canvas.call("GET", more) == (400, {"error": "too many students"})
    assert (await room.canvas.call("GET", f"{room.path}/students/submissions?student_ids[]=1"))[
        0
    ] == 401


async def test_an_unpublished_assignment_may_not_be_asked_for(room):
    made = await room.assign(published=False)
    path = f"{room.path}/students/submissions?student_ids[]=all&assignment_ids[]={made['id']}"
    assert (await room.canvas.call("GET", path))[0] == 403
    assert await read(room, "student_ids[]=all") == []


@pytest.mark.parametrize(
    ("query", "students"),
    [
        ("", ["U1", "U2", "U3", "P1"]),
        ("enrollment_state=active", ["U2", "U3", "P1"]),
        ("enrollment_state=concluded", ["U1"]),
        ("enrollment_state=concluded&state_based_on_date=false", ["U1"]),
        ("enrollment_state=active&state_based_on_date=false", ["U2", "U3", "P1"]),
    ],
)
async def test_students_are_chosen_by_the_state_of_their_enrollment(room, query, students):
    await room.assign()
    rows = table(ENROLLMENTS, "C2,S3,U1,student,completed")
    await room.canvas.good({"enrollments.csv": rows})
    grouped = await read(room, f"student_ids[]=all&grouped=1&{query}")
    assert [one["sis_user_id"] for one in grouped] == students


async def test_after_the_term_everybody_is_concluded_by_date(room, clock):
    await room.assign()
    clock.on(days=60)
    query = "student_ids[]=all&grouped=1&enrollment_state={}&state_based_on_date={}"
    assert len(await read(room, query.format("concluded", "true"))) == 4
    assert len(await read(room, query.format("concluded", "false"))) == 0
    assert len(await read(room, query.format("active", "false"))) == 4


async def test_a_dropped_student_is_gone_and_a_returned_one_has_the_old_grades(room):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    rows = "C2,S3,U1,student,{}"
    dropped = table(ENROLLMENTS, rows.format("deleted"))
    await room.canvas.good({"enrollments.csv": dropped})
    assert len(await read(room, "student_ids[]=all")) == 3
    await room.canvas.good({"enrollments.csv": table(ENROLLMENTS, rows.format("active"))})
    assert (await room.submission(made))["score"] == 15.0


async def test_fields_are_included_chosen_and_left_out(room):
    made = await room.assign()
    await room.mark(made, posted_grade="15")
    query = "student_ids[]=sis_user_id:U1&include[]=assignment&include[]=user&include[]=course"
    (found,) = await read(room, query)
    assert (found["assignment"]["id"], found["user"]["sis_user_id"]) == (made["id"], "U1")
    assert found["course"]["sis_course_id"] == "C2"
    (few,) = await read(room, "student_ids[]=sis_user_id:U1&response_fields[]=score")
    assert set(few) == {"score", "preview_url"}
    without = "exclude_response_fields[]=preview_url&exclude_response_fields[]=body"
    (less,) = await read(room, f"student_ids[]=sis_user_id:U1&{without}")
    assert not {"preview_url", "body"} & set(less)


async def test_submissions_of_a_grading_period_are_those_due_in_it(room, quarters):
    first, second = await quarters()
    await room.assign(name="Old", due_at="2026-09-10T10:00:00Z")
    new = await room.assign(name="New", due_at="2026-11-10T10:00:00Z")
    undated = await room.assign(name="Whenever")
    found = await read(room, f"student_ids[]=sis_user_id:U1&grading_period_id={second}")
    assert [one["assignment_id"] for one in found] == [new["id"], undated["id"]]
    assert {one["grading_period_id"] for one in found} == {int(second)}
    periods = (await room.get("grading_periods"))["grading_periods"]
    assert [(p["id"], p["is_closed"], p["is_last"]) for p in periods] == [
        (first, True, False),
        (second, False, True),
    ]


async def test_pages_of_submissions_are_followed_without_gap_or_repeat(room):
    for n in range(7):
        await room.assign(name=f"No {n}")
    path = f"{room.path}/students/submissions?student_ids[]=all&per_page=5"
    found = await room.canvas.everything(path)
    assert len({one["id"] for one in found}) == len(found) == 28
    grouped = await room.canvas.everything(f"{path.replace('=5', '=3')}&grouped=1")
    assert [len(one["submissions"]) for one in grouped] == [7] * 4


async def test_the_gradebook_is_there_after_a_restart(tmp_path, clock):
    body = {"assignment": {"name": "Essay", "points_possible": 20, "published": True}}
    mark = {"submission[posted_grade]": "15"}
    course = "courses/sis_course_id:C2"
    async with client_of(tmp_path, clock=clock) as canvas:
        await canvas.good(SCHOOL)
        _, made = await canvas.call("POST", f"{course}/assignments", json=body)
        path = f"{course}/assignments/{made['id']}/submissions/sis_user_id:U1"
        _, before = await canvas.call("PUT", path, data=mark)
    async with client_of(tmp_path, clock=clock) as canvas:
        after = await canvas.get(path)
    assert (after["id"], after["score"]) == (before["id"], 15.0)
