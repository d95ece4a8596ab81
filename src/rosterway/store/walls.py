"""The walls between tenants.

Every function of this package that concerns a tenant takes a `TenantStore`, and every statement
goes through a `Transaction` that adds the tenant to its conditions and its values. A statement
about one tenant that meets another's rows cannot be written with these; what truly concerns all of
them is in `conductor`, by name.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    UnaryExpression,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from rosterway.errors import ConflictError
from rosterway.store.blobs import Blobs
from rosterway.store.columns import METADATA, TEXT, Kept, instant, text
from rosterway.store.db import Database
from rosterway.store.keyring import Keyring

Made = TypeVar("Made")
Condition = ColumnElement[bool]
Order = ColumnElement[Any] | UnaryExpression[Any]

TENANTS = Table(
    "tenants",
    METADATA,
    Column("name", TEXT, primary_key=True),
    text("title"),
    text("time_zone"),
    instant("created_at"),
)

#: Rows that SQLite is given in one statement; each has some ten values, and it takes 32,766.
_ROWS_TOGETHER = 500

#: Stands for the installation itself where a tenant's name is asked for; no tenant can have it.
INSTALLATION = "*"


class Transaction:
    """One open transaction, in which only the rows of `tenant` exist.

    Without a tenant it is the other way round: only tables outside the walls can be used.
    """

    def __init__(self, connection: Connection, tenant: str | None) -> None:
        self._connection = connection
        self._tenant = tenant

    def find(
        self,
        make: Callable[..., Made],
        table: Table,
        *where: Condition,
        order: tuple[Order, ...] = (),
        limit: int | None = None,
    ) -> list[Made]:
        """The rows that meet all conditions, each given to `make` column by column."""
        chosen = select(table).where(*self._inside(table), *where).order_by(*order).limit(limit)
        return [make(**row) for row in self._connection.execute(chosen).mappings()]

    def values(
        self, column: Column[Any], *where: Condition, order: tuple[Order, ...] = ()
    ) -> Sequence[Any]:
        """One column of the rows that meet all conditions."""
        inside = self._inside(column.table)
        chosen = select(column).where(*inside, *where).order_by(*order)
        return self._connection.execute(chosen).scalars().all()

    def first(
        self,
        make: Callable[..., Made],
        table: Table,
        *where: Condition,
        order: tuple[Order, ...] = (),
    ) -> Made | None:
        """The first such row, or None."""
        return next(iter(self.find(make, table, *where, order=order, limit=1)), None)

    def count(self, table: Table, *where: Condition) -> int:
        """How many such rows there are."""
        counted = select(func.count()).select_from(table).where(*self._inside(table), *where)
        return self._connection.execute(counted).scalar_one()

    def insert(self, table: Table, **values: Any) -> None:
        """Add a row; `ConflictError` if its key is taken."""
        try:
            self._connection.execute(insert(table).values(**self._owned(table), **values))
        except IntegrityError as error:
            raise ConflictError(
                f"there is a row of {table.name} in the way: {error.orig}"
            ) from error

    def insert_new(self, table: Table, **values: Any) -> bool:
        """Add a row unless something of it is taken; whether it was added."""
        postgres = self._connection.dialect.name == "postgresql"
        chosen = postgresql.insert(table) if postgres else sqlite.insert(table)
        added = chosen.values(**self._owned(table), **values).on_conflict_do_nothing()
        # SQLAlchemy forgets an INSERT's row count unless asked to keep it
        kept = self._connection.execute(added, execution_options={"preserve_rowcount": True})
        return kept.rowcount == 1

    def put_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add many rows, or change those whose key is there; each names the same columns."""
        if not rows:
            return
        names = list(rows[0])
        keys = [column.name for column in table.primary_key]
        owned = self._owned(table)
        if self._connection.dialect.name == "postgresql":
            chosen = postgresql.insert(table)
            changed = {name: chosen.excluded[name] for name in names if name not in keys}
            statement = chosen.on_conflict_do_update(index_elements=keys, set_=changed)
            self._connection.execute(statement, [{**owned, **row} for row in rows])
            return
        # Many in one statement: row by row the driver would fight for the interpreter with
        # whatever else goes on in the process.
        columns = [(name, _writer(table.c[name])) for name in names]
        for start in range(0, len(rows), _ROWS_TOGETHER):
            some = rows[start : start + _ROWS_TOGETHER]
            values: list[Any] = []
            for row in some:
                values += owned.values()
                values += [
                    told if write is None or told is None else write(told)
                    for name, write in columns
                    for told in (row[name],)
                ]
            statement = _putting(table, tuple(owned), tuple(names), len(some))
            self._connection.exec_driver_sql(statement, tuple(values))

    def update(self, table: Table, *where: Condition, **values: Any) -> int:
        """Change the rows that meet all conditions; how many there were.

        A conditional update and its count is how things are claimed here: zero means that somebody
        else was first, on SQLite and on PostgreSQL alike.
        """
        changed = update(table).where(*self._inside(table), *where).values(**values)
        return self._connection.execute(changed).rowcount

    def delete(self, table: Table, *where: Condition) -> int:
        """Remove the rows that meet all conditions; how many there were."""
        removed = delete(table).where(*self._inside(table), *where)
        return self._connection.execute(removed).rowcount

    def _inside(self, table: Table) -> tuple[Condition, ...]:
        return tuple(table.c[name] == value for name, value in self._owned(table).items())

    def _owned(self, table: Table) -> dict[str, str]:
        walled = table.info.get("walled", False)
        if walled != (self._tenant is not None):
            side = "outside" if walled else "inside"
            raise TypeError(f"{table.name} cannot be used from {side} the walls")
        return {"tenant": self._tenant} if self._tenant is not None else {}


def _writer(column: Column[Any]) -> Callable[[Any], str] | None:
    """What makes a value that the database keeps; None: it is kept as it is."""
    kind = column.type
    return kind.write if isinstance(kind, Kept) else None


@cache
def _putting(table: Table, owned: tuple[str, ...], names: tuple[str, ...], rows: int) -> str:
    """SQLite's statement that puts so many rows at once."""
    keys = [column.name for column in table.primary_key]
    row = f"({', '.join('?' for _ in (*owned, *names))})"
    changed = (f'"{name}" = excluded."{name}"' for name in names if name not in keys)
    return (
        f"INSERT INTO {table.name} ({_quoted((*owned, *names))}) "
        f"VALUES {', '.join([row] * rows)} "
        f"ON CONFLICT ({_quoted(keys)}) DO UPDATE SET {', '.join(changed)}"
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@dataclass(frozen=True, slots=True)
class TenantStore:
    """What the store holds of one tenant; everything that concerns it starts from here."""

    name: str
    blobs: Blobs
    database: Database
    keyring: Keyring

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction that sees one moment."""
        with self.database.reading() as connection:
            yield Transaction(connection, self.name)

    @contextmanager
    def writing(self) -> Generator[Transaction]:
        """A transaction that is kept whole or not at all."""
        with self.database.writing() as connection:
            yield Transaction(connection, self.name)

    @contextmanager
    def together(self) -> Generator["TenantStore"]:
        """The same tenant inside one transaction: what is done with it is kept whole or not at all.

        An error raised inside must leave the block.
        """
        with self.database.writing() as connection:
            yield replace(self, database=self.database.joined(connection))
