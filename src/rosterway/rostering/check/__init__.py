"""Check: every rule that can be decided about a delivery before Canvas sees it.

`check` goes through the tables in Canvas's processing order, so that what a row refers to has been
judged before it. What passes is a `Roster`; what does not is a finding, and its row is stopped.
"""

from dataclasses import dataclass

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.check.accept import accept
from rosterway.rostering.check.accounts import check_accounts
from rosterway.rostering.check.duplicates import check_claims, check_keys, twin_question
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.references import check_references
from rosterway.rostering.check.rows import check_rows
from rosterway.rostering.findings import Findings
from rosterway.rostering.keys import key_parts, without_fallbacks
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.rostering.staged import Staged


@dataclass(frozen=True, slots=True)
class Checked:
    """A delivery after its checks: what may go, and the stopped rows (`tbl, _file, _row`)."""

    staged: Staged
    roster: Roster
    stopped: str


def check(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    findings: Findings,
    *,
    baseline: Roster = NOTHING,
    prefix: str = "current",
) -> Checked:
    """Judge every row of a staged delivery; the views of the roster returned begin with `prefix`."""
    hits = Hits(connection, staged, findings)
    columns: dict[str, tuple[str, ...]] = {}
    roster = Roster(prefix, columns)
    for name, table in staged.tables.items():
        if not table.readable:
            continue
        definition = table.definition
        with_nul = any(file.has_nul for file in table.files)
        view = sql.name(staged.view(name))
        plain = without_fallbacks(connection, definition, table.columns, view)
        twins = twin_question(key_parts(definition, plain))
        suspected = check_rows(
            hits, definition, table.columns, baseline, with_nul=with_nul, twins=twins
        )
        _stop_cut_rows(hits, name)
        if suspected:
            check_keys(hits, definition, table.columns)
        check_claims(hits, definition, table.columns)
        if name == "accounts":
            check_accounts(hits, table.columns)
        check_references(hits, definition, table.columns, baseline)
        accept(hits, definition, table.columns, roster.view(name))
        columns[name] = table.columns
    rows_by_file = {file.name: file.rows for file in staged.files}
    findings.tell_once(rows_by_file)
    return Checked(staged, roster, hits.stopped)


def _stop_cut_rows(hits: Hits, table: str) -> None:
    """A last row that was cut off says nothing sure about its key's other cells."""
    hits.findings.flush()
    hits.connection.execute(
        f"INSERT INTO {hits.stopped} SELECT tbl, idx, line FROM {hits.findings.table} "
        f"JOIN {hits.files} USING (file) "
        f"WHERE code = 'file-truncated' AND tbl = {sql.text(table)}"
    )
