"""The next baseline: what Canvas holds after a plan, as far as it confirmed it.

Confirmed changes are played onto the old baseline. Refused and unconfirmed rows keep their old row,
and what was wanted of them is kept as *pending*, with the reason. A removal that was confirmed
takes along what Canvas removes because of it. Rows that vanished without access, in terms that are
over, are forgotten; so are those that another feed holds (`vanished.LET_GO`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.rostering import sql
from rosterway.rostering.keys import ident
from rosterway.rostering.outcomes import RowOutcome
from rosterway.rostering.roster import Roster
from rosterway.rostering.vanished import LET_GO

_DONE = f"outcome IN {sql.texts((RowOutcome.APPLIED, RowOutcome.PARTLY))}"


@dataclass(frozen=True, slots=True)
class Kept:
    """What a plan left behind to be confirmed, as Parquet the calculator can see.

    `changes` are the compared tables' changes, `orders` the sent rows of tables never compared,
    each with the table's `columns`; `removals` is the plan's table of removals.
    """

    changes: Mapping[str, str]
    orders: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    removals: str | None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table to be: its columns, and a query for them in order."""

    columns: tuple[str, ...]
    query: str


def find_gone(connection: duckdb.DuckDBPyConnection, kept: Kept) -> None:
    """Make `gone` (tbl, ident): rows that Canvas removed by itself, their cause being confirmed.

    Needs `outcomes`.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE gone (tbl VARCHAR, ident VARCHAR)")
    confirmed = _causes(_DONE)
    if kept.removals is not None:
        connection.execute(
            "INSERT INTO gone SELECT r.tbl, r.ident "
            f"FROM read_parquet({sql.text(kept.removals)}) r "
            f"JOIN {confirmed} ON c.cause = r.cause WHERE r.how = 'consequence'"
        )
    for name, path in kept.changes.items():
        connection.execute(
            f"INSERT INTO gone SELECT {sql.text(name)}, v.ident "
            f"FROM read_parquet({sql.text(path)}) v JOIN {confirmed} ON c.cause = v.carried"
        )


def next_baseline(baseline: Roster, kept: Kept) -> dict[str, Rows]:
    """The tables of the next baseline, by key. Needs `outcomes` and `gone`."""
    tables: dict[str, Rows] = {}
    for name in in_order({*baseline.tables, *kept.changes, *kept.orders}):
        if name in kept.changes:
            tables[name] = _compared(name, baseline, kept)
        elif name in kept.orders:
            tables[name] = _orders(name, baseline, kept)
        else:
            columns = baseline.columns(name)
            key = ident(BY_NAME[name], columns)
            tables[name] = Rows(columns, f"SELECT * FROM {baseline.view(name)} ORDER BY {key}")
    return tables


def pending(kept: Kept) -> dict[str, Rows]:
    """Wanted rows that Canvas has not confirmed: as they should be, and why they are not.

    Beside the table's columns: `ident`, `kind`, `target` (what a vanished row was to become),
    `outcome`, `reason`. What Canvas removes with something unconfirmed is unconfirmed, too. Needs
    `outcomes`.
    """
    waiting: dict[str, Rows] = {}
    unsure = sql.text(RowOutcome.UNCONFIRMED)
    for name, path in kept.changes.items():
        columns = kept.columns[name]
        wanted = _cells("v.e_", columns)
        waiting[name] = Rows(
            columns,
            f"SELECT {wanted}, v.ident, v.kind, v.target, o.outcome, o.reason "
            f"FROM {_with_outcome(name, path)} WHERE NOT ({_DONE}) UNION ALL "
            f"SELECT {wanted}, v.ident, v.kind, v.target, c.outcome, c.reason "
            f"FROM read_parquet({sql.text(path)}) v JOIN {_causes('outcome = ' + unsure)} "
            "ON c.cause = v.carried ORDER BY ident",
        )
    return waiting


def _compared(name: str, baseline: Roster, kept: Kept) -> Rows:
    """What was there and was not touched, what was confirmed, and what has vanished and stays."""
    path = kept.changes[name]
    columns = kept.columns[name]
    before = baseline.columns(name)
    changes = _with_outcome(name, path)
    applied = f"SELECT {_cells('v.e_', columns)} FROM {changes} WHERE {_DONE} AND kind <> 'vanish'"
    parts = [applied]
    if before:
        key = ident(BY_NAME[name], before, lambda column: f"b.{sql.name(column)}")
        touched = (
            f"SELECT v.ident FROM {changes} WHERE {_DONE} "
            f"UNION ALL SELECT ident FROM gone WHERE tbl = {sql.text(name)} "
            f"UNION ALL SELECT ident FROM read_parquet({sql.text(path)}) "
            f"WHERE spared IN {sql.texts(LET_GO)}"
        )
        untouched = ", ".join(
            f"b.{sql.name(column)}" if column in before else f"NULL AS {sql.name(column)}"
            for column in columns
        )
        parts.append(
            f"SELECT {untouched} FROM {baseline.view(name)} b "
            f"ANTI JOIN ({touched}) t ON t.ident = {key}"
        )
        if "status" in before:
            parts.append(
                f"SELECT {_cells('v.o_', columns, status='v.target')} FROM {changes} "
                f"WHERE {_DONE} AND kind = 'vanish' AND target <> 'deleted'"
            )
    return Rows(
        columns,
        f"SELECT * FROM ({' UNION ALL BY NAME '.join(parts)}) ORDER BY {ident(BY_NAME[name], columns)}",
    )


def _orders(name: str, baseline: Roster, kept: Kept) -> Rows:
    """Orders that Canvas carried out, with those it carried out before: none is given twice."""
    columns = kept.columns[name]
    done = f"SELECT {_cells('v.', columns)} FROM {_with_outcome(name, kept.orders[name])} WHERE {_DONE}"
    before = baseline.columns(name)
    if before:
        known = ", ".join(sql.name(column) for column in before)
        done += f" UNION ALL BY NAME SELECT {known} FROM {baseline.view(name)}"
    every = tuple(dict.fromkeys([*columns, *before]))
    return Rows(every, f"SELECT DISTINCT * FROM ({done}) ORDER BY ALL")


def _causes(condition: str) -> str:
    """SQL for a table `c` of rows whose removal takes others along (cause, outcome, reason).

    A removal's cause reads `section S1`, `course C1`, `user U1`.
    """
    return (
        "(SELECT rtrim(tbl, 's') || ' ' || ident AS cause, outcome, reason FROM outcomes "
        f"WHERE {condition} AND tbl IN ('sections', 'courses', 'users')) c"
    )


def _with_outcome(name: str, path: str) -> str:
    return (
        f"read_parquet({sql.text(path)}) v JOIN outcomes o "
        f"ON o.tbl = {sql.text(name)} AND o.ident = v.ident"
    )


def _cells(prefix: str, columns: tuple[str, ...], *, status: str | None = None) -> str:
    def cell(column: str) -> str:
        if column == "status" and status is not None:
            return status
        if prefix.endswith("_"):
            return prefix[:-2] + sql.name(prefix[-2:] + column)
        return prefix + sql.name(column)

    return ", ".join(f"{cell(column)} AS {sql.name(column)}" for column in columns)
