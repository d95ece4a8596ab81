"""How much a tenant may have lying in its incoming folders, so that nobody fills everybody's disk.

What was written since the folders were last measured is added up; only when that comes to more than
is allowed are they measured again, for what was sealed has left them meanwhile. Receipts and exports
are not counted, and the last of the disk is kept free for them.
"""

import errno
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MIB = 1024**2
#: Bytes of the disk that uploads leave free.
KEPT_FREE = 512 * MIB

#: Seconds: a measurement is good for so long, and none is made again within so little.
_GOOD, _AGAIN = 60.0, 1.0
#: Bytes written between two looks at the disk.
_GLANCE = 16 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What may lie in a tenant's incoming folders together: bytes, and files with their folders."""

    size: int
    files: int


USUAL = Quota(size=50 * 1024**3, files=20_000)


class Room:
    """One tenant's incoming folders. All sessions of the tenant share it."""

    def __init__(
        self,
        folders: Iterable[Path],
        quota: Quota,
        *,
        clock: Callable[[], float] = time.monotonic,
        free: Callable[[Path], int] | None = None,
    ) -> None:
        """`clock` answers seconds; `free` how many bytes the disk of a folder has left."""
        self._folders = tuple(folders)
        self._quota = quota
        self._clock, self._free = clock, free or _free
        self._size = self._files = self._unseen = 0
        self._measured: float | None = None

    def another(self) -> None:
        """A file or folder is about to be made. OSError, EDQUOT or ENOSPC, if there is no room."""
        if self._is_older_than(_GOOD):
            self._measure()
        self._refuse_full_disk()
        if self._files + 1 > self._quota.files and self._is_older_than(_AGAIN):
            self._measure()
        if self._files + 1 > self._quota.files:
            raise OSError(
                errno.EDQUOT, f"{self._quota.files:,} files are here already, which is {_FULL}"
            )
        self._files += 1

    def more(self, size: int) -> None:
        """So many bytes are about to be written. OSError if there is no room for them."""
        if self._measured is None or (
            self._size + size > self._quota.size and self._is_older_than(_AGAIN)
        ):
            self._measure()
        if self._size + size > self._quota.size:
            raise OSError(
                errno.EDQUOT,
                f"{self._quota.size // MIB:,} MiB are the quota of these folders; this is {_FULL}",
            )
        self._unseen += size
        if self._unseen >= _GLANCE:
            self._unseen = 0
            self._refuse_full_disk()
        self._size += size

    def _is_older_than(self, seconds: float) -> bool:
        return self._measured is None or self._clock() - self._measured >= seconds

    def _measure(self) -> None:
        sizes = [size for folder in self._folders for size in _below(folder)]
        self._size, self._files, self._measured = sum(sizes), len(sizes), self._clock()

    def _refuse_full_disk(self) -> None:
        if self._folders and self._free(self._folders[0]) < KEPT_FREE:
            raise OSError(errno.ENOSPC, "the server's disk is nearly full; its operator must act")


_FULL = "all there may be: wait until they are taken, or remove some"


def _below(folder: Path | str) -> Iterator[int]:
    """The size of everything below a folder, a folder's own being nothing."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield 0
            yield from _below(entry.path)
            continue
        try:
            yield entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:  # it was taken meanwhile
            continue


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
