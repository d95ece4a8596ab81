"""The rows that pass, as Canvas reads them: exact status words, its own roles in small letters.

A date that cannot be read becomes `AS_BEFORE`: when the row is compared, it takes the baseline's date.
"""

from collections.abc import Iterator

from rosterway.formats.canvas_csv.table import Kind, Table
from rosterway.rostering import sql
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.row_rules import role_as_read, status_as_read
from rosterway.rostering.dates import instant

#: Stands for "whatever it was before" in a cell of an accepted row.
AS_BEFORE = chr(26)

#: Findings that say a column's cells cannot be taken as they stand.
_UNREAD = {
    Kind.STATUS: ("status-case", "status-inexact", "status-capital", "status-ignored"),
    Kind.DATE: ("date-unreadable", "date-impossible"),
}


def accept(hits: Hits, table: Table, columns: tuple[str, ...], view: str) -> None:
    """Make `view` of the rows that go: the table's columns, `_file` and `_row`."""
    picked = [*_cells(hits, table, columns), "_file", "_row"]
    hits.connection.execute(f"CREATE TEMP VIEW {view} AS {hits.going(table.name, picked)}")


def _cells(hits: Hits, table: Table, columns: tuple[str, ...]) -> Iterator[str]:
    for name in columns:
        column = table.by_name[name]
        cell = sql.name(name)
        if column.kind is Kind.ROLE and _has_odd_roles(hits, table, cell):
            yield f"{role_as_read(cell)} AS {cell}"
        elif column.kind in _UNREAD and _was_found(hits, table, name, _UNREAD[column.kind]):
            if column.kind is Kind.STATUS:
                yield f"{status_as_read(table, cell)} AS {cell}"
            else:
                unread = f"{cell} IS NOT NULL AND {cell} <> '<delete>' AND {instant(cell)} IS NULL"
                yield f"CASE WHEN {unread} THEN {sql.text(AS_BEFORE)} ELSE {cell} END AS {cell}"
        else:
            yield cell


def _was_found(hits: Hits, table: Table, column: str, codes: tuple[str, ...]) -> bool:
    hits.findings.flush()
    found = hits.connection.execute(
        f"SELECT 1 FROM {hits.findings.table} WHERE tbl = ? AND col = ? "
        f"AND code IN {sql.texts(codes)} LIMIT 1",
        [table.name, column],
    )
    return found.fetchone() is not None


def _has_odd_roles(hits: Hits, table: Table, cell: str) -> bool:
    found = hits.connection.execute(
        f"SELECT 1 FROM (SELECT DISTINCT {cell} FROM {sql.name(hits.staged.view(table.name))}) "
        f"WHERE {cell} <> {role_as_read(cell)} LIMIT 1"
    )
    return found.fetchone() is not None
