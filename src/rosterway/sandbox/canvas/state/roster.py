"""The database of what Canvas holds, and the one way to change it.

Guarantees: one writer at a time (`work` holds the lock until its changes are committed together),
readers never wait. What a change means is left to the importers and to `byhand`.

Durability is that of a process that may be killed at any instant; a power cut is out of scope.
"""

import sqlite3
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import cast, get_args

from rosterway.sandbox.canvas.state import gradebook, records
from rosterway.sandbox.canvas.state.gradebook import GRADEBOOK_KINDS
from rosterway.sandbox.canvas.state.records import KINDS, Index, Record
from rosterway.sandbox.canvas.state.work import Memory, Work

_SQL_TYPES: dict[object, str] = {
    int: "INTEGER",
    bool: "INTEGER",
    float: "REAL",
    str: "TEXT",
}

_ROLL_BACK = """
CREATE TABLE IF NOT EXISTS roll_back (
    id INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    context_id INTEGER NOT NULL,
    previous_state TEXT NOT NULL,
    updated_state TEXT NOT NULL,
    batch_mode_delete INTEGER NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS roll_back_by_import ON roll_back (import_id);
"""


def _columns(kind: type[Record]) -> Iterator[tuple[str, str, bool]]:
    """Name, SQL type and whether it may be null, for each column of a table."""
    for field in fields(kind):
        options = get_args(field.type) or (field.type,)
        plain = next(o for o in options if o is not type(None))
        yield field.name, _SQL_TYPES[plain], type(None) in options


def _schema() -> Iterator[str]:
    named = (*vars(records).values(), *vars(gradebook).values())
    indexes = cast(list[Index[Record]], [value for value in named if isinstance(value, Index)])
    for kind in (*KINDS, *GRADEBOOK_KINDS):
        parts: list[str] = []
        nullable: set[str] = set()
        for name, sql_type, may_be_null in _columns(kind):
            if may_be_null:
                nullable.add(name)
            key = " PRIMARY KEY" if name == "id" else ""
            parts.append(f"{name} {sql_type}{key}{'' if may_be_null else ' NOT NULL'}")
        yield f"CREATE TABLE IF NOT EXISTS {kind.TABLE} ({', '.join(parts)})"
        own = [index.columns for index in indexes if index.kind is kind]
        for columns in own:
            if any(len(o) > len(columns) and o[: len(columns)] == columns for o in own):
                continue  # a wider index already serves it
            where = f" WHERE {columns[0]} IS NOT NULL" if columns[0] in nullable else ""
            name = f"{kind.TABLE}_by_{'_'.join(columns)}"
            yield (
                f"CREATE INDEX IF NOT EXISTS {name} ON {kind.TABLE} ({', '.join(columns)}){where}"
            )


def connect(path: Path) -> sqlite3.Connection:
    """An autocommitting connection; threads may share it if they take turns."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -65536")  # 64 MB: indexes of a district stay in memory
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    return connection


class Roster:
    """What Canvas holds. `read` is for one thread (the server's); other threads `connect`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._memory = Memory()
        self._writer = connect(path)
        self._writer.execute("BEGIN IMMEDIATE")
        for statement in (*_schema(), *_ROLL_BACK.split(";\n")):
            self._writer.execute(statement)
        self._writer.execute("COMMIT")
        self.read = self.reader()

    def reader(self) -> sqlite3.Connection:
        """Another connection for reading, with rows by column name."""
        connection = connect(self._path)
        connection.row_factory = sqlite3.Row
        return connection

    @contextmanager
    def work(self, now: str, import_id: int | None = None) -> Generator[Work]:
        """A unit of work: committed as a whole at the end, forgotten as a whole on an exception."""
        with self._lock:
            memory, self._memory = self._memory, Memory()
            work = Work(self._writer, now=now, import_id=import_id, memory=memory)
            try:
                yield work
                work.flush()
            except BaseException:
                work.roll_back()
                raise
            work.commit()
            self._memory = memory.kept()

    def close(self) -> None:
        """Close the connections; a running unit of work ends first."""
        with self._lock:
            self.read.close()
            self._writer.close()
