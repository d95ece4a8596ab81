"""What picky gradebooks refuse though OneRoster allows it: the knob `picky`.

Reported of real ones (instructure-integration.md sections 3.2 and 7): lines outside their grading
period, students who are not in the class, scores out of bounds or before the assignment, long
titles.
"""

from collections.abc import Callable
from typing import Any

from rosterway.sandbox.sis.holding.held import Records
from rosterway.sandbox.sis.holding.records import GONE, Record

_LONGEST_TITLE = 30


def refusals(noun: str, record: Record, records: Records) -> str | None:
    """The first thing a picky gradebook has against a record; None when nothing."""
    found = (rule(record, records) for rule in _RULES.get(noun, ()))
    return next((wrong for wrong in found if wrong), None)


def _title_fits(record: Record, records: Records) -> str | None:
    del records
    return (
        f"title is longer than {_LONGEST_TITLE}" if len(record["title"]) > _LONGEST_TITLE else None
    )


def _in_period(record: Record, records: Records) -> str | None:
    period = records["academicSession"].get(record.get("gradingPeriod", ""))
    if period is None:
        return None
    day = record["assignDate"][:10]
    if not period["startDate"] <= day < period["endDate"]:
        return "assignDate is outside the grading period"
    return None


def _is_enrolled(record: Record, records: Records) -> str | None:
    at = records["lineItem"][record["lineItem"]]["class"]
    for enrollment in records["enrollment"].values():
        if (enrollment["user"], enrollment["class"]) == (record["student"], at):
            return None if enrollment["status"] != GONE else "the student has left the class"
    return "the student is not in the class"


def _in_bounds(record: Record, records: Records) -> str | None:
    line: dict[str, Any] = records["lineItem"][record["lineItem"]]
    score = record.get("score")
    if score is None:
        return None
    if not line.get("resultValueMin", score) <= score <= line.get("resultValueMax", score):
        return "score is out of bounds"
    return None


def _after_assignment(record: Record, records: Records) -> str | None:
    assigned = records["lineItem"][record["lineItem"]]["assignDate"][:10]
    return "scoreDate is before assignDate" if record["scoreDate"][:10] < assigned else None


_RULES: dict[str, tuple[Callable[[Record, Records], str | None], ...]] = {
    "lineItem": (_title_fits, _in_period),
    "result": (_is_enrolled, _in_bounds, _after_assignment),
}
