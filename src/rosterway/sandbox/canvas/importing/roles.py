"""Which role a row means.

Facts: canvas-lms `lib/sis/enrollment_importer.rb`, `lib/sis/admin_importer.rb`.
"""

from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import Account, Role
from rosterway.sandbox.canvas.state.seed import ACCOUNT_ROLE
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

_EXACT = {
    "teacher": "TeacherEnrollment",
    "ta": "TaEnrollment",
    "observer": "ObserverEnrollment",
    "designer": "DesignerEnrollment",
}


class Roles:
    """The active roles, and which of them an account may use: its own and those above it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._active = work.select(Role, "WHERE t.workflow_state = 'active' ORDER BY t.id")
        self._built_in = {role.name: role for role in self._active if role.built_in}
        self._resolved: dict[tuple[str | None, str | None, int], Role] = {}

    def for_enrollment(self, row: Row, account_id: int) -> Role:
        """The role of an enrollment in a course of this account; Refused if there is none."""
        named = (row.get("role_id"), row.get("role"), account_id)
        role = self._resolved.get(named)
        if role is None:
            role = self._find(*named)
            if role is None or role.base_role_type == ACCOUNT_ROLE:
                shown = named[1] or named[0] or ""
                raise Refused(f'Improper role "{shown}" for an enrollment')
            self._resolved[named] = role
        return role

    def for_admin(self, role_id: str | None, name: str | None, account_id: int) -> Role | None:
        """The account role of an admin of this account."""
        role = self._by_id(role_id, account_id) if role_id else self._custom(name, account_id)
        if role is None and name is not None and not role_id:
            role = self._built_in.get(name)
        return role if role and role.base_role_type == ACCOUNT_ROLE else None

    def _find(self, role_id: str | None, name: str | None, account_id: int) -> Role | None:
        if role_id is not None:
            return self._by_id(role_id, account_id)
        if name is None:
            return None
        if custom := self._custom(name, account_id):
            return custom
        lowered = name.lower()
        base = "StudentEnrollment" if lowered.startswith("student") else _EXACT.get(lowered)
        return self._built_in.get(base) if base else None

    def _by_id(self, role_id: str, account_id: int) -> Role | None:
        for role in self._active:
            if str(role.id) == role_id and (role.built_in or self._usable(role, account_id)):
                return role
        return None

    def _custom(self, name: str | None, account_id: int) -> Role | None:
        for role in self._active:
            if role.name == name and not role.built_in and self._usable(role, account_id):
                return role
        return None

    def _usable(self, role: Role, account_id: int | None) -> bool:
        while account_id is not None:
            if role.account_id == account_id:
                return True
            account_id = self._work.there(Account, account_id).parent_account_id
        return False
