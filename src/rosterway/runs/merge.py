"""Several rosters as one: what the other feeds of a tenant hold together."""

from collections.abc import Sequence

import duckdb

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.roster import Roster
from rosterway.runs.jobs import TablePath, Tables


def merged(connection: duckdb.DuckDBPyConnection, prefix: str, rosters: Sequence[Tables]) -> Roster:
    """The rosters' tables put together, as views; the connection must see their files."""
    parts: dict[str, list[TablePath]] = {}
    for roster in rosters:
        for name, table in roster.items():
            parts.setdefault(name, []).append(table)
    columns: dict[str, tuple[str, ...]] = {}
    for name, tables in parts.items():
        given = {column for table in tables for column in table.columns}
        columns[name] = tuple(c.name for c in BY_NAME[name].columns if c.name in given)
    together = Roster(prefix, columns)
    for name, tables in parts.items():
        rows = " UNION ALL BY NAME ".join(
            f"SELECT * FROM read_parquet({sql.text(table.path)})" for table in tables
        )
        connection.execute(f"CREATE TEMP VIEW {together.view(name)} AS {rows}")
    return together
