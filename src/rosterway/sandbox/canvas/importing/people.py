"""Finding people and naming them, as users.csv, logins.csv and enrollments.csv all do.

Facts: canvas-lms `lib/sis/user_importer.rb`, `app/models/pseudonym.rb`.
"""

import hashlib

from rosterway.sandbox.canvas.importing.desk import DELETE, Desk
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    LOGIN_BY_NAME,
    LOGIN_BY_USER,
    PROVIDER_BY_TYPE,
    Login,
    Provider,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

DECLARED_TYPES = ("administrative", "observer", "staff", "student", "student_other", "teacher")
_MAX_LOGIN = 100


def login_key(login_id: str) -> str:
    """A login id as it is compared: without letter case."""
    return login_id.lower()


def login_by_name(work: Work, login_id: str, provider_id: int | None) -> Login | None:
    """The login in use with this login id; of this provider, when one is given."""
    for login in work.all(LOGIN_BY_NAME, login_key(login_id)):
        if login.workflow_state == "deleted":
            continue
        if provider_id is None or login.authentication_provider_id == provider_id:
            return login
    return None


def has_other_login(work: Work, login: Login) -> bool:
    """Whether the user can still sign in with another login."""
    return any(
        other.id != login.id and other.workflow_state != "deleted"
        for other in work.all(LOGIN_BY_USER, login.user_id)
    )


def provider_id(row: Row, sis_id: str, work: Work) -> int | None:
    """The authentication provider a row names, by id or type."""
    named = row.get("authentication_provider_id")
    if named is None:
        return None
    provider = work.first(PROVIDER_BY_TYPE, named)
    if provider is None and named.isdigit():
        provider = work.get(Provider, int(named))
    if provider is None or provider.workflow_state != "active":
        raise Refused(f"unrecognized authentication provider {named} for {sis_id}, skipping")
    return provider.id


def invalid_login(login_id: str) -> str | None:
    """What is wrong with a login id: the end of Canvas's message."""
    if not login_id.isprintable():
        return f"Invalid login_id: '{login_id}'"
    if len(login_id) > _MAX_LOGIN:
        return f"Unknown reason: unique_id is too long (maximum is {_MAX_LOGIN} characters)"
    return None


def set_secrets(login: Login, row: Row, desk: Desk) -> None:
    """Password and declared type. A password changed by its owner is left alone."""
    secret = row.get("ssha_password") or row.get("password")
    if secret and (login.password is None or login.password_from_sis):
        desk.work.set(login, password=hashlib.sha256(secret.encode()).hexdigest())
    declared = row.get("declared_user_type")
    if declared == DELETE:
        desk.work.set(login, declared_user_type=None)
    elif declared in DECLARED_TYPES:
        desk.work.set(login, declared_user_type=declared)
