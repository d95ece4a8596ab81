"""Tallies: how many rows live, go and come in every scope of a table.

A scope is a table, a term, a role, a school (an account with all below it), any combination of
these, or a class. Counting happens once by (account, term, role) in DuckDB; the wider scopes are
sums of those.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.keys import cell_of
from rosterway.rostering.limits import Scope
from rosterway.rostering.places import place_of, running
from rosterway.rostering.roster import Roster


@dataclass(frozen=True, slots=True)
class Where:
    """A scope of one table; all None is the table itself."""

    school: str | None = None
    term: str | None = None
    role: str | None = None
    klass: str | None = None

    @property
    def kind(self) -> Scope:
        """Which limit of removals applies."""
        given = [name for name in ("school", "term", "role") if getattr(self, name) is not None]
        if not given:
            return Scope.TABLE
        return Scope(given[0]) if len(given) == 1 else Scope.COMBINED

    @property
    def names(self) -> Mapping[Scope, str]:
        """The names by which a limit of removals may be given."""
        parts = {Scope.SCHOOL: self.school, Scope.TERM: self.term, Scope.ROLE: self.role}
        return {scope: name for scope, name in parts.items() if name is not None}

    def as_dict(self) -> dict[str, str]:
        """The parts that apply, as a hold names them."""
        klass = None if self.klass is None else self.klass.lstrip(chr(31))  # a course's stand-in
        parts = {"school": self.school, "term": self.term, "role": self.role, "class": klass}
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(slots=True)
class Tally:
    """Counts of rows: live before, removed net of moves, removed at all, gaining access."""

    live: int = 0
    removed: int = 0
    left: int = 0
    added: int = 0

    @property
    def remaining(self) -> int:
        """How many will have access."""
        return self.live - self.left + self.added


@dataclass(frozen=True, slots=True)
class TableTally:
    """One table's tallies: `wide` by scope, `classes` those that lose anybody, moves aside."""

    table: str
    wide: Mapping[Where, Tally]
    classes: Mapping[Where, Tally] = field(default_factory=dict[Where, Tally])


def tally(
    connection: duckdb.DuckDBPyConnection,
    table: Compared,
    baseline: Roster,
    parents: Mapping[str, str | None],
    *,
    now: datetime,
) -> TableTally:
    """Count one table. Needs the scope tables, `removals` and `additions`."""
    name = table.table.name
    cells: dict[tuple[str | None, str | None, str | None], Tally] = defaultdict(Tally)
    removed = connection.execute(
        "SELECT account_id, term_id, role, count(*) FILTER (NOT moved), count(*) "
        "FROM removals WHERE tbl = ? AND how <> 'elsewhere' GROUP BY ALL",
        [name],
    ).fetchall()
    if not removed:
        return TableTally(name, {})
    for account, term, role, net, every in removed:
        cells[account, term, role].removed += net
        cells[account, term, role].left += every
    if baseline.has(name):
        for account, term, role, live in connection.execute(_live(table, baseline, now)).fetchall():
            cells[account, term, role].live += live
    if name == "enrollments":
        for account, term, role, added in connection.execute(
            "SELECT account_id, term_id, role, count(*) FROM additions GROUP BY ALL"
        ).fetchall():
            cells[account, term, role].added += added
    classes = _classes(connection) if name == "enrollments" and baseline.has(name) else {}
    return TableTally(name, _rolled_up(cells, parents), classes)


def _live(table: Compared, baseline: Roster, now: datetime) -> str:
    """A query for live rows by account, term and role."""
    name = table.table.name
    row = cell_of("b")
    place = place_of(table.table, table.before, row)
    access = "true"
    if "status" in table.before and table.table.statuses:
        access = f"coalesce(b.status IN {sql.texts(table.table.access_words)}, true)"
    if name != "enrollments":
        return (
            f"SELECT {place.account}, s.term_id, {place.role}, count(*) "
            f"FROM {baseline.view(name)} b {place.join} WHERE {access} AND {running(now)} "
            "GROUP BY ALL"
        )
    return (
        "SELECT s.account_id, s.term_id, l.role, sum(l.n)::BIGINT FROM live_classes l "
        f"LEFT JOIN scope_classes s ON s.class = l.class WHERE {running(now)} GROUP BY ALL"
    )


def _classes(connection: duckdb.DuckDBPyConnection) -> dict[Where, Tally]:
    """Classes that lose anybody: who moves within the school does not count."""
    rows = connection.execute(
        "WITH gone AS (SELECT class, any_value(account_id) AS account_id, "
        "any_value(term_id) AS term_id, count(*) FILTER (NOT moved_near) AS net, count(*) AS n "
        "FROM removals WHERE tbl = 'enrollments' AND how NOT IN ('unknown', 'elsewhere') AND class IS NOT NULL "
        "GROUP BY class HAVING net > 0), "
        "live AS (SELECT class, sum(n)::BIGINT AS n FROM live_classes GROUP BY class) "
        "SELECT gone.class, account_id, term_id, coalesce(live.n, 0), net, gone.n "
        "FROM gone LEFT JOIN live ON live.class = gone.class"
    ).fetchall()
    return {
        Where(school=account, term=term, klass=klass): Tally(live, net, every)
        for klass, account, term, live, net, every in rows
    }


def _rolled_up(
    cells: Mapping[tuple[str | None, str | None, str | None], Tally],
    parents: Mapping[str, str | None],
) -> dict[Where, Tally]:
    sums: dict[Where, Tally] = defaultdict(Tally)
    for (account, term, role), cell in cells.items():
        schools = [None, *accounts_above(account, parents)]
        for where in _scopes(schools, [None, term], [None, role]):
            total = sums[where]
            total.live += cell.live
            total.removed += cell.removed
            total.left += cell.left
            total.added += cell.added
    return dict(sums)


def _scopes(
    schools: Iterable[str | None], terms: Iterable[str | None], roles: Iterable[str | None]
) -> Iterator[Where]:
    chosen = {Where(school, term, role) for school, term, role in product(schools, terms, roles)}
    return iter(chosen)


def accounts_above(account: str | None, parents: Mapping[str, str | None]) -> list[str]:
    """The account and every account above it, below the root."""
    chain: list[str] = []
    while account is not None and account not in chain:
        chain.append(account)
        account = parents.get(account)
    return chain
