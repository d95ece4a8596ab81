"""change_sis_id.csv: ids are changed before anything else, so other files use the new ones.

Facts: canvas-lms `lib/sis/csv/change_sis_id_importer.rb`, `lib/sis/change_sis_id_importer.rb`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rosterway.sandbox.canvas.importing.desk import DELETE, Desk
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ACCOUNT_BY_INTEGRATION,
    ACCOUNT_BY_SIS_ID,
    CATEGORY_BY_SIS_ID,
    COURSE_BY_INTEGRATION,
    COURSE_BY_SIS_ID,
    GROUP_BY_INTEGRATION,
    GROUP_BY_SIS_ID,
    LOGIN_BY_INTEGRATION,
    LOGIN_BY_SIS_ID,
    SECTION_BY_INTEGRATION,
    SECTION_BY_SIS_ID,
    TERM_BY_INTEGRATION,
    TERM_BY_SIS_ID,
    Index,
)
from rosterway.sandbox.canvas.trouble import Refused


@dataclass(frozen=True, slots=True)
class _Ids:
    """How things of one type are found; `column` is what its SIS id is called in messages."""

    sis_id: Index[Any]
    integration: Index[Any] | None
    column: str = "sis_source_id"


_TYPES = {
    "account": _Ids(ACCOUNT_BY_SIS_ID, ACCOUNT_BY_INTEGRATION),
    "term": _Ids(TERM_BY_SIS_ID, TERM_BY_INTEGRATION),
    "course": _Ids(COURSE_BY_SIS_ID, COURSE_BY_INTEGRATION),
    "section": _Ids(SECTION_BY_SIS_ID, SECTION_BY_INTEGRATION),
    "group": _Ids(GROUP_BY_SIS_ID, GROUP_BY_INTEGRATION),
    "group_category": _Ids(CATEGORY_BY_SIS_ID, None),
    "user": _Ids(LOGIN_BY_SIS_ID, LOGIN_BY_INTEGRATION, column="sis_user_id"),
}


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    desk.each(rows, _change)


def _change(row: Row, desk: Desk) -> bool:
    named = row.get("type")
    old_id, old_integration = row.get("old_id"), row.get("old_integration_id")
    new_id, new_integration = row.get("new_id"), row.get("new_integration_id")
    if named is None:
        raise Refused("No type given for change_sis_id")
    if old_id is None and old_integration is None:
        raise Refused("No old_id or old_integration_id given for change_sis_id")
    if new_id is None and new_integration is None:
        raise Refused("No new_id or new_integration_id given for change_sis_id")
    kind = named.lower()
    ids = _TYPES.get(kind)
    if ids is None:
        raise Refused(f"Invalid type '{named}' for change_sis_id")
    if ids.integration is None and (old_integration or new_integration):
        raise Refused("Group categories should not have integration IDs.")
    record = _old(kind, ids, old_id, old_integration, desk)
    changes: dict[str, str | None] = {}
    if new_id is not None:
        _must_be_free(kind, ids.sis_id, "new_id", new_id, (ids.column, old_id), desk)
        changes[ids.sis_id.columns[0]] = new_id
    if new_integration == DELETE:
        changes["integration_id"] = None
    elif new_integration is not None and ids.integration is not None:
        old = ("integration_id", old_integration) if old_integration else (ids.column, old_id)
        _must_be_free(kind, ids.integration, "new_integration_id", new_integration, old, desk)
        changes["integration_id"] = new_integration
    desk.work.set(record, **changes)
    return True


def _old(kind: str, ids: _Ids, old_id: str | None, old_integration: str | None, desk: Desk) -> Any:
    """The thing that is to change; two old ids must name the same one."""
    record = desk.work.first(ids.sis_id, old_id)
    if old_id is not None and record is None:
        raise Refused(
            f"An old_id, '{old_id}', referenced a non-existent {kind} and was not changed."
        )
    if old_integration is None or ids.integration is None:
        return record
    by_integration = desk.work.first(ids.integration, old_integration)
    if by_integration is None:
        raise Refused(
            f"An old_integration_id, '{old_integration}', referenced a non-existent {kind}"
            " and was not changed."
        )
    if record is not None and record is not by_integration:
        raise Refused(
            f"An old_id, '{old_id}', referenced a different {kind} than the old_integration_id,"
            f" '{old_integration}'"
        )
    return by_integration


def _must_be_free(
    kind: str,
    index: Index[Any],
    column: str,
    value: str,
    old: tuple[str, str | None],
    desk: Desk,
) -> None:
    if desk.work.first(index, value) is not None:
        raise Refused(
            f"A {column}, '{value}', referenced an existing {kind} and the {kind} with"
            f" {old[0]} '{old[1] or ''}' was not updated"
        )
