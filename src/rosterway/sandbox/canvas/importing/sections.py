"""sections.csv.

Facts: canvas-lms `lib/sis/csv/section_importer.rb`, `lib/sis/section_importer.rb`.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.cascades import delete_section, foresee, move_section
from rosterway.sandbox.canvas.importing.desk import Desk, prefix, too_long
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    COURSE_BY_SIS_ID,
    SECTION_BY_SIS_ID,
    Course,
    Section,
)
from rosterway.sandbox.canvas.trouble import Refused

_STATUSES = ("active", "deleted")


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    work.prefetch(SECTION_BY_SIS_ID, (row.get("section_id") for row in rows))
    work.prefetch(COURSE_BY_SIS_ID, (row.get("course_id") for row in rows))
    gone = [row.get("section_id") for row in rows if prefix(row.get("status"), ("deleted",))]
    foresee(work, sections=[s.id for sis_id in gone for s in work.all(SECTION_BY_SIS_ID, sis_id)])
    desk.each(rows, _section)


def _section(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, course_id = row.get("section_id"), row.get("course_id")
    complaint = f"Bad date format for section {sis_id or ''}"
    start = desk.date(row, "start_date", complaint)
    end = desk.date(row, "end_date", complaint)
    if sis_id is None:
        raise Refused(f"No section_id given for a section in course {course_id or ''}")
    if course_id is None:
        raise Refused(f"No course_id given for a section {sis_id}")
    status = prefix(row.get("status"), _STATUSES)
    section = work.first(SECTION_BY_SIS_ID, sis_id)
    name = row.get("name")
    if name is None and status == "deleted" and section is not None:
        name = section.name
    if name is None:
        raise Refused(f"No name given for section {sis_id} in course {course_id}")
    if status is None:
        raise Refused(
            f'Improper status "{row.get("status", "")}" for section {sis_id} in course {course_id}'
        )
    if desk.skips(status):
        return False
    course = work.first(COURSE_BY_SIS_ID, course_id)
    if course is None:
        raise Refused(f"Section {sis_id} references course {course_id} which doesn't exist")
    if errors := too_long(name=name, sis_source_id=sis_id):
        raise Refused(
            f"A section did not pass validation (section: {sis_id} / {name},"
            f" course: {course_id}, error: {', '.join(errors)})"
        )
    if section is None:
        section = work.add(
            Section(workflow_state=status, name=name, course_id=course.id, sis_source_id=sis_id)
        )
    _place(section, course, desk)
    work.set(
        section,
        name=name,
        integration_id=row.get("integration_id"),
        start_at=start,
        end_at=end,
    )
    if status == "deleted":
        delete_section(work, section)
    else:
        work.set(section, workflow_state="active")
    work.touch(section)
    return True


def _place(section: Section, course: Course, desk: Desk) -> None:
    """Put the section where its row says, unless a cross-listing has taken it from there."""
    home = section.nonxlist_course_id
    if home == course.id:
        target = desk.work.there(Course, section.course_id)
        if target.workflow_state != "deleted":
            return
    if home is not None or section.course_id != course.id:
        move_section(desk.work, section, course.id, None)
