"""Schedules: which courses a round asks for, when, and how many of them are in line at a time."""

from datetime import timedelta

from rosterway.runs.grades.requests import request_scheduled
from rosterway.runs.grades.rounds import AT_ONCE, Rounds
from rosterway.store import conductor, grade_courses, runs
from runs.grades.test_nine_steps import a_graded_essay

#: 15:30 in UTC, half an hour after a school's time begins.
HALF_PAST_NINE = 'preview = "never"\nschedule = "30 9 * * *"'


async def a_round(school):
    """The schedule's moment comes and the round is gone; its run."""
    rounds = Rounds(school.office)
    rounds.ask()
    assert runs.latest(school.handle, kind="round") == []
    school.time += timedelta(minutes=30)
    rounds.ask()
    rounds.ask()
    (run,) = runs.latest(school.handle, kind="round")
    return rounds, await school.drive(run)


async def test_a_round_asks_for_the_courses_that_canvas_flags(open_school):
    school = await open_school(grades=HALF_PAST_NINE)
    _, wanted = await a_graded_essay(school)
    await school.teach("PUT", "", {"course": {"grade_passback_setting": "nightly_sync"}})

    _, around = await a_round(school)
    (run,) = runs.latest(school.handle, course=school.course)
    run = await school.drive(run)

    assert (around.subject, around.outcome) == ("every course", "delivered")
    assert (run.trigger, run.outcome) == ("schedule", "delivered")
    assert school.scores() == wanted
    assert grade_courses.get(school.handle, school.course).nightly


async def test_a_course_without_the_flag_is_left_alone(open_school):
    school = await open_school(grades=HALF_PAST_NINE)
    await a_graded_essay(school)

    await a_round(school)

    assert runs.latest(school.handle, course=school.course) == []


async def test_all_courses_with_assignments_to_sync_are_asked_for_where_that_is_set(open_school):
    school = await open_school(grades=HALF_PAST_NINE + '\ncourses = "all"')
    await a_graded_essay(school)

    await a_round(school)

    assert len(runs.latest(school.handle, course=school.course)) == 1


async def test_a_scheduled_sync_reads_only_what_changed_until_a_whole_reading_is_due(open_school):
    school = await open_school(grades=HALF_PAST_NINE + '\ncourses = "all"\nfull_read_every = "2d"')
    essay, wanted = await a_graded_essay(school)
    whole_at = []
    for day in range(4):
        class_id, group = next(iter(school.students.items()))
        await school.grade(essay, group[0], posted_grade=str(day + 1))
        rounds = Rounds(school.office)
        school.time += timedelta(days=1)
        rounds.ask()
        await school.drive(runs.latest(school.handle, kind="round")[0])
        await school.drive(runs.latest(school.handle, course=school.course)[0])
        wanted["Essay", class_id, group[0]] = ("fully graded", float(day + 1))
        assert school.scores() == wanted
        whole_at.append(grade_courses.get(school.handle, school.course).read_whole_at)

    assert len(set(whole_at)) == 2


async def test_of_a_nights_courses_a_few_are_in_line_and_what_a_person_asks_for_is_not_behind_them(
    open_school,
):
    school = await open_school(grades=HALF_PAST_NINE)
    _, around = await a_round(school)
    for number in range(30):
        requests_of(school, around, str(1000 + number))
    pressed = school.request()

    rounds = Rounds(school.office)
    allowed = rounds.allowed(conductor.unfinished_runs(school.office.store))

    assert pressed.id in {run.id for run in allowed}
    assert len(allowed) == AT_ONCE + 1


async def test_in_quiet_hours_no_grades_are_begun(open_school):
    school = await open_school(grades='preview = "never"\nquiet = ["08:00-16:00"]')
    school.request()
    unfinished = conductor.unfinished_runs(school.office.store)

    assert Rounds(school.office).allowed(unfinished) == []
    school.time += timedelta(hours=8)
    assert len(Rounds(school.office).allowed(unfinished)) == 1


async def test_a_press_takes_the_place_of_a_scheduled_run_nobody_has_begun(open_school):
    school = await open_school(grades=HALF_PAST_NINE)
    _, around = await a_round(school)
    scheduled = requests_of(school, around, school.course)

    pressed = school.request()

    assert pressed.id != scheduled.id
    assert runs.get(school.handle, scheduled.id).outcome == "superseded"


def requests_of(school, around, course):
    return request_scheduled(school.handle, course, moment=around.id, now=school.time)
