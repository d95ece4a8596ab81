"""Classes graded in process, and minds changed: what `POST /sandbox/grades` and tests start.

The district's `gradebook` decides what happens; here it goes through the same doors of the gradebook
as everything else, one unit of work a course. A course that has assignments is passed over by
grading, one that has none by changing minds. A course that is graded is published first, as its
teacher would have done.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from rosterway.sandbox.canvas.clock import stamp
from rosterway.sandbox.canvas.gradebook.marking import Mark, Marking, Status, marksheet
from rosterway.sandbox.canvas.gradebook.rules import Errors, is_gradeable
from rosterway.sandbox.canvas.gradebook.settings import SyncRules, sync_rules
from rosterway.sandbox.canvas.gradebook.shelf import Shelf
from rosterway.sandbox.canvas.gradebook.writing import (
    Wanted,
    add_group,
    live_groups,
    save_assignment,
)
from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.state.gradebook import Assignment
from rosterway.sandbox.canvas.state.records import Course
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import SandboxError
from rosterway.sandbox.district.gradebook import GROUPS, AssignmentPlan, Class, gradebook_of
from rosterway.sandbox.district.minds import Change, Graded, Mind, minds_changed

#: How long a course without any dates is taken to last, before and after today.
_BEFORE, _AFTER = timedelta(days=60), timedelta(days=30)

_IN_ACCOUNT = (
    "WITH RECURSIVE tree(id) AS (SELECT ? UNION ALL SELECT a.id FROM accounts a JOIN tree t"
    " ON a.parent_account_id = t.id) SELECT id FROM courses WHERE account_id IN tree"
    " AND workflow_state IN ('claimed', 'available') ORDER BY id"
)
_COURSE = (
    "SELECT c.*, COALESCE(c.start_at, t.start_at) AS first, COALESCE(c.conclude_at, t.end_at)"
    " AS last, (SELECT e.user_id FROM enrollments e WHERE e.course_id = c.id AND e.type ="
    " 'TeacherEnrollment' AND e.workflow_state = 'active' ORDER BY e.id LIMIT 1) AS teacher"
    " FROM courses c JOIN terms t ON t.id = c.term_id WHERE c.id = ?"
)


class _Unfit(SandboxError):  # noqa: N818 - caught at once: the plan gives way
    """The account's sync settings refuse an assignment as it was planned."""


def courses_of(instance: Instance, account_id: int) -> list[int]:
    """The courses of an account and of those below it that have not ended; for any thread."""
    reader = instance.roster.reader()
    try:
        return [row[0] for row in reader.execute(_IN_ACCOUNT, (account_id,))]
    finally:
        reader.close()


def grade_classes(
    instance: Instance,
    courses: Iterable[int],
    *,
    seed: int,
    assignments: int = 12,
    today: date | None = None,
) -> dict[str, int]:
    """Fill the gradebooks of courses; how many courses, assignments and grades there are now.

    What is due before `today` is graded; None is the day it is.
    """
    counts: Counter[str] = Counter(courses=0, passed_over=0, assignments=0, grades=0)
    reader = instance.roster.reader()
    today = today or instance.clock().date()
    try:
        for course_id in courses:
            shelf = Shelf(reader, course_id, instance.now())
            if shelf.assignments or not shelf.seats:
                counts["passed_over"] += 1
                continue
            course = reader.execute(_COURSE, (course_id,)).fetchone()
            room = _Room(shelf, course, today)
            plans = gradebook_of(room.described, seed=seed, today=today, assignments=assignments)
            sync = sync_rules(instance, reader, course["account_id"])
            with instance.roster.work(instance.now()) as work:
                work.set(work.there(Course, course_id), workflow_state="available")
                made = list(_write_assignments(work, room, plans, sync))
            shelf = Shelf(reader, course_id, instance.now())
            rows = {row["id"]: row for row in shelf.assignments}
            with instance.roster.work(instance.now()) as work:
                for assignment_id, plan in zip(made, plans, strict=True):
                    sheet = marksheet(shelf, rows[assignment_id])
                    marking = Marking(work, sheet, room.teacher)
                    counts["grades"] += _mark(marking, room, plan)
            counts["courses"] += 1
            counts["assignments"] += len(made)
    finally:
        reader.close()
    return dict(counts)


def change_minds(instance: Instance, courses: Iterable[int], *, seed: int) -> dict[str, int]:
    """Change what teachers did in courses; how many changes of each kind were made."""
    counts: Counter[str] = Counter({"courses": 0, **{mind.value: 0 for mind in Mind}})
    reader = instance.roster.reader()
    try:
        for course_id in courses:
            shelf = Shelf(reader, course_id, instance.now())
            course = reader.execute(_COURSE, (course_id,)).fetchone()
            room = _Room(shelf, course, instance.clock().date())
            graded = list(_graded(shelf, room))
            if not graded:
                continue
            rows = {room.key_of(row): row for row in shelf.assignments}
            with instance.roster.work(instance.now()) as work:
                markings: dict[str, Marking] = {}
                for one in minds_changed(graded, seed=seed):
                    row = rows[one.assignment]
                    if one.assignment not in markings:
                        sheet = marksheet(shelf, row)
                        markings[one.assignment] = Marking(work, sheet, room.teacher)
                    _change(work, room, markings[one.assignment], row, one)
                    counts[one.mind.value] += 1
            counts["courses"] += 1
    finally:
        reader.close()
    return dict(counts)


class _Room:
    """A course as the district's gradebook sees it, and the way back to its ids."""

    def __init__(self, shelf: Shelf, course: sqlite3.Row, today: date) -> None:
        self.course_id: int = course["id"]
        self.teacher: int = course["teacher"] or 1
        self.keys = _student_keys(shelf)
        self.users = {key: user for user, key in self.keys.items()}
        seats: dict[str, tuple[str, ...]] = {}
        for user, section in shelf.seats:
            seats[str(section)] = (*seats.get(str(section), ()), self.keys[user])
        first = _day(course["first"]) or today - _BEFORE
        last = _day(course["last"]) or today + _AFTER
        self.described = Class(
            key=str(course["sis_source_id"] or course["id"]),
            title=course["name"],
            first=first,
            last=max(first, last),
            students=tuple(self.users),
            sections=seats if len(seats) > 1 else {},
        )

    @staticmethod
    def key_of(row: sqlite3.Row) -> str:
        """What changes of an assignment are drawn by."""
        return str(row["id"])


def _student_keys(shelf: Shelf) -> dict[int, str]:
    """What students are drawn by: their SIS id where they have one, for it is the same everywhere."""
    users = sorted({user for user, _ in shelf.seats})
    rows = shelf.read.execute(
        "SELECT user_id, sis_user_id FROM logins WHERE sis_user_id IS NOT NULL"
        " AND workflow_state <> 'deleted' AND user_id IN (SELECT value FROM json_each(?))"
        " ORDER BY id DESC",
        (json.dumps(users),),
    )
    known = {row["user_id"]: row["sis_user_id"] for row in rows}
    return {user: known.get(user) or str(user) for user in users}


def _day(moment: str | None) -> date | None:
    return datetime.fromisoformat(moment).date() if moment else None


def _write_assignments(
    work: Work, room: _Room, plans: Sequence[AssignmentPlan], sync: SyncRules
) -> Iterator[int]:
    """Write groups and assignments; the ids of the latter in their order."""
    held = {group.name: group.id for group in live_groups(work, room.course_id)}
    groups = [
        held.get(group.name)
        or add_group(work, room.course_id, name=group.name, group_weight=group.weight).id
        for group in GROUPS
    ]
    for plan in plans:
        changes: dict[str, Any] = {
            "course_id": room.course_id,
            "name": plan.name,
            "assignment_group_id": groups[plan.group],
            "points_possible": plan.points,
            "grading_type": plan.grading_type,
            "submission_types": plan.submission_type,
            "due_at": plan.due_at and stamp(plan.due_at),
            "post_to_sis": plan.post_to_sis,
            "omit_from_final_grade": plan.omit_from_final_grade,
            "post_manually": plan.post_manually,
            "workflow_state": "published" if plan.published else "unpublished",
        }
        wishes = [
            Wanted(section_id=int(section), dates={"due_at": stamp(due)})
            for section, due in plan.section_due.items()
        ]
        wishes += [
            Wanted(students=(room.users[student],), dates={"due_at": stamp(due)})
            for student, due in plan.student_due.items()
        ]
        try:
            made = _save(work, None, changes, wishes, sync)
        except _Unfit:
            # What the account's settings refuse, a teacher un-flags.
            made = _save(work, None, {**changes, "post_to_sis": False}, wishes, sync)
        yield made.id


def _save(
    work: Work,
    held: Assignment | None,
    changes: Mapping[str, Any],
    wishes: Sequence[Wanted] | None,
    sync: SyncRules,
) -> Assignment:
    return save_assignment(work, held, changes, overrides=wishes, sync=sync, refuse=_unfit)


def _unfit(errors: Errors) -> _Unfit:
    return _Unfit(str(errors))


def _mark(marking: Marking, room: _Room, plan: AssignmentPlan) -> int:
    """Hand in, grade, excuse; how many grades there are."""
    grades = 0
    for mark in plan.marks:
        user_id = room.users[mark.student]
        if mark.submitted_at is not None:
            marking.submit(user_id, kind=plan.submission_type, at=stamp(mark.submitted_at))
        if mark.missing:
            marking.mark(user_id, Mark(status=Status("missing")))
        if mark.excused:
            marking.mark(user_id, Mark(excuse=True))
        if mark.grade is not None:
            marking.mark(user_id, Mark(grade=mark.grade))
            grades += 1
    return grades


def _graded(shelf: Shelf, room: _Room) -> Iterator[Graded]:
    """The published assignments of a course as they stand, for the students who are still there."""
    published = [
        row
        for row in shelf.assignments
        if row["workflow_state"] == "published" and is_gradeable(dict(row))
    ]
    scored: dict[int, list[str]] = {}
    excused: dict[int, list[str]] = {}
    for submission in shelf.stored(published, room.keys):
        student = room.keys[submission.user_id]
        if submission.excused:
            excused.setdefault(submission.assignment_id, []).append(student)
        elif submission.score is not None:
            scored.setdefault(submission.assignment_id, []).append(student)
    for row in sorted(published, key=lambda row: row["id"]):
        due = row["due_at"]
        plan = AssignmentPlan(
            name=row["name"],
            group=0,
            points=row["points_possible"] or 0.0,
            due_at=datetime.fromisoformat(due) if due else None,
            grading_type=row["grading_type"],
        )
        own = tuple(scored.get(row["id"], ())), tuple(excused.get(row["id"], ()))
        yield Graded(_Room.key_of(row), plan, *own)


def _change(work: Work, room: _Room, marking: Marking, row: sqlite3.Row, one: Change) -> None:
    assignment = work.there(Assignment, row["id"])
    user_id = room.users[one.student] if one.student is not None else 0
    match one.mind:
        case Mind.REGRADE:
            marking.mark(user_id, Mark(grade=one.grade))
        case Mind.CLEAR:
            marking.mark(user_id, Mark(grade=""))
        case Mind.EXCUSE:
            marking.mark(user_id, Mark(excuse=True))
        case Mind.UNEXCUSE:
            marking.mark(user_id, Mark(excuse=False))
        case Mind.HIDE:
            marking.post(posted=False)
        case Mind.RENAME:
            work.set(assignment, name=one.name)
        case Mind.REDATE:
            work.set(assignment, due_at=one.due_at and stamp(one.due_at))
