"""Who is in which section: the current record of several, its role, dates and standing."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rostering.translating import (
    SCHOOL,
    TODAY,
    Record,
    Tables,
    changed,
    enrollment,
    klass,
    session,
    translated,
    user,
)


def day(offset: int) -> str:
    """A date so many days from today."""
    return (TODAY + timedelta(days=offset)).isoformat()


def amy(number: int, begin: int, after: int, role: str = "student", **more) -> Record:
    """One of Amy's records in `m1`, from day to day."""
    dates = {"beginDate": day(begin), "endDate": day(after)}
    return enrollment("amy", role=role, sourcedId=f"e{number}", **{**dates, **more})


def only(*records: Record) -> Tables:
    return {**SCHOOL, "enrollments": list(records)}


# -- the current enrollment among duplicates


#: What each of some students' records say, and which of them is taken.
AGAIN = {
    "left and came back": ([amy(1, -50, -20), amy(2, -5, 90)], 2),
    "the old one deleted": ([amy(1, -50, 90, status="tobedeleted"), amy(2, -5, 90)], 2),
    "the new one deleted": ([amy(1, -50, -20), amy(2, -5, 90, status="tobedeleted")], 1),
    "over and to come": ([amy(1, -50, -20), amy(2, 20, 90)], 2),
    "two to come": ([amy(1, 30, 90), amy(2, 20, 90)], 2),
    "two over": ([amy(1, -50, -20), amy(2, -60, -10)], 2),
    "the end is excluded, the beginning is not": ([amy(1, -1, 0), amy(2, 0, 1)], 2),
    "who may do more": ([amy(1, -50, 90), amy(2, -50, 90, "teacher")], 2),
    "aides before students": ([amy(1, -50, 90, "aide"), amy(2, -50, 90)], 1),
    "the later begun": ([amy(1, -50, 90), amy(2, -40, 90)], 2),
    "the later changed": (
        [
            amy(1, -50, 90, dateLastModified="2026-10-02T00:00:00Z"),
            amy(2, -50, 90, dateLastModified="2026-10-01T00:00:00Z"),
        ],
        1,
    ),
    "whatever their order": ([amy(2, -50, 90), amy(1, -50, 90)], 1),
    "a role nobody mapped": ([amy(1, -50, -20), amy(2, -5, 90, "proctor")], 1),
}


@pytest.fixture(scope="module")
def once():
    """All of them in one class."""
    records = [
        {**record, "sourcedId": f"{who} {record['sourcedId']}", "userSourcedId": who}
        for who, (several, _) in AGAIN.items()
        for record in several
    ]
    return translated({**SCHOOL, "users": [user(who) for who in AGAIN], "enrollments": records})


@pytest.mark.parametrize("who", AGAIN)
def test_the_current_record_is_taken_and_the_others_are_told(once, who):
    records, winner = AGAIN[who]
    (chosen,) = [record for record in records if record["sourcedId"] == f"e{winner}"]
    rows = [row for row in once.tables["enrollments"] if row["user_id"] == who]
    (row,) = [row for row in rows if row["status"] != "deleted"]
    assert row["start_date"] == f"{chosen['beginDate']}T00:00:00Z"

    told_of = [
        (problem.message.partition(" gives")[0].removeprefix("Enrollment "), problem.value)
        for problem in once.told("enrollment-again")
        if str(problem.value).startswith(who)
    ]
    losers = [
        f"{who} {record['sourcedId']}"
        for record in records
        if record is not chosen and "status" not in record and record["role"] != "proctor"
    ]
    assert told_of == [(loser, f"{who} e{winner}") for loser in losers]


def test_a_change_of_role_ends_the_old_one():
    told = translated(only(amy(1, -50, 90, status="tobedeleted"), amy(2, -5, 90, "teacher")))

    assert [("student", "deleted"), ("teacher", "active")] == told.rows(
        "enrollments", "role", "status"
    )


def test_each_role_in_a_class_if_the_policy_says_so():
    records = only(amy(1, -50, 90), amy(2, -50, 90, "teacher"), amy(3, -60, -55, "teacher"))

    told = translated(records, '[enrollments]\nseveral_roles = "each"')

    assert [("student", "active"), ("teacher", "active")] == told.rows(
        "enrollments", "role", "status"
    )


def test_two_people_in_a_class_and_one_in_two_are_no_duplicates():
    tables = changed(
        classes=[klass("m2")],
        users=[user("bob")],
        enrollments=[enrollment("bob"), enrollment("amy", "m2")],
    )

    told = translated(tables)

    assert len(told.tables["enrollments"]) == 4
    assert "enrollment-again" not in told.codes


@st.composite
def rolls(draw):
    """Records of a few people in a few classes, at random about today."""
    count = draw(st.integers(1, 40))
    return [
        enrollment(
            draw(st.sampled_from(["amy", "bob", "cat"])),
            draw(st.sampled_from(["m1", "m2", "m3"])),
            draw(st.sampled_from(["student", "teacher", "aide", "proctor"])),
            sourcedId=f"e{number}",
            status=draw(st.sampled_from([None, "active", "tobedeleted"])),
            beginDate=draw(st.sampled_from([None, day(-40), day(-1), day(0), day(1), day(30)])),
            endDate=draw(st.sampled_from([None, day(-30), day(0), day(1), day(60)])),
        )
        for number in range(count)
    ]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rolls())
def test_whatever_is_sent_everybody_has_one_current_enrollment_in_a_class(records):
    """And nobody who is in use is lost, and every record that gave way is told."""
    tables = {
        **SCHOOL,
        "classes": [klass("m1"), klass("m2"), klass("m3")],
        "users": [user("amy"), user("bob"), user("cat")],
        "enrollments": records,
    }

    told = translated(tables)

    def places(of):
        return {(record["userSourcedId"], record["classSourcedId"]) for record in of}

    records = [record for record in records if record["role"] != "proctor"]  # left out
    live = [record for record in records if record["status"] != "tobedeleted"]
    rows = told.rows("enrollments", "user_id", "section_id", "role", "status")
    going = [row[:2] for row in rows if row[3] != "deleted"]
    assert len(going) == len(set(going))
    assert set(going) == places(live)
    # Canvas is told one thing of each key
    assert len(rows) == len({row[:3] for row in rows})
    assert {row[:2] for row in rows} == places(records)
    assert len(told.told("enrollment-again")) == len(live) - len(going)


# -- roles


BY_DEFAULT = {
    "student": "student",
    "teacher": "teacher",
    "aide": "ta",
    "proctor": None,
    "administrator": None,
    "parent": None,
    "ext:para": None,
}
CHOSEN = """
    [enrollments.roles]
    proctor = "ta"
    "ext:para" = "Paraprofessional"
    teacher = "Co-Teacher"
    student = "leave-out"
"""
BY_CHOICE = {
    **BY_DEFAULT,
    "student": None,
    "teacher": "Co-Teacher",
    "proctor": "ta",
    "ext:para": "Paraprofessional",
}


@pytest.mark.parametrize(("policy", "becomes"), [("", BY_DEFAULT), (CHOSEN, BY_CHOICE)])
def test_roles_become_what_the_policy_says_and_what_is_left_out_is_told(policy, becomes):
    tables = {
        **SCHOOL,
        "users": [user(role) for role in becomes],
        "enrollments": [enrollment(role, role=role) for role in becomes],
    }

    told = translated(tables, policy)

    assert {role: canvas for role, canvas in becomes.items() if canvas} == dict(
        told.rows("enrollments", "user_id", "role")
    )
    left = {problem.value for problem in told.told("role-left-out")}
    assert left == {role for role, canvas in becomes.items() if canvas is None}
    assert "enrollments" not in told.held


@pytest.mark.parametrize(
    ("policy", "becomes"), [("", [("ta",)]), ("aides_by_user_role = false", [])]
)
def test_a_proctor_who_is_an_aide_is_an_aide(policy, becomes):
    tables = {
        **changed(users=[user("ann", "aide")]),
        "enrollments": [enrollment("ann", role="proctor")],
    }

    assert becomes == translated(tables, f"[enrollments]\n{policy}").rows("enrollments", "role")


# -- standing

#: What an enrollment says -> what becomes of it.
STANDINGS = {
    "active": {},
    "deleted": {"status": "tobedeleted"},
    "deleted, as 1.0 says it": {"status": "inactive"},
    "active, to come": {"beginDate": day(10)},
    "active, for the last day": {"endDate": day(1)},
    "inactive": {"endDate": day(0)},
}


def test_standing_follows_dates_and_status():
    tables = {
        **SCHOOL,
        "users": [user(who) for who in STANDINGS],
        "enrollments": [enrollment(who, **fields) for who, fields in STANDINGS.items()],
    }

    told = dict(translated(tables).rows("enrollments", "user_id", "status"))

    assert told == {who: who.partition(",")[0] for who in STANDINGS}


@pytest.mark.parametrize("becomes", ["completed", "deleted", "active"])
def test_who_left_early_is_what_the_policy_says(becomes):
    told = translated(
        only(enrollment("amy", endDate=day(0))), f'[enrollments]\nleft_early = "{becomes}"'
    )

    assert [(becomes,)] == told.rows("enrollments", "status")


@pytest.mark.parametrize(
    ("policy", "status"),
    [("", "completed"), ('ended = "active"', "active"), ('ended = "inactive"', "inactive")],
)
def test_with_its_term_an_enrollment_ends(policy, status):
    told = translated(only(enrollment("amy")), f"[enrollments]\n{policy}", today=date(2027, 1, 16))

    assert [(status,)] == told.rows("enrollments", "status")


def test_an_inclusive_end_date_is_a_day_more():
    tables = only(enrollment("amy", endDate=day(0)))

    told = translated(tables, '[dates]\nend = "inclusive"')

    assert [("active", f"{day(0)}T23:59:59Z")] == told.rows("enrollments", "status", "end_date")


# -- dates

OF_TERM = ("2026-08-17T00:00:00Z", "2027-01-15T23:59:59Z")
OWN = (f"{day(-9)}T00:00:00Z", f"{day(8)}T23:59:59Z")


@pytest.mark.parametrize(
    ("begin", "after", "policy", "sent"),
    [
        (day(-9), day(9), "", OWN),
        (None, None, "", OF_TERM),
        (day(-9), None, "", (OWN[0], OF_TERM[1])),
        (None, day(9), "", (OF_TERM[0], OWN[1])),
        (day(9), day(-9), "", OF_TERM),
        # Canvas heeds one date only together with the other
        (None, day(9), 'fill = "blank"', (None, None)),
        (None, None, 'fill = "blank"', (None, None)),
        (day(9), day(-9), 'fill = "blank"', (None, None)),
        (day(-9), day(9), 'fill = "blank"', OWN),
        (None, None, 'dates = "own"', (None, None)),
        ("2026-08-17", "2027-01-16", 'dates = "own"', (None, None)),
        (day(-9), None, 'dates = "own"', (OWN[0], OF_TERM[1])),
    ],
)
def test_dates_are_the_enrollments_or_the_terms(begin, after, policy, sent):
    told = translated(
        only(enrollment("amy", beginDate=begin, endDate=after)), f"[enrollments]\n{policy}"
    )

    assert [sent] == told.rows("enrollments", "start_date", "end_date")
    missing = {problem.column for problem in told.told("enrollment-date-missing")}
    assert missing == {
        name for name, cell in (("beginDate", begin), ("endDate", after)) if cell is None
    }
    assert ("enrollment-backward" in told.codes) == bool(begin and after and after < begin)


def test_dates_may_be_left_to_the_term():
    told = translated(policy='[enrollments]\ndates = "none"')

    assert set(told.tables["enrollments"][0]) == {"section_id", "user_id", "role", "status"}


def test_missing_dates_are_told_together_by_term():
    tables = changed(
        classes=[klass("m2", "S2")],
        enrollments=[
            enrollment("amy", beginDate=None, endDate=None),
            enrollment("tom", "m2", "teacher", beginDate=None),
        ],
    )

    told = translated(tables)

    assert [
        ("beginDate", "S1"),
        ("endDate", "S1"),
        ("beginDate", "S2"),
    ] == [(problem.column, problem.value) for problem in told.told("enrollment-date-missing")]


def test_without_a_term_missing_dates_stay_blank():
    tables = changed(classes=[klass("m1", "lost")], enrollments=[enrollment("amy", beginDate=None)])

    assert [(None, None)] == [
        dates[1:]
        for dates in translated(tables).rows("enrollments", "user_id", "start_date", "end_date")
        if dates[0] == "amy"
    ]


# -- what is not there


@pytest.mark.parametrize(
    ("record", "column", "value"),
    [
        (enrollment("amy", "lost"), "classSourcedId", "lost"),
        (enrollment("lost"), "userSourcedId", "lost"),
    ],
)
def test_an_enrollment_in_nothing_or_of_nobody_goes_on_by_its_ids_and_is_told(
    record, column, value
):
    """The check holds it back alone: what Canvas has of it stays, and others can still leave."""
    told = translated(changed(enrollments=[record]))

    ids = [(row["section_id"], row["user_id"]) for row in told.tables["enrollments"]]
    assert (record["classSourcedId"], record["userSourcedId"]) in ids
    assert [(column, value)] == [(p.column, p.value) for p in told.told("reference-unknown")]
    assert told.held == set()


@pytest.mark.parametrize("choice", ['user_id = "identifier"', 'merge_by = "email"'])
def test_an_enrollment_of_nobody_whose_id_cannot_be_known_holds_the_table_back(choice):
    told = translated(changed(enrollments=[enrollment("lost")]), policy=f"[users]\n{choice}\n")

    assert "lost" not in {row["user_id"] for row in told.tables["enrollments"]}
    assert "enrollments" in told.held


@pytest.mark.parametrize("column", ["classSourcedId", "userSourcedId", "role"])
def test_an_enrollment_that_lacks_what_it_means_is_held_back(column):
    """It was told where it was read."""
    told = translated(changed(enrollments=[{**enrollment("amy"), column: None}]))

    assert {"enrollments"} == told.held
    assert told.codes == set()


def test_what_is_gone_needs_no_class_and_nobody():
    lost = enrollment("lost", "lost", status="tobedeleted")

    told = translated(changed(enrollments=[lost]))

    assert told.problems == []
    assert told.held == set()


def test_changes_alone_are_told_by_the_ids_they_bear():
    tables = {"enrollments": [enrollment("new"), enrollment("old", status="tobedeleted")]}

    told = translated(tables, changes=frozenset({"enrollments"}))

    assert [("new", "active"), ("old", "deleted")] == told.rows("enrollments", "user_id", "status")
    assert told.problems == []
    assert not told.translation.is_whole


def test_of_changes_alone_people_by_another_id_are_not_known():
    tables = {"enrollments": [enrollment("new")]}

    told = translated(tables, '[users]\nuser_id = "identifier"', changes=frozenset({"enrollments"}))

    assert told.tables["enrollments"] == []
    assert {"enrollments"} == told.held


def test_an_enrollment_that_outlives_its_term_is_as_it_says():
    tables = changed(
        academicSessions=[session("S1", "2026-08-17", "2026-09-30", "FY")],
        enrollments=[enrollment("amy"), enrollment("tom", role="teacher", endDate="2026-09-30")],
    )

    told = translated(tables)

    assert [("amy", "active"), ("tom", "completed")] == told.rows(
        "enrollments", "user_id", "status"
    )
