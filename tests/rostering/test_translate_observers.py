"""Who may see a child: named on the child's record, in a role the policy allows, and not forbidden."""

import pytest

from rostering.translating import SCHOOL, Record, translated, user


def family(adult: Record, child: Record | None = None, *more: Record) -> dict[str, list[Record]]:
    """Amy and an adult who name each other."""
    child = child or user("amy", agentSourcedIds=["ann"])
    return {**SCHOOL, "users": [child, adult, *more], "enrollments": []}


def ann(role: str = "parent", **more) -> Record:
    return user("ann", role, **{"agentSourcedIds": ["amy"], **more})


def links(told):
    return told.rows("user_observers", "observer_id", "student_id")


ADULTS = ("parent", "guardian", "relative", "teacher", "ext:caseworker")


@pytest.mark.parametrize(
    ("policy", "sees"),
    [
        ("", {"parent", "guardian"}),
        ('roles = ["guardian"]', {"guardian"}),
        ('roles = ["relative", "ext:caseworker"]', {"relative", "ext:caseworker"}),
    ],
)
def test_roles_that_may_see(policy, sees):
    child = user("amy", agentSourcedIds=list(ADULTS))
    adults = [user(role, role, agentSourcedIds=["amy"]) for role in ADULTS]

    told = translated(
        {**SCHOOL, "users": [child, *adults], "enrollments": []}, f"[observers]\n{policy}"
    )

    assert {adult for adult, _ in links(told)} == sees
    assert {problem.value for problem in told.told("observer-role")} == set(ADULTS) - sees


@pytest.mark.parametrize(
    ("choice", "seen"),
    [
        ("student", {"both", "child"}),
        ("parent", {"both", "adult"}),
        ("either", {"both", "child", "adult"}),
        ("both", {"both"}),
    ],
)
def test_whose_record_names_the_other(choice, seen):
    """Four children and their parents: both name the other, one of them does, neither does."""
    users = [
        record
        for kind in ("both", "child", "adult", "neither")
        for record in (
            user(kind, agentSourcedIds=[f"{kind}'s"] if kind in {"both", "child"} else None),
            user(
                f"{kind}'s", "parent", agentSourcedIds=[kind] if kind in {"both", "adult"} else None
            ),
        )
    ]

    told = translated(
        {**SCHOOL, "users": users, "enrollments": []}, f'[observers]\nstated_by = "{choice}"'
    )

    assert {child for _, child in links(told)} == seen
    assert ("observer-unstated" in told.codes) == (choice != "either")


def test_by_default_the_childs_record_says_who_may():
    told = translated(family(ann(), user("amy")))

    assert links(told) == []


def test_the_policy_may_forbid_somebody_a_child():
    child = user("amy", agentSourcedIds=["ann"])
    brother = user("ben", agentSourcedIds=["ann"])
    adult = ann(agentSourcedIds=["amy", "ben"])

    told = translated(family(adult, child, brother), '[observers.never]\nann = ["amy"]')

    assert links(told) == [("ann", "ben")]


def test_a_student_who_is_a_students_agent_is_no_observer_by_that():
    sister = user("sue", agentSourcedIds=["amy"])

    told = translated(family(sister, user("amy", agentSourcedIds=["sue"])))

    assert links(told) == []


def test_a_role_that_is_over_shows_nobody_anything():
    roles = [
        {"sourcedId": "1", "userSourcedId": "amy", "role": "student", "orgSourcedId": "A"},
        {
            "sourcedId": "2",
            "userSourcedId": "ann",
            "role": "parent",
            "orgSourcedId": "A",
            "endDate": "2026-10-01",
        },
    ]

    told = translated({**family(ann()), "roles": roles})

    assert links(told) == []
    assert {"observer-role"} == told.codes


def test_a_teacher_who_is_also_a_parent_sees_the_own_child():
    roles = [
        {"sourcedId": "1", "userSourcedId": "amy", "role": "student", "orgSourcedId": "A"},
        {"sourcedId": "2", "userSourcedId": "ann", "role": "teacher", "orgSourcedId": "A"},
        {"sourcedId": "3", "userSourcedId": "ann", "role": "parent", "orgSourcedId": "A"},
    ]

    assert [("ann", "amy")] == links(translated({**family(ann()), "roles": roles}))


def test_an_agent_who_is_not_there_is_told():
    told = translated(
        {**SCHOOL, "users": [user("amy", agentSourcedIds=["lost"])], "enrollments": []}
    )

    assert links(told) == []
    assert [("observer-unknown", "lost")] == [(p.code, p.value) for p in told.problems]


def test_links_are_between_people_not_records():
    """Two records of a mother and two of a child are one link."""
    tables = family(
        ann(identifier="M"),
        user("amy", identifier="C", agentSourcedIds=["ann"]),
        user("amy2", identifier="C", givenName="Amy", agentSourcedIds=["ann2"]),
        user("ann2", "parent", identifier="M", givenName="Ann", agentSourcedIds=["amy2"]),
    )

    told = translated(tables, '[users]\nmerge_by = "identifier"')

    assert links(told) == [("ann", "amy")]


@pytest.mark.parametrize("gone", ["amy", "ann"])
def test_a_link_goes_with_either_of_the_two(gone):
    tables = family(ann())
    for record in tables["users"]:
        if record["sourcedId"] == gone:
            record["status"] = "tobedeleted"

    told = translated(tables)

    assert [("deleted",)] == told.rows("user_observers", "status")
