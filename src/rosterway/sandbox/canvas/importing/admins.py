"""admins.csv. Facts: canvas-lms `lib/sis/admin_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, exactly
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.importing.roles import Roles
from rosterway.sandbox.canvas.state.records import (
    ACCOUNT_BY_SIS_ID,
    ADMIN_BY_USER,
    LOGIN_BY_SIS_ID,
    Account,
    Admin,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    roles = Roles(desk.work)
    desk.each(rows, lambda row, desk: _admin(row, desk, roles))


def _admin(row: Row, desk: Desk, roles: Roles) -> bool:
    work = desk.work
    user_id, account_id = row.get("user_id"), row.get("account_id")
    role_id, role_name = row.get("role_id"), row.get("role")
    if user_id is None:
        raise Refused("No user_id given for admin")
    if row.get("status") is None:
        raise Refused("No status given for admin")
    if role_id is None and role_name is None:
        raise Refused("No role_id or role given for admin")
    status = exactly(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f"Invalid status {row['status']} for admin")
    if desk.skips(status):
        return False
    account = _account(account_id, work)
    if account is None:
        raise Refused("Invalid account_id given for admin")
    role = roles.for_admin(role_id, role_name, account.id)
    if role is None:
        what = f"role_id '{role_id}'" if role_id else f"role '{role_name}'"
        raise Refused(f"Invalid {what} for admin")
    login = work.first(LOGIN_BY_SIS_ID, user_id)
    if login is None:
        raise Refused(f"Invalid or unknown user_id '{user_id}' for admin")
    if status == "deleted" and login.user_id == desk.user_id:
        raise Refused(f"Can't remove yourself user_id '{user_id}'")
    admin = next(
        (
            admin
            for admin in work.all(ADMIN_BY_USER, login.user_id)
            if admin.account_id == account.id and admin.role_id == role.id
        ),
        None,
    )
    if status == "deleted":
        if admin is not None and admin.sis_batch_id is not None:
            work.set(admin, workflow_state="deleted")
            work.touch(admin)
        return True
    if admin is None:
        admin = work.add(
            Admin(
                workflow_state="active",
                account_id=account.id,
                user_id=login.user_id,
                role_id=role.id,
            )
        )
    work.set(admin, workflow_state="active")
    work.touch(admin)
    return True


def _account(account_id: str | None, work: Work) -> Account | None:
    """The account named, or the root account if none is."""
    if account_id is None:
        return work.get(Account, ROOT_ACCOUNT_ID)
    return work.first(ACCOUNT_BY_SIS_ID, account_id)
