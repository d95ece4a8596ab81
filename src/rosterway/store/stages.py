"""What a run did, stage by stage, and the files it left at each.

A stage that is entered again after a crash is a new attempt; the attempt that was cut off stays on
record as interrupted. Progress is for people and may be lost; counts are written when a stage ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store.blobs import Blob
from rosterway.store.columns import flag, instant, json, number, refers, tenant_table, text
from rosterway.store.runs import RUNS
from rosterway.store.walls import TenantStore

RUN_STAGES = tenant_table(
    "run_stages",
    text("run"),
    number("place"),
    text("stage"),
    number("attempt"),
    instant("started_at"),
    instant("ended_at", null=True),
    flag("interrupted"),
    json("counts", dict[str, Any]),
    number("done"),
    number("of"),
    text("note"),
    instant("progress_at", null=True),
    refers(("run",), "runs", ("id",)),
    key=("run", "place"),
)

RUN_FILES = tenant_table(
    "run_files",
    text("run"),
    text("name"),
    text("stage"),
    text("blob"),
    number("size"),
    instant("added_at"),
    refers(("run",), "runs", ("id",)),
    key=("run", "name"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One attempt at one stage; `done` of `of` is how far it says it is, 0 of 0 if it cannot."""

    tenant: str
    run: str
    place: int
    stage: str
    attempt: int
    started_at: datetime
    ended_at: datetime | None
    interrupted: bool
    counts: Mapping[str, Any]
    done: int
    of: int
    note: str
    progress_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file that a run made, kept as a blob."""

    tenant: str
    run: str
    name: str
    stage: str
    blob: str
    size: int
    added_at: datetime


def enter(
    handle: TenantStore, run: str, stage: str, *, follows: bool = False, now: datetime
) -> Stage:
    """Begin a stage: an attempt still open is closed as interrupted, unless this one `follows` it."""
    table = RUN_STAGES.c
    with handle.together() as tx, tx.writing() as seen:
        if not seen.update(RUNS, RUNS.c.id == run, RUNS.c.ended_at.is_(None), stage=stage):
            raise ConflictError(f'run "{run}" has ended, or there is none')
        seen.update(RUNS, RUNS.c.id == run, RUNS.c.started_at.is_(None), started_at=now)
        seen.update(
            RUN_STAGES,
            table.run == run,
            table.ended_at.is_(None),
            ended_at=now,
            interrupted=not follows,
        )
        earlier = of_run(tx, run)
        begun: dict[str, Any] = {
            "run": run,
            "place": len(earlier) + 1,
            "stage": stage,
            "attempt": 1 + sum(1 for past in earlier if past.stage == stage),
            "started_at": now,
            "interrupted": False,
            "counts": {},
            "done": 0,
            "of": 0,
            "note": "",
        }
        seen.insert(RUN_STAGES, **begun)
        return Stage(tenant=handle.name, ended_at=None, progress_at=None, **begun)


def progress(
    handle: TenantStore, run: str, *, done: int, of: int, note: str = "", now: datetime
) -> None:
    """Say how far the open stage is; nothing happens if none is open."""
    table = RUN_STAGES.c
    with handle.writing() as seen:
        said = {"done": done, "of": of, "note": note, "progress_at": now}
        seen.update(RUN_STAGES, table.run == run, table.ended_at.is_(None), **said)


def leave(
    handle: TenantStore, run: str, *, counts: Mapping[str, Any] | None = None, now: datetime
) -> None:
    """End the open stage with its counts; nothing happens if none is open."""
    table = RUN_STAGES.c
    with handle.writing() as seen:
        left = {"ended_at": now, "counts": dict(counts or {})}
        seen.update(RUN_STAGES, table.run == run, table.ended_at.is_(None), **left)


def of_run(handle: TenantStore, run: str) -> list[Stage]:
    """Every attempt at every stage, in order."""
    table = RUN_STAGES.c
    with handle.reading() as seen:
        return seen.find(Stage, RUN_STAGES, table.run == run, order=(table.place,))


def attach(
    handle: TenantStore, run: str, name: str, blob: Blob, *, stage: str, now: datetime
) -> None:
    """Keep a file with the run under this name; a repeated stage replaces what it made before."""
    kept = {"stage": stage, "blob": blob.digest, "size": blob.size, "added_at": now}
    with handle.writing() as seen:
        if not seen.insert_new(RUN_FILES, run=run, name=name, **kept):
            seen.update(RUN_FILES, RUN_FILES.c.run == run, RUN_FILES.c.name == name, **kept)


def files(handle: TenantStore, run: str) -> list[RunFile]:
    """The run's files, by name."""
    with handle.reading() as seen:
        return seen.find(RunFile, RUN_FILES, RUN_FILES.c.run == run, order=(RUN_FILES.c.name,))


def file(handle: TenantStore, run: str, name: str) -> RunFile:
    """One file of the run; `NotFoundError` if it has none of that name."""
    with handle.reading() as seen:
        where = (RUN_FILES.c.run == run, RUN_FILES.c.name == name)
        found = seen.first(RunFile, RUN_FILES, *where)
    if found is None:
        raise NotFoundError(f'run "{run}" has no file "{name}"')
    return found
