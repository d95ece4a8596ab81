"""Splits texts as a delivery's files are split, and says what came of it."""

import itertools
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from rosterway.formats import csv_text
from rosterway.gateway.calculator import calculator
from rosterway.gateway.split import Splitter
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.headers import judge_header

HEADER = "user_id,login_id,status"


class Outcome(NamedTuple):
    """`rows` are (line, cells of the table's columns…); `findings` (code, line, value, other)."""

    trust: str
    rows: list[tuple[Any, ...]]
    findings: list[tuple[Any, ...]]
    quick: bool = False

    @property
    def codes(self):
        return [code for code, *_ in self.findings]

    @property
    def said(self):
        """All but the way it was found out."""
        return self._replace(quick=False)


@dataclass
class Bench:
    """A calculator with room for many splits."""

    connection: Any
    folder: Any
    numbers: Any = field(default_factory=itertools.count)

    def split(self, data: bytes | str, *, exactly: bool = False, header_line: int = 1) -> Outcome:
        data = data.encode() if isinstance(data, str) else data
        number = next(self.numbers)
        room = self.folder / f"room{number}"
        room.mkdir()
        path = room / "given.csv"
        path.write_bytes(data)
        survey = csv_text.Survey()
        survey.feed(data)
        survey.finish()
        if exactly:  # NUL bytes are what the quick way never touches
            survey = replace(survey, has_nul=True)
        findings = Findings(self.connection, f"f{number}")
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        header = judge_header(lines[header_line - 1].split(","), "users.csv")
        splitter = Splitter(self.connection, path, "users.csv", header, room, findings)
        done = splitter.split(survey, header_line)
        findings.flush()
        found = self.connection.execute(
            f"SELECT code, line, val, other FROM {findings.table} ORDER BY ALL"
        ).fetchall()
        self.connection.execute(f"DROP TABLE {findings.table}")
        if done.parquet is None:
            return Outcome(done.trust.value, [], found)
        line = "_row" if done.numbered else "file_row_number + 2"
        columns = ", ".join(sql.name(column) for column in header.places)
        rows = self.connection.execute(
            f"SELECT {line}, {columns} FROM "
            f"read_parquet({sql.text(str(done.parquet))}, file_row_number = true) ORDER BY 1"
        ).fetchall()
        done.parquet.unlink()
        path.unlink()
        return Outcome(done.trust.value, rows, found, quick=not done.numbered)


@contextmanager
def splitting_in(folder):
    with calculator(folder, memory="400MB", threads=1) as connection:
        yield Bench(connection, folder)
