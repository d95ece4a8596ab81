"""On which line of a TOML text each key stands.

`tomllib` says what a text means but not where. This walks a text that `tomllib` has accepted, and
so may trust its grammar: it only has to step over values, never to judge them.
"""

import re
import tomllib

from rosterway.settings.findings import Path

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}#\n]*")


def line_numbers(text: str) -> dict[Path, int]:
    """The line, the first being 1, of every key, table header and array element."""
    return _Walk(text).lines


class _Walk:
    """One pass over the text; `at` is the position reached."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
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
        *outer, last = self._key()
        path: list[str | int] = []
        for key in outer:
            path.append(key)
            if tuple(path) in self._tables:  # the latest element of an array of tables
                path.append(self._tables[tuple(path)] - 1)
        path.append(last)
        self._mark(tuple(path))
        if brackets == 2:
            count = self._tables.get(tuple(path), 0)
            self._tables[tuple(path)] = count + 1
            path.append(count)
            self._mark(tuple(path))
        self.at += brackets
        return tuple(path)

    def _pair(self, table: Path) -> None:
        path = (*table, *self._key())
        self._mark(path)
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
                self._mark((*path, count))
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

    def _mark(self, path: Path) -> None:
        self._line += self.text.count("\n", self._counted_to, self.at)
        self._counted_to = self.at
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self._line)


def _unquoted(key: str) -> str:
    return tomllib.loads(f"key = {key}")["key"]
