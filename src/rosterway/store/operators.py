"""Operators: the people who sign in, their roles, and their passwords as Argon2 hashes.

Hashing takes about a tenth of a second of a core on purpose: call `add`, `set_password` and
`sign_in` from a worker thread, and limit how often they can be tried. `sign_in` takes as long for
a name that does not exist as for a wrong password.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Column, ForeignKey, Table

from rosterway.errors import ConflictError, NotFoundError, UsageError
from rosterway.store import audit
from rosterway.store.columns import METADATA, TEXT, choice, instant, text
from rosterway.store.store import Store
from rosterway.store.walls import Transaction

#: Stands for every tenant where a role is given.
EVERY_TENANT = "*"

#: Shorter passwords are refused; NIST SP 800-63B-4 asks for 15 where nothing else is asked for.
SHORTEST_PASSWORD = 12


class Role(StrEnum):
    """What an operator may do; the permissions of each are the console's table."""

    VIEWER = "viewer"
    REGISTRAR = "registrar"
    APPROVER = "approver"
    TEACHER = "teacher"
    ADMIN = "admin"


OPERATORS = Table(
    "operators",
    METADATA,
    Column("name", TEXT, primary_key=True),
    text("password_hash"),
    instant("created_at"),
    instant("disabled_at", null=True),
)

OPERATOR_ROLES = Table(
    "operator_roles",
    METADATA,
    Column("operator", TEXT, ForeignKey("operators.name"), primary_key=True),
    Column("tenant", TEXT, primary_key=True),
    choice("role", Role),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A person who signs in; `roles` by tenant, "*" being every tenant."""

    name: str
    created_at: datetime
    disabled_at: datetime | None
    password_hash: str = field(repr=False)
    roles: Mapping[str, Role] = field(default_factory=dict[str, Role])

    def role_in(self, tenant: str) -> Role | None:
        """The role in this tenant: the one given for it, else the one for every tenant."""
        if self.disabled_at is not None:
            return None
        return self.roles.get(tenant) or self.roles.get(EVERY_TENANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grant:
    operator: str
    tenant: str
    role: Role


def add(
    store: Store,
    name: str,
    *,
    password: str,
    role: Role,
    tenant: str = EVERY_TENANT,
    by: str,
    now: datetime,
) -> Operator:
    """Add an operator; `ConflictError` if the name is taken, `UsageError` on a short password."""
    hashed = _hashed(password)
    with store.together() as tx, tx.writing() as seen:
        added = seen.insert_new(OPERATORS, name=name, password_hash=hashed, created_at=now)
        if not added:
            raise ConflictError(f'there is an operator "{name}" already')
        audit.append(tx.installation, actor=by, act="operator.add", subject=name, now=now)
        return grant(tx, name, role, tenant=tenant, by=by, now=now)


def grant(
    store: Store, name: str, role: Role, *, tenant: str = EVERY_TENANT, by: str, now: datetime
) -> Operator:
    """Give an operator a role in one tenant or in all, in place of the one there."""
    table = OPERATOR_ROLES.c
    with store.together() as tx, tx.writing() as seen:
        get(tx, name)
        if not seen.insert_new(OPERATOR_ROLES, operator=name, tenant=tenant, role=role):
            seen.update(OPERATOR_ROLES, table.operator == name, table.tenant == tenant, role=role)
        _log(tx, "operator.grant", name, by, now, role=role.value, tenant=tenant)
        return get(tx, name)


def withdraw(store: Store, name: str, *, tenant: str, by: str, now: datetime) -> Operator:
    """Take an operator's role in one tenant, or the one in every tenant."""
    table = OPERATOR_ROLES.c
    with store.together() as tx, tx.writing() as seen:
        seen.delete(OPERATOR_ROLES, table.operator == name, table.tenant == tenant)
        _log(tx, "operator.withdraw", name, by, now, tenant=tenant)
        return get(tx, name)


def set_password(store: Store, name: str, password: str, *, by: str, now: datetime) -> None:
    """Give an operator another password; sessions and tokens stay as they are."""
    hashed = _hashed(password)
    with store.together() as tx:
        _change(tx, name, password_hash=hashed)
        _log(tx, "operator.password", name, by, now)


def disable(store: Store, name: str, *, by: str, now: datetime) -> None:
    """Let an operator in no more; sessions and tokens end at once."""
    with store.together() as tx:
        _change(tx, name, disabled_at=now)
        _log(tx, "operator.disable", name, by, now)


def enable(store: Store, name: str, *, by: str, now: datetime) -> None:
    """Let an operator in again."""
    with store.together() as tx:
        _change(tx, name, disabled_at=None)
        _log(tx, "operator.enable", name, by, now)


def sign_in(store: Store, name: str, password: str) -> Operator | None:
    """The operator if the password is right and they are let in, else None."""
    with store.reading() as seen:
        found = _first(seen, name)
    hashed = found.password_hash if found else _nobodys_hash()
    try:
        right = _hasher().verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return None
    if not right or found is None or found.disabled_at is not None:
        return None
    if _hasher().check_needs_rehash(hashed):
        _change(store, name, password_hash=_hasher().hash(password))
    return found


def get(store: Store, name: str) -> Operator:
    """The operator of this name; `NotFoundError` if there is none."""
    with store.reading() as seen:
        found = _first(seen, name)
    if found is None:
        raise NotFoundError(f'there is no operator "{name}"')
    return found


def every(store: Store) -> list[Operator]:
    """All operators, by name."""
    with store.reading() as seen:
        known = seen.find(Operator, OPERATORS, order=(OPERATORS.c.name,))
        return [_with_roles(seen, operator) for operator in known]


def _first(seen: Transaction, name: str) -> Operator | None:
    found = seen.first(Operator, OPERATORS, OPERATORS.c.name == name)
    return _with_roles(seen, found) if found else None


def _with_roles(seen: Transaction, operator: Operator) -> Operator:
    grants = seen.find(_Grant, OPERATOR_ROLES, OPERATOR_ROLES.c.operator == operator.name)
    return Operator(
        name=operator.name,
        created_at=operator.created_at,
        disabled_at=operator.disabled_at,
        password_hash=operator.password_hash,
        roles={grant.tenant: grant.role for grant in grants},
    )


def _change(store: Store, name: str, **values: object) -> None:
    with store.writing() as seen:
        if not seen.update(OPERATORS, OPERATORS.c.name == name, **values):
            raise NotFoundError(f'there is no operator "{name}"')


def _log(store: Store, act: str, name: str, by: str, now: datetime, **details: str) -> None:
    audit.append(store.installation, actor=by, act=act, subject=name, now=now, details=details)


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has at least {SHORTEST_PASSWORD} characters")
    return _hasher().hash(password)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("a password that nobody has")
