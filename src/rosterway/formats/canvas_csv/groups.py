"""Tables of groups and tags: group categories, groups, memberships, and the newer tag tables.

Facts: canvas-lms `lib/sis/csv/group*_importer.rb` and the published SIS CSV reference of 2026.
"""

from rosterway.formats.canvas_csv.table import (
    Column,
    Header,
    KeyPart,
    Kind,
    Need,
    Reference,
    Status,
    Table,
)

_USER = Reference("users", "user_id")
_ACCOUNT = Column("account_id", Kind.ID, refers=Reference("accounts", "account_id"))
_COURSE = Column("course_id", Kind.ID, refers=Reference("courses", "course_id"))
_ACTIVE_DELETED = (Status("active", access=True), Status("deleted", access=False))
_AVAILABLE_DELETED = (Status("available", access=True), Status("deleted", access=False))
_ACCEPTED_DELETED = (Status("accepted", access=True), Status("deleted", access=False))

GROUP_CATEGORIES = Table(
    name="group_categories",
    title="Group categories (group sets)",
    header=Header((("group_category_id", "category_name"),)),
    key=(KeyPart(("group_category_id",)),),
    count="group_categories",
    gone="deleted",
    gone_means="The category is deleted.",
    statuses=_ACTIVE_DELETED,
    columns=(
        Column("group_category_id", Kind.ID, Need.ROW),
        Column("category_name", Kind.NAME, Need.ROW),
        Column("status", Kind.STATUS, Need.ROW),
        _ACCOUNT,
        _COURSE,
    ),
    notes=("An account or a course, never both.",),
)

GROUPS = Table(
    name="groups",
    title="Groups",
    header=Header((("group_id", "name"),)),
    key=(KeyPart(("group_id",)),),
    count="groups",
    gone="deleted",
    gone_means="The group is deleted.",
    statuses=(
        Status("available", access=True),
        Status("closed", access=True),
        Status("completed", access=True),
        Status("deleted", access=False),
    ),
    columns=(
        Column("group_id", Kind.ID, Need.ROW),
        Column("name", Kind.NAME, Need.ROW, sticky=True),
        Column(
            "status",
            Kind.STATUS,
            Need.ROW,
            note="Canvas reads `Deleted` with a capital as available.",
        ),
        Column(
            "group_category_id",
            Kind.ID,
            refers=Reference("group_categories", "group_category_id"),
        ),
        _ACCOUNT,
        _COURSE,
    ),
)

GROUPS_MEMBERSHIP = Table(
    name="groups_membership",
    title="Group memberships",
    header=Header((("group_id", "user_id"),)),
    key=(KeyPart(("group_id",)), KeyPart(("user_id",))),
    count="group_memberships",
    gone="deleted",
    gone_means="The person leaves the group.",
    statuses=_ACCEPTED_DELETED,
    columns=(
        Column("group_id", Kind.ID, Need.ROW, refers=Reference("groups", "group_id")),
        Column("user_id", Kind.ID, Need.ROW, refers=_USER),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)

DIFFERENTIATION_TAG_SETS = Table(
    name="differentiation_tag_sets",
    title="Sets of differentiation tags",
    header=Header((("tag_set_id", "set_name"),)),
    key=(KeyPart(("tag_set_id",)),),
    count="differentiation_tag_sets",
    gone="deleted",
    gone_means="The set is deleted.",
    statuses=_ACTIVE_DELETED,
    columns=(
        Column("tag_set_id", Kind.ID, Need.ROW),
        Column("course_id", Kind.ID, refers=Reference("courses", "course_id")),
        Column("set_name", Kind.NAME, Need.ROW),
        Column("status", Kind.STATUS, Need.ROW),
    ),
    notes=("Canvas needs the account feature for differentiation tags.",),
)

DIFFERENTIATION_TAGS = Table(
    name="differentiation_tags",
    title="Differentiation tags",
    header=Header((("tag_id", "name"),)),
    key=(KeyPart(("tag_id",)),),
    count="differentiation_tags",
    gone="deleted",
    gone_means="The tag is deleted.",
    statuses=_AVAILABLE_DELETED,
    columns=(
        Column("tag_id", Kind.ID, Need.ROW),
        Column(
            "tag_set_id",
            Kind.ID,
            refers=Reference("differentiation_tag_sets", "tag_set_id"),
            note="A new tag names its set or its course.",
        ),
        Column("course_id", Kind.ID, refers=Reference("courses", "course_id")),
        Column("name", Kind.NAME, Need.ROW),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)

DIFFERENTIATION_TAG_MEMBERSHIP = Table(
    name="differentiation_tag_membership",
    title="Who carries a differentiation tag",
    header=Header((("tag_id", "user_id"),)),
    key=(KeyPart(("tag_id",)), KeyPart(("user_id",))),
    count="differentiation_tag_memberships",
    gone="deleted",
    gone_means="The person loses the tag.",
    statuses=_ACCEPTED_DELETED,
    columns=(
        Column("tag_id", Kind.ID, Need.ROW, refers=Reference("differentiation_tags", "tag_id")),
        Column("user_id", Kind.ID, Need.ROW, refers=_USER),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)

_TAG_COLUMNS = ("institutional_tag_id", "tag_id")

INSTITUTIONAL_TAG_CATEGORIES = Table(
    name="institutional_tag_categories",
    title="Categories of institutional tags",
    header=Header((("category_id", "name"),), none_of=_TAG_COLUMNS),
    key=(KeyPart(("category_id",)),),
    count="institutional_tag_categories",
    documented=False,
    gone="deleted",
    gone_means="The category is deleted, its tags with it.",
    statuses=_ACTIVE_DELETED,
    columns=(
        Column("category_id", Kind.ID, Need.ROW),
        Column("name", Kind.NAME, Need.ROW),
        Column("description", Kind.TEXT),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)

INSTITUTIONAL_TAGS = Table(
    name="institutional_tags",
    title="Institutional tags",
    header=Header((("institutional_tag_id", "category_id", "name"),)),
    key=(KeyPart(("institutional_tag_id",)),),
    count="institutional_tags",
    documented=False,
    gone="deleted",
    gone_means="The tag is deleted, its associations with it.",
    statuses=_ACTIVE_DELETED,
    columns=(
        Column("institutional_tag_id", Kind.ID, Need.ROW),
        Column(
            "category_id",
            Kind.ID,
            Need.ROW,
            refers=Reference("institutional_tag_categories", "category_id"),
        ),
        Column("name", Kind.NAME, Need.ROW),
        Column("description", Kind.TEXT, Need.ROW),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)

INSTITUTIONAL_TAG_ASSOCIATIONS = Table(
    name="institutional_tag_associations",
    title="Who carries an institutional tag",
    header=Header((("institutional_tag_id", "user_id"),)),
    key=(KeyPart(("institutional_tag_id",)), KeyPart(("user_id",))),
    count="institutional_tag_associations",
    documented=False,
    gone="deleted",
    gone_means="The person loses the tag.",
    statuses=_ACTIVE_DELETED,
    columns=(
        Column(
            "institutional_tag_id",
            Kind.ID,
            Need.ROW,
            refers=Reference("institutional_tags", "institutional_tag_id"),
        ),
        Column("user_id", Kind.ID, Need.ROW, refers=_USER),
        Column("status", Kind.STATUS, Need.ROW),
    ),
)
