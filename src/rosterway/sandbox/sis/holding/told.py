"""A record as a version of OneRoster tells it: the differences of 1.1 and 1.2, as tables.

Facts: oneroster.md sections 7, 9 and 16.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.model.fields import Field, Kind, Noun
from rosterway.sandbox.sis.model.nouns import (
    COLLECTIONS,
    GRADEBOOK_NOUNS,
    NOUNS,
    PARTS,
    ROSTER_NOUNS,
)
from rosterway.sandbox.sis.model.operations import ROOTS
from rosterway.sandbox.sis.model.vocabularies import VOCABULARIES

#: Roles of users that 1.1 knows by another name (section 16, row 3).
_ROLES_OF_1P1 = {
    "districtAdministrator": "administrator",
    "siteAdministrator": "administrator",
    "systemAdministrator": "administrator",
    "principal": "administrator",
    "counselor": "aide",
}
#: What 1.1 says when a result has no score: it must be a number (section 9.3).
_NO_SCORE = 0.0

_SERVICES = {
    **dict.fromkeys(ROSTER_NOUNS, "rostering"),
    **dict.fromkeys(GRADEBOOK_NOUNS, "gradebook"),
    "resource": "resources",
}


def _user(record: Record) -> Record:
    """One role and a list of orgs in place of roles (row 2)."""
    roles = record["roles"]
    role = roles[0]["role"]
    return record | {
        "role": _ROLES_OF_1P1.get(role, role),
        "orgs": list(dict.fromkeys(role["org"] for role in roles)),
        "username": record.get("username", ""),
    }


def _line_item(record: Record) -> Record:
    """The grading period is the session that 1.2 may give (row 7)."""
    period = record.get("gradingPeriod") or record.get("academicSession")
    bounds = {"resultValueMin": 0.0, "resultValueMax": 100.0}
    return bounds | record | ({"gradingPeriod": period} if period else {})


def _result(record: Record) -> Record:
    return {"score": _NO_SCORE} | record


_DOWN: dict[str, Callable[[Record], Record]] = {
    "user": _user,
    "lineItem": _line_item,
    "result": _result,
}


def as_1p1(noun: str, record: Record) -> Record:
    """A record with the fields of 1.1 where those are others."""
    return _DOWN[noun](record) if noun in _DOWN else record


class Teller:
    """Tells records in one version, with addresses below one host."""

    def __init__(self, version: str, host: str) -> None:
        self.version = version
        self._nouns = NOUNS[version]
        self._plans: dict[str, tuple[_Step, ...]] = {}
        self._roots = {
            noun: f"{host}{ROOTS[version, service]}/{COLLECTIONS[noun]}/"
            for noun, service in _SERVICES.items()
        }

    def href(self, noun: str, key: str) -> str:
        """Where an object is found; the roster under its own root, grades under theirs."""
        return self._roots[noun] + (key if key.isalnum() else quote(key, safe=""))

    def ref(self, noun: str, key: str) -> dict[str, str]:
        """A GUIDRef."""
        return {"href": self.href(noun, key), "sourcedId": key, "type": noun}

    def tell(self, noun: str, record: Record) -> dict[str, Any]:
        """A record in this version's words; what the version has no word for is left out."""
        if self.version == "1.1":
            record = as_1p1(noun, record)
        return self._object(self._nouns[noun], record)

    def _object(self, noun: Noun, record: Record) -> dict[str, Any]:
        told: dict[str, Any] = dict(record) if noun.open else {}
        for step in self._plan(noun):
            value = record.get(step.name)
            if value is None or (step.tokens is not None and value not in step.tokens):
                continue
            convert = step.convert
            if convert is not None:
                value = [convert(entry) for entry in value] if step.many else convert(value)
            told[step.name] = value
        return told

    def _plan(self, noun: Noun) -> tuple["_Step", ...]:
        """How each field of a noun is told; worked out once."""
        plan = self._plans.get(noun.name)
        if plan is None:
            plan = self._plans[noun.name] = tuple(
                _Step(field.name, field.many, self._converter(field), self._tokens(field))
                for field in noun.fields
            )
        return plan

    def _converter(self, field: Field) -> Callable[[Any], Any] | None:
        match field.kind:
            case Kind.REF:
                return partial(self.ref, field.of)
            case Kind.FLAG:
                return _flag
            case Kind.PARTS:
                return partial(self._object, PARTS[field.of])
            case _:
                return None

    def _tokens(self, field: Field) -> tuple[str, ...] | None:
        """1.1 leaves out what it has no token for, unless it must say something."""
        if self.version != "1.1" or field.kind is not Kind.TOKEN or field.required or field.many:
            return None
        return VOCABULARIES[self.version][field.of]


@dataclass(frozen=True, slots=True)
class _Step:
    """How one field is told; `convert` None: as it is."""

    name: str
    many: bool
    convert: Callable[[Any], Any] | None
    tokens: tuple[str, ...] | None


def _flag(value: bool) -> str:
    return "true" if value else "false"
