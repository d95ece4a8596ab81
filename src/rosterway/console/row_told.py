"""A row of a plan as people read it: who or what it is, what it was, what it becomes, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rosterway.console.names import Names
from rosterway.console.people import HIDDEN, is_shown
from rosterway.console.words import REMOVED, SPARED, Said, Shape, Tone
from rosterway.formats.canvas_csv.table import Kind, Table
from rosterway.formats.canvas_csv.tables import BY_NAME

_NEW = Said("New", Tone.QUIET, Shape.PLUS)
_CHANGED = Said("Changed", Tone.QUIET, Shape.PEN)
_REMOVED = Said("Removed", Tone.BAD, Shape.MINUS)
_MOVED = Said("Moves", Tone.QUIET, Shape.ARROW)
_SPARED = Said("Left alone", Tone.QUIET, Shape.RING)

#: Columns that name a row, by table; the first that has a value is its title.
_TITLES: Mapping[str, tuple[str, ...]] = {
    "users": ("full_name", "short_name", "sortable_name", "first_name"),
    "courses": ("long_name", "short_name"),
    "accounts": ("name",),
    "terms": ("name",),
    "sections": ("name",),
    "groups": ("name",),
    "group_categories": ("category_name",),
}
#: More cells of a new row than this are left to the download.
_MOST_CELLS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: what Canvas holds, and what it would hold."""

    column: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRow:
    """One row. `title` may be empty, `ids` never; `why` says what its state does not."""

    said: Said
    title: str
    ids: Sequence[tuple[str, str]]
    cells: Sequence[Cell]
    why: str = ""
    file: str | None = None
    line: int | None = None


def people_in(table: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of people that rows speak of, where the row itself does not name them."""
    if table == "users":
        return set()
    columns = [
        column.name
        for column in BY_NAME[table].columns
        if column.refers is not None and column.refers.table == "users"
    ]
    return {
        str(value)
        for row in rows
        for value in [row.get("person"), *(_cell(row, name) for name in columns)]
        if value
    }


def classes_in(table: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """The ids of classes that rows speak of."""
    if table not in {"enrollments", "sections", "xlists"}:
        return set()
    return {klass for row in rows if (klass := _class_of(row))}


def tell_row(table: str, row: Mapping[str, Any], names: Names, *, sees_people: bool) -> ToldRow:
    """A raw row (`rows.Found`) in words."""
    known = BY_NAME[table]
    said = _state(row)
    return ToldRow(
        said=said,
        title=_title(known, row, names, sees_people=sees_people),
        ids=_ids(known, row),
        cells=_cells(known, row, said, sees_people=sees_people),
        why=_why(row),
        file=row.get("file"),
        line=row.get("line") or None,
    )


def _state(row: Mapping[str, Any]) -> Said:
    if "how" in row:
        return _MOVED if row.get("moved") else _REMOVED
    match row["kind"]:
        case "create":
            return _NEW
        case "update":
            return _CHANGED
        case _:
            return _REMOVED if row.get("target") else _SPARED


def _title(known: Table, row: Mapping[str, Any], names: Names, *, sees_people: bool) -> str:
    if known.name in {"enrollments", "admins", "groups_membership"}:
        person = names.people.get(_cell(row, "user_id") or row.get("person") or "", "")
        klass = _class_title(row, names) if known.name == "enrollments" else ""
        return ", ".join(part for part in (person, klass) if part)
    if known.name == "user_observers":
        both = [names.people.get(_cell(row, name) or "", "") for name in _OBSERVATION]
        return " follows ".join(both) if all(both) else ""
    if known.name == "users":
        first, last = _cell(row, "first_name"), _cell(row, "last_name")
        named = _cell(row, "full_name") or " ".join(part for part in (first, last) if part)
        return named if sees_people else ""
    for column in _TITLES.get(known.name, ()):
        if value := _cell(row, column):
            return value
    return _class_title(row, names) if known.name == "xlists" else ""


_OBSERVATION = ("observer_id", "student_id")


def _class_title(row: Mapping[str, Any], names: Names) -> str:
    title, course = names.classes.get(_class_of(row) or "", ("", None))
    return f"{course}, {title}" if course and not title.startswith(course) else title


def _ids(known: Table, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The values of the row's key, with the column each is in."""
    found: list[tuple[str, str]] = []
    for part in known.key:
        for column in part.columns:
            if value := _cell(row, column):
                found.append((column, value))
                break
    return found or [("row", str(row.get("words", "")))]


def _cells(known: Table, row: Mapping[str, Any], said: Said, *, sees_people: bool) -> list[Cell]:
    if said in {_REMOVED, _MOVED, _SPARED} and row.get("kind", "vanish") == "vanish":
        target = row.get("target")
        return [Cell("status", row.get("o_status"), target)] if target else []
    if row.get("how") == "consequence":
        return []
    in_key = {column for part in known.key for column in part.columns}
    cells: list[Cell] = []
    for column in known.columns:
        before, after = row.get(f"o_{column.name}"), row.get(f"e_{column.name}")
        if before == after or (said is _NEW and column.name in in_key):
            continue
        if column.kind is Kind.SECRET:
            before, after = before and "(a secret)", after and "(a new secret)"
        elif not is_shown(known.name, column.name, sees_people=sees_people):
            before, after = before and HIDDEN, after and HIDDEN
        cells.append(Cell(column.name, before, after))
    return cells[:_MOST_CELLS] if said is _NEW else cells


def _why(row: Mapping[str, Any]) -> str:
    if "how" in row:
        cause = row.get("cause")
        if row["how"] == "consequence" and cause:
            listed = " The delivery still lists it." if row.get("listed") else ""
            return f"Canvas removes it together with {cause}.{listed}"
        moves = " The same person joins another class." if row.get("moved") else ""
        return f"{REMOVED[row['how']]}{moves}"
    if row["kind"] != "vanish":
        return ""
    if row.get("carried"):
        return f"Canvas removes it together with {row['carried']}."
    return REMOVED["vanished"] if row.get("target") else SPARED.get(row.get("spared") or "", "")


def _class_of(row: Mapping[str, Any]) -> str | None:
    klass = row.get("class")
    if klass:
        return str(klass).lstrip("\x1f")
    return _cell(row, "section_id") or _cell(row, "course_id")


def _cell(row: Mapping[str, Any], column: str) -> str | None:
    """A cell as it will be, else as it was."""
    return row.get(f"e_{column}") or row.get(f"o_{column}")
