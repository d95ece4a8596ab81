"""logins.csv: further logins of users who exist already. It adds and never changes.

Facts: canvas-lms `lib/sis/csv/login_importer.rb`, `lib/sis/user_importer.rb` (login_only).
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk
from rosterway.sandbox.canvas.importing.people import (
    invalid_login,
    login_by_name,
    login_key,
    provider_id,
    set_secrets,
)
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.importing.users import set_email
from rosterway.sandbox.canvas.state.records import (
    LOGIN_BY_INTEGRATION,
    LOGIN_BY_NAME,
    LOGIN_BY_SIS_ID,
    Login,
    User,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

_EXISTING = ("existing_user_id", "existing_integration_id", "existing_canvas_user_id")


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    ids = (row.get(column) for row in rows for column in ("user_id", "existing_user_id"))
    work.prefetch(LOGIN_BY_SIS_ID, ids)
    work.prefetch(LOGIN_BY_INTEGRATION, (row.get("existing_integration_id") for row in rows))
    work.prefetch(LOGIN_BY_NAME, (login_key(row.get("login_id", "")) for row in rows))
    desk.each(rows, _login)


def _login(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, login_id = row.get("user_id"), row.get("login_id")
    if sis_id is None:
        raise Refused("No user_id given for a user")
    if login_id is None:
        raise Refused(f"No login_id given for user {sis_id}")
    user_id = _existing_user(row, sis_id, work)
    provider = provider_id(row, sis_id, work)
    if work.first(LOGIN_BY_SIS_ID, sis_id) or login_by_name(work, login_id, provider):
        raise Refused(
            f"An existing Canvas user with the SIS ID {sis_id} or login of {login_id}"
            " already exists, skipping"
        )
    if reason := invalid_login(login_id):
        raise Refused(f"Could not save the user with user_id: '{sis_id}'. {reason}")
    login = work.add(
        Login(
            workflow_state="active",
            user_id=user_id,
            unique_id=login_id,
            login_key=login_key(login_id),
            sis_user_id=sis_id,
            integration_id=row.get("integration_id"),
            authentication_provider_id=provider,
        )
    )
    set_secrets(login, row, desk)
    if email := row.get("email"):
        set_email(login, email, sis_id, work, is_new=False)
    return True


def _existing_user(row: Row, sis_id: str, work: Work) -> int:
    """The user whom all the identifiers given agree on."""
    given = [column for column in _EXISTING if column in row]
    if not given:
        raise Refused(f"No existing user provided for login with SIS ID {sis_id}")
    found = {_by(column, row[column], work) for column in given}
    if found == {None}:
        raise Refused(f"Could not find the existing user for login with SIS ID {sis_id}, skipping")
    user_id = found.pop()
    if found or user_id is None:
        raise Refused(
            "An existing user does not match existing user ids provided"
            f" for login with SIS ID {sis_id}, skipping"
        )
    return user_id


def _by(column: str, value: str, work: Work) -> int | None:
    if column == "existing_canvas_user_id":
        user = work.get(User, int(value)) if value.isdigit() else None
        return user.id if user else None
    index = LOGIN_BY_SIS_ID if column == "existing_user_id" else LOGIN_BY_INTEGRATION
    login = work.first(index, value)
    return login.user_id if login else None
