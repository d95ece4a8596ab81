"""Users, logins, enrollments, observers and admins: how they are matched and what follows."""

import pytest

from canvas_sandbox import ENROLLMENTS, LOGINS, USERS, table

OBSERVERS = "observer_id,student_id,status"
ADMINS = "user_id,account_id,role,status"


async def test_an_unknown_user_that_is_deleted_is_a_success_that_makes_nobody(school):
    gone = await school.good({"users.csv": table(USERS, "Z,zed,deleted,Zed,")})
    assert gone["data"]["counts"]["users"] == 1
    assert (await school.call("GET", "users/sis_user_id:Z"))[0] == 404


async def test_a_login_without_sis_id_is_adopted_by_its_login_id_in_any_case(school):
    made = {"pseudonym[unique_id]": "Zoe@School.org"}
    _, zoe = await school.call("POST", "accounts/self/users", data=made)
    await school.good({"users.csv": table(USERS, "Z,zoe@school.ORG,active,Zoe,")})
    assert (await school.get("users/sis_user_id:Z"))["id"] == zoe["id"]


async def test_a_claimed_login_is_relabelled_only_on_request(school):
    rows = {"users.csv": table(USERS, "NEW,ann,active,Ann Lee,")}
    assert len(await school.said(rows)) == 1
    await school.good(rows, update_sis_id_if_login_claimed="true")
    assert (await school.get("users/sis_user_id:NEW"))["login_id"] == "ann"
    assert (await school.call("GET", "users/sis_user_id:U1"))[0] == 404


async def test_logins_are_swapped_only_in_an_order_that_frees_one_first(school):
    clash = table(USERS, "U1,bob,active,Ann Lee,", "U2,ann,active,Bob Ray,")
    assert len(await school.said({"users.csv": clash})) == 2
    freed = table(
        USERS,
        "U1,ann-free,active,Ann Lee,",
        "U2,ann,active,Bob Ray,",
        "U1,bob,active,Ann Lee,",
    )
    await school.good({"users.csv": freed})
    assert (await school.get("users/sis_user_id:U1"))["login_id"] == "bob"


async def test_a_suspended_user_keeps_login_and_enrollments(school, enrolled):
    await school.good({"users.csv": table(USERS, "U1,ann,suspended,Ann Lee,")})
    assert (await school.states("users", "user_id"))["U1"] == "suspended"
    assert (await enrolled(school))["U1", "S1", "student"] == "active"
    claimed = await school.said({"users.csv": table(USERS, "Z,ann,active,Zed,")})
    assert "has already claimed" in claimed[0]


async def test_with_the_last_login_go_enrollments_memberships_and_roles_and_stay_gone(
    school, enrolled
):
    await school.good(
        {
            "groups.csv": table("group_id,name,course_id,status", "G,Red,C1,available"),
            "groups_membership.csv": table("group_id,user_id,status", "G,U1,accepted"),
            "admins.csv": table(ADMINS, "U1,A,AccountAdmin,active"),
            "user_observers.csv": table(OBSERVERS, "P1,U1,active"),
        }
    )
    await school.good({"users.csv": table(USERS, "U1,ann,deleted,,")})
    mine = [state for key, state in (await enrolled(school)).items() if key[0] in {"U1", "P1"}]
    assert mine == ["deleted"] * 4
    assert await school.states("group_membership", "user_id") == {"U1": "deleted"}
    assert await school.states("admins", "user_id") == {"U1": "deleted"}
    await school.good({"users.csv": table(USERS, "U1,ann,active,,")})
    assert (await enrolled(school))["U1", "S1", "student"] == "deleted"


async def test_a_user_with_another_login_keeps_everything(school, enrolled):
    await school.good({"logins.csv": table(LOGINS, "U1B,annb,U1,,")})
    await school.good({"users.csv": table(USERS, "U1,ann,deleted,,")})
    assert (await enrolled(school))["U1", "S1", "student"] == "active"


async def test_resending_a_login_is_a_message_every_time(school):
    rows = {"logins.csv": table(LOGINS, "U1B,annb,U1,,")}
    await school.good(rows)
    assert await school.said(rows) == [
        "An existing Canvas user with the SIS ID U1B or login of annb already exists, skipping"
    ]


@pytest.mark.parametrize(
    ("columns", "cells", "name", "sortable"),
    [
        ("full_name", "Ann B. Lee", "Ann B. Lee", "Lee, Ann B."),
        ("first_name,last_name", "Ann,Van Lee", "Ann Van Lee", "Van Lee, Ann"),
        ("full_name,first_name,last_name", "Dr Ann,Ann,Lee", "Dr Ann", "Ann, Dr"),
        ("sortable_name", '"Lee, Ann"', "Lee, Ann", "Lee, Ann"),
        ("short_name", "Annie", "Annie", "Annie"),
        ("email", "", "zoe", "zoe"),
    ],
)
async def test_a_new_user_is_named_by_the_first_name_there_is(
    canvas, columns, cells, name, sortable
):
    header = f"user_id,login_id,status,{columns}"
    await canvas.good({"users.csv": table(header, f"Z,zoe,active,{cells}")})
    user = await canvas.get("users/sis_user_id:Z")
    assert (user["name"], user["sortable_name"]) == (name, sortable)


async def test_a_user_keeps_name_and_integration_id_that_a_row_leaves_out(school):
    header = "user_id,login_id,status,integration_id,pronouns"
    await school.good({"users.csv": table(header, "U1,ann,active,INT,she")})
    await school.good({"users.csv": table("user_id,login_id,status", "U1,ann,active")})
    user = await school.get("users/sis_user_id:U1")
    assert (user["name"], user["integration_id"], user["pronouns"]) == ("Ann Lee", "INT", "she")
    await school.good({"users.csv": table(header, "U1,ann,active,,<delete>")})
    assert (await school.get("users/sis_user_id:U1"))["pronouns"] is None


async def test_a_provider_left_out_resets_the_login_to_none(school):
    header = "user_id,login_id,status,authentication_provider_id"
    await school.good({"users.csv": table(header, "U1,ann,active,canvas")})
    (login,) = await school.get("users/sis_user_id:U1/logins")
    assert login["authentication_provider_id"] == 1
    await school.good({"users.csv": table("user_id,login_id,status", "U1,ann,active")})
    (login,) = await school.get("users/sis_user_id:U1/logins")
    assert login["authentication_provider_id"] is None


async def test_a_new_e_mail_replaces_the_one_an_import_gave(school):
    await school.good({"users.csv": table(USERS, "U1,ann,active,Ann Lee,new@school.org")})
    (channel,) = await school.get("users/sis_user_id:U1/communication_channels")
    assert channel["address"] == "new@school.org"


async def test_a_bad_e_mail_is_refused_after_the_user_is_saved(school):
    sent = await school.send({"users.csv": table(USERS, "Z,zed,active,Zed,zed at home")})
    assert sent["data"]["counts"]["users"] == 0
    assert (await school.get("users/sis_user_id:Z"))["name"] == "Zed"


async def test_an_enrollment_is_told_apart_by_section_user_role_and_whom_it_observes(school):
    header = f"{ENROLLMENTS},associated_user_id"
    rows = table(
        header,
        "C1,S2,P1,observer,active,",
        "C1,S2,P1,observer,active,U1",
        "C1,S2,P1,observer,active,U3",
        "C1,S2,P1,observer,active,U3",
        "C1,S2,P1,ta,active,",
    )
    finished = await school.good({"enrollments.csv": rows})
    assert finished["data"]["counts"]["enrollments"] == 5
    assert finished["data"]["statistics"]["Enrollment"]["created"] == 4


async def test_without_a_section_the_default_one_is_made_once(school):
    rows = table(ENROLLMENTS, "C1,,U1,student,active", "C1,,U3,student,active")
    finished = await school.good({"enrollments.csv": rows})
    assert finished["data"]["statistics"]["CourseSection"]["created"] == 1
    await school.good({"enrollments.csv": table(ENROLLMENTS, "C1,,U2,ta,active")})
    sections = await school.get("courses/sis_course_id:C1/sections")
    (default,) = (section for section in sections if section["sis_section_id"] is None)
    assert default["name"] == "Algebra"
    assert len(await school.get(f"sections/{default['id']}/enrollments")) == 3


async def test_without_a_course_it_is_taken_from_the_section(school, enrolled):
    await school.good({"enrollments.csv": table(ENROLLMENTS, ",S2,U3,student,active")})
    assert (await enrolled(school))["U3", "S2", "student"] == "active"


@pytest.mark.parametrize("role", ["Student", "STUDENTS", "student teacher", "studentEnrollment"])
async def test_any_text_that_begins_with_student_is_the_student_role(school, enrolled, role):
    await school.good({"enrollments.csv": table(ENROLLMENTS, f"C1,S2,U3,{role},active")})
    assert (await enrolled(school))["U3", "S2", "student"] == "active"


async def test_a_custom_role_is_found_by_its_exact_name_in_the_account_or_above(school, enrolled):
    role = {"label": "Coach", "base_role_type": "TaEnrollment"}
    await school.call("POST", "accounts/sis_account_id:A/roles", data=role)
    rows = table(ENROLLMENTS, "C1,S2,U3,Coach,active", "C1,S2,U3,coach,active")
    said = await school.said({"enrollments.csv": rows})
    assert said == ['Improper role "coach" for an enrollment']
    assert (await enrolled(school))["U3", "S2", "Coach"] == "active"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("active", "active"),
        ("Actively", "active"),
        ("completed", "concluded"),
        ("inactive", "inactive"),
        ("deleted", "deleted"),
        ("DELETED_LAST_COMPLETED", "concluded"),
    ],
)
async def test_an_enrollment_status_is_tested_by_how_it_begins(school, enrolled, status, state):
    await school.good({"enrollments.csv": table(ENROLLMENTS, f"C1,S1,U1,student,{status}")})
    assert (await enrolled(school))["U1", "S1", "student"] == state


async def test_the_last_of_several_enrollments_is_completed_and_the_others_deleted(
    school, enrolled
):
    await school.good({"enrollments.csv": table(ENROLLMENTS, "C1,S2,U1,student,active")})
    rows = table(
        ENROLLMENTS,
        "C1,S1,U1,student,deleted_last_completed",
        "C1,S2,U1,student,deleted_last_completed",
    )
    await school.good({"enrollments.csv": rows})
    states = await enrolled(school)
    assert states["U1", "S1", "student"] == "deleted"
    assert states["U1", "S2", "student"] == "concluded"


async def test_deletes_run_last_so_that_a_row_order_cannot_save_an_enrollment(school, enrolled):
    rows = table(ENROLLMENTS, "C1,S1,U1,student,deleted", "C1,S1,U1,student,active")
    await school.good({"enrollments.csv": rows})
    assert (await enrolled(school))["U1", "S1", "student"] == "deleted"


async def test_an_unknown_enrollment_that_is_deleted_is_created_deleted(school, enrolled):
    gone = table(ENROLLMENTS, "C1,S2,U3,student,deleted")
    finished = await school.good({"enrollments.csv": gone})
    assert finished["data"]["counts"]["enrollments"] == 1
    assert (await enrolled(school))["U3", "S2", "student"] == "deleted"


async def test_enrollment_dates_need_each_other_and_are_cleared_when_left_out(school):
    async def dates():
        (mine,) = await school.get(
            "courses/sis_course_id:C1/enrollments?sis_user_id[]=U1&type[]=StudentEnrollment"
        )
        return mine["start_at"], mine["end_at"]

    header = f"{ENROLLMENTS},start_date,end_date"
    both = table(header, "C1,S1,U1,student,active,2026-08-01,2026-12-01")
    await school.good({"enrollments.csv": both})
    assert await dates() == ("2026-08-01T00:00:00Z", "2026-12-01T00:00:00Z")
    one = table(header, "C1,S1,U1,student,active,2026-08-02,")
    await school.good({"enrollments.csv": one})
    assert await dates() == (None, None)
    await school.good({"enrollments.csv": both})
    await school.good({"enrollments.csv": table(ENROLLMENTS, "C1,S1,U1,student,active")})
    assert await dates() == (None, None)


async def test_an_integration_id_wins_over_a_user_id(school, enrolled):
    header = "user_id,login_id,status,integration_id"
    await school.good({"users.csv": table(header, "U3,cat,active,INT")})
    rows = table(f"{ENROLLMENTS},user_integration_id", "C1,S2,U1,student,active,INT")
    await school.good({"enrollments.csv": rows})
    assert ("U3", "S2", "student") in await enrolled(school)


async def test_rows_of_another_root_account_are_passed_over(school):
    rows = table(
        f"{ENROLLMENTS},root_account",
        "C1,S2,U3,student,active,elsewhere",
        "C1,S2,U1,student,active,1",
    )
    assert (await school.good({"enrollments.csv": rows}))["data"]["counts"]["enrollments"] == 1


async def test_observers_are_enrolled_as_the_students_they_observe(school, enrolled):
    async def observing():
        found = await enrolled(school)
        return {key[1]: state for key, state in found.items() if key[0] == "P1"}

    await school.good({"user_observers.csv": table(OBSERVERS, "P1,U1,active")})
    assert await observing() == {"S1": "active", "S3": "active"}
    rows = table(ENROLLMENTS, "C1,S1,U1,student,completed", "C1,S2,U1,student,active")
    await school.good({"enrollments.csv": rows})
    assert await observing() == {"S1": "concluded", "S2": "active", "S3": "active"}
    await school.good({"user_observers.csv": table(OBSERVERS, "P1,U1,deleted")})
    assert set((await observing()).values()) == {"deleted"}
    assert len(await school.said({"user_observers.csv": table(OBSERVERS, "P1,U1,deleted")})) == 1


async def test_only_admins_that_came_by_an_import_can_be_removed_by_one(school):
    pat = (await school.get("users/sis_user_id:P1"))["id"]
    await school.call("POST", "accounts/sis_account_id:A/admins", data={"user_id": pat})
    gone = {"admins.csv": table(ADMINS, "P1,A,AccountAdmin,deleted")}
    assert (await school.good(gone))["data"]["counts"]["admins"] == 1
    assert len(await school.get("accounts/sis_account_id:A/admins")) == 1
    await school.good({"admins.csv": table(ADMINS, "P1,A,AccountAdmin,active")})
    await school.good(gone)
    assert await school.get("accounts/sis_account_id:A/admins") == []


async def test_a_result_of_grade_publishing_is_kept_with_its_enrollment(school):
    rows = table("enrollment_id,grade_publishing_status,message", "1,error,No such class")
    finished = await school.good({"results.csv": rows})
    assert finished["data"]["counts"]["grade_publishing_results"] == 1


async def test_deletes_are_skipped_in_silence_on_request(school, enrolled):
    finished = await school.good(
        {
            "users.csv": table(USERS, "U1,ann,deleted,,"),
            "enrollments.csv": table(
                ENROLLMENTS,
                "C1,S1,U1,student,deleted",
                "C2,S3,U3,student,deleted_last_completed",
                "C2,S3,U1,student,completed",
            ),
        },
        skip_deletes="true",
    )
    assert finished["data"]["counts"]["users"] == 0
    assert finished["data"]["counts"]["enrollments"] == 1
    states = await enrolled(school)
    assert states["U1", "S1", "student"] == "active"
    assert states["U3", "S3", "student"] == "active"
