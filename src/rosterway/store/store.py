"""The store, opened."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from rosterway.errors import NotFoundError
from rosterway.store.blobs import FolderBlobs
from rosterway.store.db import Database, open_database
from rosterway.store.home import Home
from rosterway.store.keyring import Keyring
from rosterway.store.migrate import migrate
from rosterway.store.walls import INSTALLATION, TENANTS, TenantStore, Transaction


@dataclass(frozen=True, slots=True)
class Store:
    """What is true, of all tenants; `tenant` leads inside the walls."""

    home: Home
    database: Database
    keyring: Keyring

    @classmethod
    def open(cls, home: Home, database: str = "sqlite") -> "Store":
        """The store of this home, its tables brought up to date under a lock.

        `database` is "sqlite" or a PostgreSQL address. Any process may open it; only the one that
        owns the home should write.
        """
        opened = open_database(database, home.database)
        with home.locked("open.lock"):
            migrate(opened)
            return cls(home, opened, Keyring.open(home.keys))

    def tenant(self, name: str) -> TenantStore:
        """What is held of this tenant; `NotFoundError` if there is none of that name."""
        with self.reading() as seen:
            if not seen.count(TENANTS, TENANTS.c.name == name):
                raise NotFoundError(
                    f'there is no tenant "{name}"', remedy="look at `rosterway feed list`"
                )
        return self._walled(name)

    @property
    def installation(self) -> TenantStore:
        """What concerns no tenant: the audit log and the sealed secrets of the installation."""
        return self._walled(INSTALLATION)

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction on the tables outside the walls."""
        with self.database.reading() as connection:
            yield Transaction(connection, None)

    @contextmanager
    def writing(self) -> Generator[Transaction]:
        """A transaction on the tables outside the walls, kept whole or not at all."""
        with self.database.writing() as connection:
            yield Transaction(connection, None)

    @contextmanager
    def together(self) -> Generator["Store"]:
        """The same store inside one transaction, its tenants included."""
        with self.database.writing() as connection:
            yield replace(self, database=self.database.joined(connection))

    def close(self) -> None:
        """Give all connections back."""
        self.database.close()

    def _walled(self, name: str) -> TenantStore:
        return TenantStore(name, FolderBlobs(self.home.blobs(name)), self.database, self.keyring)
