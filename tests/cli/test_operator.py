"""`rosterway operator`: who may sign in."""

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
PASSWORD = "correct horse battery"


async def test_an_operator_is_added_with_a_password_from_the_environment(house):
    done = await house.run(
        *("operator", "add", "maria", "--role", "approver", "--tenant", "lincoln"),
        *("--format", "json"),
        ROSTERWAY_OPERATOR_PASSWORD=PASSWORD,
    )

    assert (done.code, done.json) == (
        0,
        {"operator": "maria", "role": "approver", "tenant": "lincoln"},
    )
    listed = (await house.run("operator", "list", "--format", "json")).json
    assert {"operator": "maria", "disabled": False, "roles": {"lincoln": "approver"}} in listed


@pytest.mark.parametrize(
    ("words", "password", "code", "message"),
    [
        (["ben"], None, 2, "There is nobody to ask for a password."),
        (["ben"], "short", 2, "a password has at least 12 characters"),
        (["ben", "--role", "boss"], PASSWORD, 2, "There is no role boss."),
        (["ben", "--tenant", "nope"], PASSWORD, 1, 'there is no tenant "nope"'),
    ],
)
async def test_an_operator_who_cannot_be_added_is_not(house, words, password, code, message):
    done = await house.run(
        *("operator", "add", *words, "--format", "json"), ROSTERWAY_OPERATOR_PASSWORD=password
    )

    assert (done.code, done.json["error"]["message"]) == (code, message)
    listed = (await house.run("operator", "list", "--format", "json")).json
    assert "ben" not in {one["operator"] for one in listed}


async def test_a_name_is_taken_once(house):
    words = ("operator", "add", "iris", "--format", "json")
    first = await house.run(*words, ROSTERWAY_OPERATOR_PASSWORD=PASSWORD)
    second = await house.run(*words, ROSTERWAY_OPERATOR_PASSWORD=PASSWORD)

    assert (first.code, second.code) == (0, 1)
    assert second.json["error"]["message"] == 'there is an operator "iris" already'


async def test_people_read_names_and_roles(house):
    lines = (await house.run("operator", "list")).out.splitlines()

    assert lines[0].split() == ["operator", "roles"]


async def test_an_operator_gets_another_password_is_shut_out_and_let_in_again(house):
    async def known():
        listed = (await house.run("operator", "list", "--format", "json")).json
        return {one["operator"]: one["disabled"] for one in listed}

    await house.run("operator", "add", "paula", ROSTERWAY_OPERATOR_PASSWORD=PASSWORD)
    changed = await house.run(
        *("operator", "password", "paula", "--format", "json"),
        ROSTERWAY_OPERATOR_PASSWORD="another horse battery",
    )
    shut = await house.run("operator", "disable", "paula")
    assert (await known())["paula"]
    opened = await house.run("operator", "enable", "paula")

    assert (changed.code, changed.json) == (0, {"operator": "paula"})
    assert (shut.out, opened.out) == (
        "paula is let in no more.\n",
        "paula may sign in again.\n",
    )
    assert not (await known())["paula"]


async def test_a_token_of_a_feed_is_printed_once_listed_and_revoked(house):
    await house.run("operator", "add", "theo", ROSTERWAY_OPERATOR_PASSWORD=PASSWORD)

    made = await house.run(
        *("operator", "token", "theo", "--feed", "nightly", "--days", "30", "--format", "json")
    )
    listed = await house.run("operator", "token", "theo", "--format", "json")
    again = await house.run("operator", "token", "theo", "--feed", "nightly")
    nowhere = await house.run("operator", "token", "theo", "--feed", "nope")

    assert made.json["token"].startswith("rosterway_")
    assert [("nightly", "nightly", "lincoln")] == [
        (one["label"], one["feed"], one["tenant"]) for one in listed.json
    ]
    assert made.json["token"] not in listed.out
    assert (1, 1) == (again.code, nowhere.code)
    assert 0 == (await house.run("operator", "token", "theo", "--revoke", "nightly")).code
    assert [] == (await house.run("operator", "token", "theo", "--format", "json")).json


@pytest.mark.parametrize("what", ["password", "disable", "enable", "token"])
async def test_of_an_unknown_name_the_command_says_so(house, what):
    done = await house.run("operator", what, "nobody", ROSTERWAY_OPERATOR_PASSWORD=PASSWORD)

    assert done.code == 1
    assert 'there is no operator "nobody"' in done.err
