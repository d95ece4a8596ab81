"""The rows of a plan: what was asked for, as questions to its Parquet files, a page at a time.

A page costs the same wherever it lies: rows are known by their number in a file that is sorted by
key, so neither sorting nor counting of all of them is needed to go on from one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb

from rosterway.console.access import Desk
from rosterway.console.balance_sheet import Sheet
from rosterway.console.lookup import artefact, looking_up, rows_in
from rosterway.console.names import Directory, directory_of, ids_of_name
from rosterway.console.people import is_shown
from rosterway.formats.canvas_csv.table import Kind, Reference
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql
from rosterway.runs.artefacts import CHANGES, REMOVALS
from rosterway.runs.balance import CLASSES
from rosterway.runs.deliver import index_of
from rosterway.store.plans import Plan

PAGE = 50
#: Beyond this it is only said that there are more.
MOST_COUNTED = 10_000

_SEARCHED = frozenset({Kind.ID, Kind.LOGIN, Kind.NAME, Kind.EMAIL})
_USER = Reference("users", "user_id")


class What(StrEnum):
    """Which rows of a table."""

    ALL = "all"
    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    SPARED = "spared"


#: Condition on the table's changes; the removed are in a file of their own, with their reasons.
_WHERE: Mapping[What, str] = {
    What.ALL: "true",
    What.NEW: "kind = 'create'",
    What.CHANGED: "kind = 'update'",
    What.SPARED: "kind = 'vanish' AND target IS NULL",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants to see; `after` or `before` is the number of a row."""

    table: str
    what: What = What.ALL
    school: str = ""
    klass: str = ""
    search: str = ""
    after: int | None = None
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether it is more than a table and a kind of change."""
        return bool(self.school or self.klass or self.search)

    @property
    def query(self) -> dict[str, object]:
        """Its parts as a page's address has them, without the place in the list."""
        return {
            "table": self.table,
            "what": self.what.value,
            "school": self.school,
            "class": self.klass,
            "q": self.search,
        }


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL over rows of one file, and the values of its question marks."""

    sql: str
    values: tuple[object, ...] = ()

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.sql}) AND ({other.sql})", self.values + other.values)

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.sql}) OR ({other.sql})", self.values + other.values)


_TRUE, _FALSE = Condition("true"), Condition("false")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One page of raw rows, each by column name, with `number`; and where the list goes on."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    is_more_than_total: bool
    first: int | None = None  # a row before this page exists: go on `before` this number
    last: int | None = None  # a row after this page exists: go on `after` this number


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files a question is put to."""

    asked: Asked
    columns: tuple[str, ...]
    changes: Path | None
    removals: Path | None
    classes: Path | None
    directory: Directory
    sees_people: bool

    @property
    def main(self) -> Path | None:
        """The file whose rows are listed."""
        return self.removals if self.asked.what is What.REMOVED else self.changes

    @property
    def files(self) -> list[Path]:
        """Everything the calculator must see."""
        own = [self.changes, self.removals, self.classes]
        return [*(path for path in own if path), *self.directory.files]


def source_of(desk: Desk, plan: Plan, asked: Asked) -> Source:
    """Where the answer lies."""
    columns: tuple[str, ...] = ()
    changes = artefact(desk, plan, f"{CHANGES}/{asked.table}.parquet")
    if changes is not None:
        columns = tuple(index_of(desk.handle, plan).columns[asked.table])
    return Source(
        asked=asked,
        columns=columns,
        changes=changes,
        removals=artefact(desk, plan, REMOVALS),
        classes=artefact(desk, plan, CLASSES),
        directory=directory_of(desk, plan),
        sees_people=desk.sees_people,
    )


def find(connection: duckdb.DuckDBPyConnection, source: Source, sheet: Sheet) -> Found:
    """One page of the rows asked for."""
    asked = source.asked
    if source.main is None:
        return Found(rows=(), total=0, is_more_than_total=False)
    condition = _condition(connection, source)
    numbers = _numbers(connection, source.main, condition, asked)
    back, on = asked.before is not None, len(numbers) > PAGE
    shown = numbers[:PAGE]
    if back:
        shown.reverse()
    rows = _fetch(connection, source, shown)
    total, is_more = _total(connection, source.main, condition, asked, sheet)
    has_before = on if back else asked.after is not None
    has_after = True if back else on
    return Found(
        rows=rows,
        total=total,
        is_more_than_total=is_more,
        first=shown[0] if shown and has_before else None,
        last=shown[-1] if shown and has_after else None,
    )


def every(desk: Desk, source: Source) -> Iterator[tuple[list[str], list[tuple[Any, ...]]]]:
    """All rows asked for, in batches, each with the names of its columns."""
    if source.main is None:
        return
    with looking_up(desk, source.files) as connection:
        condition = _condition(connection, source)
        cursor = connection.execute(
            f"SELECT {_downloaded(source)} FROM {rows_in(source.main)} WHERE {condition.sql}",
            list(condition.values),
        )
        names = [column[0] for column in cursor.description or ()]
        yield names, []
        while batch := cursor.fetchmany(2_000):
            yield names, batch


def _condition(connection: duckdb.DuckDBPyConnection, source: Source) -> Condition:
    asked = source.asked
    if asked.what is What.REMOVED:
        found = Condition("tbl = ?", (asked.table,))
        if asked.school:
            found &= Condition("account_id = ?", (asked.school,))
        if asked.klass:
            found &= Condition("ltrim(class, chr(31)) = ?", (asked.klass,))
    else:
        found = Condition(_WHERE[asked.what])
        if asked.school:
            found &= _in_school(source)
        if asked.klass:
            found &= _in_class(source)
    if asked.search:
        found &= _matching(connection, source)
    return found


def _in_school(source: Source) -> Condition:
    table, school = source.asked.table, source.asked.school
    if table in {"courses", "admins", "accounts"}:
        return _either(source, "account_id", "= ?", school)
    klass = _class_cell(source)
    if klass is None or source.classes is None:
        return _FALSE
    classes = f"SELECT class FROM {rows_in(source.classes)} WHERE school = ?"
    return Condition(f"{klass} IN ({classes})", (school,))


def _in_class(source: Source) -> Condition:
    klass = _class_cell(source)
    return Condition(f"{klass} = ?", (source.asked.klass,)) if klass else _FALSE


def _class_cell(source: Source) -> str | None:
    """SQL for the class of a row: its section, else its course."""
    cells = [
        sql.name(prefix + column)
        for column in ("section_id", "course_id")
        if column in source.columns
        for prefix in ("e_", "o_")
    ]
    return f"coalesce({', '.join(cells)})" if cells else None


def _matching(connection: duckdb.DuckDBPyConnection, source: Source) -> Condition:
    """Any id, login or name the reader may see contains the text, or the person's name does."""
    text, table = source.asked.search, BY_NAME[source.asked.table]
    people = ids_of_name(connection, source.directory, text)
    if source.asked.what is What.REMOVED:
        named = Condition(f"person IN {sql.texts(people)}") if people else _FALSE
        return Condition("contains(lower(words), lower(?))", (text,)) | named
    found = _FALSE
    for name in source.columns:
        column = table.by_name[name]
        if column.kind in _SEARCHED and is_shown(table.name, name, sees_people=source.sees_people):
            found |= _either(source, name, None, text)
        if people and column.refers == _USER:
            found |= _either(source, name, f"IN {sql.texts(people)}")
    return found


def _either(source: Source, column: str, test: str | None, *values: object) -> Condition:
    """The cell before or after meets a test; None tests whether it contains the text."""
    if column not in source.columns:
        return _FALSE
    cells = [sql.name(prefix + column) for prefix in ("e_", "o_")]
    tests = [f"{cell} {test}" if test else f"contains(lower({cell}), lower(?))" for cell in cells]
    return Condition(" OR ".join(tests), (*values, *values))


def _numbers(
    connection: duckdb.DuckDBPyConnection, path: Path, condition: Condition, asked: Asked
) -> list[int]:
    """The numbers of the page's rows and one more, nearest to where it starts first."""
    order = ""
    if asked.before is not None:
        condition &= Condition("file_row_number < ?", (asked.before,))
        order = "ORDER BY file_row_number DESC"
    elif asked.after is not None:
        condition &= Condition("file_row_number > ?", (asked.after,))
    rows = connection.execute(
        f"SELECT file_row_number FROM {rows_in(path, numbered=True)} "
        f"WHERE {condition.sql} {order} LIMIT {PAGE + 1}",
        list(condition.values),
    ).fetchall()
    return [number for (number,) in rows]


def _fetch(
    connection: duckdb.DuckDBPyConnection, source: Source, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    if not numbers or source.main is None:
        return []
    listed = ", ".join(str(number) for number in numbers)
    rows = _dicts(
        connection.execute(
            f"SELECT * FROM {rows_in(source.main, numbered=True)} "
            f"WHERE file_row_number BETWEEN {min(numbers)} AND {max(numbers)} "
            f"AND file_row_number IN ({listed}) ORDER BY file_row_number"
        )
    )
    if source.asked.what is not What.REMOVED or source.changes is None:
        return rows
    idents = [row["ident"] for row in rows]
    changes = _dicts(
        connection.execute(
            f"SELECT * FROM {rows_in(source.changes)} WHERE ident BETWEEN ? AND ? "
            f"AND ident IN {sql.texts(idents)}",
            [min(idents), max(idents)],
        )
    )
    known = {row["ident"]: row for row in changes}
    return [{**known.get(row["ident"], {}), **row} for row in rows]


def _total(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    condition: Condition,
    asked: Asked,
    sheet: Sheet,
) -> tuple[int, bool]:
    """How many rows there are; whether there are even more than that."""
    counts = sheet.tables.get(asked.table)
    if counts is not None and not asked.is_narrowed:
        known = {What.NEW: counts.new, What.CHANGED: counts.changed, What.SPARED: counts.spared}
        if asked.what in known:
            return known[asked.what], False
    counted = connection.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM {rows_in(path)} WHERE {condition.sql} "
        f"LIMIT {MOST_COUNTED + 1})",
        list(condition.values),
    ).fetchall()
    total = int(counted[0][0])
    return min(total, MOST_COUNTED), total > MOST_COUNTED


def _downloaded(source: Source) -> str:
    """The columns of a download, under names that speak."""
    if source.asked.what is What.REMOVED:
        return (
            "words AS row, how, cause, moved, account_id AS school, term_id AS term, class, role, "
            "person"
        )
    cells = [
        f"{sql.name(prefix + name)} AS {sql.name(f'{word}.{name}')}"
        for name in source.columns
        for prefix, word in (("o_", "before"), ("e_", "after"))
    ]
    said = "kind AS change, words AS row, target AS becomes, spared AS left_alone_because"
    return ", ".join([said, "carried AS removed_with", "file", "line", *cells])


def _dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
