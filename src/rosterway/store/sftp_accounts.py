"""Accounts of the hosted SFTP: those that operators make, beside those of the configuration file.

A login belongs to one tenant of one origin, in whatever case it is written. The file's accounts
stand here with what others may know of them, so that nobody else can have their logins; how they
sign in is the file's to say, and only the file changes them.

A password is made here, of 192 random bits, so a plain SHA-256 is enough to keep it by. It is shown
once.
"""

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, select

from rosterway.errors import ConfigError, ConflictError, NotFoundError, UsageError
from rosterway.settings import values
from rosterway.settings.findings import Wrong
from rosterway.settings.shape import SftpAccount as FileAccount
from rosterway.settings.values import Kind
from rosterway.store import audit, tenants
from rosterway.store.columns import choice, instant, json, tenant_table, text
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore


class Origin(StrEnum):
    """Who an account is from."""

    FILE = "file"
    OPERATOR = "operator"


SFTP_ACCOUNTS = tenant_table(
    "sftp_accounts",
    text("login"),
    text("folded"),
    choice("origin", Origin),
    json("keys", tuple[str, ...]),
    text("password", null=True),
    json("allow", tuple[str, ...]),
    instant("added_at"),
    text("added_by"),
    key=("login",),
)
Index(None, SFTP_ACCOUNTS.c.folded, unique=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAccount:
    """An account: `keys` are lines of OpenSSH's, `allow` the networks it may come from, empty: any.

    `password` is the SHA-256 of the one that was made for it, None where it has none or the file
    says where it is. `folded` is the login without its case.
    """

    tenant: str
    login: str
    folded: str
    origin: Origin
    keys: tuple[str, ...]
    password: str | None = field(repr=False)
    allow: tuple[str, ...]
    added_at: datetime
    added_by: str


def add(
    handle: TenantStore,
    login: str,
    *,
    keys: Iterable[str] = (),
    allow: Iterable[str] = (),
    by: str,
    now: datetime,
) -> SftpAccount:
    """Add an account. UsageError for a login, key or network that is none, ConflictError if taken."""
    _read(values.LOGIN, login)
    lines = tuple(dict.fromkeys(_key(line) for line in keys))
    networks = _networks(allow)
    with handle.together() as tx, tx.writing() as seen:
        added = seen.insert_new(
            SFTP_ACCOUNTS,
            **_row(login, Origin.OPERATOR, keys=lines, allow=networks, by=by, now=now),
        )
        if not added:
            raise ConflictError(
                f"the SFTP login {login} is taken",
                remedy=f"choose another, such as {handle.name}-{login}",
            )
        told = {"keys": [fingerprint(line) for line in lines], "allow": networks}
        _log(tx, "sftp.add", login, by, now, told)
        return get(tx, login)


def add_key(handle: TenantStore, login: str, line: str, *, by: str, now: datetime) -> str:
    """Let a key sign in as well, or again; answers its fingerprint."""
    key = _key(line)
    shown = fingerprint(key)
    with handle.together() as tx:
        known = _changeable(tx, login)
        kept = tuple(one for one in known.keys if fingerprint(one) != shown)
        _change(tx, login, keys=(*kept, key))
        _log(tx, "sftp.key-add", login, by, now, {"key": shown})
    return shown


def remove_key(handle: TenantStore, login: str, which: str, *, by: str, now: datetime) -> str:
    """Let a key sign in no more, named by its fingerprint or its comment; answers the fingerprint."""
    with handle.together() as tx:
        known = _changeable(tx, login)
        meant = [one for one in known.keys if which in {fingerprint(one), comment(one), one}]
        if not meant:
            raise NotFoundError(
                f"the SFTP account {login} has no key {which}",
                remedy="name it by its fingerprint, as `rosterway sftp list` has it",
            )
        if len(meant) > 1:
            raise ConflictError(
                f"{login} has {len(meant)} keys called {which}", remedy="name the fingerprint"
            )
        shown = fingerprint(meant[0])
        _change(tx, login, keys=tuple(one for one in known.keys if one != meant[0]))
        _log(tx, "sftp.key-remove", login, by, now, {"key": shown})
    return shown


def make_password(handle: TenantStore, login: str, *, by: str, now: datetime) -> str:
    """Make a password, in place of the one before: it is answered now and never again."""
    shown = secrets.token_urlsafe(24)
    with handle.together() as tx:
        _changeable(tx, login)
        _change(tx, login, password=hashlib.sha256(shown.encode()).hexdigest())
        _log(tx, "sftp.password", login, by, now)
    return shown


def drop_password(handle: TenantStore, login: str, *, by: str, now: datetime) -> None:
    """Let no password sign in."""
    with handle.together() as tx:
        _changeable(tx, login)
        _change(tx, login, password=None)
        _log(tx, "sftp.password-drop", login, by, now)


def allow(
    handle: TenantStore, login: str, networks: Iterable[str], *, by: str, now: datetime
) -> tuple[str, ...]:
    """Let an account come from these networks alone; from anywhere if there are none."""
    told = _networks(networks)
    with handle.together() as tx:
        before = _changeable(tx, login).allow
        _change(tx, login, allow=told)
        _log(tx, "sftp.allow", login, by, now, {"allow": told, "before": before})
    return told


def remove(handle: TenantStore, login: str, *, by: str, now: datetime) -> None:
    """Let an account in no more; what it has sent stays."""
    with handle.together() as tx, tx.writing() as seen:
        _changeable(tx, login)
        seen.delete(SFTP_ACCOUNTS, SFTP_ACCOUNTS.c.login == login)
        _log(tx, "sftp.remove", login, by, now)


def get(handle: TenantStore, login: str) -> SftpAccount:
    """The tenant's account of this login; NotFoundError if there is none."""
    with handle.reading() as seen:
        found = seen.first(SftpAccount, SFTP_ACCOUNTS, SFTP_ACCOUNTS.c.login == login)
    if found is None:
        raise NotFoundError(
            f"there is no SFTP account {login}", remedy="`rosterway sftp list` has them"
        )
    return found


def every(handle: TenantStore) -> list[SftpAccount]:
    """The tenant's accounts, by login."""
    with handle.reading() as seen:
        return seen.find(SftpAccount, SFTP_ACCOUNTS, order=(SFTP_ACCOUNTS.c.folded,))


def at_the_door(store: Store, login: str) -> SftpAccount | None:
    """The account that somebody names who knocks, whosever it is.

    It looks over the walls: who knocks says a login, and the login says the tenant.
    """
    chosen = select(SFTP_ACCOUNTS).where(SFTP_ACCOUNTS.c.login == login)
    with store.database.reading() as connection:
        found = connection.execute(chosen).mappings().first()
    return SftpAccount(**found) if found is not None else None


def apply_file(
    store: Store, accounts: Mapping[str, Mapping[str, FileAccount]], *, now: datetime
) -> None:
    """Bring the file's accounts, by tenant and login, in line with the file.

    Inside `together`. ConfigError if a login of the file is one that an operator has made.
    """
    for tenant in tenants.every(store):  # a login may have moved, so all leave first
        with store.tenant(tenant.name).writing() as seen:
            seen.delete(SFTP_ACCOUNTS, SFTP_ACCOUNTS.c.origin == Origin.FILE)
    for tenant, told in accounts.items():
        with store.tenant(tenant).writing() as seen:
            for login, one in told.items():
                networks = tuple(map(str, one.allow))
                row = _row(login, Origin.FILE, keys=one.keys, allow=networks, by="file", now=now)
                if not seen.insert_new(SFTP_ACCOUNTS, **row):
                    raise ConfigError(
                        f"an operator has made an SFTP account {login} already",
                        remedy=f"give the one in the file another login, or "
                        f"`rosterway sftp remove {login}`",
                    )


def fingerprint(line: str) -> str:
    """A public key as people compare it: `SHA256:` and what follows."""
    return _asyncssh_key(line).get_fingerprint()


def comment(line: str) -> str:
    """What a public key's line says after the key."""
    return " ".join(line.split()[2:])


def _asyncssh_key(line: str) -> Any:
    # imported here: whoever opens the store need not wait for it
    import asyncssh  # noqa: PLC0415

    try:
        return asyncssh.import_public_key(line)
    except (asyncssh.KeyImportError, ValueError) as error:
        raise UsageError(
            "this key is cut short or damaged", remedy="paste the whole line of the .pub file"
        ) from error


def _key(line: str) -> str:
    key = str(_read(values.PUBLIC_KEY, line.strip()))
    _asyncssh_key(key)
    return key


def _networks(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(_read(values.NETWORK, one.strip())) for one in told))


def _read(kind: Kind, raw: str) -> object:
    read = kind.read(raw)
    if isinstance(read, Wrong):
        raise UsageError(read.problem, remedy=read.remedy)
    return read


def _row(
    login: str,
    origin: Origin,
    *,
    keys: tuple[str, ...],
    allow: tuple[str, ...],
    by: str,
    now: datetime,
) -> dict[str, Any]:
    return {
        "login": login,
        "folded": login.casefold(),
        "origin": origin,
        "keys": keys,
        "allow": allow,
        "added_at": now,
        "added_by": by,
    }


def _changeable(handle: TenantStore, login: str) -> SftpAccount:
    found = get(handle, login)
    if found.origin is Origin.FILE:
        raise ConflictError(
            f"the SFTP account {login} is the configuration file's",
            remedy=f"change it there, in [tenant.{handle.name}.sftp.{login}]",
        )
    return found


def _change(handle: TenantStore, login: str, **changed: object) -> None:
    with handle.writing() as seen:
        seen.update(SFTP_ACCOUNTS, SFTP_ACCOUNTS.c.login == login, **changed)


def _log(
    handle: TenantStore,
    act: str,
    login: str,
    by: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> None:
    audit.append(handle, actor=by, act=act, subject=login, now=now, details=details)
