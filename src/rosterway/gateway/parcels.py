"""Deliveries that are sent in pieces: what one will hold is said first, then each file is appended to.

A parcel is a folder of its own until it is whole, so half of one is never read. What has arrived of a
file is as much as lies on the disk: after a cut, or a restart, a sender asks how much that is and goes
on from there. A parcel that nothing was added to for a day is forgotten.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path, PurePosixPath

import msgspec

from rosterway.errors import ConflictError, NotFoundError, UnavailableError, UsageError
from rosterway.gateway.folders import MAX_DEPTH, name_fault

#: More files than this go into a zip.
MAX_FILES = 300
#: No file may grow beyond what Canvas accepts in a zip.
MAX_FILE = 50 * 1024**3
#: Seconds without a piece after which a parcel is forgotten.
FORGOTTEN_AFTER = 86_400.0
#: Bytes of the disk that are left free.
KEPT_FREE = 512 * 1024**2

_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SAID, _LOCK = "parcel.json", "lock"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of a parcel as it was declared; `sha256` None: only its size is known beforehand."""

    name: str
    size: int
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is written down of a parcel; `complete_at` once all of it had come and was right."""

    sender: str
    files: tuple[Piece, ...]
    complete_at: datetime | None = None
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel and its folder."""

    folder: Path
    said: Said

    @property
    def id(self) -> str:
        """What a sender names it by; it cannot be guessed."""
        return self.folder.name

    def path(self, number: int) -> Path:
        """Where a file of it is written; NotFoundError if it has no such file."""
        if not 0 <= number < len(self.said.files):
            raise NotFoundError(f"it has {len(self.said.files)} files, counted from 0")
        return self.folder / str(number)

    def arrived(self) -> list[int]:
        """How much has arrived of each file."""
        return [self.path(number).stat().st_size for number in range(len(self.said.files))]


def declare(home: Path, files: Sequence[Piece], *, sender: str, room: int) -> Parcel:
    """Begin a parcel below `home`, whose parcels together may have `room` bytes.

    UsageError for what cannot be a delivery, UnavailableError where there is no room for it.
    """
    if fault := _fault(files):
        raise UsageError(fault[0], remedy=fault[1])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    forget_old(home)
    total = sum(file.size for file in files)
    others = sum(
        file.size for one in _all(home) if not one.said.delivery for file in one.said.files
    )
    if others + total > room or total + KEPT_FREE > shutil.disk_usage(home).free:
        raise UnavailableError(
            "there is no room for these files now",
            remedy="wait until what is under way has been taken, or send less",
        )
    folder = home / secrets.token_hex(16)
    folder.mkdir(mode=0o700)
    begun = Parcel(folder, Said(sender=sender, files=tuple(files)))
    for number in range(len(files)):
        begun.path(number).touch(mode=0o600)
    return _write(begun, begun.said)


def find(home: Path, parcel: str) -> Parcel:
    """The parcel of this id; NotFoundError if there is none, or none any more."""
    folder = home / parcel
    if not _ID.fullmatch(parcel) or not (folder / _SAID).is_file():
        raise NotFoundError(
            "there is no such upload", remedy="begin another; one is forgotten after a day"
        )
    return Parcel(folder, msgspec.json.decode((folder / _SAID).read_bytes(), type=Said))


async def append(parcel: Parcel, number: int, offset: int, content: AsyncIterable[bytes]) -> int:
    """Add what comes to a file, from `offset` on; answers how much has arrived of it then.

    ConflictError if it is not at `offset`, or somebody else is adding to it; UsageError for more
    than was declared, of which nothing is kept beyond the pieces that fit.
    """
    if parcel.said.complete_at is not None:
        raise ConflictError("this upload was complete already")
    declared = parcel.said.files[number] if number < len(parcel.said.files) else None
    with parcel.path(number).open("r+b", buffering=0) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError("another request is adding to this file") from None
        at = file.seek(0, os.SEEK_END)
        if at != offset:
            raise ConflictError(f"{at} bytes have arrived", remedy=f"go on from {at}")
        async for piece in content:
            if declared is None or at + len(piece) > declared.size:
                raise UsageError("this is more than was declared", remedy="begin another upload")
            rest = memoryview(piece)
            while rest:
                rest = rest[file.write(rest) :]
            at += len(piece)
        return at


def close(parcel: Parcel, *, now: datetime) -> Parcel:
    """Take it for complete, if all of it is there and what it was declared to be.

    ConflictError says what is not; a file that came damaged begins again from 0. Repeating it
    answers the same, also to whoever asks at the same moment.
    """
    with (parcel.folder / _LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _close(find(parcel.folder.parent, parcel.id), now)


def _close(parcel: Parcel, now: datetime) -> Parcel:
    if parcel.said.complete_at is not None:
        return parcel
    for number, (file, size) in enumerate(zip(parcel.said.files, parcel.arrived(), strict=True)):
        if size != file.size:
            raise ConflictError(
                f"{size} of {file.size} bytes have arrived of {file.name}", remedy="send the rest"
            )
        path = parcel.path(number)
        if file.sha256 is not None and file.sha256 != _digest(path):
            os.truncate(path, 0)
            raise ConflictError(
                f"{file.name} is not what was declared: its SHA-256 differs",
                remedy="send this file again, from its beginning",
            )
    return _write(parcel, replace(parcel.said, complete_at=now))


def delivered(parcel: Parcel, delivery: str) -> Parcel:
    """Remember what became of it, for a sender who did not hear, and let its files go."""
    told = _write(parcel, replace(parcel.said, delivery=delivery))
    for number in range(len(parcel.said.files)):
        parcel.path(number).unlink(missing_ok=True)
    return told


def discard(parcel: Parcel) -> None:
    """Forget it."""
    shutil.rmtree(parcel.folder, ignore_errors=True)


def forget_old(home: Path) -> None:
    """Forget what nothing was added to for a day."""
    for one in list(_all(home)):
        touched = max(path.stat().st_mtime for path in (one.folder, *one.folder.iterdir()))
        if time.time() - touched > FORGOTTEN_AFTER:
            discard(one)


def _all(home: Path) -> Iterator[Parcel]:
    for folder in home.iterdir():
        try:
            yield find(home, folder.name)
        except NotFoundError:
            continue


def _fault(files: Sequence[Piece]) -> tuple[str, str] | None:
    """Why these files can be no delivery, and what to do."""
    if not files:
        return "there is no file to send", "name at least one"
    if len(files) > MAX_FILES:
        return f"these are more than {MAX_FILES} files", "send a zip"
    for file in files:
        parts = PurePosixPath(file.name).parts
        if file.name != "/".join(parts) or not parts or len(parts) > MAX_DEPTH:
            return f"{file.name!r} is no name of a file", "write it without ., .. or / at its ends"
        for part in parts:
            if fault := name_fault(part.encode("utf-8", "surrogatepass")):
                return f"the name {file.name!r} {fault}", "choose another name"
        if not 0 <= file.size <= MAX_FILE:
            return f"{file.name} is larger than {MAX_FILE // 1024**3} GiB", "split it"
        if file.sha256 is not None and not _SHA256.fullmatch(file.sha256):
            return f"the sha256 of {file.name} is none", "write 64 hexadecimal digits, small"
    names = [file.name for file in files]
    if len(set(names)) < len(names):
        return "two files have one name", "put them into folders"
    return None


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(parcel: Parcel, said: Said) -> Parcel:
    draft = parcel.folder / f"{_SAID}.draft"
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(said))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(parcel.folder / _SAID)
    return Parcel(parcel.folder, said)
