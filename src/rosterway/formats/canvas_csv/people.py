"""Tables of people: users, logins, enrollments, admins, observers.

Facts: canvas-lms `lib/sis/csv/*_importer.rb`, `lib/sis/*_importer.rb` and `doc/api/sis_csv.md`.
"""

from rosterway.formats.canvas_csv.table import (
    Column,
    Header,
    KeyPart,
    Kind,
    Need,
    Reading,
    Reference,
    Status,
    Table,
    Without,
)

_CLEARS = Without.CLEARS
_USER = Reference("users", "user_id")
_INTEGRATION = Reference("users", "integration_id")
_PROVIDER = Column(
    "authentication_provider_id",
    Kind.TEXT,
    blank=_CLEARS,
    omitted=_CLEARS,
    note="Blank or left out resets the login's provider to none.",
)

#: Canvas's own roles, in any letter case; every other role is custom and must exist in Canvas.
BASE_ROLES = ("student", "teacher", "ta", "observer", "designer")

USERS = Table(
    name="users",
    title="Users, each with one login",
    header=Header(
        (("user_id", "login_id"),),
        none_of=("existing_user_id", "existing_integration_id", "existing_canvas_user_id"),
    ),
    key=(KeyPart(("user_id",)),),
    count="users",
    gone="deleted",
    gone_means=(
        "The login is removed; with a user's last login go the enrollments, group memberships "
        "and admin roles, and they do not come back with the user."
    ),
    statuses=(
        Status("active", access=True),
        Status("suspended", access=False),
        Status("deleted", access=False),
    ),
    columns=(
        Column("user_id", Kind.ID, Need.ROW),
        Column("login_id", Kind.LOGIN, Need.ROW, max_length=100, sticky=True),
        Column("status", Kind.STATUS, Need.ROW, sticky=True),
        Column("first_name", Kind.NAME, sticky=True),
        Column("last_name", Kind.NAME, sticky=True),
        Column("full_name", Kind.NAME, sticky=True, note="Wins over first and last name."),
        Column("sortable_name", Kind.NAME, sticky=True),
        Column("short_name", Kind.NAME, sticky=True),
        Column("email", Kind.EMAIL),
        Column("password", Kind.SECRET),
        Column("ssha_password", Kind.SECRET),
        Column("integration_id", Kind.ID),
        _PROVIDER,
        Column("pronouns", Kind.TEXT, delete_word=True, sticky=True),
        Column(
            "declared_user_type",
            Kind.CHOICE,
            delete_word=True,
            values=("administrative", "observer", "staff", "student", "student_other", "teacher"),
        ),
        Column("canvas_password_notification", Kind.FLAG),
        Column("home_account", Kind.TEXT),
    ),
)

LOGINS = Table(
    name="logins",
    title="Further logins of users who exist already",
    header=Header(
        (("existing_user_id",), ("existing_integration_id",), ("existing_canvas_user_id",))
    ),
    key=(KeyPart(("user_id",)),),
    count="logins",
    compared=False,
    one_of=(("existing_user_id", "existing_integration_id", "existing_canvas_user_id"),),
    gone_means="Nothing: logins are only added here, and removed through users.csv.",
    columns=(
        Column("user_id", Kind.ID, Need.ROW, note="The SIS id of the new login, not of the user."),
        Column("login_id", Kind.LOGIN, Need.ROW, max_length=100),
        Column("existing_user_id", Kind.ID, refers=_USER),
        Column("existing_integration_id", Kind.ID, refers=_INTEGRATION),
        Column("existing_canvas_user_id", Kind.NUMBER),
        Column("root_account", Kind.TEXT),
        Column("integration_id", Kind.ID),
        Column("email", Kind.EMAIL),
        Column("password", Kind.SECRET),
        Column("ssha_password", Kind.SECRET),
        _PROVIDER,
    ),
    notes=("Sending a login that exists is a message from Canvas every time.",),
)

ENROLLMENTS = Table(
    name="enrollments",
    title="Enrollments: who is in which section, as what",
    header=Header(
        (
            ("section_id", "user_id"),
            ("section_id", "user_integration_id"),
            ("course_id", "user_id"),
            ("course_id", "user_integration_id"),
        )
    ),
    key=(
        KeyPart(("section_id", "course_id")),
        KeyPart(("user_integration_id", "user_id"), usual=1),
        KeyPart(("role", "role_id")),
        KeyPart(("associated_user_id",), optional=True),
    ),
    count="enrollments",
    one_of=(
        ("section_id", "course_id"),
        ("user_id", "user_integration_id"),
        ("role", "role_id"),
    ),
    gone="deleted",
    gone_means="The person loses the section; their work stays hidden until they are enrolled again.",
    statuses=(
        Status("active", access=True),
        Status("completed", access=False),
        Status("inactive", access=False),
        Status("deleted", access=False),
        Status("deleted_last_completed", access=False),
    ),
    columns=(
        Column("course_id", Kind.ID, refers=Reference("courses", "course_id")),
        Column("section_id", Kind.ID, refers=Reference("sections", "section_id")),
        Column("user_id", Kind.ID, refers=_USER),
        Column("user_integration_id", Kind.ID, refers=_INTEGRATION, note="Wins over user_id."),
        Column("role", Kind.ROLE),
        Column("role_id", Kind.NUMBER),
        Column("status", Kind.STATUS, Need.ROW),
        Column(
            "start_date",
            Kind.DATE,
            blank=_CLEARS,
            omitted=_CLEARS,
            sticky=True,
            note="Takes effect only together with end_date.",
        ),
        Column("end_date", Kind.DATE, blank=_CLEARS, omitted=_CLEARS, sticky=True),
        Column("associated_user_id", Kind.ID, refers=_USER, note="Whom an observer observes."),
        Column("limit_section_privileges", Kind.FLAG),
        Column("notify", Kind.FLAG),
        Column("root_account", Kind.TEXT),
        Column("temporary_enrollment_source_user_id", Kind.ID, refers=_USER),
    ),
)

ADMINS = Table(
    name="admins",
    title="Account admins",
    header=Header((("account_id", "user_id"),)),
    key=(
        KeyPart(("user_id",)),
        KeyPart(("account_id",), optional=True),
        KeyPart(("role", "role_id")),
    ),
    count="admins",
    reading=Reading.EXACT,
    one_of=(("role", "role_id"),),
    gone="deleted",
    gone_means="The admin role is taken away, if the SIS gave it.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("user_id", Kind.ID, Need.ROW, refers=_USER),
        Column(
            "account_id",
            Kind.ID,
            Need.HEADER,
            refers=Reference("accounts", "account_id"),
            note="Blank is the root account.",
        ),
        Column("role", Kind.TEXT),
        Column("role_id", Kind.NUMBER),
        Column("status", Kind.STATUS, Need.ROW),
        Column("root_account", Kind.TEXT),
    ),
)

USER_OBSERVERS = Table(
    name="user_observers",
    title="Observers: who may follow which student",
    header=Header((("observer_id", "student_id"),)),
    key=(KeyPart(("observer_id",)), KeyPart(("student_id",))),
    count="user_observers",
    reading=Reading.EXACT,
    gone="deleted",
    gone_means="The observer no longer sees the student, nor the student's courses.",
    statuses=(Status("active", access=True), Status("deleted", access=False)),
    columns=(
        Column("observer_id", Kind.ID, Need.ROW, refers=_USER),
        Column("student_id", Kind.ID, Need.ROW, refers=_USER),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)
