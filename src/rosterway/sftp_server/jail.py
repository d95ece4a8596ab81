"""Which paths a client may touch, and how: one tree, nothing outside of it, no links at all.

A path is taken apart as text, then compared with its real path on disk: if the two differ, a link
lies on the way, and the path is refused wherever it leads. That alone makes links harmless, also
those an administrator made, and those that a rename would turn (dependencies.md 3.1); that clients
cannot make any is `session`'s part.

Between this check and the use of the path only somebody with a shell on the server could slip in a
link; clients cannot.
"""

import os
import posixpath
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from rosterway.errors import AccessError
from rosterway.gateway.folders import MAX_DEPTH, Flow, Layout, name_fault


class Deed(StrEnum):
    """What a client wants of a path."""

    LOOK = "look"
    """Attributes, listing, reading."""
    PUT = "put"
    """Writing, creating, being the target of a rename."""
    MOVE = "move"
    """Being renamed."""
    REMOVE = "remove"


class Zone(StrEnum):
    """Where a path lies."""

    ROOT = "root"
    TOP = "top"
    """A top-level folder itself."""
    INCOMING = "incoming"
    OUTGOING = "outgoing"


#: The whole of a client's rights. Receipts and exports can be fetched and then removed, for many
#: clients do just that; they are kept elsewhere. Top-level folders stay as they are.
ALLOWED: Mapping[Zone, frozenset[Deed]] = {
    Zone.ROOT: frozenset({Deed.LOOK}),
    Zone.TOP: frozenset({Deed.LOOK}),
    Zone.INCOMING: frozenset(Deed),
    Zone.OUTGOING: frozenset({Deed.LOOK, Deed.REMOVE}),
}


class Jail:
    """One tenant's tree."""

    def __init__(self, root: Path, layout: Layout) -> None:
        self._root = os.path.realpath(root)
        self._layout = layout

    def virtual(self, path: bytes) -> str:
        """The absolute path as the client should see it. Does not ask the disk."""
        if any(byte < 0x20 or byte == 0x7F for byte in path):
            raise AccessError("a path with control characters")
        return posixpath.normpath(posixpath.join("/", os.fsdecode(path).lstrip("/")))

    def resolve(self, path: bytes, deed: Deed) -> str:
        """The real path, if the client may do this to it. It need not exist.

        Raises `AccessError`, saying why.
        """
        parts = [part for part in self.virtual(path).split("/") if part]
        if deed not in ALLOWED[self._zone(parts)]:
            raise AccessError(_REFUSED[deed])
        if deed is Deed.PUT:
            if fault := name_fault(os.fsencode(parts[-1])):
                raise AccessError(f"a name that {fault}")
            if len(parts) > MAX_DEPTH + 1:
                raise AccessError(f"more than {MAX_DEPTH} folders deep")
        wanted = posixpath.join(self._root, *parts)
        if _real(wanted) != wanted:
            raise AccessError("links are not followed here")
        return wanted

    def shown(self, real: str) -> str:
        """A real path as the client knows it."""
        return real.removeprefix(self._root)

    def allows(self, path: bytes, deed: Deed) -> bool:
        """Whether `resolve` would not refuse."""
        try:
            self.resolve(path, deed)
        except AccessError:
            return False
        return True

    def shows(self, folder: str, name: str) -> bool:
        """Whether an entry of a (real) folder is listed; at the root only the tree's folders are."""
        return folder != self._root or self._layout.flow(name) is not None

    def _zone(self, parts: list[str]) -> Zone:
        if not parts:
            return Zone.ROOT
        flow = self._layout.flow(parts[0])
        if flow is None:
            raise AccessError("there is no such folder")
        if len(parts) == 1:
            return Zone.TOP
        return Zone.INCOMING if flow is Flow.INCOMING else Zone.OUTGOING


def _real(path: str) -> str | None:
    """Where a path really leads; None if nowhere, for it goes round in circles."""
    try:
        return os.path.realpath(path, strict=True)
    except (FileNotFoundError, NotADirectoryError):
        return os.path.realpath(path)  # its end does not exist (yet)
    except OSError:
        return None


_REFUSED: Mapping[Deed, str] = {
    Deed.LOOK: "not for you to see",
    Deed.PUT: "nothing can be put here",
    Deed.MOVE: "this cannot be renamed",
    Deed.REMOVE: "this cannot be removed",
}
