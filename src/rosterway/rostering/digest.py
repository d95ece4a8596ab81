"""Fingerprints of rosters: the same rows give the same digest in any order."""

import hashlib

import duckdb

from rosterway.formats.canvas_csv.table import Kind
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.rostering import sql
from rosterway.rostering.roster import Roster


def roster_digest(connection: duckdb.DuckDBPyConnection, roster: Roster) -> str:
    """SHA-256 over the tables' names, columns and the sums of their rows' fingerprints.

    A sum does not depend on order. 96 bits of each row's MD5 are added, so that sums of ten
    million rows still fit; this tells rosters apart, it does not guard against forgery. What is
    sent is covered by SHA-256 of its bytes.
    """
    lines: list[str] = []
    for name in in_order(roster.tables):
        columns = sorted(roster.columns(name))
        cells = " || chr(30) || ".join(_cell(name, column) for column in columns)
        total, count = connection.execute(
            f"SELECT coalesce(sum((md5_number({cells}) >> 32)::HUGEINT), 0), count(*) "
            f"FROM {roster.view(name)}"
        ).fetchall()[0]
        lines.append(f"{name}\t{','.join(columns)}\t{count}\t{total}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _cell(table: str, column: str) -> str:
    cell = sql.name(column)
    if BY_NAME[table].by_name[column].kind is Kind.SECRET:
        cell = f"sha256({cell})"
    return f"coalesce({cell}, chr(31))"
