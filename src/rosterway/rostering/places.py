"""Where a row belongs, as SQL: its class, role and person, and a join that finds the rest."""

from dataclasses import dataclass
from datetime import datetime

from rosterway.formats.canvas_csv.table import Table
from rosterway.rostering import sql
from rosterway.rostering.keys import STAND_IN, Cell, key_parts

_NOWHERE = (
    "(SELECT NULL::VARCHAR AS account_id, NULL::VARCHAR AS term_id, NULL::TIMESTAMPTZ AS ends) s"
)


@dataclass(frozen=True, slots=True)
class Place:
    """How a row finds where it belongs: a join that makes `s`, and SQL for the rest."""

    join: str = f"CROSS JOIN {_NOWHERE}"
    account: str = "s.account_id"
    klass: str = "NULL"
    role: str = "NULL"
    person: str = "NULL"


def place_of(table: Table, columns: tuple[str, ...], cell: Cell) -> Place:
    """Where a row of the table belongs, by cells of these columns."""

    def given(column: str) -> str:
        return cell(column) if column in columns else "NULL"

    parts = key_parts(table, columns, cell)
    match table.name:
        case "enrollments":
            klass = class_of(columns, cell)
            return Place(
                f"LEFT JOIN scope_classes s ON s.class = {klass}",
                klass=klass,
                role=parts[2],
                person=parts[1],
            )
        case "sections" | "xlists":
            klass = given("section_id")
            return Place(f"LEFT JOIN scope_classes s ON s.class = {klass}", klass=klass)
        case "courses":
            return Place(f"LEFT JOIN scope_courses s ON s.course_id = {given('course_id')}")
        case "terms":
            return Place(
                f"LEFT JOIN scope_terms s ON s.term_id = {given('term_id')}", account="NULL"
            )
        case "admins":
            return Place(account=given("account_id"), role=parts[2])
        case _:
            return Place()


def running(now: datetime) -> str:
    """SQL: the row's term `s` has not ended; unknown dates count as running."""
    return f"(s.ends IS NULL OR s.ends > {moment(now)})"


def moment(now: datetime) -> str:
    """SQL for an instant."""
    return f"TIMESTAMPTZ {sql.text(now.isoformat())}"


def class_of(columns: tuple[str, ...], cell: Cell) -> str:
    """SQL for the class of an enrollment with these columns, as `scope_classes` names it."""
    section = cell("section_id") if "section_id" in columns else "NULL"
    course = f"{STAND_IN} || {cell('course_id')}" if "course_id" in columns else "NULL"
    return f"coalesce({section}, {course})"
