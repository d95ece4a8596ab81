"""Who may see a child: named on the child's record, in a role the policy allows, and not forbidden."""

import pytest

from rostering.translating import SCHOOL, Record, translated, user


def family(adult: Record, child: Record | None = None, *more: Record):
    """Amy and an adult who name each other."""
    child = child or user("amy", agentSourcedIds=["ann"])
    return {**SCHOOL, "users": [child, adult, *more], "enrollments": []}


def ann(role: str = "parent", **more) -> Record:
    return user("ann", role, **{"agentSourcedIds": ["amy"], **more})


def links(told):
    return told.rows("user_observers", "observer_id", "student_id")


@pytest.mark.parametrize(
    ("role", "policy", "sees"),
    [
        ("parent", "", True),
        ("guardian", "", True),
        ("relative", "", False),
        ("relative", 'roles = ["relative"]', True),
        ("parent", 'roles = ["guardian"]', False),
        ("teacher", "", False),
        ("ext:caseworker", 'roles = ["ext:caseworker"]', True),
    ],
)
def test_roles_that_may_see(role, policy, sees):
    told = translated(family(ann(role)), f"[observers]\n{policy}")

    assert links(told) == ([("ann", "amy")] if sees else [])
    assert told.codes == (set() if sees else {"observer-role"})


@pytest.mark.parametrize(
    ("by_child", "by_adult", "who_may"),
    [
        (True, True, {"student", "parent", "either", "both"}),
        (True, False, {"student", "either"}),
        (False, True, {"parent", "either"}),
        (False, False, set()),
    ],
)
def test_whose_record_names_the_other(by_child, by_adult, who_may):
    tables = family(
        ann(agentSourcedIds=["amy"] if by_adult else None),
        user("amy", agentSourcedIds=["ann"] if by_child else None),
    )

    for choice in ("student", "parent", "either", "both"):
        told = translated(tables, f'[observers]\nstated_by = "{choice}"')
        assert bool(links(told)) == (choice in who_may), choice
        is_refused = (by_child or by_adult) and choice not in who_may
        assert ("observer-unstated" in told.codes) == is_refused


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
