"""A school small enough to know by heart, as OneRoster tells it, and what Canvas is told of it.

`SCHOOL` is a district with one school, a year of two semesters, a class with a teacher and a student
and the student's mother. A test changes what it is about (`changed`) and looks at the rows.
"""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from rosterway.formats.oneroster.tables import BY_NAME
from rosterway.formats.problems import Problem
from rosterway.rostering import sql
from rosterway.rostering.findings import Findings
from rosterway.rostering.translate.policy_document import policy_from
from rosterway.rostering.translate.problems import problems
from rosterway.rostering.translate.sources import Sources
from rosterway.rostering.translate.translation import Translation, translate

#: A Tuesday in the middle of the first semester.
TODAY = date(2026, 10, 13)

Cell = str | list[str] | list[dict[str, str]] | None
Record = dict[str, Cell]
Tables = Mapping[str, Sequence[Mapping[str, Cell]]]
Row = dict[str, str | None]


def org(sourced_id: str, kind: str = "school", parent: str = "", **more: Cell) -> Record:
    """An org; its name is its id."""
    return {
        "sourcedId": sourced_id,
        "name": f"{sourced_id} name",
        "type": kind,
        "parentSourcedId": parent,
        **more,
    }


def session(sourced_id: str, first: str, after: str, parent: str = "", **more: Cell) -> Record:
    """An academic session of the school year that ends in 2027; `after` is excluded."""
    return {
        "sourcedId": sourced_id,
        "title": f"{sourced_id} title",
        "type": "semester",
        "startDate": first,
        "endDate": after,
        "parentSourcedId": parent,
        "schoolYear": "2027",
        **more,
    }


def course(sourced_id: str, **more: Cell) -> Record:
    """A course of the catalogue."""
    named: Record = {"title": f"{sourced_id} course", "courseCode": f"{sourced_id}-code"}
    return {"sourcedId": sourced_id, **named, **more}


def klass(sourced_id: str, *terms: str, **more: Cell) -> Record:
    """A class of course `math` in school `A`."""
    return {
        "sourcedId": sourced_id,
        "title": f"{sourced_id} class",
        "classType": "scheduled",
        "courseSourcedId": "math",
        "schoolSourcedId": "A",
        "termSourcedIds": list(terms) or ["S1"],
        **more,
    }


def user(sourced_id: str, role: str = "student", **more: Cell) -> Record:
    """Somebody of school `A` with one role, as 1.1 tells it."""
    return {
        "sourcedId": sourced_id,
        "enabledUser": "true",
        "username": f"{sourced_id}.login",
        "givenName": sourced_id.title(),
        "familyName": "Smith",
        "email": f"{sourced_id}@school.example",
        "role": role,
        "orgSourcedIds": ["A"],
        **more,
    }


def enrollment(who: str, where: str = "m1", role: str = "student", **more: Cell) -> Record:
    """Somebody in a class for the whole first semester."""
    return {
        "sourcedId": f"{who}-{where}",
        "classSourcedId": where,
        "userSourcedId": who,
        "role": role,
        "beginDate": "2026-08-17",
        "endDate": "2027-01-16",
        **more,
    }


SCHOOL: dict[str, list[Record]] = {
    "orgs": [org("D", "district"), org("A", parent="D")],
    "academicSessions": [
        session("FY", "2026-08-17", "2027-06-12", type="schoolYear"),
        session("S1", "2026-08-17", "2027-01-16", "FY"),
        session("S2", "2027-01-16", "2027-06-12", "FY"),
    ],
    "courses": [course("math")],
    "classes": [klass("m1")],
    "users": [
        user("amy", agentSourcedIds=["pam"]),
        user("tom", "teacher"),
        user("pam", "parent", agentSourcedIds=["amy"]),
    ],
    "enrollments": [enrollment("amy"), enrollment("tom", role="teacher")],
}


def changed(**tables: list[Record]) -> dict[str, list[Record]]:
    """The school with other records: those with a known id replace it, others are added."""
    new = {**SCHOOL}
    for name, records in tables.items():
        known = {record["sourcedId"]: record for record in SCHOOL.get(name, [])}
        new[name] = list({**known, **{record["sourcedId"]: record for record in records}}.values())
    return new


@dataclass(frozen=True)
class Translated:
    """What came out: rows by table, problems, and the translation itself while it lives."""

    tables: dict[str, list[Row]]
    problems: list[Problem]
    translation: Translation = field(repr=False)

    @property
    def held(self) -> frozenset[str]:
        return self.translation.held

    @property
    def codes(self) -> set[str]:
        return {problem.code for problem in self.problems}

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """These cells of every row."""
        return [tuple(row[column] for column in columns) for row in self.tables[table]]

    def row(self, table: str, **key: str) -> Row:
        """The one row with these cells."""
        (found,) = [row for row in self.tables[table] if key.items() <= row.items()]
        return found

    def told(self, code: str) -> list[Problem]:
        """The problems of a code."""
        return [problem for problem in self.problems if problem.code == code]


@contextmanager
def translating(
    tables: Tables = SCHOOL,
    policy: str = "",
    *,
    today: date = TODAY,
    changes: frozenset[str] = frozenset(),
    is_whole: bool = True,
) -> Generator[Translated]:
    """Translate, and keep the calculator open."""
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relations = {name: _put(connection, name, records) for name, records in tables.items()}
        findings = Findings(connection)
        made = translate(
            connection,
            Sources(relations, changes=changes, is_whole=is_whole),
            policy_from(policy),
            findings,
            today=today,
        )
        rows = {
            table.name: [
                dict(zip(table.header, row, strict=True))
                for row in connection.execute(table.rows).fetchall()
            ]
            for table in made.tables
        }
        yield Translated(rows, list(problems(connection, findings)), made)


def translated(
    tables: Tables = SCHOOL,
    policy: str = "",
    *,
    today: date = TODAY,
    changes: frozenset[str] = frozenset(),
    is_whole: bool = True,
) -> Translated:
    """Translate."""
    with translating(tables, policy, today=today, changes=changes, is_whole=is_whole) as made:
        return made


def _put(
    connection: duckdb.DuckDBPyConnection, name: str, records: Sequence[Mapping[str, Cell]]
) -> str:
    columns = BY_NAME[name].staged
    typed = ", ".join(f"{sql.name(column)} VARCHAR" for column in columns)
    connection.execute(f"CREATE TABLE given_{name} ({typed})")
    if records:
        places = ", ".join(["(" + ", ".join("?" * len(columns)) + ")"] * len(records))
        cells = [
            _staged(record, column, number)
            for number, record in enumerate(records, start=1)
            for column in columns
        ]
        connection.execute(f"INSERT INTO given_{name} VALUES {places}", cells)
    for record in records:
        assert record.keys() <= set(columns), record.keys() - set(columns)
    return f"given_{name}"


def _staged(record: Mapping[str, Cell], column: str, number: int) -> str | None:
    cell = str(number) if column == "_at" else record.get(column)
    return json.dumps(cell) if isinstance(cell, list) else cell
