"""What gradebooks refuse though OneRoster allows it: each demand by name, the knob `demands`.

Reported of real ones (instructure-integration.md sections 3.2, 7 and S7; users-and-pains.md rows 3
and 14). The knob `picky` is five of them at once. Which vendor has which, and in whose words, is
left to `vendors`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from rosterway.sandbox.sis.holding.held import Records
from rosterway.sandbox.sis.holding.records import GONE, Record

#: Set on a result that a teacher has entered in the SIS (the control door does).
BY_TEACHER = "byTeacher"
#: Set on a line item that is closed.
LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Demand:
    """Something a gradebook wants: of which noun, when it is not met, and the words then."""

    noun: str
    is_broken: Callable[[Record, Records], bool]
    words: str


def broken(names: Iterable[str], noun: str, record: Record, records: Records) -> Iterator[str]:
    """The names of demands that a record does not meet, in their order."""
    for name in names:
        demand = DEMANDS[name]
        if demand.noun == noun and demand.is_broken(record, records):
            yield name


def _line_of(record: Record, records: Records) -> Record:
    return records["lineItem"].get(record.get("lineItem", ""), {})


def _is_longer(longest: int, record: Record, records: Records) -> bool:
    del records
    return len(record.get("title", "")) > longest


def _is_taken(record: Record, records: Records) -> bool:
    return any(
        other["title"] == record.get("title")
        and other["class"] == record.get("class")
        and other["sourcedId"] != record["sourcedId"]
        and other["status"] != GONE
        for other in records["lineItem"].values()
    )


def _lies_outside(session: Record | None, day: str | None) -> bool:
    if session is None or not day:
        return False
    return not session["startDate"] <= day[:10] < session["endDate"]


def _period_of(record: Record, records: Records) -> Record | None:
    return records["academicSession"].get(record.get("gradingPeriod", ""))


def _assigned_outside(record: Record, records: Records) -> bool:
    return _lies_outside(_period_of(record, records), record.get("assignDate"))


def _due_outside_period(record: Record, records: Records) -> bool:
    return _lies_outside(_period_of(record, records), record.get("dueDate"))


def _due_outside_terms(record: Record, records: Records) -> bool:
    terms = records["class"].get(record.get("class", ""), {}).get("terms", [])
    sessions = [records["academicSession"].get(term) for term in terms]
    return bool(sessions) and all(_lies_outside(one, record.get("dueDate")) for one in sessions)


def _due_before_assigned(record: Record, records: Records) -> bool:
    del records
    assigned, due = record.get("assignDate", ""), record.get("dueDate", "")
    return bool(due) and due[:10] < assigned[:10]


def _is_period_elsewhere(record: Record, records: Records) -> bool:
    period = _period_of(record, records)
    terms = records["class"].get(record.get("class", ""), {}).get("terms", [])
    return period is not None and not {period["sourcedId"], period.get("parent")} & set(terms)


def _is_category_elsewhere(record: Record, records: Records) -> bool:
    category = records["category"].get(record.get("category", ""))
    if category is None or category["status"] == GONE:
        return True
    own: Any = category.get("metadata", {}).get("classId")
    return own is not None and own != record.get("class")


def _is_not_whole(name: str, record: Record, records: Records) -> bool:
    del records
    value = record.get(name)
    return value is not None and value != int(value)


def _is_worth_nothing(record: Record, records: Records) -> bool:
    del records
    return record.get("resultValueMax") == 0


def _moves_class(record: Record, records: Records) -> bool:
    known = records["lineItem"].get(record["sourcedId"])
    return known is not None and known["class"] != record.get("class")


def _is_locked(record: Record, records: Records) -> bool:
    return bool(records["lineItem"].get(record["sourcedId"], {}).get(LOCKED))


def _is_line_locked(record: Record, records: Records) -> bool:
    return bool(_line_of(record, records).get(LOCKED))


def _is_line_unknown(record: Record, records: Records) -> bool:
    return _line_of(record, records).get("status", GONE) == GONE


def _is_not_enrolled(record: Record, records: Records) -> bool:
    at = _line_of(record, records).get("class")
    return not any(
        (enrollment["user"], enrollment["class"]) == (record.get("student"), at)
        and enrollment["status"] != GONE
        for enrollment in records["enrollment"].values()
    )


def _is_out_of_bounds(record: Record, records: Records) -> bool:
    line, score = _line_of(record, records), record.get("score")
    if score is None:
        return False
    return not line.get("resultValueMin", score) <= score <= line.get("resultValueMax", score)


def _is_before_assigned(record: Record, records: Records) -> bool:
    assigned = _line_of(record, records).get("assignDate", "")
    return record.get("scoreDate", "")[:10] < assigned[:10]


def _is_the_teacher_s(record: Record, records: Records) -> bool:
    return any(
        held.get(BY_TEACHER)
        and (held["lineItem"], held["student"]) == (record.get("lineItem"), record.get("student"))
        for held in records["result"].values()
    )


def _is_unscored(record: Record, records: Records) -> bool:
    del records
    return record.get("score") is None


DEMANDS: dict[str, Demand] = {
    "title-30": Demand("lineItem", partial(_is_longer, 30), "title is longer than 30"),
    "title-50": Demand("lineItem", partial(_is_longer, 50), "title is longer than 50"),
    "title-unique": Demand("lineItem", _is_taken, "the class has that title already"),
    "assigned-in-period": Demand(
        "lineItem", _assigned_outside, "assignDate is outside the grading period"
    ),
    "due-in-period": Demand(
        "lineItem", _due_outside_period, "dueDate is outside the grading period"
    ),
    "due-in-term": Demand("lineItem", _due_outside_terms, "dueDate is outside the class's terms"),
    "due-after-assigned": Demand("lineItem", _due_before_assigned, "dueDate is before assignDate"),
    "period-of-class": Demand(
        "lineItem", _is_period_elsewhere, "the class does not run in that grading period"
    ),
    "category-of-class": Demand(
        "lineItem", _is_category_elsewhere, "the class does not have that category"
    ),
    "whole-maximum": Demand(
        "lineItem", partial(_is_not_whole, "resultValueMax"), "points are whole numbers"
    ),
    "some-points": Demand("lineItem", _is_worth_nothing, "a line item is worth something"),
    "same-class": Demand("lineItem", _moves_class, "a line item stays in its class"),
    "line-open": Demand("lineItem", _is_locked, "the line item is locked"),
    "line-known": Demand("result", _is_line_unknown, "the line item is unknown"),
    "enrolled": Demand("result", _is_not_enrolled, "the student is not in the class"),
    "in-bounds": Demand("result", _is_out_of_bounds, "score is out of bounds"),
    "scored-after-assigned": Demand(
        "result", _is_before_assigned, "scoreDate is before assignDate"
    ),
    "whole-score": Demand("result", partial(_is_not_whole, "score"), "scores are whole numbers"),
    "always-scored": Demand("result", _is_unscored, "every result has a score"),
    "not-the-teacher-s": Demand("result", _is_the_teacher_s, "the teacher has graded it already"),
    "results-open": Demand("result", _is_line_locked, "the line item is locked"),
}

#: What the knob `picky` stands for.
PICKY = ("title-30", "assigned-in-period", "enrolled", "in-bounds", "scored-after-assigned")
