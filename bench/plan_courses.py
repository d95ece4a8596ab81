"""Step 4 of a grade sync, Transform Assignments, for a district of courses: a process of its own.

    python -m bench.plan_courses COURSES

Each course has 25 students and 15 assignments, all graded, and the ledger says that the SIS has what
Canvas has, but for one grade each: as in a night. Both sides are kept snapshots; nothing is fetched.
Prints, as JSON, the seconds and processor seconds of the planning.
"""

import asyncio
import json
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from bench.grade_house import NOW, a_run, house

from rosterway.formats.oneroster.gradebook import Category
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.gradebook import (
    Assignment,
    AssignmentGroup,
    Course,
    Gradebook,
    Placement,
    Section,
    Student,
    Submission,
    SubmissionState,
)
from rosterway.passback.ledger import Entry, accepted, intended
from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import files
from rosterway.runs.grades.syncing import Syncing
from rosterway.runs.grades.transform_assignments import transform_assignments
from rosterway.runs.office import Office
from rosterway.settings.logs import configure_logs
from rosterway.store import grade_courses, ledger

STUDENTS = 25
ASSIGNMENTS = 15


def main() -> None:
    """Plan every course; each has its one grade to send."""
    courses = int(sys.argv[1])
    with (
        tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder,
        house(Path(folder)) as office,
    ):
        first = _kept(office, "c0", _gradebook("c0"), known=())
        asyncio.run(transform_assignments(first))
        plan = files.read(first.handle, first.run.id, files.PLAN, PassbackPlan)
        assert plan.counts.results == STUDENTS * ASSIGNMENTS, plan.counts
        syncs = [
            _kept(office, course, _changed(_gradebook(course)), _ledger(plan, course))
            for course in (f"c{at}" for at in range(1, courses + 1))
        ]
        begin, cpu = time.perf_counter(), time.process_time()
        plans = [asyncio.run(transform_assignments(sync)) for sync in syncs]
        seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
        sent = {(one.counts.line_items, one.counts.results) for one in plans}
        assert sent == {(0, 1)}, sent
    print(json.dumps({"seconds": seconds, "cpu": spent}))


def _kept(office: Office, course: str, gradebook: Gradebook, known: tuple[Entry, ...]) -> Syncing:
    classes = (
        ClassGradebook(
            class_id=_class_of(course),
            school_id="school-1",
            sessions=(
                Session(
                    sourced_id="quarter-1",
                    kind="gradingPeriod",
                    start="2026-08-01",
                    end="2026-11-01",
                ),
            ),
            students=tuple(f"s{at}" for at in range(STUDENTS)),
            categories=(Category(sourced_id="homework", title="Homework"),),
            line_items=tuple(one.line_item for one in known if one.line_item is not None),
        ),
    )
    sync = a_run(office, course, {files.TRANSFORMED: gradebook, files.CLASSES: classes})
    with sync.handle.together() as tx:
        ledger.put(tx, course, known)
        grade_courses.put(tx, course, name="Biology", sis_id=None, nightly=True, now=NOW)
    return sync


def _class_of(course: str) -> str:
    return f"class-{course}"


def _gradebook(course: str) -> Gradebook:
    return Gradebook(
        course=Course(id=course, name="Biology", sis_id=course),
        taken_at=NOW,
        sections=(Section(id="1", name="Period 1", class_id=_class_of(course)),),
        students=tuple(
            Student(id=f"{at}", sourced_id=f"s{at}", sections=("1",)) for at in range(STUDENTS)
        ),
        groups=(AssignmentGroup(id="1", name="Homework"),),
        assignments=tuple(
            Assignment(
                id=f"{at}",
                name=f"Essay {at}",
                group="1",
                points_possible=10,
                placements=(Placement(section="1", due_at=NOW),),
            )
            for at in range(ASSIGNMENTS)
        ),
        submissions=tuple(
            Submission(
                assignment=f"{at // STUDENTS}",
                user=f"{at % STUDENTS}",
                state=SubmissionState.GRADED,
                score=float(at % 10),
                grade=str(at % 10),
                graded_at=NOW,
                posted_at=NOW,
            )
            for at in range(STUDENTS * ASSIGNMENTS)
        ),
    )


def _changed(gradebook: Gradebook) -> Gradebook:
    """The same with another grade in its first place."""
    first, *others = gradebook.submissions
    other = msgspec.structs.replace(first, score=9.5, grade="9.5")
    return msgspec.structs.replace(gradebook, submissions=(other, *others))


def _ledger(plan: PassbackPlan, course: str) -> tuple[Entry, ...]:
    """What would be on record had the SIS accepted the plan's puts for this course's class."""
    class_id = _class_of(course)
    line_items = [
        (Entry(class_id=class_id, assignment=one.assignment), one.line_item)
        for one in plan.line_items
    ]
    results = [
        (Entry(class_id=class_id, assignment=one.assignment, user=one.user), one.result)
        for one in plan.results
    ]
    found: list[Entry] = []
    for entry, noun in (*line_items, *results):
        told = msgspec.structs.replace(noun, class_id=class_id)
        found.append(accepted(intended(entry, told, NOW), told, told.sourced_id, NOW))
    return tuple(found)


if __name__ == "__main__":
    configure_logs(level="WARNING")
    main()
