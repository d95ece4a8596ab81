"""Rows an earlier delivery wanted and Canvas has not confirmed, wanted still.

In `imports/` absence means nothing, so such rows are not delivered again by themselves: they join
the next delivery, unless it says something newer about them.
"""

from dataclasses import replace

import duckdb

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.rostering.keys import cell_of, same_key
from rosterway.rostering.roster import Roster
from rosterway.runs.prepare import Read


def with_pending(connection: duckdb.DuckDBPyConnection, read: Read, waiting: Roster) -> Read:
    """The delivery with pending rows it does not speak of itself."""
    if not waiting.tables:
        return read
    checked = read.checked
    given = checked.roster
    tables = dict(given.tables)
    joined = Roster("joined", tables)
    for name in {*given.tables, *waiting.tables}:
        parts: list[str] = []
        if given.has(name):
            parts.append(f"SELECT * FROM {given.view(name)}")
        if waiting.has(name):
            columns = waiting.columns(name)
            cells = ", ".join(f"w.{sql.name(column)}" for column in columns)
            unless = ""
            if given.has(name):
                same = same_key(
                    BY_NAME[name], columns, cell_of("w"), given.columns(name), cell_of("g")
                )
                unless = f" AND NOT EXISTS (SELECT 1 FROM {given.view(name)} g WHERE {same})"
            parts.append(
                f"SELECT {cells}, NULL::INTEGER AS _file, 0::BIGINT AS _row "
                f"FROM {waiting.view(name)} w WHERE kind <> 'vanish'{unless}"
            )
            either = {*columns, *given.columns(name)}
            tables[name] = tuple(c.name for c in BY_NAME[name].columns if c.name in either)
        connection.execute(
            f"CREATE TEMP VIEW {joined.view(name)} AS {' UNION ALL BY NAME '.join(parts)}"
        )
    return Read(replace(checked, roster=joined), read.findings)
