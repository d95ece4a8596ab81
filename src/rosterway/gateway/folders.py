"""How a tenant's tree of folders looks, and what the names of files in it mean.

Guarantees: the tree's folders and who may write where are one table; a name is judged
(safe, temporary, marker) from its text alone, the same way for SFTP and for a scan of the disk.
Leaves to others: who the client is (`sftp_server`), and when a delivery is complete (`sealing`).
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

#: The longest name of a file or folder, in bytes; what Linux file systems allow.
MAX_NAME_BYTES = 255
#: How deep folders may be nested below a tenant's root.
MAX_DEPTH = 12

#: Control characters, and what breaks a line.
_CONTROL = {"Cc", "Zl", "Zp"}
#: Signs that turn the direction of text, so that a name shows as what it is not (Unicode UAX 9).
_TURNING = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

#: Upload clients write under such a name first and rename when all is there: WinSCP `.filepart`,
#: lftp and rsync a leading dot, scripts `.part` or `.tmp`; editors leave a trailing `~`.
TEMPORARY_ENDINGS = (".part", ".filepart", ".partial", ".tmp", "~")

#: Markers that speak for the whole folder; `x.csv.done` speaks for `x.csv` alone.
FOLDER_MARKERS = (".done", "all.done")
MARKER_ENDING = ".done"


#: Where grades lie for whoever takes them as files.
GRADE_EXPORT = "grade-export"


class Flow(StrEnum):
    """Which way files travel through a folder, seen from the client."""

    INCOMING = "incoming"
    OUTGOING = "outgoing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The top-level folders of one tenant's tree."""

    incoming: tuple[str, ...] = ("imports", "diffing")
    outgoing: tuple[str, ...] = ("results", GRADE_EXPORT)

    def __iter__(self) -> Iterator[str]:
        yield from self.incoming
        yield from self.outgoing

    def flow(self, folder: str) -> Flow | None:
        """Which way files travel through a top-level folder; None if there is no such folder."""
        if folder in self.incoming:
            return Flow.INCOMING
        if folder in self.outgoing:
            return Flow.OUTGOING
        return None

    def make(self, root: Path) -> None:
        """Create what is missing of the tree, for our own user alone."""
        for folder in self:
            (root / folder).mkdir(mode=0o700, parents=True, exist_ok=True)


def name_fault(name: bytes) -> str | None:
    """Why no file or folder may be called this; None if it may.

    Names are shown to people and written into receipts, so they must be readable text.
    """
    if name in {b"", b".", b".."}:
        return "is no name"
    if len(name) > MAX_NAME_BYTES:
        return f"is longer than {MAX_NAME_BYTES} bytes"
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    if "/" in text:
        return "contains a slash"
    if any(
        character in _TURNING or unicodedata.category(character) in _CONTROL for character in text
    ):
        return "contains a control character"
    return None


class Kind(StrEnum):
    """What the name of a file in a feed's folder says about it."""

    FILE = "file"
    TEMPORARY = "temporary"
    """An upload still under way, or nothing of ours: never part of a delivery."""
    MARKER = "marker"
    """Says that the whole delivery is there."""
    FILE_MARKER = "file-marker"
    """Says that one file is there (see `marked`)."""


def kind(name: str) -> Kind:
    """What a name, relative to the feed's folder, says about the file.

    `.done` and `all.done` speak for the folder. Any other `….done` speaks for the file it is
    called after: a name we do not know must not cut a delivery short. In a hidden or temporary
    folder everything is temporary, markers too.
    """
    *above, last = PurePosixPath(name.lower()).parts
    if any(_is_temporary(part) for part in above):
        return Kind.TEMPORARY
    if last in FOLDER_MARKERS:
        return Kind.MARKER
    if _is_temporary(last):
        return Kind.TEMPORARY
    return Kind.FILE_MARKER if last.endswith(MARKER_ENDING) else Kind.FILE


def _is_temporary(part: str) -> bool:
    return part.startswith(".") or part.endswith(TEMPORARY_ENDINGS)


def marked(name: str, files: Iterable[str]) -> str | None:
    """The file a file marker speaks for: `users.csv.done` and `users.done` both mean `users.csv`.

    The full name wins; a name without its ending counts only if one file alone fits.
    """
    stem = name[: -len(MARKER_ENDING)]
    alike = [file for file in files if file == stem or _without_ending(file) == stem]
    if stem in alike:
        return stem
    return alike[0] if len(alike) == 1 else None


def _without_ending(name: str) -> str:
    return str(PurePosixPath(name).with_suffix(""))
