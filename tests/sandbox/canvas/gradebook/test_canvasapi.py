"""The gradebook driven by `canvasapi`, a client we did not write."""

import asyncio

import pytest
from canvasapi import Canvas
from canvasapi.exceptions import BadRequest, Forbidden, ResourceDoesNotExist

# The sandbox listens on loopback without TLS, which canvasapi warns of.
pytestmark = pytest.mark.filterwarnings("ignore:Canvas may respond unexpectedly:UserWarning")


async def drive(room, function):
    """Run a function of canvasapi's course in a thread, since canvasapi waits."""
    sandbox = room.canvas.sandbox

    def run():
        canvas = Canvas(sandbox.url, sandbox.token)
        return function(canvas.get_course("C2", use_sis_id=True))

    return await asyncio.to_thread(run)


async def test_groups_and_assignments_are_made_read_and_deleted(room):
    def work(course):
        group = course.create_assignment_group(name="Tests", group_weight=40)
        made = course.create_assignment(
            {
                "name": "Unit 1",
                "points_possible": 50,
                "assignment_group_id": group.id,
                "submission_types": ["online_upload", "online_url"],
                "post_to_sis": True,
                "published": True,
                "due_at": "2026-12-01T10:00:00Z",
            }
        )
        edited = made.edit(assignment={"name": "Unit 1 test"})
        listed = [one.name for one in course.get_assignments(order_by="name")]
        in_group = [one.name for one in course.get_assignments_for_group(group)]
        group.edit(name="Exams")
        names = [one.name for one in course.get_assignment_groups(include=["assignments"])]
        made.delete()
        return edited.submission_types, listed, in_group, names, list(course.get_assignments())

    assert await drive(room, work) == (
        ["online_upload", "online_url"],
        ["Unit 1 test"],
        ["Unit 1 test"],
        ["Exams"],
        [],
    )


async def test_overrides_are_made_read_and_taken_away(room):
    def work(course):
        made = course.create_assignment({"name": "Essay", "published": True})
        section = next(s for s in course.get_sections() if s.sis_section_id == "S4")
        override = made.create_override(
            assignment_override={
                "course_section_id": section.id,
                "due_at": "2026-12-01T10:00:00Z",
            }
        )
        found = [(one.title, one.course_section_id) for one in made.get_overrides()]
        override.delete()
        return found == [("Biology 2", section.id)], list(made.get_overrides())

    assert await drive(room, work) == (True, [])


async def test_students_are_graded_one_by_one_and_at_once(room):
    def work(course):
        made = course.create_assignment({"name": "Essay", "points_possible": 20, "published": True})
        users = {u.sis_user_id: u for u in course.get_users(enrollment_type=["student"])}
        submission = made.get_submission(users["U1"])
        submission.edit(submission={"posted_grade": "40%"})
        progress = made.submissions_bulk_update(
            grade_data={str(users["U3"].id): {"posted_grade": "18"}}
        )
        return made, users, progress

    made, users, progress = await drive(room, work)
    await room.canvas.idle()

    def read(course):
        flat = course.get_multiple_submissions(student_ids="all", per_page=2)
        scores = {one.user_id: one.score for one in flat}
        names = {user.id: name for name, user in users.items()}
        one_by_one = {one.user_id: one.grade for one in made.get_submissions()}
        return {names[user]: score for user, score in scores.items()}, len(one_by_one)

    expected = {"U1": 8.0, "U2": None, "U3": 18.0, "P1": None}
    assert await drive(room, read) == (expected, 4)
    assert (await drive(room, lambda _: progress.query())).workflow_state == "completed"


async def test_grouped_submissions_and_enrollments_carry_grades(room):
    def work(course):
        made = course.create_assignment(
            {"name": "Essay", "points_possible": 20, "published": True, "post_to_sis": True}
        )
        ann = next(u for u in course.get_users() if u.sis_user_id == "U1")
        made.get_submission(ann).edit(submission={"posted_grade": 15})
        grouped = course.get_multiple_submissions(
            student_ids="all", grouped=True, include=["total_scores"]
        )
        first = next(iter(grouped))
        (enrollment,) = course.get_enrollments(user_id=ann.id, sis_user_id=["U1"])
        return first.sis_user_id, len(first.submissions), enrollment.grades["current_score"]

    assert await drive(room, work) == ("U1", 1, 75.0)


async def test_grading_periods_and_late_policies_are_read(room, quarters):
    await quarters()

    def work(course):
        periods = [period.title for period in course.get_grading_periods()]
        course.create_late_policy(late_policy={"late_submission_deduction_enabled": True})
        return periods, course.get_late_policy().late_submission_deduction_enabled

    assert await drive(room, work) == (["Q1", "Q2"], True)


async def test_a_course_is_copied(room):
    def work(course):
        course.create_assignment({"name": "Essay", "published": True})
        target = course.create_content_migration  # of the course that is copied into
        migration = target("course_copy_importer", settings={"source_course_id": course.id})
        return migration.get_progress()

    progress = await drive(room, work)
    await room.canvas.idle()
    assert (await drive(room, lambda _: progress.query())).workflow_state == "completed"


async def test_refusals_are_what_the_client_takes_them_for(room):
    def bad_date(course):
        course.create_assignment({"name": "Essay", "due_at": "soon"})

    def strangers(course):
        list(course.get_multiple_submissions(student_ids="all", assignment_ids=[99]))

    for function, error in (
        (bad_date, BadRequest),
        (strangers, Forbidden),
        (lambda course: course.get_assignment(99), ResourceDoesNotExist),
        (lambda course: course.get_late_policy(), ResourceDoesNotExist),
    ):
        with pytest.raises(error):
            await drive(room, function)
