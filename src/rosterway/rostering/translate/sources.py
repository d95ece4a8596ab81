"""Staged OneRoster tables as a translation sees them: every table there, every record once.

What a table is read from is SQL that its owner gives: a view over Parquet, or a staged file. Cells
are texts; a blank one may be NULL or empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.tables import (
    ACADEMIC_SESSIONS,
    CLASSES,
    COURSES,
    ENROLLMENTS,
    ORGS,
    ROLES,
    USERS,
)
from rosterway.rostering import sql

#: What a translation reads. Demographics are not among them: Canvas has no use for them.
READ: tuple[Table, ...] = (
    ORGS,
    ACADEMIC_SESSIONS,
    COURSES,
    CLASSES,
    USERS,
    ROLES,
    ENROLLMENTS,
)

#: Words of a status that say whether a record is in use; `inactive` is 1.0's (oneroster 12).
GONE = ("tobedeleted", "inactive")
_KNOWN = ("active", *GONE)


@dataclass(frozen=True, slots=True)
class Sources:
    """`relations`: table -> SQL that can stand in a FROM; tables that are not there have no rows.

    `files` are the names by which people know the tables' sources; of the tables in `changes` only
    what has changed is there. `is_whole`: everything there is was read, so that what is missing may
    be taken for gone.
    """

    relations: Mapping[str, str]
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    changes: frozenset[str] = frozenset()
    is_whole: bool = True

    def knows_all(self, table: str) -> bool:
        """Whether a record that is not there does not exist."""
        return table in self.relations and table not in self.changes

    def file(self, table: str) -> str:
        """What a table was read from, for people."""
        return self.files.get(table, f"{table}.csv")


def staged_file(table: Table, path: str) -> str:
    """SQL of a staged CSV file (`oneroster.staging` says how it is written)."""
    columns = ", ".join(f"{sql.text(name)}: 'VARCHAR'" for name in table.staged)
    return (
        f"read_csv({sql.text(path)}, header = true, auto_detect = false, delim = ',', "
        f"quote = '\"', escape = '\"', columns = {{{columns}}})"
    )


def layered(table: Table, relations: Sequence[str]) -> str:
    """SQL of what the relations say together: of each record what the last that has it says."""
    cells = ", ".join(sql.name(name) for name in table.staged)
    layers = " UNION ALL ".join(
        f"SELECT {cells}, {layer} AS _layer FROM {relation}"
        for layer, relation in enumerate(relations)
    )
    return (
        f"(SELECT {cells} FROM ({layers}) QUALIFY row_number() OVER (PARTITION BY "
        '"sourcedId" ORDER BY _layer DESC, try_cast(_at AS BIGINT)) = 1)'
    )


def laid_over(table: Table, before: str, changed: str, *, users: str | None = None) -> str:
    """SQL of what a table holds after a delta: records that came stand in place of those before.

    What did not come stays as it was: nothing is ever missing because of a delta. A record that is
    told to be gone may say no more than that, so what it leaves blank is as it was before. `users`
    (for `roles`, which come with their users) are the users that came.
    """
    cells = ", ".join(sql.name(name) for name in table.staged)
    if table is ROLES:
        assert users is not None
        # A user that is gone has often lost its roles (oneroster 12).
        return (
            f"(SELECT {cells} FROM {before} AS b WHERE NOT EXISTS (SELECT 1 FROM {users} AS u "
            f"WHERE u.sourcedId = b.userSourcedId AND coalesce(u.status, '') NOT IN "
            f"{sql.texts(GONE)}) AND NOT EXISTS (SELECT 1 FROM {changed} AS c "
            f"WHERE c.userSourcedId = b.userSourcedId) UNION ALL SELECT {cells} FROM {changed})"
        )
    told = ", ".join(
        f"CASE WHEN c.status IN {sql.texts(GONE)} THEN coalesce(nullif(c.{name}, ''), b.{name}) "
        f"ELSE c.{name} END AS {name}"
        for name in (sql.name(column) for column in table.staged)
    )
    first = "row_number() OVER (PARTITION BY sourcedId ORDER BY try_cast(_at AS BIGINT)) = 1"
    known = (
        f"(SELECT * FROM {before} WHERE sourcedId IN (SELECT sourcedId FROM {changed}) "
        f"QUALIFY {first})"
    )
    return (
        f"(SELECT {cells} FROM {before} AS b WHERE NOT EXISTS "
        f"(SELECT 1 FROM {changed} AS c WHERE c.sourcedId = b.sourcedId) UNION ALL "
        f"SELECT {told} FROM {changed} AS c LEFT JOIN {known} AS b USING (sourcedId))"
    )


def view(table: str) -> str:
    """The name of a table's view."""
    return sql.name(f"in_{table}")


def open_views(
    connection: duckdb.DuckDBPyConnection, sources: Sources
) -> dict[str, tuple[int, int]]:
    """Make a view of each table: blank cells NULL, `gone` said, no record twice.

    Answers, by table, how many records stood twice and how many have a status nobody knows; the
    latter are left out, because whether they are in use cannot be known.
    """
    odd: dict[str, tuple[int, int]] = {}
    for table in READ:
        relation = sources.relations.get(table.name)
        cells = ", ".join(_cell(column, relation) for column in table.staged)
        source = f"(SELECT {cells}{'' if relation is None else f' FROM {relation}'})"
        if relation is None:
            source += " WHERE false"
        select = f"SELECT *, coalesce(status IN {sql.texts(GONE)}, false) AS gone FROM {source}"
        twice = unknown = 0
        if relation is not None:
            rows, different, unknown = connection.execute(
                f"SELECT count(*), count(DISTINCT sourcedId) + count(*) FILTER (sourcedId IS NULL), "
                f"count(*) FILTER (status NOT IN {sql.texts(_KNOWN)}) FROM {source}"
            ).fetchall()[0]
            twice = rows - different
        if unknown:
            select += f" WHERE coalesce(status IN {sql.texts(_KNOWN)}, true)"
        if twice and table is not ROLES:
            select += (
                " QUALIFY row_number() OVER (PARTITION BY sourcedId "
                "ORDER BY try_cast(_at AS BIGINT)) = 1"
            )
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {view(table.name)} AS {select}")
        odd[table.name] = (twice, unknown)
    return odd


def _cell(column: str, relation: str | None) -> str:
    if relation is None:
        return f"NULL::VARCHAR AS {sql.name(column)}"
    return f"nullif({sql.name(column)}, '') AS {sql.name(column)}"
