"""Batch mode: what a term held from earlier imports and this one did not mention is removed.

Guarantees: only courses, sections and enrollments that came by an import go, only of types that
were supplied, and none when a threshold says so, which is asked before the first is removed.

Facts: canvas-lms `SisBatch#remove_previous_imports`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rosterway.sandbox.canvas.importing.cascades import (
    delete_course,
    delete_section,
    follow,
    foresee,
)
from rosterway.sandbox.canvas.state.office import Message, SisImport
from rosterway.sandbox.canvas.state.records import (
    Course,
    Enrollment,
    Record,
    Section,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Crashed, SandboxError

TERMS_MISSING = "Terms not found. Terms must be included with multi_term_batch_mode"
EXCEEDED = "{} {} would be deleted and exceeds the set threshold of {}%"

_DROP_STATES = frozenset({"deleted", "completed", "inactive"})

#: Observer enrollments that follow a link are no rows of anybody's file.
_NOT_FOLLOWING = (
    " AND NOT (t.type = 'ObserverEnrollment' AND EXISTS (SELECT 1 FROM observer_links o"
    " WHERE o.observer_id = t.user_id AND o.student_id = t.associated_user_id"
    " AND o.workflow_state = 'active'))"
)


class CleanupAborted(SandboxError):  # noqa: N818 - reads as what happened
    """The clean-up must not happen; the import ends as aborted, its rows stay applied."""


@dataclass(frozen=True, slots=True)
class _Kind:
    supplied: str
    plural: str
    kind: type[Record]
    #: Live records of the terms in `{terms}` that came by an import.
    live: str


_COURSES = _Kind(
    "course",
    "courses",
    Course,
    "WHERE t.term_id IN ({terms}) AND t.sis_source_id IS NOT NULL",
)
_SECTIONS = _Kind(
    "section",
    "sections",
    Section,
    "JOIN courses c ON c.id = COALESCE(t.nonxlist_course_id, t.course_id)"
    " WHERE c.term_id IN ({terms}) AND t.sis_source_id IS NOT NULL",
)
_ENROLLMENTS = _Kind(
    "enrollment",
    "enrollments",
    Enrollment,
    "JOIN courses c ON c.id = t.course_id WHERE c.term_id IN ({terms})" + _NOT_FOLLOWING,
)
#: The order thresholds are checked in.
_KINDS = (_COURSES, _SECTIONS, _ENROLLMENTS)


def clean_up(
    sis_import: SisImport, supplied: list[str], work: Work, report: Callable[[float], None]
) -> dict[str, int]:
    """Remove what was not mentioned; counts of what went, for `data.counts`.

    `report` is told the share done, after each type.
    """
    options = sis_import.options
    if options.multi_term_batch_mode:
        terms = [
            row[0]
            for row in work.run("SELECT id FROM terms WHERE sis_batch_id = ?", (sis_import.id,))
        ]
        if not terms or "term" not in supplied:
            raise CleanupAborted(TERMS_MISSING)
        if options.skip_deletes:
            return {}
    else:
        terms = [options.batch_mode_term_id]
    in_terms = ", ".join(str(term) for term in terms)
    kinds = [kind for kind in _KINDS if kind.supplied in supplied]
    threshold = options.change_threshold
    if threshold is not None:
        for kind in kinds:
            _check(kind, in_terms, threshold, sis_import, work)
    work.batch_mode_delete = True
    counts: dict[str, int] = {}
    for at, kind in enumerate(reversed(kinds)):
        gone = _remove(kind, in_terms, sis_import, work)
        if gone:
            counts[f"batch_{kind.plural}_deleted"] = gone
        report((at + 1) / len(kinds))
    return counts


def message_of(aborted: CleanupAborted) -> Message:
    """What an aborted clean-up leaves in the import's log."""
    return Message(None, str(aborted), failure=True)


def _live(kind: _Kind, in_terms: str, gone_state: str) -> str:
    where = kind.live.format(terms=in_terms)
    states = "'deleted'" if gone_state == "deleted" else f"'deleted', '{gone_state}'"
    return f"{where} AND t.sis_batch_id IS NOT NULL AND t.workflow_state NOT IN ({states})"


def _check(kind: _Kind, in_terms: str, threshold: int, sis_import: SisImport, work: Work) -> None:
    live = f"SELECT count(*) FROM {kind.kind.TABLE} t {_live(kind, in_terms, 'deleted')}"
    total = work.count(live)
    going = work.count(f"{live} AND t.sis_batch_id <> {sis_import.id}")
    if total and going / total * 100 > threshold:
        raise CleanupAborted(EXCEEDED.format(going, kind.plural, threshold))


def _remove(kind: _Kind, in_terms: str, sis_import: SisImport, work: Work) -> int:
    drop_state = "deleted"
    if kind is _ENROLLMENTS:
        drop_state = sis_import.options.batch_mode_enrollment_drop_status or drop_state
        if drop_state not in _DROP_STATES:
            raise Crashed(f"batch mode cannot drop enrollments as {drop_state}")
    where = f"{_live(kind, in_terms, drop_state)} AND t.sis_batch_id <> {sis_import.id}"
    gone = work.select(kind.kind, where)
    foresee(
        work,
        sections=[record.id for record in gone if isinstance(record, Section)],
        courses=[record.id for record in gone if isinstance(record, Course)],
    )
    for record in gone:
        match record:
            case Enrollment():
                work.set(record, workflow_state=drop_state)
            case Section():
                delete_section(work, record)
            case Course():
                delete_course(work, record)
            case _:
                raise AssertionError(record)
    follow(work, [record for record in gone if isinstance(record, Enrollment)])
    return len(gone)
