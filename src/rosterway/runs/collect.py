"""Collect: what has come to somebody else's SFTP server is fetched and sealed as a delivery.

Where nothing new has come, the newest delivery is planned anew if a person asks, or if it failed.

Nothing there is changed before the delivery is kept; then files are moved, if that is wished. What
could not be moved, and receipts that could not be sent, are seen to by the next run, which takes
nothing twice: it is on record as taken.

A file that still grows is not taken, and then no other is either: part of a roster is no roster. In
`imports/` nothing is taken while an earlier plan waits for a person, so that none is overtaken.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from rosterway.errors import DeliveryError, RejectedError, RemoteError
from rosterway.gateway.sftp_client_files import Listing, RemoteFile, RemoteFiles
from rosterway.gateway.sftp_client_pick import Pick, pick
from rosterway.runs.moments import Moment, passing
from rosterway.runs.office import Office
from rosterway.runs.receive import seal_collected
from rosterway.runs.send_receipt import send_owed
from rosterway.runs.stages import Stage
from rosterway.runs.their_server import TheirServer, their_server
from rosterway.settings import AfterPickUp, Apply, Feed
from rosterway.store import collected, deliveries, plans, runs, stages
from rosterway.store.collected import CollectedFile
from rosterway.store.deliveries import DeliveredFile, LeftFile
from rosterway.store.plans import PlanState
from rosterway.store.runs import Outcome, Run, Trigger
from rosterway.store.walls import TenantStore

log = structlog.get_logger()

#: How often in a row a folder may be seen to change before it is left for another time.
_LOOKS = 12
#: Seconds between two signs of life of a run that waits.
_REST = 60.0
#: Bytes between two words about how far a file is.
_SAY_EVERY = 8 << 20


@dataclass(frozen=True, slots=True)
class _Collecting:
    """A run at hand."""

    office: Office
    handle: TenantStore
    run: Run
    feed: Feed
    server: TheirServer

    @property
    def folder(self) -> str:
        """Where the feed's files are, on their server."""
        return self.server.path(self.feed.folder or "")

    @property
    def place(self) -> Path:
        """Where what is fetched lies until it is sealed."""
        return self.office.home.pulling(self.handle.name, self.run.roster) / "files"

    async def forget(self) -> None:
        """Remove what was fetched, and what a pull may have left there before the feed collected."""
        await asyncio.to_thread(shutil.rmtree, self.place.parent, ignore_errors=True)

    def waits_for(self) -> str:
        """Why nothing may be taken now; blank if it may."""
        if self.feed.apply is not Apply.IMPORTS:
            return ""
        waiting = plans.latest(self.handle, feed=self.feed.name, state=PlanState.WAITING, limit=1)
        return f"Nothing was taken: {waiting[0].id} waits for a person." if waiting else ""

    def known(self) -> dict[str, CollectedFile]:
        """What was taken, by name."""
        return {file.name: file for file in collected.of_feed(self.handle, self.run.roster)}

    def pick(self, listing: Listing) -> Pick:
        """What of a folder is to be taken."""
        return pick(
            listing.files,
            self.known(),
            patterns=self.server.connection.files,
            is_whole=self.feed.apply is not Apply.IMPORTS,
        )

    def say(self, note: str, done: int = 0, of: int = 0) -> None:
        """Say how far it is, and that the worker is alive."""
        office = self.office
        office.claim(self.handle, self.run)
        stages.progress(self.handle, self.run.id, done=done, of=of, note=note, now=office.clock())


async def collect(office: Office, handle: TenantStore, run: Run) -> str:
    """Fetch what is new and seal it as the run's delivery; else say why it has none.

    Raises RemoteError and ConfigError as `gateway.sftp_client` does, DeliveryError for a folder that
    does not come to rest. What was fetched of a cut transfer is there at the next try.
    """
    work = _collecting(office, handle, run)
    stages.enter(handle, run.id, Stage.COLLECTING, now=office.clock())
    nothing = work.waits_for() or await _fetched(work)
    if nothing:
        await work.forget()
        stages.leave(handle, run.id, now=office.clock())
    return nothing


async def _fetched(work: _Collecting) -> str:
    """Fetch and seal; else why there is nothing to plan."""
    seen = Pick()
    for _ in range(_LOOKS):
        # A session of its own for each look: a server may end one that is idle for so long.
        async with work.server.files() as remote:
            if not seen.new:
                await _move(work, remote)
                await send_owed(work.office, work.handle, work.feed.name, work.server, remote)
            listing = await remote.list(work.folder)
            now = work.pick(listing)
            if not now.new:
                nothing = f"There is nothing new in {work.folder} on {work.server.access.address}."
                return "" if _takes_again(work) else nothing
            if now.is_vouched_for or now.has_stayed(seen):
                fetched = await _fetch(work, remote, now)
                break
        seen = now
        await _rest(work, work.feed.settle.total_seconds())
    else:
        raise _restless(work, seen)
    work.say("")
    sealed = await asyncio.to_thread(_seal, work, now, fetched, listing)
    if not sealed:
        nothing = "What is there was written anew and is what was taken before, byte by byte."
        return "" if _takes_again(work) else nothing
    passing(Moment.DELIVERY_SEALED)
    return ""


async def tidy(office: Office, handle: TenantStore, run: Run) -> None:
    """Move what was taken, forget what was fetched, and end the stage; again, and nothing is done.

    A server that refuses keeps nothing from being planned: it is told, and tried again next time.
    """
    work = _collecting(office, handle, run)
    if any(file.move_to for file in collected.of_feed(handle, work.feed.name)):
        try:
            async with work.server.files() as remote:
                refused = await _move(work, remote)
        except RemoteError as error:
            refused = _not_moved(work, error)
        if refused:
            work.say(f"What was taken could not be moved: {refused}")
    await work.forget()
    known = runs.get(handle, run.id)
    if known.stage == Stage.COLLECTING and known.delivery is not None:
        files = len(deliveries.get(handle, known.delivery).files)
        stages.leave(handle, run.id, counts={"files": files}, now=office.clock())


def _collecting(office: Office, handle: TenantStore, run: Run) -> _Collecting:
    feed = office.feed_settings(handle.name, run.roster)
    return _Collecting(office, handle, run, feed, their_server(office, handle, feed.source))


def _takes_again(work: _Collecting) -> bool:
    """Whether the newest delivery is planned anew, as nothing newer has come.

    It is where a person has asked for a run, and where the last run of it has come to grief.
    """
    handle = work.handle
    newest = next(iter(deliveries.of_feed(handle, work.feed.name, limit=1)), None)
    if newest is None:
        return False
    last = next(iter(runs.latest(handle, delivery=newest.id, limit=1)), None)
    failed = last is not None and last.outcome in {Outcome.FAILED, Outcome.CRASHED}
    if work.run.trigger is not Trigger.HAND and not failed:
        return False
    work.say("Nothing new: the newest delivery is planned anew")
    runs.takes(handle, work.run.id, newest.id)
    return True


def _restless(work: _Collecting, seen: Pick) -> DeliveryError:
    return DeliveryError(
        f"{seen.new[0].name}, or another file in {work.folder}, was still being written when"
        f" {_LOOKS} settle times had passed, so nothing was taken",
        remedy="Collect at another hour, or have the sender put a marker `.done` beside the files"
        " once all are there.",
    )


async def _rest(work: _Collecting, seconds: float) -> None:
    while seconds > 0:
        work.say(f"Waiting whether files in {work.folder} still grow")
        await work.office.patience.rest(min(seconds, _REST))
        seconds -= _REST


async def _fetch(work: _Collecting, remote: RemoteFiles, chosen: Pick) -> dict[str, Path]:
    """Fetch what we do not have; by name, where it lies."""
    work.place.mkdir(parents=True, exist_ok=True)
    known = work.known()
    wanted = {
        file.name: work.place / _draft(file)
        for file in (*chosen.new, *chosen.same)
        if file in chosen.new or not _is_kept(work, known[file.name])
    }
    for other in set(work.place.iterdir()) - set(wanted.values()):
        other.unlink()
    for file in (*chosen.new, *chosen.same):
        if file.name in wanted:
            work.say(f"Fetching {file.name}", 0, file.size)
            heard = _heard(work, file)
            await remote.fetch(work.folder, file, wanted[file.name], heard=heard)
    return wanted


def _heard(work: _Collecting, file: RemoteFile) -> Callable[[int], None]:
    said = 0

    def heard(had: int) -> None:
        nonlocal said
        if had - said >= _SAY_EVERY:
            said = had
            work.say(f"Fetching {file.name}", had, file.size)

    return heard


def _draft(file: RemoteFile) -> str:
    """A name for what was fetched of a file, which a file that is another does not have."""
    name = hashlib.sha256(file.name.encode()).hexdigest()[:24]
    return f"{name}-{file.size}-{file.mtime}"


def _is_kept(work: _Collecting, file: CollectedFile) -> bool:
    return file.sha256 is not None and work.handle.blobs.verify(file.sha256)


def _seal(work: _Collecting, chosen: Pick, fetched: dict[str, Path], listing: Listing) -> bool:
    """Keep the files and seal them; False if they are what was taken before."""
    now = work.office.clock()
    known = work.known()
    files: list[DeliveredFile] = []
    for file in (*chosen.new, *chosen.same):
        if file.name in fetched:
            blob = work.handle.blobs.put_file(fetched[file.name])
            files.append(DeliveredFile(file.name, blob.digest, blob.size))
        else:
            files.append(DeliveredFile(file.name, str(known[file.name].sha256), file.size))
    of = {file.name: file.sha256 for file in files}
    taken = [*chosen.new, *chosen.same, *chosen.markers]
    if all(known[f.name].sha256 == of[f.name] if f.name in known else False for f in chosen.new):
        again = [_record(work, file, of.get(file.name), known, now) for file in taken]
        collected.put(work.handle, [file for file in again if file is not None])
        return False
    seal_collected(
        work.handle,
        work.run,
        sender=work.feed.source,
        files=files,
        left=[LeftFile(one.name, one.reason) for one in listing.left],
        because="marker" if chosen.is_vouched_for else "settled",
        taken=lambda delivery: [
            _taken(work, file, of.get(file.name), delivery, now) for file in taken
        ],
        now=now,
    )
    return True


def _taken(
    work: _Collecting, file: RemoteFile, sha256: str | None, delivery: str, now: datetime
) -> CollectedFile:
    """A file as it is put on record with the delivery it is part of."""
    connection = work.server.connection
    moves = connection.after is AfterPickUp.MOVE
    return CollectedFile(
        tenant=work.handle.name,
        feed=work.feed.name,
        name=file.name,
        size=file.size,
        mtime=file.mtime,
        sha256=sha256,
        delivery=delivery,
        taken_at=now,
        move_to=work.server.path(connection.moved_to, delivery, file.name) if moves else None,
    )


def _record(
    work: _Collecting,
    file: RemoteFile,
    sha256: str | None,
    known: dict[str, CollectedFile],
    now: datetime,
) -> CollectedFile | None:
    """A file that was written anew and is the same: on record with its new date."""
    before = known.get(file.name)
    if before is None:
        return None  # a marker that is new; it has spoken for nothing
    again = _taken(work, file, sha256, before.delivery, now)
    if again.move_to is not None:  # its first coming lies there already
        again = replace(again, move_to=f"{again.move_to}.{now:%Y%m%dT%H%M%SZ}")
    return again


async def _move(work: _Collecting, remote: RemoteFiles) -> str:
    """Move what was taken and still lies there; why the server refuses that, or blank.

    A file that has taken the place of one that was taken is left, or put back.
    """
    try:
        for file in collected.of_feed(work.handle, work.feed.name):
            if file.move_to is None:
                continue
            path = work.server.path(work.feed.folder or "", file.name)
            if _is_same(await remote.look(path), file):
                await remote.move(path, file.move_to)
                if not _is_same(await remote.look(file.move_to), file):
                    await remote.move(file.move_to, path)  # it came between our look and our move
            collected.moved(work.handle, file)
    except RejectedError as error:
        return _not_moved(work, error)
    return ""


def _not_moved(work: _Collecting, error: RemoteError) -> str:
    tenant, feed = work.handle.name, work.feed.name
    log.warning("collect.not-moved", tenant=tenant, feed=feed, code=error.code)
    return error.message


def _is_same(there: RemoteFile | None, file: CollectedFile) -> bool:
    return there is not None and (there.size, there.mtime) == (file.size, file.mtime)
