"""xlists.csv: cross-listings. Facts: canvas-lms `lib/sis/xlist_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.cascades import move_section
from rosterway.sandbox.canvas.importing.desk import Desk, exactly
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    COURSE_BY_SIS_ID,
    SECTION_BY_SIS_ID,
    Course,
    Section,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    work.prefetch(COURSE_BY_SIS_ID, (row.get("xlist_course_id") for row in rows))
    work.prefetch(SECTION_BY_SIS_ID, (row.get("section_id") for row in rows))
    desk.each(rows, _xlist)


def _xlist(row: Row, desk: Desk) -> bool:
    work = desk.work
    course_id, section_id = row.get("xlist_course_id"), row.get("section_id")
    if course_id is None:
        raise Refused("No xlist_course_id given for a cross-listing")
    if section_id is None:
        raise Refused("No section_id given for a cross-listing")
    status = exactly(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for a cross-listing')
    if desk.skips(status):
        return False
    section = work.first(SECTION_BY_SIS_ID, section_id)
    if section is None:
        raise Refused(f"A cross-listing referenced a non-existent section {section_id}")
    course = work.first(COURSE_BY_SIS_ID, course_id)
    if status == "deleted":
        _undo(work, section, course)
        return True
    if course is None:
        course = _make(work, section, course_id)
    elif course.workflow_state == "deleted":
        work.set(course, workflow_state="claimed")
        work.touch(course)
    if section.course_id != course.id:
        home = section.nonxlist_course_id or section.course_id
        move_section(work, section, course.id, None if home == course.id else home)
        work.touch(section)
    return True


def _make(work: Work, section: Section, course_id: str) -> Course:
    """The target course, like the section's own, whose name it follows from now on."""
    like = work.there(Course, section.nonxlist_course_id or section.course_id)
    return work.add(
        Course(
            workflow_state="claimed",
            name=like.name,
            course_code=like.course_code,
            account_id=like.account_id,
            term_id=like.term_id,
            sis_source_id=course_id,
            follows_course_id=like.id,
        )
    )


def _undo(work: Work, section: Section, course: Course | None) -> None:
    """Send the section home; naming another course that exists leaves it where it is."""
    if course is not None and section.course_id != course.id:
        return
    if section.nonxlist_course_id is not None:
        move_section(work, section, section.nonxlist_course_id, None)
        work.touch(section)
