"""What Canvas's messages are taken to mean.

The texts are facts from Canvas's source (April 2022 and later) with ids filled in; they are written
out here a second time, on purpose, so that the rules are compared with something.
"""

import re
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.canvas_csv.messages import RULES, Effect, Scope, classify
from rosterway.formats.canvas_csv.tables import BY_NAME

REFUSED, PARTLY, APPLIED = Effect.REFUSED, Effect.PARTLY, Effect.APPLIED
NOT_RUN, CRASHED = Effect.NOT_RUN, Effect.CRASHED


class Case(NamedTuple):
    table: str | None
    text: str
    effect: Effect
    keys: dict[str, str]


def cases(table, effect, texts):
    return [Case(table, text, effect, keys) for text, keys in texts.items()]


FILES = [
    *cases(
        None,
        Effect.FILE_REFUSED,
        {
            "Invalid UTF-8": {},
            "Malformed CSV": {},
            "Couldn't find Canvas CSV import headers": {},
            "Skipping unknown file type": {},
        },
    ),
    *cases(
        "users",
        CRASHED,
        {
            "Error while importing CSV. Please contact support. (Error report 4711)": {},
            "Something broke with this user. Contact Support with ErrorReport id: 4711": {},
        },
    ),
    *cases(
        None,
        NOT_RUN,
        {
            "Diffing not performed because file size difference exceeded threshold": {},
            "Diffing not performed because difference row count exceeded threshold": {},
            "Can't perform diffing against more than one file of the same type": {},
            "Unable to perform diffing against mismatched previous and current user imports": {
                "type": "user"
            },
            "Couldn't generate diff: CSV headers do not match, cannot diff": {},
            "1840 enrollments would be deleted and exceeds the set threshold of 5%": {},
            "3 courses would be deleted and exceeds the set threshold of 10%": {},
            "Terms not found. Terms must be included with multi_term_batch_mode": {},
        },
    ),
]

STRUCTURE = [
    *cases(
        "accounts",
        REFUSED,
        {
            "No account_id given for an account": {},
            "Parent account didn't exist for A7": {"account_id": "A7"},
            "No name given for account A7, skipping": {"account_id": "A7"},
            'Improper status "gone" for account A7, skipping': {
                "status": "gone",
                "account_id": "A7",
            },
            "Cannot delete the sub_account with ID: A7 because it has active sub accounts.": {
                "account_id": "A7"
            },
            "Cannot delete the sub_account with ID: A7 because it has active courses.": {
                "account_id": "A7"
            },
            "Setting account A7's parent to A9 would create a loop": {
                "account_id": "A7",
                "parent_account_id": "A9",
            },
        },
    ),
    *cases(
        "terms",
        REFUSED,
        {
            "No term_id given for a term": {},
            "No name given for term T1": {"term_id": "T1"},
            'Improper status "gone" for term T1': {"status": "gone", "term_id": "T1"},
            "Cannot set date override on non-existent term": {},
            "Invalid date_override_enrollment_type": {},
            "A term did not pass validation (term: T1 / Fall 2026, error: Name is too long)": {
                "term_id": "T1",
                "name": "Fall 2026",
            },
            "A term did not pass validation"
            " (term: T1 / Fall 2026, error: Cannot delete a term with active courses)": {
                "term_id": "T1",
                "name": "Fall 2026",
            },
            "A term did not pass validation"
            " (term: T0 / Default, error: Workflow state Cannot delete the default term)": {
                "term_id": "T0",
                "name": "Default",
            },
            "A term did not pass validation"
            " (term: T0 / Other, error: Cannot change the default term name)": {
                "term_id": "T0",
                "name": "Other",
            },
        },
    ),
    *cases(
        "courses",
        REFUSED,
        {
            "No course_id given for a course": {},
            "No short_name given for course C1": {"course_id": "C1"},
            "No long_name given for course C1": {"course_id": "C1"},
            'Improper status "gone" for course C1': {"status": "gone", "course_id": "C1"},
            'Invalid course_format "moon" for course C1': {
                "course_format": "moon",
                "course_id": "C1",
            },
            'Invalid grade_passback_setting "hourly" for course C1': {
                "grade_passback_setting": "hourly",
                "course_id": "C1",
            },
            'Account not found "A9" for course C1': {"account_id": "A9", "course_id": "C1"},
            "A course did not pass validation (course: C1 / BIO, error: Name is too long)": {
                "course_id": "C1",
                "short_name": "BIO",
            },
            "A course did not pass validation"
            ' (course: C1 / BIO, error: SIS ID "C1" is already in use)': {
                "course_id": "C1",
                "short_name": "BIO",
            },
        },
    ),
    *cases(
        "courses",
        PARTLY,
        {
            "unknown abstract course id AC1, ignoring abstract course reference": {
                "abstract_course_id": "AC1"
            },
            'Unknown blueprint course "B1" for course "C1"': {
                "blueprint_course_id": "B1",
                "course_id": "C1",
            },
            'Cannot associate course "C1" - is a blueprint course': {"course_id": "C1"},
            'Cannot associate course "C1" - is associated to another blueprint course': {
                "course_id": "C1"
            },
            'Cannot associate course "C1"'
            " - is not in the same or lower account as the blueprint course": {"course_id": "C1"},
            "Bad date format for course C1": {"course_id": "C1"},
        },
    ),
    *cases("terms", PARTLY, {"Bad date format for term T1": {"term_id": "T1"}}),
    *cases("sections", PARTLY, {"Bad date format for section S1": {"section_id": "S1"}}),
    *cases(
        "sections",
        REFUSED,
        {
            "No section_id given for a section in course C1": {"course_id": "C1"},
            "No section_id given for a section in course ": {},
            "No course_id given for a section S1": {"section_id": "S1"},
            "No name given for section S1 in course C1": {"section_id": "S1", "course_id": "C1"},
            'Improper status "gone" for section S1 in course C1': {
                "status": "gone",
                "section_id": "S1",
                "course_id": "C1",
            },
            "Section S1 references course C1 which doesn't exist": {
                "section_id": "S1",
                "course_id": "C1",
            },
            "A section did not pass validation"
            " (section: S1 / Period 2, course: C1, error: Name is too long)": {
                "section_id": "S1",
                "name": "Period 2",
                "course_id": "C1",
            },
        },
    ),
    *cases(
        "xlists",
        REFUSED,
        {
            "No xlist_course_id given for a cross-listing": {},
            "No section_id given for a cross-listing": {},
            'Improper status "gone" for a cross-listing': {"status": "gone"},
            "A cross-listing referenced a non-existent section S1": {"section_id": "S1"},
            "An active cross-listing failed: Course is not valid": {},
            "A deleted cross-listing failed: Course is not valid": {},
        },
    ),
]

CLAIMED = "An existing Canvas user with the "

PEOPLE = [
    *cases(
        "users",
        REFUSED,
        {
            "No user_id given for a user": {},
            "No login_id given for user U1": {"user_id": "U1"},
            "No status given for user U1": {"user_id": "U1"},
            "Improper status for user U1": {"user_id": "U1"},
            "Some of the fields contain NULL character": {},
            CLAIMED
            + "SIS ID U9 has already claimed U1's user_id requested login information, skipping": {
                "user_id": "U1"
            },
            CLAIMED + "Canvas ID 99 has already claimed U1's user_id requested login information,"
            " skipping": {"user_id": "U1"},
            CLAIMED + "SIS ID U9 has already claimed U1's requested integration_id, skipping": {
                "user_id": "U1"
            },
            CLAIMED + "Canvas ID 99 has already claimed U1's requested integration_id, skipping": {
                "user_id": "U1"
            },
            "unrecognized authentication provider saml for U1, skipping": {
                "authentication_provider_id": "saml",
                "user_id": "U1",
            },
            "Could not save the user with user_id: 'U1'. Invalid login_id: 'a\u0007b'": {
                "user_id": "U1",
                "login_id": "a\u0007b",
            },
            "Could not save the user with user_id: 'U1'."
            " Unknown reason: unique_id is too long (maximum is 100 characters)": {"user_id": "U1"},
            "Can't remove yourself user_id 'U1'": {"user_id": "U1"},
        },
    ),
    *cases(
        "users",
        PARTLY,
        {
            "The email address associated with user 'U1' is invalid (email: 'no@where@x')": {
                "user_id": "U1"
            },
            "An email did not pass validation (no@where@x, error: Path is invalid)": {},
            "E-mail address a@b.test for user U1 is already claimed; ignoring": {"user_id": "U1"},
        },
    ),
    *cases(
        "logins",
        REFUSED,
        {
            "No existing user provided for login with SIS ID L1": {"user_id": "L1"},
            "Could not find the existing user for login with SIS ID L1, skipping": {
                "user_id": "L1"
            },
            "An existing user does not match existing user ids provided for login with SIS ID L1,"
            " skipping": {"user_id": "L1"},
            "An existing Canvas user with the SIS ID L1 or login of ann already exists, skipping": {
                "user_id": "L1",
                "login_id": "ann",
            },
        },
    ),
    *cases(
        "admins",
        REFUSED,
        {
            "No user_id given for admin": {},
            "No status given for admin": {},
            "No role_id or role given for admin": {},
            "Invalid status gone for admin": {"status": "gone"},
            "Invalid account_id given for admin": {},
            "Invalid role 'Dean' for admin": {"role": "Dean"},
            "Invalid role_id '77' for admin": {"role_id": "77"},
            "Invalid or unknown user_id 'U1' for admin": {"user_id": "U1"},
            "Can't remove yourself user_id 'U1'": {"user_id": "U1"},
        },
    ),
    *cases(
        "user_observers",
        REFUSED,
        {
            "No observer_id given for a user observer": {},
            "No user_id given for a user observer": {},
            "Can't observe yourself user U1": {"observer_id": "U1"},
            'Improper status "gone" for a user_observer': {"status": "gone"},
            "An observer referenced a non-existent user U1": {"observer_id": "U1"},
            "A student referenced a non-existent user U2": {"student_id": "U2"},
        },
    ),
    *cases(
        "user_observers",
        Effect.ALREADY_GONE,
        {
            "Can't delete a non-existent observer for observer: U1, student: U2": {
                "observer_id": "U1",
                "student_id": "U2",
            }
        },
    ),
]

ENROLLMENTS = [
    *cases(
        "enrollments",
        REFUSED,
        {
            "No course_id or section_id given for an enrollment": {},
            "No user_id given for an enrollment": {},
            'Improper status "gone" for an enrollment': {"status": "gone"},
            'Improper role "cook" for an enrollment': {"role": "cook"},
            "User not found for enrollment (User ID: U1, Course ID: C1, Section ID: S1)": {
                "user_id": "U1",
                "course_id": "C1",
                "section_id": "S1",
            },
            "User not found for enrollment (User ID: U1, Course ID: , Section ID: S1)": {
                "user_id": "U1",
                "section_id": "S1",
            },
            "User not found for enrollment (User ID: U1, Course ID: C1, Section ID: )": {
                "user_id": "U1",
                "course_id": "C1",
            },
            "Neither course nor section existed for user enrollment"
            " (Course ID: C1, Section ID: S1, User ID: U1)": {
                "course_id": "C1",
                "section_id": "S1",
                "user_id": "U1",
            },
            "An enrollment referenced a non-existent section S1": {"section_id": "S1"},
            "An enrollment referenced a non-existent course C1": {"course_id": "C1"},
            "An enrollment referenced a non-existent associated user U2": {
                "associated_user_id": "U2"
            },
            "An enrollment listed a section (S1) and a course (C1) that are unrelated"
            " for user (U1)": {"section_id": "S1", "course_id": "C1", "user_id": "U1"},
            'Student enrollment for "U1" not allowed in blueprint course "C1"': {
                "user_id": "U1",
                "course_id": "C1",
            },
            'Observer enrollment for "U1" not allowed in blueprint course "C1"': {
                "user_id": "U1",
                "course_id": "C1",
            },
            "Attempted enrolling of deleted user U1 in course C1": {
                "user_id": "U1",
                "course_id": "C1",
            },
            "User 10000000000001:U1 does not have a usable login for this account": {
                "user_id": "U1"
            },
            "An enrollment did not pass validation (course: C1, section: S1, user: U1,"
            " role: student, error: is not a valid section)": {
                "course_id": "C1",
                "section_id": "S1",
                "user_id": "U1",
                "role": "student",
            },
            "An enrollment did not pass validation (course: , section: S1, user: U1,"
            " role: StudentEnrollment, error: Oops, (again))": {
                "section_id": "S1",
                "user_id": "U1",
                "role": "StudentEnrollment",
            },
            "An enrollment failed to save (course: C1)": {},
        },
    ),
    *cases(
        "enrollments",
        APPLIED,
        {
            "Enrolled a user U1 in course C1, but referenced a deleted sis login": {
                "user_id": "U1",
                "course_id": "C1",
            }
        },
    ),
    *cases(
        "enrollments",
        PARTLY,
        {
            "Bad date format for user U1 in course C1": {"user_id": "U1", "course_id": "C1"},
            "Bad date format for user U1 in course ": {"user_id": "U1"},
        },
    ),
]

GROUPS = [
    *cases(
        "group_categories",
        REFUSED,
        {
            "No sis_id given for a group category": {},
            "No name given for group category G1": {"group_category_id": "G1"},
            "No status given for group category G1": {"group_category_id": "G1"},
            'Improper status "gone" for group category G1, skipping': {
                "status": "gone",
                "group_category_id": "G1",
            },
            "Only one context is allowed and both course_id and account_id where provided"
            " for group category G1.": {"group_category_id": "G1"},
            'Account with id "A9" didn\'t exist for group category G1': {
                "account_id": "A9",
                "group_category_id": "G1",
            },
            'Course with id "C9" didn\'t exist for group category G1': {
                "course_id": "C9",
                "group_category_id": "G1",
            },
            "Cannot move group category G1 because it has groups in it.": {
                "group_category_id": "G1"
            },
            "A group category did not pass validation"
            " (group category: G1, error: Name Clubs is already in use.)": {
                "group_category_id": "G1"
            },
        },
    ),
    *cases(
        "groups",
        REFUSED,
        {
            "No group_id given for a group.": {},
            "No name given for group G2.": {"group_id": "G2"},
            'Improper status "gone" for group G2.': {"status": "gone", "group_id": "G2"},
            "Account with sis id A9 didn't exist for group G2.": {
                "account_id": "A9",
                "group_id": "G2",
            },
            "Course with sis id C9 didn't exist for group G2.": {
                "course_id": "C9",
                "group_id": "G2",
            },
            "Group Category G1 didn't exist in account A9 for group G2.": {
                "group_category_id": "G1",
                "account_id": "A9",
                "group_id": "G2",
            },
            "Group Category G1 didn't exist in course C9 for group G2.": {
                "group_category_id": "G1",
                "course_id": "C9",
                "group_id": "G2",
            },
            "Group Category G1 didn't exist for group G2.": {
                "group_category_id": "G1",
                "group_id": "G2",
            },
            "Cannot move group G2 because it has group_memberships.": {"group_id": "G2"},
        },
    ),
    *cases(
        "groups_membership",
        REFUSED,
        {
            "No group_id given for a group user": {},
            "No user_id given for a group user": {},
            'Improper status "gone" for a group user': {"status": "gone"},
            "User U1 didn't exist for group user": {"user_id": "U1"},
            "Group G2 didn't exist for group user": {"group_id": "G2"},
            "User U1 doesn't have an enrollment in the course of group G2.": {
                "user_id": "U1",
                "group_id": "G2",
            },
        },
    ),
    *cases(
        "differentiation_tags",
        REFUSED,
        {
            "Differentiation Tags are not enabled for Account 1.": {},
            "No name given for differentiation tag D2.": {"tag_id": "D2"},
        },
    ),
    *cases(
        "differentiation_tag_sets",
        REFUSED,
        {"No status given for differentiation tag set D1": {"tag_set_id": "D1"}},
    ),
    *cases(
        "differentiation_tag_membership",
        REFUSED,
        {"User U1 didn't exist for differentiation tag user": {"user_id": "U1"}},
    ),
]

ORDERS = [
    *cases(
        "change_sis_id",
        REFUSED,
        {
            "No type given for change_sis_id": {},
            "No old_id or old_integration_id given for change_sis_id": {},
            "No new_id or new_integration_id given for change_sis_id": {},
            "Invalid type 'planet' for change_sis_id": {"type": "planet"},
            "A new_id, 'N1', referenced an existing user and the user with sis_user_id 'O1'"
            " was not updated": {"new_id": "N1", "type": "user"},
            "A new_integration_id, 'N1', referenced an existing user"
            " and the user with integration_id 'O1' was not updated": {
                "new_integration_id": "N1",
                "type": "user",
            },
            "An old_id, 'O1', referenced a non-existent user and was not changed.": {
                "old_id": "O1",
                "type": "user",
            },
            "An old_integration_id, 'O1', referenced a non-existent user and was not changed.": {
                "old_integration_id": "O1",
                "type": "user",
            },
            "An old_id, 'O1', referenced a different user than the old_integration_id, 'I1'": {
                "old_id": "O1",
                "type": "user",
                "old_integration_id": "I1",
            },
            "Group categories should not have integration IDs.": {},
        },
    ),
    *cases(
        "grade_publishing_results",
        REFUSED,
        {
            "No enrollment_id given": {},
            "No grade_publishing_status given for enrollment 5": {"enrollment_id": "5"},
            'Improper grade_publishing_status "gone" for enrollment 5': {
                "grade_publishing_status": "gone",
                "enrollment_id": "5",
            },
            "Enrollment 5 doesn't exist": {"enrollment_id": "5"},
        },
    ),
]

CASES = [*FILES, *STRUCTURE, *PEOPLE, *ENROLLMENTS, *GROUPS, *ORDERS]


def words(text):
    return re.sub(r"\W+", "-", text)[:60]


CURLY = str.maketrans({"'": "\u2019", '"': "\u201d"})

each_message = pytest.mark.parametrize(
    "case", CASES, ids=[f"{case.table}-{words(case.text)}" for case in CASES]
)


@each_message
def test_each_message_of_canvas_has_the_effect_it_has_there(case):
    found = classify(case.text, table=case.table)
    assert (case.effect, case.keys) == (found.effect, dict(found.keys))


@each_message
def test_a_message_keeps_its_meaning_when_the_table_is_not_known(case):
    assert case.effect is classify(case.text, table=None).effect


@each_message
def test_letter_case_and_curly_quotes_do_not_change_a_meaning(case):
    found = classify(case.text.upper().translate(CURLY), table=case.table)
    assert case.effect is found.effect


@each_message
def test_each_meaning_and_remedy_is_a_whole_sentence(case):
    found = classify(case.text, table=case.table)
    for sentence in (found.means, found.remedy):
        assert sentence
        assert "{" not in sentence


@pytest.mark.parametrize("case", [c for c in CASES if c.effect is REFUSED], ids=repr)
def test_a_refusal_may_end_in_skipping_or_not(case):
    text = case.text.removesuffix(", skipping").rstrip()
    assert REFUSED is classify(f"{text}, skipping", table=case.table).effect
    assert REFUSED is classify(text, table=case.table).effect


@pytest.mark.parametrize(
    "case",
    [c for c in CASES if c.effect in {APPLIED, PARTLY, Effect.ALREADY_GONE}],
    ids=repr,
)
def test_a_message_of_success_that_ends_in_skipping_is_no_message_of_success(case):
    assert Effect.UNKNOWN is classify(f"{case.text}, skipping", table=case.table).effect


def test_every_rule_but_the_mirrored_ones_has_an_example():
    used = {classify(case.text, table=case.table).rule for case in CASES}
    unused = {rule.name for rule in RULES if rule not in used}
    assert {"more-messages"} == {name for name in unused if not name.startswith("differ")}


def test_rules_have_names_of_their_own_and_speak_of_real_tables():
    assert len(RULES) == len({rule.name for rule in RULES})
    assert {table for rule in RULES for table in rule.tables} <= BY_NAME.keys()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Something new that Canvas says",
        "Enrolled a user U1 in course C1",
        "x" * 20_000,
        "An enrollment referenced a non-existent section S1" + "!" * 10_001,
    ],
    ids=words,
)
def test_a_text_we_do_not_know_is_unknown_and_kept(text):
    found = classify(text, table="enrollments")
    assert (Effect.UNKNOWN, text, None, {}) == (
        found.effect,
        found.text,
        found.rule,
        dict(found.keys),
    )
    assert found.remedy


def test_a_message_of_another_table_is_unknown():
    text = "Enrolled a user U1 in course C1, but referenced a deleted sis login"
    assert Effect.UNKNOWN is classify(text, table="users").effect


def test_a_list_that_was_cut_says_how_much_is_missing():
    found = classify("and 12 more warnings that were not included", table=None)
    assert Effect.UNKNOWN is found.effect
    assert found.details["count"] == "12"


def test_what_belongs_to_somebody_else_is_a_detail_and_no_key():
    text = CLAIMED + "SIS ID U9 has already claimed U1's requested integration_id, skipping"
    found = classify(text, table="users")
    assert dict(found.keys) == {"user_id": "U1"}
    assert dict(found.details) == {"holder": "U9"}


def test_e_mail_addresses_are_not_captured():
    text = "The email address associated with user 'U1' is invalid (email: 'ann@x')"
    found = classify(text, table="users")
    assert "ann@x" not in (found.means, *found.keys.values(), *found.details.values())


def test_a_row_that_may_well_have_done_its_work_before_says_so():
    repeated = {rule.name for rule in RULES if rule.on_resend}
    assert {
        "logins-exists",
        "user_observers-gone",
        "change_sis_id-old-id-unknown",
        "change_sis_id-old-integration-id-unknown",
    } == repeated


def test_a_crash_in_one_row_speaks_of_that_row_alone():
    row = classify(
        "Something broke with this user. Contact Support with ErrorReport id: 4", table="users"
    )
    file = classify(
        "Error while importing CSV. Please contact support. (Error report 4)", table="users"
    )
    assert row.rule is not None
    assert file.rule is not None
    assert Scope.ROW is row.rule.scope
    assert Scope.FILE is file.rule.scope


# -- ids as people make them ------------------------------------------------------------------

ODD = st.text(
    "aZ09.,;:/()[]{}<>'\"`\u2019\u201c-_\u2013&%$#@+*!?|\\\u00e9\u00df\u6f22",
    min_size=1,
    max_size=12,
)
CAPTURE = re.compile(r"\{(\w+)(\??)\}")


def spoken(rule, cells):
    """The rule's template as Canvas would say it of these cells."""
    text = re.sub(r"<([^|>]*)\|[^>]*>", r"\1", rule.template)
    return CAPTURE.sub(lambda match: cells.get(match[1], "something"), text)


def columns_of(rule):
    names = {column.name for table in BY_NAME.values() for column in table.columns}
    return [name for name, _ in CAPTURE.findall(rule.template) if name in names]


@pytest.mark.parametrize("rule", [r for r in RULES if columns_of(r)], ids=lambda rule: rule.name)
@given(data=st.data())
def test_ids_with_odd_characters_survive(rule, data):
    cells = {name: data.draw(ODD, label=name) for name in columns_of(rule)}
    match = rule.pattern.fullmatch(spoken(rule, cells))
    assert match is not None
    assert cells == {name: match[name] for name in cells}


@given(user=ODD, inner=st.sampled_from([" ", "  ", " in ", " the ", "\u00a0"]))
def test_blanks_inside_an_id_survive(user, inner):
    text = f"An observer referenced a non-existent user {user}{inner}{user}"
    found = classify(text, table="user_observers")
    assert {"observer_id": f"{user}{inner}{user}"} == dict(found.keys)


@given(st.text(max_size=300))
def test_no_text_at_all_is_taken_for_a_success_by_chance(text):
    found = classify(text, table=None)
    assert found.effect not in {APPLIED, PARTLY, Effect.ALREADY_GONE}
