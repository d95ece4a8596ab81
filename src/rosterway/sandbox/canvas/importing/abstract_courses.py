"""Abstract courses, which Canvas reads and does not document.

Facts: canvas-lms `lib/sis/abstract_course_importer.rb`; messages mirror those of courses.csv.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ABSTRACT_COURSE_BY_SIS_ID,
    ACCOUNT_BY_SIS_ID,
    TERM_BY_SIS_ID,
    AbstractCourse,
)
from rosterway.sandbox.canvas.state.seed import DEFAULT_TERM_ID, ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    desk.each(rows, _abstract_course)


def _abstract_course(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id = row.get("abstract_course_id")
    short_name, long_name = row.get("short_name"), row.get("long_name")
    if sis_id is None:
        raise Refused("No abstract_course_id given for an abstract course")
    if short_name is None:
        raise Refused(f"No short_name given for abstract course {sis_id}")
    if long_name is None:
        raise Refused(f"No long_name given for abstract course {sis_id}")
    status = prefix(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for abstract course {sis_id}')
    if desk.skips(status):
        return False
    account = work.first(ACCOUNT_BY_SIS_ID, row.get("account_id")) or work.first(
        ACCOUNT_BY_SIS_ID, row.get("fallback_account_id")
    )
    term = work.first(TERM_BY_SIS_ID, row.get("term_id"))
    course = work.first(ABSTRACT_COURSE_BY_SIS_ID, sis_id)
    if course is None:
        course = work.add(
            AbstractCourse(
                workflow_state=status,
                sis_source_id=sis_id,
                name=long_name,
                short_name=short_name,
                account_id=ROOT_ACCOUNT_ID,
                term_id=DEFAULT_TERM_ID,
            )
        )
    work.set(
        course,
        workflow_state=status,
        name=long_name,
        short_name=short_name,
        account_id=account.id if account else course.account_id,
        term_id=term.id if term else course.term_id,
    )
    work.touch(course)
    return True
