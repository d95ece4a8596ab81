"""Deliveries: one arrival of files or one pull each, sealed, and never changed afterwards.

The files themselves are blobs, put before the delivery is recorded. The id follows from feed,
content and the moment it was complete, so sealing the same arrival again after a crash names the
same delivery, while the same files sent a second time are another one, with the same `content`.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Index

from rosterway.errors import NotFoundError
from rosterway.store.columns import canonical, instant, json, refers, tenant_table, text
from rosterway.store.ids import dated
from rosterway.store.walls import TenantStore


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file as it was named by the sender, and the blob that it is."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that is no part of the delivery, and why: cut after `size` bytes, or not to be read."""

    name: str
    reason: str
    size: int | None = None


DELIVERIES = tenant_table(
    "deliveries",
    text("id"),
    text("feed"),
    text("source"),
    text("sender"),
    instant("received_at"),
    instant("sealed_at"),
    text("sealed_because"),
    text("content"),
    json("files", tuple[DeliveredFile, ...]),
    json("unfinished", tuple[LeftFile, ...]),
    json("left", tuple[LeftFile, ...]),
    text("unproven", null=True),
    refers(("feed",), "feeds", ("name",)),
    key=("id",),
)
Index(None, DELIVERIES.c.tenant, DELIVERIES.c.feed, DELIVERIES.c.content)
Index(None, DELIVERIES.c.tenant, DELIVERIES.c.feed, DELIVERIES.c.received_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A sealed delivery.

    `source` is the way it came (sftp, https, command-line, pull), `sender` who signed in, `content`
    the digest of names and bytes. `unfinished` files never came to their end; `left` ones could not
    be read: links, devices, impossible names. `unproven` says why what is missing from it must not be
    taken for gone; None if it may.
    """

    tenant: str
    id: str
    feed: str
    source: str
    sender: str
    received_at: datetime
    sealed_at: datetime
    sealed_because: str
    content: str
    files: tuple[DeliveredFile, ...]
    unfinished: tuple[LeftFile, ...]
    left: tuple[LeftFile, ...]
    unproven: str | None = None


def content_digest(files: Iterable[DeliveredFile]) -> str:
    """The digest of names and bytes, whatever order the files came in."""
    listed = sorted((file.name, file.sha256) for file in files)
    return hashlib.sha256(canonical(listed)).hexdigest()


def seal(
    handle: TenantStore,
    *,
    feed: str,
    source: str,
    sender: str,
    received_at: datetime,
    files: Iterable[DeliveredFile],
    unfinished: Iterable[LeftFile] = (),
    left: Iterable[LeftFile] = (),
    because: str,
    unproven: str | None = None,
    now: datetime,
) -> Delivery:
    """Record a delivery whose files are blobs already; again, and it is the same one.

    `received_at` is when it was complete, `because` what made it so (settled, marker, zip, …). Both
    come with the arrival and not from the clock: they must be the same in a repetition.
    """
    listed = tuple(sorted(files, key=lambda file: file.name))
    content = content_digest(listed)
    sealed_id = dated(received_at, "delivery", handle.name, feed, content)
    with handle.together() as tx, tx.writing() as seen:
        seen.insert_new(
            DELIVERIES,
            id=sealed_id,
            feed=feed,
            source=source,
            sender=sender,
            received_at=received_at,
            sealed_at=now,
            sealed_because=because,
            content=content,
            files=listed,
            unfinished=tuple(unfinished),
            left=tuple(left),
            unproven=unproven,
        )
        return get(tx, sealed_id)


def get(handle: TenantStore, delivery: str) -> Delivery:
    """The delivery of this id; `NotFoundError` if there is none."""
    with handle.reading() as seen:
        found = seen.first(Delivery, DELIVERIES, DELIVERIES.c.id == delivery)
    if found is None:
        raise NotFoundError(f'there is no delivery "{delivery}"')
    return found


def of_feed(
    handle: TenantStore, feed: str, *, before: Delivery | None = None, limit: int = 100
) -> list[Delivery]:
    """A feed's deliveries, the latest first; `before` one of them gives the next page."""
    table = DELIVERIES.c
    where = [table.feed == feed]
    if before is not None:
        earlier = table.received_at < before.received_at
        where.append(earlier | ((table.received_at == before.received_at) & (table.id < before.id)))
    order = (table.received_at.desc(), table.id.desc())
    with handle.reading() as seen:
        return seen.find(Delivery, DELIVERIES, *where, order=order, limit=limit)


def same_content(handle: TenantStore, delivery: Delivery) -> list[Delivery]:
    """Earlier deliveries of the feed with exactly the same files, the latest first."""
    table = DELIVERIES.c
    with handle.reading() as seen:
        return seen.find(
            Delivery,
            DELIVERIES,
            table.feed == delivery.feed,
            table.content == delivery.content,
            table.received_at < delivery.received_at,
            order=(table.received_at.desc(), table.id.desc()),
        )
