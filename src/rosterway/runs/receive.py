"""Receive: what arrived becomes a delivery, its bytes kept before its folder is let go."""

import asyncio
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from rosterway.errors import UsageError
from rosterway.gateway.handoff import Arrival
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.store import deliveries, feeds
from rosterway.store.deliveries import DeliveredFile, Delivery, LeftFile
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore


async def receive_arrival(office: Office, arrival: Arrival) -> None:
    """Keep an arrival of the SFTP tree as a delivery; again, and it is the same delivery."""
    handle = office.store.tenant(arrival.tenant)
    await asyncio.to_thread(_keep_arrival, handle, arrival, office.clock())
    passing(Moment.DELIVERY_SEALED)
    shutil.rmtree(arrival.directory, ignore_errors=True)
    office.poke()


def _keep_arrival(handle: TenantStore, arrival: Arrival, now: datetime) -> Delivery:
    files = [
        DeliveredFile(file.name, blob.digest, blob.size)
        for file in arrival.files
        for blob in [handle.blobs.put_file(file.path)]
    ]
    return deliveries.seal(
        handle,
        feed=arrival.feed,
        source="sftp",
        sender="",
        received_at=arrival.sealed_at,
        files=files,
        unfinished=[LeftFile(cut.name, cut.reason, cut.size) for cut in arrival.unfinished],
        left=[LeftFile(left.name, left.reason) for left in arrival.left],
        because=arrival.why.value,
        now=now,
    )


def deliver_paths(
    store: Store,
    tenant: str,
    feed: str,
    paths: Sequence[Path],
    *,
    sender: str,
    now: datetime,
) -> Delivery:
    """Keep files, folders or zips given by hand as a delivery. A running server takes it up.

    Raises UsageError for a path that cannot be read, NotFoundError for an unknown feed.
    """
    handle = store.tenant(tenant)
    feeds.get(handle, feed)
    files = [
        DeliveredFile(name, blob.digest, blob.size)
        for name, path in _named(paths)
        for blob in [handle.blobs.put_file(path)]
    ]
    if not files:
        raise UsageError(
            "There is no file to deliver.", remedy="Name CSV files, a folder or a zip."
        )
    return deliveries.seal(
        handle,
        feed=feed,
        source="command-line",
        sender=sender,
        received_at=now,
        files=files,
        because="command",
        now=now,
    )


def _named(paths: Sequence[Path]) -> list[tuple[str, Path]]:
    named: list[tuple[str, Path]] = []
    for path in paths:
        if path.is_dir():
            named += [
                (found.relative_to(path).as_posix(), found)
                for found in sorted(path.rglob("*"))
                if found.is_file() and not found.is_symlink()
            ]
        elif path.is_file():
            named.append((path.name, path))
        else:
            raise UsageError(f"There is no file or folder {path}.", remedy="Check the path.")
    return named
