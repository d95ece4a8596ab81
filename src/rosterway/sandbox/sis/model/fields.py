"""What a field of a OneRoster object can be."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """How a value is written in JSON."""

    ID = "id"
    TEXT = "text"
    URI = "uri"
    YEAR = "year"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"  #: a boolean, written as the string "true" or "false"
    NUMBER = "number"
    TOKEN = "token"  # noqa: S105 - of a vocabulary
    REF = "ref"  #: a GUIDRef: href, sourcedId and type
    PARTS = "parts"  #: objects without an id of their own
    METADATA = "metadata"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `of` names the vocabulary, the noun referred to, or the part."""

    name: str
    kind: Kind
    required: bool = False
    of: str = ""
    many: bool = False
    least: int = 0  #: how many entries a list has at least


@dataclass(frozen=True, slots=True)
class Noun:
    """An object or a part of one, closed: it has these fields and no others.

    `open` is the one exception the specification makes (credentials).
    """

    name: str
    fields: tuple[Field, ...]
    open: bool = False

    def field(self, name: str) -> Field | None:
        """The field of a name."""
        return next((field for field in self.fields if field.name == name), None)


def may(name: str, kind: Kind, of: str = "") -> Field:
    """An optional field."""
    return Field(name, kind, of=of)


def must(name: str, kind: Kind, of: str = "") -> Field:
    """A required field."""
    return Field(name, kind, required=True, of=of)


def some(name: str, kind: Kind, of: str = "", least: int = 0) -> Field:
    """A list; required where it must have an entry."""
    return Field(name, kind, required=least > 0, of=of, many=True, least=least)


def optional(field: Field) -> Field:
    """The same field where it may be left out."""
    return replace(field, required=False)
