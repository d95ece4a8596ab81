"""The journal of uploads: which files of a tenant's tree were written whole.

A file is whole when its sender closed it. What is open when a connection or this process dies is
lost: it is never read until it has been sent again. A file that is in the tree and not in the
journal was put there by nobody we know, or while we crashed, and counts as unfinished.

Events come in batches (`note`), so that thousands of small files cost a few commits and not
thousands. A file that was whole must be noted as opened before it is written to again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from rosterway.store.columns import choice, instant, number, tenant_table, text
from rosterway.store.walls import TenantStore, Transaction


class UploadState(StrEnum):
    """What is known of a file."""

    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file was opened for writing."""

    path: str
    sender: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """Its sender closed it; `at` is when it was last written to, `size` what it had then."""

    path: str
    size: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection died while it was open."""

    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """A file, or a folder with all in it, has another path now."""

    path: str
    to: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Forgotten:
    """A file, or a folder with all in it, is gone from the tree: removed, or sealed."""

    path: str


Event = Opened | Closed | Lost | Moved | Forgotten

UPLOADS = tenant_table(
    "uploads",
    text("path"),
    text("sender"),
    choice("state", UploadState),
    instant("opened_at"),
    instant("changed_at"),
    number("size", null=True),
    key=("path",),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of the tree; `path` is inside the tree, `changed_at` when we last saw it change."""

    tenant: str
    path: str
    sender: str
    state: UploadState
    opened_at: datetime
    changed_at: datetime
    size: int | None


def note(handle: TenantStore, events: Iterable[Event]) -> None:
    """Write events in the journal, in their order, all or none."""
    with handle.writing() as seen:
        for event in events:
            _note(seen, event)


def journal(handle: TenantStore, under: str = "") -> list[Upload]:
    """What is known of every file under this folder of the tree, by path."""
    with handle.reading() as seen:
        where = [_under(under)] if under else []
        return seen.find(Upload, UPLOADS, *where, order=(UPLOADS.c.path,))


def lose_open(handle: TenantStore, *, now: datetime) -> int:
    """Mark every open file as lost; how many. For a start after a crash: nobody has them open."""
    with handle.writing() as seen:
        is_open = UPLOADS.c.state == UploadState.OPEN
        return seen.update(UPLOADS, is_open, state=UploadState.LOST, changed_at=now)


def _note(seen: Transaction, event: Event) -> None:
    here = UPLOADS.c.path == event.path
    match event:
        case Opened():
            opened: dict[str, Any] = {
                "sender": event.sender,
                "state": UploadState.OPEN,
                "opened_at": event.at,
                "changed_at": event.at,
                "size": None,
            }
            if not seen.insert_new(UPLOADS, path=event.path, **opened):
                seen.update(UPLOADS, here, **opened)
        case Closed():
            closed = {"state": UploadState.CLOSED, "size": event.size, "changed_at": event.at}
            seen.update(UPLOADS, here, **closed)
        case Lost():
            seen.update(UPLOADS, here, state=UploadState.LOST, changed_at=event.at)
        case Moved():
            _move(seen, event)
        case Forgotten():
            seen.delete(UPLOADS, _under(event.path))


def _move(seen: Transaction, event: Moved) -> None:
    moving = seen.find(Upload, UPLOADS, _under(event.path))
    seen.delete(UPLOADS, _under(event.to))  # what was there has been replaced
    for upload in moving:
        to = event.to + upload.path[len(event.path) :]
        seen.update(UPLOADS, UPLOADS.c.path == upload.path, path=to, changed_at=event.at)


def _under(path: str) -> Any:
    # "0" follows "/", so this is the folder's content and needs no escaping as LIKE does
    folder = path.rstrip("/")
    inside = (UPLOADS.c.path > folder + "/") & (UPLOADS.c.path < folder + "0")
    return (UPLOADS.c.path == folder) | inside
