"""Batch mode and its traps: what a term's import does not mention is removed, after the rows."""

import pytest

from canvas_sandbox import COURSES, ENROLLMENTS, SECTIONS, USERS, table

TERMS = "term_id,name,status"
BATCH = {"batch_mode": "true", "batch_mode_term_id": "sis_term_id:T1"}
MULTI = {"multi_term_batch_mode": "true", "change_threshold": "100"}


async def test_unmentioned_enrollments_of_the_term_go_and_others_stay(school, enrolled):
    await school.good(
        {
            "terms.csv": table(TERMS, "T2,Spring,active"),
            "courses.csv": table(COURSES, "C9,ART,Art,A,T2,active"),
            "enrollments.csv": table(ENROLLMENTS, "C9,,U1,student,active"),
        }
    )
    batch = await school.send(
        {"enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,active")}, **BATCH
    )
    assert batch["workflow_state"] == "imported"
    assert batch["batch_mode"] is True
    assert batch["batch_mode_term_id"] == 2
    assert batch["data"]["counts"]["batch_enrollments_deleted"] == 3
    assert "batch_courses_deleted" not in batch["data"]["counts"]
    states = await enrolled(school)
    assert states["U1", "S1", "student"] == "active"
    assert states["U1", "", "student"] == "active"
    assert states["U2", "S1", "teacher"] == "deleted"


async def test_a_file_of_a_header_takes_the_whole_term(school, enrolled):
    batch = await school.send(
        {"enrollments.csv": table(ENROLLMENTS), "courses.csv": table(COURSES)}, **BATCH
    )
    counts = batch["data"]["counts"]
    assert (counts["batch_enrollments_deleted"], counts["batch_courses_deleted"]) == (4, 2)
    assert "batch_sections_deleted" not in counts
    assert set((await enrolled(school)).values()) == {"deleted"}


async def test_a_refused_row_does_not_protect_its_enrollment(school, enrolled):
    rows = table(ENROLLMENTS, "C1,S1,U1,studnet,active", "C1,S1,U2,teacher,active")
    batch = await school.send({"enrollments.csv": rows}, **BATCH)
    assert batch["workflow_state"] == "imported_with_messages"
    assert (await enrolled(school))["U1", "S1", "student"] == "deleted"


async def test_a_file_refused_whole_is_not_supplied_and_cleans_nothing(school, enrolled):
    batch = await school.send({"enrollments.csv": table(ENROLLMENTS, 'C1,"S1"x,U1')}, **BATCH)
    assert batch["workflow_state"] == "failed_with_messages"
    assert set((await enrolled(school)).values()) == {"active"}


async def test_what_was_made_by_hand_is_left_alone(school, enrolled):
    data = {"enrollment[user_id]": "sis_user_id:P1", "enrollment[type]": "TaEnrollment"}
    await school.call("POST", "courses/sis_course_id:C1/enrollments", data=data)
    made = {"course[name]": "By hand", "course[term_id]": "2"}
    await school.call("POST", "accounts/self/courses", data=made)
    await school.send({"enrollments.csv": table(ENROLLMENTS)}, **BATCH)
    assert (await enrolled(school))["P1", "S1", "ta"] == "active"
    await school.send({"courses.csv": table(COURSES)}, **BATCH)
    names = [found["name"] for found in await school.get("accounts/self/courses")]
    assert names == ["By hand"]


async def test_observers_that_follow_a_link_are_nobodys_rows(school, enrolled):
    await school.good(
        {"user_observers.csv": table("observer_id,student_id,status", "P1,U1,active")}
    )
    rows = table(ENROLLMENTS, "C1,S1,U1,student,active", "C2,S3,U1,student,active")
    await school.send({"enrollments.csv": rows}, **BATCH)
    assert (await enrolled(school))["P1", "S1", "observer"] == "active"
    await school.send({"enrollments.csv": table(ENROLLMENTS)}, **BATCH)
    assert (await enrolled(school))["P1", "S1", "observer"] == "deleted"


async def test_a_cross_listed_section_belongs_to_the_term_of_its_own_course(school):
    await school.good(
        {
            "terms.csv": table(TERMS, "T2,Spring,active"),
            "courses.csv": table(COURSES, "X,X,Other term,A,T2,active"),
            "xlists.csv": table("xlist_course_id,section_id,status", "X,S1,active"),
        }
    )
    rows = table(SECTIONS, "S2,C1,Algebra 2,active", "S3,C2,Biology 1,active")
    batch = await school.send({"sections.csv": rows}, **BATCH)
    assert batch["data"]["counts"]["batch_sections_deleted"] == 1


@pytest.mark.parametrize(("threshold", "goes"), [("50", False), ("74", False), ("75", True)])
async def test_more_than_the_threshold_aborts_the_cleanup_and_keeps_the_rows(
    school, enrolled, threshold, goes
):
    files = {
        "users.csv": table(USERS, "U1,ann,active,Renamed,"),
        "enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,active"),
    }
    batch = await school.send(files, change_threshold=threshold, **BATCH)
    assert (batch["workflow_state"] == "imported") is goes
    assert ((await enrolled(school))["U2", "S1", "teacher"] == "deleted") is goes
    assert (await school.get("users/sis_user_id:U1"))["name"] == "Renamed"
    if not goes:
        assert batch["workflow_state"] == "aborted"
        message = f"3 enrollments would be deleted and exceeds the set threshold of {threshold}%"
        assert batch["processing_errors"] == [[None, message]]


async def test_courses_are_checked_first_and_nothing_goes_when_one_type_is_over(school):
    files = {"courses.csv": table(COURSES), "enrollments.csv": table(ENROLLMENTS)}
    batch = await school.send(files, change_threshold="50", **BATCH)
    message = "2 courses would be deleted and exceeds the set threshold of 50%"
    assert batch["processing_errors"] == [[None, message]]


@pytest.mark.parametrize(
    ("status", "state"), [("completed", "concluded"), ("inactive", "inactive")]
)
async def test_enrollments_are_dropped_as_asked(school, enrolled, status, state):
    await school.send(
        {"enrollments.csv": table(ENROLLMENTS)}, batch_mode_enrollment_drop_status=status, **BATCH
    )
    assert set((await enrolled(school)).values()) == {state}


async def test_a_drop_status_that_cleanup_does_not_know_fails_the_import(school):
    batch = await school.send(
        {"enrollments.csv": table(ENROLLMENTS)},
        batch_mode_enrollment_drop_status="deleted_last_completed",
        **BATCH,
    )
    assert batch["workflow_state"] == "failed"


async def test_skipping_deletes_does_not_hold_the_cleanup_of_a_term(school, enrolled):
    await school.send({"enrollments.csv": table(ENROLLMENTS)}, skip_deletes="true", **BATCH)
    assert set((await enrolled(school)).values()) == {"deleted"}


async def test_several_terms_are_cleaned_when_they_are_in_the_import(school, enrolled):
    await school.good(
        {
            "terms.csv": table(TERMS, "T2,Spring,active"),
            "courses.csv": table(COURSES, "C9,ART,Art,A,T2,active"),
            "enrollments.csv": table(ENROLLMENTS, "C9,,U1,student,active"),
        }
    )
    only_one = {
        "terms.csv": table(TERMS, "T2,Spring,active"),
        "enrollments.csv": table(ENROLLMENTS),
    }
    batch = await school.send(only_one, **MULTI)
    assert batch["multi_term_batch_mode"] is True
    assert batch["data"]["counts"]["batch_enrollments_deleted"] == 1
    assert (await enrolled(school))["U1", "S1", "student"] == "active"


async def test_several_terms_without_terms_abort_after_the_rows(school):
    files = {"users.csv": table(USERS, "U1,ann,active,Renamed,")}
    batch = await school.send(files, **MULTI)
    assert batch["workflow_state"] == "aborted"
    message = "Terms not found. Terms must be included with multi_term_batch_mode"
    assert batch["processing_errors"] == [[None, message]]
    assert (await school.get("users/sis_user_id:U1"))["name"] == "Renamed"


async def test_progress_starts_anew_for_the_cleanup(school):
    await school.control("PUT", "knobs", json={"stepped": True})
    _, created = await school.post({"enrollments.csv": table(ENROLLMENTS)}, **BATCH)
    await school.control("POST", "steps")
    waiting = (await school.control("GET", "steps?wait=10"))["waiting"]
    assert waiting["step"] == "cleanup"
    cleaning = await school.show(created["id"])
    assert (cleaning["workflow_state"], cleaning["progress"]) == ("cleanup_batch", 0)
    listed = await school.get("accounts/self/sis_imports/importing")
    assert [found["id"] for found in listed["sis_imports"]] == [created["id"]]
    await school.control("PUT", "knobs", json={"stepped": False})
    await school.idle()


async def test_what_the_cleanup_removed_can_be_undone_by_itself(school, enrolled):
    rows = table(ENROLLMENTS, "C1,S1,U1,student,completed")
    batch = await school.send({"enrollments.csv": rows}, **BATCH)
    path = f"accounts/self/sis_imports/{batch['id']}/restore_states"
    await school.call("PUT", path, data={"batch_mode": "true"})
    await school.idle()
    states = await enrolled(school)
    assert states["U1", "S1", "student"] == "concluded"
    assert states["U2", "S1", "teacher"] == "active"
    assert (await school.show(batch["id"]))["workflow_state"] == "partially_restored"
