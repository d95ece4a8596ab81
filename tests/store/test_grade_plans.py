"""Grade plans that wait for a person, and the courses they are of."""

import pytest

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store import audit, grade_courses, grade_plans, runs
from rosterway.store.grade_plans import GradePlanState
from rosterway.store.runs import Trigger
from store.builders import NOON, later


def a_sync(handle, *, course="101", occasion="1"):
    return runs.request(
        handle,
        kind="grades",
        course=course,
        trigger=Trigger.HAND,
        occasion=occasion,
        application_version="1",
        now=NOON,
    )


def a_plan(handle, digest="a" * 64, *, course="101", minutes=0):
    return grade_plans.record(
        handle,
        digest=digest,
        course=course,
        run=a_sync(handle, course=course, occasion=digest).id,
        summary={"line_items": 3},
        now=later(minutes),
    )


def test_a_run_may_be_about_a_course_and_no_feed(lincoln):
    run = a_sync(lincoln)

    assert (run.feed, run.course, run.subject) == (None, "101", "course 101")
    assert runs.latest(lincoln, course="101") == [run]
    assert a_sync(lincoln, course="102").id != run.id
    with pytest.raises(TypeError, match="about no feed"):
        _ = run.roster


def test_the_same_plan_of_the_same_run_is_recorded_once(lincoln):
    assert a_plan(lincoln) == a_plan(lincoln, minutes=5)


def test_a_newer_plan_of_a_course_takes_the_place_of_one_that_waits(lincoln):
    old, other = a_plan(lincoln), a_plan(lincoln, "c" * 64, course="102")
    new = a_plan(lincoln, "b" * 64, minutes=1)

    waiting = grade_plans.latest(lincoln, state=GradePlanState.WAITING)
    assert {plan.id for plan in waiting} == {new.id, other.id}
    struck = grade_plans.get(lincoln, old.id)
    assert (struck.state, struck.reason) == (
        GradePlanState.SUPERSEDED,
        f"{new.id} takes its place",
    )


def test_a_plan_is_decided_about_once_by_a_named_operator(lincoln):
    plan = a_plan(lincoln)
    said = grade_plans.decide(
        lincoln, plan.id, GradePlanState.APPROVED, operator="ada", reason="seen", now=later(1)
    )

    assert (said.state, said.decided_by, said.reason) == (
        GradePlanState.APPROVED,
        "ada",
        "seen",
    )
    assert [(entry.actor, entry.act) for entry in audit.entries(lincoln)] == [
        ("ada", "grades.approve")
    ]
    with pytest.raises(ConflictError, match=r"ada was first: .* approved already"):
        grade_plans.decide(lincoln, plan.id, GradePlanState.DISCARDED, operator="bo", now=later(2))


@pytest.mark.parametrize(
    ("to", "is_allowed"),
    [
        (GradePlanState.CARRIED_OUT, False),
        (GradePlanState.SUPERSEDED, True),
        (GradePlanState.WAITING, True),
    ],
)
def test_a_plan_that_waits_moves_on_only_as_the_table_says(lincoln, to, is_allowed):
    plan = a_plan(lincoln)
    if is_allowed:
        assert grade_plans.advance(lincoln, plan.id, to, now=later(1)).state is to
        return
    with pytest.raises(ConflictError, match="is waiting, not carried-out"):
        grade_plans.advance(lincoln, plan.id, to, now=later(1))


def test_a_plan_is_found_by_the_beginning_of_its_digest(lincoln):
    plan = a_plan(lincoln)
    a_plan(lincoln, "a" * 10 + "b" * 54, course="102")

    assert grade_plans.by_digest(lincoln, "a" * 12) == plan
    with pytest.raises(ConflictError, match="2 grade plans"):
        grade_plans.by_digest(lincoln, "a" * 9)
    with pytest.raises(NotFoundError):
        grade_plans.by_digest(lincoln, "aaa")


def test_another_tenants_plans_and_courses_are_not_seen(lincoln, monroe):
    plan = a_plan(lincoln)
    grade_courses.put(lincoln, "101", name="Biology", sis_id=None, nightly=True, now=NOON)

    assert grade_plans.latest(monroe) == []
    assert grade_courses.every(monroe) == []
    with pytest.raises(NotFoundError):
        grade_plans.get(monroe, plan.id)
    with pytest.raises(NotFoundError):
        grade_courses.get(monroe, "101")


def test_what_is_known_of_a_course_outlives_another_look_at_it(lincoln):
    run = a_sync(lincoln)
    grade_courses.put(lincoln, "101", name="Biology", sis_id="bio", nightly=False, now=NOON)
    grade_courses.keep_snapshot(lincoln, "101", "f" * 64, whole=True, now=later(1))
    grade_courses.keep_snapshot(lincoln, "101", "e" * 64, whole=False, now=later(2))
    grade_courses.synced(lincoln, "101", run=run.id, now=later(3))
    seen = grade_courses.put(
        lincoln, "101", name="Biology II", sis_id="bio", nightly=True, now=later(4)
    )

    assert (seen.name, seen.nightly, seen.seen_at) == ("Biology II", True, later(4))
    assert (seen.snapshot, seen.read_whole_at) == ("e" * 64, later(1))
    assert (seen.synced_at, seen.synced_by) == (later(3), run.id)
    assert grade_courses.every(lincoln, nightly=True) == [seen]
    assert grade_courses.every(lincoln, nightly=False) == []
