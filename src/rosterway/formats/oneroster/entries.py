"""The records of a page become columns of staged cells, and what is odd about them notes.

Every operation goes over all records at once, because that is where msgspec's speed would
otherwise be lost; only where something is odd are single records looked at.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from msgspec.structs import astuple

from rosterway.formats.oneroster import cells
from rosterway.formats.oneroster.cells import Memory, Scalar
from rosterway.formats.oneroster.field import Kind, Need
from rosterway.formats.oneroster.lines import Column
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import USER, Field, Noun
from rosterway.formats.oneroster.records import Ref, attribute
from rosterway.formats.oneroster.vocabularies import Vocabulary
from rosterway.settings.shape import Version

#: The columns of some rows, in the order of `Table.staged`; None and "" are blank alike.
Columns = Sequence[Column]

#: What every record has of its fields: a tuple for each attribute, in the order of the records.
Values = Mapping[str, tuple[Any, ...]]

_encode = msgspec.json.Encoder().encode
_sourced_id = attrgetter("sourcedId")
_zone_mark, _time_mark = itemgetter(-1), itemgetter(10)

#: Kinds of which a roster has few different values.
REMEMBERED = frozenset({Kind.CHOICE, Kind.FLAG, Kind.DATE, Kind.INSTANT, Kind.YEAR})


def reader_of(
    kind: Kind, vocabulary: Vocabulary | None, version: Version, name: str
) -> cells.Reader:
    """What reads the one value of a field or a column."""
    if kind is Kind.CHOICE:
        assert vocabulary is not None
        return cells.word(vocabulary, version)
    if name == "birthDate":
        return cells.birthday
    return _READERS.get(kind, cells.text)


_READERS: dict[Kind, cells.Reader] = {
    Kind.FLAG: cells.flag,
    Kind.DATE: cells.day,
    Kind.INSTANT: cells.instant,
    Kind.YEAR: cells.year,
    Kind.NUMBER: cells.number,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the records of one noun takes."""

    noun: Noun
    version: Version
    notes: Notes
    memories: Mapping[str, Memory]


def values_of(records: Sequence[msgspec.Struct]) -> Values:
    """The values of one or more records of one noun: taken out of each record in one go."""
    names = records[0].__struct_fields__
    return dict(zip(names, zip(*map(astuple, records), strict=True), strict=True))


@dataclass(frozen=True, slots=True)
class Entries:
    """Some records of a page: every operation goes over all of them at once."""

    reading: Reading
    values: Values
    ids: Sequence[str]
    places: Sequence[int]

    def columns(self) -> Columns:
        """The columns of the noun's own table."""
        made = {each.column.name: self._cells(each) for each in self.reading.noun.fields}
        if self.reading.noun is USER:
            _fill_primary_org(made)
        nothing: Column = [""] * len(self.ids)
        staged = self.reading.noun.table.staged[:-2]
        own = [made.get(name, nothing) for name in staged]
        return [*own, self._metadata(), list(map(str, self.places))]

    def _cells(self, each: Field) -> list[str | None]:
        name = attribute(each.name)
        if each.kind is Kind.ID:
            return list(self.ids)
        if each.kind is Kind.REF:
            found = self._refs(name)
        else:
            raws = self._raws(each, name)
            if each.kind is Kind.INSTANT and _are_instants(raws):
                found = raws
            elif each.kind in REMEMBERED:
                found = self._remembered(each, raws)
            elif each.kind is Kind.TEXT:
                found = raws
            else:
                found = self._lists(each, raws)
        return self._judge_missing(each, found)

    def _raws(self, each: Field, name: str) -> list[Any]:
        raws = list(self.values[name])
        for alias in each.aliases:
            others = self.values[alias]
            if others.count(None) == len(others):
                continue
            for place, other in enumerate(others):
                if raws[place] is None and other is not None:
                    self._deviates("other-name", each.name, alias, place)
                    is_bare = each.kind is Kind.REFS
                    raws[place] = [Ref(part) for part in _parts(other)] if is_bare else other
        return raws

    def _refs(self, name: str) -> list[str | None]:
        refs: tuple[Ref | None, ...] = self.values[name]
        try:
            return list(map(_sourced_id, refs))
        except AttributeError:  # some have none
            return [None if ref is None else ref.sourcedId for ref in refs]

    def _remembered(self, each: Field, raws: list[Scalar]) -> list[str | None]:
        memory = self.reading.memories[each.name]
        if isinstance(raws[0], str) and raws.count(raws[0]) == len(raws):
            found = [memory[raws[0]]] * len(raws)
        else:
            found = list(map(memory.__getitem__, raws))
        if memory.odd:
            odd = set(memory.odd)
            memory.odd.clear()
            for place, raw in enumerate(raws):
                if raw in odd:
                    self._tell(memory, each, raw, place)
        return found

    def _tell(self, memory: Memory, each: Field, raw: Scalar, place: int) -> None:
        reading = memory.why(raw)
        if reading.deviation:
            self._deviates(reading.deviation, each.name, raw, place)
        if reading.problem:
            self.reading.notes.problem(
                reading.problem,
                row=self.places[place],
                column=each.column.name,
                value=raw,
                record=self.ids[place],
            )

    def _lists(self, each: Field, raws: list[Any]) -> list[str | None]:
        if each.kind is Kind.REFS:
            return [
                _encode([ref.sourcedId for ref in raw]).decode() if raw else None for raw in raws
            ]
        if each.kind is Kind.TEXTS:
            for place, raw in enumerate(raws):
                if isinstance(raw, str):
                    raws[place] = parts = _parts(raw)
                    code = "list-as-text" if len(parts) > 1 else "list-as-one"
                    if parts:
                        self._deviates(code, each.name, raw, place)
        return [_encode(raw).decode() if raw else None for raw in raws]

    def _metadata(self) -> Column:
        raws: tuple[msgspec.Raw, ...] = self.values["metadata"]
        if not any(map(len, raws)):
            return [""] * len(raws)
        found: list[str | None] = []
        for place, raw in enumerate(map(bytes, raws)):
            is_object = raw[:1] == b"{"
            found.append(str(raw, "utf-8") if is_object and len(raw) > 2 else None)
            if raw and not is_object and raw != b"null":
                self._deviates("metadata-form", "metadata", "no object", place)
        return found

    def _judge_missing(self, each: Field, found: list[str | None]) -> list[str | None]:
        need = each.need(self.reading.version)
        if need not in _WANTED or all(found):
            return found
        notes = self.reading.notes
        missing = [place for place, cell in enumerate(found) if not cell]
        if need is Need.MEANING:
            for place in missing:
                notes.problem(
                    "value-missing",
                    row=self.places[place],
                    column=each.column.name,
                    record=self.ids[place],
                )
        else:
            first = self.ids[missing[0]]
            notes.deviates("required-missing", each.name, "", first, count=len(missing))
        if each.name == "status":
            # oneroster 12: a record without a status was created and is in use
            return [cell or "active" for cell in found]
        return found

    def _deviates(self, code: str, name: str, raw: object, place: int) -> None:
        self.reading.notes.deviates(code, name, raw, self.ids[place])


def _are_instants(raws: Iterable[Any]) -> bool:
    """Whether all are moments as the specification writes them: too many of them to remember."""
    different = set(raws)
    try:
        deque(map(datetime.fromisoformat, different), maxlen=0)
    except (TypeError, ValueError):
        return False
    return (
        {20, 24}.issuperset(map(len, different))
        and {"Z"}.issuperset(map(_zone_mark, different))
        and {"T"}.issuperset(map(_time_mark, different))
    )


_WANTED = frozenset({Need.MEANING, Need.FORM})


def _fill_primary_org(made: dict[str, list[str | None]]) -> None:
    """1.1 has no primaryOrg: the first of a user's orgs is (oneroster 7.5)."""
    orgs, primary = made["orgSourcedIds"], made["primaryOrgSourcedId"]
    for place, cell in enumerate(primary):
        listed = orgs[place]
        if cell is None and listed is not None:
            primary[place] = msgspec.json.decode(listed, type=list[str])[0]


def _parts(written: str | list[str]) -> list[str]:
    """The parts of a list that is one text."""
    if isinstance(written, list):
        return written
    return [part.strip() for part in written.split(",") if part.strip()]
