"""`--out`: a folder is filled whole or not at all, and what somebody else put there stays.

Everything is written beside its place first and moved there at the end, so that an interrupted
command leaves what was there before.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from errno import EACCES, ENOTDIR
from pathlib import Path

from rosterway.errors import UsageError

#: What a folder still to be moved into place is called; one that was left behind is no obstacle.
_COMING = ".rosterway-"
#: The summary of a plan, beside its numbered folders.
PLAN = "plan.json"


def _nothing(_path: Path) -> bool:
    return False


def is_of_plan(path: Path) -> bool:
    """Whether this is of an earlier plan: `plan.json`, or a numbered folder of CSV files alone."""
    if path.is_dir() and not path.is_symlink():
        return path.name.isdigit() and all(file.suffix == ".csv" for file in path.iterdir())
    return path.name == PLAN


def require_room(out: Path, *, replaces: Callable[[Path], bool] = _nothing) -> None:
    """Raise UsageError, before any work, if `out` could not be filled. Nothing is made."""
    existing = next(path for path in (out, *out.absolute().parents) if path.exists())
    try:
        if not existing.is_dir():
            raise NotADirectoryError(ENOTDIR, os.strerror(ENOTDIR))
        if not os.access(existing, os.W_OK | os.X_OK):
            raise PermissionError(EACCES, os.strerror(EACCES))
        before = _before(out) if existing == out else []
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}.", remedy="Name an empty or a new folder."
        ) from error
    if not all(replaces(path) for path in before):
        raise UsageError(f"{out} is not empty.", remedy="Name an empty or a new folder.")


@contextmanager
def filling(out: Path, *, replaces: Callable[[Path], bool] = _nothing) -> Generator[Path]:
    """Yield a folder to write into; at the end what is in it moves to `out`.

    What `out` holds already must be such that it `replaces` it. If the block fails or is
    interrupted, `out` is as it was. Raises UsageError if `out` is of no use.
    """
    require_room(out, replaces=replaces)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix=_COMING, dir=out)
    except OSError as error:
        raise UsageError(
            f"{out} cannot be written: {error.strerror}.", remedy="Name an empty or a new folder."
        ) from error
    try:
        with folder:
            coming = Path(folder.name)
            yield coming
            for path in _before(out):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            # A summary comes after what it speaks of
            for path in sorted(coming.iterdir(), key=lambda path: (path.is_file(), path.name)):
                path.rename(out / path.name)
    finally:
        if is_new:
            with suppress(OSError):  # it is not empty: all went well
                out.rmdir()


def _before(out: Path) -> list[Path]:
    return [path for path in out.iterdir() if not path.name.startswith(_COMING)]
