"""A record that does not fit its struct, field by field: what is meant, or what is wrong with it.

Takes what a JSON reader of any leniency gives (dicts, lists, numbers) and gives the same structs
the quick way gives. What has one meaning becomes it and is counted; what has none is blank and a
problem. Nothing here raises, whatever the record.
"""

from collections.abc import Callable
from typing import Any, cast

import msgspec

from rosterway.formats.oneroster.cells import Scalar, text
from rosterway.formats.oneroster.field import Kind
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import USER, Noun
from rosterway.formats.oneroster.records import (
    ROLES,
    Credential,
    Pair,
    Profile,
    Ref,
    Role,
    attribute,
    struct_of,
)

#: Kinds that a reader of cells judges later; they may stay as they came, if they are one value.
_SCALARS = frozenset({Kind.TEXT, Kind.CHOICE, Kind.DATE, Kind.INSTANT, Kind.YEAR, Kind.FLAG})


class Mender:
    """Mends the records of one noun; what is noticed goes into `notes`."""

    def __init__(self, noun: Noun, notes: Notes) -> None:
        self._noun = noun
        self._notes = notes
        self._row = 0
        self._id = ""

    def mend(self, raw: Any, row: int) -> msgspec.Struct | None:
        """The record as a struct; None if it is no record, or one without an id."""
        self._row, self._id = row, ""
        if not isinstance(raw, dict):
            self._notes.problem("record-unreadable", row=row, value=_kind_of(raw))
            return None
        record = cast("dict[str, Any]", raw)
        sourced_id = self._identifier(record.get("sourcedId"), "sourcedId")
        if not sourced_id or not sourced_id.strip():
            self._notes.problem("record-without-id", row=row)
            return None
        self._id = sourced_id
        values: dict[str, Any] = {"sourcedId": sourced_id}
        for each in self._noun.fields[1:]:
            for name in (each.name, *each.aliases):
                if record.get(name) is not None:
                    kind = each.kind if name == each.name else _alias_kind(each.kind)
                    values[attribute(name)] = self._value(kind, record[name], name)
        if self._noun is USER and record.get(ROLES) is not None:
            values[ROLES] = self._many(record[ROLES], ROLES, self._role)
        if record.get("metadata") is not None:
            values["metadata"] = self._metadata(record["metadata"])
        return struct_of(self._noun)(**values)

    def _value(self, kind: Kind, raw: Any, name: str) -> Any:
        if kind is Kind.FLAG and isinstance(raw, bool):
            return raw
        if kind in _SCALARS:
            return self._text(raw, name)
        if kind is Kind.TEXTS:
            if isinstance(raw, str):
                return raw  # judged where cells are made
            return self._many(raw, name, self._text)
        if kind is Kind.REF:
            if isinstance(raw, list) and len(cast("list[Any]", raw)) == 1:
                self._notes.deviates("reference-bare", name, "a list of one", self._id)
                raw = cast("list[Any]", raw)[0]
            return self._ref(raw, name)
        reader: Callable[[Any, str], Any] = {
            Kind.REFS: self._ref,
            Kind.PAIRS: self._pair,
            Kind.PROFILES: self._profile,
        }[kind]
        return self._many(raw, name, reader)

    def _text(self, raw: Any, name: str) -> str | None:
        """One value; flags and years of other types are told by their own readers later."""
        if raw is None or isinstance(raw, str):
            return raw
        if isinstance(raw, bool | int | float):
            reading = text(cast("Scalar", raw))
            if reading.deviation:
                self._notes.deviates(reading.deviation, name, "a number", self._id)
            if not reading.problem:
                return reading.cell
        self._unreadable(name, raw)
        return None

    def _identifier(self, raw: Any, name: str) -> str | None:
        found = identifier(raw)
        if found and not isinstance(raw, str):
            self._notes.deviates("number-for-text", name, found, self._id or found)
        return found

    def _ref(self, raw: Any, name: str) -> Ref | None:
        if raw is None:
            return None
        is_object = isinstance(raw, dict)
        inner = cast("dict[str, Any]", raw).get("sourcedId") if is_object else raw
        found = self._identifier(inner, name)
        if not found:
            # {} and {"sourcedId": null} are how some write that there is none
            if not (is_object and inner in (None, "")) and raw != "":
                self._unreadable(name, raw)
            return None
        if not is_object:
            self._notes.deviates("reference-bare", name, found, self._id)
        return Ref(found)

    def _many(self, raw: Any, name: str, read: Callable[[Any, str], Any]) -> list[Any] | None:
        if raw is None:
            return None
        if not isinstance(raw, list):
            self._notes.deviates("list-as-one", name, _kind_of(raw), self._id)
            raw = [raw]
        parts: list[Any] = []
        for part in cast("list[Any]", raw):
            if part is None:
                self._notes.deviates("null-in-list", name, "null", self._id)
                continue
            made = read(part, name)
            if made is not None:
                parts.append(made)
        return parts

    def _object(self, raw: Any, name: str) -> dict[str, Any] | None:
        if isinstance(raw, dict):
            return cast("dict[str, Any]", raw)
        self._unreadable(name, raw)
        return None

    def _pair(self, raw: Any, name: str) -> Pair | None:
        if isinstance(raw, str):
            kind, mark, identifier = raw.strip("{}").partition(":")
            self._notes.deviates("list-as-text", name, "a text", self._id)
            return Pair(kind, identifier) if mark else Pair(None, kind)
        told = self._object(raw, name)
        if told is None:
            return None
        return Pair(self._text(told.get("type"), name), self._text(told.get("identifier"), name))

    def _profile(self, raw: Any, name: str) -> Profile | None:
        told = self._object(raw, name)
        if told is None:
            return None
        return Profile(
            self._text(told.get("profileId"), name),
            self._text(told.get("profileType"), name),
            self._text(told.get("vendorId"), name),
            self._text(told.get("applicationId"), name),
            self._many(told.get("credentials"), name, self._credential),
        )

    def _credential(self, raw: Any, name: str) -> Credential | None:
        told = self._object(raw, name)
        if told is None:
            return None
        return Credential(
            self._text(told.get("type"), name), self._text(told.get("username"), name)
        )

    def _role(self, raw: Any, name: str) -> Role | None:
        told = self._object(raw, name)
        if told is None:
            return None
        return Role(
            self._text(told.get("roleType"), "roleType"),
            self._text(told.get("role"), "role"),
            self._ref(told.get("org"), "org"),
            self._text(told.get("userProfile"), "userProfile"),
            self._text(told.get("beginDate"), "beginDate"),
            self._text(told.get("endDate"), "endDate"),
        )

    def _metadata(self, raw: Any) -> msgspec.Raw:
        try:
            return msgspec.Raw(msgspec.json.encode(raw))
        except (ValueError, RecursionError, msgspec.MsgspecError):
            self._unreadable("metadata", raw)
            return msgspec.Raw()

    def _unreadable(self, name: str, raw: Any) -> None:
        self._notes.problem(
            "value-unreadable", row=self._row, column=name, value=_kind_of(raw), record=self._id
        )


def identifier(raw: Any) -> str | None:
    """An id as it stands, or the digits of a number; None for anything else."""
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    return text(raw).cell


def _alias_kind(kind: Kind) -> Kind:
    return Kind.TEXTS if kind is Kind.REFS else kind


def _kind_of(raw: Any) -> str:
    """What a value is, without showing it: it may be personal."""
    match raw:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"
