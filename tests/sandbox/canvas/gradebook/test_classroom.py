"""Classes graded by a seed, and minds changed by another."""

from datetime import UTC, date, datetime

import pytest

from canvas_sandbox import client_of
from rosterway.sandbox.canvas.server import load
from rosterway.sandbox.district import make_district, write_canvas
from rosterway.sandbox.district.gradebook import AssignmentPlan, Class, gradebook_of
from rosterway.sandbox.district.minds import Graded, Mind, minds_changed

TODAY = date(2026, 11, 23)
ROOM = Class(
    key="C2",
    title="Biology",
    first=date(2026, 8, 17),
    last=date(2026, 12, 18),
    students=tuple(f"U{n}" for n in range(150)),
    sections={
        "S3": tuple(f"U{n}" for n in range(75)),
        "S4": tuple(f"U{n}" for n in range(75, 150)),
    },
)


def plans(seed, assignments=200):
    return gradebook_of(ROOM, seed=seed, today=TODAY, assignments=assignments)


# -- what is drawn ----------------------------------------------------------------------------


def test_the_same_seed_grades_alike_and_another_does_not():
    assert plans(1) == plans(1)
    assert plans(1) != plans(2)


def test_due_dates_lie_in_the_term_and_nothing_is_graded_before_it_is_due():
    for plan in plans(1):
        if plan.due_at is None:
            continue
        assert ROOM.first <= plan.due_at.date() <= ROOM.last
        if plan.due_at.date() >= TODAY:
            assert plan.marks == ()


def test_everything_that_hurts_a_passback_is_there():
    made = plans(1)
    marks = [mark for plan in made for mark in plan.marks]
    assert {plan.grading_type for plan in made} == {
        *("points", "percent", "letter_grade", "pass_fail")
    }
    there = {
        "flagged": any(plan.post_to_sis for plan in made),
        "not flagged": any(not plan.post_to_sis for plan in made),
        "unpublished": any(not plan.published for plan in made),
        "no due date": any(plan.due_at is None for plan in made),
        "no points": any(plan.points == 0 for plan in made),
        "long name": any(len(plan.name) > 60 for plan in made),
        "omitted": any(plan.omit_from_final_grade for plan in made),
        "hidden": any(plan.post_manually for plan in made),
        "section dates": any(plan.section_due for plan in made),
        "student dates": any(plan.student_due for plan in made),
        "excused": any(mark.excused for mark in marks),
        "missing": any(mark.missing for mark in marks),
        "waiting": any(mark.grade is None and mark.submitted_at for mark in marks),
        "zero": any(mark.grade == "0" for mark in marks),
        "ungraded": any(len(plan.marks) < len(ROOM.students) for plan in made if plan.marks),
        "late": any(
            mark.submitted_at and plan.due_at and mark.submitted_at > plan.due_at
            for plan in made
            for mark in plan.marks
        ),
        "over maximum": any(
            mark.grade is not None and float(mark.grade) > plan.points
            for plan in made
            if plan.grading_type == "points" and plan.points
            for mark in plan.marks
        ),
    }
    assert [name for name, found in there.items() if not found] == []


def test_most_work_is_graded_between_a_half_and_all_of_its_points():
    shares = [
        float(mark.grade) / plan.points
        for plan in plans(3)
        if plan.grading_type == "points" and plan.points
        for mark in plan.marks
        if mark.grade is not None
    ]
    usual = [share for share in shares if 0.5 <= share <= 1]
    assert len(usual) > 0.9 * len(shares)


def test_minds_change_in_every_way_and_by_their_own_seed():
    due = datetime(2026, 10, 1, tzinfo=UTC)
    plan = AssignmentPlan("Essay", 0, 20.0, due)
    scored, excused = ROOM.students[:140], ROOM.students[140:]
    graded = [Graded(str(n), plan, scored, excused) for n in range(60)]
    changes = list(minds_changed(graded, seed=8))
    assert {change.mind for change in changes} == set(Mind)
    assert changes == list(minds_changed(graded, seed=8))
    assert changes != list(minds_changed(graded, seed=9))
    assert len(changes) < 0.2 * 60 * 150


def test_nothing_is_changed_where_nothing_is():
    plan = AssignmentPlan("Essay", 0, 20.0, None)
    minds = {c.mind for n in range(99) for c in minds_changed([Graded(str(n), plan)], seed=1)}
    assert minds == {Mind.RENAME}


# -- what becomes of it -----------------------------------------------------------------------


async def state(room):
    """What a SIS may see of the course, without ids and times of grading."""
    told = await room.sis("?per_page=100")
    query = "students/submissions?student_ids[]=all&grouped=1&per_page=100"
    grouped = await room.get(query)
    return (
        [(one["name"], one["due_at"]) for one in told],
        [
            [(s["grade"], s["excused"], s["late"], s["posted_at"]) for s in one["submissions"]]
            for one in grouped
        ],
    )


async def test_a_class_is_graded_and_then_its_teacher_changes_their_mind(room, clock):
    asked = {"course": "sis_course_id:C2", "seed": 4, "assignments": 40}
    done = await room.canvas.control("POST", "grades", json=asked)
    assert (done["courses"], done["assignments"]) == (1, 40)
    names = [group["name"] for group in await room.get("assignment_groups")]
    assert names == ["Homework", "Quizzes", "Tests", "Participation"]
    assert done["grades"] > 80
    before = await state(room)
    again = await room.canvas.control("POST", "grades", json=asked)
    assert (again["courses"], again["passed_over"]) == (0, 1)
    assert await state(room) == before
    since = clock.on(hours=1)
    changed = await room.canvas.control(
        "POST", "grades", json=asked | {"seed": 5, "change_mind": True}
    )
    assert changed["regrade"] > 0
    assert sum(changed.values()) > 5
    assert await state(room) != before
    query = f"students/submissions?student_ids[]=all&per_page=100&graded_since={since}"
    assert await room.get(query) == []


@pytest.mark.parametrize(("today", "is_graded"), [("2020-01-01", False), ("2030-01-01", True)])
async def test_what_is_due_before_the_day_that_is_told_is_graded(room, today, is_graded):
    asked = {"course": "sis_course_id:C2", "seed": 4, "assignments": 40, "today": today}
    done = await room.canvas.control("POST", "grades", json=asked)
    assert done["assignments"] == 40
    assert bool(done["grades"] > 80) is is_graded


async def test_a_day_that_is_none_is_refused(room):
    asked = {"course": "sis_course_id:C2", "today": "yesterday"}
    assert (await room.canvas.call("POST", "/sandbox/grades", json=asked))[0] == 400


async def test_what_the_account_refuses_is_kept_from_the_sis(room):
    await room.settings(sis_syncing=True, sis_require_assignment_due_date=True)
    asked = {"course": "sis_course_id:C2", "seed": 1, "assignments": 100}
    await room.canvas.control("POST", "grades", json=asked)
    undated = [one for one in await room.get("assignments?per_page=100") if not one["due_at"]]
    assert undated
    assert not any(one["post_to_sis"] for one in undated)


@pytest.mark.parametrize("asked", [{"course": "sis_course_id:NONE"}, {"account": "77"}])
async def test_an_unknown_course_or_account_is_not_found(room, asked):
    assert (await room.canvas.call("POST", "/sandbox/grades", json=asked))[0] == 404


async def test_a_whole_district_is_graded_alike_wherever_it_is(tmp_path, clock):
    write_canvas(make_district(students=60, seed=5), tmp_path / "district")
    seen = []
    for name in ("one", "two"):
        async with client_of(tmp_path / name, clock=clock) as canvas:
            await load(canvas.sandbox, tmp_path / "district")
            done = await canvas.control("POST", "grades", json={"seed": 2})
            minds = await canvas.control("POST", "grades", json={"seed": 3, "change_mind": True})
            rows = await canvas.report("x", "grade_export_csv")
            seen.append((done, minds, rows))
    assert seen[0] == seen[1]
    done, _, rows = seen[0]
    assert done["courses"] == len({row["course id"] for row in rows}) > 20
