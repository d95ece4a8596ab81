"""What an importer works with while one segment of one file goes through it.

Guarantees: a refused row leaves a message and is not counted, every other handled row is; nothing
an importer does outlives the segment unless all of it does. The rules are the importers'.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from rosterway.sandbox.canvas.importing.dates import lenient
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.knobs import Knobs
from rosterway.sandbox.canvas.state.office import Message
from rosterway.sandbox.canvas.state.options import Options
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

#: The length of any name and SIS id.
MAX_LENGTH = 255
TOO_LONG = "is too long (maximum is 255 characters)"

#: The word that clears a value where a blank would not.
DELETE = "<delete>"


@dataclass(slots=True)
class Desk:
    """One segment's unit of work, options, messages and count."""

    work: Work
    options: Options
    knobs: Knobs
    #: Who started the import; nobody can remove themselves.
    user_id: int | None
    file: str
    headers: frozenset[str]
    messages: list[Message] = field(default_factory=list[Message])
    done: int = 0

    def each(self, rows: Iterable[Row], handle: "Handler") -> None:
        """Put each row through `handle`, which says whether the row counts as done."""
        for row in rows:
            try:
                done = handle(row, self)
            except Refused as refused:
                self.note(row, str(refused))
            else:
                self.done += done

    def sift(self, rows: Iterable[Row], check: "Handler") -> list[Row]:
        """The rows that `check` lets pass; the others leave their messages now."""
        passed: list[Row] = []
        for row in rows:
            try:
                if check(row, self):
                    passed.append(row)
            except Refused as refused:
                self.note(row, str(refused))
        return passed

    def note(self, row: Row, message: str) -> None:
        """Leave a message about a row."""
        self.messages.append(Message(self.file, message, row.info(), row.line))

    def date(self, row: Row, column: str, complaint: str) -> str | None:
        """A date as Canvas reads it; an impossible one is a complaint and no date."""
        text = row.get(column)
        if text is None:
            return None
        parsed = lenient(text)
        if not parsed.possible:
            self.note(row, complaint)
        return parsed.moment

    def skips(self, status: str | None) -> bool:
        """Whether a row of this status is left out because the import skips deletes."""
        return self.options.skip_deletes and status is not None and status.startswith("deleted")


Handler = Callable[[Row, Desk], bool]


@lru_cache(maxsize=4096)
def prefix(text: str | None, words: tuple[str, ...]) -> str | None:
    """The first word the text begins with, in any letter case: how Canvas tests most statuses."""
    if text is None:
        return None
    lowered = text.lower()
    return next((word for word in words if lowered.startswith(word)), None)


@lru_cache(maxsize=4096)
def exactly(text: str | None, words: tuple[str, ...]) -> str | None:
    """The word the text is, in any letter case."""
    if text is None:
        return None
    lowered = text.lower()
    return next((word for word in words if lowered == word), None)


def truth(text: str | None) -> bool:
    """A yes-or-no value."""
    return text is not None and text.lower() in {"true", "t", "1", "yes", "y", "on"}


def too_long(**values: str | None) -> list[str]:
    """Validation errors of values that are longer than Canvas stores."""
    return [
        f"{name.replace('_', ' ').capitalize()} {TOO_LONG}"
        for name, value in values.items()
        if value is not None and len(value) > MAX_LENGTH
    ]
