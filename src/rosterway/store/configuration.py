"""The configuration file becomes the store's tenants, feeds and SFTP accounts.

The file is the truth for what it names; applying it again changes nothing. A feed it names no more
is retired and keeps its history.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from rosterway.settings import Connection, Feed, Settings, SftpConnection, Tenant, as_data
from rosterway.store import feeds, sftp_accounts, tenants
from rosterway.store.store import Store


@dataclass(frozen=True, slots=True)
class Applied:
    """What an application of the file did: names as `tenant/feed`."""

    changed: tuple[str, ...]  # policy or connection differs from before
    retired: tuple[str, ...]


def apply(
    store: Store,
    settings: Settings,
    *,
    policies: Mapping[str, str] = MappingProxyType({}),
    now: datetime,
) -> Applied:
    """Bring tenants, feeds and SFTP accounts in line with the settings, all or none.

    `policies` are the texts of the files that `policy` of feeds names.
    """
    changed: list[str] = []
    retired: list[str] = []
    with store.together() as tx:
        for key, tenant in settings.tenants.items():
            tenants.put(tx, key, title=tenant.name, time_zone=tenant.time_zone.key, now=now)
            handle = tx.tenant(key)
            before = {feed.name: feed.policy for feed in feeds.every(handle, retired=True)}
            for name, feed in tenant.feeds.items():
                policy = policy_of(tenant, feed, policies)
                kept = feeds.put(
                    handle, name, config=_config_of(tenant, feed), policy=policy, now=now
                )
                if before.get(name, kept.policy) != kept.policy:
                    changed.append(f"{key}/{name}")
            struck = feeds.retire(handle, keep=tenant.feeds, now=now)
            retired += [f"{key}/{name}" for name in struck]
        told = {key: tenant.sftp for key, tenant in settings.tenants.items()}
        sftp_accounts.apply_file(tx, told, now=now)
    return Applied(tuple(changed), tuple(retired))


def _config_of(tenant: Tenant, feed: Feed) -> dict[str, Any]:
    """A feed as it is kept: with what of its tenant concerns it as well."""
    return as_data(feed) | {
        "collects": feed.source in tenant.sftp_connections,
        "blackout": as_data((*tenant.blackout, *feed.blackout)),
    }


def policy_of(
    tenant: Tenant, feed: Feed, policies: Mapping[str, str] = MappingProxyType({})
) -> dict[str, Any]:
    """What decides where a feed's rows come from and go to, and what a vanished one becomes.

    Limits, schedules (of deltas, too), blackouts, alarms, approval, settling, speed and secrets are
    left out: changing those is no change of policy (safety.md, `after-pause`).
    """
    connection = tenant.connections.get(feed.source)
    pulled: dict[str, Any] = {}
    if connection:
        pulled["translation"] = policies[feed.policy] if feed.policy else None
        if feed.filter:
            pulled["filter"] = as_data(feed.filter)
    if theirs := tenant.sftp_connections.get(feed.source):
        pulled["collected"] = _place(theirs, feed)
    return {
        **pulled,
        "canvas": tenant.canvas.key,
        "source": feed.source,
        "connection": _identity(connection) if connection else None,
        "apply": feed.apply.value,
        "encoding": feed.encoding,
        "vanished": as_data(feed.vanished),
    }


def _place(theirs: SftpConnection, feed: Feed) -> dict[str, Any]:
    return {
        "address": theirs.address,
        "folder": [theirs.folder, feed.folder],
        "files": sorted(theirs.files),
    }


def _identity(connection: Connection) -> dict[str, Any]:
    return {
        "url": connection.rostering_url,
        "version": connection.version.value,
        "profile": connection.profile,
        "exclude": sorted(connection.exclude),
        "filter": as_data(connection.filter),
        "fields": as_data(connection.fields),
        "service": connection.service.value if connection.service else None,
    }
