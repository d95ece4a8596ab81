"""Names for ids: whom and what the few rows on a page are about.

People's names are looked up in the plan's own changes and in the baseline it was made against, and
only for readers who may see them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from rosterway.console.access import Desk
from rosterway.console.lookup import artefact, rows_in
from rosterway.errors import NotFoundError
from rosterway.rostering import sql
from rosterway.runs.artefacts import CHANGES
from rosterway.runs.balance import CLASSES
from rosterway.runs.deliver import index_of
from rosterway.store import baselines
from rosterway.store.plans import Plan

#: More people than this by one name are not looked for.
_MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Side:
    """One place where a table's rows are: `prefix` stands before its columns."""

    path: Path
    columns: frozenset[str]
    prefixes: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Directory:
    """Where names are: the users of the plan and of its baseline, and the plan's classes."""

    users: tuple[Side, ...] = ()
    classes: Path | None = None
    sees_people: bool = False

    @property
    def files(self) -> list[Path]:
        """What a calculator must see for this."""
        return [side.path for side in self.users] + ([self.classes] if self.classes else [])


@dataclass(frozen=True, slots=True)
class Names:
    """Names by id; an id that is not in it has none to show."""

    people: Mapping[str, str] = field(default_factory=dict[str, str])
    classes: Mapping[str, tuple[str, str | None]] = field(
        default_factory=dict[str, tuple[str, str | None]]
    )


def directory_of(desk: Desk, plan: Plan) -> Directory:
    """Where the names of a plan's rows are."""
    sides: list[Side] = []
    if desk.sees_people:
        changed = artefact(desk, plan, f"{CHANGES}/users.parquet")
        if changed is not None:
            columns = frozenset(index_of(desk.handle, plan).columns["users"])
            sides.append(Side(changed, columns, ("e_", "o_")))
        sides += _baseline_users(desk, plan)
    return Directory(tuple(sides), artefact(desk, plan, CLASSES), desk.sees_people)


def _baseline_users(desk: Desk, plan: Plan) -> list[Side]:
    if not plan.baseline_generation:
        return []
    try:
        known = baselines.at(desk.handle, plan.feed, plan.baseline_generation)
    except NotFoundError:
        return []
    table = known.tables.get("users")
    if table is None:
        return []
    return [Side(desk.handle.blobs.local(table.blob), frozenset(table.columns))]


def look_up(
    connection: duckdb.DuckDBPyConnection,
    directory: Directory,
    *,
    people: Collection[str],
    classes: Collection[str],
) -> Names:
    """The names of these people and classes."""
    found: dict[str, str] = {}
    for side in directory.users:
        missing = [one for one in people if one not in found]
        if missing:
            for prefix in side.prefixes:
                found = _people(connection, side, prefix, missing) | found
    titles: dict[str, tuple[str, str | None]] = {}
    if directory.classes is not None and classes:
        rows = connection.execute(
            f"SELECT class, title, course_title FROM {rows_in(directory.classes)} "
            f"WHERE class IN {sql.texts(classes)}"
        ).fetchall()
        titles = {klass: (title, course) for klass, title, course in rows}
    return Names(found, titles)


def ids_of_name(
    connection: duckdb.DuckDBPyConnection, directory: Directory, text: str
) -> list[str]:
    """Ids of people whose name contains the text; none for readers who may not see names."""
    found: dict[str, None] = {}
    for side in directory.users:
        for prefix in side.prefixes:
            name = _full_name(side, prefix)
            if name is None:
                continue
            rows = connection.execute(
                f"SELECT {sql.name(prefix + 'user_id')} FROM {rows_in(side.path)} "
                f"WHERE contains(lower({name}), lower(?)) LIMIT {_MOST_FOUND}",
                [text],
            ).fetchall()
            found |= dict.fromkeys(one for (one,) in rows if one is not None)
    return list(found)


def _people(
    connection: duckdb.DuckDBPyConnection, side: Side, prefix: str, ids: Collection[str]
) -> dict[str, str]:
    name = _full_name(side, prefix)
    if name is None:
        return {}
    key = sql.name(prefix + "user_id")
    rows = connection.execute(
        f"SELECT {key}, {name} FROM {rows_in(side.path)} WHERE {key} IN {sql.texts(ids)}"
    ).fetchall()
    return {one: named for one, named in rows if named}


def _full_name(side: Side, prefix: str) -> str | None:
    """SQL for a user's name, the way Canvas makes it: the full name, else first and last."""
    whole = [sql.name(prefix + name) for name in ("full_name",) if name in side.columns]
    parts = [sql.name(prefix + one) for one in ("first_name", "last_name") if one in side.columns]
    if parts:
        whole.append(f"nullif(concat_ws(' ', {', '.join(parts)}), '')")
    return f"coalesce({', '.join(whole)})" if whole else None
