"""One feed's folder, watched: what lies in it, when that is a delivery, and its way out.

`Sealing` decides; this reads the disk, keeps the journal, moves what is sealed and hands it over.
The deliveries of a feed are handed over one after the other, in the order they were sealed.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog

from rosterway.errors import ConfigError, StoreError
from rosterway.gateway import handoff
from rosterway.gateway.folders import Kind
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.journal import UploadJournal, UploadKey
from rosterway.gateway.scanning import Left, scan
from rosterway.gateway.sealing import Rules, Seal, Sealing, Wait
from rosterway.gateway.uploads import Entry, Standing

log = structlog.get_logger()

#: Seconds between two looks at the disk; what our own server does is known at once.
SCAN_EVERY = 15.0
#: Seconds until what failed is tried again.
RETRY_AFTER = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFolder:
    """Where a feed's files arrive, and what the feed wants of arrival."""

    tenant: str
    feed: str
    path: Path
    """Absolute. Where one feed's folder lies in another's, files belong to the inner one."""
    settle: timedelta = timedelta(minutes=5)
    abandon_after: timedelta = timedelta(hours=1)
    zip_seals: bool = True


class Clock(Protocol):
    """The time of day for people, and one that only goes forward for durations."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since whenever."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC)

    def monotonic(self) -> float:
        """Seconds since whenever."""
        return time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What all watches share."""

    sealed: Path
    """Where taken files go."""
    journal: UploadJournal
    on_sealed: Callable[[Arrival], Awaitable[None]]
    clock: Clock
    wake: Callable[[], None]
    """Called when a watch wants to be looked at sooner than it said."""
    watched: Container[str]
    """The paths of all feeds' folders."""


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A file that lies in a feed's folder now."""

    name: str
    size: int
    kind: Kind
    standing: Standing
    reason: str
    """Why it is unfinished, for people; or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStatus:
    """What lies in a feed's folder now, and what it waits for."""

    folder: FeedFolder
    files: tuple[FileStatus, ...]
    left: tuple[Left, ...]
    waiting_for: str
    until: datetime | None
    """When it will be sealed, or its unfinished files given up, if nothing happens before."""
    not_handed_over: int
    """Sealed deliveries that nobody has taken yet."""


class Watch:
    """One feed's folder on its way from upload to hand-over."""

    def __init__(self, folder: FeedFolder, path: str, outside: Outside) -> None:
        """`path` is the folder's real path."""
        self.folder, self.path = folder, path
        self._outside = outside
        rules = Rules(
            settle=folder.settle.total_seconds(),
            abandon_after=folder.abandon_after.total_seconds(),
            zip_seals=folder.zip_seals,
        )
        self.sealing = Sealing(rules, at=outside.clock.monotonic())
        self._scan_every = min(SCAN_EVERY, max(rules.settle / 4, 1.0))
        self._left: tuple[Left, ...] = ()
        self._judge_at: float | None = None
        self._scan_at = 0.0
        self._retry_at = 0.0
        self._pending: deque[Path] = deque()
        self._sealing_task: asyncio.Task[None] | None = None
        self._handing_task: asyncio.Task[None] | None = None
        self._log = log.bind(tenant=folder.tenant, feed=folder.feed)

    def start(self, remembered: Iterable[tuple[str, Entry]]) -> None:
        """Take up what an earlier process left, given what the journal says of it."""
        folder, sealed = self.folder, self._outside.sealed
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.path.stat().st_dev != sealed.stat().st_dev:
            raise ConfigError(
                f"{folder.path} and {sealed} are on different file systems",
                remedy="keep the tenants' folders and the home on one file system",
            )
        at = self._outside.clock.monotonic()
        for name, entry in remembered:
            self.sealing.restored(name, entry, at=at)
        self._pending.extend(handoff.waiting(sealed, tenant=folder.tenant, feed=folder.feed))
        self.scan(first=True)
        self.record()

    # Time

    def soon(self) -> None:
        """Something happened: judge anew."""
        self._judge_at = self._outside.clock.monotonic()
        self._outside.wake()

    def look(self) -> float:
        """Do what it is time for; answers when to look again at the latest."""
        at = self._outside.clock.monotonic()
        if at >= self._scan_at:
            try:
                self.scan()
            except OSError as error:
                # Nothing is taken from a folder that cannot be read; the others go on
                self._log.warning("folder.not-read", path=self.path, error=error.strerror)
                self._judge_at = self._scan_at
            self.record()
        if self._judge_at is not None and at >= self._judge_at and self._sealing_task is None:
            self._judge()
        self._start_handing_over()
        return min(self._times())

    def _times(self) -> Iterator[float]:
        yield self._scan_at
        if self._judge_at is not None and self._sealing_task is None:
            yield self._judge_at
        if self._pending and self._handing_task is None:
            yield self._retry_at

    def tasks(self) -> list[asyncio.Task[None]]:
        """What is under way."""
        return [task for task in (self._sealing_task, self._handing_task) if task is not None]

    # Disk and journal

    def scan(self, *, first: bool = False) -> None:
        """See what lies in the folder."""
        at = self._outside.clock.monotonic()
        self._scan_at = at + self._scan_every
        try:
            found = scan(self.path, apart_from=self._outside.watched)
        except FileNotFoundError:
            Path(self.path).mkdir(parents=True, exist_ok=True, mode=0o700)
            found = scan(self.path, apart_from=self._outside.watched)
        self._left = tuple(found.left)
        if self.sealing.scanned(found.files, at=at, first=first) or first:
            self._judge_at = at

    def record(self, *, strictly: bool = False) -> None:
        """Bring the journal up to date.

        What cannot be written is tried again next time, unless `strictly`: until then a file may
        be held back that is whole, never the other way round.
        """
        changes = self.sealing.unrecorded()
        try:
            if changes:
                self._outside.journal.write(
                    [(self._key(name), entry) for name, entry in changes.items() if entry],
                    [self._key(name) for name, entry in changes.items() if entry is None],
                )
        except StoreError as error:
            if strictly:
                raise
            self._log.warning("journal.not-written", error=error.message)
        else:
            self.sealing.recorded(changes)

    def _key(self, name: str) -> UploadKey:
        return UploadKey(self.folder.tenant, self.folder.feed, name)

    # Sealing

    def _judge(self) -> None:
        verdict = self.sealing.verdict(at=self._outside.clock.monotonic())
        if isinstance(verdict, Wait):
            self._judge_at = verdict.until
        else:
            self._judge_at = None
            self._sealing_task = asyncio.create_task(self._seal())

    async def _seal(self) -> None:
        try:
            await self._take_out()
        except Exception:  # noqa: BLE001 - the files stay, and the next try may do better
            self._log.exception("delivery.not-sealed")
            self._judge_at = self._outside.clock.monotonic() + RETRY_AFTER
        finally:
            self._sealing_task = None
            self._outside.wake()
        self._start_handing_over()

    async def _take_out(self) -> None:
        seal = self._verdict_of_disk()
        if isinstance(seal, Wait):
            return
        directory = await asyncio.to_thread(
            handoff.prepare,
            self._outside.sealed,
            seal,
            tenant=self.folder.tenant,
            feed=self.folder.feed,
            folder=self.path,
            stamps={name: self.sealing[name].stamp for name in seal.files},
            left=self._left,
            at=self._outside.clock.now(),
        )
        if self._verdict_of_disk() != seal:
            # Somebody was quicker than the disk; nothing has been moved yet
            await asyncio.to_thread(handoff.discard, directory)
            self.soon()
            return
        # From here to the end of the renames nobody else runs
        try:
            handoff.move(directory)
        finally:
            self._pending.append(directory)
            self.sealing.released(seal)
            self.record()
        self._log.info(
            "delivery.sealed", why=seal.why, files=len(seal.files), unfinished=len(seal.unfinished)
        )

    def _verdict_of_disk(self) -> Seal | Wait:
        """The verdict on what lies there at this very moment."""
        self.scan()
        self.record()
        verdict = self.sealing.verdict(at=self._outside.clock.monotonic())
        self._judge_at = verdict.until if isinstance(verdict, Wait) else None
        return verdict

    # Handing over

    def _start_handing_over(self) -> None:
        due = self._outside.clock.monotonic() >= self._retry_at
        if self._pending and self._handing_task is None and due:
            self._handing_task = asyncio.create_task(self._hand_over())

    async def _hand_over(self) -> None:
        try:
            while self._pending:
                directory = self._pending[0]
                arrival = await asyncio.to_thread(handoff.finish, directory)
                await self._outside.on_sealed(arrival)
                await asyncio.to_thread(handoff.taken, directory)
                self._pending.popleft()
        except Exception:  # noqa: BLE001 - whatever it was, it stays and is offered again
            self._log.exception("delivery.not-handed-over", delivery=self._pending[0].name)
            self._retry_at = self._outside.clock.monotonic() + RETRY_AFTER
        finally:
            self._handing_task = None
            self._outside.wake()

    def status(self) -> FolderStatus:
        """What lies here now, and what it waits for; as last seen if it cannot be read."""
        with suppress(OSError):
            self.scan()
        at = self._outside.clock.monotonic()
        verdict = self.sealing.verdict(at=at)
        reason, until = (
            (verdict.reason, verdict.until) if isinstance(verdict, Wait) else ("being taken", at)
        )
        return FolderStatus(
            folder=self.folder,
            files=tuple(
                FileStatus(name, file.stamp.size, file.kind, file.standing, file.reason)
                for name, file in self.sealing
            ),
            left=self._left,
            waiting_for=reason,
            until=None
            if until is None
            else self._outside.clock.now() + timedelta(seconds=until - at),
            not_handed_over=len(self._pending),
        )
