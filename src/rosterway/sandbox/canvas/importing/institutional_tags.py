"""Institutional tags of 2026, behind a feature flag and not documented: categories, tags, who has
them. Deletes cascade.

Facts: the reference names columns and statuses only; the messages are modelled on those of groups.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ASSOCIATION_BY_TAG,
    ASSOCIATIONS_OF_TAG,
    LOGIN_BY_SIS_ID,
    TAG_BY_CATEGORY,
    TAG_BY_SIS_ID,
    TAG_CATEGORY_BY_SIS_ID,
    Tag,
    TagAssociation,
    TagCategory,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process_categories(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of categories."""
    desk.each(rows, _category)


def process_tags(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of tags."""
    desk.each(rows, _tag)


def process_associations(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of associations."""
    desk.each(rows, _association)


def _status(row: Row, what: str) -> str:
    status = prefix(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for {what}')
    return status


def _category(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name = row.get("category_id"), row.get("name")
    if sis_id is None:
        raise Refused("No category_id given for an institutional tag category")
    if name is None:
        raise Refused(f"No name given for institutional tag category {sis_id}")
    status = _status(row, f"institutional tag category {sis_id}")
    if desk.skips(status):
        return False
    category = work.first(TAG_CATEGORY_BY_SIS_ID, sis_id)
    if category is None:
        category = work.add(TagCategory(workflow_state=status, name=name, sis_source_id=sis_id))
    work.set(category, workflow_state=status, name=name, description=row.get("description"))
    work.touch(category)
    if status == "deleted":
        for tag in work.all(TAG_BY_CATEGORY, category.id):
            _delete_tag(tag, work)
    return True


def _tag(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name = row.get("institutional_tag_id"), row.get("name")
    if sis_id is None:
        raise Refused("No institutional_tag_id given for an institutional tag")
    if name is None:
        raise Refused(f"No name given for institutional tag {sis_id}")
    description = row.get("description")
    if description is None:
        raise Refused(f"No description given for institutional tag {sis_id}")
    status = _status(row, f"institutional tag {sis_id}")
    if desk.skips(status):
        return False
    category_id = row.get("category_id")
    category = work.first(TAG_CATEGORY_BY_SIS_ID, category_id)
    if category is None or category.workflow_state == "deleted":
        raise Refused(
            f"Institutional tag category {category_id or ''} didn't exist"
            f" for institutional tag {sis_id}"
        )
    tag = work.first(TAG_BY_SIS_ID, sis_id)
    if tag is None:
        tag = work.add(
            Tag(
                workflow_state=status,
                category_id=category.id,
                name=name,
                description=description,
                sis_source_id=sis_id,
            )
        )
    work.set(
        tag, workflow_state=status, category_id=category.id, name=name, description=description
    )
    work.touch(tag)
    if status == "deleted":
        _delete_tag(tag, work)
    return True


def _delete_tag(tag: Tag, work: Work) -> None:
    work.set(tag, workflow_state="deleted")
    for association in work.all(ASSOCIATIONS_OF_TAG, tag.id):
        work.set(association, workflow_state="deleted")


def _association(row: Row, desk: Desk) -> bool:
    work = desk.work
    tag_id, user_id = row.get("institutional_tag_id"), row.get("user_id")
    if tag_id is None:
        raise Refused("No institutional_tag_id given for an institutional tag association")
    if user_id is None:
        raise Refused("No user_id given for an institutional tag association")
    status = _status(row, "an institutional tag association")
    if desk.skips(status):
        return False
    tag = work.first(TAG_BY_SIS_ID, tag_id)
    if tag is None or tag.workflow_state == "deleted":
        raise Refused(f"Institutional tag {tag_id} didn't exist for institutional tag association")
    login = work.first(LOGIN_BY_SIS_ID, user_id)
    if login is None:
        raise Refused(f"User {user_id} didn't exist for institutional tag association")
    association = work.first(ASSOCIATION_BY_TAG, (tag.id, login.user_id))
    if association is None:
        association = work.add(
            TagAssociation(workflow_state=status, tag_id=tag.id, user_id=login.user_id)
        )
    work.set(association, workflow_state=status)
    work.touch(association)
    return True
