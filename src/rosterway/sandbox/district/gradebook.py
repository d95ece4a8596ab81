"""What teachers put into a gradebook, drawn from a seed.

Pure: a class goes in, a gradebook of groups, assignments and marks comes out; whoever writes it into
a learning system decides how. Everything descends from the seed, the class and the student, so that
the same class is graded alike wherever and whenever it is asked for. A student's ability is their
own in every class.

Believable, and with what hurts a passback: no due date, names too long for a SIS, no points, grades
over the maximum, work handed in and never graded, and assignments nobody is to hear of.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random

from rosterway.sandbox.district.luck import drawn, luck


@dataclass(frozen=True, slots=True)
class Class:
    """Who is to be graded, and when: `first` and `last` day of the term."""

    key: str
    title: str
    first: date
    last: date
    students: tuple[str, ...]
    #: Section -> its students, where there are several.
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(frozen=True, slots=True)
class GroupPlan:
    """A grading category and its weight in percent."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class MarkPlan:
    """What became of one student's work. Without a grade it waits, or is excused or missing."""

    student: str
    grade: str | None = None
    submitted_at: datetime | None = None
    excused: bool = False
    missing: bool = False


@dataclass(frozen=True, slots=True)
class AssignmentPlan:
    """An assignment and the marks its students have so far."""

    name: str
    group: int
    points: float
    due_at: datetime | None
    grading_type: str = "points"
    submission_type: str = "on_paper"
    post_to_sis: bool = True
    published: bool = True
    omit_from_final_grade: bool = False
    post_manually: bool = False
    section_due: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    student_due: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    marks: tuple[MarkPlan, ...] = ()


GROUPS = (
    GroupPlan("Homework", 20),
    GroupPlan("Quizzes", 20),
    GroupPlan("Tests", 40),
    GroupPlan("Participation", 20),
)

#: One round of teaching: name, group, points, whether it is handed in online.
_ROUND = (
    ("Homework {n}", 0, 10.0, True),
    ("Quiz {n}", 1, 20.0, False),
    ("Homework {n}, second part", 0, 15.0, True),
    ("Class work, unit {n}", 3, 5.0, False),
    ("Unit {n} test", 2, 100.0, False),
)
_LONG = "{name}: what we learned, what we wondered about, and what we would try another time"

#: What is odd about an assignment -> how many in a thousand.
_ODD = {
    "long name": 40,
    "no due date": 30,
    "no points": 25,
    "not for the SIS": 60,
    "unpublished": 30,
    "omitted": 30,
    "hidden": 40,
    "letter": 60,
    "percent": 50,
    "pass or fail": 50,
    "section dates": 60,
    "student dates": 60,
}
#: What becomes of a student's work -> how many in a thousand; the rest is graded.
_FATES = {
    "excused": 25,
    "missing": 35,
    "marked missing": 15,
    "waiting": 40,
    "late": 40,
    "over": 15,
    "zero": 20,
}
_LETTERS = ("A", "A-", "B+", "B", "B-", "C+", "C", "C-", "D", "F")


def gradebook_of(
    room: Class, *, seed: int, today: date, assignments: int = 12
) -> tuple[AssignmentPlan, ...]:
    """The assignments of a class in the groups of `GROUPS`, marked as far as they are due."""
    plans: list[AssignmentPlan] = []
    days = max(1, (room.last - room.first).days)
    for at in range(assignments):
        rng = luck(seed, "assignment", room.key, at)
        pattern, group, points, online = _ROUND[at % len(_ROUND)]
        due = room.first + timedelta(days=(at + 1) * days // (assignments + 1))
        plan = AssignmentPlan(
            name=pattern.format(n=at // len(_ROUND) + 1),
            group=group,
            points=points,
            due_at=datetime.combine(due, time(23, 59, 59), UTC),
            submission_type="online_text_entry" if online else "on_paper",
        )
        plan = _odd(plan, room, rng)
        if plan.published and (plan.due_at is None or plan.due_at.date() < today):
            marks = _marks(plan, room, seed, at, today)
            plan = replace(plan, marks=tuple(marks))
        plans.append(plan)
    return tuple(plans)


def _odd(plan: AssignmentPlan, room: Class, rng: Random) -> AssignmentPlan:
    match drawn(_ODD, rng):
        case "long name":
            return replace(plan, name=_LONG.format(name=plan.name))
        case "no due date":
            return replace(plan, due_at=None)
        case "no points":
            return replace(plan, points=0.0)
        case "not for the SIS":
            return replace(plan, post_to_sis=False)
        case "unpublished":
            return replace(plan, published=False)
        case "omitted":
            return replace(plan, omit_from_final_grade=True)
        case "hidden":
            return replace(plan, post_manually=True)
        case "letter":
            return replace(plan, grading_type="letter_grade")
        case "percent":
            return replace(plan, grading_type="percent")
        case "pass or fail":
            return replace(plan, grading_type="pass_fail")
        case "section dates" if plan.due_at and room.sections:
            due = plan.due_at
            return replace(
                plan,
                section_due={
                    name: due + timedelta(days=later) for later, name in enumerate(room.sections)
                },
            )
        case "student dates" if plan.due_at and room.students:
            due = plan.due_at + timedelta(days=7)
            return replace(plan, student_due={rng.choice(room.students): due})
        case _:
            return plan


def _marks(
    plan: AssignmentPlan, room: Class, seed: int, at: int, today: date
) -> Iterator[MarkPlan]:
    for student in room.students:
        rng = luck(seed, "mark", room.key, at, student)
        fate = drawn(_FATES, rng)
        due = plan.student_due.get(student, plan.due_at)
        handed: datetime | None = None
        if plan.submission_type.startswith("online") and due and "missing" not in (fate or ""):
            late = timedelta(hours=rng.randrange(2, 72))
            handed = due + (late if fate == "late" else -late)
        if handed is not None and handed.date() >= today:
            handed = due
        match fate:
            case "excused":
                yield MarkPlan(student, excused=True)
            case "missing":
                continue
            case "marked missing":
                yield MarkPlan(student, missing=True)
            case "waiting":
                if handed is not None:
                    yield MarkPlan(student, submitted_at=handed)
            case _:
                share = _share(fate, ability(seed, student), rng)
                yield MarkPlan(student, grade_for(plan, share, rng), handed)


@lru_cache(maxsize=200_000)
def ability(seed: int, student: str) -> float:
    """How much of full points a student gets on an ordinary day."""
    return min(1.0, max(0.35, luck(seed, "ability", student).gauss(0.82, 0.12)))


def grade_for(plan: AssignmentPlan, share: float, rng: Random) -> str:
    """A share of full points as a teacher would type it."""
    match plan.grading_type:
        case "pass_fail":
            return "complete" if share >= 0.6 else "incomplete"
        case "percent":
            return f"{round(share * 100)}%"
        case "letter_grade":
            return _LETTERS[min(len(_LETTERS) - 1, max(0, int((0.99 - share) * 100) // 4))]
        case _ if not plan.points:
            return str(rng.randrange(3))
        case _:
            step = 2 if rng.random() < 0.2 else 1
            return f"{round(share * plan.points * step) / step:g}"


def _share(fate: str | None, usual: float, rng: Random) -> float:
    if fate == "zero":
        return 0.0
    if fate == "over":
        return 1.0 + rng.randrange(1, 4) * 0.05
    return min(1.0, max(0.0, rng.gauss(usual, 0.08)))
