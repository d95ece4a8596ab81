"""Grade publishing results, by which a SIS says what became of final grades; not documented.

Facts: canvas-lms `lib/sis/grade_publishing_results_importer.rb`.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, exactly
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import Enrollment
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    desk.each(rows, _result)


def _result(row: Row, desk: Desk) -> bool:
    enrollment_id = row.get("enrollment_id")
    if enrollment_id is None:
        raise Refused("No enrollment_id given")
    status = row.get("grade_publishing_status")
    if status is None:
        raise Refused(f"No grade_publishing_status given for enrollment {enrollment_id}")
    state = exactly(status, ("published", "error"))
    if state is None:
        raise Refused(f'Improper grade_publishing_status "{status}" for enrollment {enrollment_id}')
    number = int(enrollment_id) if enrollment_id.isdecimal() else None
    enrollment = desk.work.get(Enrollment, number)
    if enrollment is None:
        raise Refused(f"Enrollment {enrollment_id} doesn't exist")
    desk.work.set(
        enrollment, grade_publishing_status=state, grade_publishing_message=row.get("message")
    )
    return True
