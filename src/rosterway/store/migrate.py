"""The tables are brought up to date when the store is opened, by one process at a time.

The steps are Alembic's, in `migrations/versions`; a step that has been released is never changed.
What is up to date already is seen by one query, without waiting for Alembic to be imported.
"""

from sqlalchemy import Connection, inspect, text

from rosterway.errors import StoreError
from rosterway.store.db import Database

#: The last step in `migrations/versions`.
HEAD = "0007"

_POSTGRES_LOCK = 7_261_804  # any number, as long as it is ours


def migrate(database: Database) -> None:
    """Bring the tables up to date; `StoreError` if they are from a newer Rosterway."""
    with database.reading() as connection:
        if _version(connection) == HEAD:
            return
    with database.rebuilding() as connection:  # on SQLite this waits for any other writer
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
        if _version(connection) != HEAD:
            _upgrade(connection)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    # imported here: most starts find nothing to do
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "rosterway.store:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            "this home was written by a newer Rosterway",
            remedy="install that version or a later one, or restore the backup from before",
        ) from error
