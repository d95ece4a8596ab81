"""The rows of a plan, a page at a time.

A page costs the same wherever it lies: rows are known by their number in a file that is sorted by
key, so neither sorting nor counting of all of them is needed to go on from one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from rosterway.console.balance_sheet import Sheet
from rosterway.console.lookup import dicts, rows_in
from rosterway.console.row_conditions import Condition, condition_of
from rosterway.console.row_question import Asked, Source, What
from rosterway.rostering import sql

PAGE = 50
#: Beyond this it is only said that there are more.
MOST_COUNTED = 10_000
#: Kinds of rows that the balance sheet has counted already.
_COUNTED = ("new", "changed", "removed", "moved", "spared")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of raw rows, each by column name, with `number`; and where the list goes on."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    is_more_than_total: bool
    first: int | None = None  # a row before this page exists: go on `before` this number
    last: int | None = None  # a row after this page exists: go on `after` this number


def find(connection: duckdb.DuckDBPyConnection, source: Source, sheet: Sheet) -> Found:
    """One page of the rows asked for."""
    asked = source.asked
    if source.main is None:
        return Found(rows=(), total=0, is_more_than_total=False)
    condition = condition_of(connection, source)
    numbers = _numbers(connection, source.main, condition, asked)
    back, on = asked.before is not None, len(numbers) > PAGE
    shown = numbers[:PAGE]
    if back:
        shown.reverse()
    rows = _fetch(connection, source, shown)
    total, is_more = _total(connection, source.main, condition, asked, sheet)
    has_before = on if back else asked.after is not None
    has_after = True if back else on
    return Found(
        rows=rows,
        total=total,
        is_more_than_total=is_more,
        first=shown[0] if shown and has_before else None,
        last=shown[-1] if shown and has_after else None,
    )


def _numbers(
    connection: duckdb.DuckDBPyConnection, path: Path, condition: Condition, asked: Asked
) -> list[int]:
    """The numbers of the page's rows and one more, nearest to where it starts first."""
    order = ""
    if asked.before is not None:
        condition &= Condition("file_row_number < ?", (asked.before,))
        order = "ORDER BY file_row_number DESC"
    elif asked.after is not None:
        condition &= Condition("file_row_number > ?", (asked.after,))
    rows = connection.execute(
        f"SELECT file_row_number FROM {rows_in(path, numbered=True)} "
        f"WHERE {condition.sql} {order} LIMIT {PAGE + 1}",
        list(condition.values),
    ).fetchall()
    return [number for (number,) in rows]


def _fetch(
    connection: duckdb.DuckDBPyConnection, source: Source, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    if not numbers or source.main is None:
        return []
    listed = ", ".join(str(number) for number in numbers)
    rows = dicts(
        connection.execute(
            f"SELECT * FROM {rows_in(source.main, numbered=True)} "
            f"WHERE file_row_number BETWEEN {min(numbers)} AND {max(numbers)} "
            f"AND file_row_number IN ({listed}) ORDER BY file_row_number"
        )
    )
    if not source.asked.what.is_removal or source.changes is None:
        return rows
    idents = [row["ident"] for row in rows]
    changes = dicts(
        connection.execute(
            f"SELECT * FROM {rows_in(source.changes)} WHERE ident BETWEEN ? AND ? "
            f"AND ident IN {sql.texts(idents)}",
            [min(idents), max(idents)],
        )
    )
    known = {row["ident"]: row for row in changes}
    return [{**known.get(row["ident"], {}), **row} for row in rows]


def _total(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    condition: Condition,
    asked: Asked,
    sheet: Sheet,
) -> tuple[int, bool]:
    """How many rows there are; whether there are even more than that."""
    counts = sheet.tables.get(asked.table)
    if counts is not None and not asked.is_narrowed:
        known = {What(name): getattr(counts, name) for name in _COUNTED}
        if asked.what in known:
            return known[asked.what], False
    counted = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {rows_in(path)} WHERE {condition.sql} "
        f"LIMIT {MOST_COUNTED + 1})",
        list(condition.values),
    ).fetchall()
    total = int(counted[0][0])
    return min(total, MOST_COUNTED), total > MOST_COUNTED
