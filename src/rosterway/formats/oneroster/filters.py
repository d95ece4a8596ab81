"""OneRoster's filter grammar: at most two clauses and one logical operator (oneroster 3).

A value stands in single quotes, whatever its type. The specification knows no escape for a quote
inside; a value with one cannot be asked for reliably, so it is refused here rather than sent.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from rosterway.errors import ConfigError

_FIELD = r"[A-Za-z_][\w\-]*(?:\.[\w\-]+)*"
_CLAUSE = re.compile(rf"\s*({_FIELD})\s*(!=|>=|<=|=|>|<|~)\s*'([^']*)'\s*")
_LOGICAL = re.compile(r"(AND|OR)\b")
_REMEDY = "Write field='value', and at most one AND or OR between two of them."


class Logical(StrEnum):
    """What joins two clauses."""

    AND = "AND"
    OR = "OR"


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; `field` is a dot path."""

    field: str
    predicate: str
    value: str

    def __str__(self) -> str:
        return f"{self.field}{self.predicate}'{self.value}'"


@dataclass(frozen=True, slots=True)
class Filter:
    """One clause, or two and what joins them."""

    first: Clause
    logical: Logical | None = None
    second: Clause | None = None

    def __str__(self) -> str:
        if self.second is None:
            return str(self.first)
        return f"{self.first} {self.logical} {self.second}"

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields compared."""
        return (self.first.field, *([self.second.field] if self.second else []))


def parse(written: str) -> Filter:
    """The filter that is written.

    Raises:
        ConfigError: it breaks the grammar; a provider would refuse it, or worse, ignore it.
    """
    clauses: list[Clause] = []
    logicals: list[Logical] = []
    at = 0
    while True:
        found = _CLAUSE.match(written, at)
        if found is None:
            raise ConfigError(
                f"The filter cannot be read from “{written[at : at + 20]}” on", remedy=_REMEDY
            )
        clauses.append(Clause(found[1], found[2], found[3]))
        at = found.end()
        if at == len(written):
            break
        joined = _LOGICAL.match(written, at)
        if joined is None:
            raise ConfigError(
                f"The filter cannot be read from “{written[at : at + 20]}” on", remedy=_REMEDY
            )
        logicals.append(Logical(joined[1]))
        at = joined.end()
    if len(clauses) > 2:
        raise ConfigError("The filter has more than two clauses", remedy=_REMEDY)
    if len(clauses) == 1:
        return Filter(clauses[0])
    return Filter(clauses[0], logicals[0], clauses[1])


def changed_since(moment: datetime, other: Filter | None = None) -> Filter:
    """What was changed after a moment, and is otherwise as `other` says.

    No clause about status is ever added: it would hide what was deleted (oneroster 12).

    Raises:
        ConfigError: `other` has two clauses already, so there is no room for the date.
    """
    written = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )
    clause = Clause("dateLastModified", ">", written)
    if other is None:
        return Filter(clause)
    if other.second is not None:
        raise ConfigError(
            "A filter of two clauses leaves no room for the date of a delta pull",
            remedy="Pull in full, or make the filter one clause.",
        )
    return Filter(other.first, Logical.AND, clause)
