"""A plan's balance sheet as its page shows it: tables, schools, and the classes of a school."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from rosterway.console.access import Desk
from rosterway.console.lookup import artefact, looking_up, rows_in
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order
from rosterway.runs.balance import BALANCE, CLASSES, COUNTS
from rosterway.store.plans import Plan

#: Tables whose rows lie in a school, in the order the page offers them.
PLACED = ("enrollments", "sections", "courses", "xlists", "admins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One line of the sheet (`runs.balance.COUNTS`)."""

    kept: int = 0
    new: int = 0
    changed: int = 0
    removed: int = 0
    moved: int = 0
    spared: int = 0
    held: int = 0

    @property
    def differs(self) -> bool:
        """Whether anything happens here."""
        return bool(self.new or self.changed or self.removed or self.moved or self.held)

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(**{name: getattr(self, name) + getattr(other, name) for name in COUNTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school's lines, by table."""

    id: str
    name: str
    parent: str | None = None
    tables: Mapping[str, Counts] = field(default_factory=dict[str, Counts])

    def of(self, table: str) -> Counts:
        """Its line in a table."""
        return self.tables.get(table, Counts())


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A class's line: its enrollments."""

    id: str
    title: str
    course: str | None
    course_title: str | None
    term: str | None
    counts: Counts


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything that is counted of a plan."""

    tables: Mapping[str, Counts]
    schools: tuple[School, ...] = ()

    @property
    def total(self) -> Counts:
        """All tables together."""
        return sum(self.tables.values(), Counts())

    def school(self, school: str) -> School | None:
        """A school by its id."""
        return next((one for one in self.schools if one.id == school), None)

    def mostly_removed_at(self, table: str) -> tuple[School, int] | None:
        """The one school where at least half of a table's many removals are, and how many."""
        whole = self.tables[table].removed if table in self.tables else 0
        worst = max(self.schools, key=lambda one: one.of(table).removed, default=None)
        if worst is None or worst.of(table).removed < max(2, whole / 2):
            return None
        return worst, worst.of(table).removed

    @property
    def placed(self) -> list[str]:
        """The tables that can be shown by school."""
        given = {name for school in self.schools for name in school.tables}
        return [name for name in PLACED if name in given]


def sheet_of(desk: Desk, plan: Plan) -> Sheet:
    """A plan's sheet; a plan of an unreadable delivery has an empty one."""
    path = artefact(desk, plan, BALANCE)
    if path is None:
        return Sheet(_from_summary(plan))
    kept: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    tables = {name: Counts(**counts) for name, counts in kept["tables"].items()}
    schools = tuple(
        School(
            id=one["id"],
            name=one["name"],
            parent=one["parent"],
            tables={name: Counts(**counts) for name, counts in one["tables"].items()},
        )
        for one in kept["schools"]
    )
    return Sheet(tables, schools)


def classes_of(desk: Desk, plan: Plan, school: str, *, everything: bool) -> list[Class]:
    """The classes of a school, by title; those where nothing happens only if asked for."""
    path = artefact(desk, plan, CLASSES)
    if path is None:
        return []
    happens = " OR ".join(f"{name} > 0" for name in COUNTS if name not in {"kept", "spared"})
    where = "school = ?" if everything else f"school = ? AND ({happens})"
    with looking_up(desk, [path]) as connection:
        found = connection.execute(
            f"SELECT class, title, course, course_title, term, {', '.join(COUNTS)} "
            f"FROM {rows_in(path)} WHERE {where} ORDER BY course_title, title, class LIMIT 5000",
            [school],
        ).fetchall()
    return [
        Class(
            id=row[0],
            title=row[1],
            course=row[2],
            course_title=row[3],
            term=row[4],
            counts=Counts(**dict(zip(COUNTS, row[5:], strict=True))),
        )
        for row in found
    ]


def _from_summary(plan: Plan) -> dict[str, Counts]:
    tables: Mapping[str, Mapping[str, int]] = plan.summary.get("tables", {})
    removals: Mapping[str, int] = plan.summary.get("removals", {})
    return {
        name: Counts(
            kept=tables[name]["unchanged"],
            new=tables[name]["create"],
            changed=tables[name]["update"],
            removed=removals.get(name, 0),
        )
        for name in in_order(name for name in tables if name in BY_NAME)
    }
