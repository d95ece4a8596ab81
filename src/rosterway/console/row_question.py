"""A question about a plan's rows: what is asked, and the files that hold the answer."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rosterway.console.access import Desk
from rosterway.console.lookup import artefact
from rosterway.console.names import Directory, directory_of
from rosterway.runs.artefacts import CHANGES, REMOVALS
from rosterway.runs.balance import CLASSES
from rosterway.runs.deliver import index_of
from rosterway.store.plans import Plan


class What(StrEnum):
    """Which rows of a table."""

    ALL = "all"
    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"
    MOVED = "moved"
    SPARED = "spared"

    @property
    def is_removal(self) -> bool:
        """Whether these rows are in the file of removals, with their reasons."""
        return self in {What.REMOVED, What.MOVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a reader wants to see; `after` or `before` is the number of a row."""

    table: str
    what: What = What.ALL
    school: str = ""
    klass: str = ""
    search: str = ""
    after: int | None = None
    before: int | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether it is more than a table and a kind of change."""
        return bool(self.school or self.klass or self.search)

    @property
    def query(self) -> dict[str, object]:
        """Its parts as a page's address has them, without the place in the list."""
        return {
            "table": self.table,
            "what": self.what.value,
            "school": self.school,
            "class": self.klass,
            "q": self.search,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The files a question is put to."""

    asked: Asked
    columns: tuple[str, ...]
    changes: Path | None
    removals: Path | None
    classes: Path | None
    directory: Directory
    sees_people: bool

    @property
    def main(self) -> Path | None:
        """The file whose rows are listed."""
        return self.removals if self.asked.what.is_removal else self.changes

    @property
    def files(self) -> list[Path]:
        """Everything the calculator must see."""
        own = [self.changes, self.removals, self.classes]
        return [*(path for path in own if path), *self.directory.files]


def source_of(desk: Desk, plan: Plan, asked: Asked) -> Source:
    """Where the answer lies."""
    columns: tuple[str, ...] = ()
    changes = artefact(desk, plan, f"{CHANGES}/{asked.table}.parquet")
    if changes is not None:
        columns = tuple(index_of(desk.handle, plan).columns[asked.table])
    return Source(
        asked=asked,
        columns=columns,
        changes=changes,
        removals=artefact(desk, plan, REMOVALS),
        classes=artefact(desk, plan, CLASSES),
        directory=directory_of(desk, plan),
        sees_people=desk.sees_people,
    )
