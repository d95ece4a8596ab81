"""Taking a complete delivery out of the tree so that a crash between any two steps loses nothing.

One directory per delivery, below `<sealed>/<tenant>/<feed>/`, tells by one file how far it got:

    intent.json    which files are to be taken; some may have been moved already
    arrival.json   all of them are here and on disk: the delivery can be handed over
    taken.json     it was handed over; the directory belongs to who took it

`prepare` writes the intent, `move` moves, `finish` makes it an arrival, `taken` closes it; `move`
and `finish` can be repeated. The files lie in `files/`, the cut ones of a given-up delivery in
`unfinished/`, markers in `markers/`. Both trees must be on one file system, for a move is a rename.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rosterway.gateway.scanning import Left
from rosterway.gateway.sealing import Seal, Unfinished, Why
from rosterway.gateway.uploads import Stamp

INTENT, ARRIVAL, TAKEN = "intent.json", "arrival.json", "taken.json"
_FILES, _UNFINISHED, _MARKERS = "files", "unfinished", "markers"


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A whole file of a delivery, and where it lies now."""

    name: str
    size: int
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A sealed delivery. With `unfinished` files it must not be applied, only answered."""

    tenant: str
    feed: str
    folder: str
    """The folder it arrived in, absolute."""
    directory: Path
    """Where it lies now; the taker's to remove."""
    files: tuple[ArrivedFile, ...]
    sealed_at: datetime
    why: Why
    unfinished: tuple[Unfinished, ...] = ()
    left: tuple[Left, ...] = ()
    """What lay in the folder and was not taken: links, devices, unreadable names."""

    @property
    def complete(self) -> bool:
        """Whether every file came to its end."""
        return not self.unfinished


def prepare(
    sealed: Path,
    seal: Seal,
    *,
    tenant: str,
    feed: str,
    folder: str,
    stamps: Mapping[str, Stamp],
    left: tuple[Left, ...],
    at: datetime,
) -> Path:
    """Write down what is to be taken; answers the delivery's new directory."""
    directory = _new_directory(sealed / tenant / feed, at)
    for below in (_FILES, _UNFINISHED, _MARKERS):
        (directory / below).mkdir()
    intent = {
        "version": 1,
        "tenant": tenant,
        "feed": feed,
        "folder": folder,
        "sealed_at": at.isoformat(),
        "why": seal.why,
        "files": [
            {"name": name, "size": stamps[name].size, "mtime_ns": stamps[name].mtime_ns}
            for name in seal.files
        ],
        "markers": list(seal.markers),
        "unfinished": [
            {"name": cut.name, "size": cut.size, "reason": cut.reason} for cut in seal.unfinished
        ],
        "left": [{"name": item.name, "reason": item.reason} for item in left],
    }
    _write(directory / INTENT, intent)
    for above in (directory, *directory.parents[:3]):
        _sync(above)
    return directory


def move(directory: Path) -> None:
    """Move what the intent names and is still in its folder; quick, for nobody may write meanwhile.

    A file that is not as the intent says stays: `finish` will say so.
    """
    intent = _read(directory / INTENT)
    folder = Path(intent["folder"])
    above: set[str] = set()
    ready: set[Path] = set()
    for below, name, expected in _wanted(intent):
        source, target = folder / name, directory / below / name
        try:
            found = source.lstat()
        except FileNotFoundError:
            continue
        if target.exists() or (expected and expected != (found.st_size, found.st_mtime_ns)):
            continue
        if target.parent not in ready:
            target.parent.mkdir(parents=True, exist_ok=True)
            ready.add(target.parent)
        source.rename(target)
        above.update(_above(name))
    for name in sorted(above, key=lambda name: name.count("/"), reverse=True):
        with suppress(OSError):  # something else is in it
            (folder / name).rmdir()


def finish(directory: Path) -> Arrival:
    """What was moved becomes an arrival, on disk to stay. Repeating it answers the same."""
    if not (directory / ARRIVAL).exists():
        intent = _read(directory / INTENT)
        _settle(directory, intent)
        for below, _, files in os.walk(directory):
            for name in files:
                _sync(Path(below, name))
            _sync(Path(below))
        if Path(intent["folder"]).is_dir():
            _sync(Path(intent["folder"]))
        (directory / INTENT).rename(directory / ARRIVAL)
        _sync(directory)
    return _arrival(directory, _read(directory / ARRIVAL))


def taken(directory: Path) -> None:
    """It was handed over. The taker may have removed or moved the directory already."""
    try:
        (directory / ARRIVAL).rename(directory / TAKEN)
    except FileNotFoundError:
        return
    _sync(directory)


def discard(directory: Path) -> None:
    """Forget an intent of which nothing was moved."""
    (directory / INTENT).unlink(missing_ok=True)
    shutil.rmtree(directory)


def begun(directory: Path) -> bool:
    """Whether anything was moved."""
    return any(
        files
        for below in (_FILES, _UNFINISHED, _MARKERS)
        for _, _, files in os.walk(directory / below)
    )


def waiting(sealed: Path, *, tenant: str, feed: str) -> Iterator[Path]:
    """The deliveries of a feed that were not handed over, oldest first.

    To be called before anything else is done with them. Moves an earlier process began are ended;
    an intent of which nothing had been moved is forgotten, so that the files settle anew.
    """
    home = sealed / tenant / feed
    for directory in sorted(home.iterdir()) if home.is_dir() else ():
        if (directory / INTENT).exists() and begun(directory):
            move(directory)
            yield directory
        elif (directory / ARRIVAL).exists():
            yield directory
        elif not (directory / TAKEN).exists() and not begun(directory):
            discard(directory)


def _settle(directory: Path, intent: dict[str, Any]) -> None:
    """If not all came along, say in the intent which did not."""
    missing = [
        item for item in intent["files"] if not (directory / _FILES / item["name"]).is_file()
    ]
    if not missing:
        return
    for item in missing:
        stayed = Path(intent["folder"], item["name"]).exists()
        reason = "it changed while the delivery was taken" if stayed else "it vanished"
        intent["files"].remove(item)
        intent["unfinished"].append({"name": item["name"], "size": item["size"], "reason": reason})
    _write(directory / INTENT, intent)


def _wanted(intent: dict[str, Any]) -> Iterator[tuple[str, str, tuple[int, int] | None]]:
    for item in intent["files"]:
        yield _FILES, item["name"], (item["size"], item["mtime_ns"])
    for item in intent["unfinished"]:
        yield _UNFINISHED, item["name"], None
    for name in intent["markers"]:
        yield _MARKERS, name, None


def _arrival(directory: Path, said: dict[str, Any]) -> Arrival:
    return Arrival(
        tenant=said["tenant"],
        feed=said["feed"],
        folder=said["folder"],
        directory=directory,
        files=tuple(
            ArrivedFile(item["name"], item["size"], directory / _FILES / item["name"])
            for item in said["files"]
        ),
        sealed_at=datetime.fromisoformat(said["sealed_at"]),
        why=Why(said["why"]),
        unfinished=tuple(Unfinished(**item) for item in said["unfinished"]),
        left=tuple(Left(**item) for item in said["left"]),
    )


def _new_directory(home: Path, at: datetime) -> Path:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    name, count = at.strftime("%Y%m%dT%H%M%S.%fZ"), 0
    while True:
        directory = home / (f"{name}-{count}" if count else name)
        try:
            directory.mkdir(mode=0o700)
        except FileExistsError:
            count += 1
        else:
            return directory


def _above(name: str) -> Iterator[str]:
    while name := name.rpartition("/")[0]:
        yield name


def _read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_bytes())


def _write(path: Path, value: dict[str, Any]) -> None:
    """Replace a file whole, or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
