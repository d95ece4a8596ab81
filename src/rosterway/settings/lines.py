"""Where in a TOML text each key stands.

`tomllib` says what a text means but not where. This walks a text that `tomllib` has accepted, and
so may trust its grammar: it only has to step over values, never to judge them.
"""

import re
import tomllib
from typing import NamedTuple

from rosterway.settings.findings import Path

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")


class Place(NamedTuple):
    """A place in a text; the first line and the first column are 1."""

    line: int
    column: int


def places(text: str) -> dict[Path, Place]:
    """Where every key, table header and array element begins."""
    return _Walk(text).places


class _Walk:
    """One pass over the text; `at` is the position reached."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: dict[Path, Place] = {}
        self._counted_to = 0
        self._line = 1
        self._tables: dict[Path, int] = {}  # arrays of tables, and how many each has so far
        self._document()

    def _document(self) -> None:
        table: Path = ()
        self._over(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
            self._over(_BLANK)

    def _header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        self._over(_SPACE)
        begin = self.at
        *outer, last = self._key()
        path: list[str | int] = []
        for key in outer:
            path.append(key)
            if tuple(path) in self._tables:  # the latest element of an array of tables
                path.append(self._tables[tuple(path)] - 1)
        path.append(last)
        self._mark(tuple(path), begin)
        if brackets == 2:
            count = self._tables.get(tuple(path), 0)
            self._tables[tuple(path)] = count + 1
            path.append(count)
            self._mark(tuple(path), begin)
        self.at += brackets
        return tuple(path)

    def _pair(self, table: Path) -> None:
        begin = self.at
        path = (*table, *self._key())
        self._mark(path, begin)
        self.at += 1  # =
        self._over(_SPACE)
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._items(path, "]")
        elif opening == "{":
            self._items(path, "}")
        elif not self._over(_STRING):
            self._over(_SCALAR)

    def _items(self, path: Path, closing: str) -> None:
        self.at += 1
        self._over(_BLANK)
        count = 0
        while self.text[self.at] != closing:
            if closing == "]":
                self._mark((*path, count), self.at)
                self._value((*path, count))
            else:
                self._pair(path)
            count += 1
            self._over(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self._over(_BLANK)
        self.at += 1

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._over(_SPACE)
            quoted = self._over(_STRING)
            parts.append(_unquoted(quoted) if quoted else self._over(_BARE_KEY))
            self._over(_SPACE)
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def _over(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match[0]

    def _mark(self, path: Path, begin: int) -> None:
        self._line += self.text.count("\n", self._counted_to, begin)
        self._counted_to = begin
        place = Place(self._line, begin - self.text.rfind("\n", 0, begin))
        for length in range(1, len(path) + 1):
            self.places.setdefault(path[:length], place)


def _unquoted(key: str) -> str:
    return tomllib.loads(f"key = {key}")["key"]
