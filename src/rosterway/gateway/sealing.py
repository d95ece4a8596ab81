"""When is a delivery complete? One feed's folder, judged by what was seen happening in it.

1. **Quiet is what we saw, not what files say.** Opens, writes, closes, renames, and what a scan
   finds changed, count from the moment they were seen. The dates of files decide nothing.
2. **A file is finished only if somebody said so**: the client closed it cleanly, renamed it, or
   sent a marker that names it. A handle that ended with its connection leaves it unfinished.
3. **A marker for the folder speaks of what came before it.** Anything after it takes it back.

Pure: no clock, no files. Times are seconds of any clock that only goes forward; names are relative
to the folder, with `/`. `arrivals` is the shell that feeds this and acts on its verdicts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from rosterway.gateway.folders import Kind, kind, marked
from rosterway.gateway.uploads import Entry, File, Stamp, Standing, Upload

LOST_CONNECTION = "the connection ended before the file was closed"
SHORTER = "it is shorter than what was received"
STILL_OPEN = "it was still open, and nothing more was written"


class Why(StrEnum):
    """What completed a delivery."""

    SETTLED = "settled"
    MARKER = "marker"
    ZIP = "zip"
    ABANDONED = "abandoned"
    """A file stayed unfinished for so long that waiting makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A feed's wishes, in seconds."""

    settle: float
    abandon_after: float = 3600.0
    zip_seals: bool = True

    @property
    def patience(self) -> float:
        """How long an unfinished file is waited for: never less than twelve settle times."""
        return max(self.abandon_after, 12 * self.settle)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A file of a given-up delivery that never came to its end: cut after `size` bytes."""

    name: str
    size: int
    reason: str


@dataclass(frozen=True, slots=True)
class Seal:
    """The delivery is complete, or given up: this is what it holds."""

    why: Why
    files: tuple[str, ...]
    markers: tuple[str, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Not yet. Without further events look again at `until`; None: there is nothing to wait for."""

    until: float | None
    reason: str


_UNKNOWN = Stamp(0, 0, 0)
_NONE: Mapping[str, File] = {}


class Sealing:
    """One feed's folder on its way to being sealed."""

    def __init__(self, rules: Rules, *, at: float) -> None:
        self._rules = rules
        self._files: dict[str, File] = {}
        self._active = at
        self._marked = False
        self._undo: tuple[Upload, File | None] | None = None
        self._changed: set[str] = set()
        self._recorded: set[str] = set()

    # What clients do

    def opened(self, name: str, upload: Upload, *, at: float) -> None:
        """A client opened a file for writing."""
        known = self._files.get(name)
        self._undo = upload, known and replace(known, uploads=list(known.uploads))
        file = known or File(kind(name), _UNKNOWN, at)
        for other in file.uploads:
            other.overtaken_at = other.noticed = other.writes
        file.uploads.append(upload)
        file.ended, file.reason, file.whole_zip = Standing.OPEN, "", False
        upload.name = name
        self._files[name] = file
        self._happened(name, at)

    def withdrawn(self, upload: Upload) -> None:
        """The open just reported failed after all: everything is as it was before."""
        if self._undo is None or self._undo[0] is not upload or upload.name is None:
            return
        name, before = upload.name, self._undo[1]
        upload.name = self._undo = None
        if before is None:
            del self._files[name]
        else:
            for other in before.uploads:
                other.overtaken_at = None
            self._files[name] = before
        self._changed.add(name)

    def closed(self, upload: Upload, stamp: Stamp, *, at: float, whole_zip: bool = False) -> None:
        """The client closed the handle. `whole_zip`: the file is a zip with its directory there."""
        if (ended := self._ended(upload, stamp, at)) is None:
            return
        name, file = ended
        if not upload.overtaken and file.ended is not Standing.LOST:
            file.ended, file.whole_zip = Standing.CLOSED, whole_zip
        self._marker_came(name)

    def lost(self, upload: Upload, stamp: Stamp, *, at: float, reason: str) -> None:
        """The handle ended without the client closing it, or a write to it had failed."""
        if (ended := self._ended(upload, stamp, at)) is None:
            return
        _, file = ended
        if not upload.overtaken:
            file.ended, file.reason, file.whole_zip = Standing.LOST, reason, False

    def _ended(self, upload: Upload, stamp: Stamp, at: float) -> tuple[str, File] | None:
        if (name := upload.name) is None:
            return None
        upload.name = None
        file = self._files[name]
        file.uploads.remove(upload)
        file.stamp = stamp
        self._happened(name, at)
        return name, file

    def take(self, name: str, *, at: float) -> File | None:
        """A file leaves under this name: renamed (the answer goes to `put`) or removed."""
        if (file := self._files.pop(name, None)) is None:
            return None
        for upload in file.uploads:
            upload.name = None
        self._touched_as(file.kind, at)
        if file.kind is Kind.MARKER:
            self._marked = False
        self._changed.add(name)
        return file

    def put(
        self,
        name: str,
        file: File | None,
        stamp: Stamp,
        *,
        at: float,
        named: bool = True,
        whole_zip: bool = False,
    ) -> None:
        """A file arrives under this name by a client's rename, which says that it is finished.

        `file` is what `take` answered, None if nobody watched it before. `named` is False where
        only a folder above it was renamed, which says nothing about the file.
        """
        self.take(name, at=at)
        file = file or File(kind(name), stamp, at, Standing.CLOSED)
        was_closed = file.standing is Standing.CLOSED
        file.kind, file.stamp, file.whole_zip = kind(name), stamp, whole_zip and was_closed
        for upload in file.uploads:
            upload.name = name
        self._files[name] = file
        if named:
            self._heal(name)
        self._happened(name, at)
        self._marker_came(name)

    def touched(self, *, at: float) -> None:
        """Something else happened in the folder: a directory came or went."""
        self._touched_as(Kind.FILE, at)

    def restamped(self, name: str, stamp: Stamp, *, at: float) -> None:
        """A client set a file's size or dates by its name; dates alone are no write."""
        if (file := self._files.get(name)) is None:
            return
        if stamp.size != file.stamp.size:
            self._happened(name, at)
        file.stamp = stamp

    # What the disk says

    def restored(self, name: str, entry: Entry, *, at: float) -> None:
        """What an earlier process knew of a file; before the first scan. Open means lost now."""
        ended = Standing.LOST if entry.standing is Standing.OPEN else entry.standing
        reason = entry.reason or (LOST_CONNECTION if ended is Standing.LOST else "")
        self._files[name] = File(kind(name), Stamp(entry.size, 0, 0), at, ended, reason)
        self._recorded.add(name)

    def scanned(self, found: Mapping[str, Stamp], *, at: float, first: bool = False) -> bool:
        """What lies in the folder; answers whether that is news.

        The first scan of a process starts a fresh settle time for everything: it cannot know what
        happened before, so it trusts no marker it finds.
        """
        if first:
            self._active = at
        gone = self._files.keys() - found.keys()
        for name in gone:
            self.take(name, at=at)
        came = [name for name, stamp in found.items() if self._found(name, stamp, at, first)]
        if not first:
            for name in came:
                self._marker_came(name)
        return bool(gone or came)

    def _found(self, name: str, stamp: Stamp, at: float, first: bool) -> bool:
        """Whether this is news."""
        file = self._files.get(name)
        if file is None:
            self._files[name] = File(kind(name), stamp, at, Standing.SEEN)
            self._happened(name, at)
            return True
        before, file.stamp = file.stamp, stamp
        if first:
            file.since = at
            if file.ended is Standing.CLOSED and stamp.size < before.size:
                file.ended, file.reason = Standing.LOST, SHORTER
                self._changed.add(name)
            return True
        if file.uploads or stamp == before:
            return False
        if stamp.inode != before.inode:
            # Another file took its place; what became of the old one no longer matters
            file.ended, file.reason = Standing.SEEN, ""
        file.whole_zip = False
        self._happened(name, at)
        return True

    # What follows from it

    def verdict(self, *, at: float) -> Seal | Wait:
        """Whether the delivery is complete at this moment."""
        self._notice_writes(at)
        files = {name: file for name, file in self._files.items() if file.kind is Kind.FILE}
        if not files:
            return Wait(None, "nothing is here yet")
        unfinished = {name: file for name, file in files.items() if not file.finished}
        writing = {n: f for n, f in self._files.items() if f.standing is Standing.OPEN} | unfinished
        quiet = self._active + self._rules.settle
        patience = max((file.since for file in writing.values()), default=0) + self._rules.patience
        if writing and at < patience:
            return Wait(patience, _waiting_for(writing))
        if not unfinished:
            if self._marked:
                return self._seal(Why.MARKER, files)
            if self._rules.zip_seals and len(files) == 1 and next(iter(files.values())).whole_zip:
                return self._seal(Why.ZIP, files)
        if at < quiet:
            return Wait(quiet, "waiting for the folder to be quiet")
        return self._seal(Why.ABANDONED if unfinished else Why.SETTLED, files, unfinished)

    def _seal(
        self, why: Why, files: Mapping[str, File], unfinished: Mapping[str, File] = _NONE
    ) -> Seal:
        return Seal(
            why,
            tuple(sorted(files.keys() - unfinished.keys())),
            tuple(sorted(n for n, f in self._files.items() if _is_marker(f.kind) and f.finished)),
            tuple(
                Unfinished(name, file.stamp.size, file.reason or STILL_OPEN)
                for name, file in sorted(unfinished.items())
            ),
        )

    def released(self, seal: Seal) -> None:
        """The sealed files have left the folder; handles still open on them are worth nothing."""
        for name in (*seal.files, *seal.markers, *(cut.name for cut in seal.unfinished)):
            if (file := self._files.pop(name, None)) is not None:
                self._changed.add(name)
                for upload in file.uploads:
                    upload.name, upload.revoked = None, True

    # What must outlive the process

    def unrecorded(self) -> dict[str, Entry | None]:
        """What has changed since `recorded` was last called; None: the file may be forgotten."""
        changes: dict[str, Entry | None] = {}
        for name in self._changed:
            file = self._files.get(name)
            if file is not None and file.standing is not Standing.SEEN:
                changes[name] = Entry(file.standing, file.stamp.size, file.reason)
            elif name in self._recorded:
                changes[name] = None
        return changes

    def recorded(self, changes: Mapping[str, Entry | None]) -> None:
        """These changes are remembered now."""
        for name, entry in changes.items():
            (self._recorded.discard if entry is None else self._recorded.add)(name)
        self._changed.clear()

    def __iter__(self) -> Iterator[tuple[str, File]]:
        """Every file by name, temporary ones and markers too."""
        return iter(sorted(self._files.items()))

    def __getitem__(self, name: str) -> File:
        return self._files[name]

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def __len__(self) -> int:
        return len(self._files)

    def _notice_writes(self, at: float) -> None:
        for name, file in self._files.items():
            for upload in file.uploads:
                if upload.writes != upload.noticed:
                    upload.noticed = upload.writes
                    self._happened(name, at)

    def _happened(self, name: str, at: float) -> None:
        file = self._files[name]
        file.since = at
        self._touched_as(file.kind, at)
        self._changed.add(name)

    def _touched_as(self, touched: Kind, at: float) -> None:
        self._active = at
        if not _is_marker(touched):
            self._marked = False

    def _marker_came(self, name: str) -> None:
        """If this file is a marker and whole, let it speak."""
        file = self._files[name]
        if not file.finished:
            return
        if file.kind is Kind.MARKER:
            self._marked = True
        elif file.kind is Kind.FILE_MARKER:
            files = [each for each, other in self._files.items() if other.kind is Kind.FILE]
            if (spoken_of := marked(name, files)) is not None:
                self._heal(spoken_of)

    def _heal(self, name: str) -> None:
        file = self._files[name]
        if file.ended is Standing.LOST and file.standing is not Standing.OPEN:
            file.ended, file.reason = Standing.CLOSED, ""
            self._changed.add(name)


def _is_marker(kind: Kind) -> bool:
    return kind in {Kind.MARKER, Kind.FILE_MARKER}


def _waiting_for(writing: Mapping[str, File]) -> str:
    name, file = min(writing.items())
    state = (
        "is being uploaded" if file.standing is Standing.OPEN else f"is unfinished: {file.reason}"
    )
    others = f" (and {len(writing) - 1} more)" if len(writing) > 1 else ""
    return f"{name} {state}{others}"
