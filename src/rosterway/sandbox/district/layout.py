"""How many schools a number of students makes, and of what kind.

A tiny district is one school under one roof; a small one has two. From there on students live in
attendance zones of about five thousand, each feeding one high school from its middle schools and
those from their elementary schools; some zones keep a small alternative school besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from rosterway.sandbox.district.luck import apportion, luck
from rosterway.sandbox.district.names import place_name

#: Above this ids would run out of digits.
MOST_STUDENTS = 1_000_000
_ZONE_STUDENTS = 5_200
_GRADES = range(13)


class Level(StrEnum):
    """Which account schools of a kind stand under."""

    ELEMENTARY = "Elementary Schools"
    MIDDLE = "Middle Schools"
    HIGH = "High Schools"


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """A school to be filled: students by grade, and up to which grade homerooms carry the day."""

    id: str
    name: str
    level: Level
    students: dict[int, int]
    homerooms_to: int
    periods: int

    @property
    def size(self) -> int:
        """How many students it has."""
        return sum(self.students.values())


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """The schools that one high school is fed from."""

    number: int
    schools: tuple[SchoolPlan, ...]


def zone_count(students: int) -> int:
    """How many attendance zones a district of this size has."""
    return max(1, round(students / _ZONE_STUDENTS))


def zone_plans(students: int, seed: int) -> Iterator[ZonePlan]:
    """Every zone of a district, one after the other; their students add up exactly."""
    rng = luck(seed, "layout")
    turn = rng.randrange(2_400)
    sizes = apportion(students, [rng.uniform(0.7, 1.3) for _ in range(zone_count(students))])
    for number, size in enumerate(sizes, 1):
        yield ZonePlan(number, tuple(_schools(number, size, turn, luck(seed, "layout", number))))


def _schools(zone: int, size: int, turn: int, rng: Random) -> Iterator[SchoolPlan]:
    by_grade = apportion(size, [rng.uniform(0.92, 1.08) for _ in _GRADES])
    opened = 0

    def school(
        level: Level, kind: str, students: dict[int, int], *, homerooms_to: int = -1
    ) -> SchoolPlan:
        nonlocal opened
        opened += 1
        place = place_name(zone * 12 + opened, turn)
        return SchoolPlan(
            id=f"{zone:03d}{opened:02d}",
            name=f"{place} {kind}",
            level=level,
            students={grade: count for grade, count in students.items() if count},
            homerooms_to=homerooms_to,
            periods=rng.choice((6, 7, 7, 8)),
        )

    def grades(first: int, last: int) -> dict[int, int]:
        return {grade: by_grade[grade] for grade in range(first, last + 1)}

    def split(first: int, last: int, ways: int) -> Iterator[dict[int, int]]:
        weights = [rng.uniform(0.6, 1.4) for _ in range(ways)]
        parts = {grade: apportion(by_grade[grade], weights) for grade in range(first, last + 1)}
        for at in range(ways):
            yield {grade: counts[at] for grade, counts in parts.items()}

    if size < 120:
        yield school(Level.HIGH, "School", grades(0, 12), homerooms_to=5)
        return
    if size < 700:
        yield school(Level.ELEMENTARY, "Elementary School", grades(0, 6), homerooms_to=6)
        yield school(Level.HIGH, "Junior-Senior High School", grades(7, 12))
        return
    for part in split(0, 5, max(1, round(size * 6 / 13 / 480))):
        yield school(Level.ELEMENTARY, "Elementary School", part, homerooms_to=5)
    for part in split(6, 8, max(1, round(size * 3 / 13 / 750))):
        yield school(Level.MIDDLE, "Middle School", part)
    high = grades(9, 12)
    if size >= 2_500 and rng.random() < 0.5:
        small = {grade: max(4, count * 4 // 100) for grade, count in high.items()}
        yield school(Level.HIGH, "Alternative High School", small)
        high = {grade: count - small[grade] for grade, count in high.items()}
    yield school(Level.HIGH, rng.choice(("High School", "High School", "Senior High")), high)
