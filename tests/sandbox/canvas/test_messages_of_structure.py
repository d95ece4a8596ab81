"""Accounts, terms, courses, sections, cross-listings and changed ids: every message, provoked once.

The messages are those of the reference (section 3 of the notes on Canvas's SIS side).
"""

import pytest

from canvas_sandbox import (
    ABSTRACT,
    ACCOUNTS,
    CHANGES,
    COURSES,
    LONG,
    MORE_COURSES,
    PASSBACK,
    SECTIONS,
    TERMS,
    XLISTS,
    check_message,
    each_case,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Count -> header, row, message; a message that begins with + comes with a row that is imported.
CASES = {
    "accounts": [
        (ACCOUNTS, ",A,Name,active", "No account_id given for an account"),
        (ACCOUNTS, "Z,nope,Name,active", "Parent account didn't exist for Z"),
        (ACCOUNTS, "Z,A,,active", "No name given for account Z, skipping"),
        (ACCOUNTS, "Z,A,Name,sleepy", 'Improper status "sleepy" for account Z, skipping'),
        (ACCOUNTS, "Z,A,Name,", 'Improper status "" for account Z, skipping'),
        (
            ACCOUNTS,
            "P,,,deleted",
            "Cannot delete the sub_account with ID: P because it has active sub accounts.",
        ),
        (
            ACCOUNTS,
            "K,P,,deleted",
            "Cannot delete the sub_account with ID: K because it has active courses.",
        ),
        (ACCOUNTS, "A,B,Lincoln,active", "Setting account A's parent to B would create a loop"),
        (
            ACCOUNTS,
            f"Z,A,{LONG},active",
            (
                "An account did not pass validation (account: Z,"
                " error: Name is too long (maximum is 255 characters))"
            ),
        ),
    ],
    "terms": [
        (TERMS, ",Fall,active,,,", "No term_id given for a term"),
        (TERMS, "Z,,active,,,", "No name given for term Z"),
        (TERMS, "Z,Fall,gone,,,", 'Improper status "gone" for term Z'),
        (
            TERMS,
            "Z,,active,,,StudentEnrollment",
            "Cannot set date override on non-existent term",
        ),
        (TERMS, "T1,,active,,,Student", "Invalid date_override_enrollment_type"),
        (TERMS, "T2,Spring,active,2026-02-30,,", "+Bad date format for term T2"),
        (
            TERMS,
            f"Z,{LONG},active,,,",
            (
                f"A term did not pass validation (term: Z / {LONG},"
                " error: Name is too long (maximum is 255 characters))"
            ),
        ),
        (
            TERMS,
            "T1,Fall,deleted,,,",
            (
                "A term did not pass validation (term: T1 / Fall,"
                " error: Cannot delete a term with active courses)"
            ),
        ),
        (
            TERMS,
            "DEF,Default Term,deleted,,,",
            (
                "A term did not pass validation (term: DEF / Default Term,"
                " error: Cannot delete the default term)"
            ),
        ),
        (
            TERMS,
            "DEF,Always,active,,,",
            (
                "A term did not pass validation (term: DEF / Always,"
                " error: Cannot change the default term name)"
            ),
        ),
    ],
    "abstract_courses": [
        (ABSTRACT, ",A,Abstract,active", "No abstract_course_id given for an abstract course"),
        (ABSTRACT, "Z,,Abstract,active", "No short_name given for abstract course Z"),
        (ABSTRACT, "Z,A,,active", "No long_name given for abstract course Z"),
        (ABSTRACT, "Z,A,Abstract,open", 'Improper status "open" for abstract course Z'),
    ],
    "courses": [
        (COURSES, ",ALG,Algebra,A,T1,active", "No course_id given for a course"),
        (COURSES, "Z,,Algebra,A,T1,active", "No short_name given for course Z"),
        (COURSES, "Z,ALG,,A,T1,active", "No long_name given for course Z"),
        (COURSES, "Z,ALG,Algebra,A,T1,open", 'Improper status "open" for course Z'),
        (COURSES, "Z,ALG,Algebra,nope,T1,active", 'Account not found "nope" for course Z'),
        (
            MORE_COURSES,
            "Z,ALG,Algebra,A,T1,active,,,hybrid",
            'Invalid course_format "hybrid" for course Z',
        ),
        (
            PASSBACK,
            "Z,ALG,Algebra,A,T1,active,hourly,,",
            'Invalid grade_passback_setting "hourly" for course Z',
        ),
        (
            MORE_COURSES,
            "C2,BIO,Biology,A,T1,active,,nope,",
            "+unknown abstract course id nope, ignoring abstract course reference",
        ),
        (
            MORE_COURSES,
            "C2,BIO,Biology,A,T1,active,C1,,",
            '+Unknown blueprint course "C1" for course "C2"',
        ),
        (
            MORE_COURSES,
            "BP,BP,Blueprint,B,T1,active,BP2,,",
            '+Cannot associate course "BP" - is a blueprint course',
        ),
        (
            MORE_COURSES,
            "TIED,TIED,Tied,B,T1,active,BP2,,",
            '+Cannot associate course "TIED" - is associated to another blueprint course',
        ),
        (
            MORE_COURSES,
            "C2,BIO,Biology,A,T1,active,BP,,",
            (
                '+Cannot associate course "C2" -'
                " is not in the same or lower account as the blueprint course"
            ),
        ),
        (PASSBACK, "C2,BIO,Biology,A,T1,active,,40/40/2026,", "+Bad date format for course C2"),
        (
            PASSBACK,
            "C2,BIO,Biology,A,T1,active,,2026-09-01,2026-08-01",
            (
                "A course did not pass validation (course: C2 / BIO,"
                " error: End date must be after the start date)"
            ),
        ),
        (
            COURSES,
            f"Z,ALG,{LONG},A,T1,active",
            (
                "A course did not pass validation (course: Z / ALG,"
                " error: Name is too long (maximum is 255 characters))"
            ),
        ),
    ],
    "sections": [
        (SECTIONS, ",C1,Algebra,active", "No section_id given for a section in course C1"),
        (SECTIONS, "Z,,Algebra,active", "No course_id given for a section Z"),
        (SECTIONS, "Z,C1,,active", "No name given for section Z in course C1"),
        (SECTIONS, "Z,C1,,deleted", "No name given for section Z in course C1"),
        (SECTIONS, "Z,C1,Alg,open", 'Improper status "open" for section Z in course C1'),
        (SECTIONS, "Z,nope,Alg,active", "Section Z references course nope which doesn't exist"),
        (
            SECTIONS,
            f"Z,C1,{LONG},active",
            (
                f"A section did not pass validation (section: Z / {LONG}, course: C1,"
                " error: Name is too long (maximum is 255 characters))"
            ),
        ),
        (
            SECTIONS + ",start_date",
            "S2,C1,Algebra 2,active,2026-13-01",
            "+Bad date format for section S2",
        ),
    ],
    "xlists": [
        (XLISTS, ",S1,active", "No xlist_course_id given for a cross-listing"),
        (XLISTS, "X,,active", "No section_id given for a cross-listing"),
        (XLISTS, "X,S1,actively", 'Improper status "actively" for a cross-listing'),
        (XLISTS, "X,nope,active", "A cross-listing referenced a non-existent section nope"),
    ],
    "change_sis_ids": [
        (CHANGES, "U1,U9,,,", "No type given for change_sis_id"),
        (CHANGES, ",U9,,,user", "No old_id or old_integration_id given for change_sis_id"),
        (CHANGES, "U1,,,,user", "No new_id or new_integration_id given for change_sis_id"),
        (CHANGES, "U1,U9,,,person", "Invalid type 'person' for change_sis_id"),
        (
            CHANGES,
            "U1,U2,,,user",
            (
                "A new_id, 'U2', referenced an existing user"
                " and the user with sis_user_id 'U1' was not updated"
            ),
        ),
        (
            CHANGES,
            "C1,C2,,,course",
            (
                "A new_id, 'C2', referenced an existing course"
                " and the course with sis_source_id 'C1' was not updated"
            ),
        ),
        (
            CHANGES,
            "U1,,,I1,user",
            (
                "A new_integration_id, 'I1', referenced an existing user"
                " and the user with sis_user_id 'U1' was not updated"
            ),
        ),
        (
            CHANGES,
            "nope,new,,,section",
            "An old_id, 'nope', referenced a non-existent section and was not changed.",
        ),
        (
            CHANGES,
            ",new,nope,,user",
            "An old_integration_id, 'nope', referenced a non-existent user and was not changed.",
        ),
        (
            CHANGES,
            "U1,new,I1,,user",
            "An old_id, 'U1', referenced a different user than the old_integration_id, 'I1'",
        ),
        (
            CHANGES,
            "GC,,,I9,group_category",
            "Group categories should not have integration IDs.",
        ),
    ],
}


@pytest.mark.parametrize(("count", "header", "row", "expected"), each_case(CASES))
async def test_a_row_leaves_this_message(world, count, header, row, expected):
    await check_message(world, count, header, row, expected)
