"""The cells of a bundle's file become staged cells, whole columns at a time.

A cell as the binding writes it is taken as it is, which SQL can see. Others are read one by one by
the reader of their kind (`formats.oneroster.cells`), each different value once, and put in place by
a join: a roster of millions holds few different dates and words.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from rosterway.formats.oneroster.cells import SENTINELS, Reader
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.entries import reader_of
from rosterway.formats.oneroster.field import LISTS, Column, Kind, Need, Table
from rosterway.formats.oneroster.manifest import Mode
from rosterway.formats.problems import Finding
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.settings.shape import Version

_BATCH = 2_000
_READ = frozenset({Kind.CHOICE, Kind.FLAG, Kind.DATE, Kind.INSTANT, Kind.YEAR, Kind.NUMBER})
_STAGED = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"
_METADATA = "metadata."
#: What is gone may have lost everything but its id.
_GONE = sql.texts(("tobedeleted", "inactive"))


@dataclass(frozen=True, slots=True)
class Raw:
    """A file split into cells: `rows` is SQL with `columns` and `_line`, blank cells NULL."""

    connection: duckdb.DuckDBPyConnection
    table: Table
    file: str
    rows: str
    columns: tuple[str, ...]
    version: Version


def stage_cells(
    raw: Raw, mode: Mode, target: Path, findings: Findings, tally: Tally
) -> tuple[int, int]:
    """Write the staged rows as Parquet; how many they are, and how many were refused."""
    connection = raw.connection
    joins: list[str] = []
    cells: list[str] = []
    for number, column in enumerate(raw.table.columns):
        if column.kind is Kind.SECRET:
            continue
        name = sql.name(column.name)
        if column.name not in raw.columns:
            cells.append(f"NULL::VARCHAR AS {name}")
            continue
        cell = f"r.{name}"
        if column.kind in _READ and _read_odd(raw, column, number, findings, tally):
            joins.append(f"LEFT JOIN odd{number} AS o{number} ON o{number}.raw = r.{name}")
            cell = f"CASE WHEN o{number}.raw IS NULL THEN r.{name} ELSE o{number}.cell END"
        elif column.kind in LISTS:
            cell = _list(cell)
        elif column.kind is Kind.PAIRS:
            cell = _pairs(cell)
        cells.append(f"{cell} AS {name}")
    cells.append(f"{_metadata(raw.columns)} AS metadata")
    cells.append("r._line::VARCHAR AS _at")
    (rows,) = connection.execute(
        f"COPY (SELECT {', '.join(cells)} FROM {raw.rows} AS r {' '.join(joins)} "
        f'WHERE r."sourcedId" IS NOT NULL) TO {sql.text(str(target))} {_STAGED}'
    ).fetchall()[0]
    refused = _judge(raw, mode, findings, tally)
    if not rows and not refused:
        tally.add("file-without-rows", raw.table.name, where=raw.file)
    return rows, refused


def _read_odd(raw: Raw, column: Column, number: int, findings: Findings, tally: Tally) -> bool:
    """Read the different values of a column that are not plainly right; whether there are any."""
    name = sql.name(column.name)
    cursor = raw.connection.cursor()
    cursor.execute(
        f'SELECT {name}, count(*), min(_line), arg_min("sourcedId", _line) FROM {raw.rows} '
        f"WHERE {name} IS NOT NULL AND NOT ({_is_plain(column, raw.version)}) "
        f"GROUP BY {name} ORDER BY min(_line)"
    )
    reader: Reader = reader_of(column.kind, column.vocabulary, raw.version, column.name)
    any_odd = False
    while values := cursor.fetchmany(_BATCH):
        if not any_odd:
            any_odd = True
            raw.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE odd{number} (raw VARCHAR, cell VARCHAR)"
            )
        read: list[str | None] = []
        for value, count, line, record in values:
            reading = reader(value)
            read += [value, reading.cell]
            if reading.deviation:
                where = f"{raw.file}, line {line}"
                tally.add(
                    reading.deviation,
                    raw.table.name,
                    column.name,
                    example=value,
                    where=where,
                    count=count,
                )
            if reading.problem:
                findings.add(
                    Finding(
                        code=reading.problem,
                        table=raw.table.name,
                        file=raw.file,
                        row=line,
                        column=column.name,
                        value=value,
                        other=record,
                    )
                )
        places = ", ".join(["(?, ?)"] * len(values))
        raw.connection.execute(f"INSERT INTO odd{number} VALUES {places}", read)
    return any_odd


def _is_plain(column: Column, version: Version) -> str:
    """SQL that is true of a cell written as the binding writes it."""
    cell = sql.name(column.name)
    match column.kind:
        case Kind.CHOICE:
            assert column.vocabulary is not None
            return f"{cell} IN {sql.texts(column.vocabulary.words(version))}"
        case Kind.FLAG:
            return f"{cell} IN ('true', 'false')"
        case Kind.DATE:
            return (
                rf"regexp_full_match({cell}, '\d{{4}}-\d{{2}}-\d{{2}}') AND "
                f"try_cast({cell} AS DATE) IS NOT NULL AND {cell} NOT IN {sql.texts(sorted(SENTINELS))}"
            )
        case Kind.INSTANT:
            shape = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z"
            return f"regexp_full_match({cell}, '{shape}') AND try_cast({cell} AS TIMESTAMP) IS NOT NULL"
        case Kind.YEAR:
            return rf"regexp_full_match({cell}, '\d{{4}}')"
        case _:
            return f"try_cast({cell} AS DOUBLE) IS NOT NULL"


def _list(cell: str) -> str:
    """Elements between commas as a JSON array (CSV binding: no commas inside elements)."""
    parts = f"list_transform(string_split({cell}, ','), lambda part: trim(part))"
    return f"nullif(to_json(list_filter({parts}, lambda part: part <> ''))::VARCHAR, '[]')"


def _pairs(cell: str) -> str:
    """`{LDAP:Id},{LTI:Id}` as a JSON array of objects; braces left out are understood."""
    braced = rf"regexp_extract_all({cell}, '\{{([^{{}}]*)\}}', 1)"
    parts = f"CASE WHEN contains({cell}, '{{') THEN {braced} ELSE string_split({cell}, ',') END"
    pair = (
        "lambda part: CASE WHEN contains(part, ':') THEN "
        "{'type': trim(split_part(part, ':', 1)), "
        "'identifier': trim(substr(part, strpos(part, ':') + 1))} "
        "ELSE {'type': NULL::VARCHAR, 'identifier': trim(part)} END"
    )
    return (
        f"CASE WHEN {cell} IS NOT NULL THEN to_json(list_transform({parts}, {pair}))::VARCHAR END"
    )


def _metadata(columns: tuple[str, ...]) -> str:
    """Extension columns as one JSON object."""
    extra = [name for name in columns if name.startswith(_METADATA)]
    if not extra:
        return "NULL::VARCHAR"
    pairs = ", ".join(
        f"{sql.text(name.removeprefix(_METADATA))}, r.{sql.name(name)}" for name in extra
    )
    filled = ", ".join(f"r.{sql.name(name)}" for name in extra)
    return f"CASE WHEN coalesce({filled}) IS NOT NULL THEN json_object({pairs})::VARCHAR END"


def _judge(raw: Raw, mode: Mode, findings: Findings, tally: Tally) -> int:
    """What is missing, and what stands where nothing should; how many rows were refused."""
    refused = _tell_missing(raw, "sourcedId", "record-without-id", findings)
    for column in raw.table.columns:
        need = column.need(raw.version)
        if column.name not in raw.columns or need in {Need.KEY, Need.NO, Need.ABSENT}:
            continue
        name = sql.name(column.name)
        is_filled = need is Need.DELTA and mode is Mode.BULK
        if need is Need.MEANING:
            _tell_missing(raw, column.name, "value-missing", findings)
            continue
        count, first = raw.connection.execute(
            f'SELECT count(*), arg_min("sourcedId", _line) FROM {raw.rows} '
            f'WHERE {name} IS {"NOT " if is_filled else ""}NULL AND "sourcedId" IS NOT NULL'
        ).fetchall()[0]
        if count:
            code = "bulk-with-status" if is_filled else "required-missing"
            tally.add(code, raw.table.name, column.name, where=f"{raw.file} {first}", count=count)
    return refused


def _tell_missing(raw: Raw, column: str, code: str, findings: Findings) -> int:
    findings.flush()
    is_told = column != "sourcedId" and "status" in raw.columns
    live = f" AND lower(coalesce(status, '')) NOT IN {_GONE}" if is_told else ""
    (count,) = raw.connection.execute(
        f"INSERT INTO {findings.table} SELECT {sql.text(code)}, {sql.text(raw.table.name)}, "
        f'{sql.text(raw.file)}, _line, {sql.text(column)}, NULL, "sourcedId" FROM {raw.rows} '
        f"WHERE {sql.name(column)} IS NULL{live}"
    ).fetchall()[0]
    return count
