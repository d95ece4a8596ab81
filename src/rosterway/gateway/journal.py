"""What must be remembered about uploads, so that a killed process does not read half a file.

A file that was open when the process died is unfinished; one that was closed is whole.
Files that came by other means are not recorded: nobody told us anything about them.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rosterway.errors import UnavailableError
from rosterway.gateway.uploads import Entry, Standing


@dataclass(frozen=True, slots=True)
class UploadKey:
    """A file in a feed's folder, by its name relative to it."""

    tenant: str
    feed: str
    name: str


class UploadJournal(Protocol):
    """Remembers one entry per file.

    `write` is called on the event loop for every upload opened, closed, lost, renamed or taken, so
    it should take no longer than one small transaction. All it was given is remembered when it
    returns, or none of it; a `StoreError` then refuses the upload that was about to begin. To
    survive a cut of power, not only of the process, it must be on disk by then.
    """

    def write(
        self, entries: Sequence[tuple[UploadKey, Entry]], forgotten: Sequence[UploadKey]
    ) -> None:
        """Remember these, replacing what was known of them, and forget those."""
        ...

    def all(self) -> Iterable[tuple[UploadKey, Entry]]:
        """Everything remembered, in no order."""
        ...


class FileJournal:
    """A journal in a SQLite file of its own. Use it from one thread."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS upload ("
            " tenant TEXT, feed TEXT, name TEXT, standing TEXT, size INTEGER, reason TEXT,"
            " PRIMARY KEY (tenant, feed, name)) WITHOUT ROWID"
        )

    def write(
        self, entries: Sequence[tuple[UploadKey, Entry]], forgotten: Sequence[UploadKey]
    ) -> None:
        """Remember these, replacing what was known of them, and forget those."""
        try:
            with self._database:
                self._database.executemany(
                    "DELETE FROM upload WHERE tenant = ? AND feed = ? AND name = ?",
                    [(key.tenant, key.feed, key.name) for key in forgotten],
                )
                self._database.executemany(
                    "INSERT OR REPLACE INTO upload VALUES (?, ?, ?, ?, ?, ?)",
                    [
                        (key.tenant, key.feed, key.name, entry.standing, entry.size, entry.reason)
                        for key, entry in entries
                    ],
                )
        except sqlite3.Error as error:
            raise UnavailableError(f"the journal of uploads cannot be written: {error}") from error

    def all(self) -> Iterable[tuple[UploadKey, Entry]]:
        """Everything remembered, in no order."""
        rows = self._database.execute(
            "SELECT tenant, feed, name, standing, size, reason FROM upload"
        ).fetchall()
        for tenant, feed, name, standing, size, reason in rows:
            yield UploadKey(tenant, feed, name), Entry(Standing(standing), size, reason)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()
