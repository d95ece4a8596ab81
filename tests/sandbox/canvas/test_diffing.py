"""Diffing and its traps: it compares files with files, and never looks at what Canvas holds."""

import pytest

from canvas_sandbox import ACCOUNTS, CATEGORIES, COURSES, ENROLLMENTS, USERS, table

ALL = ("C1,S1,U1,student,active", "C1,S1,U2,teacher,active", "C2,S3,U3,student,active")
LESS = ALL[:2]


def enrollments(*rows):
    return {"enrollments.csv": table(ENROLLMENTS, *rows)}


async def feed(canvas, files, **parameters):
    return await canvas.send(files, diffing_data_set_identifier="feed", **parameters)


async def test_the_first_import_is_whole_and_the_next_only_what_differs(school, enrolled):
    first = await feed(school, enrollments(*ALL))
    assert "diffed_against_sis_batch_id" not in first["data"]
    second = await feed(school, enrollments(*LESS, "C1,S2,U3,student,active"))
    assert second["data"]["diffed_against_sis_batch_id"] == first["id"]
    assert second["diffed_against_import_id"] is None
    assert second["data"]["counts"]["enrollments"] == 2
    states = await enrolled(school)
    assert states["U3", "S3", "student"] == "deleted"
    assert states["U3", "S2", "student"] == "active"
    (diffed,) = second["diffed_csv_attachments"]
    _, text = await school.call("GET", diffed["url"])
    assert text == table(ENROLLMENTS, "C1,S2,U3,student,active", "C2,S3,U3,student,deleted")


async def test_an_unchanged_file_imports_nothing(school):
    await feed(school, enrollments(*ALL))
    again = await feed(school, enrollments(*ALL))
    assert again["workflow_state"] == "imported"
    assert again["data"]["counts"]["enrollments"] == 0


async def test_what_somebody_removed_by_hand_is_never_put_back(school, enrolled):
    await feed(school, enrollments(*ALL))
    mine = await school.get("courses/sis_course_id:C2/enrollments?sis_user_id[]=U3")
    path = f"courses/sis_course_id:C2/enrollments/{mine[0]['id']}?task=delete"
    await school.call("DELETE", path)
    await feed(school, enrollments(*ALL))
    assert (await enrolled(school))["U3", "S3", "student"] == "deleted"


async def test_the_base_is_the_latest_diffed_or_remastered_import(school):
    first = await feed(school, enrollments(*ALL))
    second = await feed(school, enrollments(*ALL))
    third = await feed(school, enrollments(*LESS))
    assert third["data"]["diffed_against_sis_batch_id"] == second["id"]
    master = await feed(school, enrollments(*ALL), diffing_remaster_data_set="true")
    assert master["data"]["counts"]["enrollments"] == 3
    assert "diffed_against_sis_batch_id" not in master["data"]
    fifth = await feed(school, enrollments(*ALL))
    assert fifth["data"]["diffed_against_sis_batch_id"] == master["id"]
    assert second["data"]["diffed_against_sis_batch_id"] == first["id"]


async def test_a_failed_import_is_no_base_although_its_rows_are_applied(school, enrolled):
    first = await feed(school, enrollments(*ALL))
    failed = await feed(school, {**enrollments(*LESS), "bad.csv": "x,y\n"})
    assert failed["workflow_state"] == "failed_with_messages"
    assert (await enrolled(school))["U3", "S3", "student"] == "deleted"
    third = await feed(school, enrollments(*ALL))
    assert third["data"]["diffed_against_sis_batch_id"] == first["id"]


async def test_data_sets_do_not_know_each_other(school):
    await feed(school, enrollments(*ALL))
    other = await school.send(enrollments(*LESS), diffing_data_set_identifier="other")
    assert "diffed_against_sis_batch_id" not in other["data"]


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (
            {"change_threshold": "5"},
            "Diffing not performed because file size difference exceeded threshold",
        ),
        (
            {"diff_row_count_threshold": "1"},
            "Diffing not performed because difference row count exceeded threshold",
        ),
    ],
)
async def test_a_threshold_applies_the_whole_file_and_drops_nobody(
    school, enrolled, limit, message
):
    first = await feed(school, enrollments(*ALL))
    over = await feed(school, enrollments(ALL[0]), **limit)
    assert over["workflow_state"] == "imported_with_messages"
    assert over["processing_warnings"] == [[None, message]]
    assert over["diffing_threshold_exceeded"]
    assert over["data"]["counts"]["enrollments"] == 1
    assert (await enrolled(school))["U3", "S3", "student"] == "active"
    third = await feed(school, enrollments(*LESS))
    assert third["data"]["diffed_against_sis_batch_id"] == first["id"]
    assert not third["diffing_threshold_exceeded"]


async def test_after_five_overruns_only_a_remaster_helps(school):
    await feed(school, enrollments(*ALL))
    for _ in range(5):
        over = await feed(school, enrollments(ALL[0]), change_threshold="5")
        assert over["diffing_threshold_exceeded"]
    for _ in range(2):
        sixth = await feed(school, enrollments(*ALL))
        assert sixth["workflow_state"] == "failed_with_messages"
    await feed(school, enrollments(*ALL), diffing_remaster_data_set="true")
    assert (await feed(school, enrollments(*ALL)))["workflow_state"] == "imported"


async def test_a_missing_type_deletes_nothing_and_a_new_one_is_whole(school, enrolled):
    await feed(school, enrollments(*ALL))
    users = {"users.csv": table(USERS, "U1,ann,active,Ann Lee,")}
    assert (await feed(school, users))["data"]["counts"]["users"] == 1
    assert set((await enrolled(school)).values()) == {"active"}


async def test_other_headers_make_the_file_whole_and_its_drops_are_lost_for_good(school, enrolled):
    await feed(school, enrollments(*ALL))
    other = {"enrollments.csv": table(f"{ENROLLMENTS},notify", *(f"{row}," for row in LESS))}
    second = await feed(school, other)
    assert second["processing_warnings"] == [
        ["enrollments.csv", "Couldn't generate diff: CSV headers do not match, cannot diff"]
    ]
    assert second["data"]["counts"]["enrollments"] == 2
    third = await feed(school, other)
    assert third["data"]["diffed_against_sis_batch_id"] == second["id"]
    assert (await enrolled(school))["U3", "S3", "student"] == "active"


async def test_order_and_case_of_headers_and_blanks_around_values_do_not_matter(school):
    await feed(school, enrollments(*ALL))
    header = "User_ID,ROLE,status,Course_id,section_id,"
    rows = table(header, "U1,student, active ,C1,S1,x", 'U2,teacher,active,"C1 ",S1,y')
    second = await feed(school, {"enrollments.csv": rows})
    assert "processing_warnings" not in second
    assert second["data"]["counts"]["enrollments"] == 1


async def test_values_are_compared_as_text(school):
    header = f"{ENROLLMENTS},start_date,end_date"
    rows = ("C1,S1,U1,student,active,2026-08-01,2026-12-01", "C1,S1,U2,teacher,active,,")
    await feed(school, {"enrollments.csv": table(header, *rows)})
    written = [rows[0].replace("2026-08-01", "2026-08-01T00:00:00Z"), rows[1]]
    second = await feed(school, {"enrollments.csv": table(header, *written)})
    assert second["data"]["counts"]["enrollments"] == 1


async def test_the_last_of_two_rows_with_one_key_wins(school, enrolled):
    await feed(school, enrollments(*ALL))
    both = enrollments(*LESS, "C2,S3,U3,student,active", "C2,S3,U3,student,inactive")
    second = await feed(school, both)
    assert second["data"]["counts"]["enrollments"] == 1
    assert (await enrolled(school))["U3", "S3", "student"] == "inactive"


async def test_an_already_deleted_row_that_disappears_is_sent_once_more(school):
    await feed(school, enrollments(*LESS, "C2,S3,U3,student,deleted"))
    second = await feed(school, enrollments(*LESS))
    assert second["data"]["counts"]["enrollments"] == 1
    third = await feed(school, enrollments(*LESS))
    assert third["data"]["counts"]["enrollments"] == 0


@pytest.mark.parametrize(
    ("status", "state"),
    [("completed", "concluded"), ("inactive", "inactive"), ("deleted_last_completed", "concluded")],
)
async def test_enrollments_are_dropped_as_asked(school, enrolled, status, state):
    await feed(school, enrollments("C2,S3,U3,student,active", ALL[0]))
    await feed(school, enrollments(ALL[0]), diffing_drop_status=status)
    assert (await enrolled(school))["U3", "S3", "student"] == state


async def test_users_are_suspended_instead_when_asked_and_other_types_never(school, enrolled):
    users = table(USERS, "U1,ann,active,Ann Lee,", "U3,cat,active,Cat Fox,")
    await feed(school, {"users.csv": users, **enrollments(*ALL)})
    less = {"users.csv": table(USERS, "U1,ann,active,Ann Lee,"), **enrollments(*LESS)}
    await feed(school, less, diffing_user_remove_status="suspended")
    assert (await school.states("users", "user_id"))["U3"] == "suspended"
    assert (await enrolled(school))["U3", "S3", "student"] == "deleted"


async def test_deletes_that_a_diff_made_are_skipped_like_any_other(school, enrolled):
    await feed(school, enrollments(*ALL))
    await feed(school, enrollments(*LESS), skip_deletes="true")
    assert (await enrolled(school))["U3", "S3", "student"] == "active"


async def test_files_of_one_type_are_paired_by_name_and_otherwise_whole(school):
    parts = {"a/e.csv": table(ENROLLMENTS, ALL[0]), "b/e.csv": table(ENROLLMENTS, *ALL[1:])}
    await feed(school, parts)
    less = {**parts, "b/e.csv": table(ENROLLMENTS, ALL[1])}
    paired = await feed(school, less)
    assert paired["workflow_state"] == "imported"
    assert paired["data"]["counts"]["enrollments"] == 1
    renamed = {"a/e.csv": less["a/e.csv"], "c/e.csv": less["b/e.csv"]}
    whole = await feed(school, renamed)
    assert whole["processing_warnings"] == [
        [
            None,
            "Unable to perform diffing against mismatched previous and current enrollment imports",
        ]
    ]
    assert whole["data"]["counts"]["enrollments"] == 2


async def test_one_file_each_is_paired_whatever_the_names(school):
    await feed(school, {"monday.csv": table(ENROLLMENTS, *ALL)})
    second = await feed(school, {"tuesday.csv": table(ENROLLMENTS, *LESS)})
    assert second["data"]["counts"]["enrollments"] == 1


async def test_logins_have_no_status_and_are_added_again(school):
    header = "user_id,login_id,existing_user_id"
    await feed(school, {"logins.csv": table(header, "L1,l1,U1", "L2,l2,U2")})
    second = await feed(school, {"logins.csv": table(header, "L1,l1,U1")})
    assert second["processing_warnings"] == [
        [
            "logins.csv",
            "An existing Canvas user with the SIS ID L2 or login of l2 already exists, skipping",
        ]
    ]


async def test_group_categories_name_a_key_they_do_not_have_and_are_always_whole(school):
    rows = {"group_categories.csv": table(CATEGORIES, "GC,Project,,C1,active")}
    await feed(school, rows)
    second = await feed(school, rows)
    assert second["data"]["counts"]["group_categories"] == 1
    assert second["processing_warnings"][0][1].startswith("Couldn't generate diff: ")


async def test_a_type_without_a_key_crashes_the_import(school):
    header = "abstract_course_id,short_name,long_name,status"
    rows = {"abstract.csv": table(header, "AB,ABS,Abstract,active"), **enrollments(*ALL)}
    await feed(school, rows)
    second = await feed(school, rows)
    assert second["workflow_state"] == "failed"
    assert "processing_errors" not in second
    assert second["data"]["counts"]["enrollments"] == 0


async def test_every_other_type_is_diffed_by_its_key(school):
    one = {
        "accounts.csv": table(ACCOUNTS, "A,,Lincoln,active", "D,,Doomed,active"),
        "courses.csv": table(COURSES, "C1,ALG,Algebra,A,T1,active", "CD,D,Doomed,A,T1,active"),
    }
    two = {
        "accounts.csv": table(ACCOUNTS, "A,,Lincoln,active"),
        "courses.csv": table(COURSES, "C1,ALG,Algebra,A,T1,active"),
    }
    await feed(school, one)
    second = await feed(school, two)
    assert second["data"]["counts"]["accounts"] == 1
    assert second["data"]["statistics"]["Course"]["deleted"] == 1


async def test_a_data_set_is_ignored_when_any_batch_mode_is_on(school):
    for mode in (
        {"batch_mode": "true", "batch_mode_term_id": "sis_term_id:T1"},
        {"multi_term_batch_mode": "false", "change_threshold": "100"},
    ):
        sent = await feed(school, {"users.csv": table(USERS, "U1,ann,active,Ann Lee,")}, **mode)
        assert sent["diffing_data_set_identifier"] is None
        assert sent["batch_mode"] is True
