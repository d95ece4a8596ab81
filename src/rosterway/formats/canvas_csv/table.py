"""What there is to know about one Canvas SIS CSV table, as values.

The tables themselves are in `tables`; nothing here knows a table by name.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a cell holds, which decides how it is checked and compared."""

    ID = "id"
    NAME = "name"
    LOGIN = "login"
    STATUS = "status"
    DATE = "date"
    CHOICE = "choice"
    ROLE = "role"
    EMAIL = "email"
    FLAG = "flag"
    NUMBER = "number"
    SECRET = "secret"  # noqa: S105 - the name of a kind of cell
    TEXT = "text"


class Need(StrEnum):
    """When Canvas wants a value."""

    ROW = "row"  # in every row
    NEW = "new"  # when the row makes something new
    LIVE = "live"  # in every row but one that deletes what Canvas already has
    HEADER = "header"  # the column must be there; the cell may be blank
    NO = "no"


class Without(StrEnum):
    """What Canvas does to the stored value when a cell is blank or the column is left out."""

    KEEPS = "keeps"
    CLEARS = "clears"


class Reading(StrEnum):
    """How Canvas compares a status word."""

    PREFIX = "prefix"  # case-insensitive, the beginning is enough: "activated" is active
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Reference:
    """A cell that names a row of another table."""

    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `values` are the accepted words of a CHOICE; `delete_word` says that the cell `<delete>`
    clears the value; `sticky` that Canvas keeps a change made in its own pages; `unless` names a
    column whose value makes this one unnecessary; `open` says that an instance of Canvas may accept
    more words than `values`.
    """

    name: str
    kind: Kind
    need: Need = Need.NO
    unless: str = ""
    blank: Without = Without.KEEPS
    omitted: Without = Without.KEEPS
    max_length: int = 255
    values: tuple[str, ...] = ()
    open: bool = False
    refers: Reference | None = None
    delete_word: bool = False
    sticky: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """One status word: whether the person or thing it stands on can be used under it."""

    word: str
    access: bool


@dataclass(frozen=True, slots=True)
class Header:
    """How Canvas recognises the table: one of `any_of` (each a set of columns), none of `none_of`."""

    any_of: tuple[tuple[str, ...], ...]
    none_of: tuple[str, ...] = ()

    def matches(self, names: frozenset[str]) -> bool:
        """Whether a file with these (lower-case, trimmed) column names is this table."""
        return any(names.issuperset(group) for group in self.any_of) and names.isdisjoint(
            self.none_of
        )


@dataclass(frozen=True, slots=True)
class KeyPart:
    """One part of a row's identity: the first of `columns` that has a value.

    Values of different columns are told apart; `usual` is the one most files use.
    `fold` says that letter case does not tell two values apart, `optional` that a row may leave the
    part blank by right.
    """

    columns: tuple[str, ...]
    usual: int = 0
    fold: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One Canvas SIS CSV table.

    `count` is its name in Canvas's `data.counts`, `compared` whether two snapshots of it mean
    anything, `one_of` groups of columns of which a row needs one, `gone` the status that removes
    a row, `documented` whether Canvas's public reference describes it.
    """

    name: str
    title: str
    header: Header
    key: tuple[KeyPart, ...]
    columns: tuple[Column, ...]
    statuses: tuple[Status, ...] = ()
    gone: str | None = None
    reading: Reading = Reading.PREFIX
    one_of: tuple[tuple[str, ...], ...] = ()
    count: str = ""
    compared: bool = True
    documented: bool = True
    gone_means: str = ""
    notes: tuple[str, ...] = ()
    by_name: dict[str, Column] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {column.name: column for column in self.columns})

    @property
    def access_words(self) -> tuple[str, ...]:
        """The statuses under which a row gives access."""
        return tuple(status.word for status in self.statuses if status.access)

    @property
    def status_words(self) -> tuple[str, ...]:
        """Every status Canvas knows for this table."""
        return tuple(status.word for status in self.statuses)
