"""The paperwork beside the roster: SIS imports, their messages, files, reports, progress, tokens.

Kept in a database of its own, so that answering the API never waits for an import that writes.
Guarantees: every method is one short transaction and may be called from any thread.
"""

import json
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.state.roster import connect

_SCHEMA = """
CREATE TABLE IF NOT EXISTS imports (
    id INTEGER PRIMARY KEY,
    workflow_state TEXT NOT NULL,
    progress INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT,
    user_id INTEGER,
    file_id INTEGER,
    options TEXT NOT NULL,
    data TEXT NOT NULL,
    diffing_threshold_exceeded INTEGER NOT NULL DEFAULT 0,
    errors_file_id INTEGER
);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    import_id INTEGER NOT NULL,
    file TEXT,
    message TEXT NOT NULL,
    row_info TEXT,
    row INTEGER,
    failure INTEGER NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_import ON messages (import_id);
CREATE TABLE IF NOT EXISTS files (
    id INTEGER PRIMARY KEY,
    display_name TEXT NOT NULL,
    content_type TEXT NOT NULL,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    uuid TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS progress (
    id INTEGER PRIMARY KEY,
    tag TEXT NOT NULL,
    workflow_state TEXT NOT NULL,
    completion INTEGER,
    message TEXT,
    task TEXT NOT NULL,
    user_id INTEGER,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS reports (
    id INTEGER PRIMARY KEY,
    report TEXT NOT NULL,
    account_id INTEGER NOT NULL,
    status TEXT NOT NULL,
    progress INTEGER NOT NULL DEFAULT 0,
    parameters TEXT NOT NULL,
    file_id INTEGER,
    message TEXT,
    user_id INTEGER,
    created_at TEXT NOT NULL,
    started_at TEXT,
    ended_at TEXT
);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL,
    rights TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (
    token TEXT PRIMARY KEY,
    import_id INTEGER NOT NULL,
    name TEXT NOT NULL
);
"""

#: States in which an import has nothing more to do.
FINISHED = frozenset(
    {
        "imported",
        "imported_with_messages",
        "failed",
        "failed_with_messages",
        "aborted",
        "restoring",
        "restored",
        "partially_restored",
    }
)


class Message(NamedTuple):
    """One line of an import's log. `row` counts lines from 1, the header included."""

    file: str | None
    message: str
    row_info: str | None = None
    row: int | None = None
    failure: bool = False


@dataclass(frozen=True, slots=True)
class SisImport:
    """An import as it is on record."""

    id: int
    workflow_state: str
    progress: int
    created_at: str
    updated_at: str
    started_at: str | None
    ended_at: str | None
    user_id: int | None
    file_id: int | None
    options: Options
    data: dict[str, Any]
    diffing_threshold_exceeded: bool
    errors_file_id: int | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that can be downloaded by whoever holds its `uuid`."""

    id: int
    display_name: str
    content_type: str
    path: Path
    size: int
    uuid: str
    created_at: str


@dataclass(frozen=True, slots=True)
class Token:
    """Who calls, and what they may do."""

    user_id: int
    rights: frozenset[str]


class Office:
    """The paperwork, in a database and a folder of files."""

    def __init__(self, home: Path) -> None:
        self._lock = threading.RLock()
        self.folder = home / "files"
        self.folder.mkdir(parents=True, exist_ok=True)
        self._connection = connect(home / "office.db")
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Read with a query of one's own."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def _write(self, sql: str, values: Sequence[Any]) -> sqlite3.Cursor:
        with self._lock:
            return self._connection.execute(sql, values)

    # -- imports ------------------------------------------------------------------------------

    def new_import(self, *, now: str, user_id: int, options: Options) -> int:
        """A new import in state initializing; returns its id."""
        made = self._write(
            "INSERT INTO imports (workflow_state, created_at, updated_at, user_id, options, data)"
            " VALUES ('initializing', ?, ?, ?, ?, '{}')",
            (now, now, user_id, json.dumps(options.as_dict())),
        )
        assert made.lastrowid is not None
        return made.lastrowid

    def update_import(self, import_id: int, *, now: str, **changes: Any) -> None:
        """Change columns of an import; dictionaries are stored as JSON."""
        values = [json.dumps(v) if isinstance(v, dict) else v for v in changes.values()]
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._write(
            f"UPDATE imports SET {columns}, updated_at = ? WHERE id = ?", (*values, now, import_id)
        )

    def move_import(self, import_id: int, *, now: str, by: Iterable[str], to: str) -> bool:
        """Change an import's state if it is in one of `by`; whether it was."""
        states = tuple(by)
        moved = self._write(
            "UPDATE imports SET workflow_state = ?, updated_at = ? WHERE id = ?"
            f" AND workflow_state IN ({', '.join('?' * len(states))})",
            (to, now, import_id, *states),
        )
        return moved.rowcount > 0

    def get_import(self, import_id: int) -> SisImport | None:
        """An import by id."""
        found = self.imports("WHERE id = ?", (import_id,))
        return found[0] if found else None

    def imports(self, where: str, values: Sequence[Any] = ()) -> list[SisImport]:
        """Imports by a condition of one's own."""
        return [_sis_import(row) for row in self.rows(f"SELECT * FROM imports {where}", values)]

    # -- messages -----------------------------------------------------------------------------

    def add_messages(self, import_id: int, messages: Iterable[Message], *, now: str) -> None:
        """Append to an import's log."""
        with self._lock:
            self._connection.execute("BEGIN")
            self._connection.executemany(
                "INSERT INTO messages (import_id, file, message, row_info, row, failure,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(import_id, *message, now) for message in messages],
            )
            self._connection.execute("COMMIT")

    def messages(
        self, import_id: int, *, failure: bool, limit: int
    ) -> tuple[int, list[sqlite3.Row]]:
        """How many messages of a severity an import has, and the first of them."""
        where = "FROM messages WHERE import_id = ? AND failure = ?"
        count = self.rows(f"SELECT count(*) {where}", (import_id, failure))[0][0]
        rows = self.rows(f"SELECT * {where} ORDER BY id LIMIT ?", (import_id, failure, limit))
        return int(count), rows

    # -- files --------------------------------------------------------------------------------

    def new_path(self, suffix: str = "") -> Path:
        """A fresh place in the folder of files."""
        return self.folder / (secrets.token_hex(12) + suffix)

    def add_file(self, path: Path, *, display_name: str, content_type: str, now: str) -> int:
        """Put a file that is in the folder on record; returns its id."""
        made = self._write(
            "INSERT INTO files (display_name, content_type, path, size, uuid, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                display_name,
                content_type,
                path.name,
                path.stat().st_size,
                secrets.token_urlsafe(30),
                now,
            ),
        )
        assert made.lastrowid is not None
        return made.lastrowid

    def get_file(self, file_id: int | None) -> StoredFile | None:
        """A file by id."""
        for row in self.rows("SELECT * FROM files WHERE id = ?", (file_id,)):
            values = dict(row)
            values["path"] = self.folder / row["path"]
            return StoredFile(**values)
        return None

    # -- uploads promised ---------------------------------------------------------------------

    def promise_upload(self, import_id: int, name: str) -> str:
        """A one-time token for the file of an import that is still to come."""
        token = secrets.token_urlsafe(24)
        self._write("INSERT INTO uploads VALUES (?, ?, ?)", (token, import_id, name))
        return token

    def take_upload(self, token: str) -> tuple[int, str] | None:
        """Import and file name of a promised upload, which is thereby used up."""
        with self._lock:
            for row in self.rows("SELECT * FROM uploads WHERE token = ?", (token,)):
                self._write("DELETE FROM uploads WHERE token = ?", (token,))
                return row["import_id"], row["name"]
        return None

    # -- progress and reports -----------------------------------------------------------------

    def add(self, table: Literal["progress", "reports"], **values: Any) -> int:
        """A new row of progress or reports; returns its id."""
        columns, marks = ", ".join(values), ", ".join("?" * len(values))
        made = self._write(
            f"INSERT INTO {table} ({columns}) VALUES ({marks})", tuple(values.values())
        )
        assert made.lastrowid is not None
        return made.lastrowid

    def update(self, table: Literal["progress", "reports"], row_id: int, **changes: Any) -> None:
        """Change a row of progress or reports."""
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._write(f"UPDATE {table} SET {columns} WHERE id = ?", (*changes.values(), row_id))

    # -- tokens -------------------------------------------------------------------------------

    def new_token(self, user_id: int, rights: Iterable[str]) -> str:
        """A new access token."""
        token = "sandbox~" + secrets.token_urlsafe(36)
        self._write("INSERT INTO tokens VALUES (?, ?, ?)", (token, user_id, " ".join(rights)))
        return token

    def token(self, token: str) -> Token | None:
        """Who a token belongs to."""
        for row in self.rows("SELECT * FROM tokens WHERE token = ?", (token,)):
            return Token(row["user_id"], frozenset(row["rights"].split()))
        return None

    def first_token(self, rights: Iterable[str]) -> str | None:
        """The token that was made with the home; it gets these rights, which may be more by now."""
        for row in self.rows("SELECT token FROM tokens ORDER BY rowid LIMIT 1"):
            granted = " ".join(rights)
            self._write("UPDATE tokens SET rights = ? WHERE token = ?", (granted, row["token"]))
            return row["token"]
        return None


def _sis_import(row: sqlite3.Row) -> SisImport:
    values = dict(row)
    values["options"] = Options.of(json.loads(row["options"]))
    values["data"] = json.loads(row["data"])
    values["diffing_threshold_exceeded"] = bool(row["diffing_threshold_exceeded"])
    return SisImport(**values)
