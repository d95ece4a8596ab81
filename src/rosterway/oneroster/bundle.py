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
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rosterway.formats.oneroster.endpoints import ENDPOINTS
from rosterway.formats.oneroster.field import LISTS, Column, Kind, Table
from rosterway.formats.oneroster.reading import tables_of
from rosterway.formats.oneroster.tables import ROLES, ROSTERING, TABLES, USERS
from rosterway.oneroster.pulled import Pulled
from rosterway.settings.shape import Version

MANIFEST = "manifest.csv"
_STATUS = ("status", "dateLastModified")
_GONE = "tobedeleted"

Row = Mapping[str, str]


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
    cells = [_CELLS.get(column.kind, _plain) for column in columns]
    count = 0
    with target.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for row in _roles(staged) if table is ROLES else _staged(staged, table):
            if is_bulk and row["status"] == _GONE:
                continue
            writer.writerow(
                "" if is_bulk and column.name in _STATUS else _cell(column, cell, row)
                for column, cell in zip(columns, cells, strict=True)
            )
            count += 1
    if not count:
        target.unlink()
    return count


def _cell(column: Column, cell: Callable[[str], str], row: Row) -> str:
    return " ".join(cell(row.get(column.name, "")).splitlines())


def _staged(folder: Path, table: Table) -> Iterator[dict[str, str]]:
    with (folder / table.file).open(newline="", encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _roles(folder: Path) -> Iterator[Row]:
    """The roles with what the binding wants of them and JSON does not have: ids, status, dates.

    Roles and users are staged in one order, so that they are walked side by side.
    """
    users = _staged(folder, USERS)
    user: dict[str, str] = {"sourcedId": "", "status": "", "dateLastModified": ""}
    made: set[str] = set()
    for row in _staged(folder, ROLES):
        while user["sourcedId"] != row["userSourcedId"]:
            user = next(users)
            made.clear()
        said = json.dumps([row[column.name] for column in ROLES.columns[3:-1]])
        key = hashlib.sha256(said.encode()).hexdigest()[:32]
        if key not in made:
            made.add(key)
            known = {name: user[name] for name in _STATUS}
            yield {**row, "sourcedId": key, **known, "userProfileSourcedId": ""}


def _plain(cell: str) -> str:
    return cell


def _list(cell: str) -> str:
    return ",".join(_without_comma(part) for part in _parsed(cell))


def _pairs(cell: str) -> str:
    written = (f"{pair['type']}:{pair['identifier']}" for pair in _parsed(cell))
    return ",".join(f"{{{_without_comma(pair)}}}" for pair in written)


def _parsed(cell: str) -> list[Any]:
    return json.loads(cell) if cell else []


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
