"""From two rosters to a decision: compare, judge what vanished, count removals, ask the guards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import duckdb

from rosterway.rostering.check import Checked
from rosterway.rostering.compare import Compared, compare
from rosterway.rostering.drift import Headers, find_drifts
from rosterway.rostering.forecast import Forecast, When, make_forecast
from rosterway.rostering.grace import Waits, let_wait
from rosterway.rostering.guards import Circumstances, Losses, ask_guards
from rosterway.rostering.holds import Hold
from rosterway.rostering.limits import Limits
from rosterway.rostering.plan import TableCounts, counts_of
from rosterway.rostering.policy import Policy
from rosterway.rostering.removals import find_removals
from rosterway.rostering.rollover import is_rollover
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.rostering.scopes import build_scopes, school_names, school_parents
from rosterway.rostering.tally import tally
from rosterway.rostering.twins import find_twins
from rosterway.rostering.vanished import judge_vanished


class Apply(StrEnum):
    """How a feed's folder means its files."""

    DIFFING = "diffing"  # the files are the whole truth: a missing record is acted on
    IMPORTS = "imports"  # the files say what they say: absence means nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a decision depends on beside the rosters.

    `after` says what makes the first run afterwards careful, `unproven` why a pull is incomplete;
    `elsewhere` holds what the account's other feeds have confirmed, `pending` what Canvas has not
    confirmed of this one (`advance.pending`). `headers` says which columns always came; None: those
    of the baseline. `missing` says since when rows are missing (`grace.still_missing`).
    """

    now: datetime
    apply: Apply = Apply.DIFFING
    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)
    first_load_intended: bool = False
    after: str | None = None
    unproven: str | None = None
    elsewhere: Roster = NOTHING
    pending: Roster = NOTHING
    headers: Headers | None = None
    missing: Roster = NOTHING


@dataclass(frozen=True, slots=True)
class Decided:
    """The balance sheet and the reasons to wait. The changes stay in the calculator."""

    compared: Mapping[str, Compared]
    tables: Mapping[str, TableCounts]
    removals: Mapping[str, int]
    holds: list[Hold]
    waits: Mapping[str, Waits] = field(default_factory=dict[str, Waits])
    forecast: Forecast = field(default_factory=dict[When, int])


def decide_changes(
    connection: duckdb.DuckDBPyConnection,
    baseline: Roster,
    checked: Checked,
    asked: Asked,
) -> Decided:
    """Compare and judge. Leaves each table's changes, `removals`, `forecast` and the scope tables behind."""
    absence_counts = asked.apply is Apply.DIFFING and asked.unproven is None
    compared = compare(connection, baseline, checked, asked.pending)
    build_scopes(connection, baseline, checked.roster)
    compared = judge_vanished(
        connection,
        compared,
        asked.policy,
        absence_counts=absence_counts,
        is_proven=asked.unproven is None,
        now=asked.now,
        baseline=baseline,
        elsewhere=asked.elsewhere,
    )
    waits = let_wait(connection, compared, asked.policy, now=asked.now, missing=asked.missing)
    find_removals(connection, compared, baseline, now=asked.now, elsewhere=asked.elsewhere)
    parents = school_parents(connection, baseline, checked.roster)
    losses = _losses(connection, compared, baseline, parents, asked)
    after = asked.after
    if after is None and is_rollover(connection, baseline, checked.roster):
        after = "a rollover to new terms"
    facts = Circumstances(
        has_baseline=bool(baseline.tables),
        absence_counts=absence_counts,
        first_load_intended=asked.first_load_intended,
        after=after,
        unproven=asked.unproven,
        school_names=school_names(connection, baseline, checked.roster),
        parents=parents,
        headers=asked.headers,
    )
    holds = ask_guards(compared, losses, asked.limits, facts)
    return Decided(
        compared,
        {name: counts_of(table, _acted_on(connection, table)) for name, table in compared.items()},
        {name: losses.removals(name) for name in compared},
        holds,
        waits,
        make_forecast(connection, compared, asked.policy, now=asked.now, missing=asked.missing),
    )


def _losses(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    parents: Mapping[str, str | None],
    asked: Asked,
) -> Losses:
    hit = {name for (name,) in connection.execute("SELECT DISTINCT tbl FROM removals").fetchall()}
    tallies = {
        name: tally(connection, table, baseline, parents, now=asked.now)
        for name, table in compared.items()
        if name in hit
    }
    listed = connection.execute(
        "SELECT tbl, cause, count(*) FROM removals WHERE listed "
        "AND (how = 'elsewhere' OR NOT starts_with(cause, 'user ')) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    limits = asked.limits
    return Losses(
        tallies,
        {(table, cause): count for table, cause, count in listed},
        find_twins(connection, compared.get("enrollments"), baseline, limits.twin_class),
        find_drifts(connection, compared, limits.drift),
    )


def _acted_on(connection: duckdb.DuckDBPyConnection, table: Compared) -> int:
    if not table.vanished or not table.is_joined:
        return 0
    (count,) = connection.execute(
        f"SELECT count(*) FROM {table.changes} WHERE kind = 'vanish' AND target IS NOT NULL"
    ).fetchall()[0]
    return count
