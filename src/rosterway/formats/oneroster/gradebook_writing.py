"""The gradebook's nouns become JSON of either version, in the manner a provider takes.

Guarantees: the strict manner gives what the official schemas ask (oneroster 9, 10.2), as far as the
noun has it: nothing is made up but 1.1's filler score of 0, and that only beside a status that says
there is no grade. `lacking` names what a schema demands and the noun has not.

Leaves to others: which values a noun has (`passback`), and sending (`oneroster`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import msgspec

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.gradebook_reading import WITHOUT_GRADE
from rosterway.settings.shape import Version

Body = dict[str, Any]

_encode = msgspec.json.Encoder().encode
#: What a path holds as it is (RFC 3986, 2.3).
_PLAIN = re.compile(r"[A-Za-z0-9\-._~]*")


class Shape(StrEnum):
    """How much of an object is written: all the schema asks, or what lenient providers take."""

    STRICT = "strict"
    LEAN = "lean"


class DateForm(StrEnum):
    """How a date is written."""

    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one provider is written to.

    `rostering` and `gradebook` are the roots that hrefs begin with, without a slash at the end;
    `omitted` are JSON names that are never sent; `modified` leaves our ids out of bodies
    (instructure-integration 2.2); `filler` None: a 0 for a missing score in 1.1 alone. A form of
    dates that is None leaves them as the noun has them.
    """

    version: Version
    rostering: str = ""
    gradebook: str = ""
    shape: Shape = Shape.STRICT
    modified: bool = False
    omitted: frozenset[str] = frozenset()
    grading_period: bool = True
    score_date: DateForm | None = None
    due_date: DateForm | None = None
    flags: bool = True
    filler: bool | None = None


#: A ref's `type` -> its collection, and whether that is of the roster (oneroster 10.2).
_PLACES: Mapping[str, tuple[str, bool]] = MappingProxyType(
    {
        "class": ("classes", True),
        "org": ("orgs", True),
        "user": ("users", True),
        "academicSession": ("academicSessions", True),
        "category": ("categories", False),
        "lineItem": ("lineItems", False),
        "scoreScale": ("scoreScales", False),
    }
)
_FLAGS = ("late", "missing", "incomplete", "inProgress")

#: What the schemas require beside the base fields (oneroster 9.2, 9.3).
_REQUIRED: Mapping[tuple[str, Version], tuple[str, ...]] = MappingProxyType(
    {
        ("lineItem", Version.V1P1): (
            "title",
            "assignDate",
            "dueDate",
            "class",
            "category",
            "gradingPeriod",
            "resultValueMin",
            "resultValueMax",
        ),
        ("lineItem", Version.V1P2): (
            "title",
            "assignDate",
            "dueDate",
            "class",
            "category",
            "school",
        ),
        ("result", Version.V1P1): ("lineItem", "student", "scoreStatus", "score", "scoreDate"),
        ("result", Version.V1P2): ("lineItem", "student", "scoreStatus", "scoreDate"),
    }
)


def line_item(item: LineItem, manner: Manner, modified_at: str) -> Body:
    """A line item as JSON has it; `modified_at` is a moment in ISO 8601, in UTC."""
    is_new = manner.version is Version.V1P2
    period = item.grading_period_id
    told = _base(item.sourced_id, manner, modified_at, is_deleted=item.is_deleted)
    told["title"] = item.title
    _put(told, "description", item.description or None)
    _put(told, "assignDate", _date(item.assigned, manner.due_date))
    _put(told, "dueDate", _date(item.due, manner.due_date))
    _refer(told, "class", "class", item.class_id, manner)
    _refer(told, "category", "category", item.category_id, manner)
    if not is_new:
        period = period or item.academic_session_id
    if manner.grading_period:
        _refer(told, "gradingPeriod", "academicSession", period, manner)
    if is_new:
        _refer(told, "school", "org", item.school_id, manner)
        _refer(told, "academicSession", "academicSession", item.academic_session_id, manner)
        _refer(told, "scoreScale", "scoreScale", item.score_scale_id, manner)
    _put(told, "resultValueMin", item.minimum)
    _put(told, "resultValueMax", item.maximum)
    return _without(told, manner)


def result(given: Result, manner: Manner, modified_at: str) -> Body:
    """A result as JSON has it."""
    is_new = manner.version is Version.V1P2
    told = _base(given.sourced_id, manner, modified_at, is_deleted=given.is_deleted)
    _refer(told, "lineItem", "lineItem", given.line_item_id, manner)
    _refer(told, "student", "user", given.student_id, manner)
    _put(told, "scoreStatus", given.score_status or None)
    score = given.score
    is_filled = not is_new if manner.filler is None else manner.filler
    if score is None and is_filled and given.score_status in WITHOUT_GRADE:
        score = 0.0
    _put(told, "score", score)
    _put(told, "scoreDate", _date(given.score_date, manner.score_date))
    _put(told, "comment", given.comment)
    if is_new:
        _refer(told, "class", "class", given.class_id, manner)
        _refer(told, "scoreScale", "scoreScale", given.score_scale_id, manner)
        _put(told, "textScore", given.text_score)
        values = (given.late, given.missing, given.incomplete, given.in_progress)
        for name, value in zip(_FLAGS, values, strict=True):
            if value is not None and manner.flags:
                told[name] = "true" if value else "false"
    return _without(told, manner)


#: A noun's key in a singleton.
KEYS: Mapping[type[LineItem | Result], str] = MappingProxyType(
    {LineItem: "lineItem", Result: "result"}
)
_WRITERS: Mapping[type[LineItem | Result], Callable[..., Body]] = MappingProxyType(
    {LineItem: line_item, Result: result}
)


def body(noun: LineItem | Result, manner: Manner, modified_at: str) -> bytes:
    """The body of a PUT."""
    key, write = KEYS[type(noun)], _WRITERS[type(noun)]
    return _encode({key: write(noun, manner, modified_at)})


def bodies(nouns: Sequence[LineItem | Result], manner: Manner, modified_at: str) -> bytes:
    """The body of a POST of many; each has its sourcedId, by which the answer speaks of it."""
    key, write = KEYS[type(nouns[0])], _WRITERS[type(nouns[0])]
    told = [{"sourcedId": noun.sourced_id, **write(noun, manner, modified_at)} for noun in nouns]
    return _encode({f"{key}s": told})


def lacking(noun: LineItem | Result, manner: Manner) -> tuple[str, ...]:
    """What the version's schema requires of it and would not be written."""
    key, write = KEYS[type(noun)], _WRITERS[type(noun)]
    told = write(noun, manner, "")
    return tuple(name for name in _REQUIRED[key, manner.version] if name not in told)


def _base(sourced_id: str, manner: Manner, modified_at: str, *, is_deleted: bool) -> Body:
    told: Body = {}
    if sourced_id and not manner.modified:
        told["sourcedId"] = sourced_id
    if manner.shape is Shape.STRICT:
        told["status"] = "tobedeleted" if is_deleted else "active"
        told["dateLastModified"] = modified_at
    return told


def _put(told: Body, name: str, value: object) -> None:
    if value is not None:
        told[name] = value


def _refer(told: Body, name: str, kind: str, sourced_id: str | None, manner: Manner) -> None:
    if not sourced_id:
        return
    if manner.shape is Shape.LEAN:
        told[name] = {"sourcedId": sourced_id}
        return
    collection, is_roster = _PLACES[kind]
    root = manner.rostering if is_roster else manner.gradebook
    href = f"{root}/{collection}/{in_path(sourced_id)}"
    told[name] = {"href": href, "sourcedId": sourced_id, "type": kind}


def in_path(sourced_id: str) -> str:
    """An id as a part of a path, percent-encoded; few have anything to encode."""
    return sourced_id if _PLAIN.fullmatch(sourced_id) else quote(sourced_id, safe="")


def _date(written: str | None, form: DateForm | None) -> str | None:
    """A day of a moment is the one it is written with; a moment of a day its midnight in UTC."""
    if not written or form is None:
        return written
    if form is DateForm.DAY:
        return written[:10]
    return written if len(written) > 10 else f"{written}T00:00:00.000Z"


def _without(told: Body, manner: Manner) -> Body:
    for name in manner.omitted:
        told.pop(name, None)
    return told
