"""What is kept of a SIS between pulls: the roster that the next delta is laid over.

One folder a feed: the staged tables of the last pull that was proven complete, with every proven
delta since laid over them, and `kept.json`, which says what they answer. A delta is laid over them
only if they answer what is asked now, are whole to the byte and not old; else the whole SIS is read,
and people are told why. So no delta can be taken for a roster, and what it does not bring is there.

Only feeds with a `delta` have anything kept; it is replaced by the next proven pull.
"""

import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from rosterway.rostering.translate.sources import READ
from rosterway.runs.jobs import KeptRoster
from rosterway.store.home import Home, sync_folder, write_privately

#: A delta asks again for so much of the time before its cursor: clocks differ, providers cache, and
#: what was being written while it was read is dated earlier than it was seen (oneroster 12).
OVERLAP = timedelta(minutes=15)

#: What deltas may build upon for so long; a provider may forget at any time what it has deleted.
OLDEST = timedelta(days=8)

_TOLD = "kept.json"
#: What the tables look like; another version of the program may want other columns.
_LAYOUT = hashlib.sha256(repr([(each.name, each.staged) for each in READ]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Terms:
    """What must not have changed: the feed's policy (`store.feeds`) and what the SIS is asked."""

    policy: str
    question: Sequence[str]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A roster that is kept.

    `whole_at` is when its whole pull began, `cursor` from when on changes may not be in it; None: no
    record tells when it was changed. `deltas` is how many were laid over it. `folder` is that of the
    tables, `sums` their SHA-256 by table.
    """

    layout: str
    policy: str
    question: tuple[str, ...]
    whole_at: datetime
    cursor: datetime | None
    deltas: int
    folder: str
    sums: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Under:
    """What a delta can be laid over: every record of `roster` as of its cursor."""

    roster: KeptRoster
    whole_at: datetime
    deltas: int


def find(place: Path, terms: Terms, *, now: datetime) -> Under | str:
    """What is kept in a feed's place, or in words why no delta can be laid over it."""
    told = _told(place)
    if told is None:
        return "no whole pull is kept yet"
    if told.layout != _LAYOUT:
        return "what is kept is another version's"
    if told.policy != terms.policy:
        return "the configuration of the feed has changed since the last whole pull"
    if told.question != tuple(terms.question):
        return "the SIS is asked for something else than in the last whole pull"
    if told.cursor is None:
        return "the SIS does not say when records were changed"
    if now - told.whole_at > OLDEST:
        return f"the last whole pull is {(now - told.whole_at).days} days old"
    folder = place / told.folder
    for name, sum_ in told.sums.items():
        if _sum(folder / f"{name}.parquet") != sum_:
            return "what is kept is damaged"
    tables = {name: str(folder / f"{name}.parquet") for name in told.sums}
    return Under(KeptRoster(tables, told.cursor), told.whole_at, told.deltas)


def keep(
    place: Path,
    terms: Terms,
    *,
    maker: str,
    tables: Mapping[str, Path],
    began: datetime,
    newest: datetime | None,
    under: Under | None,
) -> None:
    """Put a proven roster into a feed's place, instead of what was there; all of it or nothing.

    `tables` are moved. `began` is when its pull began and `newest` the latest change it tells of,
    both by the provider's clock; `under` is what it was laid over, None if it is of a whole pull.
    `maker` is the run whose work it is.
    """
    deltas = 0 if under is None else under.deltas + 1
    name = f"{maker}-{deltas}"
    folder = place / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    sums: dict[str, str] = {}
    for table, path in tables.items():
        target = folder / f"{table}.parquet"
        path.replace(target)
        sums[table] = _settled(target)
    sync_folder(folder)
    cursor = None if newest is None else min(began, newest) - OVERLAP
    told = Kept(
        layout=_LAYOUT,
        policy=terms.policy,
        question=tuple(terms.question),
        whole_at=began if under is None else under.whole_at,
        cursor=cursor,
        deltas=deltas,
        folder=name,
        sums=sums,
    )
    write_privately(place / _TOLD, msgspec.json.encode(told))
    for other in place.iterdir():
        if other.name not in {name, _TOLD}:
            shutil.rmtree(other, ignore_errors=True)


def forget(place: Path) -> None:
    """Remove what is kept in a feed's place, if anything is."""
    shutil.rmtree(place, ignore_errors=True)


def forget_others(home: Home, wanted: Collection[tuple[str, str]]) -> None:
    """Remove what is kept of feeds (tenant and name) that are not among those wanted."""
    for tenant, feed in _feeds(home):
        if (tenant, feed) not in wanted:
            forget(home.kept(tenant, feed))


def _feeds(home: Home) -> Iterator[tuple[str, str]]:
    for place in sorted((home.folder / "kept").glob("*/*")):
        yield place.parent.name, place.name


def _told(place: Path) -> Kept | None:
    try:
        return msgspec.json.decode((place / _TOLD).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return None


def _sum(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _settled(path: Path) -> str:
    """The digest of a file that is on the disk for good."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
