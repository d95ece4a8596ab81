"""A delivery put to the checker and to the sandbox Canvas, each without the other's knowledge.

The town is a small believable district that Canvas has already; a delivery is the town with rows
changed, left out and made up. `Town.compare` says what Canvas refused and what was foretold.
"""

import re
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.formats.catalogue import RULES
from rosterway.formats.problems import InCanvas, Severity
from rosterway.gateway.calculator import calculator
from rosterway.gateway.stage import stage
from rosterway.gateway.unpack import unpack
from rosterway.rostering.check import check
from rosterway.rostering.findings import Findings
from rosterway.rostering.roster import Roster
from rosterway.runs.prepare import read_baseline
from rosterway.sandbox.canvas.importing.job import run_import
from rosterway.sandbox.canvas.instance import open_instance
from rosterway.sandbox.canvas.state.options import Options

Row = tuple[str, ...]

#: Refusals that no file and no mirror can foretell, and why.
UNDECIDABLE = {
    r"^Improper role .* for an enrollment$": "roles of an institution's own are Canvas's to know",
    r"^Invalid role .* for admin$": "the same, of account roles",
}


def rows(text: str) -> list[Row]:
    """Rows of cells, one a line."""
    return [tuple(line.split(",")) for line in text.split()]


#: Table -> its columns and what Canvas has of it.
TOWN: Mapping[str, tuple[str, list[Row]]] = {
    "accounts": (
        "account_id,parent_account_id,name,status,integration_id",
        rows("A1,,North,active,IA1 A2,A1,South,active, A3,,East,active, A4,A3,Gone,deleted,"),
    ),
    "terms": (
        "term_id,name,status,start_date,end_date,integration_id",
        rows("T1,Autumn,active,2026-08-24,2026-12-18, T2,Spring,active,,,IT2 T3,Old,active,,,"),
    ),
    "courses": (
        "course_id,short_name,long_name,account_id,term_id,status,integration_id,start_date,end_date",
        rows(
            "C1,Alg,Algebra,A1,T1,active,IC1,2026-08-24,2026-12-18 "
            "C2,Geo,Geometry,A2,T1,published,,, C3,Bio,Biology,A2,T2,completed,,, "
            "C4,Art,Art,,T1,deleted,,,"
        ),
    ),
    "sections": (
        "section_id,course_id,name,status,integration_id,start_date,end_date",
        rows(
            "S1,C1,One,active,IS1,, S2,C1,Two,active,,2026-08-24,2026-12-18 S3,C2,Three,active,,, "
            "S4,C2,Four,deleted,,,"
        ),
    ),
    "xlists": ("xlist_course_id,section_id,status", rows("C2,S2,active")),
    "users": (
        "user_id,login_id,status,full_name,email,integration_id",
        rows(
            "001,ana,active,Ana,ana@x.edu,IU1 002,bo,active,Bo,, 003,cy,active,Cy,,IU3 "
            "4,di,active,Di,, 5,ed,suspended,Ed,, 6,flo,deleted,Flo,,IU6"
        ),
    ),
    "enrollments": (
        "course_id,section_id,user_id,role,status,start_date,end_date,associated_user_id",
        rows(
            ",S1,001,student,active,,, ,S1,002,teacher,active,,, ,S3,003,student,active,,, "
            "C1,S1,4,observer,active,,,001 ,S3,5,student,deleted,,,"
        ),
    ),
    "admins": ("user_id,account_id,role,status", rows("002,A1,AccountAdmin,active")),
    "group_categories": (
        "group_category_id,category_name,status,account_id,course_id",
        rows("GC1,Teams,active,,C1 GC2,Houses,active,A1, GC3,Rows,deleted,,C1"),
    ),
    "groups": (
        "group_id,name,status,group_category_id,account_id,course_id",
        rows("G1,Red,available,GC1,, G2,Blue,available,,A1, G3,Green,available,GC2,,"),
    ),
    "groups_membership": ("group_id,user_id,status", rows("G1,001,accepted G2,003,accepted")),
    "user_observers": ("observer_id,student_id,status", rows("4,001,active 4,003,deleted")),
}
#: Tables that are orders: Canvas has none of them.
ORDERS: Mapping[str, tuple[str, list[Row]]] = {
    "change_sis_id": ("old_id,new_id,type,old_integration_id,new_integration_id", []),
    "logins": ("user_id,login_id,existing_user_id,existing_integration_id,integration_id", []),
}
TABLES = {**ORDERS, **TOWN}

_DATES = ["", "", "", "2026-08-24", "2026-12-18", "2025-01-01", "2026-02-30", "soon", "<delete>"]
_IDS = {
    "account_id": ["A1", "A2", "A3", "A4", "A8", "A9", ""],
    "parent_account_id": ["", "A1", "A2", "A3", "A4", "A9"],
    "term_id": ["T1", "T2", "T3", "T8", "T9", ""],
    "course_id": ["C1", "C2", "C3", "C4", "C8", "C9", ""],
    "xlist_course_id": ["C1", "C2", "C4", "C7", ""],
    "section_id": ["S1", "S2", "S3", "S4", "S8", "S9", ""],
    "user_id": ["001", "002", "003", "4", "5", "6", "7", "8", "2", ""],
    "group_category_id": ["GC1", "GC2", "GC3", "GC8", "GC9", ""],
    "group_id": ["G1", "G2", "G3", "G8", "G9", ""],
}
_USERS = _IDS["user_id"]
#: Column -> what a made-up cell may be; the ordinary more often than the odd.
CELLS: Mapping[str, list[str]] = {
    **_IDS,
    "observer_id": _USERS,
    "student_id": _USERS,
    "existing_user_id": _USERS,
    "associated_user_id": ["", "", "", "001", "9"],
    "login_id": ["ana", "BO", "cy", "di", "ed", "flo", "gus", "hal", "", "a\x07b", "l" * 101],
    "integration_id": ["", "", "", "IU1", "IU6", "IA1", "IC1", "IS1", "IT2", "I9"],
    "existing_integration_id": ["", "", "IU1", "IU3", "I9"],
    "status": [*["active"] * 6, "deleted", "deleted", "Active", "activated", "odd", ""],
    "name": ["One", "Two", "", "n" * 256],
    "category_name": ["Teams", "houses", "Rows", "New", ""],
    "short_name": ["Alg", "New", ""],
    "long_name": ["Algebra", "New", ""],
    "full_name": ["Ana", "New", ""],
    "email": ["", "a@x.edu", "a.b", "@"],
    "role": ["student", "Teacher", "students", "observer", "janitor", ""],
    "start_date": _DATES,
    "end_date": _DATES,
    "type": [
        "user",
        "User",
        "course",
        "section",
        "account",
        "term",
        "group",
        "group_category",
        "x",
    ],
    "old_id": ["001", "C1", "S1", "A1", "T1", "G1", "GC1", "9", ""],
    "new_id": ["002", "C2", "N1", "N2", ""],
    "old_integration_id": ["", "", "", "IU1", "IC1", "I9"],
    "new_integration_id": ["", "", "", "IU3", "N9", "<delete>"],
}
_STATUSES = {
    "courses": ["completed", "published", "unpublished"],
    "users": ["suspended"],
    "enrollments": ["completed", "inactive", "deleted_last_completed"],
    "groups": [*["available"] * 6, "closed", "Deleted"],
    "groups_membership": ["accepted"] * 6,
}


def _cells(table: str, column: str) -> list[str]:
    if column == "role" and table == "admins":
        return ["AccountAdmin", "AccountAdmin", "teacher", "janitor", ""]
    return [*CELLS[column], *(_STATUSES.get(table, []) if column == "status" else [])]


def _made_up(table: str) -> st.SearchStrategy[Row]:
    columns = TABLES[table][0].split(",")
    return st.tuples(*(st.sampled_from(_cells(table, column)) for column in columns))


@st.composite
def _files(draw: st.DrawFn, table: str) -> list[Row] | None:
    """A table of a delivery: the town's rows, some with another cell, and rows made up."""
    known = TABLES[table][1]
    if not draw(st.booleans()):
        return None
    columns = TABLES[table][0].split(",")
    given: list[Row] = []
    for row in known:
        kind = draw(st.sampled_from(["same", "same", "same", "other", "gone"]))
        if kind == "other":
            at = draw(st.integers(0, len(columns) - 1))
            cell = draw(st.sampled_from(_cells(table, columns[at])))
            given.append((*row[:at], cell, *row[at + 1 :]))
        elif kind == "same":
            given.append(row)
    given += draw(st.lists(_made_up(table), max_size=3))
    return given or None


Delivery = Mapping[str, list[Row]]


@st.composite
def deliveries(draw: st.DrawFn) -> Delivery:
    """Some of the tables, in any state; no key twice, as nobody can foretell which row comes last."""
    given = {table: draw(_files(table)) for table in TABLES}
    return {table: _once(table, found) for table, found in given.items() if found}


def _once(table: str, given: list[Row]) -> list[Row]:
    """The rows without those that have an earlier one's key."""
    columns = TABLES[table][0].split(",")
    parts = [column for part in BY_NAME[table].key for column in part.columns]
    places = [columns.index(column) for column in parts if column in columns]
    return list({tuple(row[at] for at in places): row for row in reversed(given)}.values())[::-1]


@dataclass(frozen=True)
class Compared:
    """`refused`: what Canvas said of rows of which nothing was foretold, as (file, row, message).

    `false`: codes of errors that speak of a row Canvas has taken without a word, as (code, file, row).
    """

    refused: list[tuple[str, int, str]]
    false: list[tuple[str, str, int]]


class Town:
    """The town in a sandbox Canvas, and what Rosterway knows of it."""

    def __init__(self, work: Path, connection, mirror: Roster):
        self._work, self._connection, self._mirror = work, connection, mirror
        self._count = 0
        self._home = work / "canvas"
        # What is deleted was there once: Canvas makes no user who is deleted from the start.
        for delivery in (_alive(TOWN_FILES), TOWN_FILES):
            said = self._import(self._home, delivery)
            assert [] == said, said

    def compare(self, delivery: Delivery) -> Compared:
        """Let Canvas and the checker judge a delivery, each on its own."""
        self._count += 1
        folder = self._work / f"in-{self._count}"
        write(folder, delivery)
        foretold = self._foretold(folder)
        home = shutil.copytree(self._home, self._work / f"canvas-{self._count}")
        said = self._import(home, delivery)
        shutil.rmtree(home)
        shutil.rmtree(folder)
        # What is told once for a file speaks of its rows only where Canvas refuses them.
        places = {
            (file, row)
            for code, file, row in foretold
            if row is not None or RULES[code].canvas is InCanvas.ROW_SKIPPED
        }
        spoken = {(file, row) for file, row, _ in said}
        return Compared(
            [
                one
                for one in said
                if places.isdisjoint({one[:2], (one[0], None)})
                and not any(re.search(pattern, one[2]) for pattern in UNDECIDABLE)
            ],
            [
                (code, file, row)
                for code, file, row in foretold
                if row is not None
                and (file, row) not in spoken
                and RULES[code].severity is Severity.ERROR
                and RULES[code].canvas is InCanvas.ROW_SKIPPED
            ],
        )

    def _foretold(self, folder: Path) -> list[tuple[str, str, int | None]]:
        prefix = f"d{self._count}"
        work = self._work / prefix
        work.mkdir()
        with self._connection.cursor() as cursor:
            findings = Findings(cursor, prefix)
            given = unpack([folder], work / "unpacked")
            staged = stage(cursor, given.files, work, findings, prefix=prefix)
            for name in staged.tables:
                # Small tables are asked quicker than files.
                view = f'"{staged.view(name)}"'
                cursor.execute(f"CREATE TEMP TABLE t_{name} AS SELECT * FROM {view}")
                cursor.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM t_{name}")
            check(cursor, staged, findings, mirror=self._mirror, prefix=f"{prefix}_current")
            found = [(one.code, one.file or "", one.row) for one in findings.problems()]
            cursor.execute(f"DROP TABLE {findings.table}")
        shutil.rmtree(work)
        return found

    def _import(self, home: Path, delivery: Delivery) -> list[tuple[str, int, str]]:
        """Have the sandbox import a delivery; what it says of rows."""
        instance = open_instance(home)
        try:
            office, now = instance.office, instance.now()
            path = office.new_path(".zip")
            with zipfile.ZipFile(path, "w") as archive:
                for name, text in texts(delivery):
                    archive.writestr(name, text)
            file = office.add_file(path, display_name="d.zip", content_type="", now=now)
            made = office.new_import(now=now, user_id=1, options=Options())
            office.update_import(made, now=now, file_id=file, workflow_state="created")
            run_import(instance, made)
            ended = office.get_import(made)
            assert ended is not None
            assert ended.workflow_state.startswith("imported")
            _, messages = office.messages(made, failure=False, limit=10_000)
            return [(one["file"], one["row"], one["message"]) for one in messages]
        finally:
            instance.close()


def texts(delivery: Delivery) -> Iterable[tuple[str, str]]:
    """Names and texts of a delivery's files."""
    for table, given in delivery.items():
        lines = [TABLES[table][0], *(",".join(row) for row in given), ""]
        yield f"{table}.csv", "\n".join(lines)


def write(folder: Path, delivery: Delivery) -> None:
    """A delivery as a folder."""
    folder.mkdir()
    for name, text in texts(delivery):
        (folder / name).write_text(text, encoding="utf-8")


TOWN_FILES: Delivery = {table: given for table, (_, given) in TOWN.items()}


def _alive(delivery: Delivery) -> Delivery:
    usual = {"groups": "available", "groups_membership": "accepted"}
    return {
        table: [
            tuple(usual.get(table, "active") if cell == "deleted" else cell for cell in row)
            for row in given
        ]
        for table, given in delivery.items()
    }


@contextmanager
def town(work: Path):
    """The town, held by both sides."""
    write(work / "held", TOWN_FILES)
    with calculator(work, threads=1) as connection:
        known = unpack([work / "held"], work / "known")
        with connection.cursor() as cursor:
            roster = read_baseline(cursor, known, work)
            mirror = Roster("held", roster.tables)
            for name in roster.tables:
                columns = ", ".join(f'"{column}"' for column in roster.columns(name))
                cursor.execute(
                    f"CREATE TABLE {mirror.view(name)} AS SELECT {columns} FROM {roster.view(name)}"
                )
        yield Town(work, connection, mirror)
