"""A small district's files as rows that a test can change, and the same seen from Canvas's side."""

import csv
from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from rosterway.sandbox.district import make_district, on_day, write_canvas

#: What is compared with what Canvas holds: our table -> (sheet of its export, columns).
#: A cross-listed section's people show under the other course, so enrollments go by section.
COMPARED = {
    "accounts": ("accounts", ("account_id", "parent_account_id", "name")),
    "terms": ("terms", ("term_id", "name")),
    "courses": ("courses", ("course_id", "short_name", "long_name", "account_id", "term_id")),
    "sections": ("sections", ("section_id", "course_id", "name")),
    "users": ("users", ("user_id", "login_id", "full_name", "email")),
    "enrollments": ("enrollments", ("section_id", "user_id", "role")),
    "xlists": ("xlist", ("xlist_course_id", "section_id")),
    "user_observers": ("user_observers", ("observer_id", "student_id")),
    "admins": ("admins", ("user_id", "account_id", "role")),
}

Row = dict[str, str]


class Files:
    """A delivery in the making: tables of rows, by Canvas's names."""

    def __init__(self, tables: dict[str, list[Row]]):
        self.tables = tables

    def copy(self) -> "Files":
        return Files(deepcopy(self.tables))

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]

    def find(self, table: str, **cells: str) -> list[Row]:
        """The rows that have these cells."""
        return [
            row
            for row in self.tables[table]
            if all(row[name] == value for name, value in cells.items())
        ]

    def drop(self, table: str, **cells: str) -> None:
        """The rows that have these cells vanish."""
        gone = self.find(table, **cells)
        assert gone, f"no {table} with {cells}"
        self.tables[table] = [row for row in self.tables[table] if row not in gone]

    def without_user(self, user: str) -> None:
        """Somebody leaves, and nothing speaks of them any more."""
        self.drop("users", user_id=user)
        for table, column in (
            ("enrollments", "user_id"),
            ("user_observers", "student_id"),
            ("user_observers", "observer_id"),
        ):
            self.tables[table] = [row for row in self.tables[table] if row[column] != user]

    def write(self, folder: Path, *only: str) -> Path:
        """Write the tables, or `only` some of them, as CSV into a new folder."""
        folder.mkdir(parents=True)
        for table in only or self.tables:
            (folder / f"{table}.csv").write_text(self.text(table), encoding="utf-8")
        return folder

    def text(self, table: str) -> str:
        """One table as CSV."""
        rows = self.tables[table]
        lines = [",".join(rows[0])]
        lines += [",".join(f'"{cell}"' for cell in row.values()) for row in rows]
        return "\n".join(lines) + "\n"

    def live(self) -> dict[str, set[tuple[str, ...]]]:
        """What Canvas must hold when it has taken this delivery: rows in force, by table."""
        closed = {
            row["course_id"]
            for row in self.tables.get("courses", [])
            if row["status"] == "completed"
        }
        return {
            table: _cells(
                columns,
                (
                    row
                    for row in self.tables.get(table, [])
                    if row.get("status", "active") == "active"
                    and (table == "courses" or row.get("course_id") not in closed)
                ),
            )
            for table, (_, columns) in COMPARED.items()
        }


async def held(canvas) -> dict[str, set[tuple[str, ...]]]:
    """What Canvas holds in force, by our tables' names, read from its SIS export."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for table, (sheet, columns) in COMPARED.items():
        rows = await canvas.report(sheet, name="sis_export_csv")
        found[table] = _cells(columns, (row for row in rows if row["status"] == "active"))
    ended = {row["course_id"] for row in await canvas.report("courses", include_deleted="true")}
    live = {row[0] for row in found["courses"]}
    found["sections"] = {row for row in found["sections"] if row[1] not in ended - live}
    # Canvas enrolls observers beside their students by itself
    found["enrollments"] = {row for row in found["enrollments"] if row[2] != "observer"}
    return found


def _cells(columns: tuple[str, ...], rows: Iterable[Row]) -> set[tuple[str, ...]]:
    return {tuple(row.get(column) or "" for column in columns) for row in rows}


def read(folder: Path) -> Files:
    """The CSV files of a folder, as they are."""
    tables: dict[str, list[Row]] = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return Files(tables)


@cache
def _district(students: int, day: int) -> Files:
    with TemporaryDirectory() as folder:
        write_canvas(on_day(make_district(students=students, seed=7), day), Path(folder))
        files = read(Path(folder))
    for term in files["terms"]:
        # Without dates a term runs, so that no test depends on the day it is run on
        term["start_date"] = term["end_date"] = ""
    return files


def district(students: int = 24, *, day: int = 1) -> Files:
    """A district's delivery of a day, to be changed at will."""
    return _district(students, day).copy()
