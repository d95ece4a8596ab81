"""Writing to the gradebook: PUT and DELETE of one object, POST of many (oneroster.md section 10).

Guarantees: a refused write changes nothing, and a POST is refused whole; what is written refers to
things that exist. Choices: an unknown path is a 404, an unknown reference a 422; deleting a line
item takes its results along; a category in use is not deleted (`deletefailure`). 1.1 answers 200 to
a replacement, 1.2 documents 201 alone and gives it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from rosterway.sandbox.sis.gradebook.picky import broken
from rosterway.sandbox.sis.gradebook.shelf import Shelf
from rosterway.sandbox.sis.gradebook.strict import fault_of
from rosterway.sandbox.sis.gradebook.vendors import refusal, vendor_of
from rosterway.sandbox.sis.holding.held import Records
from rosterway.sandbox.sis.holding.records import ACTIVE, GONE, Record
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.model.fields import Field, Kind
from rosterway.sandbox.sis.model.nouns import NOUNS, PARTS
from rosterway.sandbox.sis.model.operations import Operation
from rosterway.sandbox.sis.trouble import Refusal, SisError, invalid_data, unknown_object

#: What has something of its own inside, which goes with it.
_CASCADES = {
    "lineItem": ("result", "lineItem"),
    "assessmentLineItem": ("assessmentResult", "assessmentLineItem"),
}
_PATH_NOUNS = {
    "class": "class",
    "school": "org",
    "session": "academicSession",
    "lineItem": "lineItem",
}
_STAND_IN = {"title": "Untitled", "scoreStatus": "fully graded"}


@dataclass(frozen=True, slots=True)
class Written:
    """How a write went: the status to answer, and the records as they are now."""

    status: int
    records: tuple[Record, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


class Desk:
    """Takes writes; `records` are the roster's and the shelf's together."""

    def __init__(self, shelf: Shelf, knobs: Knobs, records: Records, now: str) -> None:
        self._shelf = shelf
        self._knobs = knobs
        self._records = records
        self._now = now

    def put(self, operation: Operation, key: str, body: str) -> Written:
        """Create or replace the object at an address.

        Raises:
            Refusal: it is not accepted.
        """
        given = self._envelope(operation, body)
        known = self._shelf.records[operation.noun].get(key)
        if known is None and "sourcedId" in given and not self._knobs.chosen_ids:
            raise invalid_data("sourcedId is given here")
        if self._knobs.allocates and "sourcedId" not in given:
            own = key if known else f"{operation.noun}-{self._shelf.next_number()}"
            given = given | {"sourcedId": own}
            key = own
        if self._knobs.renames and known is None and given.get("sourcedId") == key:
            key = f"{operation.noun}-{self._shelf.next_number()}"
            given = given | {"sourcedId": key}
        record = self._accept(operation, given)
        if record["sourcedId"] != key:
            raise invalid_data(f"{record['sourcedId']} is written to the address of {key}")
        self._shelf.put(operation.noun, record)
        replaced = known is not None and known["status"] == ACTIVE
        return Written(200 if replaced and operation.version == "1.1" else 201, (record,))

    def post(self, operation: Operation, variables: Mapping[str, str], body: str) -> Written:
        """Create many objects, with ids of this provider's choice.

        Raises:
            Refusal: one of them is not accepted.
        """
        for name, key in variables.items():
            if key not in self._records[_PATH_NOUNS[name]]:
                raise unknown_object(name, key)
        records: list[Record] = []
        pairs: list[tuple[str, str]] = []
        for item in self._items(operation, body):
            supplied = str(item.get("sourcedId", ""))
            record = self._accept(operation, item)
            self._fits(record, variables)
            own = f"{operation.noun}-{self._shelf.next_number()}"
            records.append(record | {"sourcedId": own})
            pairs.append((supplied, own))
        self._shelf.put_all(operation.noun, records)
        return Written(201, tuple(records), tuple(pairs))

    def delete(self, operation: Operation, key: str) -> Written:
        """Delete the object at an address.

        Raises:
            Refusal: it is unknown or in use.
        """
        noun = operation.noun
        found = self._shelf.records[noun].get(key)
        if found is None or found["status"] == GONE:
            raise unknown_object(noun, key)
        lines = self._shelf.records["lineItem"].values()
        if noun == "category" and any(line.get("category") == key for line in lines):
            raise Refusal(422, "deletefailure", f"category {key} is in use")
        if noun in _CASCADES:
            inner, field = _CASCADES[noun]
            held = list(self._shelf.records[inner].items())
            for own in [own for own, record in held if record[field] == key]:
                self._drop(inner, own)
        self._drop(noun, key)
        return Written(204)

    def _drop(self, noun: str, key: str) -> None:
        if self._knobs.grade_tombstones:
            record = self._shelf.records[noun][key]
            self._shelf.put(noun, record | {"status": GONE, "dateLastModified": self._now})
        else:
            self._shelf.remove(noun, key)

    def _envelope(self, operation: Operation, body: str) -> dict[str, Any]:
        try:
            parsed: object = json.loads(body)
        except ValueError:
            raise invalid_data("the body is no JSON") from None
        if not isinstance(parsed, dict) or operation.envelope not in parsed:
            raise invalid_data(f"the body has no {operation.envelope}")
        whole = cast(dict[str, Any], parsed)
        if self._knobs.strict and len(whole) > 1:
            raise invalid_data(f"the body has more than {operation.envelope}")
        inside = whole[operation.envelope]
        if operation.many:
            return whole
        if not isinstance(inside, dict):
            raise invalid_data(f"{operation.envelope} is no object")
        return cast(dict[str, Any], inside)

    def _items(self, operation: Operation, body: str) -> Iterator[dict[str, Any]]:
        inside = self._envelope(operation, body)[operation.envelope]
        if not isinstance(inside, list):
            raise invalid_data(f"{operation.envelope} is no list")
        for item in cast(list[object], inside):
            if not isinstance(item, dict):
                raise invalid_data(f"{operation.envelope} holds what is no object")
            yield cast(dict[str, Any], item)

    def _accept(self, operation: Operation, given: dict[str, Any]) -> Record:
        """An object as a record, if it may be written."""
        noun = operation.noun
        if self._knobs.strict:
            wrong = fault_of(operation.version, noun, given)
            if wrong:
                raise invalid_data(wrong)
        try:
            record = _record(NOUNS[operation.version][noun].fields, given)
        except (TypeError, KeyError, AttributeError, Unreadable):
            raise invalid_data(f"the {noun} cannot be read") from None
        self._complete(operation, record)
        vendor = vendor_of(self._knobs)
        for name in broken(vendor.refuses, noun, record, self._records):
            raise refusal(vendor.refuses[name])
        self._refers(operation, record)
        if noun == "result":
            status = record.get("scoreStatus", "")
            record["scoreStatus"] = vendor.read_as.get(status, status)
        return record | {"dateLastModified": self._now}

    def _complete(self, operation: Operation, record: Record) -> None:
        """What a lenient provider fills in, and what 1.1 leaves out but 1.2 tells."""
        record.setdefault("status", ACTIVE)
        for field in NOUNS[operation.version][operation.noun].fields:
            if field.required and field.name not in record and field.name in _STAND_IN:
                record[field.name] = _STAND_IN[field.name]
        for name in ("assignDate", "dueDate", "scoreDate"):
            field = NOUNS[operation.version][operation.noun].field(name)
            if field is not None:
                record.setdefault(name, self._now if field.kind is Kind.MOMENT else self._now[:10])
        at = self._records["class"].get(record.get("class", ""))
        if operation.noun == "lineItem" and at:
            record.setdefault("school", at["school"])

    def _refers(self, operation: Operation, record: Record) -> None:
        for field in NOUNS[operation.version][operation.noun].fields:
            key = record.get(field.name)
            if field.kind is not Kind.REF:
                continue
            if key is not None and key not in self._records[field.of]:
                raise invalid_data(f"unknown {field.name} {key}")
            if key is None and field.required and field.name in {"class", "lineItem", "student"}:
                raise invalid_data(f"{operation.noun} without {field.name}")

    def _fits(self, record: Record, variables: Mapping[str, str]) -> None:
        """An object posted below something belongs to it."""
        own = dict(record)
        if "lineItem" in own and "class" not in own:
            own["class"] = self._records["lineItem"][own["lineItem"]]["class"]
        for name, key in variables.items():
            if name in own and own[name] != key:
                raise invalid_data(f"{name} is {own[name]}, the address says {key}")


class Unreadable(SisError):  # noqa: N818 - says what the value is
    """A value has no form we know."""


def _record(fields: tuple[Field, ...], given: dict[str, Any]) -> Record:
    """A written object with bare references and real booleans; what is unknown is passed over."""
    record: Record = {}
    for field in fields:
        value = given.get(field.name)
        if value is None:
            continue
        if field.many:
            record[field.name] = [_value(field, entry) for entry in value]
        else:
            record[field.name] = _value(field, value)
    return record


def _value(field: Field, value: Any) -> Any:
    match field.kind:
        case Kind.REF:
            key = value if isinstance(value, str) else value["sourcedId"]
            if not isinstance(key, str):
                raise Unreadable(field.name)
            return key
        case Kind.FLAG:
            return str(value).lower() == "true"
        case Kind.PARTS:
            part = PARTS[field.of]
            kept: Record = dict(value) if part.open else {}
            return kept | _record(part.fields, value)
        case Kind.NUMBER:
            return float(value)
        case Kind.METADATA:
            return value
        case _:
            return str(value)
