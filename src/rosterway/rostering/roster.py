"""A roster the calculator can see: tables as views over Parquet, rows unique by key.

A snapshot, a baseline and the mirror of a Canvas account all have this shape.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rosterway.rostering import sql


@dataclass(frozen=True, slots=True)
class Roster:
    """`tables` gives each table's columns; `prefix` tells its views apart from another's."""

    prefix: str
    tables: Mapping[str, tuple[str, ...]]

    def view(self, table: str) -> str:
        """The quoted name of a table's view."""
        return sql.name(f"{self.prefix}_{table}")

    def columns(self, table: str) -> tuple[str, ...]:
        """A table's columns, none if the roster lacks it."""
        return self.tables.get(table, ())

    def has(self, table: str, *columns: str) -> bool:
        """Whether the table is there with these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table])


NOTHING = Roster("nothing", {})
