"""A pull written as a OneRoster CSV bundle: the same records in the form of the CSV binding.

Guarantees (oneroster 13): a manifest that says of every file of the version what it is; columns of
the version in the binding's order; no file without rows; no line break in a cell; lists with
commas. A collection that is proven complete is written as *bulk* (status and date blank, what is to
be deleted left out, for that is what absence means there). One that is not, and a delta pull, is
written as *delta*, so that nobody takes what is missing for deleted.

Not written: metadata, passwords and user profiles, which no reader of a roster needs.
"""

import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, islice
from pathlib import Path
from typing import Any

import msgspec

from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.oneroster.field import LISTS, Column, Kind, Table
from rosterway.formats.oneroster.lines import csv_lines
from rosterway.formats.oneroster.reading import tables_of
from rosterway.formats.oneroster.tables import ROLES, ROSTERING, TABLES, USERS
from rosterway.oneroster.pulled import Pulled
from rosterway.settings.shape import Version

MANIFEST = "manifest.csv"
_STATUS = ("status", "dateLastModified")
_GONE = "tobedeleted"

#: So many rows at a time.
_BLOCK = 512

#: Some rows, column by column.
Block = Mapping[str, Sequence[str]]

_parsed = msgspec.json.Decoder(list[Any]).decode


def write_bundle(pulled: Pulled, version: Version, folder: Path) -> dict[str, int]:
    """Write the bundle of a pull into an empty folder; the rows of each file."""
    proven = _proven_tables(pulled)
    rows: dict[str, int] = {}
    modes: dict[str, str] = {}
    for table in ROSTERING:
        source = pulled.folder / table.file
        if not table.exists_in(version) or not source.exists():
            continue
        is_bulk = pulled.since is None and table.name in proven
        count = _write(table, version, pulled.folder, folder / table.file, is_bulk=is_bulk)
        if count:
            rows[table.file] = count
            modes[table.name] = "bulk" if is_bulk else "delta"
    _write_manifest(version, modes, folder / MANIFEST)
    return rows


def _proven_tables(pulled: Pulled) -> set[str]:
    """Tables of which every collection is proven."""
    found: dict[str, bool] = {}
    for outcome in pulled.outcomes:
        for table in tables_of(ENDPOINTS[outcome.endpoint].noun):
            found[table.name] = found.get(table.name, True) and outcome.proof.is_proven
    return {name for name, is_proven in found.items() if is_proven}


def _write(table: Table, version: Version, staged: Path, target: Path, *, is_bulk: bool) -> int:
    columns = table.columns_in(version)
    count = 0
    with target.open("wb") as file:
        file.write(csv_lines([[column.name] for column in columns]).encode())
        for block in _roles(staged) if table is ROLES else _staged(staged, table):
            rows = _in_use(block) if is_bulk else block
            blank = [""] * len(rows["status"])
            written = [
                blank
                if is_bulk and column.name in _STATUS
                else _cells(column, rows.get(column.name, blank))
                for column in columns
            ]
            file.write(csv_lines(written).encode())
            count += len(blank)
    if not count:
        target.unlink()
    return count


def _in_use(block: Block) -> Block:
    """Without the rows that are to be deleted."""
    if _GONE not in block["status"]:
        return block
    return _only(block, [status != _GONE for status in block["status"]])


def _only(block: Block, kept: Sequence[bool]) -> Block:
    return {name: list(compress(cells, kept)) for name, cells in block.items()}


def _cells(column: Column, cells: Sequence[str]) -> Sequence[str]:
    """A staged column as the binding writes it. Line breaks become spaces, of which there are few."""
    write = _CELLS.get(column.kind)
    if write is not None:
        cells = [write(cell) if cell else "" for cell in cells]
    joined = "".join(cells)
    if not joined or joined.splitlines() == [joined]:
        return cells
    return [" ".join(cell.splitlines()) for cell in cells]


def _staged(folder: Path, table: Table) -> Iterator[Block]:
    with (folder / table.file).open(newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines)
        names = next(rows)
        while some := list(islice(rows, _BLOCK)):
            yield dict(zip(names, zip(*some, strict=True), strict=True))


def _roles(folder: Path) -> Iterator[Block]:
    """The roles with what the binding wants of them and JSON does not have: ids, status, dates.

    Roles and users are staged in one order, so that they are walked side by side.
    """
    users = _users(folder)
    user = ("", "", "")
    made: set[str] = set()
    for block in _staged(folder, ROLES):
        keys: list[str] = []
        owners: list[tuple[str, str, str]] = []
        are_new: list[bool] = []
        for said in zip(*(block[column.name] for column in ROLES.columns[3:-1]), strict=True):
            while user[0] != said[0]:
                user = next(users)
                made.clear()
            key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
            are_new.append(key not in made)
            made.add(key)
            keys.append(key)
            owners.append(user)
        own = ("userSourcedId", *_STATUS)
        known = dict(zip(own, zip(*owners, strict=True), strict=True))
        blank = {"userProfileSourcedId": [""] * len(keys)}
        yield _only({**block, "sourcedId": keys, **known, **blank}, are_new)


def _users(folder: Path) -> Iterator[tuple[str, str, str]]:
    """The id, status and last change of every user."""
    for block in _staged(folder, USERS):
        yield from zip(block["sourcedId"], *(block[name] for name in _STATUS), strict=True)


def _list(cell: str) -> str:
    return ",".join(map(_without_comma, _parsed(cell)))


def _pairs(cell: str) -> str:
    written = (f"{pair.get('type', '')}:{pair.get('identifier', '')}" for pair in _parsed(cell))
    return ",".join(f"{{{_without_comma(pair)}}}" for pair in written)


def _without_comma(part: object) -> str:
    """The binding has no way to write a comma inside an element."""
    return str(part).replace(",", " ")


_CELLS: Mapping[Kind, Callable[[str], str]] = {
    **dict.fromkeys(LISTS, _list),
    Kind.PAIRS: _pairs,
    Kind.SECRET: lambda _: "",
}


def _write_manifest(version: Version, modes: Mapping[str, str], target: Path) -> None:
    names = sorted(table.name for table in TABLES if table.exists_in(version))
    rows: Iterable[tuple[str, str]] = (
        ("propertyName", "value"),
        ("manifest.version", "1.0"),
        ("oneroster.version", version.value),
        *((f"file.{name}", modes.get(name, "absent")) for name in names),
    )
    with target.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
