"""Findings gathered in the calculator: from a handful to millions, in flat memory.

They are kept as facts in one table and put into words when they are read. A warning or repair that
strikes most rows of a file is told once for the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import duckdb

from rosterway.formats.catalogue import RULES, problem
from rosterway.formats.problems import Finding, Problem, Severity, shortened
from rosterway.rostering import sql

_BATCH = 2_000

#: From so many rows, and from this share of a file's rows, a warning is told once for the file.
ONCE_FROM = 20
ONCE_SHARE = 0.8


class Findings:
    """The findings of one delivery. `table` is their DuckDB table, for checks that write SQL.

    Its columns: code, tbl, file, line, col, val, other.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, prefix: str = "staged") -> None:
        self._connection = connection
        self._waiting: list[tuple[str | int | None, ...]] = []
        self.table = sql.name(f"{prefix}_findings")
        connection.execute(
            f"CREATE TABLE {self.table} (code VARCHAR, tbl VARCHAR, file VARCHAR, "
            "line BIGINT, col VARCHAR, val VARCHAR, other VARCHAR)"
        )
        self._collapsed: dict[tuple[str, str, str | None], tuple[int, int]] = {}

    def add(self, finding: Finding) -> None:
        """Keep one finding."""
        self._waiting.append(
            (
                finding.code,
                finding.table,
                finding.file,
                finding.row,
                finding.column,
                None if finding.value is None else shortened(finding.value),
                finding.other,
            )
        )
        if len(self._waiting) >= _BATCH:
            self.flush()

    def extend(self, findings: Iterable[Finding]) -> None:
        """Keep several."""
        for finding in findings:
            self.add(finding)

    def flush(self) -> None:
        """Bring waiting findings into the table, so that SQL sees them."""
        if self._waiting:
            places = "(?, ?, ?, ?, ?, ?, ?)"
            values = [cell for row in self._waiting for cell in row]
            rows = ", ".join([places] * len(self._waiting))
            self._connection.execute(f"INSERT INTO {self.table} VALUES {rows}", values)
            self._waiting.clear()

    def tell_once(self, rows_by_file: dict[str, int]) -> None:
        """Fold warnings and repairs that strike most rows of a file into one for the file."""
        self.flush()
        mild = [code for code, rule in RULES.items() if rule.severity is not Severity.ERROR]
        groups = self._connection.execute(
            f"SELECT file, code, col, count(*) AS n, min(line) FROM {self.table} "
            f"WHERE line IS NOT NULL AND code IN {sql.texts(mild)} "
            f"GROUP BY ALL HAVING n >= {ONCE_FROM}"
        ).fetchall()
        for file, code, column, count, first in groups:
            if count < ONCE_SHARE * (rows_by_file.get(file) or count):
                continue
            self._connection.execute(
                f"DELETE FROM {self.table} WHERE file = ? AND code = ? "
                "AND col IS NOT DISTINCT FROM ? AND line > ?",
                [file, code, column, first],
            )
            self._collapsed[file, code, column] = (count, first)

    def counts(self) -> dict[str, int]:
        """How many findings of each severity."""
        self.flush()
        counts = {
            severity.value: 0 for severity in (Severity.ERROR, Severity.WARNING, Severity.REPAIR)
        }
        for code, count in self._connection.execute(
            f"SELECT code, count(*) FROM {self.table} GROUP BY code"
        ).fetchall():
            counts[RULES[code].severity.value] += count
        return counts

    def by_code(self) -> list[tuple[str, int]]:
        """Codes and how often each was found, the most frequent first."""
        self.flush()
        return self._connection.execute(
            f"SELECT code, count(*) AS n FROM {self.table} GROUP BY code ORDER BY n DESC, code"
        ).fetchall()

    def problems(self, *, code: str | None = None, limit: int | None = None) -> Iterator[Problem]:
        """The findings in words (of one code, if named), by file and row; whole-file ones first."""
        self.flush()
        cursor = self._connection.cursor()
        cursor.execute(
            f"SELECT code, tbl, file, line, col, val, other FROM {self.table} "
            + (f"WHERE code = {sql.text(code)} " if code is not None else "")
            + "ORDER BY file NULLS FIRST, line NULLS FIRST, code, col, val "
            + (f"LIMIT {limit}" if limit is not None else "")
        )
        while rows := cursor.fetchmany(_BATCH):
            for found, table, file, row, column, value, other in rows:
                yield self._in_words(
                    Finding(
                        code=found,
                        table=table,
                        file=file,
                        row=row,
                        column=column,
                        value=value,
                        other=other,
                    )
                )

    def _in_words(self, finding: Finding) -> Problem:
        found = problem(finding)
        place = (finding.file or "", finding.code, finding.column)
        count, first = self._collapsed.get(place, (0, 0))
        if not count or finding.row != first:
            return found
        alike = f"{count:,} rows of {found.file} alike, the first at line {first:,}"
        return replace(found, row=None, message=f"{alike}: {found.message}")
