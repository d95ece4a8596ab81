"""The rows of `roles` that users carry."""

from collections.abc import Callable, Sequence
from typing import Any

from rosterway.formats.oneroster import cells
from rosterway.formats.oneroster.cells import Memory
from rosterway.formats.oneroster.entries import Columns, reader_of
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.records import ROLES, Ref, Role
from rosterway.formats.oneroster.tables import ROLES as ROLES_TABLE
from rosterway.settings.shape import Version


class RoleRows:
    """The rows of `roles` that users carry: 1.2's own, or one for each org of 1.1's one role."""

    def __init__(self, version: Version, notes: Notes) -> None:
        self._version = version
        self._notes = notes
        read: Callable[[str], cells.Reader] = {
            column.name: reader_of(column.kind, column.vocabulary, version, column.name)
            for column in ROLES_TABLE.columns
        }.__getitem__
        self._memories = {
            name: Memory(read(name)) for name in ("roleType", "role", "beginDate", "endDate")
        }

    def columns(self, records: Sequence[Any], ids: Sequence[str], places: Sequence[int]) -> Columns:
        """The roles of a page of users, as columns of their table."""
        rows: list[tuple[str | None, ...]] = []
        for record, user, place in zip(records, ids, places, strict=True):
            roles: list[Role] | None = getattr(record, ROLES)
            if not roles:
                roles = self._of_1p1(record, user)
            elif self._version is Version.V1P1:
                self._notes.deviates("other-version", ROLES, "roles", user)
            rows += [self._row(role, user, place) for role in roles]
        nothing: list[tuple[str | None, ...]] = [() for _ in ROLES_TABLE.staged]
        return list(zip(*rows, strict=True)) or nothing

    def _row(self, role: Role, user: str, place: int) -> tuple[str | None, ...]:
        word = self._cell("role", role.role, user, place)
        if word is None or role.org is None:
            self._notes.deviates("required-missing", ROLES, "", user)
        return (
            None,
            None,
            None,
            user,
            self._cell("roleType", role.roleType, user, place),
            word,
            self._cell("beginDate", role.beginDate, user, place),
            self._cell("endDate", role.endDate, user, place),
            None if role.org is None else role.org.sourcedId,
            role.userProfile,
            None,
            str(place),
        )

    def _of_1p1(self, record: Any, user: str) -> list[Role]:
        orgs: list[Ref] = record.orgs or []
        if record.role is None:
            self._notes.deviates("required-missing", ROLES, "", user)
            return []
        if self._version is Version.V1P2:
            self._notes.deviates("other-version", ROLES, "role and orgs", user)
        if not orgs:
            return [Role("primary", record.role)]
        return [Role("primary", record.role, org) for org in orgs]

    def _cell(self, name: str, raw: str | None, user: str, place: int) -> str | None:
        memory = self._memories[name]
        cell = memory[raw]
        if memory.odd:
            memory.odd.clear()
            reading = memory.why(raw)
            if reading.deviation:
                self._notes.deviates(reading.deviation, f"{ROLES}.{name}", raw, user)
            if reading.problem:
                self._notes.problem(
                    reading.problem, row=place, column=f"{ROLES}.{name}", value=raw, record=user
                )
        return cell
