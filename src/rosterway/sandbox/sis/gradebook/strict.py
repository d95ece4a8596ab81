"""Is a written object what the official schema says it is? (oneroster.md sections 2 and 9)

Closed objects, required fields, types, known tokens, whole references, days and moments as they are
printed. One answer an object: the first thing wrong, in words, or None.
"""

import re
from datetime import date, datetime
from typing import Any, cast
from urllib.parse import urlsplit

from rosterway.sandbox.sis.model.fields import Field, Kind, Noun, must
from rosterway.sandbox.sis.model.nouns import NOUNS, PARTS
from rosterway.sandbox.sis.model.vocabularies import VOCABULARIES, is_token

_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_DAY = re.compile(r"^\d{4}-\d\d-\d\d$")
_REF = (must("href", Kind.URI), must("sourcedId", Kind.ID), must("type", Kind.TEXT))


def fault_of(version: str, noun: str, value: object) -> str | None:
    """What the schema has against an object; None when nothing."""
    return _object(version, NOUNS[version][noun], value, noun)


def _object(version: str, noun: Noun, value: object, at: str) -> str | None:
    if not isinstance(value, dict):
        return f"{at} is no object"
    given = cast(dict[str, Any], value)
    for name in given:
        if noun.field(name) is None and not noun.open:
            return f"{at} has no field {name}"
    for field in noun.fields:
        where = f"{at}.{field.name}"
        if field.name not in given:
            if field.required:
                return f"{where} is required"
            continue
        found = _field(version, field, given[field.name], where)
        if found:
            return found
    return None


def _field(version: str, field: Field, value: object, at: str) -> str | None:
    if not field.many:
        return _value(version, field, value, at)
    if not isinstance(value, list):
        return f"{at} is no list"
    entries = cast(list[object], value)
    if len(entries) < field.least:
        return f"{at} has fewer than {field.least} entries"
    found = (_value(version, field, entry, f"{at}[{n}]") for n, entry in enumerate(entries))
    return next((wrong for wrong in found if wrong), None)


def _value(version: str, field: Field, value: object, at: str) -> str | None:
    match field.kind:
        case Kind.METADATA:
            return None if isinstance(value, dict) else f"{at} is no object"
        case Kind.NUMBER:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return None if is_number else f"{at} is no number"
        case Kind.PARTS:
            return _object(version, PARTS[field.of], value, at)
        case Kind.REF:
            return _reference(version, field, value, at)
        case _:
            if not isinstance(value, str):
                return f"{at} is no string"
            return _text(version, field, value, at)


def _reference(version: str, field: Field, value: object, at: str) -> str | None:
    found = _object(version, Noun("ref", _REF), value, at)
    if found:
        return found
    kind = cast(dict[str, str], value)["type"]
    allowed = _REF_TYPES_OF_1P1.get(field.of, ()) if version == "1.1" else ()
    if kind != field.of and kind not in allowed:
        return f"{at}.type is {field.of}, not {kind!r}"
    return None


#: 1.1 lets a reference to a user or a session be more exact (section 2).
_REF_TYPES_OF_1P1 = {"user": ("student", "teacher"), "academicSession": ("term", "gradingPeriod")}


def _text(version: str, field: Field, value: str, at: str) -> str | None:
    match field.kind:
        case Kind.TOKEN if not is_token(version, field.of, value):
            return f"{at} is one of {', '.join(VOCABULARIES[version][field.of])}, not {value!r}"
        case Kind.FLAG if value not in {"true", "false"}:
            return f'{at} is "true" or "false", not {value!r}'
        case Kind.MOMENT if not _is_moment(value):
            return f"{at} is a moment such as 2024-10-01T12:00:00.000Z, not {value!r}"
        case Kind.DATE if not _is_day(value):
            return f"{at} is a day such as 2024-10-01, not {value!r}"
        case Kind.URI if not urlsplit(value).scheme:
            return f"{at} is no URI: {value!r}"
        case _:
            return None


def _is_moment(value: str) -> bool:
    return _MOMENT.match(value) is not None and _parses(datetime, value)


def _is_day(value: str) -> bool:
    return _DAY.match(value) is not None and _parses(date, value)


def _parses(kind: type[date], value: str) -> bool:
    try:
        kind.fromisoformat(value)
    except ValueError:
        return False
    return True
