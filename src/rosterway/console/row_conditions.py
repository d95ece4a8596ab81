"""What was asked of a plan's rows, as SQL: conditions on the rows of one Parquet file."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from rosterway.console.lookup import rows_in
from rosterway.console.names import ids_of_name
from rosterway.console.people import is_shown
from rosterway.console.row_question import Source, What
from rosterway.formats.canvas_csv.table import Kind, Reference
from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.rostering import sql

_SEARCHED = frozenset({Kind.ID, Kind.LOGIN, Kind.NAME, Kind.EMAIL})
_USER = Reference("users", "user_id")

#: Condition on the table's changes; the removed are in a file of their own, with their reasons.
_WHERE: Mapping[What, str] = {
    What.ALL: "true",
    What.NEW: "kind = 'create'",
    What.CHANGED: "kind = 'update'",
    What.SPARED: "kind = 'vanish' AND target IS NULL",
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


_FALSE = Condition("false")


def condition_of(connection: duckdb.DuckDBPyConnection, source: Source) -> Condition:
    """The rows of `source.main` that are asked for."""
    asked = source.asked
    if asked.what.is_removal:
        moved = "moved" if asked.what is What.MOVED else "NOT moved"
        found = Condition(f"tbl = ? AND {moved}", (asked.table,))
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
    if source.asked.what.is_removal:
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
