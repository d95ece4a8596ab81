"""Moves: a removal paired with an addition of the same person to a class the baseline has.

A move is no removal. In wide scopes removals and additions are paired one to one, nearest first;
at class level any such addition in the same school counts (`safety.md`, "Removals").
"""

from datetime import datetime

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.dates import instant
from rosterway.rostering.keys import cell_of, key_parts
from rosterway.rostering.places import class_of, moment, running


def pair_moves(
    connection: duckdb.DuckDBPyConnection, enrollments: Compared | None, *, now: datetime
) -> None:
    """Make `additions` and, from `found`, `removals` with `moved` and `moved_near`.

    A class the baseline has is one of its sections, or one that somebody is enrolled in
    (`live_classes`); one that goes itself, or whose time is over, takes nobody in.
    A removal whose row the delivery still lists is no move: the person was to stay.
    """
    connection.execute(f"CREATE TEMP TABLE additions AS {_additions(enrollments, now)}")
    connection.execute(
        "CREATE TEMP TABLE removals AS WITH "
        "near AS (SELECT DISTINCT person, role, account_id, true AS is_near "
        "FROM additions WHERE known), "
        "total AS (SELECT person, role, count(*) AS n FROM additions WHERE known GROUP BY ALL), "
        "placed AS (SELECT f.*, coalesce(t.n, 0) AS n, tbl = 'enrollments' AND NOT f.listed "
        "AND coalesce(x.is_near, false) AS moved_near FROM found f "
        "LEFT JOIN total t ON t.person = f.person AND t.role = f.role "
        "LEFT JOIN near x ON x.person = f.person AND x.role = f.role "
        "AND x.account_id IS NOT DISTINCT FROM f.account_id) "
        "SELECT * EXCLUDE (n), tbl = 'enrollments' AND NOT listed AND row_number() OVER "
        "(PARTITION BY tbl, person, role, listed ORDER BY NOT moved_near, ident) <= n AS moved "
        "FROM placed"
    )


def _additions(table: Compared | None, now: datetime) -> str:
    """A query for enrollments that gain access, and where."""
    if table is None or "status" not in table.sent:
        return (
            "SELECT NULL::VARCHAR AS person, NULL::VARCHAR AS role, NULL::VARCHAR AS class, "
            "NULL::VARCHAR AS account_id, NULL::VARCHAR AS term_id, false AS known WHERE false"
        )
    access = sql.texts(table.table.access_words)
    row = cell_of("v", "e_")
    parts = key_parts(table.table, table.columns, row)
    klass = class_of(table.columns, row)
    ended = f"{instant('e_end_date')} <= {moment(now)}" if "end_date" in table.sent else "false"
    regained = f"kind = 'update' AND coalesce(o_status NOT IN {access}, false)"
    return (
        f"SELECT {parts[1]} AS person, {parts[2]} AS role, {klass} AS class, s.account_id, "
        "s.term_id, coalesce(s.known, false) OR l.class IS NOT NULL AS known "
        f"FROM {table.changes} v LEFT JOIN scope_classes s ON s.class = {klass} "
        f"LEFT JOIN (SELECT DISTINCT class FROM live_classes) l ON l.class = {klass} "
        f"WHERE e_status IN {access} AND (kind = 'create' OR ({regained})) "
        f"AND {running(now)} AND NOT coalesce({ended}, false) "
        f"AND {klass} NOT IN (SELECT id FROM dying)"
    )
