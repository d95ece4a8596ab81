"""Accounts against each other: no account above itself, parents before children.

Canvas needs a parent's row before its children's (canvas-lms `lib/sis/account_importer.rb`). Plans
write accounts in that order, so a wrong order in the delivery is repaired, not refused.
"""

from rosterway.formats.problems import Finding
from rosterway.rostering.check.known import Case


def check_accounts(case: Case) -> None:
    """Find loops, also through accounts of the mirror, and children that stand before their parents."""
    hits = case.hits
    if not case.has("parent_account_id"):
        return
    parents: dict[str, str] = {}
    if case.mirror.has("accounts", "account_id", "parent_account_id"):
        parents = dict(
            hits.connection.execute(
                f"SELECT account_id, parent_account_id FROM {case.mirror.view('accounts')}"
            ).fetchall()
        )
    rows = hits.connection.execute(
        "SELECT account_id, parent_account_id, _file, _row, file "
        f"FROM ({hits.going('accounts')}) JOIN {hits.files} ON idx = _file ORDER BY _file, _row"
    ).fetchall()
    parents |= {row[0]: row[1] for row in rows}
    places: dict[str, int] = {row[0]: place for place, row in enumerate(rows)}
    loops: list[tuple[int, int, str, str]] = []
    for account, parent, file_index, line, file in rows:
        if _is_above_itself(account, parents):
            loops.append((file_index, line, account, parent))
        elif parent in places and places[parent] > places[account]:
            hits.findings.add(
                Finding(
                    code="account-order",
                    table="accounts",
                    file=file,
                    row=line,
                    column="parent_account_id",
                    value=account,
                    other=parent,
                )
            )
    if loops:
        hits.connection.execute(
            "CREATE OR REPLACE TEMP TABLE loops "
            "(_file INTEGER, _row BIGINT, val VARCHAR, other VARCHAR)"
        )
        hits.connection.executemany("INSERT INTO loops VALUES (?, ?, ?, ?)", loops)
        hits.record("account-loop", "accounts", "parent_account_id", "SELECT * FROM loops")


def _is_above_itself(account: str, parents: dict[str, str]) -> bool:
    seen: set[str] = set()
    above = parents.get(account)
    while above and above not in seen:
        if above == account:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def parents_first(parents: dict[str, str | None]) -> list[str]:
    """Account ids so that every parent stands before its children; ties by id."""

    def depth(account: str) -> int:
        steps, above = 0, parents.get(account)
        while above in parents and steps <= len(parents):
            steps, above = steps + 1, parents.get(above or "")
        return steps

    return sorted(parents, key=lambda account: (depth(account), account))
