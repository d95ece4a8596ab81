"""What a SIS holds under the faults of `Sort.HELD`: the same school, kept in a worse way.

Each takes the records and answers new ones; what was given stays as it was.
"""

from collections.abc import Callable

from rosterway.sandbox.sis.holding.held import Records, live
from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.model.fields import Field, Kind
from rosterway.sandbox.sis.model.nouns import NOUNS, PARTS

_NOWHERE = "no-such-thing"


def crooked(records: Records, faults: tuple[str, ...]) -> Records:
    """The records as they are held under these faults, applied in the table's order."""
    for name, change in CROOKED.items():
        if name in faults:
            records = change(records)
    return records


def bare_number(key: str) -> str:
    """An id as a number's digits; one that is no number stays as it is."""
    return str(int(key)) if key.isdecimal() else key


def _school_users(records: Records) -> Records:
    """Each school keeps its own record; the first keeps the id, others add the school to it."""
    users: dict[str, Record] = {}
    at: dict[tuple[str, str], str] = {}
    copies: dict[str, list[str]] = {}
    for key, user in records["user"].items():
        roles = user["roles"]
        for number, role in enumerate(roles):
            own = key if not number else f"{key}-{role['org']}"
            at[key, role["org"]] = own
            copies.setdefault(key, []).append(own)
            users[own] = user | {"sourcedId": own, "roles": [role], "primaryOrg": role["org"]}
    for user in users.values():
        if user.get("agents"):
            user["agents"] = [copy for agent in user["agents"] for copy in copies.get(agent, [])]
    enrollments = {
        key: record | {"user": at.get((record["user"], record["school"]), record["user"])}
        for key, record in records["enrollment"].items()
    }
    return records | {"user": users, "enrollment": enrollments}


def _duplicate_enrollments(records: Records) -> Records:
    """Who left and came back: an older record that had ended before the present one began."""
    enrollments: dict[str, Record] = {}
    for number, (key, record) in enumerate(records["enrollment"].items()):
        if number % 20 == 0 and record["status"] == "active" and "beginDate" in record:
            ended = {"sourcedId": f"{key}-0", "endDate": record["beginDate"]}
            enrollments[f"{key}-0"] = record | ended
        enrollments[key] = record
    return records | {"enrollment": enrollments}


def _dangling(noun: str, field: str, every: int) -> Callable[[Records], Records]:
    def change(records: Records) -> Records:
        found = {
            key: record | {field: _NOWHERE} if number % every == every - 1 else record
            for number, (key, record) in enumerate(records[noun].items())
        }
        return records | {noun: found}

    return change


def _no_current_class(records: Records) -> Records:
    seated = {record["user"] for record in live(records["enrollment"].values())}
    users = {
        key: user
        for key, user in records["user"].items()
        if key in seated or user["roles"][0]["role"] != "student"
    }
    return records | {"user": users}


def _no_agents(records: Records) -> Records:
    users = {
        key: {name: value for name, value in user.items() if name != "agents"}
        for key, user in records["user"].items()
    }
    return records | {"user": users}


def _numeric_ids(records: Records) -> Records:
    return {
        noun: {
            bare_number(key): _renumbered(NOUNS["1.2"][noun].fields, record)
            for key, record in found.items()
        }
        for noun, found in records.items()
    }


def _renumbered(fields: tuple[Field, ...], record: Record) -> Record:
    changed = dict(record)
    for field in fields:
        value = record.get(field.name)
        if not value:
            continue
        if field.kind is Kind.PARTS:
            changed[field.name] = [_renumbered(PARTS[field.of].fields, part) for part in value]
        elif field.kind not in {Kind.ID, Kind.REF}:
            continue
        elif field.many:
            changed[field.name] = [bare_number(entry) for entry in value]
        else:
            changed[field.name] = bare_number(value)
    return changed


#: Fault -> what it does to what is held.
CROOKED: dict[str, Callable[[Records], Records]] = {
    "school-users": _school_users,
    "duplicate-enrollments": _duplicate_enrollments,
    "dangling-refs": _dangling("enrollment", "user", 50),
    "dangling-classes": _dangling("class", "course", 20),
    "no-current-class": _no_current_class,
    "no-agents": _no_agents,
    "numeric-ids": _numeric_ids,
}
