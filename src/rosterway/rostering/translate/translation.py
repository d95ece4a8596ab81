"""Translate: staged OneRoster tables in, the rows of Canvas tables out, and what was noticed.

Guarantees: the same tables, policy and day give the same rows in the same order; every section is
called as its class; a row whose key cannot be known is told and left out, and then its table says
that it is not whole (`Translation.held`), so that nobody takes the row for gone.

Leaves to others: reading, writing, and judging rows as Canvas would (`rostering.check` does).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from rosterway.rostering.findings import Findings
from rosterway.rostering.translate.access_cells import ADMINS, USER_OBSERVERS
from rosterway.rostering.translate.cells import CanvasTable
from rosterway.rostering.translate.classes import make_classes
from rosterway.rostering.translate.course_cells import COURSES, SECTIONS
from rosterway.rostering.translate.enrollment_cells import ENROLLMENTS
from rosterway.rostering.translate.enrollments import make_enrollments
from rosterway.rostering.translate.observers import make_observers
from rosterway.rostering.translate.orgs import make_orgs
from rosterway.rostering.translate.people import make_people
from rosterway.rostering.translate.policy import TranslationPolicy
from rosterway.rostering.translate.reasons import reasons_for
from rosterway.rostering.translate.sessions import make_sessions
from rosterway.rostering.translate.sources import Sources, open_views
from rosterway.rostering.translate.structure_cells import ACCOUNTS, TERMS
from rosterway.rostering.translate.user_cells import PERSON_ROLES, USERS
from rosterway.rostering.translate.work import Work

#: Every table a translation can make, in the order Canvas applies them.
TABLES: tuple[CanvasTable, ...] = (
    ACCOUNTS,
    TERMS,
    COURSES,
    SECTIONS,
    USERS,
    ENROLLMENTS,
    ADMINS,
    USER_OBSERVERS,
)


@dataclass(frozen=True, slots=True)
class TranslatedTable:
    """One Canvas table: its columns, and the query for its rows in order."""

    name: str
    header: tuple[str, ...]
    rows: str


@dataclass(frozen=True, slots=True)
class Told:
    """One cell as a preview shows it: its value, the rule that filled it, and what that read."""

    column: str
    value: str | None
    rule: str
    says: str
    read: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """A translated roster; it lives as long as the connection's tables.

    `held` are the tables in which rows are missing that should be there.
    """

    work: Work
    tables: tuple[TranslatedTable, ...]
    held: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether what is not in it may be taken for gone."""
        sources = self.work.sources
        return sources.is_whole and not sources.changes and not self.held

    def explain(self, record: str) -> Iterator[tuple[str, tuple[Told, ...]]]:
        """The rows a sourcedId has a part in, with their table; cell by cell."""
        policy = self.work.policy
        for table in TABLES:
            if not _is_made(self.work, table):
                continue
            for (row,) in self.work.connection.execute(table.told(policy, record)).fetchall():
                yield table.name, tuple(_told(table, policy, cell) for cell in json.loads(row))

    def why_not(self, record: str) -> list[str]:
        """Why a record has no row of its own, in sentences; empty if it has or is not known."""
        return reasons_for(self.work, record)


def _is_made(work: Work, table: CanvasTable) -> bool:
    """Whether the policy wants a table and what it is made of was sent.

    Of what was not sent nothing is said, so that nobody takes it for gone.
    """
    return table.needed(work.policy) and work.sources.relations.keys() >= set(table.made_of)


def _told(table: CanvasTable, policy: TranslationPolicy, cell: dict[str, Any]) -> Told:
    rule = next(
        rule
        for rule in table.by_column[cell["column"]].in_force(policy)
        if rule.name == cell["rule"]
    )
    read = tuple((name, cell["read"][name]) for name in rule.sources(policy))
    return Told(cell["column"], cell["value"], rule.name, rule.says, read)


def translate(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    policy: TranslationPolicy,
    findings: Findings,
    *,
    today: date,
) -> Translation:
    """Translate staged tables by a policy, as things stand on a day (in the schools' time zone)."""
    work = Work(connection, sources, policy, today, findings)
    _open(work)
    make_sessions(work)
    make_orgs(work)
    make_people(work)
    make_classes(work)
    make_observers(work)
    make_enrollments(work)
    work.make("tr_person_roles", PERSON_ROLES)
    work.view(
        "tr_enrollments_today",
        f"SELECT *, coalesce(after <= {work.day}, false) AS is_over FROM tr_enrollments",
    )
    tables = tuple(
        TranslatedTable(table.name, table.header(policy), table.rows(policy))
        for table in TABLES
        if _is_made(work, table)
    )
    translation = Translation(work, tables, frozenset(work.held))
    _tell_users(work)
    return translation


def _open(work: Work) -> None:
    """Open the tables; a record whose standing nobody knows keeps everything made of it."""
    made_of = {
        "orgs": ("accounts",),
        "academicSessions": ("terms",),
        "classes": ("courses", "sections", "enrollments"),
        "users": ("users", "enrollments", "user_observers", "admins"),
        "roles": ("user_observers", "admins"),
        "enrollments": ("enrollments",),
    }
    for table, (twice, unknown) in open_views(work.connection, work.sources).items():
        if unknown:
            work.held.update(made_of.get(table, ()))
        if twice and table != "roles":
            work.tell(
                "collection-twice",
                table,
                "sourcedId",
                f"SELECT NULL AS nth, '{twice} records' AS val, NULL AS other",
            )


def _tell_users(work: Work) -> None:
    """People who cannot sign in: the row goes on, so that what Canvas has of them stays."""
    login = USERS.by_column["login_id"].value(work.policy)
    work.tell(
        "user-without-login",
        "users",
        "username",
        f'SELECT "user.at" AS nth, NULL AS val, "user.sourcedId" AS other FROM ({USERS.source(work.policy)}) '
        f"WHERE {login} IS NULL",
    )
