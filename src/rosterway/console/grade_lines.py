"""The lines of a course's grid: an assignment with its most urgent state, and how it is in each class."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rosterway.console.grade_words import GRID, GridState
from rosterway.console.words import Said
from rosterway.passback.line_items import Alteration
from rosterway.passback.plan import Fix
from rosterway.passback.reasons import Reason

#: The most urgent state first.
ORDER = {state: place for place, state in enumerate(GridState)}


@dataclass(frozen=True, slots=True, kw_only=True)
class InClass:
    """An assignment in one class.

    `failed` counts its grades that failed, `differ` those apart, `turned` those that go as another
    number than Canvas's. `causes` are what else may be behind its reasons. `candidates` counts the
    line items it can be linked to, `linked` is the one somebody has chosen since.
    """

    class_id: str
    section: str
    state: GridState
    due: datetime | None
    category: str
    synced_at: datetime | None
    reasons: tuple[Reason, ...]
    alterations: tuple[Alteration, ...]
    answer: str
    failed: int
    differ: int
    turned: int
    causes: tuple[Reason, ...]
    fixes: tuple[Fix, ...]
    candidates: int
    linked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An assignment of the grid: its most urgent state, and how it is in each class."""

    assignment: str
    name: str
    group: str
    points: float | None
    places: tuple[InClass, ...]

    @property
    def state(self) -> GridState:
        """The most urgent of its states."""
        return min((one.state for one in self.places), key=ORDER.__getitem__)

    @property
    def said(self) -> Said:
        """Its state in a word."""
        return GRID[self.state]

    @property
    def dues(self) -> dict[datetime | None, list[str]]:
        """The sections by when it is due there."""
        found: dict[datetime | None, list[str]] = {}
        for one in self.places:
            found.setdefault(one.due, []).append(one.section)
        return found

    @property
    def categories(self) -> list[str]:
        """The categories it is in, each once."""
        return list(dict.fromkeys(one.category for one in self.places if one.category))

    @property
    def synced_at(self) -> datetime | None:
        """When the SIS last accepted it in any class."""
        return max((one.synced_at for one in self.places if one.synced_at), default=None)

    @property
    def reasons(self) -> dict[Reason, list[str]]:
        """Why it is so, each with the sections it is about; the same of two sections is told once."""
        return _by_section((one.section, one.reasons) for one in self.places)

    @property
    def causes(self) -> dict[Reason, list[str]]:
        """What else may be behind it, as the reasons are told."""
        return _by_section((one.section, one.causes) for one in self.places)

    @property
    def fixes(self) -> list[Fix]:
        """The changes in Canvas that are offered for it, each once."""
        return list(dict.fromkeys(fix for one in self.places for fix in one.fixes))

    @property
    def choices(self) -> list[InClass]:
        """Where somebody must say, or has said, which line item it is."""
        return [one for one in self.places if one.candidates]

    @property
    def alterations(self) -> dict[Alteration, list[str]]:
        """What goes otherwise than Canvas has it, each with the sections it is about."""
        found: dict[Alteration, list[str]] = {}
        for one in self.places:
            for alteration in one.alterations:
                found.setdefault(alteration, []).append(one.section)
        return found

    @property
    def answers(self) -> list[str]:
        """What the SIS itself said, each once."""
        return list(dict.fromkeys(one.answer for one in self.places if one.answer))

    @property
    def failed(self) -> int:
        """How many grades failed."""
        return sum(one.failed for one in self.places)

    @property
    def turned(self) -> int:
        """How many grades go as another number than Canvas's."""
        return sum(one.turned for one in self.places)

    @property
    def differ(self) -> int:
        """How many grades differ."""
        return sum(one.differ for one in self.places)


def _by_section(told: Iterable[tuple[str, Iterable[Reason]]]) -> dict[Reason, list[str]]:
    """Reasons, each with the sections it is about; the same of two sections is told once."""
    found: dict[Reason, list[str]] = {}
    first: dict[tuple[str, str], Reason] = {}
    for section, reasons in told:
        for reason in reasons:
            one = first.setdefault((reason.code, reason.remedy), reason)
            found.setdefault(one, []).append(section)
    return found
