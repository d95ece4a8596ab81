"""How teachers change their minds about a gradebook that is there, drawn from a seed of its own.

Pure, as `gradebook` is: what stands goes in, changes come out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random

from rosterway.sandbox.district.gradebook import AssignmentPlan, grade_for
from rosterway.sandbox.district.luck import drawn, luck


class Mind(StrEnum):
    """How a teacher changes their mind."""

    REGRADE = "regrade"
    CLEAR = "clear"
    EXCUSE = "excuse"
    UNEXCUSE = "unexcuse"
    HIDE = "hide"
    RENAME = "rename"
    REDATE = "redate"


@dataclass(frozen=True, slots=True)
class Graded:
    """An assignment as it stands: what it is worth, and who has a score or is excused."""

    key: str
    plan: AssignmentPlan
    scored: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One change; of a student's mark, or of the assignment if there is no student."""

    mind: Mind
    assignment: str
    student: str | None = None
    grade: str | None = None
    name: str | None = None
    due_at: datetime | None = None


def minds_changed(graded: Sequence[Graded], *, seed: int) -> Iterator[Change]:
    """What teachers change about assignments that are there, by a seed of its own."""
    for one in graded:
        rng = luck(seed, "minds", one.key)
        yield from _of_assignment(one, rng)
        for student in one.scored:
            draw = luck(seed, "mind", one.key, student)
            match drawn({"regrade": 60, "clear": 20, "excuse": 20}, draw):
                case "regrade":
                    share = draw.uniform(0.4, 1.0)
                    grade = grade_for(one.plan, share, draw)
                    yield Change(Mind.REGRADE, one.key, student, grade=grade)
                case "clear":
                    yield Change(Mind.CLEAR, one.key, student)
                case "excuse":
                    yield Change(Mind.EXCUSE, one.key, student)
                case _:
                    pass
        for student in one.excused:
            if luck(seed, "mind", one.key, student).random() < 0.5:
                yield Change(Mind.UNEXCUSE, one.key, student)


def _of_assignment(one: Graded, rng: Random) -> Iterator[Change]:
    match drawn({"rename": 60, "redate": 60, "hide": 40}, rng):
        case "rename":
            name = f"{one.plan.name.removesuffix(' (revised)')} (revised)"
            yield Change(Mind.RENAME, one.key, name=name)
        case "redate" if one.plan.due_at is not None:
            moved = one.plan.due_at + timedelta(days=rng.randrange(1, 8))
            yield Change(Mind.REDATE, one.key, due_at=moved)
        case "hide" if one.scored:
            yield Change(Mind.HIDE, one.key)
        case _:
            pass
