"""Users, logins, enrollments, admins and observers: every message, provoked once.

The messages are those of the reference (section 3 of the notes on Canvas's SIS side).
"""

import pytest

from canvas_sandbox import (
    ADMINS,
    DATED,
    ENROLLMENTS,
    FULL_USERS,
    GRADES,
    LOGINS,
    OBSERVERS,
    OBSERVING,
    USERS,
    check_message,
    each_case,
    table,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Count -> header, row, message; a message that begins with + comes with a row that is imported.
CASES = {
    "users": [
        (USERS, ",zed,active,Zed,", "No user_id given for a user"),
        (USERS, "Z,,active,Zed,", "No login_id given for user Z"),
        (USERS, "Z,zed,,Zed,", "No status given for user Z"),
        (USERS, "Z,zed,asleep,Zed,", "Improper status for user Z"),
        (USERS, "Z,zed,active,Z\0ed,", "Some of the fields contain NULL character"),
        (
            USERS,
            "Z,ANN,active,Zed,",
            (
                "An existing Canvas user with the SIS ID U1 has already claimed"
                " Z's user_id requested login information, skipping"
            ),
        ),
        (
            USERS,
            "U2,byhand,active,Bob Ray,",
            (
                "An existing Canvas user with the Canvas ID {byhand} has already claimed"
                " U2's user_id requested login information, skipping"
            ),
        ),
        (
            FULL_USERS,
            "U2,bob,active,Bob Ray,,I1,",
            (
                "An existing Canvas user with the SIS ID U3 has already claimed"
                " U2's requested integration_id, skipping"
            ),
        ),
        (
            FULL_USERS,
            "Z,zed,active,Zed,,,saml",
            "unrecognized authentication provider saml for Z, skipping",
        ),
        (
            USERS,
            "U2,bob,active,Bob Ray,bob at school",
            "The email address associated with user 'U2' is invalid (email: 'bob at school')",
        ),
        (
            USERS,
            "Z,z\u200bd,active,Zed,",
            "Could not save the user with user_id: 'Z'. Invalid login_id: 'z\u200bd'",
        ),
        (
            USERS,
            f"Z,{'z' * 101},active,Zed,",
            (
                "Could not save the user with user_id: 'Z'. Unknown reason:"
                " unique_id is too long (maximum is 100 characters)"
            ),
        ),
        (USERS, "ME,admin,deleted,Me,", "Can't remove yourself user_id 'ME'"),
    ],
    "logins": [
        (LOGINS, ",l,U1,,", "No user_id given for a user"),
        (LOGINS, "L,,U1,,", "No login_id given for user L"),
        (LOGINS, "L,l,,,", "No existing user provided for login with SIS ID L"),
        (
            LOGINS,
            "L,l,nope,,",
            "Could not find the existing user for login with SIS ID L, skipping",
        ),
        (
            LOGINS,
            "L,l,U1,I1,",
            (
                "An existing user does not match existing user ids provided"
                " for login with SIS ID L, skipping"
            ),
        ),
        (
            LOGINS,
            "L,ann,U1,,",
            "An existing Canvas user with the SIS ID L or login of ann already exists, skipping",
        ),
        (
            LOGINS,
            f"L,{'l' * 101},U1,,",
            (
                "Could not save the user with user_id: 'L'. Unknown reason:"
                " unique_id is too long (maximum is 100 characters)"
            ),
        ),
    ],
    "enrollments": [
        (ENROLLMENTS, ",,U1,student,active", "No course_id or section_id given for an enrollment"),
        (ENROLLMENTS, "C1,,,student,active", "No user_id given for an enrollment"),
        (ENROLLMENTS, "C1,,U1,student,here", 'Improper status "here" for an enrollment'),
        (ENROLLMENTS, "C1,,U1,Sage,active", 'Improper role "Sage" for an enrollment'),
        (
            ENROLLMENTS,
            "C1,S1,nope,student,active",
            "User not found for enrollment (User ID: nope, Course ID: C1, Section ID: S1)",
        ),
        (
            ENROLLMENTS,
            "nope,neither,U1,student,active",
            (
                "Neither course nor section existed for user enrollment"
                " (Course ID: nope, Section ID: neither, User ID: U1)"
            ),
        ),
        (
            ENROLLMENTS,
            "C1,nope,U1,student,active",
            "An enrollment referenced a non-existent section nope",
        ),
        (
            ENROLLMENTS,
            "nope,S1,U1,student,active",
            "An enrollment referenced a non-existent course nope",
        ),
        (
            OBSERVING,
            "C1,S1,P1,observer,active,nope",
            "An enrollment referenced a non-existent associated user nope",
        ),
        (
            ENROLLMENTS,
            "C2,S1,U1,student,active",
            (
                "An enrollment listed a section (S1) and a course (C2)"
                " that are unrelated for user (U1)"
            ),
        ),
        (
            ENROLLMENTS,
            "BP,,U1,student,active",
            'Student enrollment for "U1" not allowed in blueprint course "BP"',
        ),
        (
            ENROLLMENTS,
            "BP,,P1,observer,active",
            'Observer enrollment for "P1" not allowed in blueprint course "BP"',
        ),
        (
            ENROLLMENTS,
            "C1,S1,GONE,student,active",
            "+Attempted enrolling of deleted user GONE in course C1",
        ),
        (
            ENROLLMENTS,
            "C1,S1,TWO,student,active",
            "+Enrolled a user TWO in course C1, but referenced a deleted sis login",
        ),
        (
            ENROLLMENTS,
            "C1,SDEL,U1,student,active",
            (
                "An enrollment did not pass validation (course: C1, section: SDEL, user: U1,"
                " role: student, error: Course section is not a valid section (deleted))"
            ),
        ),
        (
            DATED,
            "C1,S1,U1,student,active,2026-02-30,2026-03-01",
            "+Bad date format for user U1 in course C1",
        ),
    ],
    "admins": [
        (ADMINS, ",A,AccountAdmin,,active", "No user_id given for admin"),
        (ADMINS, "U1,A,AccountAdmin,,", "No status given for admin"),
        (ADMINS, "U1,A,,,active", "No role_id or role given for admin"),
        (ADMINS, "U1,A,AccountAdmin,,actively", "Invalid status actively for admin"),
        (ADMINS, "U1,nope,AccountAdmin,,active", "Invalid account_id given for admin"),
        (ADMINS, "U1,A,Chief,,active", "Invalid role 'Chief' for admin"),
        (ADMINS, "U1,A,,99,active", "Invalid role_id '99' for admin"),
        (
            ADMINS,
            "nope,A,AccountAdmin,,active",
            "Invalid or unknown user_id 'nope' for admin",
        ),
        (ADMINS, "ME,,AccountAdmin,,deleted", "Can't remove yourself user_id 'ME'"),
    ],
    "user_observers": [
        (OBSERVERS, ",U1,active", "No observer_id given for a user observer"),
        (OBSERVERS, "P1,,active", "No user_id given for a user observer"),
        (OBSERVERS, "U1,U1,active", "Can't observe yourself user U1"),
        (OBSERVERS, "P1,U1,actively", 'Improper status "actively" for a user_observer'),
        (OBSERVERS, "nope,U1,active", "An observer referenced a non-existent user nope"),
        (OBSERVERS, "P1,nope,active", "A student referenced a non-existent user nope"),
        (
            OBSERVERS,
            "P1,U3,deleted",
            "Can't delete a non-existent observer for observer: P1, student: U3",
        ),
    ],
    "grade_publishing_results": [
        (GRADES, ",published,fine", "No enrollment_id given"),
        (GRADES, "1,,fine", "No grade_publishing_status given for enrollment 1"),
        (GRADES, "1,sent,fine", 'Improper grade_publishing_status "sent" for enrollment 1'),
        (GRADES, "9999,published,fine", "Enrollment 9999 doesn't exist"),
    ],
}


@pytest.mark.parametrize(("count", "header", "row", "expected"), each_case(CASES))
async def test_a_row_leaves_this_message(world, count, header, row, expected):
    await check_message(world, count, header, row, expected)


async def test_a_message_knows_its_row(world):
    sent = await world.send({"u.csv": table(USERS, 'Z1,zed,active,"Zed, the",', "Z2,,active,,")})
    path = f"accounts/self/sis_imports/{sent['id']}/errors"
    (error,) = (await world.get(path))["sis_import_errors"]
    assert error == {
        "sis_import_id": sent["id"],
        "file": "u.csv",
        "message": "No login_id given for user Z2",
        "row_info": "Z2,,active,,,3",
        "row": 3,
    }


async def test_what_a_row_says_by_itself_is_reported_before_what_the_roster_says_of_it(world):
    rows = table(ENROLLMENTS, "C1,,nope,student,active", "C1,,,student,active")
    assert await world.said({"enrollments.csv": rows}) == [
        "No user_id given for an enrollment",
        "User not found for enrollment (User ID: nope, Course ID: C1, Section ID: )",
    ]
