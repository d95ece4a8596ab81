"""Categories, line items, results and scales, kept in SQLite and at hand in memory.

Guarantees: what was answered as written is on disk when the SIS has a folder; records read are
those of the last write. References are bare ids, as in the roster. What may be written is left to
`writing`.
"""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path

from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.model.nouns import GRADEBOOK_NOUNS

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    noun TEXT NOT NULL,
    sourced_id TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (noun, sourced_id)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_PUT = "INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
_COUNT = (
    "INSERT INTO counters VALUES ('ids', 1)"
    " ON CONFLICT DO UPDATE SET value = value + 1 RETURNING value"
)


class Shelf:
    """Gradebook records by noun and id. `generation` grows with every change."""

    def __init__(self, home: Path | None) -> None:
        path = str(home / "gradebook.db") if home else ":memory:"
        self._disk = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._disk.executescript(_SCHEMA)
        self.generation = 0
        self.records: dict[str, dict[str, Record]] = {noun: {} for noun in GRADEBOOK_NOUNS}
        for noun, key, body in self._disk.execute("SELECT * FROM objects ORDER BY rowid"):
            self.records[noun][key] = json.loads(body)

    def put(self, noun: str, record: Record) -> None:
        """Add or replace a record."""
        self.put_all(noun, [record])

    def put_all(self, noun: str, records: Iterable[Record]) -> None:
        """Add or replace records of one noun, all of them or none."""
        rows = [(noun, record["sourcedId"], json.dumps(record)) for record in records]
        self._disk.execute("BEGIN")
        self._disk.executemany(_PUT, rows)
        self._disk.execute("COMMIT")
        for _, key, body in rows:
            self.records[noun][key] = json.loads(body)
        self.generation += 1

    def remove(self, noun: str, key: str) -> None:
        """Forget a record."""
        self._disk.execute("DELETE FROM objects WHERE noun = ? AND sourced_id = ?", (noun, key))
        self.records[noun].pop(key, None)
        self.generation += 1

    def next_number(self) -> int:
        """A number nobody had before."""
        return int(self._disk.execute(_COUNT).fetchone()[0])

    def close(self) -> None:
        """Close the database."""
        self._disk.close()
