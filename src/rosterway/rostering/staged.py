"""A delivery as staged data: which file is which table, and how far each can be trusted.

Staged rows lie in Parquet, one file for each CSV file, cells trimmed and blank as NULL. A table's
view (`Staged.view`) puts its files together and adds `_file` (index) and `_row` (the physical line
the record starts on, the header being line 1).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from rosterway.formats.canvas_csv.table import Table
from rosterway.formats.canvas_csv.tables import BY_NAME, in_order


class Trust(StrEnum):
    """How much of a file was read."""

    WHOLE = "whole"
    PART = "part"  # its end or some of its keys are missing: it removes nothing
    NONE = "none"  # refused: it neither adds nor removes


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One CSV file. `columns` are the table's own, in file order; `rows` excludes blank ones."""

    index: int
    name: str
    table: str | None
    trust: Trust
    columns: tuple[str, ...] = ()
    rows: int = 0
    is_zero_bytes: bool = False
    has_nul: bool = False
    parquet: str | None = None
    numbered: bool = False  #: the Parquet carries `_row`; otherwise its row i is line i + 2


@dataclass(frozen=True, slots=True)
class StagedTable:
    """All files of one table."""

    name: str
    files: tuple[StagedFile, ...]

    @property
    def definition(self) -> Table:
        """The table as Canvas defines it."""
        return BY_NAME[self.name]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns any file gives, in the table's own order."""
        given = {column for file in self.files for column in file.columns}
        return tuple(column.name for column in self.definition.columns if column.name in given)

    @property
    def rows(self) -> int:
        """Rows read, of all files."""
        return sum(file.rows for file in self.files)

    @property
    def is_whole(self) -> bool:
        """Whether every file was read to its end."""
        return all(file.trust is Trust.WHOLE for file in self.files)

    @property
    def is_emptied(self) -> bool:
        """Whether the table came with a header and no rows."""
        return self.is_whole and self.rows == 0

    @property
    def readable(self) -> tuple[StagedFile, ...]:
        """The files that have rows to offer."""
        return tuple(file for file in self.files if file.parquet is not None)


@dataclass(frozen=True, slots=True)
class Staged:
    """A whole delivery, staged. `prefix` tells its views apart from another delivery's."""

    prefix: str
    files: tuple[StagedFile, ...]
    tables: Mapping[str, StagedTable] = field(default_factory=dict[str, StagedTable])

    def view(self, table: str) -> str:
        """The name of the table's view."""
        return f"{self.prefix}_{table}"

    def has_rows(self, table: str) -> bool:
        """Whether a view of the table exists."""
        return table in self.tables and bool(self.tables[table].readable)


def gather(prefix: str, files: Iterable[StagedFile]) -> Staged:
    """Sort staged files into tables, in Canvas's processing order."""
    known = tuple(files)
    names = in_order({file.table for file in known if file.table is not None})
    tables = {
        name: StagedTable(name, tuple(file for file in known if file.table == name))
        for name in names
    }
    return Staged(prefix, known, tables)
