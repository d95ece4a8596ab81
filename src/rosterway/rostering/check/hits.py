"""Where the checks write: findings, and the rows that are stopped because of them.

A stopped row is neither applied nor counted as vanished (`safety.md`, "Removals").
"""

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from rosterway.formats.catalogue import RULES
from rosterway.formats.problems import LONGEST_VALUE
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.staged import Staged


@dataclass(frozen=True, slots=True)
class Hits:
    """The findings and stopped rows of one staged delivery."""

    connection: duckdb.DuckDBPyConnection
    staged: Staged
    findings: Findings

    def __post_init__(self) -> None:
        self.connection.execute(
            f"CREATE TEMP TABLE {self.stopped} (tbl VARCHAR, _file INTEGER, _row BIGINT)"
        )
        self.connection.execute(f"CREATE TEMP TABLE {self.files} (idx INTEGER, file VARCHAR)")
        self.connection.execute(f"CREATE TEMP TABLE {self.renamed} (tbl VARCHAR, id VARCHAR)")
        for file in self.staged.files:
            self.connection.execute(
                f"INSERT INTO {self.files} VALUES (?, ?)", [file.index, file.name]
            )

    @property
    def stopped(self) -> str:
        """The table of stopped rows: tbl, _file, _row."""
        return sql.name(f"{self.staged.prefix}_stopped")

    @property
    def renamed(self) -> str:
        """The table of ids Canvas knows that the delivery has under another, stopped id: tbl, id."""
        return sql.name(f"{self.staged.prefix}_renamed")

    @property
    def files(self) -> str:
        """The table of file names: idx, file."""
        return sql.name(f"{self.staged.prefix}_files")

    def record(self, code: str, table: str, column: str | None, rows: str) -> int:
        """Record the rows of a query (_file, _row, val, other) under a rule; how many there were."""
        self.findings.flush()
        column_text = "NULL" if column is None else sql.text(column)
        value = (
            f"CASE WHEN length(val) > {LONGEST_VALUE} THEN left(val, {LONGEST_VALUE}) || '… (' || "
            "format('{:,}', length(val)) || ' characters)' ELSE val END"
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE hits AS "
            f"SELECT _file, _row, val::VARCHAR AS val, other::VARCHAR AS other FROM ({rows})"
        )
        self.connection.execute(
            f"INSERT INTO {self.findings.table} "
            f"SELECT {sql.text(code)}, {sql.text(table)}, file, _row, {column_text}, {value}, other "
            f"FROM hits JOIN {self.files} ON idx = _file"
        )
        if RULES[code].stops_row:
            self.connection.execute(
                f"INSERT INTO {self.stopped} SELECT DISTINCT {sql.text(table)}, _file, _row FROM hits"
            )
        (count,) = self.connection.execute("SELECT count(*) FROM hits").fetchall()[0]
        return count

    def record_once(self, code: str, table: str, column: str | None, rows: str) -> None:
        """Record the rows of a query (_file, _row, val) as one finding a file.

        Its value is their number, its `other` the value of the first.
        """
        self.findings.flush()
        column_text = "NULL" if column is None else sql.text(column)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE hits AS SELECT _file, _row, val FROM ({rows})"
        )
        self.connection.execute(
            f"INSERT INTO {self.findings.table} "
            f"SELECT {sql.text(code)}, {sql.text(table)}, file, NULL, {column_text}, "
            f"format('{{:,}}', count(*)), arg_min(val, _row) "
            f"FROM hits JOIN {self.files} ON idx = _file GROUP BY file"
        )
        if RULES[code].stops_row:
            self.connection.execute(
                f"INSERT INTO {self.stopped} SELECT DISTINCT {sql.text(table)}, _file, _row FROM hits"
            )

    def has_stopped(self, table: str) -> bool:
        """Whether any row of the table is stopped so far."""
        found = self.connection.execute(
            f"SELECT 1 FROM {self.stopped} WHERE tbl = ? LIMIT 1", [table]
        )
        return found.fetchone() is not None

    def going(self, table: str, columns: Iterable[str] = ("*",)) -> str:
        """A query for the rows of a staged table that are not stopped."""
        picked = ", ".join(columns)
        view = sql.name(self.staged.view(table))
        if not self.has_stopped(table):
            return f"SELECT {picked} FROM {view}"
        return (
            f"SELECT {picked} FROM {view} ANTI JOIN "
            f"(SELECT _file, _row FROM {self.stopped} WHERE tbl = {sql.text(table)}) "
            "USING (_file, _row)"
        )

    def place(self, file: str = "_file", row: str = "_row") -> str:
        """SQL that says where a row stands, for people: `row 12 of users.csv`."""
        name = f"(SELECT f.file FROM {self.files} f WHERE f.idx = {file})"
        return f"'row ' || format('{{:,}}', {row}) || ' of ' || {name}"
