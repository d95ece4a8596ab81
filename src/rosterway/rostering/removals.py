"""Removals: whatever takes access away, counted before anybody is asked (`safety.md`, "Removals").

`find_removals` makes one DuckDB table, `removals`: a row for each, with where it belongs. `how` is
`vanished`, `turned` (its own status or end date), `unknown` (a row that takes away something the
baseline does not know), or `consequence` (Canvas removes it because of another removal, its
`cause`; `listed` where the delivery still lists it; see `consequences`), or `elsewhere` (the same
of a row that another feed put there: it is held, and no part of this feed's counts). `moved` pairs
it with an addition of the same person elsewhere, one to one; `moved_near` says that the person has
such an addition in the same school at all. Pairing is `moves`' business.
"""

from collections.abc import Mapping
from datetime import datetime

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.access import had_access, takes_access
from rosterway.rostering.compare import Compared
from rosterway.rostering.consequences import add_consequences
from rosterway.rostering.keys import cell_of
from rosterway.rostering.moves import pair_moves
from rosterway.rostering.places import place_of, running
from rosterway.rostering.roster import NOTHING, Roster


def find_removals(
    connection: duckdb.DuckDBPyConnection,
    compared: Mapping[str, Compared],
    baseline: Roster,
    *,
    now: datetime,
    elsewhere: Roster = NOTHING,
) -> None:
    """Fill the table `removals`. Needs the scope tables and judged vanished rows.

    `elsewhere` is what other feeds have confirmed.
    """
    connection.execute(
        "CREATE TEMP TABLE found (tbl VARCHAR, how VARCHAR, ident VARCHAR, words VARCHAR, "
        "class VARCHAR, account_id VARCHAR, term_id VARCHAR, role VARCHAR, person VARCHAR, "
        "listed BOOLEAN, cause VARCHAR)"
    )
    for table in compared.values():
        _own(connection, table, now)
    add_consequences(connection, compared, baseline, elsewhere, now=now)
    enrollments = compared.get("enrollments")
    count_live_classes(connection, enrollments, baseline)
    pair_moves(connection, enrollments, now=now)


def count_live_classes(
    connection: duckdb.DuckDBPyConnection, table: Compared | None, baseline: Roster
) -> None:
    """Make `live_classes` (class, role, n): the baseline's enrollments that give access.

    Counted only where some go.
    """
    found = connection.execute("SELECT 1 FROM found WHERE tbl = 'enrollments' LIMIT 1")
    if table is None or not baseline.has("enrollments", "status") or found.fetchone() is None:
        connection.execute("CREATE TEMP TABLE live_classes (class VARCHAR, role VARCHAR, n BIGINT)")
        return
    place = place_of(table.table, table.before, cell_of("b"))
    access = sql.texts(table.table.access_words)
    connection.execute(
        f"CREATE TEMP TABLE live_classes AS SELECT {place.klass} AS class, {place.role} AS role, "
        f"count(*) AS n FROM {baseline.view('enrollments')} b "
        f"WHERE b.status IN {access} GROUP BY ALL"
    )


def _own(connection: duckdb.DuckDBPyConnection, table: Compared, now: datetime) -> None:
    """Removals that are changes of this very table."""
    if "status" not in table.columns or not table.table.statuses:
        return
    hows = {"update": "turned", "create": "unknown"}
    cases = [f"WHEN kind = 'vanish' AND target IS NOT NULL AND {had_access(table)} THEN 'vanished'"]
    cases += [
        f"WHEN kind = {sql.text(kind)} AND {taken} THEN {sql.text(hows[kind])}"
        for kind, taken in takes_access(table, now).items()
    ]
    # What the baseline says of the row's place; what the delivery says of a new row's.
    place = place_of(
        table.table,
        table.columns,
        lambda name: f"coalesce(v.{sql.name('o_' + name)}, v.{sql.name('n_' + name)})",
    )
    connection.execute(
        f"INSERT INTO found SELECT {sql.text(table.table.name)}, how, ident, words, {place.klass}, "
        f"{place.account}, s.term_id, {place.role}, {place.person}, false, NULL FROM "
        f"(SELECT *, CASE {' '.join(cases)} END AS how FROM {table.changes}) v "
        f"{place.join} WHERE how IS NOT NULL AND {running(now)}"
    )
