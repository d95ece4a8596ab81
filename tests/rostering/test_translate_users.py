"""People become users: ids, logins, names, standing, one person of several records, admins."""

from typing import Any

import pytest

from rostering.translating import SCHOOL, Record, changed, enrollment, org, translated, user

AMY = user(
    "amy",
    identifier="99123",
    userIds=[{"type": "LDAP", "identifier": "asmith"}, {"type": "SIS", "identifier": "7"}],
    userMasterIdentifier="master-1",
    metadata='{"stateId": "CO-5", "a/b": "slash"}',
)


FIELDS = {
    "sourcedId": "amy",
    "username": "amy.login",
    "identifier": "99123",
    "email": "amy@school.example",
    "userMasterIdentifier": "master-1",
    "userIds:LDAP": "asmith",
    "userIds:sis": "7",
    "metadata:stateId": "CO-5",
    "metadata:a/b": "slash",
}


@pytest.mark.parametrize("turn", range(0, len(FIELDS), 3))
def test_ids_are_the_fields_the_policy_names(turn):
    names = list(FIELDS)[turn : turn + 3]
    policy = f"""
        [users]
        user_id = "{names[0]}"
        login_id = ["{names[1]}"]
        integration_id = "{names[2]}"
    """
    told = translated({**SCHOOL, "users": [AMY], "enrollments": [enrollment("amy")]}, policy)

    values = tuple(FIELDS[name] for name in names)
    assert [values] == told.rows("users", "user_id", "login_id", "integration_id")
    assert [("m1", values[0])] == told.rows("enrollments", "section_id", "user_id")


def test_a_login_is_the_first_field_that_is_not_blank():
    tables = changed(users=[user("amy", username=None), user("tom", "teacher")])

    told = translated(tables, '[users]\nlogin_id = ["username", "email"]')

    assert {"amy": "amy@school.example", "tom": "tom.login"} == {
        key: login for key, login in told.rows("users", "user_id", "login_id") if key != "pam"
    }


def test_a_person_without_a_login_is_told_and_goes_on_to_be_refused_by_the_check():
    told = translated(changed(users=[user("amy", username=None, agentSourcedIds=["pam"])]))

    assert told.row("users", user_id="amy")["login_id"] is None
    assert [("user-without-login", "amy")] == [
        (problem.code, problem.message.split()[1]) for problem in told.problems
    ]


def test_a_person_without_the_chosen_id_holds_back_what_depends_on_it():
    tables = changed(users=[AMY, user("tom", "teacher")])

    told = translated(tables, '[users]\nuser_id = "identifier"')

    assert [("99123",)] == told.rows("users", "user_id")
    assert [("99123",)] == told.rows("enrollments", "user_id")
    assert {"users", "enrollments"} <= told.held
    assert not told.translation.is_whole
    assert len(told.told("user-without-id")) == 2


def test_of_two_people_with_one_id_the_later_is_nobody():
    """Otherwise the second would see the first one's courses."""
    tables = {
        **SCHOOL,
        "users": [user("amy", identifier="1"), user("bob", identifier="1")],
        "enrollments": [enrollment("amy"), enrollment("bob")],
    }

    told = translated(tables, '[users]\nuser_id = "identifier"')

    assert [("1", "Amy")] == told.rows("users", "user_id", "first_name")
    assert [("1",)] == told.rows("enrollments", "user_id")
    assert ["user-id-shared"] == [problem.code for problem in told.problems]
    assert "enrollments" in told.held


#: What a record says -> what becomes of the user, by default and otherwise.
STANDINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "plain": ({}, "active", "active"),
    "disabled": ({"enabledUser": "false"}, "suspended", "active"),
    "unsaid": ({"enabledUser": None}, "active", "active"),
    "active": ({"status": "active"}, "active", "active"),
    "gone": ({"status": "tobedeleted"}, "deleted", "suspended"),
    "inactive": ({"status": "inactive"}, "deleted", "suspended"),
    "gone and disabled": (
        {"status": "tobedeleted", "enabledUser": "false"},
        "deleted",
        "suspended",
    ),
}


@pytest.mark.parametrize(
    ("policy", "place"), [("", 1), ('[users]\ndisabled = "active"\ngone = "suspended"', 2)]
)
def test_standing(policy, place):
    users = [user(who, **fields) for who, (fields, _, _) in STANDINGS.items()]

    told = translated({**SCHOOL, "users": users, "enrollments": []}, policy)

    assert {who: case[place] for who, case in STANDINGS.items()} == dict(
        told.rows("users", "user_id", "status")
    )


def test_what_is_gone_with_its_user_is_gone():
    told = translated(changed(users=[user("amy", status="tobedeleted", agentSourcedIds=["pam"])]))

    assert told.row("enrollments", user_id="amy")["status"] == "deleted"
    assert told.row("user_observers")["status"] == "deleted"
    assert told.problems == []


def test_a_record_of_unknown_standing_is_left_as_canvas_has_it():
    told = translated(changed(users=[user("tom", "teacher", status="perhaps")]))

    assert [("amy",), ("pam",)] == told.rows("users", "user_id")
    assert "users" in told.held


def test_someone_gone_without_a_login_is_no_row():
    told = translated(changed(users=[user("amy", status="tobedeleted", username=None)]))

    assert [("tom",)] == told.rows("users", "user_id")
    assert "user-without-login" not in told.codes


NAMED = user("amy", preferredGivenName="Ame", pronouns="they", agentSourcedIds=["pam"])


@pytest.mark.parametrize(
    ("choice", "names"),
    [
        ("ignore", {"first_name": "Amy", "last_name": "Smith"}),
        ("short-name", {"first_name": "Amy", "last_name": "Smith", "short_name": "Ame Smith"}),
        ("first-name", {"first_name": "Ame", "last_name": "Smith"}),
    ],
)
def test_preferred_names_are_used_as_the_policy_says(choice, names):
    tables = changed(users=[NAMED, user("tom", "teacher")])

    told = translated(tables, f'[users]\npreferred_names = "{choice}"')

    row = told.row("users", user_id="amy")
    assert names == {
        key: row[key] for key in ("first_name", "last_name", "short_name") if key in row
    }
    if choice == "short-name":
        assert told.row("users", user_id="tom")["short_name"] == "Tom Smith"


def test_columns_that_nobody_chose_are_not_sent():
    columns = set(translated(changed(users=[NAMED])).tables["users"][0])

    assert columns == {"user_id", "login_id", "status", "first_name", "last_name", "email"}


def test_columns_that_are_chosen_are_sent():
    policy = """
        [users]
        pronouns = true
        declared_type = true
        authentication_provider = "saml"
        email = "username"
    """
    told = translated(changed(users=[NAMED, user("ann", "aide")]), policy)

    columns = ("pronouns", "declared_user_type", "authentication_provider_id", "email")
    rows = dict(zip(("amy", "ann", "pam", "tom"), told.rows("users", *columns), strict=True))
    assert rows == {
        "amy": ("they", "student", "saml", "amy.login"),
        "ann": (None, "staff", "saml", "ann.login"),
        "pam": (None, "observer", "saml", "pam.login"),
        "tom": (None, "teacher", "saml", "tom.login"),
    }


# -- one person, several records


def two_records(**second: str) -> dict[str, list[Record]]:
    """Amy as two schools know her, in a class each."""
    return {
        **SCHOOL,
        "users": [
            user("amy@A", identifier="7", givenName="Amy", username="amy"),
            user("amy@B", identifier="7", **{"givenName": "Amy", "username": "amy", **second}),
        ],
        "enrollments": [enrollment("amy@A"), enrollment("amy@B", sourcedId="second")],
    }


MERGED = '[users]\nmerge_by = "identifier"\n'


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        ("identifier", {}),
        ("userMasterIdentifier", {"userMasterIdentifier": "m"}),
        ("userIds:SIS", {"userIds": [{"type": "SIS", "identifier": "3"}]}),
        ("email", {"email": "AMY@school.example"}),
    ],
)
def test_records_with_one_key_are_one_person(key, fields):
    tables = two_records()
    first, second = tables["users"]
    first.update({"email": "amy@school.example", **fields})
    second.update({"email": "amy@school.example", **fields})

    told = translated(tables, f'[users]\nmerge_by = "{key}"')

    assert [("amy@A",)] == told.rows("users", "user_id")
    # and once in the class, as both records said
    assert [("m1", "amy@A")] == told.rows("enrollments", "section_id", "user_id")


def test_the_id_of_a_person_can_be_the_key_itself():
    told = translated(two_records(), f'{MERGED}user_id = "identifier"')

    assert [("7", "active")] == told.rows("users", "user_id", "status")


@pytest.mark.parametrize(
    ("first", "second", "status", "login"),
    [
        ({}, {"status": "tobedeleted"}, "active", "one"),
        ({"status": "tobedeleted"}, {}, "active", "two"),
        ({"enabledUser": "false"}, {}, "active", "two"),
        ({"enabledUser": "false"}, {"enabledUser": "false"}, "suspended", "one"),
        ({"status": "tobedeleted"}, {"enabledUser": "false"}, "suspended", "two"),
        ({"status": "tobedeleted"}, {"status": "tobedeleted"}, "deleted", "one"),
        (
            {"dateLastModified": "2026-01-01T00:00:00Z"},
            {"dateLastModified": "2026-02-01T00:00:00Z"},
            "active",
            "two",
        ),
    ],
)
def test_a_person_is_what_the_best_record_says(first, second, status, login):
    tables = two_records(username="two", **second)
    tables["users"][0].update({"username": "one", **first})

    told = translated(tables, MERGED)

    # The id stays whichever record speaks
    assert [("amy@A", status, login)] == told.rows("users", "user_id", "status", "login_id")


def test_strangers_with_one_key_stay_apart():
    tables = two_records(givenName="Zoe", familyName="Quinn")

    told = translated(tables, MERGED)

    assert [("amy@A",), ("amy@B",)] == told.rows("users", "user_id")
    assert ["people-differ"] == [problem.code for problem in told.problems]


def test_a_blank_key_makes_nobody_one():
    tables = two_records()
    for record in tables["users"]:
        record["identifier"] = None

    assert len(translated(tables, MERGED).tables["users"]) == 2


def test_without_a_declared_key_every_record_is_a_person():
    assert len(translated(two_records()).tables["users"]) == 2


# -- kin, roles, admins


@pytest.mark.parametrize(
    ("policy", "people"),
    [
        ("", {"amy", "tom", "pam"}),  # pam observes amy, rod nobody
        ('[users]\nkin = "all"', {"amy", "tom", "pam", "rod"}),
        ('[users]\nkin = "none"', {"amy", "tom"}),
        ("[observers]\nroles = []", {"amy", "tom"}),
    ],
)
def test_kin_are_users_if_they_observe_somebody(policy, people):
    told = translated(changed(users=[user("rod", "relative")]), policy)

    assert people == {key for (key,) in told.rows("users", "user_id")}
    assert ("pam" in people and "observers" not in policy and "none" not in policy) == (
        "user_observers" in told.tables
    )


ROLES = {
    **SCHOOL,
    "orgs": [*SCHOOL["orgs"], org("B", parent="D")],
    "users": [
        {**user("eva"), "role": None, "orgSourcedIds": None},
        {**user("old"), "role": None, "orgSourcedIds": None},
    ],
    "roles": [
        {"sourcedId": "1", "userSourcedId": "eva", "role": "teacher", "orgSourcedId": "A"},
        {"sourcedId": "2", "userSourcedId": "eva", "role": "principal", "orgSourcedId": "B"},
        {
            "sourcedId": "3",
            "userSourcedId": "eva",
            "role": "districtAdministrator",
            "orgSourcedId": "D",
        },
        {
            "sourcedId": "4",
            "userSourcedId": "old",
            "role": "principal",
            "orgSourcedId": "A",
            "endDate": "2026-10-13",
        },
        {
            "sourcedId": "5",
            "userSourcedId": "old",
            "role": "principal",
            "orgSourcedId": "B",
            "beginDate": "2026-10-14",
        },
        {
            "sourcedId": "6",
            "userSourcedId": "old",
            "role": "principal",
            "orgSourcedId": "D",
            "status": "tobedeleted",
        },
    ],
    "enrollments": [],
}
ADMINS = '[admins]\nroles = { principal = "School Admin", districtAdministrator = "AccountAdmin" }'


def test_roles_become_admins_only_if_the_policy_says_so():
    assert "admins" not in translated(ROLES).tables


def test_every_role_of_today_counts_in_the_account_of_its_org():
    """An end date is excluded; what begins tomorrow, is over or is to be deleted gives nothing."""
    told = translated(ROLES, ADMINS)

    assert [("eva", "B", "School Admin"), ("eva", None, "AccountAdmin")] == told.rows(
        "admins", "user_id", "account_id", "role"
    )


def test_a_role_of_1_1_counts_in_each_of_its_orgs():
    tables = changed(
        orgs=[org("B", parent="D")],
        users=[user("ada", "administrator", orgSourcedIds=["A", "B"])],
    )

    told = translated(tables, '[admins]\nroles = { administrator = "School Admin" }')

    assert [("A",), ("B",)] == told.rows("admins", "account_id")


def test_records_that_stand_twice_are_taken_once():
    tables = {**SCHOOL, "users": [*SCHOOL["users"], user("amy", givenName="Again")]}

    told = translated(tables)

    assert told.row("users", user_id="amy")["first_name"] == "Amy"
    assert ["collection-twice"] == [problem.code for problem in told.problems]


def test_an_empty_roster_is_empty_tables_and_no_missing_ones():
    told = translated({name: [] for name in SCHOOL})

    assert set(told.tables) == set(translated().tables)
    assert all(rows == [] for rows in told.tables.values())
