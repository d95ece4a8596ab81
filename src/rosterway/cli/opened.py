"""A home, opened for a command: the store is read and written here, a running server takes it up."""

import getpass
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.errors import ConfigError, ConflictError, NotFoundError

if TYPE_CHECKING:
    from rosterway.store.home import Home
    from rosterway.store.store import Store
    from rosterway.store.walls import TenantStore

TenantOption = Annotated[
    str | None, typer.Option("--tenant", metavar="NAME", help="Needed where the home has several.")
]
OperatorOption = Annotated[
    str | None,
    typer.Option(
        "--operator",
        metavar="NAME",
        envvar="ROSTERWAY_OPERATOR",
        help="Who decides; goes into the audit log.",
        show_default="the user of this machine",
    ),
]


@contextmanager
def opened(home: Path | None) -> "Generator[tuple[Home, Store]]":
    """The store of a home that is there already; NotFoundError if there is none."""
    from rosterway.settings import home_folder
    from rosterway.settings.logs import configure_logs
    from rosterway.store.home import Home
    from rosterway.store.store import Store

    configure_logs(level="WARNING")  # to stderr; results alone are on stdout
    found = Home.find(home_folder(home, os.environ))
    store = Store.open(found, _database(found))
    try:
        yield found, store
    finally:
        store.close()


def _database(home: "Home") -> str:
    """Where the store of this home is: as the environment says, else in the home itself.

    ConfigError if `serve` keeps it elsewhere, whose address only its configuration knows.
    """
    from rosterway.settings.reading import DATABASE_VARIABLE

    if given := os.environ.get(DATABASE_VARIABLE):
        return given
    if (elsewhere := home.store_is_on()) not in {None, "sqlite"}:
        raise ConfigError(
            f"The store of this home is on {elsewhere}.",
            remedy=f"Put its address into {DATABASE_VARIABLE}, as for `rosterway serve`.",
        )
    return "sqlite"


def tenant_of(store: "Store", name: str | None) -> "TenantStore":
    """The tenant named, or the only one there is."""
    from rosterway.store import tenants

    if name is not None:
        return store.tenant(name)
    known = tenants.every(store)
    if len(known) == 1:
        return store.tenant(known[0].name)
    if not known:
        raise NotFoundError(
            "This home has no tenant yet.", remedy="Start `rosterway serve` with a configuration."
        )
    raise ConflictError(
        f"This home has {len(known)} tenants: {', '.join(one.name for one in known)}.",
        remedy="Say which with --tenant.",
    )


def operator_name(given: str | None) -> str:
    """Who gives the command, as the audit log has it."""
    return given or f"{getpass.getuser()} (command line)"
