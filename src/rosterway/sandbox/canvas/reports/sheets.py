"""The sheets of the provisioning and SIS export reports: columns as data.

Not a loss-less round trip, as in Canvas: enrollments say `concluded` where an import wants
`completed`, courses give dates only when they restrict, enrollments give none at all.

Facts: canvas-lms `gems/plugins/account_reports`; the column lists are the reference's, those of
provisioning from Canvas's documentation of the report.
"""

from dataclasses import dataclass

_FIRST = "trim(substr(u.sortable_name, instr(u.sortable_name || ',', ',') + 1))"
_LAST = "trim(substr(u.sortable_name, 1, instr(u.sortable_name || ',', ',') - 1))"
_EMAIL = (
    "(SELECT path FROM channels c WHERE c.user_id = u.id AND c.workflow_state = 'active'"
    " ORDER BY c.id LIMIT 1)"
)
_SIS_USER = "(SELECT sis_user_id FROM logins x WHERE x.id = {})"
_LOGIN_OF = (
    "(SELECT sis_user_id FROM logins x WHERE x.user_id = {} AND x.sis_user_id IS NOT NULL"
    " ORDER BY x.workflow_state = 'deleted', x.id LIMIT 1)"
)
_ACCOUNT_OF = "(SELECT sis_source_id FROM accounts x WHERE x.id = {})"
_COURSE_OF = "(SELECT sis_source_id FROM courses x WHERE x.id = {})"
_ROLE = "CASE WHEN r.built_in THEN lower(replace(r.name, 'Enrollment', '')) ELSE r.name END"
_CONCLUDED = "CASE {0} WHEN 'completed' THEN 'concluded' ELSE {0} END"
_IF_RESTRICTED = "CASE WHEN t.restrict_to_dates THEN {} END"
_BY_SIS = "CASE WHEN t.sis_batch_id IS NULL THEN 'false' ELSE 'true' END"
_TRUTH = "CASE WHEN {} THEN 'true' ELSE 'false' END"


@dataclass(frozen=True, slots=True)
class Sheet:
    """`columns`: header -> SQL. `t` is the record itself, `c` its course where it has one."""

    source: str
    columns: dict[str, str]
    #: What is left out unless deleted things are asked for.
    live: str
    #: The SIS id without which an export has no row; none for provisioning.
    sis_id: str | None = None
    term: str | None = None
    #: What never has a row, deleted things asked for or not.
    always: str | None = None


def _sheet(base: Sheet, columns: dict[str, str]) -> Sheet:
    return Sheet(base.source, columns, base.live, None, base.term, base.always)


_NOT_DELETED = "t.workflow_state <> 'deleted'"
_NOT_ENDED = "t.workflow_state NOT IN ('deleted', 'completed')"

_USERS = Sheet(
    "logins t JOIN users u ON u.id = t.user_id",
    {
        "user_id": "t.sis_user_id",
        "integration_id": "t.integration_id",
        "authentication_provider_id": "t.authentication_provider_id",
        "login_id": "t.unique_id",
        "password": "NULL",
        "first_name": _FIRST,
        "last_name": _LAST,
        "full_name": "u.name",
        "sortable_name": "u.sortable_name",
        "short_name": "u.short_name",
        "email": _EMAIL,
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    "t.sis_user_id",
)
_ACCOUNTS = Sheet(
    "accounts t",
    {
        "account_id": "t.sis_source_id",
        "parent_account_id": _ACCOUNT_OF.format("t.parent_account_id"),
        "name": "t.name",
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    "t.sis_source_id",
)
_TERMS = Sheet(
    "terms t",
    {
        "term_id": "t.sis_source_id",
        "name": "t.name",
        "status": "t.workflow_state",
        "start_date": "t.start_at",
        "end_date": "t.end_at",
    },
    _NOT_DELETED,
    "t.sis_source_id",
    "t.id",
)
_COURSES = Sheet(
    "courses t",
    {
        "course_id": "t.sis_source_id",
        "integration_id": "t.integration_id",
        "short_name": "t.course_code",
        "long_name": "t.name",
        "account_id": _ACCOUNT_OF.format("t.account_id"),
        "term_id": "(SELECT sis_source_id FROM terms x WHERE x.id = t.term_id)",
        "status": "CASE t.workflow_state WHEN 'claimed' THEN 'active' WHEN 'available' THEN"
        " 'active' ELSE t.workflow_state END",
        "start_date": _IF_RESTRICTED.format("t.start_at"),
        "end_date": _IF_RESTRICTED.format("t.conclude_at"),
        "course_format": "t.course_format",
        "blueprint_course_id": _COURSE_OF.format("t.blueprint_course_id"),
    },
    _NOT_ENDED,
    "t.sis_source_id",
    "t.term_id",
)
_HOME = "COALESCE(t.nonxlist_course_id, t.course_id)"
_SECTIONS = Sheet(
    f"sections t JOIN courses c ON c.id = {_HOME}",
    {
        "section_id": "t.sis_source_id",
        "course_id": "c.sis_source_id",
        "integration_id": "t.integration_id",
        "name": "t.name",
        "status": "t.workflow_state",
        "start_date": "t.start_at",
        "end_date": "t.end_at",
    },
    f"{_NOT_DELETED} AND c.workflow_state <> 'deleted'",
    "t.sis_source_id",
    "c.term_id",
)
_ENROLLMENTS = Sheet(
    "enrollments t JOIN courses c ON c.id = t.course_id JOIN sections s ON s.id = t.section_id"
    " JOIN roles r ON r.id = t.role_id",
    {
        "course_id": "c.sis_source_id",
        "user_id": f"COALESCE({_SIS_USER.format('t.login_id')}, {_LOGIN_OF.format('t.user_id')})",
        "role": _ROLE,
        "role_id": "t.role_id",
        "section_id": "s.sis_source_id",
        "status": _CONCLUDED.format("t.workflow_state"),
        "associated_user_id": _LOGIN_OF.format("t.associated_user_id"),
        "limit_section_privileges": _TRUTH.format("t.limit_privileges"),
    },
    f"{_NOT_ENDED} AND c.workflow_state NOT IN ('deleted', 'completed')",
    f"COALESCE({_SIS_USER.format('t.login_id')}, {_LOGIN_OF.format('t.user_id')})",
    "c.term_id",
)
_GROUPS = Sheet(
    "groups t LEFT JOIN group_categories g ON g.id = t.group_category_id",
    {
        "group_id": "t.sis_source_id",
        "group_category_id": "g.sis_source_id",
        "account_id": _ACCOUNT_OF.format("t.account_id"),
        "course_id": _COURSE_OF.format("t.course_id"),
        "name": "t.name",
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    "t.sis_source_id",
    always="NOT t.non_collaborative",
)
_CATEGORIES = Sheet(
    "group_categories t",
    {
        "group_category_id": "t.sis_source_id",
        "account_id": _ACCOUNT_OF.format("t.account_id"),
        "course_id": _COURSE_OF.format("t.course_id"),
        "category_name": "t.name",
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    "t.sis_source_id",
    always="NOT t.non_collaborative",
)
_MEMBERSHIPS = Sheet(
    "group_memberships t JOIN groups g ON g.id = t.group_id",
    {
        "group_id": "g.sis_source_id",
        "user_id": _LOGIN_OF.format("t.user_id"),
        "status": "t.workflow_state",
    },
    f"{_NOT_DELETED} AND g.workflow_state <> 'deleted'",
    "g.sis_source_id",
    always="NOT g.non_collaborative",
)
_XLISTS = Sheet(
    "sections t JOIN courses c ON c.id = t.course_id",
    {
        "xlist_course_id": "c.sis_source_id",
        "section_id": "t.sis_source_id",
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    "t.sis_source_id",
    "c.term_id",
    always="t.nonxlist_course_id IS NOT NULL",
)
_OBSERVERS = Sheet(
    "observer_links t",
    {
        "observer_id": _LOGIN_OF.format("t.observer_id"),
        "student_id": _LOGIN_OF.format("t.student_id"),
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    _LOGIN_OF.format("t.observer_id"),
)
_ADMINS = Sheet(
    "admins t JOIN roles r ON r.id = t.role_id",
    {
        "user_id": _LOGIN_OF.format("t.user_id"),
        "account_id": _ACCOUNT_OF.format("t.account_id"),
        "role_id": "t.role_id",
        "role": "r.name",
        "status": "t.workflow_state",
    },
    _NOT_DELETED,
    _LOGIN_OF.format("t.user_id"),
)

SIS_EXPORT: dict[str, Sheet] = {
    "users": _USERS,
    "accounts": _ACCOUNTS,
    "terms": _TERMS,
    "courses": _COURSES,
    "sections": _SECTIONS,
    "enrollments": _ENROLLMENTS,
    "groups": _GROUPS,
    "group_categories": _CATEGORIES,
    "group_membership": _MEMBERSHIPS,
    "xlist": _XLISTS,
    "user_observers": _OBSERVERS,
    "admins": _ADMINS,
}

PROVISIONING: dict[str, Sheet] = {
    "users": _sheet(
        _USERS,
        {
            "canvas_user_id": "u.id",
            **{name: sql for name, sql in _USERS.columns.items() if name != "password"},
            "created_by_sis": _BY_SIS,
        },
    ),
    "accounts": _sheet(
        _ACCOUNTS,
        {
            "canvas_account_id": "t.id",
            "account_id": "t.sis_source_id",
            "canvas_parent_id": "t.parent_account_id",
            "parent_account_id": _ACCOUNTS.columns["parent_account_id"],
            "name": "t.name",
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
    "terms": _sheet(
        _TERMS, {"canvas_term_id": "t.id", **_TERMS.columns, "created_by_sis": _BY_SIS}
    ),
    "courses": _sheet(
        _COURSES,
        {
            "canvas_course_id": "t.id",
            "course_id": "t.sis_source_id",
            "integration_id": "t.integration_id",
            "short_name": "t.course_code",
            "long_name": "t.name",
            "canvas_account_id": "t.account_id",
            "account_id": _COURSES.columns["account_id"],
            "canvas_term_id": "t.term_id",
            "term_id": _COURSES.columns["term_id"],
            "status": "CASE t.workflow_state WHEN 'claimed' THEN 'unpublished' WHEN 'available'"
            " THEN 'active' WHEN 'completed' THEN 'concluded' ELSE t.workflow_state END",
            "start_date": _COURSES.columns["start_date"],
            "end_date": _COURSES.columns["end_date"],
            "course_format": "t.course_format",
            "canvas_blueprint_course_id": "t.blueprint_course_id",
            "blueprint_course_id": _COURSES.columns["blueprint_course_id"],
            "created_by_sis": _BY_SIS,
        },
    ),
    "sections": _sheet(
        _SECTIONS,
        {
            "canvas_section_id": "t.id",
            "section_id": "t.sis_source_id",
            "canvas_course_id": _HOME,
            "course_id": "c.sis_source_id",
            "integration_id": "t.integration_id",
            "name": "t.name",
            "status": "t.workflow_state",
            "start_date": "t.start_at",
            "end_date": "t.end_at",
            "canvas_account_id": "c.account_id",
            "account_id": _ACCOUNT_OF.format("c.account_id"),
            "created_by_sis": _BY_SIS,
        },
    ),
    "enrollments": _sheet(
        _ENROLLMENTS,
        {
            "canvas_course_id": "t.course_id",
            "course_id": "c.sis_source_id",
            "canvas_user_id": "t.user_id",
            "user_id": _ENROLLMENTS.columns["user_id"],
            "role": _ROLE,
            "role_id": "t.role_id",
            "canvas_section_id": "t.section_id",
            "section_id": "s.sis_source_id",
            "status": _ENROLLMENTS.columns["status"],
            "canvas_associated_user_id": "t.associated_user_id",
            "associated_user_id": _ENROLLMENTS.columns["associated_user_id"],
            "created_by_sis": _BY_SIS,
            "base_role_type": "r.base_role_type",
            "limit_section_privileges": _ENROLLMENTS.columns["limit_section_privileges"],
            "canvas_enrollment_id": "t.id",
        },
    ),
    "groups": _sheet(
        _GROUPS,
        {
            "canvas_group_id": "t.id",
            "group_id": "t.sis_source_id",
            "canvas_group_category_id": "t.group_category_id",
            "group_category_id": "g.sis_source_id",
            "canvas_account_id": "t.account_id",
            "account_id": _GROUPS.columns["account_id"],
            "canvas_course_id": "t.course_id",
            "course_id": _GROUPS.columns["course_id"],
            "name": "t.name",
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
    "group_categories": _sheet(
        _CATEGORIES,
        {
            "canvas_group_category_id": "t.id",
            "group_category_id": "t.sis_source_id",
            "context_id": "COALESCE(t.course_id, t.account_id)",
            "context_type": "CASE WHEN t.course_id IS NULL THEN 'Account' ELSE 'Course' END",
            "name": "t.name",
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
    "group_membership": _sheet(
        _MEMBERSHIPS,
        {
            "canvas_group_id": "t.group_id",
            "group_id": "g.sis_source_id",
            "canvas_user_id": "t.user_id",
            "user_id": _MEMBERSHIPS.columns["user_id"],
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
    "xlist": _sheet(
        _XLISTS,
        {
            "canvas_xlist_course_id": "t.course_id",
            "xlist_course_id": "c.sis_source_id",
            "canvas_section_id": "t.id",
            "section_id": "t.sis_source_id",
            "status": "t.workflow_state",
            "canvas_nonxlist_course_id": "t.nonxlist_course_id",
            "nonxlist_course_id": _COURSE_OF.format("t.nonxlist_course_id"),
        },
    ),
    "user_observers": _sheet(
        _OBSERVERS,
        {
            "canvas_observer_id": "t.observer_id",
            "observer_id": _OBSERVERS.columns["observer_id"],
            "canvas_student_id": "t.student_id",
            "student_id": _OBSERVERS.columns["student_id"],
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
    "admins": _sheet(
        _ADMINS,
        {
            "admin_user_name": "(SELECT name FROM users x WHERE x.id = t.user_id)",
            "canvas_user_id": "t.user_id",
            "user_id": _ADMINS.columns["user_id"],
            "canvas_account_id": "t.account_id",
            "account_id": _ADMINS.columns["account_id"],
            "role_id": "t.role_id",
            "role": "r.name",
            "status": "t.workflow_state",
            "created_by_sis": _BY_SIS,
        },
    ),
}

REPORTS: dict[str, tuple[str, dict[str, Sheet]]] = {
    "provisioning_csv": ("Provisioning", PROVISIONING),
    "sis_export_csv": ("SIS Export", SIS_EXPORT),
}
