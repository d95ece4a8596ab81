"""Which cells are about a person, and who is shown them.

Names, e-mail addresses and logins of people are personal; ids are not, and neither is what a course
or a school is called. A reader who may not see people sees `HIDDEN` in their place.
"""

from collections.abc import Mapping
from typing import Any

from rosterway.formats.canvas_csv.table import Column, Kind
from rosterway.formats.canvas_csv.tables import BY_NAME

HIDDEN = "(hidden)"

#: Tables whose rows are people.
_OF_PEOPLE = frozenset({"users", "logins"})
_PERSONAL = frozenset({Kind.NAME, Kind.EMAIL, Kind.LOGIN, Kind.TEXT, Kind.CHOICE})
#: Cells of a login that concern the system, not the person.
_TECHNICAL = frozenset({"authentication_provider_id", "home_account", "root_account"})


def is_personal(table: str, column: Column) -> bool:
    """Whether a cell of this column describes a person."""
    return (
        table in _OF_PEOPLE and column.kind in _PERSONAL and column.name not in _TECHNICAL
    ) or column.kind is Kind.EMAIL


def is_shown(table: str | None, column: str | None, *, sees_people: bool) -> bool:
    """Whether a value of this cell may be shown; one of no known column may be anything."""
    if sees_people:
        return True
    known = BY_NAME.get(table or "")
    found = known.by_name.get(column or "") if known else None
    return found is not None and not is_personal(known.name if known else "", found)


def problem_shown(problem: Mapping[str, Any], *, sees_people: bool) -> dict[str, Any]:
    """A problem without what its reader may not see: the value, also where the message quotes it."""
    told = dict(problem)
    value = told.get("value")
    if not value or is_shown(told.get("table"), told.get("column"), sees_people=sees_people):
        return told
    told["value"] = HIDDEN
    for name in ("message", "remedy"):
        told[name] = str(told[name]).replace(str(value), HIDDEN)
    return told
