"""Reading one CSV file as Canvas reads it.

Guarantees: a file with an invalid byte or a stray quote is refused whole; header names are
lower-cased and not trimmed; values are trimmed, empty ones are absent; blank rows do not exist;
extra cells and unnamed columns are ignored. What a file is, is left to `detection`.

Facts: canvas-lms `lib/sis/csv/csv_base_importer.rb`, `lib/sis/csv/import_refactored.rb`.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rosterway.sandbox.canvas.trouble import Refused

INVALID_UTF8 = "Invalid UTF-8"
MALFORMED = "Malformed CSV"

#: What is trimmed from values: Ruby's idea of white space, which knows no wide spaces.
BLANK = " \t\n\v\f\r\0"

_BOM = b"\xef\xbb\xbf"
#: A well-formed quoted field; whatever quote is left over is a stray one.
_QUOTED = re.compile(r'(?:\A|(?<=[,\r\n]))"[^"]*+(?:""[^"]*+)*+"(?=[,\r\n]|\Z)')

csv.field_size_limit(sys.maxsize)


class Row(dict[str, str]):
    """A row's values by header name; a blank or missing one is not in it.

    `line` is the physical line the record ends on, the header's being 1.
    """

    __slots__ = ("line", "record")

    line: int
    record: list[str]

    def info(self) -> str:
        """The row as Canvas repeats it beside a message: its cells and its line number."""
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow([*self.record, self.line])
        return text.getvalue()


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file of an import, read and found readable.

    `name` is its path inside the zip; `headers` are spelled as rows will spell them.
    """

    name: str
    path: Path
    headers: tuple[str, ...]
    rows: int


def open_csv(name: str, path: Path) -> CsvFile | None:
    """Read a file through once. None for a file of no bytes; Refused for an unreadable one."""
    text = _text(path)
    if text is None:
        return None
    quotes = text.count('"')
    if quotes and quotes != sum(m.group().count('"') for m in _QUOTED.finditer(text)):
        raise Refused(MALFORMED)
    records = _records(text)
    headers = _headers(next(records, None) or [])
    return CsvFile(name, path, headers, sum(1 for record in records if _filled(record)))


def read_rows(file: CsvFile) -> Iterator[Row]:
    """The rows of a file, in order, blank ones left out."""
    text = _text(file.path)
    if text is None:
        return
    reader = csv.reader(io.StringIO(text, newline=""))
    for record in reader:
        if record:
            break  # the header; empty lines before it do not count
    names = [name if at == file.headers.index(name) else "" for at, name in enumerate(file.headers)]
    for record in reader:
        row = Row()
        for name, cell in zip(names, record, strict=False):
            if name and (value := cell.strip(BLANK)):
                row[name] = value
        if row or _filled(record):
            row.line = reader.line_num
            row.record = record
            yield row


def segments(rows: Iterator[Row], size: int) -> Iterator[list[Row]]:
    """Rows in lists of at most `size`."""
    while segment := list(islice(rows, size)):
        yield segment


def without_columns(file: CsvFile, unwanted: frozenset[str], out: Path) -> None:
    """A copy of a file that lacks some columns, for those that must not be read again."""
    text = _text(file.path) or ""
    kept = [at for at, name in enumerate(file.headers) if name not in unwanted]
    with out.open("w", encoding="utf-8", newline="") as target:
        if len(kept) == len(file.headers):
            target.write(text)
            return
        writer = csv.writer(target, lineterminator="\n")
        for record in _records(text):
            writer.writerow([record[at] for at in kept if at < len(record)])


def _text(path: Path) -> str | None:
    data = path.read_bytes().removeprefix(_BOM)
    if not data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(INVALID_UTF8) from None


def _records(text: str) -> Iterator[list[str]]:
    return (record for record in csv.reader(io.StringIO(text, newline="")) if record)


def _headers(record: list[str]) -> tuple[str, ...]:
    return tuple(name.lower() for name in record)


def _filled(record: list[str]) -> bool:
    return any(cell.strip(BLANK) for cell in record)
