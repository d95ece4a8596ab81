"""The filter grammar of OneRoster, and what it matches (oneroster.md section 3).

    filter := clause [ " AND " clause | " OR " clause ]
    clause := field predicate "'" value "'"

Two clauses at most. A quote inside a value may be doubled, which the specification leaves open.
Comparison minds neither case nor the form of a moment. A list equals a value when it has all of its
comma-separated parts, and contains (`~`) it when it has any.
"""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from rosterway.sandbox.sis.model.fields import Kind, Noun
from rosterway.sandbox.sis.model.nouns import PARTS
from rosterway.sandbox.sis.trouble import Refusal

_CLAUSE = r"([A-Za-z_][\w.\-]*)(!=|>=|<=|=|>|<|~)'((?:[^']|'')*)'"
_FILTER = re.compile(rf"^{_CLAUSE}(?: (AND|OR) {_CLAUSE})?$")
_REF = {"href": Kind.URI, "sourcedId": Kind.ID, "type": Kind.TOKEN}

Test = Callable[[dict[str, Any]], bool]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Path:
    """A dotted name that a noun has; `kind` is that of the last step."""

    steps: tuple[str, ...]
    kind: Kind

    def find(self, told: dict[str, Any]) -> list[Any]:
        """Every value at the path; several where a list lies on the way."""
        found: list[Any] = [told]
        for step in self.steps:
            values = [
                cast(dict[str, Any], at)[step]
                for at in found
                if isinstance(at, dict) and step in at
            ]
            found = []
            for value in values:
                found.extend(cast(list[Any], value) if isinstance(value, list) else [value])
        return found


def path_of(noun: Noun, name: str) -> Path | None:
    """The path of a dotted name, or None when the noun has no such field."""
    steps = tuple(name.split("."))
    at = noun
    for number, step in enumerate(steps):
        field = at.field(step)
        rest = steps[number + 1 :]
        if field is None:
            return None
        if field.kind is Kind.METADATA:
            return Path(steps, Kind.TEXT)
        if not rest:
            return Path(steps, field.kind)
        if field.kind is Kind.REF:
            return Path(steps, _REF[rest[0]]) if len(rest) == 1 and rest[0] in _REF else None
        if field.kind is not Kind.PARTS:
            return None
        at = PARTS[field.of]
    return None


def parse_filter(noun: Noun, text: str) -> Test:
    """What a filter says about one told object.

    Raises:
        Refusal: 400 invalid_filter_field; the text names the field, or quotes the filter.
    """
    match = _FILTER.match(text)
    if match is None:
        raise Refusal(400, "invalid_filter_field", f"the filter {text!r} is not understood")
    field, predicate, value, joined, *second = match.groups()
    first = _clause(noun, field, predicate, value)
    if not joined:
        return first
    other = _clause(noun, *second)
    if joined == "AND":
        return lambda told: first(told) and other(told)
    return lambda told: first(told) or other(told)


def comparable(kind: Kind, value: Any) -> Any:
    """A value as it is compared; None where it has no such form."""
    if kind is Kind.MOMENT:
        return _moment(str(value))
    if kind is Kind.NUMBER:
        try:
            return float(value)
        except ValueError:
            return None
    return str(value).casefold()


def _clause(noun: Noun, name: str, predicate: str, value: str) -> Test:
    path = path_of(noun, name)
    if path is None:
        raise Refusal(400, "invalid_filter_field", f"there is no field {name} to filter by")
    value = value.replace("''", "'")
    if predicate == "~":
        return _contains(path, value)
    wanted = comparable(path.kind, value)
    if wanted is None:
        raise Refusal(400, "invalid_filter_field", f"{name} cannot be compared with {value!r}")
    compare = _COMPARE[predicate]
    parts = {part.strip() for part in str(wanted).split(",")}

    def test(told: dict[str, Any]) -> bool:
        found = [comparable(path.kind, at) for at in path.find(told)]
        if len(found) > 1 and predicate in {"=", "!="}:
            return parts.issubset(found) is (predicate == "=")
        if not found:
            return predicate == "!="
        return any(at is not None and compare(at, wanted) for at in found)

    return test


def _contains(path: Path, value: str) -> Test:
    parts = [part.strip().casefold() for part in value.split(",")]
    whole = value.casefold()

    def test(told: dict[str, Any]) -> bool:
        found = [str(at).casefold() for at in path.find(told)]
        if len(found) == 1:
            return whole in found[0] or found[0] in parts
        return any(part == at for at in found for part in parts)

    return test


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
