"""Host keys of other people's SFTP servers: those an operator has said yes to, one a connection.

A key is trusted for an address. A connection that is given another address needs another yes.
"""

from dataclasses import dataclass
from datetime import datetime

from rosterway.store import audit
from rosterway.store.columns import instant, tenant_table, text
from rosterway.store.walls import TenantStore

HOST_KEYS = tenant_table(
    "host_keys",
    text("connection"),
    text("address"),
    text("key"),
    instant("trusted_at"),
    text("trusted_by"),
    key=("connection",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """A yes: `key` is its kind and its base64, `address` host and port."""

    tenant: str
    connection: str
    address: str
    key: str
    trusted_at: datetime
    trusted_by: str


def trust(
    handle: TenantStore,
    connection: str,
    *,
    address: str,
    key: str,
    fingerprint: str,
    by: str,
    now: datetime,
) -> TrustedKey:
    """Trust a key, in place of the one before; the audit log has both."""
    with handle.together() as tx, tx.writing() as seen:
        before = find(tx, connection)
        yes = TrustedKey(
            tenant=handle.name,
            connection=connection,
            address=address,
            key=key,
            trusted_at=now,
            trusted_by=by,
        )
        told = {"address": address, "key": key, "trusted_at": now, "trusted_by": by}
        if not seen.insert_new(HOST_KEYS, connection=connection, **told):
            seen.update(HOST_KEYS, HOST_KEYS.c.connection == connection, **told)
        details = {"address": address, "key": key, "fingerprint": fingerprint}
        if before is not None:
            details |= {"before": before.key, "address_before": before.address}
        audit.append(
            tx, actor=by, act="connection.trust", subject=connection, now=now, details=details
        )
        return yes


def find(handle: TenantStore, connection: str, address: str | None = None) -> TrustedKey | None:
    """The key trusted for a connection, if it is for this address or none is asked for."""
    where = [HOST_KEYS.c.connection == connection]
    if address is not None:
        where.append(HOST_KEYS.c.address == address)
    with handle.reading() as seen:
        return seen.first(TrustedKey, HOST_KEYS, *where)
