"""Baselines: what Canvas has confirmed, per feed, one generation after another.

A generation is never changed; advancing adds the next, and only if the one it starts from is still
the latest. Earlier generations stay, so an old day can be looked at as it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store import feeds
from rosterway.store.columns import instant, json, number, refers, tenant_table, text
from rosterway.store.walls import TenantStore, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineTable:
    """One table of a baseline: a Parquet blob, its rows and columns, its content's digest.

    `header` are the columns that always came with it; None where that is not known. `missing` is a
    blob that says since when rows of it are missing, if any are.
    """

    blob: str
    rows: int
    columns: tuple[str, ...]
    digest: str
    header: tuple[str, ...] | None = None
    missing: str | None = None


BASELINES = tenant_table(
    "baselines",
    text("feed"),
    number("generation"),
    text("digest"),
    json("tables", dict[str, BaselineTable]),
    json("pending", dict[str, Any]),
    text("policy"),
    text("run"),
    instant("made_at"),
    refers(("feed",), "feeds", ("name",)),
    refers(("run",), "runs", ("id",)),
    key=("feed", "generation"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """One generation.

    `pending` holds what is still to be sent or looked up (refused and unconfirmed rows), as the
    rostering room writes it. `policy` is the feed's policy digest at that time: another one now
    means a change of policy or connection.
    """

    tenant: str
    feed: str
    generation: int
    digest: str
    tables: Mapping[str, BaselineTable]
    pending: Mapping[str, Any]
    policy: str
    run: str
    made_at: datetime


def current(handle: TenantStore, feed: str) -> Baseline | None:
    """The latest generation, or None before the first load."""
    with handle.reading() as seen:
        return _latest(seen, feed)


def generation(handle: TenantStore, feed: str) -> int:
    """The number of the latest generation; 0 before the first load."""
    with handle.reading() as seen:
        return generation_in(seen, feed)


def generation_in(seen: Transaction, feed: str) -> int:
    """The same, within a transaction."""
    latest = _latest(seen, feed)
    return latest.generation if latest else 0


def every(handle: TenantStore) -> dict[str, Baseline]:
    """The latest generation of each of the tenant's feeds that has one, by feed."""
    known = feeds.every(handle, retired=True)
    with handle.reading() as seen:
        latest = [_latest(seen, feed.name) for feed in known]
    return {baseline.feed: baseline for baseline in latest if baseline}


def at(handle: TenantStore, feed: str, number: int) -> Baseline:
    """One generation; `NotFoundError` if there is none of that number."""
    with handle.reading() as seen:
        where = (BASELINES.c.feed == feed, BASELINES.c.generation == number)
        found = seen.first(Baseline, BASELINES, *where)
    if found is None:
        raise NotFoundError(f'feed "{feed}" has no baseline of generation {number}')
    return found


def history(handle: TenantStore, feed: str, *, limit: int = 100) -> list[Baseline]:
    """The generations of a feed, the latest first."""
    with handle.reading() as seen:
        order = (BASELINES.c.generation.desc(),)
        return seen.find(Baseline, BASELINES, BASELINES.c.feed == feed, order=order, limit=limit)


def advance(
    handle: TenantStore,
    feed: str,
    *,
    expected: int,
    digest: str,
    tables: Mapping[str, BaselineTable],
    pending: Mapping[str, Any],
    policy: str,
    run: str,
    now: datetime,
) -> Baseline:
    """Add generation `expected` + 1.

    The same step of the same run again answers what it made the first time. `ConflictError` if the
    latest generation is not `expected`: the baseline has moved on.
    """
    with handle.together() as tx, tx.writing() as seen:
        latest = _latest(seen, feed)
        if latest and (latest.generation, latest.run, latest.digest) == (expected + 1, run, digest):
            return latest
        added = (latest.generation if latest else 0) == expected and seen.insert_new(
            BASELINES,
            feed=feed,
            generation=expected + 1,
            digest=digest,
            tables=tables,
            pending=pending,
            policy=policy,
            run=run,
            made_at=now,
        )
        if not added:
            raise ConflictError(
                f'the baseline of feed "{feed}" is no longer generation {expected}',
                remedy="make the plan anew",
            )
        return at(tx, feed, expected + 1)


def _latest(seen: Transaction, feed: str) -> Baseline | None:
    order = (BASELINES.c.generation.desc(),)
    return seen.first(Baseline, BASELINES, BASELINES.c.feed == feed, order=order)
