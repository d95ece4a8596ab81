"""accounts.csv: sub-accounts. Facts: canvas-lms `lib/sis/account_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix, too_long
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ACCOUNT_BY_PARENT,
    ACCOUNT_BY_SIS_ID,
    COURSE_BY_ACCOUNT,
    Account,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.trouble import Refused

_STATUSES = ("active", "deleted")


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment; parents come before their children."""
    ids = (row.get(column) for row in rows for column in ("account_id", "parent_account_id"))
    desk.work.prefetch(ACCOUNT_BY_SIS_ID, ids)
    desk.each(rows, _account)


def _account(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id = row.get("account_id")
    if sis_id is None:
        raise Refused("No account_id given for an account")
    status = prefix(row.get("status"), _STATUSES)
    if desk.skips(status):
        return False
    parent_id = row.get("parent_account_id")
    parent = work.first(ACCOUNT_BY_SIS_ID, parent_id)
    if parent is None and parent_id is not None:
        raise Refused(f"Parent account didn't exist for {sis_id}")
    parent = parent or work.there(Account, ROOT_ACCOUNT_ID)
    account = work.first(ACCOUNT_BY_SIS_ID, sis_id)
    name = row.get("name")
    if account is None and name is None:
        raise Refused(f"No name given for account {sis_id}, skipping")
    if account is None and status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for account {sis_id}, skipping')
    if account is not None and status == "deleted":
        _may_be_deleted(account, sis_id, desk)
    if account is not None and _is_above(account, parent, desk):
        raise Refused(f"Setting account {sis_id}'s parent to {parent_id} would create a loop")
    if errors := too_long(name=name, sis_source_id=sis_id):
        raise Refused(
            f"An account did not pass validation (account: {sis_id}, error: {', '.join(errors)})"
        )
    if account is None:
        account = work.add(
            Account(workflow_state=status or "", name=name or "", sis_source_id=sis_id)
        )
    work.set(
        account,
        name=name or account.name,
        workflow_state=status or account.workflow_state,
        parent_account_id=parent.id,
        integration_id=row.get("integration_id"),
    )
    work.touch(account)
    return True


def _may_be_deleted(account: Account, sis_id: str, desk: Desk) -> None:
    below = {
        "sub accounts": desk.work.all(ACCOUNT_BY_PARENT, account.id),
        "courses": desk.work.all(COURSE_BY_ACCOUNT, account.id),
    }
    for what, records in below.items():
        if any(record.workflow_state != "deleted" for record in records):
            raise Refused(
                f"Cannot delete the sub_account with ID: {sis_id} because it has active {what}."
            )


def _is_above(account: Account, parent: Account | None, desk: Desk) -> bool:
    """Whether an account is its would-be parent, or above it."""
    while parent is not None:
        if parent.id == account.id:
            return True
        parent = desk.work.get(Account, parent.parent_account_id)
    return False
