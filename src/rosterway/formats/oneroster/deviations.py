"""Deviations: where a provider departs from the specification and can still be understood.

They are counted, one example is kept of each, and a report about them is something a vendor can act
on. What cannot be understood is no deviation but a problem (`rules`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

#: An example is a hint, not a copy.
_LONGEST_EXAMPLE = 80


@dataclass(frozen=True, slots=True)
class DeviationRule:
    """One row of the catalogue: what is done, what the specification says, how it is read."""

    code: str
    message: str
    read_as: str
    source: str


_RULES = (
    # -- answers
    DeviationRule(
        "envelope-key",
        "A collection comes under another key than its own.",
        "the collection",
        "oneroster 2: one plural key for each family of endpoints",
    ),
    DeviationRule(
        "empty-answer",
        "An empty collection is answered with no body.",
        "an empty page",
        "oneroster 2: 200 with an empty array",
    ),
    DeviationRule(
        "not-utf-8", "The answer is not UTF-8.", "the encoding it declares", "oneroster 2: UTF-8"
    ),
    DeviationRule(
        "loose-json", "The JSON holds what JSON has not.", "without it", "RFC 8259, section 8.2"
    ),
    # -- values
    DeviationRule(
        "number-for-text", "A text or an id is a JSON number.", "its digits", "1.2 OpenAPI: string"
    ),
    DeviationRule(
        "text-for-number", "A number is a JSON text.", "the number", "1.2 OpenAPI: number"
    ),
    DeviationRule(
        "boolean-json", "A flag is a JSON boolean.", "its word", '1.2 OpenAPI: "true" or "false"'
    ),
    DeviationRule(
        "boolean-word",
        "A flag is a word other than true and false.",
        "true or false",
        '1.2 OpenAPI: "true" or "false"',
    ),
    DeviationRule(
        "letter-case",
        "A word is written in another letter case.",
        "the word",
        "CSV binding: values are case-sensitive",
    ),
    DeviationRule(
        "synonym", "A word is not in the vocabulary.", "the word it stands for", "1.2 OpenAPI"
    ),
    DeviationRule(
        "extension-in-1.1",
        "A vocabulary is extended, which only 1.2 allows.",
        "the word as it is",
        "oneroster 2: 1.1 vocabularies are closed",
    ),
    DeviationRule(
        "other-version",
        "A word or a value belongs to the other version of OneRoster.",
        "what that version means by it",
        "oneroster 16",
    ),
    DeviationRule(
        "date-with-time", "A date carries a time.", "its date as written", "1.2 OpenAPI: date"
    ),
    DeviationRule(
        "date-form", "A date is not written YYYY-MM-DD.", "the date", "1.2 OpenAPI: date"
    ),
    DeviationRule(
        "date-sentinel", "A date stands for no date.", "no date", "oneroster 15.1, point 2"
    ),
    DeviationRule(
        "instant-form",
        "A moment is not written as ISO 8601 in UTC.",
        "the moment, in UTC where no zone is said",
        "oneroster 2: 2012-04-23T18:25:43.511Z",
    ),
    DeviationRule(
        "year-form", "A year is not written YYYY.", "the year the range ends in", "1.2 OpenAPI"
    ),
    DeviationRule(
        "list-as-text", "A list is one text.", "its parts between commas", "1.2 OpenAPI: array"
    ),
    DeviationRule("list-as-one", "A list is one value.", "a list of one", "1.2 OpenAPI: array"),
    DeviationRule("null-in-list", "A list holds null.", "without it", "1.2 OpenAPI"),
    DeviationRule(
        "reference-bare", "A reference is a bare id.", "that id", "1.2 OpenAPI: GUIDRefType"
    ),
    DeviationRule(
        "metadata-form", "The metadata are no object.", "no metadata", "1.2 OpenAPI: object"
    ),
    DeviationRule(
        "other-name", "A value comes under another name.", "the value meant", "1.2 OpenAPI"
    ),
    DeviationRule(
        "required-missing",
        "A required value is missing whose absence means one thing.",
        "blank (a missing status: active)",
        "1.2 OpenAPI: required",
    ),
    DeviationRule(
        "id-form",
        "A sourcedId is longer than 255 characters or has characters no id may have.",
        "as it is",
        "CSV binding: 0-9 a-z A-Z . - _ / @",
    ),
    # -- collections
    DeviationRule(
        "total-missing", "No X-Total-Count.", "read to its end", "1.2 OpenAPI: X-Total-Count"
    ),
    DeviationRule(
        "total-wrong", "X-Total-Count is no number.", "not told", "1.2 OpenAPI: X-Total-Count"
    ),
    DeviationRule(
        "limit-clamped",
        "Pages are smaller than asked for.",
        "pages as they come",
        "oneroster 3: limit",
    ),
    DeviationRule(
        "page-size-refused", "The page size is refused.", "a smaller one", "oneroster 3: limit"
    ),
    DeviationRule(
        "sort-refused", "Sorting by sourcedId is refused.", "the provider's order", "oneroster 3"
    ),
    DeviationRule(
        "fields-refused", "Choosing fields is refused.", "all fields", "oneroster 3: fields"
    ),
    DeviationRule(
        "offset-by-page",
        "Pages can only begin at multiples of their size.",
        "pages end to end",
        "oneroster 3: offset",
    ),
    DeviationRule(
        "link-elsewhere",
        "A next link leads to another host or root.",
        "the configured root",
        "RFC 8288; oneroster 3",
    ),
    DeviationRule(
        "record-twice",
        "A collection holds a sourcedId twice, each time it is read.",
        "the first of them",
        "oneroster 2: sourcedId is unique",
    ),
    # -- what has changed
    DeviationRule(
        "filter-ignored",
        "Records come that were not changed since the moment that was asked for.",
        "what it says, laid over what was there",
        "oneroster 12: filter=dateLastModified>'…'",
    ),
    DeviationRule(
        "change-undated",
        "A record is new or another one, and its dateLastModified says that nothing has changed.",
        "changed, which only a whole pull sees",
        "oneroster 12",
    ),
    # -- bundles
    DeviationRule(
        "bulk-with-status",
        "A bulk file has status or dateLastModified filled.",
        "what they say",
        "CSV binding 13.2",
    ),
    DeviationRule(
        "columns-order", "Columns stand in another order.", "by their names", "CSV binding 13.1"
    ),
    DeviationRule(
        "columns-missing", "A column of the table is missing.", "blank", "CSV binding 13.1"
    ),
    DeviationRule(
        "columns-unknown",
        "A column is neither of the table nor metadata.",
        "not read",
        "CSV binding 13.1",
    ),
    DeviationRule(
        "columns-case", "A column is written in another letter case.", "the column", "CSV binding"
    ),
    DeviationRule(
        "file-without-rows", "A file has no rows.", "no rows", "CSV binding: mark it absent"
    ),
    DeviationRule(
        "file-in-folder", "A file lies in a folder.", "the file", "CSV binding: files at the root"
    ),
)
RULES: Mapping[str, DeviationRule] = MappingProxyType({rule.code: rule for rule in _RULES})


@dataclass(frozen=True, slots=True, order=True)
class Deviation:
    """One way in which one field (or endpoint) deviates: how often, and one example of it."""

    code: str
    table: str
    field: str
    count: int
    example: str
    where: str

    @property
    def message(self) -> str:
        """What it is, in words."""
        return RULES[self.code].message

    @property
    def read_as(self) -> str:
        """What it is read as."""
        return RULES[self.code].read_as

    def as_dict(self) -> dict[str, str | int]:
        """The deviation as reports have it."""
        return {
            "code": self.code,
            "table": self.table,
            "field": self.field,
            "count": self.count,
            "example": self.example,
            "where": self.where,
            "message": self.message,
            "read_as": self.read_as,
            "source": RULES[self.code].source,
        }


@dataclass(slots=True)
class Tally:
    """Counts deviations as they are met; memory grows with their kinds, never with their number."""

    _counts: dict[tuple[str, str, str], int] = field(
        default_factory=dict[tuple[str, str, str], int]
    )
    _first: dict[tuple[str, str, str], tuple[str, str]] = field(
        default_factory=dict[tuple[str, str, str], tuple[str, str]]
    )

    def add(
        self,
        code: str,
        table: str,
        name: str = "",
        *,
        example: object = "",
        where: str = "",
        count: int = 1,
    ) -> None:
        """Count one; the first example of a kind is kept."""
        key = (code, table, name)
        self._counts[key] = self._counts.get(key, 0) + count
        if key not in self._first:
            text = str(example)
            cut = text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 1] + "…"
            self._first[key] = (cut, where)

    def take(self, others: Iterable[Deviation]) -> None:
        """Count what was counted elsewhere."""
        for other in others:
            self.add(
                other.code,
                other.table,
                other.field,
                example=other.example,
                where=other.where,
                count=other.count,
            )

    def all(self) -> tuple[Deviation, ...]:
        """Every kind met so far, in order."""
        return tuple(
            sorted(Deviation(*key, count, *self._first[key]) for key, count in self._counts.items())
        )
