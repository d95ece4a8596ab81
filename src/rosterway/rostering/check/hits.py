"""Where the checks write: findings, and the rows that are stopped because of them.

A stopped row is neither applied nor counted as vanished (`safety.md`, "Removals").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb

from rosterway.formats.catalogue import RULES
from rosterway.formats.problems import LONGEST_VALUE
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.staged import Staged


@dataclass(frozen=True, slots=True)
class Hits:
    """The findings and stopped rows of one staged delivery.

    `_stopped_in` are the tables that have any, `asked` answers to questions about whole tables:
    both save questions.
    """

    connection: duckdb.DuckDBPyConnection
    staged: Staged
    findings: Findings
    _stopped_in: set[str] = field(default_factory=set[str])
    asked: dict[str, bool] = field(default_factory=dict[str, bool])

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
        (count,) = self.connection.execute("SELECT count(*) FROM hits").fetchall()[0]
        if not count:
            return 0
        self.connection.execute(
            f"INSERT INTO {self.findings.table} "
            f"SELECT {sql.text(code)}, {sql.text(table)}, file, _row, {column_text}, {value}, other "
            f"FROM hits JOIN {self.files} ON idx = _file"
        )
        self._stop(code, table)
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
        if self.connection.execute("SELECT 1 FROM hits LIMIT 1").fetchone() is None:
            return
        self.connection.execute(
            f"INSERT INTO {self.findings.table} "
            f"SELECT {sql.text(code)}, {sql.text(table)}, file, NULL, {column_text}, "
            f"format('{{:,}}', count(*)), arg_min(val, _row) "
            f"FROM hits JOIN {self.files} ON idx = _file GROUP BY file"
        )
        self._stop(code, table)

    def _stop(self, code: str, table: str) -> None:
        """Stop the rows just found, if their rule says so."""
        if RULES[code].stops_row:
            self.stop(table, f"SELECT DISTINCT {sql.text(table)} AS tbl, _file, _row FROM hits")

    def stop(self, table: str, rows: str) -> None:
        """Stop the rows of a query (tbl, _file, _row), which are all of one table."""
        self.connection.execute(f"INSERT INTO {self.stopped} {rows}")
        self._stopped_in.add(table)

    def has_stopped(self, table: str) -> bool:
        """Whether any row of the table may be stopped so far."""
        return table in self._stopped_in

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
