"""What waits for a person, and what a yes or a no leads to."""

import pytest

from rosterway.errors import ConflictError
from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import decide, files
from rosterway.store import audit, grade_courses, grade_plans, runs
from rosterway.store.grade_plans import GradePlanState
from runs.grades.test_nine_steps import GRADED, a_graded_essay


def the_plan(school):
    (plan,) = grade_plans.latest(school.handle, state=GradePlanState.WAITING)
    return plan


async def held(school, **how):
    run = await school.sync(**how)
    assert run.outcome == "held"
    assert school.puts == 0
    return run, the_plan(school)


@pytest.mark.parametrize(
    ("grades", "how", "why"),
    [
        ("", {}, "This is the first sync of the course"),
        ('preview = "never"\ncap = 1', {}, "2 new line items would be made"),
        ('preview = "never"', {"preview": True}, "asked to be shown"),
        ('preview = "always"\ncap = 9', {}, "asked to be shown"),
    ],
)
async def test_a_plan_waits_and_says_why(open_school, grades, how, why):
    school = await open_school(grades=grades)
    await a_graded_essay(school)

    run, plan = await held(school, **how)

    assert why in run.reason
    assert plan.summary["counts"]["results"] == 8


async def test_what_is_approved_is_carried_out(open_school):
    school = await open_school(grades="")
    _, wanted = await a_graded_essay(school)
    run, plan = await held(school)

    said = decide.approve(school.handle, plan.digest[:12], operator="ada", now=school.time)
    carried = await school.drive(said.run)

    assert carried.outcome == "delivered"
    assert school.scores() == wanted
    assert grade_plans.get(school.handle, plan.id).state == "carried-out"
    assert [("ada", "grades.approve")] == [
        (one.actor, one.act) for one in audit.entries(school.handle)
    ]
    with pytest.raises(ConflictError):
        decide.discard(school.handle, plan.digest, operator="bo", now=school.time)
    assert run.id != carried.id
    assert (await school.sync()).outcome == "nothing"


async def test_what_is_discarded_is_not_sent_and_waits_no_more(open_school):
    school = await open_school(grades="")
    await a_graded_essay(school)
    _, plan = await held(school)

    decide.discard(school.handle, plan.digest, operator="ada", now=school.time)

    assert school.puts == 0
    assert (await school.sync()).outcome == "held"


async def test_who_says_yes_when_asking_is_not_asked_again(open_school):
    school = await open_school(grades="")
    _, wanted = await a_graded_essay(school)

    run = await school.sync(approved=True)

    assert run.outcome == "delivered"
    assert school.scores() == wanted
    (plan,) = grade_plans.latest(school.handle)
    assert (plan.state, plan.decided_by) == ("carried-out", "ada")


async def test_a_grade_that_changed_since_it_was_shown_goes_with_the_next_sync(open_school):
    school = await open_school(grades="")
    essay, wanted = await a_graded_essay(school)
    _, plan = await held(school)
    class_id, group = next(iter(school.students.items()))
    await school.grade(essay, group[0], posted_grade="1")

    said = decide.approve(school.handle, plan.digest, operator="ada", now=school.time)
    carried = await school.drive(said.run)

    assert carried.outcome == "delivered"
    place = ("Essay", class_id, group[0])
    assert school.scores() == {key: value for key, value in wanted.items() if key != place}
    assert (await school.sync()).outcome == "delivered"
    assert school.scores() == wanted | {place: (GRADED, 1.0)}


async def test_an_approval_is_void_where_the_assignments_have_changed(open_school):
    school = await open_school(grades="")
    essay, _ = await a_graded_essay(school)
    _, plan = await held(school)
    await school.teach("PUT", f"/assignments/{essay}", {"assignment": {"name": "Other"}})

    said = decide.approve(school.handle, plan.digest, operator="ada", now=school.time)
    carried = await school.drive(said.run)

    assert carried.outcome == "held"
    assert "2 assignments are not as shown any more" in carried.reason
    assert school.puts == 0
    assert grade_plans.get(school.handle, plan.id).state == "superseded"
    assert the_plan(school).digest == school.file(carried, files.PLAN, PassbackPlan).digest


async def test_who_presses_again_is_shown_the_run_that_is_under_way(open_school):
    school = await open_school()
    await a_graded_essay(school)
    run = school.request()
    await school.step(run)

    assert school.request().id == run.id
    assert school.request(remaster=True).id != run.id
    await school.drive(run)
    assert school.request().id != run.id


async def test_the_course_is_known_once_it_has_been_looked_at(open_school):
    school = await open_school()
    await a_graded_essay(school)
    run = await school.sync()

    known = grade_courses.get(school.handle, school.course)

    assert (known.sis_id, known.synced_by, known.nightly) == ("C1", run.id, False)
    assert runs.latest(school.handle, course=school.course)[0].id == run.id
