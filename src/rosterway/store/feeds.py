"""Feeds: what each is told to do, whether it is paused, and what it last did differently.

`config` is the feed as configured, for showing and exporting. `policy` is a digest of only that
which decides what a vanished row means and where rosters come from: when it changes, the next run
must not remove anything unseen (safety.md, `after-pause`). Limits are no policy.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store import audit
from rosterway.store.columns import canonical, instant, json, tenant_table, text
from rosterway.store.walls import TenantStore

FEEDS = tenant_table(
    "feeds",
    text("name"),
    json("config", dict[str, Any]),
    text("policy"),
    instant("applied_at"),
    instant("paused_at", null=True),
    text("paused_by", null=True),
    text("paused_reason", null=True),
    instant("resumed_at", null=True),
    instant("retired_at", null=True),
    key=("name",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed; `retired_at` says since when the configuration does not name it any more."""

    tenant: str
    name: str
    config: Mapping[str, Any]
    policy: str
    applied_at: datetime
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    resumed_at: datetime | None
    retired_at: datetime | None

    @property
    def collects(self) -> bool:
        """Whether its files are fetched from somebody else's server."""
        return bool(self.config.get("collects"))

    @property
    def runs(self) -> bool:
        """Whether deliveries and schedules start runs of it."""
        return self.paused_at is None and self.retired_at is None


def policy_digest(policy: Mapping[str, Any]) -> str:
    """The digest of what decides about removals; equal policies have equal digests."""
    return hashlib.sha256(canonical(policy)).hexdigest()


def put(
    handle: TenantStore,
    name: str,
    *,
    config: Mapping[str, Any],
    policy: Mapping[str, Any],
    now: datetime,
) -> Feed:
    """Add a feed or change what it is told; a pause stays, a retirement ends."""
    told = {
        "config": config,
        "policy": policy_digest(policy),
        "applied_at": now,
        "retired_at": None,
    }
    with handle.together() as tx, tx.writing() as seen:
        if not seen.insert_new(FEEDS, name=name, **told):
            seen.update(FEEDS, FEEDS.c.name == name, **told)
        return get(tx, name)


def retire(handle: TenantStore, *, keep: Collection[str], now: datetime) -> list[str]:
    """Retire every feed whose name is not in `keep`; the names of those it struck."""
    with handle.together() as tx, tx.writing() as seen:
        struck = [feed.name for feed in every(tx) if feed.name not in keep]
        for name in struck:
            seen.update(FEEDS, FEEDS.c.name == name, retired_at=now)
        return struck


def get(handle: TenantStore, name: str) -> Feed:
    """The feed of this name; `NotFoundError` if there is none."""
    with handle.reading() as seen:
        found = seen.first(Feed, FEEDS, FEEDS.c.name == name)
    if found is None:
        raise NotFoundError(f'there is no feed "{name}"', remedy="look at `rosterway feed list`")
    return found


def every(handle: TenantStore, *, retired: bool = False) -> list[Feed]:
    """The tenant's feeds by name, the retired ones only if asked for."""
    where = [] if retired else [FEEDS.c.retired_at.is_(None)]
    with handle.reading() as seen:
        return seen.find(Feed, FEEDS, *where, order=(FEEDS.c.name,))


def pause(handle: TenantStore, name: str, *, by: str, reason: str, now: datetime) -> Feed:
    """Start no more runs of it; `ConflictError` if it is paused already."""
    with handle.together() as tx, tx.writing() as seen:
        paused = {"paused_at": now, "paused_by": by, "paused_reason": reason}
        if not seen.update(FEEDS, FEEDS.c.name == name, FEEDS.c.paused_at.is_(None), **paused):
            feed = get(tx, name)
            raise ConflictError(f'{feed.paused_by} has paused "{name}" already')
        audit.append(
            tx, actor=by, act="feed.pause", subject=name, now=now, details={"reason": reason}
        )
        return get(tx, name)


def resume(handle: TenantStore, name: str, *, by: str, now: datetime) -> Feed:
    """Start runs of it again; `ConflictError` if it is not paused."""
    with handle.together() as tx, tx.writing() as seen:
        resumed = {"paused_at": None, "paused_by": None, "paused_reason": None, "resumed_at": now}
        if not seen.update(FEEDS, FEEDS.c.name == name, FEEDS.c.paused_at.is_not(None), **resumed):
            get(tx, name)
            raise ConflictError(f'"{name}" is not paused')
        audit.append(tx, actor=by, act="feed.resume", subject=name, now=now)
        return get(tx, name)
