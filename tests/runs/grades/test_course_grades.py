"""Grades of a whole course go back where the settings say so, and leave no mark in Canvas."""

from itertools import pairwise

from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import files
from runs.grades.conftest import TEACHING
from runs.grades.test_nine_steps import a_graded_essay

FINAL = """
preview = "never"
[tenant.lincoln.grades.course_grade.final]
title = "Semester grade"
category = "Homework"
"""


MIDTERM = """
[tenant.lincoln.grades.course_grade.midterm]
grading_period = "each"
category = "Homework"
"""


async def quarters(school):
    """Give the term two grading periods; what is assigned is due in the first."""
    days = ("2026-08-01", "2026-10-09", "2026-12-18")
    await school.canvas.send(
        "POST",
        "/api/v1/accounts/self/grading_period_sets",
        call=TEACHING,
        json={
            "enrollment_term_ids": ["sis_term_id:F26"],
            "grading_period_set": {"title": "Quarters"},
            "grading_periods": [
                {
                    "title": f"Quarter {place}",
                    "start_date": f"{start}T06:00:00Z",
                    "end_date": f"{end}T06:00:00Z",
                }
                for place, (start, end) in enumerate(pairwise(days), 1)
            ],
        },
    )


async def test_final_grades_and_those_of_grading_periods_are_line_items_of_their_own(open_school):
    school = await open_school(grades=FINAL + MIDTERM, most=2)
    await quarters(school)
    _, wanted = await a_graded_essay(school)

    run = await school.sync()

    assert (run.outcome, run.reason) == ("delivered", "")
    # The second quarter has not begun.
    finals = {
        (title, class_id, student): (status, score * 10)
        for title in ("Semester grade", "Midterm grade, Quarter 1")
        for (_, class_id, student), (status, score) in wanted.items()
    }
    assert school.scores() == wanted | finals
    synced = school.file(run, files.SYNCED)
    assert sum(synced["marks"].values()) == 1
    # A second sync finds that nothing has changed.
    assert (await school.sync()).outcome == "nothing"


async def test_who_has_no_grade_of_the_course_has_none_sent_and_it_is_said(open_school):
    school = await open_school(
        grades=FINAL.replace('Semester grade"\n', 'Semester grade"\nbasis = "current"\n'), most=2
    )
    essay = await school.assign("Essay")
    (first, other), *_ = school.students.values()
    await school.grade(essay, first, posted_grade="9")

    run = await school.sync()

    assert [("Semester grade", first)] == [
        (title, student) for title, _, student in school.scores() if title != "Essay"
    ]
    plan = school.file(run, files.PLAN, PassbackPlan)
    told = {one.user: one.reason.code for one in plan.withheld}
    assert told[school.users[other]] == "no-course-grade"
    assert plan.counts.withheld == len(plan.withheld)


async def test_without_that_setting_no_course_grade_is_asked_for(open_school):
    school = await open_school()
    await a_graded_essay(school)

    run = await school.sync()

    assert {title for title, _, _ in school.scores()} == {"Essay"}
    assert school.file(run, files.SNAPSHOT).get("course_grades") is None
