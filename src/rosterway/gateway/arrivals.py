"""Complete deliveries leave the tenants' folders here and are handed over, none lost, in order.

The SFTP server reports what clients do; scans notice what came by other means. Every feed's folder
has its `Watch`; this finds the right one and gives all of them their time. What the callback
refuses stays on disk and is offered again, before anything later of the same feed, also after a
restart.

All methods belong to one event loop. Nothing here blocks it but small reads, renames and the
journal.
"""

import asyncio
import os
import stat
import zipfile
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from rosterway.errors import ConfigError, DeliveryError
from rosterway.gateway.folders import MAX_DEPTH, Kind, kind, name_fault
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.journal import UploadJournal
from rosterway.gateway.scanning import stamp
from rosterway.gateway.uploads import Entry, File, Stamp, Upload
from rosterway.gateway.watch import (
    SCAN_EVERY,
    Clock,
    FeedFolder,
    FolderStatus,
    Outside,
    SystemClock,
    Watch,
)

#: More files than this in one folder are refused: a zip does better.
MAX_FILES = 10_000
#: Seconds; what happens within them is judged once. Judging looks at every file, so the more there
#: are the longer the breath: else many small files would be judged more than they are received.
_BREATH, _BREATH_A_FILE = 0.05, 0.0002
_GONE = Stamp(0, 0, 0)

_Place = tuple[Watch, str]


class Arrivals:
    """The folders of all feeds, watched."""

    def __init__(
        self,
        feeds: Iterable[FeedFolder],
        *,
        sealed: Path,
        journal: UploadJournal,
        on_sealed: Callable[[Arrival], Awaitable[None]],
        clock: Clock | None = None,
    ) -> None:
        """`sealed` is where taken files go: on the file system of the folders, outside of them."""
        self._clock = clock or SystemClock()
        self._sealed = sealed
        self._journal = journal
        self._wake = asyncio.Event()
        self._uploads: set[Upload] = set()
        self._watches: dict[str, Watch] = {}
        outside = Outside(
            sealed=sealed,
            journal=journal,
            on_sealed=on_sealed,
            clock=self._clock,
            wake=self._wake.set,
            watched=self._watches,
        )
        for folder in feeds:
            path = os.path.realpath(folder.path)
            if path in self._watches:
                raise ConfigError(f"two feeds share the folder {path}", remedy="give each its own")
            for name in (folder.tenant, folder.feed):
                if fault := name_fault(name.encode()):
                    raise ConfigError(f"the name {name!r} {fault}", remedy="choose another name")
            self._watches[path] = Watch(folder, path, outside)

    # Running

    def start(self) -> None:
        """Take up what an earlier process left: once, before any upload is reported."""
        self._sealed.mkdir(parents=True, exist_ok=True, mode=0o700)
        remembered: dict[tuple[str, str], list[tuple[str, Entry]]] = {}
        for key, entry in self._journal.all():
            remembered.setdefault((key.tenant, key.feed), []).append((key.name, entry))
        for watch in self._watches.values():
            watch.start(remembered.get((watch.folder.tenant, watch.folder.feed), ()))

    async def run(self) -> None:
        """Seal and hand over until cancelled; `start` comes first."""
        try:
            while True:
                delay = self.tick() - self._clock.monotonic()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), max(delay, _BREATH))
                    await asyncio.sleep(_BREATH + self._most_files() * _BREATH_A_FILE)
                self._wake.clear()
        finally:
            await self.stop()

    def _most_files(self) -> int:
        """The files of the fullest folder."""
        return max((len(watch.sealing) for watch in self._watches.values()), default=0)

    def tick(self) -> float:
        """Do what it is time for; answers when to do so again at the latest."""
        latest = self._clock.monotonic() + SCAN_EVERY
        return min((watch.look() for watch in self._watches.values()), default=latest)

    async def idle(self) -> None:
        """Wait until nothing is being moved or handed over."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """End what is under way; what was not handed over will be, by the next process."""
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [task for watch in self._watches.values() for task in watch.tasks()]

    def status(self) -> tuple[FolderStatus, ...]:
        """Every feed's folder as it is now."""
        return tuple(watch.status() for watch in self._watches.values())

    # What the SFTP server reports. Paths are absolute and real.

    def opened(self, path: str) -> Upload:
        """A file is about to be opened for writing: count the writes in what this answers.

        Raises `DeliveryError` or `StoreError` if it must not be.
        """
        upload = Upload(path)
        if (place := self._place(path)) is not None:
            watch, name = place
            if name.count("/") >= MAX_DEPTH:
                raise DeliveryError(f"more than {MAX_DEPTH} folders deep", remedy="send a zip")
            if len(watch.sealing) >= MAX_FILES and name not in watch.sealing:
                raise DeliveryError(f"{MAX_FILES:,} files are here already", remedy="send a zip")
            watch.sealing.opened(name, upload, at=self._clock.monotonic())
            try:
                watch.record(strictly=True)
            except BaseException:
                watch.sealing.withdrawn(upload)
                raise
            watch.soon()
        self._uploads.add(upload)
        return upload

    def withdrawn(self, upload: Upload) -> None:
        """The file just reported could not be opened after all."""
        self._uploads.discard(upload)
        if (place := self._place(upload.path)) is not None:
            place[0].sealing.withdrawn(upload)
            place[0].record()

    def closed(self, upload: Upload) -> None:
        """The client closed the handle, and every write had gone well."""
        self._uploads.discard(upload)
        if upload.name is not None and (place := self._place(upload.path)) is not None:
            watch, name = place
            watch.sealing.closed(
                upload,
                _stamp_of(upload.path),
                at=self._clock.monotonic(),
                whole_zip=_is_whole_zip(name, upload.path),
            )
            _happened(watch)

    def lost(self, upload: Upload, reason: str) -> None:
        """The handle ended otherwise: with its connection, or after a write had failed."""
        self._uploads.discard(upload)
        if upload.name is not None and (place := self._place(upload.path)) is not None:
            watch, _ = place
            now = _stamp_of(upload.path)
            watch.sealing.lost(upload, now, at=self._clock.monotonic(), reason=reason)
            _happened(watch)

    def renamed(self, old: str, new: str) -> None:
        """A file or directory was renamed; the new name may have been another file's."""
        for upload in self._uploads:
            if upload.path == old or upload.path.startswith(old + "/"):
                upload.path = new + upload.path[len(old) :]
        source, target = self._place(old), self._place(new)
        taken = list(self._take(source)) if source else []
        for below, file in taken:
            if (place := self._place(new + below)) is not None:
                self._put(place, new + below, file, named=not below)
        if target is not None and not taken:
            # Nobody watched it before, or it is an empty directory
            if _is_file(new):
                self._put(target, new, None, named=True)
            else:
                target[0].sealing.touched(at=self._clock.monotonic())
                target[0].scan()
        for place in (source, target):
            if place is not None:
                _happened(place[0])

    def removed(self, path: str) -> None:
        """A file was removed."""
        if (place := self._place(path)) is not None:
            watch, name = place
            watch.sealing.take(name, at=self._clock.monotonic())
            _happened(watch)

    def touched(self, path: str) -> None:
        """Anything else happened: a directory came or went, a file's size or dates were set."""
        if (place := self._place(path)) is not None:
            watch, name = place
            at = self._clock.monotonic()
            if name in watch.sealing:
                watch.sealing.restamped(name, _stamp_of(path), at=at)
            else:
                watch.sealing.touched(at=at)
            watch.soon()

    def is_fixed(self, path: str) -> bool:
        """Whether this directory must stay: it is a feed's folder, or above one."""
        return any(fixed == path or fixed.startswith(path + "/") for fixed in self._watches)

    # Finding the way

    def _place(self, path: str) -> _Place | None:
        """The innermost watched folder a path lies in, and its name there."""
        above = path
        while above := above.rpartition("/")[0]:
            if (watch := self._watches.get(above)) is not None:
                return watch, path[len(above) + 1 :]
        return None

    def _take(self, source: _Place) -> Iterator[tuple[str, File]]:
        """Take a file, or all files of a directory, with the rest of their names."""
        watch, name = source
        at = self._clock.monotonic()
        names = [name] if name in watch.sealing else [n for n, _ in watch.sealing]
        for known in names:
            if known == name or known.startswith(name + "/"):
                file = watch.sealing.take(known, at=at)
                if file is not None:
                    yield known[len(name) :], file

    def _put(self, target: _Place, path: str, file: File | None, *, named: bool) -> None:
        watch, name = target
        now, at = _stamp_of(path), self._clock.monotonic()
        if file is None and (uploads := [each for each in self._uploads if each.path == path]):
            file = File(kind(name), now, at, uploads=uploads)
        whole = _is_whole_zip(name, path)
        watch.sealing.put(name, file, now, at=at, named=named, whole_zip=whole)


def _happened(watch: Watch) -> None:
    watch.record()
    watch.soon()


def _stamp_of(path: str) -> Stamp:
    try:
        return stamp(os.lstat(path))
    except FileNotFoundError:
        return _GONE


def _is_file(path: str) -> bool:
    with suppress(FileNotFoundError):
        return stat.S_ISREG(os.lstat(path).st_mode)
    return False


def _is_whole_zip(name: str, path: str) -> bool:
    """Whether a zip's end is there: it is written last, so a cut zip has lost it."""
    if kind(name) is not Kind.FILE or not name.lower().endswith(".zip"):
        return False
    with suppress(OSError):
        return zipfile.is_zipfile(path)
    return False
