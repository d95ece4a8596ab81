"""Every Canvas SIS CSV table, in the order in which Canvas recognises and processes them.

The order is a fact with two meanings (canvas-lms `lib/sis/csv/import_refactored.rb`): the first
table whose header matches a file wins, and inside one zip the tables are applied in this order.
"""

from collections.abc import Iterable

from rosterway.formats.canvas_csv import groups, orders, people, structure
from rosterway.formats.canvas_csv.table import Table

TABLES: tuple[Table, ...] = (
    orders.CHANGE_SIS_ID,
    structure.ACCOUNTS,
    structure.TERMS,
    structure.ABSTRACT_COURSES,
    structure.COURSES,
    structure.SECTIONS,
    structure.XLISTS,
    people.USERS,
    people.LOGINS,
    people.ENROLLMENTS,
    people.ADMINS,
    groups.GROUP_CATEGORIES,
    groups.GROUPS,
    groups.GROUPS_MEMBERSHIP,
    orders.GRADE_PUBLISHING_RESULTS,
    people.USER_OBSERVERS,
    groups.DIFFERENTIATION_TAG_SETS,
    groups.DIFFERENTIATION_TAGS,
    groups.DIFFERENTIATION_TAG_MEMBERSHIP,
    groups.INSTITUTIONAL_TAG_CATEGORIES,
    groups.INSTITUTIONAL_TAGS,
    groups.INSTITUTIONAL_TAG_ASSOCIATIONS,
)

BY_NAME: dict[str, Table] = {table.name: table for table in TABLES}

#: Position in Canvas's processing order, by table name.
ORDER: dict[str, int] = {table.name: place for place, table in enumerate(TABLES)}


def canonical_header(cell: str) -> str:
    """A header cell as Canvas's detection sees it: trimmed, lower case."""
    return cell.strip().lower()


def recognise(header: Iterable[str]) -> Table | None:
    """The table Canvas takes a file with this header for, or None if it refuses the file."""
    names = frozenset(canonical_header(cell) for cell in header)
    return next((table for table in TABLES if table.header.matches(names)), None)


def in_order(names: Iterable[str]) -> list[str]:
    """Table names in Canvas's processing order."""
    return sorted(names, key=ORDER.__getitem__)


def named_for(file_name: str) -> Table | None:
    """The table a file's name speaks of (`2026_Users-final.csv`), for files without a header."""
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0].lower()
    words = _singular("".join(letter if letter.isalpha() else " " for letter in stem))
    candidates = sorted(TABLES, key=lambda table: -len(table.name))
    for table in candidates:
        if f" {_singular(table.name.replace('_', ' '))} " in f" {words} ":
            return table
    return None


def _singular(words: str) -> str:
    """Each word without its plural ending, so that `group_membership` is `groups_membership`."""
    return " ".join(
        word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")
        for word in words.split()
    )
