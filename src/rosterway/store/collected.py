"""Files taken from somebody else's server: what each was when it was taken, and into which delivery.

One record a name, the newest: what still is as recorded is not taken again. A file that is to be
moved and has not been is on record as such until it has. Receipts that could not be sent there are
kept here as well until they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rosterway.store.columns import instant, number, refers, tenant_table, text
from rosterway.store.walls import TenantStore

COLLECTED = tenant_table(
    "collected",
    text("feed"),
    text("name"),
    number("size"),
    number("mtime"),
    text("sha256", null=True),
    text("delivery"),
    instant("taken_at"),
    text("move_to", null=True),
    refers(("feed",), "feeds", ("name",)),
    refers(("delivery",), "deliveries", ("id",)),
    key=("feed", "name"),
)

OWED_RECEIPTS = tenant_table(
    "owed_receipts",
    text("delivery"),
    text("feed"),
    text("run"),
    instant("since"),
    text("reason"),
    refers(("delivery",), "deliveries", ("id",)),
    refers(("run",), "runs", ("id",)),
    key=("delivery",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedFile:
    """A file as it was taken: `mtime` in seconds as their server says; a marker has no `sha256`.

    `move_to` is where it is still to be moved to; None once it was, or if it stays.
    """

    tenant: str
    feed: str
    name: str
    size: int
    mtime: int
    sha256: str | None
    delivery: str
    taken_at: datetime
    move_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedReceipt:
    """A receipt of a run that their server has not had yet, and why."""

    tenant: str
    delivery: str
    feed: str
    run: str
    since: datetime
    reason: str


def of_feed(handle: TenantStore, feed: str) -> list[CollectedFile]:
    """What was taken for a feed, by name."""
    with handle.reading() as seen:
        order = (COLLECTED.c.name,)
        return seen.find(CollectedFile, COLLECTED, COLLECTED.c.feed == feed, order=order)


def put(handle: TenantStore, files: Iterable[CollectedFile]) -> None:
    """Record files as taken, each in place of what was known under its name."""
    with handle.writing() as seen:
        for file in files:
            told = {
                "size": file.size,
                "mtime": file.mtime,
                "sha256": file.sha256,
                "delivery": file.delivery,
                "taken_at": file.taken_at,
                "move_to": file.move_to,
            }
            if not seen.insert_new(COLLECTED, feed=file.feed, name=file.name, **told):
                same = (COLLECTED.c.feed == file.feed, COLLECTED.c.name == file.name)
                seen.update(COLLECTED, *same, **told)


def moved(handle: TenantStore, file: CollectedFile) -> None:
    """Note that a file needs no moving any more; what has been taken anew meanwhile still does."""
    with handle.writing() as seen:
        table = COLLECTED.c
        same = (table.feed == file.feed, table.name == file.name, table.delivery == file.delivery)
        seen.update(COLLECTED, *same, move_to=None)


def owe(
    handle: TenantStore, delivery: str, *, feed: str, run: str, reason: str, now: datetime
) -> None:
    """Note that a receipt could not be sent; the newest run's takes the place of an earlier one."""
    told = {"feed": feed, "run": run, "since": now, "reason": reason}
    with handle.writing() as seen:
        if not seen.insert_new(OWED_RECEIPTS, delivery=delivery, **told):
            seen.update(OWED_RECEIPTS, OWED_RECEIPTS.c.delivery == delivery, **told)


def owed(handle: TenantStore, feed: str) -> list[OwedReceipt]:
    """The receipts of a feed that were not sent, the oldest first."""
    table = OWED_RECEIPTS.c
    with handle.reading() as seen:
        order = (table.since, table.delivery)
        return seen.find(OwedReceipt, OWED_RECEIPTS, table.feed == feed, order=order)


def sent(handle: TenantStore, delivery: str) -> None:
    """Note that a delivery's receipt is where it belongs."""
    with handle.writing() as seen:
        seen.delete(OWED_RECEIPTS, OWED_RECEIPTS.c.delivery == delivery)
