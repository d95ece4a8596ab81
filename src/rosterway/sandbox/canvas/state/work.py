"""A unit of work over the roster: records are looked up once, changed in memory, written together.

Guarantees: one object per record (identity), look-ups see the changes made so far, and every change
of state made for an import leaves the roll-back row that `restore_states` and `statistics` live on.

It is what lets a hundred thousand rows be imported in a few seconds: a segment of rows prefetches
what it refers to with a few joins, and writes with one statement a table.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, TypeVar, cast

from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.state.records import (
    Account,
    Course,
    Index,
    Login,
    Record,
    Section,
    Term,
    User,
)
from rosterway.sandbox.canvas.state.sticky import by_hand, by_import

R = TypeVar("R", bound=Record)

#: Kinds whose records stay known from one segment of an import to the next: the few that the many
#: refer to. A larger roster than this begins anew, so that memory stays bounded.
_KEPT: tuple[type[Record], ...] = (Account, Term, Course, Section, User, Login)
_MOST_KEPT = 200_000

#: The previous state of something that was created.
NON_EXISTENT = "non-existent"


class _Table:
    """Statements of one kind of record, made once."""

    __slots__ = ("insert", "kind", "names", "select", "update", "values")

    def __init__(self, kind: type[Record]) -> None:
        self.kind = kind
        self.names = tuple(field.name for field in fields(kind))
        columns = ", ".join(self.names)
        marks = ", ".join("?" * len(self.names))
        changes = ", ".join(f"{name} = ?" for name in self.names)
        self.select = f"SELECT {', '.join('t.' + name for name in self.names)} FROM {kind.TABLE} t"
        self.insert = f"INSERT INTO {kind.TABLE} ({columns}) VALUES ({marks})"
        self.update = f"UPDATE {kind.TABLE} SET {changes} WHERE id = ?"
        self.values: Callable[[Record], tuple[Any, ...]] = attrgetter(*self.names)


_TABLES: dict[type[Record], _Table] = {}


def _table(kind: type[Record]) -> _Table:
    table = _TABLES.get(kind)
    if table is None:
        table = _TABLES[kind] = _Table(kind)
    return table


class Memory:
    """What a unit of work knows: records by id, and by the keys that were looked up.

    A key that was looked up is kept right by `Work`; one that was not is asked of the database.
    """

    __slots__ = ("by_id", "indexes", "looked_up")

    def __init__(self) -> None:
        self.by_id: dict[type[Record], dict[int, Record]] = {}
        self.looked_up: dict[Index[Any], dict[Any, list[Any]]] = {}
        self.indexes: dict[type[Record], list[Index[Any]]] = {}

    def kept(self) -> "Memory":
        """What the next unit of work may go on from, nobody having written in between."""
        kept = Memory()
        if sum(map(len, self.by_id.values())) > _MOST_KEPT:
            return kept
        for kind in _KEPT:
            kept.by_id[kind] = self.by_id.get(kind, {})
            kept.indexes[kind] = self.indexes.get(kind, [])
            for index in kept.indexes[kind]:
                kept.looked_up[index] = self.looked_up[index]
        return kept


class Work:
    """Look up with `get`, `first`, `all`, `select`; change with `add`, `set`, `touch`."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        now: str,
        import_id: int | None,
        memory: Memory,
    ) -> None:
        self.now = now
        self.import_id = import_id
        #: Set while batch mode cleans up, so that its deletes can be undone by themselves.
        self.batch_mode_delete = False
        #: What the import was asked to do with fields that were changed by hand.
        self.options: Options | None = None
        self._connection = connection
        self._known = memory.by_id
        self._looked_up = memory.looked_up
        self._indexes = memory.indexes
        self._new: dict[type[Record], list[Record]] = {}
        self._dirty: dict[type[Record], dict[int, Record]] = {}
        self._roll_back: list[tuple[Any, ...]] = []
        self._next_id: dict[type[Record], int] = {}
        self._writing = False

    # -- looking up ---------------------------------------------------------------------------

    def get(self, kind: type[R], record_id: int | None) -> R | None:
        """The record with this id."""
        if record_id is None:
            return None
        known = self._known.get(kind)
        if known is not None and record_id in known:
            return cast(R, known[record_id])
        found = self.select(kind, "WHERE t.id = ?", (record_id,))
        return found[0] if found else None

    def there(self, kind: type[R], record_id: int) -> R:
        """The record with this id, which another record refers to."""
        record = self.get(kind, record_id)
        assert record is not None
        return record

    def all(self, index: Index[R], key: Any) -> tuple[R, ...]:
        """The records with this key, oldest first. A key of None finds nothing."""
        return tuple(self._found(index, key))

    def first(self, index: Index[R], key: Any) -> R | None:
        """The oldest record with this key."""
        if key is None:
            return None
        cache = self._looked_up.get(index)
        found = cache.get(key) if cache is not None else None
        if found is None:
            found = self._found(index, key)
        return found[0] if found else None

    def prefetch(self, index: Index[R], keys: Iterable[Any]) -> None:
        """Look up many keys at once."""
        cache = self._cache(index)
        wanted = {key for key in keys if key is not None and key not in cache}
        if not wanted:
            return
        self._flush(index.kind)
        for key in wanted:
            cache[key] = []
        columns = index.columns
        run = self._connection.execute
        names = [f"c{i}" for i in range(len(columns))]
        run("DROP TABLE IF EXISTS temp.wanted")
        run(f"CREATE TEMP TABLE wanted ({', '.join(names)})")
        self._connection.executemany(
            f"INSERT INTO wanted VALUES ({', '.join('?' * len(columns))})",
            wanted if len(columns) > 1 else [(key,) for key in wanted],
        )
        on = " AND ".join(f"t.{column} = w.{n}" for column, n in zip(columns, names, strict=True))
        join = f"{_table(index.kind).select} JOIN temp.wanted w ON {on} ORDER BY t.id"
        for record in self._load(index.kind, run(join)):
            cache[index.key(record)].append(record)

    def prefetch_ids(self, kind: type[Record], ids: Iterable[int]) -> None:
        """Look up many ids at once."""
        known = self._known.setdefault(kind, {})
        wanted = [(record_id,) for record_id in set(ids) if record_id not in known]
        if not wanted:
            return
        self._flush(kind)
        run = self._connection.execute
        run("DROP TABLE IF EXISTS temp.wanted")
        run("CREATE TEMP TABLE wanted (c0)")
        self._connection.executemany("INSERT INTO wanted VALUES (?)", wanted)
        self._load(kind, run(f"{_table(kind).select} JOIN temp.wanted w ON t.id = w.c0"))

    def select(self, kind: type[R], where: str, values: Sequence[Any] = ()) -> list[R]:
        """Records by a condition of their own; the table goes by `t`."""
        self._flush(kind)
        return self._load(kind, self._connection.execute(f"{_table(kind).select} {where}", values))

    def count(self, sql: str, values: Sequence[Any] = ()) -> int:
        """The number a query gives, all changes so far included."""
        self.flush()
        return int(self._connection.execute(sql, values).fetchone()[0])

    # -- changing -----------------------------------------------------------------------------

    def add(self, record: R) -> R:
        """Create a record: gives it its id (unless it has one), times and import."""
        kind = type(record)
        record.id = record.id or self._take_id(kind)
        record.created_at = record.updated_at = self.now
        record.sis_batch_id = self.import_id
        self._known.setdefault(kind, {})[record.id] = record
        self._new.setdefault(kind, []).append(record)
        for index in self._indexes.get(kind, ()):
            found = self._looked_up[index].get(index.key(record))
            if found is not None:
                found.append(record)
        self._log(record, NON_EXISTENT, record.workflow_state)
        return record

    def set(self, record: Record, **changes: Any) -> bool:
        """Change fields; True when any of them really changed. A change of state is logged.

        What was changed by hand stays as it is in an import that does not override it.
        """
        different = {n: v for n, v in changes.items() if getattr(record, n) != v}
        if self.import_id is None:
            by_hand(record, different)
        elif record.stuck or (self.options and self.options.override_sis_stickiness):
            different = by_import(record, different, self.options)
        if not different:
            return False
        moving = [
            (index, self._looked_up[index], index.key(record))
            for index in self._indexes.get(type(record), ())
            if any(column in different for column in index.columns)
        ]
        if "workflow_state" in different:
            self._log(record, record.workflow_state, different["workflow_state"])
        for name, value in different.items():
            setattr(record, name, value)
        record.updated_at = self.now
        for index, cache, old_key in moving:
            if record in cache.get(old_key, ()):
                cache[old_key].remove(record)
            if (found := cache.get(index.key(record))) is not None:
                found.append(record)
        self._mark(record)
        return True

    def touch(self, record: Record) -> None:
        """Note that this import handled the record, which keeps batch mode from removing it."""
        if record.sis_batch_id != self.import_id:
            record.sis_batch_id = self.import_id
            self._mark(record)

    # -- writing ------------------------------------------------------------------------------

    def flush(self) -> None:
        """Write what changed, without committing it."""
        for kind in {*self._new, *self._dirty}:
            self._flush(kind)
        if self._roll_back:
            self._begin()
            self._connection.executemany(
                "INSERT INTO roll_back (import_id, kind, context_id, previous_state, updated_state,"
                " batch_mode_delete, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                self._roll_back,
            )
            self._roll_back.clear()

    def commit(self) -> None:
        """Make what was written permanent."""
        if self._writing:
            self._connection.execute("COMMIT")
            self._writing = False

    def roll_back(self) -> None:
        """Forget what was written."""
        if self._writing:
            self._connection.execute("ROLLBACK")
            self._writing = False

    def run(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
        """A statement of one's own, as part of this unit of work."""
        self.flush()
        self._begin()
        return self._connection.execute(sql, values)

    # -- inside -------------------------------------------------------------------------------

    def _found(self, index: Index[R], key: Any) -> Sequence[R]:
        if key is None:
            return ()
        cache = self._looked_up.get(index)
        if cache is None or key not in cache:
            self.prefetch(index, (key,))
            cache = self._looked_up[index]
        return cache[key]

    def _cache(self, index: Index[R]) -> dict[Any, list[R]]:
        cache = self._looked_up.get(index)
        if cache is None:
            cache = self._looked_up[index] = {}
            self._indexes.setdefault(index.kind, []).append(index)
        return cache

    def _load(self, kind: type[R], rows: Iterable[tuple[Any, ...]]) -> list[R]:
        known = self._known.setdefault(kind, {})
        names = _table(kind).names
        loaded: list[R] = []
        for row in rows:
            record = known.get(row[0])
            if record is None:
                record = known[row[0]] = kind(**dict(zip(names, row, strict=True)))
            loaded.append(cast(R, record))
        return loaded

    def _take_id(self, kind: type[Record]) -> int:
        taken = self._next_id.get(kind)
        if taken is None:
            row = self._connection.execute(f"SELECT max(id) FROM {kind.TABLE}").fetchone()
            taken = (row[0] or 0) + 1
        self._next_id[kind] = taken + 1
        return taken

    def _log(self, record: Record, old: str, new: str) -> None:
        if self.import_id is not None and record.KIND:
            self._roll_back.append(
                (self.import_id, record.KIND, record.id, old, new, self.batch_mode_delete, self.now)
            )

    def _mark(self, record: Record) -> None:
        self._dirty.setdefault(type(record), {})[record.id] = record

    def _begin(self) -> None:
        if not self._writing:
            self._connection.execute("BEGIN IMMEDIATE")
            self._writing = True

    def _flush(self, kind: type[Record]) -> None:
        new = self._new.pop(kind, None)
        dirty = self._dirty.pop(kind, None)
        if not new and not dirty:
            return
        self._begin()
        table = _table(kind)
        if new:
            self._connection.executemany(table.insert, map(table.values, new))
        if dirty:
            fresh = {record.id for record in new or ()}
            self._connection.executemany(
                table.update,
                [
                    (*table.values(record), record.id)
                    for record in dirty.values()
                    if record.id not in fresh
                ],
            )
