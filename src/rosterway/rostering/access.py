"""Which changes take access away by their own words: a status, an end date (`safety.md`, "Removals")."""

from collections.abc import Mapping
from datetime import datetime

from rosterway.rostering import sql
from rosterway.rostering.compare import Compared
from rosterway.rostering.dates import instant
from rosterway.rostering.places import moment

#: Tables whose end date takes access away.
DATED = ("terms", "courses", "sections", "enrollments")


def had_access(table: Compared) -> str:
    """SQL over a change: the row gave access before; a status that is not known counts as yes."""
    if "status" not in table.before:
        return "true"
    return f"coalesce(o_status IN {sql.texts(table.table.access_words)}, true)"


def takes_access(table: Compared, now: datetime) -> Mapping[str, str]:
    """Kind of change -> SQL: the delivered row takes access away."""
    if not table.table.statuses:
        return {}
    was = had_access(table)
    updates: list[str] = []
    takes: dict[str, str] = {}
    if "status" in table.sent:
        taken = f"coalesce(e_status NOT IN {sql.texts(table.table.access_words)}, false)"
        updates.append(taken)
        takes["create"] = taken
    if table.table.name in DATED and "end_date" in table.sent:
        updates.append(_ends_early(now))
    if updates:
        takes["update"] = f"({was} AND ({' OR '.join(updates)}))"
    return takes


def _ends_early(now: datetime) -> str:
    """SQL: the row's end moves from the future, or from nowhere, into the past."""
    new, old = instant("e_end_date"), instant("o_end_date")
    return f"coalesce({new} <= {moment(now)} AND coalesce({old} > {moment(now)}, true), false)"
