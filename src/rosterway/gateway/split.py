"""The rows of one CSV file become Parquet, each knowing its physical line.

Two ways lead there with the same result. DuckDB splits a file whose bytes are plain and whose rows
are rectangular, quickly; `formats.csv_text.split` splits any other, exactly. The quick way gives
up at the first doubt; a contract test holds the two against each other.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

import duckdb

from rosterway.formats import csv_text
from rosterway.formats.problems import Finding
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.headers import Header
from rosterway.rostering.staged import Trust

#: Bytes of a line the calculator makes room for by itself, and of a character at most.
_USUAL_LINE = 2 << 20
_WIDEST_CHARACTER = 4

#: The finding for each reason why a file cannot be split further.
STOPS = {
    csv_text.Why.UNCLOSED: "csv-unclosed-quote",
    csv_text.Why.ENDLESS: "csv-endless-row",
    csv_text.Why.MISQUOTED: "csv-malformed",
}

_BLANK = "(" + " || ".join(f"chr({ord(letter)})" for letter in csv_text.BLANK) + ")"

#: True of every cell that trimming changes, and of few others: no blank sorts after a space.
#: Asking first costs a sixth of trimming, and hardly any cell has anything to trim.
_MAY_HAVE_BLANKS = "({cell} < '!' OR " + (
    " OR ".join(f"ends_with({{cell}}, chr({ord(letter)}))" for letter in csv_text.BLANK) + ")"
)

#: Staged rows are written once, read a few times and thrown away, so writing is made cheap: no
#: dictionaries for ids (half of the time that writing takes), the codec that costs least.
_STAGED = "(FORMAT parquet, PARQUET_VERSION v2, COMPRESSION lz4_raw, DICTIONARY_SIZE_LIMIT 1000)"


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a file's rows are. `numbered` as in `StagedFile`; `trust` NONE when it was refused."""

    trust: Trust
    parquet: Path | None = None
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Splitter:
    """What splitting one file needs: `path` is UTF-8 and may be seen by the connection."""

    connection: duckdb.DuckDBPyConnection
    path: Path
    file: str
    header: Header
    room: Path
    findings: Findings

    def split(self, survey: csv_text.Survey, header_line: int) -> Rows:
        """Split the file the quick way if its bytes allow, else the exact way."""
        if survey.returns:
            self._find("line-endings", value=_endings(survey))
        if survey.is_plain and header_line == 1:
            target = self._quickly(survey)
            if target is not None:
                return Rows(Trust.WHOLE, target)
        return self._exactly(header_line)

    def _quickly(self, survey: csv_text.Survey) -> Path | None:
        """Let DuckDB split the file; None where it may not do so as Canvas would."""
        header = self.header
        picked = ", ".join(
            f"{_trimmed(place, survey)} AS {sql.name(column)}"
            for column, place in header.places.items()
        )
        target = self.room / "rows.parquet"
        types = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(header.width))
        reader = (
            f"read_csv({sql.text(str(self.path))}, auto_detect = false, header = true, "
            f"delim = ',', quote = '\"', escape = '\"', strict_mode = true, "
            f"columns = {{{types}}})"
        )
        try:
            self.connection.execute(
                f"COPY (SELECT {picked} FROM {reader}) TO {sql.text(str(target))} {_STAGED}"
            )
            if survey.has_quote and self._has_quotes(reader, target):
                return None  # an escaped quote, or a stray one: DuckDB cannot tell
        except (duckdb.InvalidInputException, duckdb.NotImplementedException):
            # Ragged, quoted against the rules or endless: the exact way finds out where.
            return None
        blank = " AND ".join(f"{sql.name(column)} IS NULL" for column in header.places)
        if self._finds(f"read_parquet({sql.text(str(target))})", blank):
            return None  # Canvas skips rows of blanks, and so does the exact way
        if self._rows(target) + 1 != survey.lines:
            return None  # blank lines, or breaks inside cells: record i is not on line i + 1
        if self._any(reader, f"nullif(trim({{}}, {_BLANK}), '') IS NOT NULL", header.unnamed):
            self._find("header-unnamed")
        return target

    def _has_quotes(self, reader: str, parquet: Path) -> bool:
        """Whether a cell holds a quote; only cells that were not staged are parsed anew."""
        staged = " OR ".join(f"contains({sql.name(column)}, '\"')" for column in self.header.places)
        if self._finds(f"read_parquet({sql.text(str(parquet))})", staged):
            return True
        others = sorted({*range(self.header.width)} - {*self.header.places.values()})
        return self._any(reader, "contains({}, '\"')", tuple(others))

    def _rows(self, parquet: Path) -> int:
        (rows,) = self.connection.execute(
            f"SELECT count(*) FROM read_parquet({sql.text(str(parquet))})"
        ).fetchall()[0]
        return rows

    def _exactly(self, header_line: int) -> Rows:
        """Split record by record, write the rows clean with their lines, and load that."""
        header = self.header
        clean = self.room / "clean.csv"
        places = list(header.places.values())
        spoilt: csv_text.Spoilt | None = None
        last: csv_text.Record | None = None
        widest = 0
        lost = False
        with (
            self.path.open("r", encoding="utf-8-sig", newline="") as text,
            clean.open("w", encoding="utf-8", newline="") as out,
        ):
            # Its own line ends are what the writer quotes in cells, and a CR has to be.
            writer = csv.writer(out, lineterminator="\r\n")
            longest = writer.writerow([*header.places, "_row"])
            for record in csv_text.split(_lines(text)):
                if isinstance(record, csv_text.Spoilt):
                    spoilt = record
                    break
                cells = [cell.strip(csv_text.BLANK) for cell in record.cells]
                if record.line <= header_line or not any(cells):
                    continue
                if last is not None:
                    self._judge_width(last)
                    widest = max(widest, len(last.cells))
                last = record
                if len(cells) < header.width:
                    cells += [""] * (header.width - len(cells))
                lost = lost or any(cells[place] for place in header.unnamed)
                written = writer.writerow([*(cells[place] for place in places), record.line])
                longest = max(longest, written)
        if lost:
            self._find("header-unnamed")
        if spoilt is not None and spoilt.why is csv_text.Why.MISQUOTED:
            self._find("csv-malformed", row=spoilt.line)
            return Rows(Trust.NONE)
        target = self._load(clean, longest)
        # -- safety.md: a last record shorter than the header is truncation
        is_cut = spoilt is None and last is not None and self._is_cut(last, widest)
        if last is not None and not is_cut:
            self._judge_width(last)
        if spoilt is not None:
            self._find(STOPS[spoilt.why], row=spoilt.line)
            return Rows(Trust.PART, target, numbered=True)
        if is_cut and last is not None:
            cells = f"{len(last.cells)} of {header.width} cells"
            self._find("file-truncated", row=last.line, other=cells)
            return Rows(Trust.PART, target, numbered=True)
        return Rows(Trust.WHOLE, target, numbered=True)

    def _load(self, clean: Path, longest: int) -> Path:
        """Load rows of at most `longest` characters."""
        target = self.room / "rows.parquet"
        line = max(_USUAL_LINE, longest * _WIDEST_CHARACTER)
        types = ", ".join(f"{sql.text(column)}: 'VARCHAR'" for column in self.header.places)
        self.connection.execute(
            f"COPY (SELECT * FROM read_csv({sql.text(str(clean))}, auto_detect = false, "
            "header = true, delim = ',', quote = '\"', escape = '\"', new_line = '\\r\\n', "
            f"max_line_size = {line}, buffer_size = {line * 2}, "
            f"columns = {{{types}, '_row': 'BIGINT'}})) "
            f"TO {sql.text(str(target))} {_STAGED}"
        )
        clean.unlink()
        return target

    def _is_cut(self, last: csv_text.Record, widest: int) -> bool:
        """Whether the last row is cut off; `widest` is the width of the rows before it.

        A comma too many at the end of the header makes every row short, and none of them cut.
        """
        named = self.header.width
        while named - 1 in self.header.unnamed:
            named -= 1
        width = len(last.cells)
        return width < self.header.width and not named <= width == widest

    def _judge_width(self, record: csv_text.Record) -> None:
        width = self.header.width
        if len(record.cells) == width:
            return
        other = f"{len(record.cells)} for {width}"
        if len(record.cells) < width:
            self._find("row-short", row=record.line, other=other)
            return
        extra = [cell for cell in record.cells[width:] if cell.strip()]
        if extra:  # trailing commas with nothing behind them say nothing
            self._find("row-long", row=record.line, value=",".join(extra), other=other)

    def _any(self, reader: str, condition: str, places: tuple[int, ...]) -> bool:
        if not places:
            return False
        conditions = " OR ".join(condition.format(f"c{place}") for place in places)
        return self._finds(reader, conditions)

    def _finds(self, source: str, condition: str) -> bool:
        found = self.connection.execute(f"SELECT 1 FROM {source} WHERE {condition} LIMIT 1")
        return found.fetchone() is not None

    def _find(
        self,
        code: str,
        *,
        row: int | None = None,
        value: str | None = None,
        other: str | None = None,
    ) -> None:
        assert self.header.table is not None
        self.findings.add(
            Finding(
                code=code,
                table=self.header.table.name,
                file=self.file,
                row=row,
                value=value,
                other=other,
            )
        )


def _trimmed(place: int, survey: csv_text.Survey) -> str:
    """A cell without surrounding blanks, blank as NULL; DuckDB gives NULL for empty by itself."""
    if not (survey.has_blank or survey.has_quote):
        return f"c{place}"
    cell = f"c{place}"
    suspect = _MAY_HAVE_BLANKS.format(cell=cell)
    return f"CASE WHEN {suspect} THEN nullif(trim({cell}, {_BLANK}), '') ELSE {cell} END"


def _lines(text: TextIO) -> Iterator[str]:
    """Lines, an endless one in pieces, so that memory holds no more than a record."""
    return iter(partial(text.readline, csv_text.LONGEST_RECORD + 1), "")


def _endings(survey: csv_text.Survey) -> str:
    found = {
        "CRLF": survey.pairs,
        "LF": survey.newlines - survey.pairs,
        "CR": survey.returns - survey.pairs,
    }
    return " and ".join(name for name, count in found.items() if count)
