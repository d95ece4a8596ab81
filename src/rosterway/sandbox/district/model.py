"""The nouns of a district, free of any file format.

They are OneRoster's, so that a second writer needs no second model: an `Org` is an org, a
`Session` an academicSession, a `Section` a class, a `User` with `guardians` a user with agents.
`Course` is one teacher team's offering of a catalogue entry in a session: Canvas's course. Its
`code` and `school` together are OneRoster's course.

Dates are inclusive here; a writer whose format excludes the last day adds one.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class OrgKind(StrEnum):
    """What an org is: the root, a level's schools taken together, or a school."""

    DISTRICT = "district"
    LEVEL = "level"
    SCHOOL = "school"


class SessionKind(StrEnum):
    """OneRoster's kinds of academic session."""

    SCHOOL_YEAR = "schoolYear"
    SEMESTER = "semester"
    GRADING_PERIOD = "gradingPeriod"
    TERM = "term"


class UserKind(StrEnum):
    """What somebody is to the district before any enrollment says more."""

    STUDENT = "student"
    TEACHER = "teacher"
    AIDE = "aide"
    ADMINISTRATOR = "administrator"
    GUARDIAN = "guardian"


class Role(StrEnum):
    """What somebody is in a section."""

    STUDENT = "student"
    TEACHER = "teacher"
    TA = "ta"


class Standing(StrEnum):
    """How a user, course, section or enrollment stands; not every one can be everything."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    SUSPENDED = "suspended"
    COMPLETED = "completed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Org:
    """The district, a level or a school; `parent` is blank for the district."""

    id: str
    name: str
    kind: OrgKind
    parent: str


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of the school year, `first` and `last` day included."""

    id: str
    title: str
    kind: SessionKind
    first: date
    last: date
    parent: str
    school_year: int


@dataclass(frozen=True, slots=True)
class Course:
    """A catalogue entry as one team of teachers gives it in one school and session."""

    id: str
    school: str
    session: str
    code: str
    number: int
    title: str
    subject: str
    grades: tuple[int, ...]
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Section:
    """One class: who sits together, when and where.

    `homeroom` names the group of elementary children who share their day, blank in a timetable.
    """

    id: str
    course: str
    title: str
    period: int
    room: str
    seats: int
    homeroom: str = ""
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class User:
    """A person; `school` is where they belong first, `grade` a student's (kindergarten is 0)."""

    id: str
    kind: UserKind
    given: str
    family: str
    suffix: str
    nickname: str
    login: str
    email: str
    school: str
    grade: int | None = None
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Enrollment:
    """Somebody in a section; of the teachers one is `primary`."""

    section: str
    user: str
    role: Role
    standing: Standing = Standing.ACTIVE
    primary: bool = False


@dataclass(frozen=True, slots=True)
class Admin:
    """Somebody who administers an org."""

    user: str
    org: str


class DistrictError(ValueError):
    """What was asked for is no district, day or damage we know how to make."""
