"""Associations, forgetting, reconciling, repairing, and what somebody did in the SIS."""

import pytest

from rosterway.errors import ConflictError
from rosterway.passback.differences import Kind
from rosterway.runs.grades import courses, decide, status
from rosterway.runs.grades.requests import request_again, request_reconcile, request_repair
from rosterway.store import grade_plans, ledger
from rosterway.store.grade_plans import GradePlanState
from runs.grades.test_nine_steps import GRADED, a_graded_essay


def in_the_sis(school, student):
    """The result the SIS has of a student."""
    return next(one for one in school.kept("result") if one["student"] == student)


def changed_there(school, student, score):
    school.sis.provider.shelf.put("result", {**in_the_sis(school, student), "score": score})


async def reconciled(school):
    run = request_reconcile(school.handle, school.course, by="ada", now=school.time)
    run = await school.drive(run)
    assert run.outcome == "delivered"
    last = status.last_reconciliation(school.handle, school.course)
    assert last is not None
    return last[1]


async def test_a_reconciliation_of_what_was_just_sent_finds_no_difference(open_school):
    school = await open_school()
    await a_graded_essay(school)
    await school.sync()
    puts = school.puts

    found = await reconciled(school)

    assert set(found.counts) == {Kind.SAME}
    assert school.puts == puts


async def test_a_difference_is_told_and_repaired_only_where_it_was_chosen(open_school):
    school = await open_school()
    essay, wanted = await a_graded_essay(school)
    await school.sync()
    class_id, group = next(iter(school.students.items()))
    changed_there(school, group[0], 1.0)
    changed_there(school, group[1], 2.0)

    edited = (await reconciled(school)).of(Kind.EDITED_IN_SIS)
    place = (class_id, essay, school.users[group[0]])
    run = request_repair(school.handle, school.course, [place], by="ada", now=school.time)
    run = await school.drive(run)

    assert len(edited) == 2
    assert run.outcome == "delivered"
    assert school.scores() == wanted | {("Essay", class_id, group[1]): (GRADED, 2.0)}


async def test_an_edit_made_in_the_sis_waits_for_a_yes_where_the_policy_asks(open_school):
    school = await open_school(grades='preview = "never"\nsis_edits = "ask"')
    essay, _ = await a_graded_essay(school)
    assert (await school.sync()).outcome == "delivered"
    _, group = next(iter(school.students.items()))
    changed_there(school, group[0], 1.0)
    await school.grade(essay, group[0], posted_grade="9")

    held = await school.sync()

    assert held.outcome == "held"
    assert in_the_sis(school, group[0])["score"] == 1.0
    assert (await school.sync(approved=True)).outcome == "delivered"
    assert in_the_sis(school, group[0])["score"] == 9.0


async def test_what_is_changed_in_the_sis_after_it_was_shown_is_not_overwritten(open_school):
    school = await open_school(grades='preview = "never"\nsis_edits = "ask"')
    essay, _ = await a_graded_essay(school)
    await school.sync()
    _, group = next(iter(school.students.items()))
    for student in group[:2]:
        changed_there(school, student, 1.0)
        await school.grade(essay, student, posted_grade="9")
    assert (await school.sync()).outcome == "held"
    changed_there(school, group[1], 2.0)

    (plan,) = grade_plans.latest(school.handle, state=GradePlanState.WAITING)
    said = decide.approve(school.handle, plan.digest, operator="ada", now=school.time)
    carried = await school.drive(said.run)

    assert carried.outcome == "delivered"
    assert in_the_sis(school, group[0])["score"] == 9.0
    assert in_the_sis(school, group[1])["score"] == 2.0


async def test_an_association_stays_when_the_group_is_renamed(open_school):
    school = await open_school()
    await a_graded_essay(school)
    await school.sync()
    table = courses.category_table(school.handle, school.course)
    group = next(row.group for row in table.rows if row.group.name == "Homework")
    tests = next(one for one in table.categories[school.classes[0]] if one.title == "Tests")
    for class_id in school.classes:
        courses.associate(
            school.handle,
            school.course,
            group=group.id,
            class_id=class_id,
            category_id=tests.sourced_id,
            by="ada",
            now=school.time,
        )
    await school.teach("PUT", f"/assignment_groups/{group.id}", {"name": "Anything"})

    assert (await school.sync()).outcome == "delivered"

    assert {one["category"] for one in school.kept("lineItem")} == {tests.sourced_id}
    assert table.unassociated[group.id] == 2
    assert courses.category_table(school.handle, school.course).unassociated[group.id] == 0


async def test_a_forgotten_course_finds_its_line_items_again(open_school):
    school = await open_school()
    _, wanted = await a_graded_essay(school)
    await school.sync()
    items = {one["sourcedId"] for one in school.kept("lineItem")}
    run = school.request()
    await school.step(run)
    with pytest.raises(ConflictError, match="is at this course"):
        courses.forget(school.handle, school.course, by="ada", now=school.time)
    await school.drive(run)

    forgotten = courses.forget(school.handle, school.course, by="ada", now=school.time)
    again = await school.sync()

    assert forgotten == 2 + 8
    assert again.outcome == "delivered"
    assert {one["sourcedId"] for one in school.kept("lineItem")} == items
    assert school.scores() == wanted
    courses.put_back(school.handle, school.course, by="ada", now=school.time)
    assert len(ledger.of_course(school.handle, school.course)) == 2 + 8


async def test_what_failed_is_asked_for_again_by_itself(open_school):
    school = await open_school(knobs={"demands": "in-bounds"})
    essay, wanted = await a_graded_essay(school)
    class_id, group = next(iter(school.students.items()))
    await school.grade(essay, group[0], posted_grade="12")
    await school.sync()
    failed = status.failed_places(school.handle, school.course)
    school.sis.provider.turn({"demands": ""})
    puts = school.puts

    run = request_again(school.handle, school.course, failed, by="ada", now=school.time)
    run = await school.drive(run)

    assert failed == [(class_id, essay, school.users[group[0]])]
    assert (run.outcome, school.puts - puts) == ("delivered", 1)
    assert school.scores() == wanted | {("Essay", class_id, group[0]): (GRADED, 12.0)}


async def test_the_status_tells_of_every_assignment_in_every_class(open_school):
    school = await open_school()
    essay, _ = await a_graded_essay(school)
    await school.sync()

    told = status.course_status(school.handle, school.course)

    assert [(one.assignment, one.class_id, one.name) for one in told.assignments] == [
        (essay, class_id, "Essay") for class_id in school.classes
    ]
    assert all(one.synced_at and one.grades == {"accepted": 4} for one in told.assignments)
    assert told.last is not None
    assert told.going is told.waiting is None
    results = status.results_of(
        school.handle, school.course, user=school.users[school.students[school.classes[0]][0]]
    )
    kept = [one.entry.result for one in results if one.entry is not None]
    assert [one and one.score for one in kept] == [5.0]
