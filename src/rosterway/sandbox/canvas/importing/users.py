"""users.csv: users, each with one login.

Facts: canvas-lms `lib/sis/csv/user_importer.rb`, `lib/sis/user_importer.rb`, `doc/api/sis_csv.md`.
"""

import re
from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.cascades import foresee, lose_last_login
from rosterway.sandbox.canvas.importing.desk import DELETE, TOO_LONG, Desk, prefix
from rosterway.sandbox.canvas.importing.people import (
    has_other_login,
    invalid_login,
    login_by_name,
    login_key,
    provider_id,
    set_secrets,
)
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    CHANNEL_BY_USER,
    LOGIN_BY_INTEGRATION,
    LOGIN_BY_NAME,
    LOGIN_BY_SIS_ID,
    Channel,
    Login,
    User,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

_STATUSES = ("active", "suspended", "deleted")
_EMAIL = re.compile(r"[^@\s\"<>(),;:\\\[\]]+@[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_CLAIMED_LOGIN = "has already claimed {}'s user_id requested login information, skipping"
_CLAIMED_INTEGRATION = "has already claimed {}'s requested integration_id, skipping"


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    rows = desk.sift(rows, _check)
    work.prefetch(LOGIN_BY_SIS_ID, (row["user_id"] for row in rows))
    work.prefetch(LOGIN_BY_NAME, (login_key(row["login_id"]) for row in rows))
    work.prefetch(LOGIN_BY_INTEGRATION, (row.get("integration_id") for row in rows))
    known = [login for row in rows for login in work.all(LOGIN_BY_SIS_ID, row["user_id"])]
    work.prefetch_ids(User, (login.user_id for login in known))
    work.prefetch(CHANNEL_BY_USER, (login.user_id for login in known))
    gone = (row["user_id"] for row in rows if prefix(row["status"], _STATUSES) == "deleted")
    foresee(work, users=[lo.user_id for sis in gone for lo in work.all(LOGIN_BY_SIS_ID, sis)])
    desk.each(rows, _user)


def _check(row: Row, desk: Desk) -> bool:
    sis_id = row.get("user_id")
    if sis_id is None:
        raise Refused("No user_id given for a user")
    if row.get("login_id") is None:
        raise Refused(f"No login_id given for user {sis_id}")
    if row.get("status") is None:
        raise Refused(f"No status given for user {sis_id}")
    status = prefix(row.get("status"), _STATUSES)
    if status is None:
        raise Refused(f"Improper status for user {sis_id}")
    if any("\0" in value for value in row.values()):
        raise Refused("Some of the fields contain NULL character")
    return not desk.skips(status)


def _user(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, login_id = row["user_id"], row["login_id"]
    status = prefix(row["status"], _STATUSES)
    assert status is not None
    provider = provider_id(row, sis_id, work)
    login = _find(row, provider, desk)
    if status == "deleted" and login is None:
        return True
    if status == "deleted" and login is not None and login.user_id == desk.user_id:
        raise Refused(f"Can't remove yourself user_id '{sis_id}'")
    if reason := _unsavable(row):
        raise Refused(f"Could not save the user with user_id: '{sis_id}'. {reason}")
    if login is None:
        user = _new_user(row, work)
        login = work.add(
            Login(
                workflow_state=status,
                user_id=user.id,
                unique_id=login_id,
                login_key=login_key(login_id),
                sis_user_id=sis_id,
            )
        )
        is_new = True
    else:
        user = work.there(User, login.user_id)
        _rename(user, row, work)
        is_new = False
    if status == "deleted" and not has_other_login(work, login):
        lose_last_login(work, user.id)
    work.set(
        login,
        workflow_state=status,
        sis_user_id=sis_id,
        unique_id=login_id,
        login_key=login_key(login_id),
        integration_id=row.get("integration_id") or login.integration_id,
        authentication_provider_id=provider,
    )
    set_secrets(login, row, desk)
    work.touch(login)
    if email := row.get("email"):
        set_email(login, email, sis_id, work, is_new=is_new)
    return True


def _find(row: Row, provider: int | None, desk: Desk) -> Login | None:
    """The login a row is about; Refused when somebody else has what it asks for."""
    work = desk.work
    sis_id = row["user_id"]
    login = work.first(LOGIN_BY_SIS_ID, sis_id)
    by_name = login_by_name(work, row["login_id"], provider)
    if by_name is not None and by_name is not login:
        adopt = by_name.sis_user_id is None or desk.options.update_sis_id_if_login_claimed
        if login is not None or not adopt:
            raise Refused(_claimed(by_name, _CLAIMED_LOGIN.format(sis_id)))
        login = by_name
    by_integration = work.first(LOGIN_BY_INTEGRATION, row.get("integration_id"))
    if by_integration is not None and by_integration is not login:
        raise Refused(_claimed(by_integration, _CLAIMED_INTEGRATION.format(sis_id)))
    return login


def _claimed(owner: Login, what: str) -> str:
    who = f"SIS ID {owner.sis_user_id}" if owner.sis_user_id else f"Canvas ID {owner.user_id}"
    return f"An existing Canvas user with the {who} {what}"


def _unsavable(row: Row) -> str | None:
    if reason := invalid_login(row["login_id"]):
        return reason
    for column, name in (("user_id", "sis_user_id"), ("integration_id", "integration_id")):
        if len(row.get(column) or "") > 255:
            return f"Unknown reason: {name} {TOO_LONG}"
    for column in ("full_name", "first_name", "last_name", "sortable_name", "short_name"):
        if len(row.get(column) or "") > 255:
            return f"Unknown reason: name {TOO_LONG}"
    return None


def _full_name(row: Row) -> str | None:
    """The name a row gives; sortable and short names stand in only for a new user."""
    if full := row.get("full_name"):
        return full
    parts = [part for part in (row.get("first_name"), row.get("last_name")) if part]
    return " ".join(parts) or None


def _sortable(row: Row, name: str) -> str:
    if sortable := row.get("sortable_name"):
        return sortable
    first, last = row.get("first_name"), row.get("last_name")
    if row.get("full_name") is None and first and last:
        return f"{last}, {first}"
    given, _, family = name.rpartition(" ")
    return f"{family}, {given}" if given and "," not in name else name


def _new_user(row: Row, work: Work) -> User:
    name = _full_name(row) or row.get("sortable_name") or row.get("short_name") or row["login_id"]
    pronouns = row.get("pronouns")
    return work.add(
        User(
            workflow_state="registered",
            name=name,
            sortable_name=_sortable(row, name),
            short_name=row.get("short_name") or name,
            pronouns=None if pronouns == DELETE else pronouns,
        )
    )


def _rename(user: User, row: Row, work: Work) -> None:
    name = _full_name(row)
    changes: dict[str, str | None] = {}
    if name is not None:
        changes["name"] = name
    if "sortable_name" in row or (name is not None and name != user.name):
        changes["sortable_name"] = _sortable(row, name or user.name)
    if short := row.get("short_name"):
        changes["short_name"] = short
    elif name is not None and user.short_name == user.name:
        changes["short_name"] = name
    if pronouns := row.get("pronouns"):
        changes["pronouns"] = None if pronouns == DELETE else pronouns
    if user.workflow_state == "deleted":
        changes["workflow_state"] = "registered"
    if changes:
        work.set(user, **changes)


def set_email(login: Login, email: str, sis_id: str, work: Work, *, is_new: bool) -> None:
    """Give the user an e-mail address; the one an earlier import set gives way to it.

    An invalid one is refused only now: user and login stay as they were just saved.
    """
    if not _EMAIL.fullmatch(email):
        raise Refused(
            f"The email address associated with user '{sis_id}' is invalid (email: '{email}')"
        )
    channels = () if is_new else work.all(CHANNEL_BY_USER, login.user_id)
    channel = next((c for c in channels if c.path.lower() == email.lower()), None)
    if channel is None:
        channel = next((c for c in channels if c.id == login.channel_id), None)
    if channel is None:
        channel = work.add(Channel(workflow_state="active", user_id=login.user_id, path=email))
    work.set(channel, path=email, workflow_state="active")
    work.set(login, channel_id=channel.id)
