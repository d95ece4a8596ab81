"""What people do to a course's grades is done in Canvas as well: fixes, associations, forgetting."""

from rosterway.canvas.sync_marks import mark_in
from rosterway.passback.plan import Fix, FixKind, PassbackPlan
from rosterway.runs.grades import courses, files
from rosterway.runs.grades.in_canvas import InCanvas, apply_fixes, forget_marks, mirror
from rosterway.store import audit, ledger
from runs.grades.conftest import TEACHING
from runs.grades.test_nine_steps import a_graded_essay

SHORT = 'preview = "never"\nrules = { name_length = 12 }'
MIRRORED = 'preview = "never"\nmirror = true'


async def data_of(school, noun):
    """The integration_data of the course's assignments, or of its groups, by id."""
    path = f"/api/v1/courses/{school.course}/{noun}"
    found = await school.canvas.get(path, call=TEACHING)
    return {str(one["id"]): one.get("integration_data") or {} for one in found}


def associate(school):
    """Homework is said to be the category Tests in the first class; which group that is."""
    looked = courses.latest_look(school.handle, school.course)
    assert looked is not None
    group = next(one.id for one in looked[0].groups if one.name == "Homework")
    table = courses.category_table(school.handle, school.course)
    class_id = school.classes[0]
    tests = next(one for one in table.categories[class_id] if one.title == "Tests")
    courses.associate(
        school.handle,
        school.course,
        group=group,
        class_id=class_id,
        category_id=tests.sourced_id,
        by="ada",
        now=school.time,
    )
    return group, class_id, tests.sourced_id


async def test_chosen_fixes_are_made_in_canvas_and_in_the_audit_log(open_school):
    school = await open_school(grades=SHORT)
    essay, _ = await a_graded_essay(school, "A very long name of an essay")
    run = await school.sync()
    assert run.outcome == "failed"
    plan = school.file(run, files.PLAN, PassbackPlan)
    (fix,) = {fix for one in plan.judgements for fix in one.fixes}

    done = await apply_fixes(
        school.office, school.handle, school.course, [fix], by="ada", now=school.time
    )

    assert [(one.fix.assignment, one.outcome) for one in done] == [(essay, "done")]
    (entry,) = [one for one in audit.entries(school.handle) if one.act == "grades.fix"]
    assert (entry.actor, entry.details["after"], entry.details["outcome"]) == (
        "ada",
        fix.after,
        "done",
    )
    assert (await school.sync()).outcome == "delivered"
    assert {title for title, _, _ in school.scores()} == {fix.after}


async def test_a_fix_of_what_has_changed_since_is_left_and_that_is_on_record(open_school):
    school = await open_school()
    essay, _ = await a_graded_essay(school)
    stale = Fix(kind=FixKind.RENAME, assignment=essay, before="Other", after="New")

    (done,) = await apply_fixes(
        school.office, school.handle, school.course, [stale], by="ada", now=school.time
    )

    assert (done.outcome, done.says) == ("moved-on", "Essay")
    assert ["moved-on"] == [
        one.details["outcome"] for one in audit.entries(school.handle) if one.act == "grades.fix"
    ]


async def test_an_association_is_mirrored_at_once_where_that_is_set(open_school):
    school = await open_school(grades=MIRRORED)
    await a_graded_essay(school)
    await school.sync()
    group, class_id, category = associate(school)

    told = await mirror(school.office, school.handle, school.course)

    assert told.outcomes == {"written": 1}
    assert (await data_of(school, "assignment_groups"))[group]["rosterway"]["categories"] == {
        class_id: category
    }
    courses.remove_association(
        school.handle, school.course, group=group, class_id=class_id, by="ada", now=school.time
    )
    await mirror(school.office, school.handle, school.course)
    assert (await data_of(school, "assignment_groups"))[group]["rosterway"]["categories"] == {
        class_id: ""
    }


async def test_without_that_setting_canvas_is_not_told_of_associations(open_school):
    school = await open_school()
    await a_graded_essay(school)
    await school.sync()
    group, _, _ = associate(school)

    assert await mirror(school.office, school.handle, school.course) == InCanvas()
    assert (await data_of(school, "assignment_groups"))[group] == {}


async def test_who_forgets_a_course_forgets_its_marks_in_canvas_and_can_undo_it(open_school):
    school = await open_school()
    essay, _ = await a_graded_essay(school)
    await school.sync()
    assert mark_in((await data_of(school, "assignments"))[essay], essay) is not None
    known = ledger.of_course(school.handle, school.course)

    courses.forget(school.handle, school.course, by="ada", now=school.time)
    told = await forget_marks(school.office, school.handle, school.course)

    assert (told.outcomes, told.says) == ({"written": 1}, "")
    assert mark_in((await data_of(school, "assignments"))[essay], essay) is None
    courses.put_back(school.handle, school.course, by="ada", now=school.time)
    assert ledger.of_course(school.handle, school.course) == known


async def test_a_course_that_was_forgotten_is_shown_before_anything_is_sent(open_school):
    school = await open_school(grades="")
    await a_graded_essay(school)
    assert (await school.sync(approved=True)).outcome == "delivered"

    courses.forget(school.handle, school.course, by="ada", now=school.time)

    assert (await school.sync()).outcome == "held"


async def test_a_canvas_that_does_not_answer_undoes_nothing_and_is_told_of(open_school):
    school = await open_school()
    await a_graded_essay(school)
    await school.sync()

    courses.forget(school.handle, school.course, by="ada", now=school.time)
    told = await forget_marks(school.office, school.handle, "999999")

    assert told.outcomes == {}
    assert told.says
    assert ledger.of_course(school.handle, school.course) == []
