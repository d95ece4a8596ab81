"""terms.csv: terms and their dates for one kind of enrollment.

Facts: canvas-lms `lib/sis/csv/term_importer.rb`, `lib/sis/term_importer.rb`. A row is read as a
whole: one impossible date loses both.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix, too_long
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    COURSE_BY_TERM,
    OVERRIDE_BY_TERM,
    TERM_BY_SIS_ID,
    Term,
    TermOverride,
)
from rosterway.sandbox.canvas.state.seed import DEFAULT_TERM_ID
from rosterway.sandbox.canvas.trouble import Refused

_STATUSES = ("active", "deleted")
_OVERRIDABLE = ("StudentEnrollment", "TeacherEnrollment", "TaEnrollment", "DesignerEnrollment")


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    desk.work.prefetch(TERM_BY_SIS_ID, (row.get("term_id") for row in rows))
    desk.each(rows, _term)


def _term(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id = row.get("term_id")
    start, end = _dates(row, desk)
    kind = row.get("date_override_enrollment_type")
    if sis_id is None:
        raise Refused("No term_id given for a term")
    name = row.get("name")
    if name is None and kind is None:
        raise Refused(f"No name given for term {sis_id}")
    status = prefix(row.get("status"), _STATUSES)
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for term {sis_id}')
    if desk.skips(status):
        return False
    term = work.first(TERM_BY_SIS_ID, sis_id)
    if kind is not None:
        return _override(term, kind, status, start, end, desk)
    assert name is not None
    if errors := too_long(name=name, sis_source_id=sis_id) or _objections(term, name, status, desk):
        raise Refused(
            f"A term did not pass validation (term: {sis_id} / {name}, error: {', '.join(errors)})"
        )
    if term is None:
        term = work.add(Term(workflow_state=status, name=name, sis_source_id=sis_id))
    work.set(
        term,
        name=name,
        workflow_state=status,
        integration_id=row.get("integration_id"),
        start_at=start,
        end_at=end,
    )
    work.touch(term)
    return True


def _dates(row: Row, desk: Desk) -> tuple[str | None, str | None]:
    complaints = len(desk.messages)
    complaint = f"Bad date format for term {row.get('term_id', '')}"
    start = desk.date(row, "start_date", complaint)
    if len(desk.messages) > complaints:
        return None, None
    end = desk.date(row, "end_date", complaint)
    return (None, None) if len(desk.messages) > complaints else (start, end)


def _objections(term: Term | None, name: str, status: str, desk: Desk) -> list[str]:
    if term is None:
        return []
    objections: list[str] = []
    if term.id == DEFAULT_TERM_ID and name != term.name:
        objections.append("Cannot change the default term name")
    if status == "deleted":
        if term.id == DEFAULT_TERM_ID:
            objections.append("Cannot delete the default term")
        elif any(c.workflow_state != "deleted" for c in desk.work.all(COURSE_BY_TERM, term.id)):
            objections.append("Cannot delete a term with active courses")
    return objections


def _override(
    term: Term | None, kind: str, status: str, start: str | None, end: str | None, desk: Desk
) -> bool:
    work = desk.work
    if term is None:
        raise Refused("Cannot set date override on non-existent term")
    if kind not in _OVERRIDABLE:
        raise Refused("Invalid date_override_enrollment_type")
    override = work.first(OVERRIDE_BY_TERM, (term.id, kind))
    if override is None:
        override = work.add(
            TermOverride(workflow_state=status, term_id=term.id, enrollment_type=kind)
        )
    work.set(override, workflow_state=status, start_at=start, end_at=end)
    work.touch(term)
    return True
