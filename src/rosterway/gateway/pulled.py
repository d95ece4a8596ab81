"""`pull.json` among delivered files: what a pull says of itself goes with its files.

Files that `rosterway pull` wrote may be planned or delivered by hand. If the pull was not proven
complete, what is missing from them must not be taken for gone then, either; and nobody can tell if
its word cannot be read.
"""

from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

#: The summary of a pull, beside its files.
PULL = "pull.json"

_MOST_BYTES = 256 * 1024**2
_UNREADABLE = f"its {PULL} cannot be read"


class _Said(msgspec.Struct):
    complete: bool
    why: list[str] = []
    since: str | None = None
    held: list[str] = []


def is_pull(name: str) -> bool:
    """Whether a file is the word of a pull."""
    return PurePosixPath(name).name.lower() == PULL


def unproven_in(path: Path) -> str | None:
    """Why what is missing beside this file must not be taken for gone; None if it may."""
    if path.stat().st_size > _MOST_BYTES:
        return _UNREADABLE
    try:
        said = msgspec.json.decode(path.read_bytes(), type=_Said)
    except msgspec.MsgspecError:
        return _UNREADABLE
    return unproven_by(complete=said.complete, why=said.why, held=said.held, since=said.since)


def unproven_by(
    *, complete: bool, why: list[str], held: list[str], since: Any = None
) -> str | None:
    """The same, of what a pull says: why it is not complete, and the tables with rows held back."""
    if not complete:
        first = why[0] if why else "it does not say why"
        return first + (f" (and {len(why) - 1:,} more)" if len(why) > 1 else "")
    if since is not None:
        return f"only what was changed after {since} was asked for"
    if held:
        return f"rows are held back in {', '.join(held)}; the problems name them"
    return None
