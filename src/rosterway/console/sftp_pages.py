"""SFTP accounts: who may upload, with what, from where; made and changed here, beside the file's.

A password is on the page that answers its making and nowhere else.
"""

from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from rosterway.console.access import OF_TENANT, Desk, Looking, May, Vetting
from rosterway.console.forms import Signed
from rosterway.console.pages import page
from rosterway.store import sftp_accounts
from rosterway.store.sftp_accounts import Origin, comment, fingerprint

log = structlog.get_logger()
router = APIRouter(prefix=f"{OF_TENANT}/sftp")

Login = Annotated[str, Form(max_length=64)]
Line = Annotated[str, Form(max_length=16_000)]


@router.get("")
def accounts(request: Request, desk: Looking) -> Response:
    """All of them."""
    return _page(request, desk)


@router.post("", dependencies=[Signed])
def add(
    request: Request, desk: Vetting, login: Login, key: Line = "", allow: Line = ""
) -> Response:
    """Add one: with a key, or without any, and then with a password made for it."""
    by, now = desk.operator, desk.now
    keys, networks = _lines(key), _words(allow)
    with desk.handle.together() as handle:
        made = sftp_accounts.add(handle, login.strip(), keys=keys, allow=networks, by=by, now=now)
        password = None if keys else sftp_accounts.make_password(handle, made.login, by=by, now=now)
    _tell(desk, "sftp.account-added", made.login)
    return _page(request, desk, password=(made.login, password)) if password else _back(desk)


@router.post("/keys", dependencies=[Signed])
def add_key(desk: Vetting, login: Login, key: Line) -> Response:
    """Let a key sign in as well."""
    sftp_accounts.add_key(desk.handle, login, key, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.key-added", login)
    return _back(desk)


@router.post("/keys/remove", dependencies=[Signed])
def remove_key(desk: Vetting, login: Login, key: Line) -> Response:
    """Let a key sign in no more."""
    sftp_accounts.remove_key(desk.handle, login, key, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.key-removed", login)
    return _back(desk)


@router.post("/password", dependencies=[Signed])
def password(request: Request, desk: Vetting, login: Login) -> Response:
    """Make another password."""
    made = sftp_accounts.make_password(desk.handle, login, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.password-made", login)
    return _page(request, desk, password=(login, made))


@router.post("/password/drop", dependencies=[Signed])
def drop_password(desk: Vetting, login: Login) -> Response:
    """Let no password sign in."""
    sftp_accounts.drop_password(desk.handle, login, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.password-dropped", login)
    return _back(desk)


@router.post("/allow", dependencies=[Signed])
def allow(desk: Vetting, login: Login, networks: Line = "") -> Response:
    """Let it come from these networks alone; from anywhere if none is named."""
    told = _words(networks)
    sftp_accounts.allow(desk.handle, login, told, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.networks-changed", login)
    return _back(desk)


@router.post("/remove", dependencies=[Signed])
def remove(desk: Vetting, login: Login) -> Response:
    """Let an account in no more."""
    sftp_accounts.remove(desk.handle, login, by=desk.operator, now=desk.now)
    _tell(desk, "sftp.account-removed", login)
    return _back(desk)


def _page(request: Request, desk: Desk, *, password: tuple[str, str] | None = None) -> Response:
    of_file = desk.office.tenant(desk.tenant.name).sftp
    known = sftp_accounts.every(desk.handle)
    return page(
        request,
        "sftp.html",
        desk,
        room="Settings",
        accounts=[
            {
                "login": one.login,
                "fixed": one.origin is Origin.FILE,
                "public_keys": [(fingerprint(key), comment(key)) for key in one.keys],
                "password": one.password is not None
                or (one.login in of_file and of_file[one.login].password is not None),
                "allow": one.allow,
                "added_at": one.added_at,
                "added_by": one.added_by,
            }
            for one in known
        ],
        made=password,
        may_change=desk.may(May.ACCOUNTS),
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _words(text: str) -> list[str]:
    return text.replace(",", " ").split()


def _back(desk: Desk) -> Response:
    return RedirectResponse(desk.url("sftp"), 303)


def _tell(desk: Desk, event: str, login: str) -> None:
    log.info(event, tenant=desk.tenant.name, login=login, operator=desk.operator)
