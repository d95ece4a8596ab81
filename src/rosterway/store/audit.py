"""The audit log: who did what, when, in a chain that shows any later change.

Each entry carries a keyed hash over itself and the entry before it, and the head of the chain is
kept apart. `verify` finds an entry that was altered, taken out, moved or added, and a tail that
was cut off. The key is in the home's keys, so the database alone is not enough to forge a chain.
Entries are only ever added; there is no function to change one.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rosterway.store.columns import canonical, instant, json, number, tenant_table, text
from rosterway.store.walls import TenantStore

AUDIT = tenant_table(
    "audit",
    number("seq"),
    instant("at"),
    text("actor"),
    text("act"),
    text("subject"),
    json("details", dict[str, Any]),
    text("previous"),
    text("hash"),
    key=("seq",),
    of_known_tenants=False,  # the log outlives the tenant
)

AUDIT_HEADS = tenant_table(
    "audit_heads", number("seq"), text("hash"), key=(), of_known_tenants=False
)

_PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One act: `actor` is an operator's name, or what acted by itself; `act` as `plan.approve`."""

    tenant: str
    seq: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far the chain goes."""

    tenant: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What `verify` found: how many entries hold, and where and why the chain breaks if it does."""

    entries: int
    broken_at: int | None = None
    why: str = ""


def append(
    handle: TenantStore,
    *,
    actor: str,
    act: str,
    subject: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> Entry:
    """Add an entry; inside `together` it is kept exactly if what it tells of is."""
    with handle.writing() as seen:
        seen.insert_new(AUDIT_HEADS, seq=0, hash="")
        seen.update(AUDIT_HEADS, seq=AUDIT_HEADS.c.seq)  # locks the head until we are done
        head = seen.find(Head, AUDIT_HEADS)[0]
        facts: dict[str, Any] = {
            "seq": head.seq + 1,
            "at": now.astimezone(UTC),
            "actor": actor,
            "act": act,
            "subject": subject,
            "details": dict(details or {}),
            "previous": head.hash,
        }
        signature = _signature(handle.keyring.audit, handle.name, facts)
        seen.insert(AUDIT, **facts, hash=signature)
        seen.update(AUDIT_HEADS, seq=head.seq + 1, hash=signature)
        return Entry(tenant=handle.name, hash=signature, **facts)


def entries(
    handle: TenantStore, *, before: int | None = None, limit: int = 100, subject: str | None = None
) -> list[Entry]:
    """The latest entries first; `before` a `seq` gives the next page."""
    where = [AUDIT.c.seq < before] if before is not None else []
    where += [AUDIT.c.subject == subject] if subject is not None else []
    with handle.reading() as seen:
        return seen.find(Entry, AUDIT, *where, order=(AUDIT.c.seq.desc(),), limit=limit)


def verify(handle: TenantStore) -> Verification:
    """Walk the whole chain."""
    with handle.reading() as seen:
        head = seen.first(Head, AUDIT_HEADS)
        seq, previous = 0, ""
        while True:
            page = seen.find(Entry, AUDIT, AUDIT.c.seq > seq, order=(AUDIT.c.seq,), limit=_PAGE)
            for entry in page:
                why = _broken(handle.keyring.audit, entry, seq + 1, previous)
                if why:
                    return Verification(entries=seq, broken_at=seq + 1, why=why)
                seq, previous = entry.seq, entry.hash
            if not page:
                break
    if (seq, previous) != ((head.seq, head.hash) if head else (0, "")):
        return Verification(entries=seq, broken_at=seq + 1, why="the latest entries are missing")
    return Verification(entries=seq)


def _broken(key: bytes, entry: Entry, seq: int, previous: str) -> str:
    if entry.seq != seq:
        return "an entry is missing"
    if entry.previous != previous:
        return "the entry does not follow the one before it"
    facts = {
        name: getattr(entry, name)
        for name in ("seq", "at", "actor", "act", "subject", "details", "previous")
    }
    if not hmac.compare_digest(entry.hash, _signature(key, entry.tenant, facts)):
        return "the entry was altered"
    return ""


def _signature(key: bytes, tenant: str, facts: Mapping[str, Any]) -> str:
    return hmac.new(key, canonical({"tenant": tenant, **facts}), hashlib.sha256).hexdigest()
