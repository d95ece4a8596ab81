"""What a pull shows of how its provider dates changes: how many came, the newest, the untold ones.

A delta pull is worth what `dateLastModified` is worth. Some providers date everything at each
nightly export, some never, some leave it when only a relation has changed (oneroster 12); so it is
measured at every pull, and told.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from rosterway.formats.oneroster.tables import ROLES
from rosterway.rostering import sql
from rosterway.rostering.translate.sources import READ
from rosterway.runs.jobs import Undated

_DATE = "dateLastModified"
#: Columns that are no part of what a record says.
_ASIDE = frozenset({"_at", _DATE})


def records(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str]) -> dict[str, int]:
    """How many records each table has; roles come with their users and are not counted."""
    return {
        name: connection.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
        for name, relation in relations.items()
        if name != ROLES.name
    }


def newest(connection: duckdb.DuckDBPyConnection, relations: Mapping[str, str]) -> datetime | None:
    """The latest change that any record tells of; None if none tells of one."""
    dated = " UNION ALL ".join(
        f"SELECT max(try_cast({_DATE} AS TIMESTAMPTZ)) AS moment FROM {relation}"
        for name, relation in relations.items()
        if name != ROLES.name
    )
    if not dated:
        return None
    (seconds,) = connection.execute(f"SELECT epoch_us(max(moment)) FROM ({dated})").fetchall()[0]
    return None if seconds is None else datetime.fromtimestamp(seconds / 1e6, UTC)


def undated(
    connection: duckdb.DuckDBPyConnection,
    relations: Mapping[str, str],
    kept: Mapping[str, Path],
    cursor: datetime,
) -> Iterator[Undated]:
    """What a whole pull shows to have changed since `kept`, and no delta since `cursor` would bring.

    New records and changed ones; of those that are gone nothing can be said, for a provider may
    forget them (oneroster 12).
    """
    for table in READ:
        if table is ROLES or table.name not in relations or table.name not in kept:
            continue
        told = [sql.name(name) for name in table.staged if name not in _ASIDE]
        is_other = " OR ".join(
            f"nullif(w.{name}, '') IS DISTINCT FROM nullif(k.{name}, '')" for name in told
        )
        count, record, date = connection.execute(
            f"SELECT count(*), min(w.sourcedId), min(w.{_DATE}) FROM {relations[table.name]} AS w "
            f"LEFT JOIN read_parquet({sql.text(str(kept[table.name]))}) AS k USING (sourcedId) "
            f"WHERE coalesce(try_cast(w.{_DATE} AS TIMESTAMPTZ) <= "
            f"{sql.text(cursor.isoformat())}::TIMESTAMPTZ, true) AND ({is_other})"
        ).fetchall()[0]
        if count:
            yield Undated(table.name, count, record, date or "")
