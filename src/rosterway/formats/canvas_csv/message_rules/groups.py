"""Messages about group sets, groups, their members, and the differentiation tags that mirror them.

Facts: canvas-lms `lib/sis/group_category_importer.rb`, `group_importer.rb`,
`group_membership_importer.rb`. Of the tags (2025) is known that their messages say "differentiation
tag", "… set" and "… user" where the others say "group", "group category" and "group user".
"""

from dataclasses import replace

from rosterway.formats.canvas_csv.message_rules.rule import (
    MessageRule,
    Who,
    improper_status,
    missing,
    refused,
)

GROUP_CATEGORIES: tuple[MessageRule, ...] = (
    missing("group_categories", "group_category_id", "No sis_id given for a group category"),
    missing(
        "group_categories",
        "category_name",
        "No name given for group category {group_category_id}",
    ),
    missing("group_categories", "status", "No status given for group category {group_category_id}"),
    improper_status(
        "group_categories", 'Improper status "{status?}" for group category {group_category_id}'
    ),
    refused(
        "group_categories-two-contexts",
        "group_categories",
        "Only one context is allowed and both course_id and account_id <where|were> provided"
        " for group category {group_category_id}.",
        "The row has both a course_id and an account_id.",
        "Empty one of them.",
    ),
    refused(
        "group_categories-account-unknown",
        "group_categories",
        'Account with id "{account_id}" didn\'t exist for group category {group_category_id}',
        "Canvas has no account {account_id}.",
        "Add the account to accounts.csv, or correct account_id.",
    ),
    refused(
        "group_categories-course-unknown",
        "group_categories",
        'Course with id "{course_id}" didn\'t exist for group category {group_category_id}',
        "Canvas has no course {course_id}.",
        "Add the course to courses.csv, or correct course_id.",
    ),
    refused(
        "group_categories-has-groups",
        "group_categories",
        "Cannot move group category {group_category_id} because it has groups in it.",
        "{group_category_id} is not empty and cannot move.",
        "Leave its course_id and account_id as they were, or empty it first.",
    ),
    refused(
        "group_categories-invalid",
        "group_categories",
        "A group category did not pass validation"
        " (group category: {group_category_id}, error: {error?})",
        "Canvas refused {group_category_id}: {error}",
        "Correct the row as the message says; a name is used once in a course or account.",
    ),
)

GROUPS: tuple[MessageRule, ...] = (
    missing("groups", "group_id", "No group_id given for a group."),
    missing("groups", "name", "No name given for group {group_id}."),
    improper_status("groups", 'Improper status "{status?}" for group {group_id}.'),
    refused(
        "groups-account-unknown",
        "groups",
        "Account with sis id {account_id} didn't exist for group {group_id}.",
        "Canvas has no account {account_id}.",
        "Add the account to accounts.csv, or correct account_id.",
    ),
    refused(
        "groups-course-unknown",
        "groups",
        "Course with sis id {course_id} didn't exist for group {group_id}.",
        "Canvas has no course {course_id}.",
        "Add the course to courses.csv, or correct course_id.",
    ),
    refused(
        "groups-category-not-in-account",
        "groups",
        "Group Category {group_category_id} didn't exist in account {account_id}"
        " for group {group_id}.",
        "Account {account_id} has no {group_category_id}.",
        "Add it to the account, or correct group_category_id.",
    ),
    refused(
        "groups-category-not-in-course",
        "groups",
        "Group Category {group_category_id} didn't exist in course {course_id}"
        " for group {group_id}.",
        "Course {course_id} has no {group_category_id}.",
        "Add it to the course, or correct group_category_id.",
    ),
    refused(
        "groups-category-unknown",
        "groups",
        "Group Category {group_category_id} didn't exist for group {group_id}.",
        "Canvas has no {group_category_id}.",
        "Add it first, or correct group_category_id.",
    ),
    refused(
        "groups-has-members",
        "groups",
        "Cannot move group {group_id} because it has group_memberships.",
        "{group_id} has members and cannot move.",
        "Leave it where it was, or remove its members first.",
    ),
)

MEMBERSHIPS: tuple[MessageRule, ...] = (
    missing("groups_membership", "group_id", "No group_id given for a group user"),
    missing("groups_membership", "user_id", "No user_id given for a group user"),
    improper_status("groups_membership", 'Improper status "{status?}" for a group user'),
    refused(
        "groups_membership-user-unknown",
        "groups_membership",
        "User {user_id} didn't exist for group user",
        "Canvas has no user {user_id}.",
        "Add the user to users.csv, or remove the row.",
    ),
    refused(
        "groups_membership-group-unknown",
        "groups_membership",
        "Group {group_id} didn't exist for group user",
        "Canvas has no {group_id}.",
        "Add it first, or remove the row.",
    ),
    refused(
        "groups_membership-not-enrolled",
        "groups_membership",
        "User {user_id} doesn't have an enrollment in the course of group {group_id}.",
        "{user_id} is not enrolled in the course of {group_id}.",
        "Enroll the user first, or remove the row.",
    ),
)

#: Table of a group message -> table of the tag message that mirrors it, and its key column.
_MIRROR = {
    "group_categories": ("differentiation_tag_sets", "group_category_id", "tag_set_id"),
    "groups": ("differentiation_tags", "group_id", "tag_id"),
    "groups_membership": ("differentiation_tag_membership", "group_id", "tag_id"),
}
#: Words of the templates, longest first so that "group user" is not taken for "group".
_WORDS = (
    ("group category", "differentiation tag set"),
    ("Group Category", "Differentiation tag set"),
    ("group_category", "tag_set"),
    ("group user", "differentiation tag user"),
    ("group_memberships", "<differentiation_tag|group>_memberships"),
    ("group_id", "tag_id"),
    ("groups in it", "<differentiation |>tags in it"),
    ("a group.", "a differentiation tag."),
    ("Group ", "Differentiation tag "),
    ("group ", "differentiation tag "),
    ("category_name", "set_name"),
)


def _mirrored(rule: MessageRule) -> MessageRule:
    """The tag message that mirrors a group message."""
    table = rule.tables[0]
    tag_table, key, tag_key = _MIRROR[table]
    texts = {"template": rule.template, "means": rule.means, "remedy": rule.remedy}
    slug = rule.name.replace(table, tag_table, 1)
    slug = slug.replace(key.replace("_", "-"), tag_key.replace("_", "-"))
    for old, new in ((table, tag_table), (key, tag_key), *_WORDS):
        texts = {part: text.replace(old, new) for part, text in texts.items()}
    return replace(rule, name=slug, tables=(tag_table,), **texts)


_TAG_TABLES = tuple(tag_table for tag_table, _, _ in _MIRROR.values())

TAGS: tuple[MessageRule, ...] = (
    refused(
        "differentiation_tags-off",
        _TAG_TABLES,
        "Differentiation Tags are not enabled for Account {account}.",
        "Differentiation tags are switched off in the account.",
        "Switch them on in the account's settings in Canvas.",
        who=Who.CANVAS_ADMIN,
    ),
    *(_mirrored(rule) for rule in (*GROUP_CATEGORIES, *GROUPS, *MEMBERSHIPS)),
)

RULES: tuple[MessageRule, ...] = (*GROUP_CATEGORIES, *GROUPS, *MEMBERSHIPS, *TAGS)
