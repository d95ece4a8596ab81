"""Sealed secrets: kept in the database, opened only with the home's keys.

What is sealed begins with the tenant and the name, and opening checks both, so a sealed secret
copied into another tenant's row, or under another name, does not open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from cryptography.fernet import InvalidToken

from rosterway.errors import NotFoundError, StoreError
from rosterway.store import audit
from rosterway.store.columns import canonical, instant, tenant_table, text
from rosterway.store.keyring import Keyring
from rosterway.store.walls import TenantStore

SEALED_SECRETS = tenant_table(
    "sealed_secrets",
    text("name"),
    text("sealed"),
    instant("sealed_at"),
    text("sealed_by"),
    key=("name",),
    of_known_tenants=False,  # the installation has some too
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """That there is a secret of this name, since when, and by whom."""

    tenant: str
    name: str
    sealed: str
    sealed_at: datetime
    sealed_by: str


def seal(handle: TenantStore, name: str, value: str, *, by: str, now: datetime) -> None:
    """Keep a secret, in place of the one that had this name."""
    content = canonical([handle.name, name, value])
    sealed = {
        "sealed": handle.keyring.fernet().encrypt(content).decode(),
        "sealed_at": now,
        "sealed_by": by,
    }
    with handle.together() as tx, tx.writing() as seen:
        if not seen.insert_new(SEALED_SECRETS, name=name, **sealed):
            seen.update(SEALED_SECRETS, SEALED_SECRETS.c.name == name, **sealed)
        audit.append(tx, actor=by, act="secret.seal", subject=name, now=now)


def unseal(handle: TenantStore, name: str) -> str:
    """The secret; `NotFoundError` if there is none of this name."""
    found = _find(handle, name)
    try:
        content = handle.keyring.fernet().decrypt(found.sealed)
    except InvalidToken as error:
        raise StoreError(
            f'the sealed secret "{name}" does not open with the keys of this home',
            remedy="restore the keys folder from the backup, or seal the secret anew",
        ) from error
    tenant, sealed_name, value = msgspec.json.decode(content, type=tuple[str, str, str])
    if (tenant, sealed_name) != (handle.name, name):
        raise StoreError(
            f'the sealed secret "{name}" was sealed for something else',
            remedy="seal it anew, and find out who moved it",
        )
    return value


def unsealing(handle: TenantStore) -> Callable[[str], str]:
    """`unseal` for one tenant, as `settings.SecretPlaces` wants it."""
    return lambda name: unseal(handle, name)


def names(handle: TenantStore) -> list[SealedSecret]:
    """What is sealed, by name; still sealed."""
    with handle.reading() as seen:
        return seen.find(SealedSecret, SEALED_SECRETS, order=(SEALED_SECRETS.c.name,))


def forget(handle: TenantStore, name: str, *, by: str, now: datetime) -> None:
    """Remove a secret; `NotFoundError` if there is none of this name."""
    with handle.together() as tx, tx.writing() as seen:
        if not seen.delete(SEALED_SECRETS, SEALED_SECRETS.c.name == name):
            raise _absent(name)
        audit.append(tx, actor=by, act="secret.forget", subject=name, now=now)


def reseal(handle: TenantStore, keyring: Keyring) -> int:
    """Seal every secret of the tenant with the newest key of `keyring`; how many there were."""
    fernet = keyring.fernet()
    with handle.writing() as seen:
        found = seen.find(SealedSecret, SEALED_SECRETS)
        for secret in found:
            turned = fernet.rotate(secret.sealed.encode()).decode()
            seen.update(SEALED_SECRETS, SEALED_SECRETS.c.name == secret.name, sealed=turned)
        return len(found)


def _find(handle: TenantStore, name: str) -> SealedSecret:
    with handle.reading() as seen:
        found = seen.first(SealedSecret, SEALED_SECRETS, SEALED_SECRETS.c.name == name)
    if found is None:
        raise _absent(name)
    return found


def _absent(name: str) -> NotFoundError:
    return NotFoundError(f'there is no sealed secret "{name}"', remedy="seal it first")
