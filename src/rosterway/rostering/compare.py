"""Compare: a full join by key of the baseline and the delivery, one table at a time.

Every row that differs becomes one row of the table's *changes*: `kind` is `create`, `update` or
`vanish`; `o_…` is what Canvas holds, `n_…` what would be sent, `e_…` what Canvas would hold then.
The last two differ where Canvas keeps a value for a blank cell. `ident` is the row's whole key,
`words` names the row for a person. What a vanished row means
(`target`, `spared`) is decided in `vanished`, whether Canvas removes it by itself (`carried`) in
`removals`, whether all this is safe in `guards`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from rosterway.formats.canvas_csv.table import Column, Kind, Table, Without
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.rostering import sql
from rosterway.rostering.check import Checked
from rosterway.rostering.check.accept import AS_BEFORE
from rosterway.rostering.check.row_rules import role_as_read
from rosterway.rostering.keys import (
    Cell,
    cell_of,
    ident,
    key_words,
    lone_key_columns,
    same_key,
    without_fallbacks,
)
from rosterway.rostering.roster import NOTHING, Roster


@dataclass(frozen=True, slots=True)
class Compared:
    """One table, compared. `changes` is the quoted name of its DuckDB table.

    `before` and `sent` are the columns the baseline and the delivery have. `unsure` says why a row
    may be missing from the delivery without having vanished: then the table removes nothing.
    """

    table: Table
    changes: str
    before: tuple[str, ...]
    sent: tuple[str, ...]
    rows_before: int
    rows: int
    created: int
    updated: int
    vanished: int
    unsure: str | None = None

    @property
    def is_joined(self) -> bool:
        """Whether both sides have the table."""
        return bool(self.before and self.sent)

    @property
    def unchanged(self) -> int:
        """Rows that Canvas has just so."""
        return self.rows - self.created - self.updated

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns either side has, in the table's order."""
        either = {*self.before, *self.sent}
        return tuple(column.name for column in self.table.columns if column.name in either)


def compare(
    connection: duckdb.DuckDBPyConnection,
    baseline: Roster,
    checked: Checked,
    pending: Roster = NOTHING,
) -> Mapping[str, Compared]:
    """Compare every table that either side has, in Canvas's processing order.

    A row that is *unconfirmed* in `pending` (`advance.pending`) is an update even where it says what
    the baseline does: nobody knows what Canvas has of it.
    """
    current = checked.roster
    staged = checked.staged.tables
    names = in_order({*baseline.tables, *current.tables, *staged})
    compared: dict[str, Compared] = {}
    for name in names:
        table = BY_NAME[name]
        if table.compared and (baseline.columns(name) or current.columns(name)):
            compared[name] = _compare(connection, table, baseline, checked, pending)
    return compared


def _compare(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    baseline: Roster,
    checked: Checked,
    pending: Roster,
) -> Compared:
    current = checked.roster
    before, sent = baseline.columns(table.name), current.columns(table.name)
    changes = sql.name(f"changes_{table.name}")
    rows_before = _count(connection, baseline.view(table.name)) if before else 0
    rows = _count(connection, current.view(table.name)) if sent else 0
    # With one side only, every row is a change, and there is nothing to join: look, don't copy.
    made = "TABLE" if before and sent else "VIEW"
    query = _differences(connection, table, baseline, current, pending)
    connection.execute(f"CREATE TEMP {made} {changes} AS {query}")
    if before and sent:
        _spare_stopped(connection, table, changes, before, checked)
        _spare_renamed(connection, table, changes, before, checked)
    kinds: dict[str, int] = dict(
        connection.execute(f"SELECT kind, count(*) FROM {changes} GROUP BY kind").fetchall()
    )
    return Compared(
        table,
        changes,
        before,
        sent,
        rows_before,
        rows,
        kinds.get("create", 0),
        kinds.get("update", 0),
        kinds.get("vanish", 0),
        _unsure(connection, table, checked),
    )


def _differences(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    baseline: Roster,
    current: Roster,
    pending: Roster,
) -> str:
    """A query for the table's changes."""
    before, sent = baseline.columns(table.name), current.columns(table.name)
    both = [column for column in table.columns if column.name in before or column.name in sent]
    olds = [f"{_old(column, before)} AS {sql.name('o_' + column.name)}" for column in both]
    news = [f"{_new(column, before, sent)} AS {sql.name('n_' + column.name)}" for column in both]
    then = [f"{_then(column, before, sent)} AS {sql.name('e_' + column.name)}" for column in both]
    cells = ", ".join([*olds, *news, *then])
    old_row, new_row = cell_of("b"), cell_of("c")
    if not sent:
        return (
            f"SELECT 'vanish' AS kind, NULL::INTEGER AS _file, NULL::BIGINT AS _row, "
            f"{_names(table, before, old_row)}, NULL::VARCHAR AS target, 'absent' AS spared, NULL::VARCHAR AS carried, "
            f"{cells} FROM {baseline.view(table.name)} b"
        )
    if not before:
        return (
            f"SELECT 'create' AS kind, c._file, c._row, {_names(table, sent, new_row)}, "
            f"NULL::VARCHAR AS target, NULL::VARCHAR AS spared, NULL::VARCHAR AS carried, {cells} "
            f"FROM {current.view(table.name)} c"
        )
    old_key = without_fallbacks(connection, table, before, baseline.view(table.name))
    new_key = without_fallbacks(connection, table, sent, current.view(table.name))
    same = same_key(table, old_key, old_row, new_key, new_row)
    settled = lone_key_columns(table, old_key, new_key)
    differ = " OR ".join(
        f"{_comparable(column, _then(column, before, sent), sent)} IS DISTINCT FROM "
        f"{_old(column, before)}"
        for column in both
        if column.name not in settled
    )
    if pending.has(table.name):
        doubtful = f"SELECT ident FROM {pending.view(table.name)} WHERE outcome = 'unconfirmed'"
        differ = f"{differ or 'false'} OR {ident(table, sent, new_row)} IN ({doubtful})"
    return (
        "SELECT CASE WHEN b._there IS NULL THEN 'create' WHEN c._row IS NULL THEN 'vanish' "
        "ELSE 'update' END AS kind, c._file, c._row, "
        f"CASE WHEN c._row IS NULL THEN {ident(table, before, old_row)} "
        f"ELSE {ident(table, sent, new_row)} END AS ident, "
        f"CASE WHEN c._row IS NULL THEN {key_words(table, before, old_row)} "
        f"ELSE {key_words(table, sent, new_row)} END AS words, "
        f"NULL::VARCHAR AS target, NULL::VARCHAR AS spared, NULL::VARCHAR AS carried, {cells} "
        f"FROM (SELECT *, true AS _there FROM {baseline.view(table.name)}) b "
        f"FULL JOIN {current.view(table.name)} c ON {same} "
        f"WHERE b._there IS NULL OR c._row IS NULL OR {differ or 'false'}"
    )


def _names(table: Table, columns: tuple[str, ...], row: Cell) -> str:
    return f"{ident(table, columns, row)} AS ident, {key_words(table, columns, row)} AS words"


def _old(column: Column, before: tuple[str, ...]) -> str:
    return f"b.{sql.name(column.name)}" if column.name in before else "NULL::VARCHAR"


def _new(column: Column, before: tuple[str, ...], sent: tuple[str, ...]) -> str:
    """The cell that would be sent: blank where that keeps what Canvas has."""
    if column.name not in sent:
        return "NULL::VARCHAR"
    cell = f"c.{sql.name(column.name)}"
    if column.kind is Kind.DATE:
        return (
            f"CASE WHEN {cell} = {sql.text(AS_BEFORE)} THEN {_old(column, before)} ELSE {cell} END"
        )
    return cell


def _then(column: Column, before: tuple[str, ...], sent: tuple[str, ...]) -> str:
    """What Canvas would hold once the row is applied."""
    old = _old(column, before)
    if column.name not in sent:
        return old if column.omitted is Without.KEEPS else "NULL::VARCHAR"
    new = _new(column, before, sent)
    if column.delete_word:
        new = f"CASE WHEN {new} = '<delete>' THEN NULL ELSE coalesce({new}, {{}}) END"
        return new.format(old if column.blank is Without.KEEPS else "NULL")
    return f"coalesce({new}, {old})" if column.blank is Without.KEEPS else new


def _comparable(column: Column, value: str, sent: tuple[str, ...]) -> str:
    """A secret is remembered as its fingerprint only."""
    if column.kind is Kind.SECRET and column.name in sent:
        cell = f"c.{sql.name(column.name)}"
        return f"CASE WHEN {cell} IS NULL THEN {value} ELSE sha256({cell}) END"
    return value


def _spare_stopped(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    changes: str,
    before: tuple[str, ...],
    checked: Checked,
) -> None:
    """A row that was stopped is in the delivery: it has not vanished."""
    if not checked.staged.has_rows(table.name):
        return  # all its rows are wanted still from an earlier delivery
    stopped = (
        f"SELECT s.* FROM {sql.name(checked.staged.view(table.name))} s JOIN {checked.stopped} t "
        f"ON t._file = s._file AND t._row = s._row WHERE t.tbl = {sql.text(table.name)}"
    )
    if connection.execute(f"{stopped} LIMIT 1").fetchone() is None:
        return
    columns = checked.staged.tables[table.name].columns

    def as_read(column: str) -> str:
        cell = f"s.{sql.name(column)}"
        return role_as_read(cell) if table.by_name[column].kind is Kind.ROLE else cell

    same = same_key(table, columns, as_read, before, cell_of("v", "o_"))
    connection.execute(
        f"DELETE FROM {changes} AS v WHERE kind = 'vanish' "
        f"AND EXISTS (SELECT 1 FROM ({stopped}) s WHERE {same})"
    )


def _spare_renamed(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    changes: str,
    before: tuple[str, ...],
    checked: Checked,
) -> None:
    """What is in the delivery under a damaged id has not vanished, nor what speaks of it."""
    asked = f"SELECT 1 FROM {checked.renamed} LIMIT 1"
    if not checked.renamed or connection.execute(asked).fetchone() is None:
        return
    for column in table.columns:
        whose = column.refers.table if column.refers else table.name
        is_key = column.refers is not None or column.name == table.key[0].columns[0]
        if is_key and column.name in before:
            ids = f"SELECT id FROM {checked.renamed} WHERE tbl = {sql.text(whose)}"
            connection.execute(
                f"DELETE FROM {changes} WHERE kind = 'vanish' "
                f"AND {sql.name('o_' + column.name)} IN ({ids})"
            )


def _unsure(connection: duckdb.DuckDBPyConnection, table: Table, checked: Checked) -> str | None:
    """Why the delivery may lack rows of the table that have not vanished, or None."""
    staged = checked.staged.tables.get(table.name)
    if staged is None:
        return "missing"
    if any(file.is_zero_bytes for file in staged.files):
        return "zero-bytes"
    if not staged.is_whole:
        return "part"
    if staged.readable and _has_keyless(connection, table, checked):
        return "keyless"
    return None


def _has_keyless(connection: duckdb.DuckDBPyConnection, table: Table, checked: Checked) -> bool:
    """Whether a stopped row has no readable key: any baseline row might be meant."""
    columns = checked.staged.tables[table.name].columns
    empty = " OR ".join(
        " AND ".join(f"s.{sql.name(name)} IS NULL" for name in part.columns if name in columns)
        for part in table.key
        if not part.optional and any(name in columns for name in part.columns)
    )
    found = connection.execute(
        f"SELECT 1 FROM {sql.name(checked.staged.view(table.name))} s JOIN {checked.stopped} t "
        f"ON t._file = s._file AND t._row = s._row "
        f"WHERE t.tbl = {sql.text(table.name)} AND ({empty}) LIMIT 1"
    )
    return found.fetchone() is not None


def _count(connection: duckdb.DuckDBPyConnection, view: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {view}").fetchall()[0]
    return count
