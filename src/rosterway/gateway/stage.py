"""A delivery's CSV files become staged tables: encoding, header, rows, each judged on the way.

Nothing is dropped without a finding, and a file that cannot be trusted whole says so
(`rostering.staged.Trust`).
"""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import duckdb

from rosterway.formats import csv_text
from rosterway.formats.canvas_csv.tables import named_for, recognise
from rosterway.formats.problems import Finding
from rosterway.gateway.encoding import chunks, is_utf8, likely_encoding, place_of, to_utf8
from rosterway.gateway.split import STOPS, Splitter
from rosterway.gateway.unpack import SourceFile
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.headers import judge_header
from rosterway.rostering.staged import Staged, StagedFile, Trust, gather

#: A header line is looked for in so many bytes.
_HEADER_BYTES = 1 << 20

#: Which of the first four bytes are NUL in UTF-16 that begins with letters of English.
_WIDE_STARTS = ([False, True, False, True], [True, False, True, False])


def stage(
    connection: duckdb.DuckDBPyConnection,
    sources: Iterable[SourceFile],
    work: Path,
    findings: Findings,
    *,
    prefix: str = "staged",
    encoding: str = "utf-8",
) -> Staged:
    """Stage every file and make one view a table.

    `work` is an existing folder; it and the sources must be open to the connection. `encoding` is
    what the feed declares: anything but UTF-8 is turned into UTF-8 first.
    """
    files: list[StagedFile] = []
    for index, source in enumerate(sources):
        room = work / f"{prefix}-{index}"
        room.mkdir()
        files.append(_stage_file(connection, source, index, room, findings, encoding))
    staged = gather(prefix, files)
    for table in staged.tables.values():
        _compare_headers(table.files, findings)
        if table.readable:
            selects = " UNION ALL BY NAME ".join(_select(file) for file in table.readable)
            view = sql.name(staged.view(table.name))
            connection.execute(f"CREATE TEMP VIEW {view} AS {selects}")
    return staged


def _stage_file(
    connection: duckdb.DuckDBPyConnection,
    source: SourceFile,
    index: int,
    room: Path,
    findings: Findings,
    encoding: str,
) -> StagedFile:
    by_name = named_for(source.name)

    def refused(table: str | None) -> StagedFile:
        return StagedFile(index, source.name, table, Trust.NONE, is_zero_bytes=source.size == 0)

    def find(code: str, table: str | None, **facts: str | int) -> None:
        findings.add(Finding(code=code, table=table, file=source.name, **facts))  # type: ignore[arg-type]

    named = by_name.name if by_name else None
    if source.size == 0:
        find("file-empty", named)
        return refused(named)
    path, bad_at = source.path, None
    if not is_utf8(encoding):
        path = room / "utf8.csv"
        bad_at = to_utf8(source.path, encoding, path)
        if bad_at is None:
            find("encoding-declared", named, value=encoding)
    survey = csv_text.Survey()
    if bad_at is None:
        for chunk in chunks(path):
            survey.feed(chunk)
        bad_at = survey.finish().bad_at
    first = _first_record(path)
    if (
        bad_at is None
        and survey.has_nul
        and isinstance(first, csv_text.Record)
        and recognise(first.cells) is None
    ):
        bad_at = _wide_from(path)
    if bad_at is not None:
        cells = first.cells if isinstance(first, csv_text.Record) else []
        table = judge_header(cells, source.name).table
        line, bad = place_of(source.path, bad_at)
        find(
            "encoding-unknown" if is_utf8(encoding) else "encoding-wrong",
            table.name if table else None,
            row=line,
            value=bad.hex(" "),
            other=likely_encoding(bad) if is_utf8(encoding) else encoding,
        )
        return refused(table.name if table else None)
    if isinstance(first, csv_text.Spoilt):
        find(STOPS[first.why], named, row=first.line)
        return refused(named)
    if first is None or not any(cell.strip(csv_text.BLANK) for cell in first.cells):
        find("header-missing", named)
        return refused(named)
    header = judge_header(first.cells, source.name)
    table_name = header.table.name if header.table else None
    if survey.has_bom:
        find("byte-order-mark", table_name)
    findings.extend(header.findings)
    if not header.usable:
        return refused(table_name)
    splitter = Splitter(connection, path, source.name, header, room, findings)
    rows = splitter.split(survey, first.line)
    if rows.parquet is None:
        return refused(table_name)
    (count,) = connection.execute(
        f"SELECT count(*) FROM read_parquet({sql.text(str(rows.parquet))})"
    ).fetchall()[0]
    if count == 0 and rows.trust is Trust.WHOLE:
        find("rows-none", table_name)
    return StagedFile(
        index,
        source.name,
        table_name,
        rows.trust,
        tuple(header.places),
        count,
        has_nul=survey.has_nul,
        parquet=str(rows.parquet),
        numbered=rows.numbered,
    )


def _first_record(path: Path) -> csv_text.Record | csv_text.Spoilt | None:
    """The header, whatever the encoding of what follows."""
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES).removeprefix(csv_text.BOM)
    # Not `splitlines`, to which more characters end a line than to CSV.
    lines = StringIO(start.decode("utf-8", errors="replace"), newline="")
    return next(iter(csv_text.split(lines)), None)


def _wide_from(path: Path) -> int | None:
    """0 if the file begins as UTF-16 without a mark does, which is UTF-8 full of NUL characters."""
    with path.open("rb") as file:
        start = file.read(4)
    return 0 if [not byte for byte in start] in _WIDE_STARTS else None


def _select(file: StagedFile) -> str:
    assert file.parquet is not None
    columns = ", ".join(sql.name(column) for column in file.columns)
    line = "_row" if file.numbered else "file_row_number + 2 AS _row"
    return (
        f"SELECT {columns}, {file.index} AS _file, {line} "
        f"FROM read_parquet({sql.text(file.parquet)}, file_row_number = true)"
    )


def _compare_headers(files: tuple[StagedFile, ...], findings: Findings) -> None:
    """Two files of one table with different columns are legal for Canvas, and seldom meant."""
    read = [file for file in files if file.columns]
    for file in read[1:]:
        if set(file.columns) != set(read[0].columns):
            findings.add(
                Finding(code="headers-differ", table=file.table, file=file.name, other=read[0].name)
            )
