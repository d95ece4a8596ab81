"""From an empty database to today's tables, and no further."""

import threading

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from rosterway.errors import ConfigError, StoreError, UnavailableError
from rosterway.store import Store, migrate, tenants
from rosterway.store.db import open_database
from rosterway.store.schema import METADATA, TABLES

#: A run with a stage, as they were kept before runs could be about a course.
OLD_ROWS = (
    "INSERT INTO tenants VALUES ('lincoln', 'Lincoln', 'UTC', '2026-08-24T12:00:00.000000Z')",
    (
        "INSERT INTO feeds (tenant, name, config, policy, applied_at) "
        "VALUES ('lincoln', 'files', '{}', '', '2026-08-24T12:00:00.000000Z')"
    ),
    (
        "INSERT INTO runs (tenant, id, kind, feed, trigger, requested_at, reason, application_version) "
        "VALUES ('lincoln', 'run-1', 'roster', 'files', 'hand', '2026-08-24T12:00:00.000000Z', '', '1')"
    ),
    (
        "INSERT INTO run_stages VALUES ('lincoln', 'run-1', 1, 'reading', 1, "
        "'2026-08-24T12:00:00.000000Z', NULL, 0, '{}', 0, 0, '', NULL)"
    ),
)


def test_the_steps_lead_to_the_tables_the_code_knows(store):
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})

        assert compare_metadata(context, METADATA) == []


def test_every_table_is_listed():
    assert set(METADATA.tables.values()) == set(TABLES)


def test_the_last_step_is_the_one_the_code_asks_for():
    scripts = ScriptDirectory("src/rosterway/store/migrations")

    assert scripts.get_heads() == [migrate.HEAD]


def test_a_home_from_before_grade_passback_keeps_its_runs(home, tmp_path):
    opened = open_database("sqlite", tmp_path / "old.sqlite")
    config = Config()
    config.set_main_option("script_location", "rosterway.store:migrations")
    with opened.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in OLD_ROWS:
            connection.execute(text(statement))

    migrate.migrate(opened)

    with opened.writing() as connection:
        kept = connection.execute(text("SELECT id, feed, course FROM runs")).all()
        stages = connection.execute(text("SELECT run, stage FROM run_stages")).all()
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        with pytest.raises(IntegrityError):
            connection.execute(text("DELETE FROM runs"))
    assert kept == [("run-1", "files", None)]
    assert stages == [("run-1", "reading")]


def test_opening_again_changes_nothing(home, database, store):
    again = Store.open(home, database)

    assert [tenant.name for tenant in tenants.every(again)] == ["lincoln", "monroe"]
    again.close()


def test_two_that_open_a_new_home_at_once_both_find_it_whole(home, database):
    start = threading.Barrier(2)
    counts = []

    def open_it():
        start.wait(timeout=20)
        opened = Store.open(home, database)
        counts.append(len(tenants.every(opened)))
        opened.close()

    threads = [threading.Thread(target=open_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert counts == [0, 0]


def test_a_home_from_a_newer_version_is_left_alone(home, database, store):
    with store.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(StoreError, match="a newer Rosterway"):
        Store.open(home, database)


def test_a_step_that_fails_leaves_no_half_of_it(home, tmp_path):
    database = open_database("sqlite", tmp_path / "half.sqlite")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE tenants (in_the_way INTEGER)"))

    with pytest.raises(UnavailableError):
        migrate.migrate(database)

    with database.reading() as connection:
        tables = connection.execute(text("SELECT name FROM sqlite_master")).scalars().all()
    assert tables == ["tenants"]


@pytest.mark.parametrize("address", ["mysql://db/x", "nonsense", "postgresql://db:port"])
def test_an_address_of_no_database_we_know_is_refused(tmp_path, address):
    with pytest.raises(ConfigError, match="cannot be used"):
        open_database(address, tmp_path / "unused")


def test_a_server_that_does_not_answer_is_unavailable(tmp_path):
    database = open_database("postgresql://127.0.0.1:1/none", tmp_path / "unused")

    with pytest.raises(UnavailableError), database.reading():
        pass


def test_a_file_that_is_no_database_is_said_to_be_damaged(home):
    home.database.write_bytes(b"this was a database once" * 100)

    with pytest.raises(StoreError, match="file is not a database"):
        Store.open(home)


def test_what_was_confirmed_survives_a_power_cut(store):
    if store.database.dialect == "sqlite":
        with store.database.reading() as connection:
            pragmas = [
                connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert pragmas == ["wal", 2, 1]  # 2 is FULL
