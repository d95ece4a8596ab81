"""A night's round through the durable engine: the flagged courses are synced, one after the other."""

from rosterway.passback.ledger import SETTLED
from rosterway.runs.clock import utc_now
from rosterway.runs.grades.requests import request_round
from rosterway.sandbox.canvas.gradebook.classroom import grade_classes
from rosterway.store import ledger, runs
from runs.grades.conftest import TEACHING, imported, some_classes
from runs.grades.test_killed import GRADES, house_in

#: Courses beside the first, of which the last is not flagged.
COURSES = ("C2", "C3", "C4", "C5")
RULES = 'rules = { default_category = "Homework" }'


async def taught(school, path):
    """More courses, each of one class; the Canvas id of each by its SIS id."""
    groups = list(some_classes(school.sis.provider, 2 + len(COURSES), 3).items())[2:]
    classes = dict(zip(COURSES, groups, strict=True))
    people = sorted({one for _, group in classes.values() for one in group})
    tables = {
        "courses": [
            "course_id,short_name,long_name,term_id,status",
            *(f"{one},{one},Course {one},F26,active" for one in COURSES),
        ],
        "sections": [
            "section_id,course_id,name,status",
            *(f"{of},{one},Period 1,active" for one, (of, _) in classes.items()),
        ],
        "users": [
            "user_id,login_id,status,full_name",
            *(f"{one},{one.lower()},active,Student {one}" for one in people),
        ],
        "enrollments": [
            "course_id,section_id,user_id,role,status",
            *(
                f"{one},{of},{student},student,active"
                for one, (of, group) in classes.items()
                for student in group
            ),
        ],
    }
    await imported(school, path, tables)
    found = {}
    for one in COURSES:
        where = f"/api/v1/courses/sis_course_id:{one}"
        found[one] = str((await school.canvas.get(where, call=TEACHING))["id"])
    grade_classes(school.sandbox.instance, map(int, found.values()), seed=3, assignments=4)
    for one in COURSES[:-1]:
        body = {"course": {"grade_passback_setting": "nightly_sync"}}
        where = f"/api/v1/courses/{found[one]}"
        await school.canvas.send("PUT", where, call=TEACHING, json=body)
    return found


async def test_a_nights_round_syncs_every_flagged_course_and_no_other(tmp_path):
    async with house_in(tmp_path, grades=(*GRADES, RULES)) as house:
        courses = await taught(house.school, tmp_path / "more.zip")
        await house.installation.start()

        now = utc_now()
        around = await house.ended(request_round(house.handle, moment=now, now=now).id)
        flagged = [courses[one] for one in COURSES[:-1]]
        ended = {
            course: await house.ended(runs.latest(house.handle, course=course)[0].id)
            for course in flagged
        }

        assert around.outcome == "delivered"
        assert {(one.trigger, one.outcome) for one in ended.values()} == {("schedule", "delivered")}
        for course in flagged:
            known = ledger.of_course(house.handle, course)
            assert {one.state for one in known} <= SETTLED
            assert known
        assert runs.latest(house.handle, course=courses[COURSES[-1]]) == []
        assert runs.latest(house.handle, course=house.school.course) == []
