"""Nights between two deliveries, by name: what changes from one day's files to the next's.

Day 1 is the first load; day N has had N - 1 nights. A night depends on the seed, the zone and how
many nights went before, so that day 3 is day 2 and one night more, whoever asks and in whatever
order. Shares are of the students of a zone; once-a-night events are rarer where students are few.
"""

from dataclasses import dataclass
from random import Random

from rosterway.sandbox.district import happenings
from rosterway.sandbox.district.district import Change, District
from rosterway.sandbox.district.luck import share_of
from rosterway.sandbox.district.model import DistrictError
from rosterway.sandbox.district.roster import Roster

#: A zone of so many students has one of each once-a-night event a night.
_EVENTFUL = 150
_RENAMED = 0.0005


@dataclass(frozen=True, slots=True)
class Pace:
    """How many of the students leave, join and change class in a night."""

    leaving: float
    joining: float
    moving: float


_ORDINARY = Pace(leaving=0.005, joining=0.004, moving=0.02)
_BUSY = Pace(leaving=0.006, joining=0.012, moving=0.05)


def ordinary(roster: Roster, rng: Random) -> None:
    """A night in the middle of a term."""
    _night(roster, rng, _ORDINARY)


def busy(roster: Roster, rng: Random) -> None:
    """A night of the first weeks, when schedules are still being made."""
    _night(roster, rng, _BUSY)


#: Every kind of night.
NIGHTS: dict[str, Change] = {"ordinary": ordinary, "busy": busy}


def on_day(district: District, day: int, *, night: str = "ordinary") -> District:
    """The district on its Nth day, counted from the first load, after nights of one kind.

    Raises:
        DistrictError: there is no such day or night.
    """
    if day < 1:
        message = f"days are counted from 1, not {day}"
        raise DistrictError(message)
    if night not in NIGHTS:
        message = f"no kind of night is called {night!r}; there are {', '.join(NIGHTS)}"
        raise DistrictError(message)
    return district.after(*[NIGHTS[night]] * (day - 1))


def _night(roster: Roster, rng: Random, pace: Pace) -> None:
    students = roster.students()
    if not students:
        return
    openings = happenings.Openings.of(roster)
    wanted = share_of(len(students), pace.moving, rng)
    for student in rng.sample(students, len(students)):
        if not wanted:
            break
        wanted -= happenings.change_class(roster, openings, student, rng)
    leaving = min(share_of(len(students), pace.leaving, rng), len(students) - 1)
    for student in rng.sample(students, leaving):
        happenings.leave(roster, student, rng)
    students = roster.students()
    for classmate in rng.sample(students, share_of(len(students), pace.joining, rng)):
        happenings.join(roster, classmate, rng)
    for _ in range(max(1, share_of(len(roster.users), _RENAMED, rng))):
        happenings.change_name(roster, rng)
    _events(roster, openings, rng, chance=len(students) / _EVENTFUL)


def _events(roster: Roster, openings: happenings.Openings, rng: Random, *, chance: float) -> None:
    if rng.random() < chance:
        happenings.rename_course(roster, rng)
    if rng.random() < chance:
        happenings.swap_teacher(roster, rng)
    if rng.random() < chance:
        happenings.add_observer(roster, rng.choice(roster.students()), rng)
    if chance >= 1:
        happenings.open_section(roster, openings, rng)
        happenings.merge_sections(roster, openings, rng)
