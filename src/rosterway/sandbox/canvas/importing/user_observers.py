"""user_observers.csv: who observes whom; observer enrollments follow the student's.

Facts: canvas-lms `lib/sis/user_observer_importer.rb`.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.cascades import drop, observe
from rosterway.sandbox.canvas.importing.desk import Desk, exactly
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ENROLLMENT_BY_OBSERVED,
    ENROLLMENT_BY_PLACE,
    ENROLLMENT_BY_USER,
    LINK_BY_PAIR,
    LOGIN_BY_SIS_ID,
    ObserverLink,
)
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    ids = (row.get(column) for row in rows for column in ("observer_id", "student_id"))
    work.prefetch(LOGIN_BY_SIS_ID, ids)
    pairs: list[tuple[int, int]] = []
    for row in rows:
        observer = work.first(LOGIN_BY_SIS_ID, row.get("observer_id"))
        student = work.first(LOGIN_BY_SIS_ID, row.get("student_id"))
        if observer and student:
            pairs.append((observer.user_id, student.user_id))
    work.prefetch(LINK_BY_PAIR, pairs)
    work.prefetch(ENROLLMENT_BY_USER, (student for _, student in pairs))
    places = (
        (observer, enrollment.section_id)
        for observer, student in pairs
        for enrollment in work.all(ENROLLMENT_BY_USER, student)
    )
    work.prefetch(ENROLLMENT_BY_PLACE, places)
    desk.each(rows, _observer)


def _observer(row: Row, desk: Desk) -> bool:
    work = desk.work
    observer_id, student_id = row.get("observer_id"), row.get("student_id")
    if observer_id is None:
        raise Refused("No observer_id given for a user observer")
    if student_id is None:
        raise Refused("No user_id given for a user observer")
    if observer_id == student_id:
        raise Refused(f"Can't observe yourself user {student_id}")
    status = exactly(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for a user_observer')
    if desk.skips(status):
        return False
    observer = work.first(LOGIN_BY_SIS_ID, observer_id)
    if observer is None:
        raise Refused(f"An observer referenced a non-existent user {observer_id}")
    student = work.first(LOGIN_BY_SIS_ID, student_id)
    if student is None:
        raise Refused(f"A student referenced a non-existent user {student_id}")
    link = work.first(LINK_BY_PAIR, (observer.user_id, student.user_id))
    if status == "deleted":
        if link is None or link.workflow_state == "deleted":
            raise Refused(
                f"Can't delete a non-existent observer for observer: {observer_id},"
                f" student: {student_id}"
            )
        work.set(link, workflow_state="deleted")
        work.touch(link)
        drop(
            work,
            (
                enrollment
                for enrollment in work.all(ENROLLMENT_BY_OBSERVED, student.user_id)
                if enrollment.user_id == observer.user_id
            ),
        )
        return True
    if link is None:
        link = work.add(
            ObserverLink(
                workflow_state="active", observer_id=observer.user_id, student_id=student.user_id
            )
        )
    work.set(link, workflow_state="active")
    work.touch(link)
    for enrollment in work.all(ENROLLMENT_BY_USER, student.user_id):
        if enrollment.type == "StudentEnrollment" and enrollment.workflow_state != "deleted":
            observe(work, link, enrollment)
    return True
