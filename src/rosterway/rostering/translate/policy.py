"""How a OneRoster roster becomes a Canvas roster: every choice there is, with its default.

A policy is one frozen value; `policy_document` reads it from TOML. Defaults follow
instructure-integration.md, S9 and section 9, and where those leave a choice, the careful side: who
may see a child is told by the child's own record, nobody teaches by a role nobody mapped, and what
is left out is reported.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from rosterway.settings.plain import as_data
from rosterway.settings.values import frozen

#: The word for a role that gets no place in Canvas.
LEAVE_OUT = "leave-out"


class District(StrEnum):
    """What the district itself is: Canvas's root account, or a sub-account."""

    ROOT = "root"
    ACCOUNT = "account"


class Accounts(StrEnum):
    """Which orgs become sub-accounts: all below the root, schools only, or none."""

    TREE = "tree"
    SCHOOLS = "schools"
    NONE = "none"


class Merge(StrEnum):
    """Which academic sessions are one Canvas term."""

    NONE = "none"
    COMMON_ID = "common-id"
    SCHOOL_YEAR = "school-year"


class GradingPeriods(StrEnum):
    """What a class in a grading period is in: that, or the session above it."""

    TERM = "term"
    PARENT = "parent"


class SchoolYears(StrEnum):
    """Which school years' classes are taken."""

    CURRENT = "current"
    ALL = "all"


class End(StrEnum):
    """Whether an end date is the first day after (OneRoster) or the last day (some providers)."""

    EXCLUSIVE = "exclusive"
    INCLUSIVE = "inclusive"


class CoursePer(StrEnum):
    """What is one Canvas course."""

    CLASS = "class"
    COURSE = "course"


class CourseStatus(StrEnum):
    """The status of a course in use."""

    ACTIVE = "active"
    PUBLISHED = "published"


class Homerooms(StrEnum):
    """What becomes of homeroom classes."""

    COURSE = "course"
    HOMEROOM_COURSE = "homeroom-course"
    LEAVE_OUT = "leave-out"


class Preferred(StrEnum):
    """What is made of preferred names (1.2)."""

    IGNORE = "ignore"
    SHORT_NAME = "short-name"
    FIRST_NAME = "first-name"


class Disabled(StrEnum):
    """What `enabledUser` false becomes."""

    SUSPENDED = "suspended"
    ACTIVE = "active"


class GoneUser(StrEnum):
    """What a user to be deleted becomes."""

    DELETED = "deleted"
    SUSPENDED = "suspended"


class Kin(StrEnum):
    """Which people who are kin and nothing else become users."""

    OBSERVERS = "observers"
    ALL = "all"
    NONE = "none"


class EnrollmentDates(StrEnum):
    """Which dates of enrollments Canvas is given: all, those that are not the term's, none."""

    SEND = "send"
    OWN = "own"
    NONE = "none"


class Fill(StrEnum):
    """Where the date of an enrollment comes from that has none."""

    TERM = "term"
    BLANK = "blank"


class Ended(StrEnum):
    """What an enrollment becomes that is over."""

    COMPLETED = "completed"
    INACTIVE = "inactive"
    DELETED = "deleted"
    ACTIVE = "active"


class SeveralRoles(StrEnum):
    """Whether somebody may have several roles in one class."""

    ONE = "one"
    EACH = "each"


class StatedBy(StrEnum):
    """Whose record must name the other, so that somebody may see a child."""

    STUDENT = "student"
    PARENT = "parent"
    EITHER = "either"
    BOTH = "both"


def _mapping(**words: str) -> Mapping[str, str]:
    return MappingProxyType(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChoices:
    """`[accounts]`"""

    district: District = District.ROOT
    orgs: Accounts = Accounts.TREE


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChoices:
    """`[terms]`"""

    merge: Merge = Merge.NONE
    common_id_after: str = "-"
    common_id_metadata: str = ""
    grading_periods: GradingPeriods = GradingPeriods.TERM


@dataclass(frozen=True, slots=True, kw_only=True)
class YearChoices:
    """`[years]`"""

    take: SchoolYears = SchoolYears.CURRENT
    only: tuple[str, ...] = ()
    ahead_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DateChoices:
    """`[dates]`"""

    end: End = End.EXCLUSIVE
    time_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseChoices:
    """`[courses]`; blank names: those of the kind of course."""

    per: CoursePer = CoursePer.CLASS
    status: CourseStatus = CourseStatus.ACTIVE
    homerooms: Homerooms = Homerooms.COURSE
    short_name: str = ""
    long_name: str = ""
    section_name: str = "{class.title}"

    @property
    def short_template(self) -> str:
        """The template of `short_name`."""
        return self.short_name or _SHORT_NAMES[self.per]

    @property
    def long_template(self) -> str:
        """The template of `long_name`."""
        return self.long_name or _LONG_NAMES[self.per]


_SHORT_NAMES = {
    CoursePer.CLASS: "{class.classCode|course.courseCode|class.title}",
    CoursePer.COURSE: "{course.courseCode|course.title}",
}
_LONG_NAMES = {CoursePer.CLASS: "{class.title}", CoursePer.COURSE: "{course.title}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChoices:
    """`[users]`; the ids are fields of a user (`user_fields`), a blank one is not sent."""

    user_id: str = "sourcedId"
    login_id: tuple[str, ...] = ("username",)
    integration_id: str = ""
    merge_by: str = ""
    email: str = "email"
    preferred_names: Preferred = Preferred.IGNORE
    pronouns: bool = False
    declared_type: bool = False
    authentication_provider: str = ""
    disabled: Disabled = Disabled.SUSPENDED
    gone: GoneUser = GoneUser.DELETED
    kin: Kin = Kin.OBSERVERS


#: OneRoster's role in a class -> Canvas's.
ENROLLMENT_ROLES = _mapping(
    student="student",
    teacher="teacher",
    aide="ta",
    administrator=LEAVE_OUT,
    proctor=LEAVE_OUT,
    guardian=LEAVE_OUT,
    parent=LEAVE_OUT,
    relative=LEAVE_OUT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrollmentChoices:
    """`[enrollments]`; `roles` are changes to `ENROLLMENT_ROLES`."""

    roles: Mapping[str, str] = field(default_factory=lambda: frozen({}))
    aides_by_user_role: bool = True
    several_roles: SeveralRoles = SeveralRoles.ONE
    dates: EnrollmentDates = EnrollmentDates.SEND
    fill: Fill = Fill.TERM
    left_early: Ended = Ended.INACTIVE
    ended: Ended = Ended.COMPLETED

    @property
    def all_roles(self) -> Mapping[str, str]:
        """Every role that is mapped, with what it becomes."""
        return {**ENROLLMENT_ROLES, **self.roles}


@dataclass(frozen=True, slots=True, kw_only=True)
class ObserverChoices:
    """`[observers]`; `never` lists, for a person, the students they must not see."""

    roles: tuple[str, ...] = ("parent", "guardian")
    stated_by: StatedBy = StatedBy.STUDENT
    never: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: frozen({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminChoices:
    """`[admins]`; `roles` maps a user's role to a Canvas admin role. Empty: none are made."""

    roles: Mapping[str, str] = field(default_factory=lambda: frozen({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationPolicy:
    """Every choice."""

    accounts: AccountChoices = field(default_factory=AccountChoices)
    terms: TermChoices = field(default_factory=TermChoices)
    years: YearChoices = field(default_factory=YearChoices)
    dates: DateChoices = field(default_factory=DateChoices)
    courses: CourseChoices = field(default_factory=CourseChoices)
    users: UserChoices = field(default_factory=UserChoices)
    enrollments: EnrollmentChoices = field(default_factory=EnrollmentChoices)
    observers: ObserverChoices = field(default_factory=ObserverChoices)
    admins: AdminChoices = field(default_factory=AdminChoices)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """The policy as a digest or a report has it; equal policies give equal values."""
        return as_data(self)
