"""What lies in a feed's folder, read from disk without following a link.

What can be no part of a delivery is named and left where it is.
"""

import os
import stat
from collections.abc import Container
from dataclasses import dataclass, field

from rosterway.gateway.folders import MAX_DEPTH, name_fault
from rosterway.gateway.uploads import Stamp


@dataclass(frozen=True, slots=True)
class Left:
    """Something in the folder that is not taken, and why."""

    name: str
    reason: str


@dataclass(slots=True)
class Scan:
    """The files of a folder by relative name, and what was left out."""

    files: dict[str, Stamp] = field(default_factory=dict[str, Stamp])
    left: list[Left] = field(default_factory=list[Left])


def stamp(status: os.stat_result) -> Stamp:
    """What tells this state of the file from another."""
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def scan(folder: str, *, apart_from: Container[str] = ()) -> Scan:
    """Read a folder and those below it; `apart_from` are paths that belong to somebody else."""
    result = Scan()
    _scan(folder, "", MAX_DEPTH, apart_from, result)
    result.left.sort(key=lambda left: left.name)
    return result


def _scan(folder: str, prefix: str, depth: int, apart_from: Container[str], result: Scan) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = prefix + entry.name
            if (fault := name_fault(os.fsencode(entry.name))) is not None:
                shown = os.fsencode(name).decode(errors="backslashreplace")
                result.left.append(Left(shown, f"its name {fault}"))
                continue
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if stat.S_ISREG(status.st_mode):
                result.files[name] = stamp(status)
            elif not stat.S_ISDIR(status.st_mode):
                is_link = stat.S_ISLNK(status.st_mode)
                result.left.append(Left(name, "is a link" if is_link else "is no regular file"))
            elif depth <= 1:
                result.left.append(Left(name, f"is more than {MAX_DEPTH} folders deep"))
            elif entry.path not in apart_from:
                _scan(entry.path, name + "/", depth - 1, apart_from, result)
