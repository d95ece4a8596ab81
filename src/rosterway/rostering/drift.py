"""Drift: one column changes in very many rows, or is gone (`safety.md`, "Limits").

A SIS that was converted, or an export somebody has edited, reads well and says something else of
everybody. Two kinds of change are no drift here: a status that takes access away, which is counted
as a removal, and a password, which some systems salt anew every night.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from rosterway.formats.canvas_csv.table import Kind
from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.limits import Limit

#: Table -> the columns that always came; a table that is not named is not known.
Headers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Drift:
    """A column that changes in so many of a table's rows."""

    table: str
    column: str
    changed: int
    of: int


def find_drifts(
    connection: duckdb.DuckDBPyConnection, compared: Mapping[str, Compared], limit: Limit
) -> list[Drift]:
    """Columns that change in more rows than the limit allows, in the table's order.

    A column that came before and does not come now is `missing_columns`' to tell, whatever that
    changes.
    """
    return [
        Drift(name, column, changed, table.rows_before)
        for name, table in compared.items()
        if limit.is_exceeded(table.updated, table.rows_before) and table.is_joined
        for column, changed in _changed(connection, table).items()
        if limit.is_exceeded(changed, table.rows_before)
    ]


def missing_columns(table: Compared, headers: Headers | None) -> tuple[str, ...]:
    """Columns of a table that always came and do not come now.

    Where no headers are given, the baseline is the delivery before, and its columns always came.
    """
    if not table.is_joined:
        return ()
    always = table.before if headers is None else headers.get(table.table.name, ())
    return tuple(name for name in always if name in table.before and name not in table.sent)


def always_came(
    before: tuple[str, ...] | None, now: tuple[str, ...], *, is_whole: bool
) -> tuple[str, ...]:
    """The columns of a table that always came, once it came with those of `now`.

    A feed whose files are whole (`diffing`) is taken at its last word; one whose files come in parts
    may send more columns one day and fewer the next.
    """
    if is_whole or before is None:
        return now
    return tuple(name for name in before if name in now)


def _changed(connection: duckdb.DuckDBPyConnection, table: Compared) -> dict[str, int]:
    counted = [
        column.name
        for column in table.table.columns
        if column.name in table.sent and column.kind is not Kind.SECRET
    ]
    counts = ", ".join(f"count(*) FILTER ({_differs(table, name)})" for name in counted)
    (row,) = connection.execute(
        f"SELECT {counts} FROM {table.changes} WHERE kind = 'update'"
    ).fetchall()
    return dict(zip(counted, row, strict=True))


def _differs(table: Compared, column: str) -> str:
    differs = f"{sql.name('e_' + column)} IS DISTINCT FROM {sql.name('o_' + column)}"
    if column == "status":
        access = sql.texts(table.table.access_words)
        return f"{differs} AND coalesce(e_status IN {access}, true)"
    return differs
