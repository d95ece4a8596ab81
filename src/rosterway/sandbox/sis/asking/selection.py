"""Which records an operation is about, before any filter (oneroster.md sections 6, 8 and 11).

Choices: what belongs to something counts live enrollments only. A school's terms are those its
classes run in. `/students` and `/teachers` go by role. The unknown parent of a collection is a 404,
which 1.2's rostering describes in prose and leaves out of its lists.
"""

from collections.abc import Iterable, Mapping

from rosterway.sandbox.sis.holding.held import Records, live
from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.model.operations import Operation
from rosterway.sandbox.sis.trouble import unknown_object

#: What the variables of paths name.
_PARENTS = {
    "school": "org",
    "class": "class",
    "course": "course",
    "term": "academicSession",
    "session": "academicSession",
    "student": "user",
    "teacher": "user",
    "user": "user",
    "lineItem": "lineItem",
}
_ROLE_OF = {
    "students": "student",
    "student": "student",
    "teachers": "teacher",
    "teacher": "teacher",
}


class Selection:
    """Selects from the roster and the gradebook; `terms` are the kinds that /terms lists."""

    def __init__(self, records: Records, terms: Iterable[str]) -> None:
        self._records = records
        self._terms = frozenset(terms)

    def rows(self, operation: Operation, variables: Mapping[str, str]) -> list[Record]:
        """The records a collection's operation is about, in the order they are held."""
        for name, key in variables.items():
            self._parent(name, key)
        first, *rest = operation.path.strip("/").split("/")
        if not rest:
            return [
                record for record in self._of(operation.noun) if self._belongs(record, first, {})
            ]
        kind = rest[-1]
        if operation.noun == "user":
            return self._people(kind, variables)
        if operation.noun == "class" and first in {"students", "teachers", "users"}:
            return self._classes_of(variables)
        if operation.noun == "resource":
            return self._resources(variables)
        if kind == "gradingPeriods":
            return self._periods_within(variables["term"])
        if kind == "terms":
            return self._terms_of(variables["school"])
        return [
            record for record in self._of(operation.noun) if self._belongs(record, kind, variables)
        ]

    def one(self, operation: Operation, key: str) -> Record:
        """The object of a single read; one of another kind than the path says is unknown."""
        record = self._records[operation.noun].get(key)
        kind = operation.path.split("/")[1]
        if record is None or not self._belongs(record, kind, {}):
            raise unknown_object(operation.noun, key)
        return record

    def _of(self, noun: str) -> list[Record]:
        return list(self._records[noun].values())

    def _parent(self, name: str, key: str) -> None:
        noun = _PARENTS[name]
        record = self._records[noun].get(key)
        role = _ROLE_OF.get(name)
        if record is None or (role and not _has_role(record, role)):
            raise unknown_object(name, key)
        if name == "school" and record["type"] != "school":
            raise unknown_object(name, key)

    def _belongs(self, record: Record, kind: str, variables: Mapping[str, str]) -> bool:
        """Whether a record is of the path's kind and of everything the path names."""
        if kind == "schools" and record["type"] != "school":
            return False
        if kind == "terms" and record["type"] not in self._terms:
            return False
        if kind == "gradingPeriods" and record["type"] != "gradingPeriod":
            return False
        if kind in {"students", "teachers"} and not _has_role(record, _ROLE_OF[kind]):
            return False
        return all(self._links(record, name, key) for name, key in variables.items())

    def _links(self, record: Record, name: str, key: str) -> bool:
        if name in record or name in {"lineItem", "student"}:
            return record.get(name) == key
        if name == "term":
            return key in record["terms"]
        if name == "session":
            return key in {record.get("gradingPeriod"), record.get("academicSession")}
        if name == "school":
            return self._school_of(record) == key
        if name == "class" and "title" in record:
            metadata: Record = record.get("metadata") or {}
            return metadata.get("classId", key) == key
        if name == "class":
            line = self._records["lineItem"].get(record.get("lineItem", ""), {})
            return line.get("class") == key
        return False

    def _school_of(self, record: Record) -> str | None:
        if "class" in record:
            return self._records["class"].get(record["class"], {}).get("school")
        return record.get("org")

    def _people(self, kind: str, variables: Mapping[str, str]) -> list[Record]:
        role = _ROLE_OF[kind]
        school, at = variables.get("school"), variables.get("class")
        if at is None:
            return [
                user
                for user in self._of("user")
                if any(r["org"] == school and r["role"] == role for r in user["roles"])
            ]
        found = self._records["class"][at]
        if school is not None and found["school"] != school:
            raise unknown_object("class", at)
        keys = dict.fromkeys(
            enrollment["user"]
            for enrollment in live(self._of("enrollment"))
            if enrollment["class"] == at and enrollment["role"] == role
        )
        users = self._records["user"]
        return [users[key] for key in keys if key in users]

    def _classes_of(self, variables: Mapping[str, str]) -> list[Record]:
        ((name, user),) = variables.items()
        role = _ROLE_OF.get(name)
        keys = dict.fromkeys(
            enrollment["class"]
            for enrollment in live(self._of("enrollment"))
            if enrollment["user"] == user and role in {None, enrollment["role"]}
        )
        classes = self._records["class"]
        return [classes[key] for key in keys if key in classes]

    def _resources(self, variables: Mapping[str, str]) -> list[Record]:
        ((name, key),) = variables.items()
        owner = self._records[_PARENTS[name]][key]
        keys: list[str] = owner.get("resources", [])
        if name == "class":
            course = self._records["course"].get(owner["course"], {})
            keys = [*keys, *course.get("resources", [])]
        return [self._records["resource"][at] for at in dict.fromkeys(keys)]

    def _periods_within(self, term: str) -> list[Record]:
        sessions = self._records["academicSession"]

        def within(record: Record) -> bool:
            while record.get("parent"):
                if record["parent"] == term:
                    return True
                record = sessions.get(record["parent"], {})
            return False

        return [
            record
            for record in sessions.values()
            if record["type"] == "gradingPeriod" and within(record)
        ]

    def _terms_of(self, school: str) -> list[Record]:
        used = {
            term
            for record in self._of("class")
            if record["school"] == school
            for term in record["terms"]
        }
        return [
            record
            for record in self._of("academicSession")
            if record["sourcedId"] in used and record["type"] in self._terms
        ]


def _has_role(user: Record, role: str) -> bool:
    return any(at["role"] == role for at in user["roles"])
