"""What every step of a translation has in hand, and how it tells what it found."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from rosterway.formats.problems import LONGEST_VALUE
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.translate.policy import End, TranslationPolicy
from rosterway.rostering.translate.sources import Sources


@dataclass(frozen=True, slots=True)
class Work:
    """One translation. `held` gathers the Canvas tables in which rows are missing that should be
    there: what is not in them must not be taken for gone.
    """

    connection: duckdb.DuckDBPyConnection
    sources: Sources
    policy: TranslationPolicy
    today: date
    findings: Findings
    held: set[str] = field(default_factory=set[str])

    def run(self, statement: str) -> None:
        """Run a statement."""
        self.connection.execute(statement)

    def make(self, table: str, select: str) -> None:
        """Keep the rows of a query as a table of the translation's."""
        self.run(f"CREATE OR REPLACE TEMP TABLE {table} AS {select}")

    def view(self, name: str, select: str) -> None:
        """Give a query a name."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {select}")

    def one(self, query: str) -> Any:
        """The first cell of a query."""
        return self.connection.execute(query).fetchall()[0][0]

    @property
    def day(self) -> str:
        """Today as SQL."""
        return f"DATE {sql.text(self.today.isoformat())}"

    def after(self, cell: str) -> str:
        """The first day that does not belong to what ends on the day in a cell."""
        day = f"try_cast({cell} AS DATE)"
        return f"({day} + 1)" if self.policy.dates.end is End.INCLUSIVE else day

    def tell(self, code: str, table: str, column: str | None, rows: str) -> int:
        """Record the rows of a query (`nth, val, other`) under a rule; how many there were."""
        self.findings.flush()
        value = (
            f"CASE WHEN length(val) > {LONGEST_VALUE} THEN left(val, {LONGEST_VALUE}) || '…' "
            "ELSE val END"
        )
        (count,) = self.connection.execute(
            f"INSERT INTO {self.findings.table} SELECT {sql.text(code)}, {sql.text(table)}, "
            f"{sql.text(self.sources.file(table))}, try_cast(nth AS BIGINT), "
            f"{'NULL' if column is None else sql.text(column)}, {value}, other "
            f"FROM (SELECT nth, val::VARCHAR AS val, other::VARCHAR AS other FROM ({rows}))"
        ).fetchall()[0]
        return count

    def tell_together(self, code: str, table: str, column: str | None, rows: str) -> int:
        """Record what is alike among rows (`nth, id, val`) once for each value: how many, and the
        first of them.
        """
        return self.tell(
            code,
            table,
            column,
            "SELECT min(try_cast(nth AS BIGINT)) AS nth, val, "
            "format('{:,}', count(*)) || CASE WHEN count(*) = 1 THEN ' record, ' ELSE "
            "' records, the first ' END || arg_min(id, try_cast(nth AS BIGINT)) AS other "
            f"FROM ({rows}) GROUP BY val",
        )


def listed(items: Iterable[str]) -> str:
    """Texts as a list in SQL, also if there are none."""
    return "[" + ", ".join(sql.text(item) for item in items) + "]::VARCHAR[]"


def ids(cell: str) -> str:
    """The ids of a staged list."""
    return f"from_json({cell}, '[\"VARCHAR\"]')"


def spelled(cell: str) -> str:
    """A staged list as one text."""
    return f"nullif(array_to_string({ids(cell)}, ', '), '')"
