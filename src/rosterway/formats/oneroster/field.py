"""What there is to know about one value of a OneRoster record, as values.

A `Column` is a value without a version: its name is the one the CSV binding gives it, which is the
only flat form 1EdTech has printed. How JSON names and shapes it is `nouns`' to say.
"""

from dataclasses import dataclass
from enum import StrEnum

from rosterway.formats.oneroster.vocabularies import Vocabulary
from rosterway.settings.shape import Version


class Kind(StrEnum):
    """What a value is, which decides how it is read and what its staged cell looks like."""

    ID = "id"
    TEXT = "text"
    TEXTS = "texts"  # a list; its cell is a JSON array
    CHOICE = "choice"
    CHOICES = "choices"  # a list of words; its cell is a JSON array
    FLAG = "flag"  # true | false
    DATE = "date"  # YYYY-MM-DD
    INSTANT = "instant"  # ISO 8601 in UTC, ending in Z
    YEAR = "year"  # YYYY
    NUMBER = "number"
    REF = "reference"  # the sourcedId of another record
    REFS = "references"  # a list of them; its cell is a JSON array
    PAIRS = "pairs"  # userIds; its cell is a JSON array of {type, identifier}
    PROFILES = "profiles"  # userProfiles without their passwords; a JSON array
    SECRET = "secret"  # noqa: S105 - never read past the parser
    OPEN = "open"  # metadata; a JSON object


#: Kinds whose staged cell is a JSON array.
LISTS = frozenset({Kind.TEXTS, Kind.CHOICES, Kind.REFS})


class Need(StrEnum):
    """What it means when a value is not there.

    key: the record cannot be told from another one, and is not staged.
    meaning: the record has no use without it: a problem.
    form: 1EdTech requires it, but its absence can only mean one thing: a deviation.
    delta: filled in delta files and blank in bulk files.
    no: nothing.
    absent: this version has no such value.
    """

    KEY = "key"
    MEANING = "meaning"
    FORM = "form"
    DELTA = "delta"
    NO = "no"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Column:
    """One staged column, and what the CSV binding of each version says of it.

    `dropped`: the corrected binding, 1.2.1, has it no more, and calls itself 1.2 all the same.
    """

    name: str
    kind: Kind = Kind.TEXT
    v1p1: Need = Need.NO
    v1p2: Need = Need.NO
    vocabulary: Vocabulary | None = None
    refers: str = ""
    dropped: bool = False

    def need(self, version: Version) -> Need:
        """What CSV of that version wants."""
        return self.v1p1 if version is Version.V1P1 else self.v1p2


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One staged table: a file of the CSV bundle. `introduced` None: in both versions."""

    name: str
    columns: tuple[Column, ...]
    introduced: Version | None = None

    @property
    def file(self) -> str:
        """Its file in a bundle."""
        return f"{self.name}.csv"

    @property
    def staged(self) -> tuple[str, ...]:
        """The names of the staged columns, in order: no secrets, then `metadata` and `_at`."""
        kept = [column.name for column in self.columns if column.kind is not Kind.SECRET]
        return (*kept, "metadata", "_at")

    def exists_in(self, version: Version) -> bool:
        """Whether bundles of that version may hold the file."""
        return self.introduced in {None, version}

    def columns_in(self, version: Version) -> tuple[Column, ...]:
        """The columns of that version, in the binding's order."""
        return tuple(c for c in self.columns if c.need(version) is not Need.ABSENT)
