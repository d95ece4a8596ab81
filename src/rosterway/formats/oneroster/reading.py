"""A page of a collection becomes lines of staged tables.

Guarantees: whatever the body, `read` returns; every entry of the page becomes a row or a problem;
no cell holds a password. A page as the specification has it is decoded and turned by whole columns,
at the speed of msgspec; a page with one odd record costs more, and gives the same rows.

Leaves to others: fetching, paging, and what the rows mean.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import lt
from typing import Any, cast

import msgspec

from rosterway.formats.oneroster.cells import Memory
from rosterway.formats.oneroster.entries import (
    REMEMBERED,
    Entries,
    Reading,
    reader_of,
    values_of,
)
from rosterway.formats.oneroster.envelope import Unreadable, collection, loose
from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.lines import csv_lines
from rosterway.formats.oneroster.mending import Mender, identifier
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import USER, Noun
from rosterway.formats.oneroster.records import decoder_of
from rosterway.formats.oneroster.role_rows import RoleRows
from rosterway.formats.oneroster.tables import ROLES as ROLES_TABLE
from rosterway.settings.shape import Version

_ID_BYTES = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ./@_-"
_LONGEST_ID = 255
#: So many records at once stay in a processor's cache from their values to their lines.
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Page:
    """What one answer held.

    `records` counts the entries of the collection, readable or not; `refused` those that became no
    row; `first` and `last` are the ids of the first and last entry (None: unreadable); `lines` are
    the rows of each table as CSV without a header; `ascends`: each id is greater than the one
    before it, letter by letter, and has no letter that a file could lose.
    """

    records: int
    refused: int
    first: str | None
    last: str | None
    lines: dict[str, bytes] = field(default_factory=dict[str, bytes])
    ascends: bool = False


EMPTY = Page(0, 0, None, None)


class PageReader:
    """Reads the pages of one collection. What it notices goes into `notes`."""

    def __init__(self, noun: Noun, version: Version, notes: Notes) -> None:
        self.noun = noun
        self.notes = notes
        self._version = version
        self._decoder = decoder_of(noun)
        self._mender = Mender(noun, notes)
        memories = {
            each.name: Memory(reader_of(each.kind, each.column.vocabulary, version, each.name))
            for each in noun.fields
            if each.kind in REMEMBERED
        }
        self._reading = Reading(noun, version, notes, memories)
        self._roles = RoleRows(version, notes) if noun is USER else None

    def read(
        self, body: bytes, *, first_row: int = 1, charset: str = "utf-8", skip: int = 0
    ) -> Page | Unreadable:
        """The rows of a page whose first entry is `first_row` of its collection.

        `skip` entries at the beginning are known already and give no rows.
        """
        try:
            records: list[msgspec.Struct] = self._decoder.decode(body).records
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._mended(body, first_row, charset, skip)
        return self._page(records, range(first_row, first_row + len(records)), len(records), skip)

    def _mended(self, body: bytes, first_row: int, charset: str, skip: int) -> Page | Unreadable:
        data = loose(body, self.notes, charset)
        entries = data if isinstance(data, Unreadable) else collection(data, self.noun, self.notes)
        if isinstance(entries, Unreadable):
            return entries
        rows: list[int] = []
        records: list[msgspec.Struct] = []
        for place, entry in enumerate(entries[skip:], skip):
            record = self._mender.mend(entry, first_row + place)
            if record is not None:
                records.append(record)
                rows.append(first_row + place)
        count = len(entries)
        page = self._page(records, rows, max(0, count - skip), 0)
        first, last = (_id_of(entries[0]), _id_of(entries[-1])) if entries else (None, None)
        return Page(count, page.refused, first, last, page.lines)

    def _page(self, records: list[Any], rows: Sequence[int], entries: int, skip: int) -> Page:
        first, last = (records[0].sourcedId, records[-1].sourcedId) if records else (None, None)
        before = records[skip - 1].sourcedId if 0 < skip <= len(records) else ""
        lines: dict[str, list[bytes]] = {table.name: [] for table in tables_of(self.noun)}
        ascends, kept = True, 0
        for start in range(skip, len(records), _BLOCK):
            some, places = records[start : start + _BLOCK], rows[start : start + _BLOCK]
            values = values_of(some)
            if not all(values["sourcedId"]):
                some, places = self._with_ids(some, places)
                if not some:
                    continue
                values = values_of(some)
            ids: tuple[str, ...] = values["sourcedId"]
            is_plain = self._judge_ids(ids)
            ascends = ascends and is_plain and before < ids[0] and all(map(lt, ids, ids[1:]))
            before = ids[-1]
            kept += len(ids)
            own = Entries(self._reading, values, ids, places).columns()
            lines[self.noun.table.name].append(csv_lines(own).encode())
            if self._roles is not None:
                roles = self._roles.columns(some, ids, places)
                lines[ROLES_TABLE.name].append(csv_lines(roles).encode())
        joined = {name: b"".join(parts) for name, parts in lines.items()}
        refused = entries - skip - kept
        return Page(entries, refused, first or None, last or None, joined, ascends)

    def _with_ids(self, records: list[Any], rows: Sequence[int]) -> tuple[list[Any], Sequence[int]]:
        """The records that have an id; of the others a problem is noted."""
        kept: list[Any] = []
        places: list[int] = []
        for record, row in zip(records, rows, strict=True):
            if record.sourcedId:
                kept.append(record)
                places.append(row)
            else:
                self.notes.problem("record-without-id", row=row)
        return kept, places

    def _judge_ids(self, ids: Sequence[str]) -> bool:
        """One look at all ids, a closer one only where something is odd; whether nothing is."""
        try:
            odd = "".join(ids).encode().translate(None, _ID_BYTES)
        except UnicodeEncodeError:  # half a character
            odd = b"?"
        if not odd and max(map(len, ids)) <= _LONGEST_ID:
            return True
        for sourced_id in ids:
            letters = sourced_id.encode(errors="replace").translate(None, _ID_BYTES)
            if letters or len(sourced_id) > _LONGEST_ID:
                self.notes.deviates("id-form", "sourcedId", sourced_id, sourced_id)
        return False


def _id_of(entry: Any) -> str | None:
    """The id of an entry, if it has one."""
    return (
        identifier(cast("dict[str, Any]", entry).get("sourcedId"))
        if isinstance(entry, dict)
        else None
    )


def tables_of(noun: Noun) -> tuple[Table, ...]:
    """The staged tables that pages of a noun give rows of."""
    return (noun.table, ROLES_TABLE) if noun is USER else (noun.table,)
