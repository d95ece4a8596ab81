"""The school year around a day: a year, two semesters, four quarters, and the summer before.

The year turns on the first of July, so that there is always one to speak of.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rosterway.sandbox.district.model import Session, SessionKind


class Span(StrEnum):
    """How long a course lasts."""

    YEAR = "year"
    SEMESTER = "semester"
    QUARTER = "quarter"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The sessions of a school year, and which of them runs on the day it was made for."""

    year: Session
    semesters: tuple[Session, ...]
    quarters: tuple[Session, ...]
    summer: Session
    running: dict[Span, str]

    @property
    def sessions(self) -> tuple[Session, ...]:
        """All of them, parents first."""
        return (self.summer, self.year, *self.semesters, *self.quarters)


def calendar_of(today: date) -> Calendar:
    """The school year `today` lies in."""
    start = today.year if today.month >= 7 else today.year - 1
    ends = start + 1
    name = f"{start}-{ends % 100:02d}"

    def session(
        part: str, title: str, kind: SessionKind, first: date, last: date, parent: str = ""
    ) -> Session:
        return Session(f"{name}-{part}", f"{title} {name}", kind, first, last, parent, ends)

    opening = _monday(date(start, 8, 15))
    closing = _monday(date(ends, 6, 1)) + timedelta(days=4)
    winter = _monday(date(ends, 1, 16))
    autumn, spring = _monday(date(start, 10, 19)), _monday(date(ends, 3, 22))
    year = session("FY", "Full Year", SessionKind.SCHOOL_YEAR, opening, closing)
    semesters = tuple(
        session(f"S{number}", f"Semester {number}", SessionKind.SEMESTER, first, last, year.id)
        for number, (first, last) in enumerate(_stretches(opening, winter, closing), 1)
    )
    quarters = tuple(
        session(
            f"Q{number}",
            f"Quarter {number}",
            SessionKind.GRADING_PERIOD,
            first,
            last,
            semesters[(number - 1) // 2].id,
        )
        for number, (first, last) in enumerate(
            _stretches(opening, autumn, winter, spring, closing), 1
        )
    )
    summer = Session(
        f"{start}-SUM",
        f"Summer School {start}",
        SessionKind.TERM,
        _monday(date(start, 6, 8)),
        _monday(date(start, 6, 8)) + timedelta(days=18),
        "",
        start,
    )
    running = {
        Span.YEAR: year.id,
        Span.SEMESTER: _current(semesters, today).id,
        Span.QUARTER: _current(quarters, today).id,
    }
    return Calendar(year, semesters, quarters, summer, running)


def _monday(day: date) -> date:
    """The first Monday from `day` on."""
    return day + timedelta(days=-day.weekday() % 7)


def _stretches(*turns: date) -> list[tuple[date, date]]:
    """From one turn to the Friday before the next; the last turn is itself a last day."""
    lasts = [turn - timedelta(days=3) for turn in turns[1:-1]] + [turns[-1]]
    return list(zip(turns[:-1], lasts, strict=True))


def _current(sessions: tuple[Session, ...], today: date) -> Session:
    """The one that runs; over a break the one just ended, before the year the first."""
    begun = [session for session in sessions if session.first <= today]
    return begun[-1] if begun else sessions[0]
