"""Who teaches: teachers are hired as sections need them, and courses belong to their teachers.

A Canvas course is what one teacher gives of one catalogue entry in one session. Its id counts the
offerings and never names the teacher, so that a change of teacher leaves it alone.
"""

from dataclasses import dataclass, field
from random import Random

from rosterway.sandbox.district.catalogue import SUBJECTS, Entry
from rosterway.sandbox.district.model import (
    Course,
    Enrollment,
    Role,
    Section,
    Standing,
    UserKind,
)
from rosterway.sandbox.district.roster import Roster

#: In a small school one teacher gives several subjects.
_POOLED = {
    "ELA": "humanities",
    "SOC": "humanities",
    "WLG": "humanities",
    "MTH": "sciences",
    "SCI": "sciences",
    "CTE": "sciences",
    "ART": "arts and sport",
    "PHE": "arts and sport",
}


@dataclass(slots=True)
class Desk:
    """A teacher's or aide's place: where it is, and when it is taken."""

    user: str
    room: str
    busy: set[int] = field(default_factory=set[int])
    codes: set[str] = field(default_factory=set[str])


class School:
    """One school of a roster while it is being staffed."""

    def __init__(
        self, roster: Roster, school: str, *, periods: int, small: bool, rng: Random
    ) -> None:
        self.roster = roster
        self.id = school
        self.small = small
        self.rng = rng
        self._most = max(1, periods - 1)
        self._desks: dict[str, list[Desk]] = {}
        self._offered: dict[tuple[str, str, str], Course] = {}
        self._numbers: dict[str, int] = {}
        self._rooms = 100

    def hire(self, kind: UserKind = UserKind.TEACHER) -> Desk:
        """Somebody new, with a room."""
        user = self.roster.registrar.staff(self.rng, kind, self.id)
        self.roster.add_user(user)
        return self.desk_for(user.id)

    def desk_for(self, user: str) -> Desk:
        """A room for somebody."""
        self._rooms += self.rng.choice((1, 1, 1, 2))
        return Desk(user, f"{self.rng.choice('ABC')}{self._rooms}")

    def free_desk(
        self, subject: str, period: int, code: str = "", kind: UserKind = UserKind.TEACHER
    ) -> Desk:
        """Somebody of a subject who is free in a period, best somebody who gives `code` already."""
        staff = _POOLED.get(subject, subject) if self.small else subject
        desks = self._desks.setdefault(staff, [])
        able = [desk for desk in desks if period not in desk.busy and len(desk.busy) < self._most]
        desk = next((desk for desk in able if code in desk.codes), able[0] if able else None)
        if desk is None:
            desk = self.hire(kind)
            desks.append(desk)
        desk.busy.add(period)
        desk.codes.add(code)
        return desk

    def course(
        self, entry: Entry, session: str, teacher: str, standing: Standing = Standing.ACTIVE
    ) -> Course:
        """The teacher's offering of an entry, made when there is none."""
        found = self._offered.get((entry.code, session, teacher))
        if found is None:
            number = self._numbers[entry.code] = self._numbers.get(entry.code, 0) + 1
            found = Course(
                id=f"{session}-{self.id}-{entry.code}-{number:02d}",
                school=self.id,
                session=session,
                code=entry.code,
                number=number,
                title=entry.title,
                subject=SUBJECTS[entry.subject],
                grades=entry.grades,
                standing=standing,
            )
            self._offered[entry.code, session, teacher] = found
            self.roster.courses[found.id] = found
        return found

    def open_section(
        self, course: Course, desk: Desk, *, period: int, seats: int, homeroom: str = ""
    ) -> Section:
        """A section with its teacher."""
        where = f"Period {period}" if period else f"Room {desk.room}"
        section = Section(
            id=self.roster.registrar.section_id(self.id),
            course=course.id,
            title=f"{course.title}, {where}",
            period=period,
            room=desk.room,
            seats=seats,
            homeroom=homeroom,
        )
        self.roster.add_section(section)
        standing = Standing.ACTIVE
        if course.standing is Standing.COMPLETED:
            standing = Standing.COMPLETED
        self.roster.enroll(Enrollment(section.id, desk.user, Role.TEACHER, standing, primary=True))
        return section

    def help_in(self, section: Section, *, coteacher: float, aide: float) -> None:
        """A second teacher or an aide, as likely as said."""
        if self.rng.random() < coteacher:
            second = self.free_desk("SPE", section.period)
            self.roster.enroll(Enrollment(section.id, second.user, Role.TEACHER))
        if self.rng.random() < aide:
            helper = self.free_desk("AID", section.period, kind=UserKind.AIDE)
            self.roster.enroll(Enrollment(section.id, helper.user, Role.TA))


class Specialists:
    """Teachers of art, music and sport, who may serve two small schools of a zone."""

    _MOST = 24

    def __init__(self) -> None:
        self._left: dict[str, tuple[str, int]] = {}

    def take(self, school: School, subject: str, homerooms: int) -> list[Desk]:
        """Somebody for each of the school's homerooms."""
        user, left = self._left.get(subject, ("", 0))
        desks: list[Desk] = []
        desk = school.desk_for(user) if homerooms <= left else None
        for _ in range(homerooms):
            if desk is None or left == 0:
                desk, left = school.hire(), self._MOST
            desks.append(desk)
            left -= 1
        if desk:
            self._left[subject] = desk.user, left
        return desks
