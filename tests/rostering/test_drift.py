"""One column changes in very many rows, or is gone (`safety.md`, `key-drift`, `header-drift`)."""

import pytest

from rostering.story import HEADERS, TOWN, decide, numbered, people, town
from rosterway.rostering.drift import always_came
from rosterway.rostering.limits import limits_from

PUPILS = numbered(200)
ENROLLED = {"S1": PUPILS[:100], "S2": PUPILS[100:]}


def day(users, **more):
    return decide(town(ENROLLED, users=people(PUPILS)), town(ENROLLED, users=users), **more)


def other_logins(count):
    return [
        f"{name},{'x' if n < count else ''}{name.lower()},{name}" for n, name in enumerate(PUPILS)
    ]


@pytest.mark.parametrize(("changed", "holds"), [(61, True), (60, False), (10, False)])
def test_a_column_that_changes_in_more_than_fifty_rows_and_thirty_percent_holds(changed, holds):
    assert (["key-drift"] if holds else []) == day(other_logins(changed)).guards


def test_a_column_of_a_small_table_may_change_in_fifty_rows():
    few = PUPILS[:50]
    users = [f"{name},x{name},{name}" for name in few]
    told = decide(town(users=people(few)), town(users=users))
    assert [] == told.guards


def test_a_drift_is_told_with_its_column():
    hold = day(other_logins(61)).hold("key-drift")
    assert {
        "guard": "key-drift",
        "table": "users",
        "scope": {"table": "users"},
        "count": 61,
        "of": 200,
        "share": 0.305,
        "limit": {"count": 50, "share": 0.3},
        "message": "login_id changes in 61 of 200 users; the limit is 60.",
        "below": 0,
    } == hold.as_dict()


def test_each_column_that_drifts_is_told():
    users = [f"{name},x{name.lower()},{name} Doe" for name in PUPILS]
    told = day(users)
    assert ["login_id", "full_name"] == [hold.message.split()[0] for hold in told.plan.holds]


def test_two_columns_that_each_change_a_little_are_no_drift():
    users = [
        f"{name},{'x' if n < 50 else ''}{name.lower()},{name}{' Doe' if n > 150 else ''}"
        for n, name in enumerate(PUPILS)
    ]
    assert [] == day(users).guards


def test_statuses_that_take_access_away_are_removals_and_no_drift():
    users = [f"{row},suspended" for row in people(PUPILS)]
    assert "key-drift" not in day(users).guards


def test_statuses_that_give_access_back_may_drift():
    suspended = [f"{row},suspended" for row in people(PUPILS)]
    told = decide(town(ENROLLED, users=suspended), town(ENROLLED, users=people(PUPILS)))
    assert ["key-drift"] == told.guards


def test_how_much_may_drift_is_configurable():
    assert [] == day(other_logins(61), limits=limits_from({"drift": {"count": 61}})).guards
    assert ["key-drift"] == day(
        other_logins(10), limits=limits_from({"drift": {"count": 5, "share": 0.01}})
    ).guards
    assert [] == day(other_logins(61), limits=limits_from({"off": ["key-drift"]})).guards


# -- Headers ---------------------------------------------------------------------------------


def without_column(name, column):
    at = HEADERS[name].split(",").index(column)
    rows = [HEADERS[name], *(f"{row},active" for row in TOWN[name])]
    return "\n".join(
        ",".join(cell for n, cell in enumerate(row.split(",")) if n != at) for row in rows
    )


def test_a_column_that_was_always_there_and_is_gone_holds():
    told = decide(
        town(roll_of_the_day := {"S1": "Ann Ben"}),
        town(roll_of_the_day, courses=without_column("courses", "term_id")),
    )
    assert ["header-drift"] == told.guards
    hold = told.hold("header-drift")
    assert ("courses", 1, 6) == (hold.table, hold.count, hold.of)
    assert "The file of courses always had the column term_id, and it is gone." == hold.message


def test_what_the_missing_column_clears_is_not_told_as_a_drift_of_its_own():
    rows = [f"{name},{name.lower()},{name},active,I{name}" for name in PUPILS]
    header = f"{HEADERS['users']},integration_id"
    told = decide(
        town(ENROLLED, users="\n".join([header, *rows])), town(ENROLLED, users=people(PUPILS))
    )
    assert ["header-drift"] == told.guards


@pytest.mark.parametrize(
    ("headers", "holds"),
    [
        ({"courses": tuple(HEADERS["courses"].split(","))}, True),
        ({"courses": tuple(HEADERS["courses"].replace(",term_id", "").split(","))}, False),
        ({}, False),
    ],
    ids=["came the last time", "did not come the last time", "not known"],
)
def test_what_always_came_is_what_is_remembered_where_it_is(headers, holds):
    told = decide(town(), town(courses=without_column("courses", "term_id")), headers=headers)
    assert (["header-drift"] if holds else []) == told.guards


def test_a_table_that_does_not_come_at_all_is_missing_and_no_drift():
    assert ["missing-table"] == decide(town(ENROLLED), town(ENROLLED, courses=None)).guards


def test_a_new_column_is_no_drift_of_the_header():
    users = "\n".join([f"{HEADERS['users']},email", *(f"{row},active," for row in people(PUPILS))])
    assert [] == day(users).guards


@pytest.mark.parametrize(
    ("before", "is_whole", "then"),
    [(None, True, "ac"), (None, False, "ac"), ("ab", True, "ac"), ("ab", False, "a")],
)
def test_whole_files_are_taken_at_their_last_word_and_parts_at_what_all_of_them_have(
    before, is_whole, then
):
    known = None if before is None else tuple(before)
    assert tuple(then) == always_came(known, tuple("ac"), is_whole=is_whole)
