"""The query parameters of a read: limit, offset, sort, orderBy, filter, fields.

Facts: oneroster.md section 3. What is wrong is answered differently by 1.1 and 1.2; the table
there is followed, and where it is silent a bad number is invalid data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rosterway.sandbox.sis.asking.filters import Path, Test, comparable, parse_filter, path_of
from rosterway.sandbox.sis.model.fields import Noun
from rosterway.sandbox.sis.trouble import Refusal

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a 1.1 provider passes over with a warning in its answer."""

    minor: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A read's parameters, understood."""

    limit: int
    offset: int
    sort: Path | None
    descending: bool
    filter: Test | None
    fields: tuple[str, ...] | None
    warnings: tuple[Warned, ...]


def parse_query(version: str, noun: Noun, given: Mapping[str, str], *, many: bool) -> Query:
    """Understand the parameters of a read; a single object takes `fields` alone.

    Raises:
        Refusal: a parameter is one that this version refuses.
    """
    warnings: list[Warned] = []
    sort = None
    if many and given.get("sort"):
        sort = path_of(noun, given["sort"])
        if sort is None:
            warnings.append(
                Warned("invalid_sort_field", f"there is no field {given['sort']} to sort by")
            )
    order = given.get("orderBy", "asc")
    if many and order not in {"asc", "desc"}:
        raise _bad_value(version, f"orderBy is asc or desc, not {order!r}")
    fields = _fields(version, noun, given, warnings)
    return Query(
        limit=_number(version, given, "limit", _LIMIT, 1) if many else 1,
        offset=_number(version, given, "offset", 0, 0) if many else 0,
        sort=sort,
        descending=order == "desc",
        filter=parse_filter(noun, given["filter"]) if many and "filter" in given else None,
        fields=fields,
        warnings=tuple(warnings),
    )


def select(query: Query, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those the filter keeps, in the order asked for; without one, as they came."""
    if query.filter is not None:
        told = [record for record in told if query.filter(record)]
    sort = query.sort
    if sort is None:
        return told

    def key(record: dict[str, Any]) -> tuple[Any, ...]:
        found = sort.find(record)
        value = comparable(sort.kind, found[0]) if found else None
        return (value is not None, value if value is not None else 0)

    return sorted(told, key=key, reverse=query.descending)


def trim(query: Query, told: dict[str, Any]) -> dict[str, Any]:
    """A record with the fields asked for."""
    if query.fields is None:
        return told
    return {name: told[name] for name in query.fields if name in told}


def _fields(
    version: str, noun: Noun, given: Mapping[str, str], warnings: list[Warned]
) -> tuple[str, ...] | None:
    if "fields" not in given:
        return None
    names = tuple(name.strip() for name in given["fields"].split(","))
    if not any(names):
        minor = "invalid_blank_selection_field" if version == "1.1" else "invalid_selection_field"
        raise Refusal(400, minor, "fields is blank")
    unknown = [name for name in names if noun.field(name) is None]
    if not unknown:
        return names
    text = f"there is no field {unknown[0]} to select"
    if version == "1.2":
        raise Refusal(400, "invalid_selection_field", text)
    warnings.append(Warned("invalid_selection_field", text))
    return None


def _number(version: str, given: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < least:
        raise _bad_value(version, f"{name} is a whole number from {least} on, not {text!r}")
    return int(text)


def _bad_value(version: str, text: str) -> Refusal:
    return Refusal(400 if version == "1.1" else 422, "invaliddata", text)
