"""Check: every rule that can be decided about a delivery before Canvas sees it.

`check` goes through the tables in Canvas's processing order, so that what a row refers to has been
judged before it. What passes is a `Roster`; what does not is a finding, and its row is stopped.
Rules look at one row (`rows`), at rows beside each other, and at what Canvas is known to hold.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb

from rosterway.rostering import sql
from rosterway.rostering.check.accept import accept
from rosterway.rostering.check.accounts import check_accounts
from rosterway.rostering.check.blocked import check_deletes
from rosterway.rostering.check.claims import check_claims, check_logins
from rosterway.rostering.check.clears import check_clears
from rosterway.rostering.check.duplicates import check_keys, twin_question
from rosterway.rostering.check.group_rules import check_categories, check_groups, check_memberships
from rosterway.rostering.check.hits import Hits
from rosterway.rostering.check.id_changes import check_id_changes, check_ignored, renamed
from rosterway.rostering.check.known import Case
from rosterway.rostering.check.people_rules import (
    check_admins,
    check_enrollments,
    check_last_logins,
    check_observers,
)
from rosterway.rostering.check.references import check_references
from rosterway.rostering.check.rows import check_rows
from rosterway.rostering.check.structure_rules import check_courses, check_sections, check_xlists
from rosterway.rostering.check.zeros import check_zeros
from rosterway.rostering.findings import Findings
from rosterway.rostering.keys import key_parts, without_fallbacks
from rosterway.rostering.roster import NOTHING, Roster
from rosterway.rostering.staged import Staged, Trust

#: Rules of one table, asked once its references are judged.
_OWN: Mapping[str, Callable[[Case], None]] = {
    "courses": check_courses,
    "sections": check_sections,
    "xlists": check_xlists,
    "users": check_last_logins,
    "logins": check_logins,
    "enrollments": check_enrollments,
    "admins": check_admins,
    "group_categories": check_categories,
    "groups": check_groups,
    "groups_membership": check_memberships,
    "user_observers": check_observers,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A delivery after its checks: what may go, and the stopped rows (`tbl, _file, _row`).

    `renamed` are ids Canvas knows (`tbl, id`) of what the delivery has under another id, stopped;
    blank where nothing was looked for.
    """

    staged: Staged
    roster: Roster
    stopped: str
    renamed: str = ""


def check(
    connection: duckdb.DuckDBPyConnection,
    staged: Staged,
    findings: Findings,
    *,
    mirror: Roster = NOTHING,
    frees_vanished: bool = False,
    prefix: str = "current",
) -> Checked:
    """Judge every row of a staged delivery; the views of the roster returned begin with `prefix`.

    `mirror` is what Canvas is known to hold, of this feed and others. `frees_vanished`: a user who
    is not in the delivery is deleted, and so frees a login (`claims`).
    """
    hits = Hits(connection, staged, findings)
    columns: dict[str, tuple[str, ...]] = {}
    roster = Roster(prefix, columns)
    for name, table in staged.tables.items():
        if not table.readable:
            continue
        case = Case(hits, table.definition, table.columns, mirror)
        _check_table(case, with_nul=any(file.has_nul for file in table.files))
        if name == "change_sis_id":
            check_id_changes(case)
            mirror = renamed(hits, mirror)
        else:
            check_claims(case, frees_vanished=frees_vanished)
            if name == "accounts":
                check_accounts(case)
            check_references(case)
            if name in _OWN:
                _OWN[name](case)
        accept(hits, table.definition, table.columns, roster.view(name))
        columns[name] = table.columns
    rows_by_file = {file.name: file.rows for file in staged.files}
    findings.tell_once(rows_by_file)
    return Checked(staged, roster, hits.stopped, hits.renamed)


def _check_table(case: Case, *, with_nul: bool) -> None:
    """What every table is asked: each row, rows with one key, and what the mirror says of them."""
    hits, definition = case.hits, case.table
    view = sql.name(hits.staged.view(definition.name))
    plain = without_fallbacks(hits.connection, definition, case.columns, view)
    twins = twin_question(key_parts(definition, plain))
    suspected = check_rows(case, with_nul=with_nul, twins=twins)
    _stop_cut_rows(hits, definition.name)
    if suspected:
        check_keys(hits, definition, case.columns)
    if "change_sis_id" in hits.staged.tables and definition.name != "change_sis_id":
        check_ignored(case)
    if case.mirror.has(definition.name):
        check_zeros(case)
        check_clears(case)
    check_deletes(case)


def _stop_cut_rows(hits: Hits, table: str) -> None:
    """A last row that was cut off says nothing sure about its key's other cells."""
    if any(file.trust is Trust.PART for file in hits.staged.tables[table].files):
        hits.findings.flush()
        hits.stop(
            table,
            f"SELECT tbl, idx, line FROM {hits.findings.table} JOIN {hits.files} USING (file) "
            f"WHERE code = 'file-truncated' AND tbl = {sql.text(table)}",
        )
