"""The policy file: defaults, every choice by its name, and mistakes named with their place."""

import json
import tomllib

import pytest

from rosterway.errors import ConfigError
from rosterway.rostering.translate import templates
from rosterway.rostering.translate.policy import ENROLLMENT_ROLES, LEAVE_OUT, TranslationPolicy
from rosterway.rostering.translate.policy_document import DOCUMENT, policy_from, policy_of
from rosterway.settings.schema import Table

#: Every choice there is, each other than its default.
WHOLE = """
[accounts]
district = "account"
orgs = "schools"

[terms]
merge = "common-id"
common_id_after = "_"
common_id_metadata = "commonId"
grading_periods = "parent"

[years]
take = "all"
only = [2027]
ahead_days = 0

[dates]
end = "inclusive"
time_zone = "America/Denver"

[courses]
per = "course"
status = "published"
homerooms = "homeroom-course"
short_name = "{course.courseCode}"
long_name = "{course.title|term.name} in {school.name}"
section_name = "{class.title} ({teacher.familyName})"

[users]
user_id = "identifier"
login_id = ["userIds:LDAP", "email"]
integration_id = "userMasterIdentifier"
merge_by = "identifier"
email = "username"
preferred_names = "first-name"
pronouns = true
declared_type = true
authentication_provider = "saml"
disabled = "active"
gone = "suspended"
kin = "all"

[enrollments]
roles = { proctor = "ta", "ext:para" = "Para" }
aides_by_user_role = false
several_roles = "each"
dates = "own"
fill = "blank"
left_early = "deleted"
ended = "active"

[observers]
roles = ["guardian"]
stated_by = "both"
never = { "p-1" = ["s-1", "s-2"] }

[admins]
roles = { principal = "School Admin" }
"""


def test_no_policy_is_the_defaults():
    assert policy_from("") == TranslationPolicy()
    assert policy_of({}) == TranslationPolicy()


def test_every_choice_can_be_made():
    plain, made = TranslationPolicy().as_dict(), policy_from(WHOLE).as_dict()

    alike = [
        f"{table}.{key}"
        for table, choices in plain.items()
        for key, value in choices.items()
        if made[table][key] == value
    ]
    assert alike == []
    given = tomllib.loads(WHOLE)
    given["years"]["only"] = ["2027"]
    assert json.loads(json.dumps(made)) == given


def test_the_document_and_the_policy_have_the_same_choices():
    documented = {
        key.name: {inner.name for inner in key.node.keys}
        for key in DOCUMENT.keys
        if isinstance(key.node, Table)
    }

    assert documented == {
        table: set(choices) for table, choices in TranslationPolicy().as_dict().items()
    }


def test_roles_that_are_named_add_to_those_known():
    roles = policy_from(WHOLE).enrollments.all_roles

    assert {**ENROLLMENT_ROLES, "proctor": "ta", "ext:para": "Para"} == roles
    assert ENROLLMENT_ROLES["proctor"] == LEAVE_OUT


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[user]", "line 1: user: there is no such setting; did you mean `users`?"),
        (
            '[users]\nlogin = ["email"]',
            "line 2: users.login: there is no such setting; did you mean `login_id`?",
        ),
        (
            '[users]\ngone = "delete"',
            'line 2: users.gone: "delete" is none of the choices; did you ',
        ),
        ('[users]\nuser_id = "userid"', "line 2: users.user_id: this is no field of a user; "),
        ('[users]\nuser_id = "userIds:"', "this is no field of a user"),
        ("[users]\nlogin_id = []", "users.login_id: nobody could sign in"),
        ("[users]\npronouns = 1", "users.pronouns: this is a number; write true or false"),
        ('[terms]\ncommon_id_after = ""', "terms.common_id_after: this separates nothing"),
        ("[years]\nonly = [27]", "years.only[0]: this is no school year"),
        ('[dates]\ntime_zone = "Denver"', "dates.time_zone: "),
        (
            '[courses]\nlong_name = "{class.tilte}"',
            "courses.long_name: there is no field {class.tilte}; did you mean {class.title}?",
        ),
        ('[courses]\nlong_name = "{class.title"', "a brace stands alone"),
        ('[courses]\nlong_name = " "', "this is no template of a name"),
        (
            '[courses]\nper = "course"\nlong_name = "{class.title}"',
            "line 3: courses.long_name: {class.title} is a class's",
        ),
        ('[enrollments.roles]\nstudnet = "student"', '"studnet" is no role of OneRoster; did you'),
        ('[observers]\nroles = ["mother"]', '"mother" is no role of OneRoster'),
        ('[observers]\nnever = { p = "s" }', "observers.never.p: this is no list of ids"),
        ('[observers]\nstated_by = "anyone"', "observers.stated_by: "),
        ('[admins.roles]\npricipal = "x"', 'did you mean "principal"?'),
        ("accounts = 1", "accounts: this is a number; write a table"),
        ("[users", "The policy is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_place(text, said):
    with pytest.raises(ConfigError) as refused:
        policy_from(text)

    assert said in refused.value.message


def test_all_mistakes_are_named_at_once_in_the_order_of_their_lines():
    with pytest.raises(ConfigError) as refused:
        policy_from('[users]\ngone = "x"\nkin = "y"\n[terms]\nmerge = "z"')

    lines = refused.value.message.splitlines()
    assert lines[0] == "3 things to mend in the policy:"
    assert [line.partition(":")[0] for line in lines[1:]] == ["line 2", "line 3", "line 5"]


def test_a_template_names_its_fields():
    assert templates.fields_of("{class.title|course.title} {{x}} {class.title}") == (
        "class.title",
        "course.title",
    )
