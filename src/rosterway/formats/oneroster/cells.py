"""One value, as providers write it, becomes one staged cell, as the standard writes it.

A reading is the cell, and what had to be forgiven (a deviation's code) or could not be (a problem's
code). Readings of dates and words are remembered: a roster holds millions of them and few different
ones. Source of what is tolerated: oneroster.md 15.1.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import NamedTuple

from rosterway.formats.oneroster.vocabularies import STATUS, Vocabulary
from rosterway.settings.shape import Version

#: A value as JSON or a CSV cell has it, where one value is expected.
Scalar = str | int | float | bool | None

#: More different values of one field than this are not remembered.
_REMEMBERED = 20_000

_DATE = re.compile(r"(\d{4})([-/.]?)(\d{1,2})\2(\d{1,2})")
_TIMED = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*")
_YEARS = re.compile(r"(\d{4})\s*[-/\u2013]\s*(\d{4}|\d{2})")
_EXTENDED = re.compile(r"ext:[a-zA-Z0-9.\-_]+")

#: What systems write where they have no date; a birthday may be one of them by right, a term not.
SENTINELS = frozenset(
    {
        "0000-00-00",
        "0001-01-01",
        "1753-01-01",
        "1899-12-30",
        "1899-12-31",
        "1900-01-01",
        "9999-12-31",
    }
)
_TRUE = frozenset({"true", "1", "yes", "y", "t"})
_FALSE = frozenset({"false", "0", "no", "n", "f"})


class Reading(NamedTuple):
    """A cell (None: blank), the deviation it took, the problem it is."""

    cell: str | None
    deviation: str = ""
    problem: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to say about it."""
        return not self.deviation and not self.problem


Reader = Callable[[Scalar], Reading]


class Memory(dict[Scalar, str | None]):
    """Cells by raw value, for `map`: known clean values at the price of a look-up.

    Raw values that are not clean are put into `odd` at each meeting, so that whoever maps a column
    knows when there is more to say about it.
    """

    __slots__ = ("_reader", "odd")

    def __init__(self, reader: Reader) -> None:
        super().__init__({None: None})
        self._reader = reader
        self.odd: list[Scalar] = []

    def __missing__(self, raw: Scalar) -> str | None:
        reading = self._reader(raw)
        if not reading.is_clean:
            self.odd.append(raw)
        elif len(self) < _REMEMBERED and not isinstance(raw, bool):
            self[raw] = reading.cell
        return reading.cell

    def why(self, raw: Scalar) -> Reading:
        """The whole reading of a value."""
        return self._reader(raw)


def text(raw: Scalar) -> Reading:
    """A text or an id: a number is its digits, a boolean is nothing that can be read."""
    if raw is None or isinstance(raw, str):
        return Reading(raw or None)
    if isinstance(raw, bool) or raw != raw or raw in (float("inf"), float("-inf")):  # noqa: PLR0124 - nan
        return Reading(None, problem="value-unreadable")
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 2**53:
        raw = int(raw)
    return Reading(_digits(raw), "number-for-text")


def _digits(raw: float) -> str | None:
    try:
        return str(raw)
    except ValueError:  # an integer of thousands of digits
        return None


def word(vocabulary: Vocabulary, version: Version) -> Reader:
    """Reads words of a vocabulary as a version has it."""
    ours = frozenset(vocabulary.words(version))
    unknown = "status-unknown" if vocabulary is STATUS else "word-unknown"

    def read(raw: Scalar) -> Reading:
        written = text(raw)
        if written.cell is None:
            return written
        plain = written.cell.strip()
        if plain in ours:
            deviation = "letter-case" if plain != written.cell else written.deviation
            return Reading(plain or None, deviation)
        if not plain:
            return Reading(None)
        lower = plain.lower()
        known = vocabulary.folded.get(lower)
        if known is not None:
            return Reading(known, "letter-case" if known in ours else "other-version")
        if lower in vocabulary.synonyms:
            return Reading(vocabulary.synonyms[lower], "synonym")
        if vocabulary.extensible and _EXTENDED.fullmatch(plain):
            return Reading(plain, "" if version is Version.V1P2 else "extension-in-1.1")
        return Reading(plain, problem=unknown)

    return read


def flag(raw: Scalar) -> Reading:
    """`true` or `false`: JSON booleans, digits and words in any letter case are understood."""
    if raw is None or raw in ("true", "false"):
        return Reading(raw if isinstance(raw, str) else None)
    if isinstance(raw, bool):
        return Reading("true" if raw else "false", "boolean-json")
    lower = str(raw).strip().lower() if isinstance(raw, str | int) else ""
    if isinstance(raw, str) and not lower:
        return Reading(None)
    if lower in {"true", "false"}:
        return Reading(lower, "letter-case")
    if lower in _TRUE | _FALSE:
        return Reading("true" if lower in _TRUE else "false", "boolean-word")
    return Reading(None, problem="value-unreadable")


def day(raw: Scalar, *, sentinels: frozenset[str] = SENTINELS) -> Reading:
    """A date. A moment gives the date as written, in whatever zone: schools mean the day."""
    written = text(raw)
    if written.cell is None:
        return written
    plain = written.cell.strip()
    if not plain:
        return Reading(None)
    timed = _TIMED.fullmatch(plain)
    candidate = timed[1] if timed else plain
    if candidate in sentinels:
        return Reading(None, "date-sentinel")
    parts = _DATE.fullmatch(candidate)
    found = _date_of(parts)
    if found is None:
        return Reading(None, problem="value-unreadable")
    if found in sentinels:
        return Reading(None, "date-sentinel")
    if timed:
        return Reading(found, "date-with-time")
    return Reading(found, "" if found == written.cell else "date-form")


def birthday(raw: Scalar) -> Reading:
    """A date of birth, which may be the first day of 1900."""
    return day(raw, sentinels=SENTINELS - {"1900-01-01"})


def _date_of(parts: re.Match[str] | None) -> str | None:
    if parts is None:
        return None
    year, mark, month, of_month = parts.groups()
    if not mark and (len(month) != 2 or len(of_month) != 2):
        return None  # 2024111 may be two days
    try:
        if int(year) == 0:
            return "0000-00-00" if int(month) == int(of_month) == 0 else None
        return date(int(year), int(month), int(of_month)).isoformat()
    except ValueError:
        return None


def instant(raw: Scalar) -> Reading:
    """A moment in UTC. Without a zone it is taken to be UTC; a date alone is its midnight."""
    if isinstance(raw, str) and len(raw) in {20, 24} and raw[-1] == "Z" and raw[10] == "T":
        try:
            datetime.fromisoformat(raw)
        except ValueError:
            return Reading(None, problem="value-unreadable")
        return Reading(raw)
    written = text(raw)
    if written.cell is None:
        return written
    plain = written.cell.strip()
    if not plain:
        return Reading(None)
    if plain[:10] in SENTINELS:
        return Reading(None, "date-sentinel")
    try:
        moment = datetime.fromisoformat(_six_digits(plain))
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return Reading(None, problem="value-unreadable")
    cell = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    return Reading(f"{cell[:4]:0>4}{cell[4:]}", "instant-form")


_FRACTION = re.compile(r"([.,]\d{6})\d+")


def _six_digits(written: str) -> str:
    """.NET writes seven digits of a second, Python reads six."""
    return _FRACTION.sub(r"\1", written)


def year(raw: Scalar) -> Reading:
    """A school year, by the year it ends in (oneroster 7.1)."""
    written = text(raw)
    if written.cell is None:
        return written
    plain = written.cell.strip()
    if re.fullmatch(r"\d{4}", plain):
        is_plain = plain == written.cell and not written.deviation
        return Reading(plain, "" if is_plain else written.deviation or "year-form")
    span = _YEARS.fullmatch(plain)
    if span is None:
        return Reading(None, problem="value-unreadable" if plain else "")
    begins, ends = int(span[1]), span[2]
    ended = int(ends) if len(ends) == 4 else begins // 100 * 100 + int(ends)
    if len(ends) == 2 and ended < begins:
        ended += 100
    if ended - begins not in {0, 1}:
        return Reading(None, problem="value-unreadable")
    return Reading(f"{ended:04d}", "year-form")


def number(raw: Scalar) -> Reading:
    """A number, as written in JSON or CSV."""
    if raw is None or isinstance(raw, bool):
        return Reading(None, problem="" if raw is None else "value-unreadable")
    if isinstance(raw, str):
        plain = raw.strip()
        if not plain:
            return Reading(None)
        try:
            value = float(plain)
        except ValueError:
            return Reading(None, problem="value-unreadable")
        if value - value != 0:  # infinite, or no number
            return Reading(None, problem="value-unreadable")
        return Reading(plain)
    written = text(raw)
    return Reading(written.cell, problem=written.problem)
