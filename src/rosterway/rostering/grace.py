"""Grace: a vanished row may wait for some runs or days before anything becomes of it.

Since when a row is missing is remembered beside the baseline, so only by runs that went through;
who is listed again in between has never been missing. Days are counted by date (UTC), so that a run
a few minutes earlier than yesterday's does not wait a day longer. What is missing from a delivery
that may not remove anything (a table that did not come, an unproven pull) goes on waiting, and such
a run is not counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.policy import Grace, Policy, Unit
from rosterway.rostering.roster import NOTHING, Roster

#: What is remembered of a missing row: its key, the day it was first missed, the runs since.
COLUMNS = ("ident", "since", "runs")

#: Spared rows that go on waiting, though this run is not counted.
_UNJUDGED = ("absent", "unsure", "folder")


@dataclass(frozen=True, slots=True)
class Waits:
    """Rows of a table that wait, how long the first of them still does, and of what."""

    rows: int
    first: int
    grace: Grace

    def as_dict(self) -> dict[str, object]:
        """As the command line's JSON has it."""
        return {"rows": self.rows, "first": self.first, "unit": self.grace.unit.value}


def let_wait(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    policy: Policy,
    *,
    now: datetime,
    missing: Roster = NOTHING,
) -> Mapping[str, Waits]:
    """Spare (`grace`) the judged vanished rows whose time has not come; returns what waits.

    `missing` is what was remembered of the tables.
    """
    waiting: dict[str, Waits] = {}
    for table, grace in _graced(compared, policy):
        if not table.is_joined:
            continue
        more = left(table, missing, grace, now)
        connection.execute(
            f"UPDATE {table.changes} AS v SET target = NULL, spared = 'grace' "
            f"WHERE kind = 'vanish' AND target IS NOT NULL AND {more} > 0"
        )
        rows, first = connection.execute(
            f"SELECT count(*), min({more}) FROM {table.changes} v WHERE spared = 'grace'"
        ).fetchall()[0]
        if rows:
            waiting[table.table.name] = Waits(rows, first, grace)
    return waiting


def still_missing(
    compared: Mapping[str, Compared], policy: Policy, *, now: datetime, missing: Roster
) -> Mapping[str, str]:
    """What is to be remembered once this run went through: table -> a query for `COLUMNS`.

    A row that is acted on is remembered as well: should Canvas refuse it, it need not wait again.
    """
    queries: dict[str, str] = {}
    for table, _ in _graced(compared, policy):
        name = table.table.name
        known = missing.view(name) if missing.has(name) else _NONE
        queries[name] = (
            f"SELECT v.ident, coalesce(m.since, {_day(now)}) AS since, "
            f"coalesce(m.runs, 0) + 1 AS runs FROM {table.changes} v "
            f"LEFT JOIN {known} m ON m.ident = v.ident "
            "WHERE v.kind = 'vanish' AND (v.target IS NOT NULL OR v.spared = 'grace') "
            f"UNION ALL SELECT m.ident, m.since, m.runs FROM {table.changes} v "
            f"JOIN {known} m ON m.ident = v.ident "
            f"WHERE v.kind = 'vanish' AND v.spared IN {sql.texts(_UNJUDGED)} ORDER BY ident"
        )
    return queries


_NONE = "(SELECT NULL::VARCHAR AS ident, NULL::DATE AS since, NULL::BIGINT AS runs WHERE false)"


def _graced(compared: Mapping[str, Compared], policy: Policy) -> Iterator[tuple[Compared, Grace]]:
    for name, table in compared.items():
        grace = policy.grace_of(name)
        if grace is not None and table.vanished:
            yield table, grace


def left(table: Compared, missing: Roster, grace: Grace, now: datetime) -> str:
    """SQL for how many runs or days more a vanished row `v` waits."""
    name = table.table.name
    if not missing.has(name):
        return str(grace.count)
    past = "m.runs" if grace.unit is Unit.RUNS else f"{_day(now)} - m.since"
    return (
        f"{grace.count} - coalesce((SELECT any_value({past}) FROM {missing.view(name)} m "
        "WHERE m.ident = v.ident), 0)"
    )


def _day(now: datetime) -> str:
    return f"DATE {sql.text(now.date().isoformat())}"
