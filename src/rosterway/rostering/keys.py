"""A row's identity, as SQL: the same words for every place that compares or joins rows."""

from collections.abc import Callable, Collection

import duckdb

from rosterway.formats.canvas_csv.table import KeyPart, Need, Table
from rosterway.rostering import sql

#: Stands before a value of a column that fills in for the usual one (a course for a section).
STAND_IN = "chr(31)"

#: Column name -> SQL for that cell of the row at hand.
Cell = Callable[[str], str]


def cell_of(row: str, prefix: str = "") -> Cell:
    """Cells of a row known by an alias, their columns named with a prefix."""
    return lambda column: f"{row}.{sql.name(prefix + column)}"


def key_parts(table: Table, columns: Collection[str], cell: Cell = sql.name) -> list[str]:
    """One SQL expression for each part of the key, never NULL, over a row with these columns."""
    return [_part(table, part, columns, cell) for part in table.key]


def ident(table: Table, columns: Collection[str], cell: Cell = sql.name) -> str:
    """SQL for the whole key as one text, the same on both sides of a comparison."""
    return " || chr(30) || ".join(key_parts(table, columns, cell))


def same_key(
    table: Table, columns: Collection[str], cell: Cell, others: Collection[str], other: Cell
) -> str:
    """SQL that is true where two rows, each with its own columns, are the same by key."""
    pairs = zip(key_parts(table, columns, cell), key_parts(table, others, other), strict=True)
    return " AND ".join(f"{one} = {two}" for one, two in pairs)


def key_columns(table: Table, columns: Collection[str]) -> list[str]:
    """The columns of the key that are there."""
    return [column for part in table.key for column in part.columns if column in columns]


def key_words(table: Table, columns: Collection[str], cell: Cell = sql.name) -> str:
    """SQL that names a row for a person: its key's values, joined by spaces."""
    present = [cell(column) for column in key_columns(table, columns)]
    return f"concat_ws(' ', {', '.join(present)})" if present else "''"


def without_fallbacks(
    connection: duckdb.DuckDBPyConnection, table: Table, columns: tuple[str, ...], view: str
) -> tuple[str, ...]:
    """The columns less those of the key that only fill in for one that no row of a view leaves blank.

    Keys over the rest are the same texts, and cost a third less to join by: DuckDB then reads a
    column, where it would compute a text for every row. Asking costs next to nothing, as Parquet
    knows how many blanks a column has.
    """
    idle: set[str] = set()
    for part in table.key:
        first, *others = [column for column in part.columns if column in columns] or [""]
        if others:
            blank = f"SELECT 1 FROM {view} WHERE {sql.name(first)} IS NULL LIMIT 1"
            if connection.execute(blank).fetchone() is None:
                idle |= {*others}
    return tuple(column for column in columns if column not in idle)


def lone_key_columns(
    table: Table, columns: Collection[str], others: Collection[str]
) -> frozenset[str]:
    """Columns that must agree where the keys of two rows with these columns do."""
    lone: set[str] = set()
    for part in table.key:
        here = [column for column in part.columns if column in columns]
        there = [column for column in part.columns if column in others]
        if len(here) == 1 and here == there and not part.fold:
            lone.add(here[0])
    return frozenset(lone)


def _part(table: Table, part: KeyPart, columns: Collection[str], cell: Cell) -> str:
    present = [column for column in part.columns if column in columns]
    if not present:
        return "''"
    values = [
        cell(column) if place == part.usual else f"{STAND_IN} || {cell(column)}"
        for place, column in enumerate(part.columns)
        if column in columns
    ]
    is_sure = len(values) == 1 and table.by_name[present[0]].need is Need.ROW
    value = values[0] if is_sure else f"coalesce({', '.join(values)}, '')"
    return f"lower({value})" if part.fold else value
