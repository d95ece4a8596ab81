"""Which file is which: the first type whose columns are all there, whatever the file is called.

The order of `FILE_TYPES` is the order of detection and the order of processing inside one import.
Detection trims header names, reading does not: that trap is Canvas's own.

Facts: canvas-lms `lib/sis/csv/import_refactored.rb` and the `lib/sis/csv/*_importer.rb`;
diff keys from `lib/sis/csv/diff_generator.rb`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from rosterway.sandbox.canvas.importing.reading import BLANK

UNKNOWN_HEADERS = "Couldn't find Canvas CSV import headers"


@dataclass(frozen=True, slots=True)
class FileType:
    """`recognised` is any of several sets of columns; `key` what a diff tells rows apart by."""

    name: str
    count: str
    recognised: tuple[tuple[str, ...], ...]
    never: tuple[str, ...] = ()
    key: tuple[str, ...] | None = None
    #: The knob that must be on for this type to exist.
    knob: str | None = None


_EXISTING = ("existing_user_id", "existing_integration_id", "existing_canvas_user_id")
_TAG_IDS = ("institutional_tag_id", "tag_id")

FILE_TYPES: tuple[FileType, ...] = (
    FileType(
        "change_sis_id",
        "change_sis_ids",
        (("old_id",), ("old_integration_id",)),
        key=("old_id", "old_integration_id"),
    ),
    FileType("account", "accounts", (("account_id", "parent_account_id"),), key=("account_id",)),
    FileType("term", "terms", (("term_id", "name"),), key=("term_id",)),
    FileType(
        "abstract_course",
        "abstract_courses",
        (("abstract_course_id", "short_name"),),
        never=("course_id",),
    ),
    FileType("course", "courses", (("course_id", "short_name"),), key=("course_id",)),
    FileType("section", "sections", (("section_id", "name"),), key=("section_id",)),
    FileType("xlist", "xlists", (("xlist_course_id", "section_id"),), key=("section_id",)),
    FileType("user", "users", (("user_id", "login_id"),), never=_EXISTING, key=("user_id",)),
    FileType("login", "logins", tuple((column,) for column in _EXISTING), key=("user_id",)),
    FileType(
        "enrollment",
        "enrollments",
        tuple(
            (place, person)
            for place in ("section_id", "course_id")
            for person in ("user_id", "user_integration_id")
        ),
        key=(
            "course_id",
            "section_id",
            "user_id",
            "user_integration_id",
            "role",
            "role_id",
            "associated_user_id",
        ),
    ),
    FileType("admin", "admins", (("account_id", "user_id"),), key=("user_id", "account_id")),
    FileType(
        "group_category",
        "group_categories",
        (("group_category_id", "category_name"),),
        key=("group_id",),  # Canvas names a column that the file does not have
    ),
    FileType("group", "groups", (("group_id", "name"),), key=("group_id",)),
    FileType(
        "group_membership",
        "group_memberships",
        (("group_id", "user_id"),),
        key=("group_id", "user_id"),
    ),
    FileType(
        "grade_publishing_results",
        "grade_publishing_results",
        (("enrollment_id", "grade_publishing_status"),),
    ),
    FileType(
        "user_observer",
        "user_observers",
        (("observer_id", "student_id"),),
        key=("observer_id", "student_id"),
    ),
    FileType(
        "differentiation_tag_set",
        "differentiation_tag_sets",
        (("tag_set_id", "set_name"),),
        key=("tag_set_id",),
    ),
    FileType("differentiation_tag", "differentiation_tags", (("tag_id", "name"),), key=("tag_id",)),
    FileType(
        "differentiation_tag_membership",
        "differentiation_tag_memberships",
        (("tag_id", "user_id"),),
        key=("tag_id", "user_id"),
    ),
    FileType(
        "institutional_tag_category",
        "institutional_tag_categories",
        (("category_id", "name"),),
        never=_TAG_IDS,
        key=("category_id",),
        knob="institutional_tags",
    ),
    FileType(
        "institutional_tag",
        "institutional_tags",
        (("institutional_tag_id", "category_id", "name"),),
        key=("institutional_tag_id",),
        knob="institutional_tags",
    ),
    FileType(
        "institutional_tag_association",
        "institutional_tag_associations",
        (("institutional_tag_id", "user_id"),),
        key=("institutional_tag_id", "user_id"),
        knob="institutional_tags",
    ),
)


def detect(headers: Iterable[str], knobs_on: frozenset[str] = frozenset()) -> FileType | None:
    """The type of a file with these headers (lower-cased), or None."""
    names = {header.strip(BLANK) for header in headers}
    for file_type in FILE_TYPES:
        if file_type.knob and file_type.knob not in knobs_on:
            continue
        if any(column in names for column in file_type.never):
            continue
        if any(names.issuperset(columns) for columns in file_type.recognised):
            return file_type
    return None
