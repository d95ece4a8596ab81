"""What people call the rows of a table: `5 cross-listings` where the format says `xlists`.

Whatever speaks to a person says these words; JSON, files and settings keep the tables' names.
"""

from collections.abc import Mapping

#: Table -> one of its rows, and several. A table not here is called as it is named.
CALLED: Mapping[str, tuple[str, str]] = {
    "change_sis_id": ("id change", "id changes"),
    "accounts": ("account", "accounts"),
    "terms": ("term", "terms"),
    "abstract_courses": ("abstract course", "abstract courses"),
    "courses": ("course", "courses"),
    "sections": ("section", "sections"),
    "xlists": ("cross-listing", "cross-listings"),
    "users": ("user", "users"),
    "logins": ("further login", "further logins"),
    "enrollments": ("enrollment", "enrollments"),
    "admins": ("admin", "admins"),
    "group_categories": ("group set", "group sets"),
    "groups": ("group", "groups"),
    "groups_membership": ("group membership", "group memberships"),
    "grade_publishing_results": ("grade publishing result", "grade publishing results"),
    "user_observers": ("observer", "observers"),
    "differentiation_tag_sets": ("differentiation tag set", "differentiation tag sets"),
    "differentiation_tags": ("differentiation tag", "differentiation tags"),
    "differentiation_tag_membership": (
        "differentiation tag membership",
        "differentiation tag memberships",
    ),
    "institutional_tag_categories": ("institutional tag category", "institutional tag categories"),
    "institutional_tags": ("institutional tag", "institutional tags"),
    "institutional_tag_associations": (
        "institutional tag association",
        "institutional tag associations",
    ),
}


def called(table: str | None) -> str:
    """A table's rows, as people say them: `group memberships`. None is a file of no table known."""
    if not table:
        return "file"
    return CALLED[table][1] if table in CALLED else table.replace("_", " ")


def counted_rows(count: int, table: str) -> str:
    """So many rows of a table: `1 observer`, `2,000 observers`."""
    one, many = CALLED.get(table, ("", called(table)))
    return f"{count:,} {one if one and count == 1 else many}"
