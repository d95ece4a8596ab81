"""A workbook of rosters: everything one attendance zone would send tonight.

`zones` fills it, `days` and `alarms` change it in place, a writer reads it. It keeps enrollments
findable from both ends and lets nothing dangle: who goes takes their enrollments and links along.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rosterway.sandbox.district.model import (
    Admin,
    Course,
    Enrollment,
    Org,
    Role,
    Section,
    Standing,
    User,
    UserKind,
)
from rosterway.sandbox.district.people import Registrar
from rosterway.sandbox.district.sessions import Calendar


@dataclass(slots=True)
class Roster:
    """The rosters of one zone, by id; `zone` 0 is the district office, which has no schools."""

    zone: int
    calendar: Calendar
    registrar: Registrar
    orgs: dict[str, Org] = field(default_factory=dict[str, Org])
    courses: dict[str, Course] = field(default_factory=dict[str, Course])
    sections: dict[str, Section] = field(default_factory=dict[str, Section])
    users: dict[str, User] = field(default_factory=dict[str, User])
    rolls: dict[str, dict[str, Enrollment]] = field(
        default_factory=dict[str, dict[str, Enrollment]]
    )  #: by section, then user
    schedules: dict[str, dict[str, Enrollment]] = field(
        default_factory=dict[str, dict[str, Enrollment]]
    )  #: the same, by user, then section
    guardians: dict[str, dict[str, str]] = field(
        default_factory=dict[str, dict[str, str]]
    )  #: by student, then guardian: what they are to each other
    wards: dict[str, dict[str, str]] = field(
        default_factory=dict[str, dict[str, str]]
    )  #: the same, by guardian, then student
    crosslists: dict[str, str] = field(default_factory=dict[str, str])  #: section -> course
    admins: list[Admin] = field(default_factory=list[Admin])

    # -- reading -----------------------------------------------------------------------------

    def students(self) -> list[User]:
        """Who is enrolled in school now."""
        return [
            user
            for user in self.users.values()
            if user.kind is UserKind.STUDENT and user.standing is Standing.ACTIVE
        ]

    def schedule(self, user: str) -> list[Enrollment]:
        """The sections somebody sits or works in now."""
        return [
            enrollment
            for enrollment in self.schedules.get(user, {}).values()
            if enrollment.standing is Standing.ACTIVE
        ]

    def roll(self, section: str, role: Role = Role.STUDENT) -> list[Enrollment]:
        """Who sits (or works) in a section now."""
        return [
            enrollment
            for enrollment in self.rolls.get(section, {}).values()
            if enrollment.role is role and enrollment.standing is Standing.ACTIVE
        ]

    def enrollments(self) -> Iterator[Enrollment]:
        """Every enrollment, section by section."""
        for roll in self.rolls.values():
            yield from roll.values()

    def school_of(self, section: Section) -> str:
        """The school a section belongs to."""
        return self.courses[section.course].school

    def free_at(self, user: str, period: int) -> bool:
        """Whether somebody has nothing to do in a period."""
        return all(
            self.sections[enrollment.section].period != period for enrollment in self.schedule(user)
        )

    # -- writing -----------------------------------------------------------------------------

    def add_section(self, section: Section) -> None:
        """Open a section, nobody in it yet."""
        self.sections[section.id] = section
        self.rolls[section.id] = {}

    def add_user(self, user: User) -> None:
        """Take somebody in."""
        self.users[user.id] = user

    def enroll(self, enrollment: Enrollment) -> None:
        """Put somebody in a section, or change how they stand in it."""
        self.rolls[enrollment.section][enrollment.user] = enrollment
        self.schedules.setdefault(enrollment.user, {})[enrollment.section] = enrollment

    def drop(self, enrollment: Enrollment) -> None:
        """Take somebody out of a section, without a trace."""
        del self.rolls[enrollment.section][enrollment.user]
        del self.schedules[enrollment.user][enrollment.section]

    def move(self, enrollment: Enrollment, section: str) -> None:
        """Take somebody out of a section and put them into another."""
        self.drop(enrollment)
        self.enroll(replace(enrollment, section=section))

    def link(self, guardian: str, student: str, relation: str) -> None:
        """Let somebody watch over a student."""
        self.guardians.setdefault(student, {})[guardian] = relation
        self.wards.setdefault(guardian, {})[student] = relation

    def remove_section(self, section: str) -> None:
        """Close a section, without a trace."""
        for enrollment in list(self.rolls[section].values()):
            self.drop(enrollment)
        del self.rolls[section]
        del self.sections[section]
        self.crosslists.pop(section, None)

    def remove_user(self, user: str) -> None:
        """Forget somebody, and the guardians who have no other child here."""
        for enrollment in list(self.schedules.pop(user, {}).values()):
            del self.rolls[enrollment.section][user]
        for student in self.wards.pop(user, {}):
            del self.guardians[student][user]
        for guardian in self.guardians.pop(user, {}):
            del self.wards[guardian][user]
            if not self.wards[guardian]:
                self.remove_user(guardian)
        self.admins = [admin for admin in self.admins if admin.user != user]
        del self.users[user]
