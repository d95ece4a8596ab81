"""Forecast: who loses access by a plan, and when.

Not all of it goes at once: a vanished row may wait for its grace, a row may say that it ends on a
day to come, and what is left alone as its term closes ends with the term. `forecast` is a DuckDB
table with a row for each: `tbl`, `words`, `person`, `class`, `lost` (`When`), `day` (NULL where it is
not known) and `runs` (how many more runs it waits, where that is what is counted). Who moves loses
nothing. Where the baseline lacks a table there is nothing to lose.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.access import DATED, had_access
from rosterway.rostering.compare import Compared
from rosterway.rostering.dates import instant
from rosterway.rostering.grace import left
from rosterway.rostering.keys import cell_of
from rosterway.rostering.places import moment, place_of
from rosterway.rostering.policy import OF_A_TERM, Grace, Policy, Unit
from rosterway.rostering.roster import NOTHING, Roster


class When(StrEnum):
    """When somebody loses access."""

    NOW = "now"  # with this plan
    GRACE = "grace"  # when a vanished row has waited for long enough
    END_DATE = "end-date"  # on the day the row itself says
    TERM_END = "term-end"  # with the term, a vanished row being left alone as it closes


#: Forecasts by when, those that have any.
Forecast = Mapping[When, int]


def make_forecast(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    policy: Policy,
    *,
    now: datetime,
    missing: Roster = NOTHING,
) -> Forecast:
    """Make the table `forecast`; its counts. Needs `removals` and the scope tables."""
    connection.execute(
        "CREATE TEMP TABLE forecast AS SELECT tbl, words, person, class, "
        f"{sql.text(When.NOW)} AS lost, {moment(now)}::DATE AS day, NULL::BIGINT AS runs "
        "FROM removals WHERE NOT moved"
    )
    for table in compared.values():
        if table.is_joined:
            for query in _later(table, policy, now, missing):
                connection.execute(f"INSERT INTO forecast {query}")
    counts = dict(
        connection.execute("SELECT lost, count(*) FROM forecast GROUP BY lost").fetchall()
    )
    return {when: counts[when] for when in When if when in counts}


def _later(table: Compared, policy: Policy, now: datetime, missing: Roster) -> list[str]:
    """Queries for what a table loses later."""
    name = table.table.name
    queries: list[str] = []
    grace = policy.grace_of(name)
    if table.vanished and grace is not None:
        day, runs = _end_of(table, grace, now, missing)
        where = f"spared = 'grace' AND {had_access(table)}"
        queries.append(_rows(table, When.GRACE, day, runs, where))
    if table.vanished and name in OF_A_TERM:
        where = f"spared = 'term' AND {had_access(table)} AND s.ends > {moment(now)}"
        queries.append(_rows(table, When.TERM_END, "s.ends::DATE", "NULL", where))
    if name in DATED and "end_date" in table.sent and (table.created or table.updated):
        new = instant("e_end_date")
        access = "true"
        if "status" in table.sent and table.table.statuses:
            access = f"coalesce(e_status IN {sql.texts(table.table.access_words)}, true)"
        where = (
            f"kind <> 'vanish' AND e_end_date IS DISTINCT FROM o_end_date "
            f"AND {new} > {moment(now)} AND {access}"
        )
        queries.append(_rows(table, When.END_DATE, f"{new}::DATE", "NULL", where))
    return queries


def _end_of(table: Compared, grace: Grace, now: datetime, missing: Roster) -> tuple[str, str]:
    """SQL for the day, or the number of runs, after which a row that waits is acted on."""
    more = left(table, missing, grace, now)
    if grace.unit is Unit.RUNS:
        return "NULL", more
    return f"(DATE {sql.text(now.date().isoformat())} + ({more})::INTEGER)", "NULL"


def _rows(table: Compared, when: When, day: str, runs: str, where: str) -> str:
    place = place_of(
        table.table,
        table.columns,
        lambda column: f"coalesce({cell_of('v', 'o_')(column)}, {cell_of('v', 'n_')(column)})",
    )
    return (
        f"SELECT {sql.text(table.table.name)}, words, {place.person}, {place.klass}, "
        f"{sql.text(when)}, {day}, {runs} FROM {table.changes} v {place.join} WHERE {where}"
    )
