"""Fingerprints of rosters: the same rows give the same digest in any order."""

import hashlib

import duckdb

from rosterway.formats.canvas_csv.table import Kind
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.rostering import sql
from rosterway.rostering.roster import Roster


def roster_digest(connection: duckdb.DuckDBPyConnection, roster: Roster) -> str:
    """SHA-256 over the tables' names, columns and the sums of their rows' fingerprints.

    A sum does not depend on order. The fingerprint of a row is DuckDB's own hash, which is quick
    and may differ between versions of DuckDB: after an upgrade a waiting plan is made anew. The
    second sum is of that hash hashed again (a number, which costs nothing beside the texts), so
    that two rosters whose first sums happen to agree still differ.
    It tells rosters apart and does not guard against forgery; what is sent is covered by SHA-256
    of its bytes.
    """
    lines: list[str] = []
    for name in in_order(roster.tables):
        columns = sorted(roster.columns(name))
        cells = [_cell(name, column) for column in columns]
        one, other, count = connection.execute(
            "SELECT coalesce(sum(h), 0), coalesce(sum(hash(h)), 0), count(*) "
            f"FROM (SELECT hash({', '.join(cells)}) AS h FROM {roster.view(name)})"
        ).fetchall()[0]
        lines.append(f"{name}\t{','.join(columns)}\t{count}\t{one}\t{other}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _cell(table: str, column: str) -> str:
    cell = sql.name(column)
    if BY_NAME[table].by_name[column].kind is Kind.SECRET:
        return f"sha256({cell})"
    return cell
