"""The things Canvas holds, one class a table; the tables are made from these classes.

Guarantees: every record has an `id` of its table's own sequence, a `workflow_state`, the import
that touched it last (`sis_batch_id`) and room for the fields changed by hand (`stuck`; see
`sticky`). Which change means what is left to the importers; writing is left to `work`.

Facts: canvas-lms `app/models/*.rb`; the names are Canvas's where a CSV file or the API shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar


@dataclass(slots=True, eq=False, kw_only=True)
class Record:
    """What every table has; `KIND` is Canvas's class name, used in roll-back data."""

    TABLE: ClassVar[str] = ""
    KIND: ClassVar[str] = ""

    id: int = 0
    workflow_state: str
    sis_batch_id: int | None = None
    stuck: str | None = None
    created_at: str = ""
    updated_at: str = ""


@dataclass(slots=True, eq=False, kw_only=True)
class Account(Record):
    TABLE: ClassVar[str] = "accounts"
    KIND: ClassVar[str] = "Account"

    name: str
    parent_account_id: int | None = None
    sis_source_id: str | None = None
    integration_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Term(Record):
    TABLE: ClassVar[str] = "terms"
    KIND: ClassVar[str] = "EnrollmentTerm"

    name: str
    sis_source_id: str | None = None
    integration_id: str | None = None
    start_at: str | None = None
    end_at: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class TermOverride(Record):
    """Dates of a term for one kind of enrollment."""

    TABLE: ClassVar[str] = "term_overrides"

    term_id: int
    enrollment_type: str
    start_at: str | None = None
    end_at: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class AbstractCourse(Record):
    TABLE: ClassVar[str] = "abstract_courses"
    KIND: ClassVar[str] = "AbstractCourse"

    name: str
    short_name: str
    account_id: int
    term_id: int
    sis_source_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Course(Record):
    """`workflow_state`: claimed (shown as unpublished), available, completed, deleted."""

    TABLE: ClassVar[str] = "courses"
    KIND: ClassVar[str] = "Course"

    name: str
    course_code: str
    account_id: int
    term_id: int
    sis_source_id: str | None = None
    integration_id: str | None = None
    start_at: str | None = None
    conclude_at: str | None = None
    restrict_to_dates: bool = False
    course_format: str | None = None
    grade_passback_setting: str | None = None
    homeroom_course: bool = False
    friendly_name: str | None = None
    abstract_course_id: int | None = None
    blueprint: bool = False
    #: The blueprint this course is associated to.
    blueprint_course_id: int | None = None
    #: A course made by xlists.csv follows the renames of this one.
    follows_course_id: int | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Section(Record):
    """`nonxlist_course_id` is the course a cross-listed section goes home to."""

    TABLE: ClassVar[str] = "sections"
    KIND: ClassVar[str] = "CourseSection"

    name: str
    course_id: int
    nonxlist_course_id: int | None = None
    sis_source_id: str | None = None
    integration_id: str | None = None
    default_section: bool = False
    start_at: str | None = None
    end_at: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class User(Record):
    TABLE: ClassVar[str] = "users"

    name: str
    sortable_name: str
    short_name: str
    pronouns: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Login(Record):
    """Canvas's Pseudonym; `login_key` is the login id as it is compared, without letter case."""

    TABLE: ClassVar[str] = "logins"
    KIND: ClassVar[str] = "Pseudonym"

    user_id: int
    unique_id: str
    login_key: str
    sis_user_id: str | None = None
    integration_id: str | None = None
    authentication_provider_id: int | None = None
    declared_user_type: str | None = None
    #: The channel that users.csv set, which its next e-mail address replaces.
    channel_id: int | None = None
    #: A digest; `password_from_sis` says whether an import may still replace it.
    password: str | None = None
    password_from_sis: bool = True


@dataclass(slots=True, eq=False, kw_only=True)
class Channel(Record):
    """Canvas's CommunicationChannel: one e-mail address of a user."""

    TABLE: ClassVar[str] = "channels"
    KIND: ClassVar[str] = "CommunicationChannel"

    user_id: int
    path: str


@dataclass(slots=True, eq=False, kw_only=True)
class Role(Record):
    TABLE: ClassVar[str] = "roles"

    name: str
    base_role_type: str
    account_id: int
    built_in: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Enrollment(Record):
    """`associated_user_id` is whom an observer observes; `login_id` the login it was made with."""

    TABLE: ClassVar[str] = "enrollments"
    KIND: ClassVar[str] = "Enrollment"

    user_id: int
    course_id: int
    section_id: int
    type: str
    role_id: int
    associated_user_id: int | None = None
    start_at: str | None = None
    end_at: str | None = None
    limit_privileges: bool = False
    login_id: int | None = None
    grade_publishing_status: str = "unpublished"
    grade_publishing_message: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Admin(Record):
    """Canvas's AccountUser; `sis_batch_id` set means that imports may remove it."""

    TABLE: ClassVar[str] = "admins"
    KIND: ClassVar[str] = "AccountUser"

    account_id: int
    user_id: int
    role_id: int


@dataclass(slots=True, eq=False, kw_only=True)
class GroupCategory(Record):
    """A set of groups, or of differentiation tags (`non_collaborative`)."""

    TABLE: ClassVar[str] = "group_categories"
    KIND: ClassVar[str] = "GroupCategory"

    name: str
    account_id: int | None = None
    course_id: int | None = None
    sis_source_id: str | None = None
    non_collaborative: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class Group(Record):
    """A group, or a differentiation tag (`non_collaborative`)."""

    TABLE: ClassVar[str] = "groups"
    KIND: ClassVar[str] = "Group"

    name: str
    group_category_id: int | None = None
    account_id: int | None = None
    course_id: int | None = None
    sis_source_id: str | None = None
    integration_id: str | None = None
    non_collaborative: bool = False


@dataclass(slots=True, eq=False, kw_only=True)
class GroupMembership(Record):
    TABLE: ClassVar[str] = "group_memberships"
    KIND: ClassVar[str] = "GroupMembership"

    group_id: int
    user_id: int


@dataclass(slots=True, eq=False, kw_only=True)
class ObserverLink(Record):
    TABLE: ClassVar[str] = "observer_links"
    KIND: ClassVar[str] = "UserObserver"

    observer_id: int
    student_id: int


@dataclass(slots=True, eq=False, kw_only=True)
class TagCategory(Record):
    """A category of institutional tags."""

    TABLE: ClassVar[str] = "tag_categories"
    KIND: ClassVar[str] = "InstitutionalTagCategory"

    name: str
    description: str | None = None
    sis_source_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Tag(Record):
    """An institutional tag."""

    TABLE: ClassVar[str] = "tags"
    KIND: ClassVar[str] = "InstitutionalTag"

    category_id: int
    name: str
    description: str
    sis_source_id: str | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class TagAssociation(Record):
    TABLE: ClassVar[str] = "tag_associations"
    KIND: ClassVar[str] = "InstitutionalTagAssociation"

    tag_id: int
    user_id: int


@dataclass(slots=True, eq=False, kw_only=True)
class Provider(Record):
    """An authentication provider of the root account."""

    TABLE: ClassVar[str] = "providers"

    auth_type: str


KINDS: tuple[type[Record], ...] = (
    Account,
    Term,
    TermOverride,
    AbstractCourse,
    Course,
    Section,
    User,
    Login,
    Channel,
    Role,
    Enrollment,
    Admin,
    GroupCategory,
    Group,
    GroupMembership,
    ObserverLink,
    TagCategory,
    Tag,
    TagAssociation,
    Provider,
)

R = TypeVar("R", bound=Record)


class Index(Generic[R]):
    """A way to look records up, in the database and in a unit of work.

    The key of a one-column index is the value itself, of a wider one the tuple of values.
    """

    __slots__ = ("columns", "key", "kind")

    def __init__(self, kind: type[R], *columns: str) -> None:
        self.kind = kind
        self.columns = columns
        self.key: Callable[[R], Any] = attrgetter(*columns)


ACCOUNT_BY_SIS_ID = Index(Account, "sis_source_id")
ACCOUNT_BY_INTEGRATION = Index(Account, "integration_id")
ACCOUNT_BY_PARENT = Index(Account, "parent_account_id")
TERM_BY_SIS_ID = Index(Term, "sis_source_id")
TERM_BY_INTEGRATION = Index(Term, "integration_id")
OVERRIDE_BY_TERM = Index(TermOverride, "term_id", "enrollment_type")
ABSTRACT_COURSE_BY_SIS_ID = Index(AbstractCourse, "sis_source_id")
COURSE_BY_SIS_ID = Index(Course, "sis_source_id")
COURSE_BY_INTEGRATION = Index(Course, "integration_id")
COURSE_BY_ACCOUNT = Index(Course, "account_id")
COURSE_BY_TERM = Index(Course, "term_id")
COURSE_BY_FOLLOWED = Index(Course, "follows_course_id")
SECTION_BY_SIS_ID = Index(Section, "sis_source_id")
SECTION_BY_INTEGRATION = Index(Section, "integration_id")
SECTION_BY_COURSE = Index(Section, "course_id")
LOGIN_BY_SIS_ID = Index(Login, "sis_user_id")
LOGIN_BY_INTEGRATION = Index(Login, "integration_id")
LOGIN_BY_NAME = Index(Login, "login_key")
LOGIN_BY_USER = Index(Login, "user_id")
CHANNEL_BY_USER = Index(Channel, "user_id")
ROLE_BY_NAME = Index(Role, "name")
ENROLLMENT_BY_PLACE = Index(Enrollment, "user_id", "section_id")
ENROLLMENT_BY_SECTION = Index(Enrollment, "section_id")
ENROLLMENT_BY_COURSE = Index(Enrollment, "course_id")
ENROLLMENT_BY_OBSERVED = Index(Enrollment, "associated_user_id")
ENROLLMENT_BY_USER = Index(Enrollment, "user_id")
ADMIN_BY_USER = Index(Admin, "user_id")
CATEGORY_BY_SIS_ID = Index(GroupCategory, "sis_source_id")
CATEGORY_BY_ACCOUNT = Index(GroupCategory, "account_id")
CATEGORY_BY_COURSE = Index(GroupCategory, "course_id")
GROUP_BY_SIS_ID = Index(Group, "sis_source_id")
GROUP_BY_INTEGRATION = Index(Group, "integration_id")
GROUP_BY_CATEGORY = Index(Group, "group_category_id")
MEMBERSHIP_BY_GROUP = Index(GroupMembership, "group_id", "user_id")
MEMBERSHIPS_OF_GROUP = Index(GroupMembership, "group_id")
MEMBERSHIP_BY_USER = Index(GroupMembership, "user_id")
LINK_BY_STUDENT = Index(ObserverLink, "student_id")
LINK_BY_PAIR = Index(ObserverLink, "observer_id", "student_id")
TAG_CATEGORY_BY_SIS_ID = Index(TagCategory, "sis_source_id")
TAG_BY_SIS_ID = Index(Tag, "sis_source_id")
TAG_BY_CATEGORY = Index(Tag, "category_id")
ASSOCIATION_BY_TAG = Index(TagAssociation, "tag_id", "user_id")
ASSOCIATIONS_OF_TAG = Index(TagAssociation, "tag_id")
PROVIDER_BY_TYPE = Index(Provider, "auth_type")
