"""Which files of somebody else's folder make a delivery: those that are not as they were taken.

1. **A file is known by name, size and date as their server tells them.** Their clock is compared with
   nothing of ours.
2. **In a folder that is the whole truth a delivery is the whole folder**: beside what is new stands
   what has stayed, for a table that is missing would be missed.
3. **A marker vouches for what is not newer than itself**, once: it must be new as well.

Pure: what is listed and what is on record go in, what is to be taken comes out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rosterway.gateway.folders import Kind, kind, marked
from rosterway.gateway.sftp_client_files import RemoteFile
from rosterway.settings.sftp_connection import matches


class Known(Protocol):
    """A file as it was taken."""

    @property
    def size(self) -> int:
        """Bytes."""
        ...

    @property
    def mtime(self) -> int:
        """Seconds, by their clock."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """What a delivery would hold: `new` files and `same` ones, which we have already.

    `markers` are those that have come since; `is_vouched_for` says whether they speak for all that
    is new, so that nobody needs to wait whether it grows.
    """

    new: tuple[RemoteFile, ...] = ()
    same: tuple[RemoteFile, ...] = ()
    markers: tuple[RemoteFile, ...] = ()
    is_vouched_for: bool = False

    def has_stayed(self, before: "Pick") -> bool:
        """Whether nothing has come, gone or grown since another look."""
        return (self.new, self.same) == (before.new, before.same)


def pick(
    files: Iterable[RemoteFile],
    known: Mapping[str, Known],
    *,
    patterns: tuple[str, ...],
    is_whole: bool,
) -> Pick:
    """What of these files is to be taken; `is_whole` if the folder is the whole truth."""
    listed = list(files)
    wanted = [
        file for file in listed if kind(file.name) is Kind.FILE and matches(file.name, patterns)
    ]
    new = tuple(file for file in wanted if not _is_as(file, known))
    if not new:
        return Pick()
    markers = tuple(
        file
        for file in listed
        if kind(file.name) in {Kind.MARKER, Kind.FILE_MARKER} and not _is_as(file, known)
    )
    return Pick(
        new=new,
        same=tuple(file for file in wanted if file not in new) if is_whole else (),
        markers=markers,
        is_vouched_for=all(_is_vouched_for(file, wanted, markers) for file in new),
    )


def _is_as(file: RemoteFile, known: Mapping[str, Known]) -> bool:
    """Whether a file is as it was taken."""
    before = known.get(file.name)
    return before is not None and (before.size, before.mtime) == (file.size, file.mtime)


def _is_vouched_for(
    file: RemoteFile, wanted: list[RemoteFile], markers: tuple[RemoteFile, ...]
) -> bool:
    names = [each.name for each in wanted]
    newest = max(each.mtime for each in wanted)
    return any(
        marker.mtime >= newest
        if kind(marker.name) is Kind.MARKER
        else marked(marker.name, names) == file.name and marker.mtime >= file.mtime
        for marker in markers
    )
