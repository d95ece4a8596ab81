"""One suite for every database the store runs on.

SQLite always; PostgreSQL as well where `ROSTERWAY_TEST_POSTGRES` holds the address of a server on
which databases may be made. Each test has a store of its own, with two tenants, so that looking
over the wall can be tried anywhere.
"""

import os
import uuid
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from rosterway.store import Home, Store, feeds, tenants
from store.builders import NOON

POSTGRES = os.environ.get("ROSTERWAY_TEST_POSTGRES", "")


@contextmanager
def fresh_database(kind):
    """The address of an empty database, removed afterwards."""
    if kind == "sqlite":
        yield "sqlite"
        return
    address = make_url(POSTGRES).set(drivername="postgresql+psycopg")
    name = f"rosterway_{uuid.uuid4().hex}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield address.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"] if POSTGRES else ["sqlite"])
def database(request):
    with fresh_database(request.param) as address:
        yield address


@pytest.fixture
def home(tmp_path):
    return Home.create(tmp_path / "home")


@pytest.fixture
def store(home, database):
    opened = Store.open(home, database)
    for name in ("lincoln", "monroe"):
        tenants.put(opened, name, title=name.title(), time_zone="America/Denver", now=NOON)
        feeds.put(opened.tenant(name), "files", config={"from": "gateway"}, policy={}, now=NOON)
    yield opened
    opened.close()


@pytest.fixture
def lincoln(store):
    return store.tenant("lincoln")


@pytest.fixture
def monroe(store):
    return store.tenant("monroe")
