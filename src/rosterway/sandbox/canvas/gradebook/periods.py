"""Grading periods: those of a course's term, which one a date falls into, and which are closed.

A date belongs to the period it is after the start of and not after the end of; no date belongs to the
last period. Facts: canvas-lms `app/models/grading_period.rb`, `lib/effective_due_dates.rb`.
"""

import sqlite3
from collections.abc import Iterable, Sequence

_OF_COURSE = (
    "SELECT p.* FROM grading_periods p JOIN grading_period_groups g ON g.id = p.group_id"
    " WHERE p.workflow_state = 'active' AND g.workflow_state = 'active' AND EXISTS"
    " (SELECT 1 FROM json_each(g.term_ids) WHERE value ="
    " (SELECT term_id FROM courses WHERE id = ?)) ORDER BY p.start_date"
)


def periods_of(read: sqlite3.Connection, course_id: int) -> list[sqlite3.Row]:
    """The grading periods of a course, first to last."""
    return read.execute(_OF_COURSE, (course_id,)).fetchall()


def period_of(due_at: str | None, periods: Sequence[sqlite3.Row]) -> sqlite3.Row | None:
    """The period a due date falls into."""
    if not periods:
        return None
    if due_at is None:
        return periods[-1]
    held = (p for p in periods if p["start_date"] < due_at <= p["end_date"])
    return next(held, None)


def is_closed(period: sqlite3.Row | None, now: str) -> bool:
    """Whether grades of a period are final."""
    return period is not None and period["close_date"] < now


def any_closed(dates: Iterable[str | None], periods: Sequence[sqlite3.Row], now: str) -> bool:
    """Whether any of these due dates lies in a closed period."""
    return any(is_closed(period_of(date, periods), now) for date in dates)
