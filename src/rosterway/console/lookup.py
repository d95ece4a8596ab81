"""Looking things up in kept Parquet: a small calculator for one question, gone when it is answered.

Few are open at once, each with little memory, so that pages never weigh on the work beside them.
"""

import shutil
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

import duckdb

from rosterway.console.access import Desk
from rosterway.gateway.calculator import calculator
from rosterway.rostering import sql
from rosterway.store.plans import Plan

_MEMORY = "200MB"
_AT_ONCE = BoundedSemaphore(4)


@contextmanager
def looking_up(desk: Desk, files: Iterable[Path]) -> Generator[duckdb.DuckDBPyConnection]:
    """A calculator that sees these files and nothing else."""
    folder = desk.office.home.work
    with _AT_ONCE:
        room = Path(tempfile.mkdtemp(prefix="console-", dir=folder))
        try:
            with calculator(room, files=files, memory=_MEMORY, threads=2) as connection:
                yield connection
        finally:
            shutil.rmtree(room, ignore_errors=True)


def artefact(desk: Desk, plan: Plan, name: str) -> Path | None:
    """Where an artefact of a plan lies; None if it has none of that name."""
    digest = plan.artifacts.get(name)
    return desk.handle.blobs.local(digest) if digest else None


def rows_in(path: Path, *, numbered: bool = False) -> str:
    """SQL for the rows of a Parquet file, with `file_row_number` if asked for."""
    numbers = ", file_row_number = true" if numbered else ""
    return f"read_parquet({sql.text(str(path))}{numbers})"


def dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """What a query found, each row by column name."""
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
