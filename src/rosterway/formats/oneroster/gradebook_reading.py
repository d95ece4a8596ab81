"""JSON of the gradebook in either version becomes its nouns, however a provider writes it.

Guarantees: whatever the body, nothing here raises; every entry of a collection becomes a noun or is
counted as refused with a problem; what has one meaning is read as that and counted as a deviation
(oneroster 15.1). Hrefs are never looked at. The 0 that 1.1 forces upon a result without a grade is
no score (oneroster 9.3).

Leaves to others: fetching, paging, and what the nouns mean.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Generic, TypeVar, cast

import msgspec

from rosterway.formats.oneroster import cells, tables
from rosterway.formats.oneroster.envelope import Unreadable, collection, loose
from rosterway.formats.oneroster.gradebook import Category, LineItem, Result, ScoreScale
from rosterway.formats.oneroster.mending import identifier
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import Noun
from rosterway.formats.oneroster.vocabularies import SCORE_STATUS, STATUS
from rosterway.settings.shape import Version

_Read_co = TypeVar("_Read_co", covariant=True)

#: Statuses that say there is no grade, beside which a 0 of 1.1 is filler (oneroster 9.3).
WITHOUT_GRADE = frozenset({"exempt", "not submitted", "submitted"})

#: No score is as large, and JSON numbers that are none may be.
_LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of a read says of the records it gives, where they do not say it themselves."""

    class_id: str | None = None
    line_item_id: str | None = None
    student_id: str | None = None


@dataclass(frozen=True, slots=True)
class Batch(Generic[_Read_co]):
    """What one answer held: the nouns of it, and what paging takes.

    `entries` counts those of the collection, readable or not, `refused` those that became no noun;
    `first` and `last` are the ids of its ends (None: unreadable, or there is none).
    """

    nouns: tuple[_Read_co, ...] = ()
    entries: int = 0
    refused: int = 0
    first: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True)
class GradebookReader(Generic[_Read_co]):
    """Reads one kind of noun. `envelope` is its key in a collection and in a singleton."""

    envelope: Noun
    make: Callable[["Entry"], _Read_co | None]

    def read(
        self,
        body: bytes,
        version: Version,
        notes: Notes,
        place: Place | None = None,
        *,
        charset: str = "utf-8",
    ) -> Batch[_Read_co] | Unreadable:
        """The nouns in the answer to a read of a collection."""
        data = _decoded(body, notes, charset)
        listed = data if isinstance(data, Unreadable) else collection(data, self.envelope, notes)
        if isinstance(listed, Unreadable):
            return listed
        made: list[_Read_co] = []
        for row, raw in enumerate(listed, 1):
            noun = self._noun(raw, version, notes, place, row)
            if noun is not None:
                made.append(noun)
        ends = (_id_of(listed[0]), _id_of(listed[-1])) if listed else (None, None)
        return Batch(tuple(made), len(listed), len(listed) - len(made), *ends)

    def read_one(
        self, body: bytes, version: Version, notes: Notes, *, charset: str = "utf-8"
    ) -> _Read_co | None:
        """The noun in the answer to a read of one, or to a PUT; None: there is none."""
        data = _decoded(body, notes, charset)
        if not isinstance(data, dict):
            return None
        told = cast("dict[str, Any]", data)
        raw = told.get(self.envelope.singular, told if "sourcedId" in told else None)
        return None if raw is None else self._noun(raw, version, notes, None, 1)

    def _noun(
        self, raw: Any, version: Version, notes: Notes, place: Place | None, row: int
    ) -> _Read_co | None:
        if not isinstance(raw, dict):
            notes.problem("record-unreadable", row=row, value=type(raw).__name__)
            return None
        told = cast("dict[str, Any]", raw)
        sourced_id = identifier(told.get("sourcedId"))
        if not sourced_id or not sourced_id.strip():
            notes.problem("record-without-id", row=row)
            return None
        if not isinstance(told["sourcedId"], str):
            notes.deviates("number-for-text", "sourcedId", sourced_id, sourced_id)
        return self.make(Entry(told, sourced_id, version, notes, place or Place(), row))


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as a dict, read value by value; what is odd about it goes into `notes`."""

    told: Mapping[str, Any]
    sourced_id: str
    version: Version
    notes: Notes
    place: Place
    row: int

    def text(self, name: str) -> str | None:
        """A text; a number is its digits."""
        raw = self.told.get(name)
        return raw if raw is None or isinstance(raw, str) else self._cell(cells.text, name)

    def number(self, name: str) -> float | None:
        """A number, also one that is written as a text."""
        raw = self.told.get(name)
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            if abs(raw) < _LARGEST:
                return float(raw)
            self._unreadable(name)
            return None
        cell = self._cell(cells.number, name)
        if cell is None:
            return None
        self.deviates("text-for-number", name, "a number as text")
        return float(cell)

    def flag(self, name: str) -> bool | None:
        """True or false, however it is written."""
        cell = self._cell(cells.flag, name)
        return None if cell is None else cell == "true"

    def word(self, read: cells.Reader, name: str) -> str:
        """A word of a vocabulary; one that is unknown is kept, and is a problem."""
        return self._cell(read, name) or ""

    def date(self, name: str) -> str | None:
        """A day or a moment as it came, if it is either; a date that stands for none is none."""
        raw = self.told.get(name)
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str):
            return self._cell(cells.day, name)
        plain = raw.strip()
        is_day = len(plain) <= 10 or plain[:10] in cells.SENTINELS
        reading = cells.day(raw) if is_day else cells.instant(raw)
        if reading.problem or reading.cell is None:
            return self._cell(lambda _: reading, name)
        return plain

    def day(self, name: str) -> str | None:
        """A date as YYYY-MM-DD; the date of a moment is the one it is written with."""
        return self._cell(cells.day, name)

    def ref(self, name: str) -> str | None:
        """The id of a reference, of which only that is believed."""
        raw = self.told.get(name)
        listed = cast("list[Any]", raw) if isinstance(raw, list) else []
        if len(listed) == 1:
            self.deviates("reference-bare", name, "a list of one")
            return self._ref(name, listed[0])
        return self._ref(name, raw)

    def _ref(self, name: str, raw: Any) -> str | None:
        is_object = isinstance(raw, dict)
        inner: Any = cast("dict[str, Any]", raw).get("sourcedId") if is_object else raw
        if inner is None or inner == "":
            return None
        found = identifier(inner)
        if found is None:
            self._unreadable(name)
            return None
        if not isinstance(inner, str):
            self.deviates("number-for-text", name, found)
        if not is_object:
            self.deviates("reference-bare", name, found)
        return found

    def refs(self, name: str) -> tuple[str, ...]:
        """The ids of a list of references."""
        raw = self.told.get(name)
        if raw is None or raw == "":
            return ()
        if not isinstance(raw, list):
            self.deviates("list-as-one", name, "one reference")
            raw = [raw]
        found = (self._ref(name, part) for part in cast("list[Any]", raw))
        return tuple(one for one in found if one)

    def metadata(self, name: str) -> str | None:
        """A text of the metadata."""
        raw = self.told.get("metadata")
        if raw is None or raw == "":
            return None
        if not isinstance(raw, dict):
            self.deviates("metadata-form", "metadata", "no object")
            return None
        return identifier(cast("dict[str, Any]", raw).get(name)) or None

    @property
    def is_deleted(self) -> bool:
        """Whether its status says so; without one it is in use (oneroster 12)."""
        if self.told.get("status") is None:
            return False
        return self.word(_STATUSES[self.version], "status") == "tobedeleted"

    def lacks(self, name: str) -> None:
        """It has no use without a value."""
        self.notes.problem("value-missing", row=self.row, column=name, record=self.sourced_id)

    def deviates(self, code: str, name: str, example: object) -> None:
        """Count a deviation."""
        self.notes.deviates(code, name, example, self.sourced_id)

    def _cell(self, read: cells.Reader, name: str) -> str | None:
        raw = self.told.get(name)
        if isinstance(raw, dict | list):
            self._unreadable(name)
            return None
        reading = read(raw)
        if reading.deviation:
            self.deviates(reading.deviation, name, raw)
        if reading.problem:
            self.notes.problem(reading.problem, row=self.row, column=name, record=self.sourced_id)
        return reading.cell

    def _unreadable(self, name: str) -> None:
        self.notes.problem("value-unreadable", row=self.row, column=name, record=self.sourced_id)


def _category(entry: Entry) -> Category:
    own = entry.metadata("classId") or entry.ref("class")
    return Category(
        sourced_id=entry.sourced_id,
        title=entry.text("title") or "",
        class_id=own or entry.place.class_id,
        weight=entry.number("weight"),
        is_deleted=entry.is_deleted,
    )


def _line_item(entry: Entry) -> LineItem | None:
    class_id = entry.ref("class") or entry.place.class_id
    if class_id is None:
        entry.lacks("class")
        return None
    return LineItem(
        sourced_id=entry.sourced_id,
        title=entry.text("title") or "",
        class_id=class_id,
        description=entry.text("description") or "",
        category_id=entry.ref("category"),
        school_id=entry.ref("school"),
        grading_period_id=entry.ref("gradingPeriod"),
        academic_session_id=entry.ref("academicSession"),
        score_scale_id=entry.ref("scoreScale"),
        assigned=entry.date("assignDate"),
        due=entry.date("dueDate"),
        minimum=entry.number("resultValueMin"),
        maximum=entry.number("resultValueMax"),
        is_deleted=entry.is_deleted,
    )


def _result(entry: Entry) -> Result | None:
    line_item = entry.ref("lineItem") or entry.place.line_item_id
    student = entry.ref("student") or entry.place.student_id
    if line_item is None or student is None:
        entry.lacks("student" if line_item else "lineItem")
        return None
    status = entry.word(_SCORE_STATUSES[entry.version], "scoreStatus")
    score = entry.number("score")
    is_filler = entry.version is Version.V1P1 and score == 0 and status in WITHOUT_GRADE
    return Result(
        sourced_id=entry.sourced_id,
        line_item_id=line_item,
        student_id=student,
        class_id=entry.ref("class") or entry.place.class_id,
        score=None if is_filler else score,
        text_score=entry.text("textScore"),
        score_status=status,
        score_date=entry.date("scoreDate"),
        comment=entry.text("comment"),
        score_scale_id=entry.ref("scoreScale"),
        late=entry.flag("late"),
        missing=entry.flag("missing"),
        incomplete=entry.flag("incomplete"),
        in_progress=entry.flag("inProgress"),
        is_deleted=entry.is_deleted,
    )


def _score_scale(entry: Entry) -> ScoreScale:
    raw = entry.told.get("scoreScaleValue")
    pairs: list[tuple[str, str]] = []
    for part in cast("list[Any]", raw) if isinstance(raw, list) else []:
        told = cast("dict[str, Any]", part) if isinstance(part, dict) else {}
        left, right = identifier(told.get("itemValueLHS")), identifier(told.get("itemValueRHS"))
        if left is not None and right is not None:
            pairs.append((left, right))
        else:
            entry.lacks("scoreScaleValue")
    return ScoreScale(
        sourced_id=entry.sourced_id,
        title=entry.text("title") or "",
        class_id=entry.ref("class") or entry.place.class_id,
        values=tuple(pairs),
    )


_STATUSES: Mapping[Version, cells.Reader] = MappingProxyType(
    {version: cells.word(STATUS, version) for version in Version}
)
_SCORE_STATUSES: Mapping[Version, cells.Reader] = MappingProxyType(
    {version: cells.word(SCORE_STATUS, version) for version in Version}
)

CATEGORIES = GradebookReader(Noun("categories", "category", tables.CATEGORIES, ()), _category)
LINE_ITEMS = GradebookReader(Noun("lineItems", "lineItem", tables.LINE_ITEMS, ()), _line_item)
RESULTS = GradebookReader(Noun("results", "result", tables.RESULTS, ()), _result)
SCORE_SCALES = GradebookReader(
    Noun("scoreScales", "scoreScale", tables.SCORE_SCALES, ()), _score_scale
)


def _decoded(body: bytes, notes: Notes, charset: str) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return loose(body, notes, charset)


def _id_of(raw: Any) -> str | None:
    if not isinstance(raw, dict):
        return None
    return identifier(cast("dict[str, Any]", raw).get("sourcedId"))
