"""Files by content: kept once under the SHA-256 of their bytes, never changed, never overwritten.

A blob is on disk, synced, before its digest is answered. Whoever then records the digest may crash
in between: the blob lies there unused, and the repeated step finds it. Blobs of one tenant are in
a folder of their own, so that no tenant can learn from a digest what another has.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from rosterway.errors import NotFoundError, StoreError, UnavailableError
from rosterway.store.home import sync_folder

_PIECE = 1 << 20
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Blob:
    """What was kept: the SHA-256 of the bytes in hex, and how many they are."""

    digest: str
    size: int


class Blobs(Protocol):
    """A place for files by content."""

    def put_file(self, path: Path) -> Blob:
        """Keep a copy of this file, as it is while it is read; the file itself stays."""
        ...

    def put_bytes(self, content: bytes) -> Blob:
        """Keep these bytes."""
        ...

    def open(self, digest: str) -> BinaryIO:
        """The content, to be read; `NotFoundError` if there is none."""
        ...

    def local(self, digest: str) -> Path:
        """A file on this machine with the content, to be read only; `NotFoundError` if none."""
        ...

    def verify(self, digest: str) -> bool:
        """Whether the content is there and still has this digest."""
        ...

    def discard_unfinished(self) -> int:
        """Remove what a crash left half-written; how many. Only while nothing is being put."""
        ...


class FolderBlobs:
    """Blobs in a folder: `ab/cdef…`, read-only files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put_file(self, path: Path) -> Blob:
        """Keep a copy of this file."""
        with self._incoming() as (beside, kept), path.open("rb") as source:
            digest = hashlib.sha256()
            size = 0
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += kept.write(piece)
            return self._settle(beside, kept, Blob(digest.hexdigest(), size))

    def put_bytes(self, content: bytes) -> Blob:
        """Keep these bytes."""
        blob = Blob(hashlib.sha256(content).hexdigest(), len(content))
        if self._path(blob.digest).exists():
            return blob
        with self._incoming() as (beside, kept):
            kept.write(content)
            return self._settle(beside, kept, blob)

    def open(self, digest: str) -> BinaryIO:
        """The content, to be read."""
        return self.local(digest).open("rb")

    def local(self, digest: str) -> Path:
        """The file itself."""
        path = self._path(digest)
        if not path.is_file():
            raise NotFoundError(
                f"there is no file with the content {digest}",
                remedy="was the home restored without its blobs?",
            )
        return path

    def verify(self, digest: str) -> bool:
        """Whether the content is there and still has this digest."""
        try:
            with self.open(digest) as file:
                found = hashlib.sha256()
                while piece := file.read(_PIECE):
                    found.update(piece)
                return found.hexdigest() == digest
        except NotFoundError:
            return False

    def digests(self) -> Iterator[str]:
        """Every digest that is kept, in order."""
        for folder in sorted(self._folder.glob("[0-9a-f][0-9a-f]")):
            yield from (folder.name + path.name for path in sorted(folder.iterdir()))

    def discard_unfinished(self) -> int:
        """Remove what a crash left half-written; how many. Only while nothing is being put."""
        left = list((self._folder / "incoming").glob("*"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    @contextmanager
    def _incoming(self) -> Generator[tuple[Path, BinaryIO]]:
        folder = self._folder / "incoming"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=folder)
            beside = Path(name)
            try:
                with os.fdopen(descriptor, "wb") as kept:
                    yield beside, kept
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:
            raise UnavailableError(
                f"a file cannot be kept: {error.strerror or error}",
                remedy="make room on the disk, or give this user rights to the home folder",
            ) from error

    def _settle(self, beside: Path, kept: BinaryIO, blob: Blob) -> Blob:
        kept.flush()
        os.fchmod(kept.fileno(), 0o400)
        os.fsync(kept.fileno())
        place = self._path(blob.digest)
        place.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            os.link(beside, place)  # unlike a rename, a link cannot overwrite
        except FileExistsError:
            if place.stat().st_size != blob.size:
                raise StoreError(
                    f"the kept file {blob.digest} is damaged",
                    remedy="restore it from a backup, then try again",
                ) from None
        sync_folder(place.parent)
        sync_folder(self._folder)
        return blob

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError("that is no digest of a kept file")
        return self._folder / digest[:2] / digest[2:]
