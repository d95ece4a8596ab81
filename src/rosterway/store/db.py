"""The database: SQLite by default, PostgreSQL by one address; the same SQL runs on both.

What this guarantees: a transaction that ended is on disk (SQLite with WAL and synchronous=FULL); a
writing transaction waits for its turn instead of failing half-way (SQLite's BEGIN IMMEDIATE); the
database library's exceptions end here, as `UnavailableError` and `ConflictError`.
"""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url
from sqlalchemy.pool import ConnectionPoolEntry

from rosterway.errors import ConfigError, ConflictError, StoreError, UnavailableError

_SECONDS_TO_WAIT_FOR_A_WRITER = 30


class Database:
    """One database, to be used from any number of threads.

    `joined` answers a `Database` whose transactions are all parts of one that is already open.
    """

    def __init__(self, engine: Engine, connection: Connection | None = None) -> None:
        self.engine = engine
        self._writer = engine.execution_options(rosterway_writes=True)
        self._connection = connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def joined(self, connection: Connection) -> "Database":
        """The same database inside the open transaction of this connection."""
        return Database(self.engine, connection)

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A transaction that sees one moment and changes nothing."""
        if self._connection is not None:
            yield self._connection
            return
        with _named_errors(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction that is kept whole if the block ends well, and not at all if it raises."""
        if self._connection is not None:
            yield self._connection
            return
        with _named_errors(), self._writer.begin() as connection:
            yield connection

    @contextmanager
    def rebuilding(self) -> Generator[Connection]:
        """A writing transaction in which tables may be rebuilt.

        SQLite alters a table by making it anew, which it may not while others refer to it; so there
        the references are not enforced meanwhile, and are all checked before anything is kept.
        """
        if self.dialect != "sqlite":
            with self.writing() as connection:
                yield connection
            return
        with _named_errors(), self._writer.connect() as connection:
            _enforce(connection, references=False)
            try:
                with connection.begin():
                    yield connection
                    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                        raise StoreError("rows of this home refer to others that are not there")
            finally:
                _enforce(connection, references=True)

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def open_database(address: str, sqlite_file: Path) -> Database:
    """The database at `address`: "sqlite" (then it is this file) or a PostgreSQL URL."""
    if address == "sqlite":
        return Database(_sqlite(sqlite_file))
    try:
        url = make_url(address)
        if url.get_backend_name() not in {"postgresql", "postgres"}:
            raise exc.ArgumentError("no database that we know")
        url = url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_pre_ping=True, pool_size=16, hide_parameters=True)
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigError(
            "the database address cannot be used",
            remedy='write "sqlite" or "postgresql://host/name"',
        ) from error
    return Database(engine)


def _sqlite(file: Path) -> Engine:
    file.touch(mode=0o600)
    engine = create_engine(
        f"sqlite:///{file}",
        connect_args={"timeout": _SECONDS_TO_WAIT_FOR_A_WRITER, "check_same_thread": False},
        pool_size=16,
        max_overflow=16,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions are begun by us, not guessed by the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _enforce(connection: Connection, *, references: bool) -> None:
    """Says so to SQLite outside any transaction: within one it would not listen."""
    driven = connection.connection.driver_connection
    if isinstance(driven, sqlite3.Connection):
        driven.execute(f"PRAGMA foreign_keys={'ON' if references else 'OFF'}").close()


def _begin(connection: Connection) -> None:
    # A writer takes its turn at once: a reader that turns writer could only fail
    writes = connection.get_execution_options().get("rosterway_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _named_errors() -> Generator[None]:
    try:
        yield
    except exc.IntegrityError as error:
        raise ConflictError(f"the store refuses this: {_said(error)}") from error
    except exc.TimeoutError as error:
        raise UnavailableError("all connections to the store are busy") from error
    except (exc.OperationalError, exc.InterfaceError) as error:
        raise UnavailableError(
            f"the store cannot be used just now: {_said(error)}",
            remedy="look at the disk, or at the database server; what was confirmed is safe",
        ) from error
    except exc.DBAPIError as error:
        raise StoreError(
            f"the store is damaged, or asked for what it cannot do: {_said(error)}",
            remedy="if the database is damaged, restore a backup",
        ) from error
    except exc.StatementError as error:
        raise (error.orig or error) from None  # a value that cannot be kept: a bug of the caller's


def _said(error: exc.DBAPIError) -> Any:
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error).__name__
