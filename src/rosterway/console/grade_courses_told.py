"""The list of courses whose grades are synced: how each is, what waits, and what comes next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rosterway.console.access import Desk
from rosterway.console.grade_words import NEVER_SYNCED
from rosterway.console.told import doing, said_of
from rosterway.console.words import Said, Tone
from rosterway.runs.grades.asked import GRADES
from rosterway.runs.schedules import next_moment
from rosterway.settings.shape import Courses
from rosterway.store import grade_courses, grade_plans, runs
from rosterway.store.grade_courses import GradeCourse
from rosterway.store.grade_plans import GradePlan, GradePlanState
from rosterway.store.runs import Run

#: So many plans that wait are looked at.
_MOST_WAITING = 1_000


class Which(StrEnum):
    """Which courses a list shows."""

    ALL = ""
    WAITING = "waiting"
    TROUBLED = "troubled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldCourse:
    """A course of the list."""

    course: GradeCourse
    said: Said
    last: Run | None
    waiting: GradePlan | None
    following: str

    @property
    def waits(self) -> str:
        """Why its plan waits."""
        return first_why(self.waiting) if self.waiting else ""

    @property
    def synced_at(self) -> datetime | None:
        """When a sync last came to its end."""
        return self.course.synced_at


def courses_told(desk: Desk, *, search: str = "", which: Which = Which.ALL) -> list[ToldCourse]:
    """The courses that are asked for: those that wait first, then those in trouble, by name."""
    handle = desk.handle
    waiting = {
        one.course: one
        for one in grade_plans.latest(handle, state=GradePlanState.WAITING, limit=_MOST_WAITING)
    }
    asked = search.strip().casefold()
    found = [
        _told(desk, one, waiting.get(one.course))
        for one in grade_courses.every(handle)
        if asked in f"{one.name}\n{one.sis_id or ''}\n{one.course}".casefold()
        and (which is not Which.WAITING or one.course in waiting)
    ]
    if which is Which.TROUBLED:
        found = [one for one in found if one.said.tone is Tone.BAD]
    return sorted(found, key=_urgency)


def _urgency(told: ToldCourse) -> tuple[bool, bool, str, str]:
    is_bad = told.said.tone is Tone.BAD
    return (told.waiting is None, not is_bad, told.course.name.casefold(), told.course.course)


def waiting_plans(desk: Desk) -> list[GradePlan]:
    """The grade plans that wait for a person, the oldest first."""
    found = grade_plans.latest(desk.handle, state=GradePlanState.WAITING, limit=_MOST_WAITING)
    return found[::-1]


def first_why(plan: GradePlan) -> str:
    """The first reason a plan waits, in words, and how many more there are."""
    why: list[str] = list(plan.summary.get("why", ()))
    if len(why) < 2:
        return why[0] if why else "It waits for a person."
    more = len(why) - 1
    return f"{why[0]} And {more} more {'reason' if more == 1 else 'reasons'}."


def names_of(courses: Iterable[GradeCourse]) -> dict[str, str]:
    """Names by Canvas id."""
    return {one.course: one.name or f"Course {one.course}" for one in courses}


def following(desk: Desk, course: GradeCourse | None, going: Run | None, *, waits: bool) -> str:
    """What happens next with a course, if nobody does anything."""
    if going is not None:
        return f"{doing(going)}."
    if waits:
        return "Nothing is sent until somebody has looked at what would be."
    grades = desk.office.tenant(desk.tenant.name).grades
    if grades is None:
        return "Nothing: the configuration does not say how grades go back."
    is_taken = grades.courses is Courses.ALL or (course is not None and course.nightly)
    if grades.schedule is None or not is_taken:
        return "Syncs when somebody asks for it."
    zone = desk.office.tenant(desk.tenant.name).time_zone
    return f"Syncs next at {desk.times.moment(next_moment(grades.schedule, zone, desk.now))}."


def _told(desk: Desk, course: GradeCourse, waiting: GradePlan | None) -> ToldCourse:
    found = runs.latest(desk.handle, course=course.course, kind=GRADES, limit=1)
    last = found[0] if found else None
    going = last if last is not None and last.ended_at is None else None
    return ToldCourse(
        course=course,
        said=said_of(desk.handle, last) if last else NEVER_SYNCED,
        last=last,
        waiting=waiting,
        following=following(desk, course, going, waits=waiting is not None),
    )
