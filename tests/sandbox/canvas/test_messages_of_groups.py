"""Group categories, groups and memberships: every message, provoked once.

The messages are those of the reference (section 3 of the notes on Canvas's SIS side).
"""

import pytest

from canvas_sandbox import (
    CATEGORIES,
    GROUPS,
    MEMBERS,
    check_message,
    each_case,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

#: Count -> header, row, message; a message that begins with + comes with a row that is imported.
CASES = {
    "group_categories": [
        (CATEGORIES, ",Teams,A,,active", "No sis_id given for a group category"),
        (CATEGORIES, "Z,,A,,active", "No name given for group category Z"),
        (CATEGORIES, "Z,Teams,A,,", "No status given for group category Z"),
        (CATEGORIES, "Z,Teams,A,,on", 'Improper status "on" for group category Z, skipping'),
        (
            CATEGORIES,
            "Z,Teams,A,C1,active",
            (
                "Only one context is allowed and both course_id and account_id where provided"
                " for group category Z."
            ),
        ),
        (
            CATEGORIES,
            "Z,Teams,nope,,active",
            'Account with id "nope" didn\'t exist for group category Z',
        ),
        (
            CATEGORIES,
            "Z,Teams,,nope,active",
            'Course with id "nope" didn\'t exist for group category Z',
        ),
        (
            CATEGORIES,
            "GC,Project,A,,active",
            "Cannot move group category GC because it has groups in it.",
        ),
        (
            CATEGORIES,
            "Z,Project,,C1,active",
            (
                "A group category did not pass validation (group category: Z,"
                " error: Name Project is already in use.)"
            ),
        ),
    ],
    "groups": [
        (GROUPS, ",Red,,A,,available", "No group_id given for a group."),
        (GROUPS, "Z,,,A,,available", "No name given for group Z."),
        (GROUPS, "Z,Red,,A,,there", 'Improper status "there" for group Z.'),
        (GROUPS, "Z,Red,,nope,,available", "Account with sis id nope didn't exist for group Z."),
        (GROUPS, "Z,Red,,,nope,available", "Course with sis id nope didn't exist for group Z."),
        (GROUPS, "Z,Red,nope,,,available", "Group Category nope didn't exist for group Z."),
        (
            GROUPS,
            "Z,Red,GC,A,,available",
            "Group Category GC didn't exist in account A for group Z.",
        ),
        (
            GROUPS,
            "Z,Red,GC,,C2,available",
            "Group Category GC didn't exist in course C2 for group Z.",
        ),
        (
            GROUPS,
            "G,Red,,A,,available",
            "Cannot move group G because it has group_memberships.",
        ),
    ],
    "group_memberships": [
        (MEMBERS, ",U1,accepted", "No group_id given for a group user"),
        (MEMBERS, "G,,accepted", "No user_id given for a group user"),
        (MEMBERS, "G,U1,in", 'Improper status "in" for a group user'),
        (MEMBERS, "G,nope,accepted", "User nope didn't exist for group user"),
        (MEMBERS, "nope,U1,accepted", "Group nope didn't exist for group user"),
        (
            MEMBERS,
            "G,P1,accepted",
            "User P1 doesn't have an enrollment in the course of group G.",
        ),
    ],
}


@pytest.mark.parametrize(("count", "header", "row", "expected"), each_case(CASES))
async def test_a_row_leaves_this_message(world, count, header, row, expected):
    await check_message(world, count, header, row, expected)
