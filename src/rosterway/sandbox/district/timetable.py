"""Who sits in which class in which period, without a clash.

Greedy, rarest course first: while everybody is still free a small course fits into one section;
the large ones come last and have sections in every period. Whoever finds no seat in a free period
squeezes in or opens a new section there, so that everybody ends with a full day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from random import Random

from rosterway.sandbox.district.catalogue import ELECTIVE, REQUIRED, TIMETABLED, Entry

#: How many seats are kept for those whose timetable leaves no choice.
_SPARE = 4
#: Classes smaller than this are given up.
_HANDFUL = 6


@dataclass(slots=True)
class Planned:
    """A section without a teacher yet."""

    entry: Entry
    period: int
    students: list[str] = field(default_factory=list[str])


class Requests:
    """What students of one school ask for, by grade."""

    def __init__(self, size: int, periods: int) -> None:
        self._periods = periods
        self._offered = [entry for entry in TIMETABLED if entry.size <= size]
        self._choices: dict[tuple[int, tuple[str, ...]], tuple[list[Entry], list[int]]] = {}

    def of_student(self, grade: int, rng: Random) -> list[Entry]:
        """One course of each required subject, then electives until every period is full."""
        wanted = [self._choose(grade, (subject,), rng) for subject in REQUIRED]
        while len(wanted) < self._periods:
            entry = self._choose(grade, ELECTIVE, rng)
            if entry not in wanted:
                wanted.append(entry)
        return wanted

    def _choose(self, grade: int, subjects: tuple[str, ...], rng: Random) -> Entry:
        if (grade, subjects) not in self._choices:
            entries = [
                entry
                for entry in self._offered
                if entry.subject in subjects and entry.lowest <= grade <= entry.highest
            ]
            weights = list(accumulate(entry.weight for entry in entries))
            self._choices[grade, subjects] = entries, weights
        entries, weights = self._choices[grade, subjects]
        return rng.choices(entries, cum_weights=weights)[0]


def timetable(
    requests: Mapping[str, Sequence[Entry]], grades: Mapping[str, int], periods: int
) -> list[Planned]:
    """Sections for what everybody asked for, at most `periods` courses each.

    Whoever would sit in a class of a handful gets its neighbour instead: the same subject, or
    another elective, in the same period.
    """
    asking: dict[Entry, list[str]] = {}
    for student, entries in requests.items():
        for entry in entries:
            asking.setdefault(entry, []).append(student)
    free = {student: list(range(1, periods + 1)) for student in requests}
    load = dict.fromkeys(range(1, periods + 1), 0)
    planned: list[Planned] = []
    for entry in sorted(asking, key=lambda entry: (len(asking[entry]), entry.code)):
        opened = _seat(entry, asking[entry], free, load)
        for section in opened:
            load[section.period] += 1
        planned.extend(opened)
    _dissolve(planned, {student: list(requests[student]) for student in requests}, grades)
    return [section for section in planned if section.students]


def _seat(
    entry: Entry, students: list[str], free: dict[str, list[int]], load: dict[int, int]
) -> list[Planned]:
    """Sections of one course, of about equal size."""
    usual = entry.seats - _SPARE
    seats = ceil(len(students) / ceil(len(students) / usual))
    opened: list[Planned] = []
    filling: dict[int, Planned] = {}
    full: dict[int, Planned] = {}
    count = dict.fromkeys(load, 0)
    for student in students:
        periods = free[student]
        at = next((period for period in periods if period in filling), None)
        if at is None:
            at = next((period for period in periods if period in full), None)
        if at is None:
            at = min(periods, key=lambda period: (count[period], load[period]))
            filling[at] = Planned(entry, at)
            opened.append(filling[at])
            count[at] += 1
        section = filling.get(at) or full[at]
        section.students.append(student)
        periods.remove(at)
        if len(section.students) == seats:
            full[at] = filling.pop(at)
        if len(section.students) >= usual + _SPARE // 2:
            full.pop(at, None)
    return opened


def _dissolve(
    planned: list[Planned], taking: dict[str, list[Entry]], grades: Mapping[str, int]
) -> None:
    """Empty the smallest sections into others of their kind and period, where there is room."""
    hosts: dict[tuple[str, int], list[Planned]] = {}
    for section in planned:
        hosts.setdefault((_kind(section.entry), section.period), []).append(section)
    for section in planned:
        if len(section.students) >= _HANDFUL:
            continue
        for student in tuple(section.students):
            for host in hosts[_kind(section.entry), section.period]:
                if (
                    _HANDFUL <= len(host.students) < host.entry.seats
                    and host.entry.lowest <= grades[student] <= host.entry.highest
                    and (host.entry is section.entry or host.entry not in taking[student])
                ):
                    section.students.remove(student)
                    host.students.append(student)
                    taking[student].remove(section.entry)
                    taking[student].append(host.entry)
                    break


def _kind(entry: Entry) -> str:
    """What may stand in for what."""
    return entry.subject if entry.subject in REQUIRED else "elective"
