"""CSV as text: what a file's bytes say before anybody splits them into cells, and exact splitting.

Two readers share the work. A file whose bytes are *plain* may be split by a fast engine, record i
standing on line i + 1. Any other file is split here, record by record, with the rules of RFC 4180
as Ruby's CSV enforces them, which is what Canvas uses: a quote inside an unquoted cell, or anything
but a separator after a closing quote, spoils the whole file
(canvas-lms `lib/sis/csv/csv_base_importer.rb`).

Nothing is opened here: callers feed bytes and lines.
"""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

BOM = codecs.BOM_UTF8

#: A record longer than this is no record: a quote was left open.
LONGEST_RECORD = 32 * 1024 * 1024

#: What Canvas trims from a cell, as Ruby's `String#strip` does.
BLANK = " \t\n\v\f\r\0"

#: A space between a separator and a quote: a lenient engine forgives it, Canvas does not.
_SPACED_QUOTE = re.compile(rb'[,\n][ \t]+"|"[ \t]+[,\r\n]')

#: A pattern split between two chunks is no longer than this.
_SEAM = 64

# Possessive: a cell of millions of doubled quotes is matched without a step back to remember.
_CELL = r'(?:"[^"]*+(?:""[^"]*+)*+"|[^",\r\n]*+)'
_RECORD = re.compile(rf"{_CELL}(?:,{_CELL})*(?:\r?\n|\r)?")


@dataclass(slots=True)
class Survey:
    """What one pass over a file's bytes finds; feed it every chunk, then `finish`.

    `bad_at` is the offset of the first byte that is not UTF-8; `pairs` counts CR LF, which `returns`
    and `newlines` count too.
    """

    size: int = 0
    has_bom: bool = False
    has_nul: bool = False
    has_quote: bool = False
    has_blank: bool = False
    has_spaced_quote: bool = False
    newlines: int = 0
    returns: int = 0
    pairs: int = 0
    bad_at: int | None = None
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("strict"), repr=False
    )
    _mid_character: bool = False
    _tail: bytes = b""

    def feed(self, chunk: bytes) -> None:
        """Look at the next bytes of the file."""
        if not self.size:
            self.has_bom = chunk.startswith(BOM)
        if self.bad_at is None and (self._mid_character or not chunk.isascii()):
            self._decode(chunk, final=False)
        self.newlines += chunk.count(b"\n")
        if b"\r" in chunk or self._tail.endswith(b"\r"):
            self.returns += chunk.count(b"\r")
            self.pairs += (self._tail[-1:] + chunk).count(b"\r\n")
        self.has_nul = self.has_nul or b"\0" in chunk
        self.has_blank = (
            self.has_blank or b" " in chunk or b"\t" in chunk or b"\v" in chunk or b"\f" in chunk
        )
        if b'"' in chunk:
            self.has_quote = True
            # With the end of the chunk before, so that nothing hides in the seam.
            self.has_spaced_quote = self.has_spaced_quote or bool(
                _SPACED_QUOTE.search(self._tail + chunk)
            )
        self.size += len(chunk)
        self._tail = chunk[-_SEAM:]

    def finish(self) -> "Survey":
        """Say that the file has ended."""
        if self.bad_at is None and self._mid_character:
            self._decode(b"", final=True)
        return self

    @property
    def lines(self) -> int:
        """How many physical lines there are."""
        endings = self.newlines + self.returns - self.pairs
        return endings + (self.size > 0 and not self._tail.endswith((b"\n", b"\r")))

    @property
    def has_regular_endings(self) -> bool:
        """Whether every line ends the same way: all LF, all CRLF or all CR."""
        if not self.returns or not self.newlines:
            return True
        return self.newlines == self.returns == self.pairs

    @property
    def is_plain(self) -> bool:
        """Whether a fast engine splits the file as Canvas does, as far as bytes can tell.

        It also has to find one record on every line: see `lines`.
        """
        return (
            self.bad_at is None
            and not self.has_nul
            and not self.has_spaced_quote
            and self.has_regular_endings
        )

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        pending = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            self.bad_at = self.size - pending + error.start
        self._mid_character = bool(self._decoder.getstate()[0])


@dataclass(frozen=True, slots=True)
class Record:
    """One record: the physical line it starts on (the first is 1) and its cells as they stand."""

    line: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Spoilt:
    """The file cannot be split from this line on.

    `why` UNCLOSED (a quote was opened and never closed) and ENDLESS (no row is so long) leave the
    records before it to be trusted; MISQUOTED leaves nothing.
    """

    line: int
    why: "Why"


class Why(StrEnum):
    """Why a file cannot be split further."""

    UNCLOSED = "unclosed"
    ENDLESS = "endless"
    MISQUOTED = "misquoted"


def split(lines: Iterable[str]) -> Iterator[Record | Spoilt]:
    """Split text lines (with their endings) into records; a `Spoilt` is the last item, if any.

    A line may come in pieces from `LONGEST_RECORD` characters on. Blank lines are skipped, as
    Canvas does.
    """
    csv.field_size_limit(LONGEST_RECORD)
    raw: list[str] = []
    start = 1

    def watched() -> Iterator[str]:
        size = 0
        for line in lines:
            size = len(line) if not raw else size + len(line)
            raw.append(line)
            if size > LONGEST_RECORD:
                return
            yield line

    reader = csv.reader(watched(), strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            if raw:  # the line `watched` kept back
                yield Spoilt(start, Why.ENDLESS)
            return
        except csv.Error as error:
            is_open = "unexpected end of data" in str(error)
            yield Spoilt(start, Why.UNCLOSED if is_open else Why.MISQUOTED)
            return
        text = "".join(raw)
        lines_read = len(raw)
        raw.clear()
        if '"' in text and not _RECORD.fullmatch(text):
            yield Spoilt(start, Why.MISQUOTED)
            return
        if cells:
            yield Record(start, cells)
        start += lines_read
