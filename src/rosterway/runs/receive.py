"""Receive: what arrived becomes a delivery, its bytes kept before its folder is let go."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rosterway.errors import UsageError
from rosterway.gateway import parcels
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.parcels import Parcel
from rosterway.gateway.unpack import below
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.store import collected, deliveries, feeds, runs
from rosterway.store.collected import CollectedFile
from rosterway.store.deliveries import DeliveredFile, Delivery, LeftFile
from rosterway.store.runs import Run
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore

#: The source of deliveries that were fetched from somebody else's server.
COLLECTED = "collected"


async def receive_arrival(office: Office, arrival: Arrival) -> None:
    """Keep an arrival of the SFTP tree as a delivery; again, and it is the same delivery."""
    handle = office.store.tenant(arrival.tenant)
    await asyncio.to_thread(_keep_arrival, handle, arrival, office.clock())
    passing(Moment.DELIVERY_SEALED)
    await asyncio.to_thread(shutil.rmtree, arrival.directory, ignore_errors=True)
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

    Links inside a folder are not followed, and named. Raises UsageError for a path that cannot be
    read and for two files of one name, NotFoundError for an unknown feed.
    """
    handle = store.tenant(tenant)
    feeds.get(handle, feed)
    named, left = _named(paths)
    if not named:
        raise UsageError(
            "There is no file to deliver.", remedy="Name CSV files, a folder or a zip."
        )
    if twice := [name for name, count in Counter(name for name, _ in named).items() if count > 1]:
        raise UsageError(
            f"{twice[0]} is given more than once.", remedy="Give a folder that holds them all."
        )
    return deliveries.seal(
        handle,
        feed=feed,
        source="command-line",
        sender=sender,
        received_at=now,
        files=[_kept(handle, name, path) for name, path in named],
        left=left,
        because="command",
        now=now,
    )


def deliver_parcel(handle: TenantStore, feed: str, parcel: Parcel, *, now: datetime) -> Delivery:
    """Keep a parcel that is complete as a delivery; again, and it is the same delivery."""
    if parcel.said.delivery is not None:
        return deliveries.get(handle, parcel.said.delivery)
    assert parcel.said.complete_at is not None
    files = [
        _kept(handle, piece.name, parcel.path(number))
        for number, piece in enumerate(parcel.said.files)
    ]
    sealed = deliveries.seal(
        handle,
        feed=feed,
        source="https",
        sender=parcel.said.sender,
        received_at=parcel.said.complete_at,
        files=files,
        because="sent",
        now=now,
    )
    parcels.delivered(parcel, sealed.id)
    return sealed


def seal_collected(
    handle: TenantStore,
    run: Run,
    *,
    sender: str,
    files: Iterable[DeliveredFile],
    left: Iterable[LeftFile],
    because: str,
    taken: Callable[[str], Iterable[CollectedFile]],
    now: datetime,
) -> Delivery:
    """Seal files that lie in the blobs already as the delivery of a run.

    That the run has it and what was taken into it, as `taken` says of its id, is one fact with it.
    """
    with handle.together() as tx:
        delivery = deliveries.seal(
            tx,
            feed=run.roster,
            source=COLLECTED,
            sender=sender,
            received_at=now,
            files=files,
            left=left,
            because=because,
            now=now,
        )
        collected.put(tx, taken(delivery.id))
        runs.takes(tx, run.id, delivery.id)
    return delivery


def _kept(handle: TenantStore, name: str, path: Path) -> DeliveredFile:
    try:
        path.open("rb").close()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.", remedy="Check its permissions."
        ) from error
    blob = handle.blobs.put_file(path)
    return DeliveredFile(name, blob.digest, blob.size)


def _named(paths: Sequence[Path]) -> tuple[list[tuple[str, Path]], list[LeftFile]]:
    """The files below the paths by name, and what is no part of a delivery."""
    named: list[tuple[str, Path]] = []
    left: list[LeftFile] = []
    for path in paths:
        if path.is_file():
            named.append((path.name, path))
            continue
        if not path.is_dir():
            raise UsageError(f"There is no file or folder {path}.", remedy="Check the path.")
        try:
            inside = below(path)
        except OSError as error:
            raise UsageError(
                f"{error.filename or path} cannot be read: {error.strerror}.",
                remedy="Check its permissions.",
            ) from error
        for found in inside:
            name = found.relative_to(path).as_posix()
            if found.is_symlink():
                left.append(LeftFile(name, "is a link"))
            elif found.is_file():
                named.append((name, found))
    return named, left
