"""group_categories.csv. Facts: canvas-lms `lib/sis/group_category_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix, too_long
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ACCOUNT_BY_SIS_ID,
    CATEGORY_BY_ACCOUNT,
    CATEGORY_BY_COURSE,
    CATEGORY_BY_SIS_ID,
    COURSE_BY_SIS_ID,
    GROUP_BY_CATEGORY,
    Account,
    GroupCategory,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    desk.work.prefetch(CATEGORY_BY_SIS_ID, (row.get("group_category_id") for row in rows))
    desk.each(rows, _category)


def _category(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name = row.get("group_category_id"), row.get("category_name")
    if sis_id is None:
        raise Refused("No sis_id given for a group category")
    if name is None:
        raise Refused(f"No name given for group category {sis_id}")
    if row.get("status") is None:
        raise Refused(f"No status given for group category {sis_id}")
    status = prefix(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row["status"]}" for group category {sis_id}, skipping')
    if row.get("account_id") and row.get("course_id"):
        raise Refused(
            "Only one context is allowed and both course_id and account_id where provided"
            f" for group category {sis_id}."
        )
    if desk.skips(status):
        return False
    account_id, course_id = _context(row, sis_id, work)
    category = work.first(CATEGORY_BY_SIS_ID, sis_id)
    moved = category is not None and (category.account_id, category.course_id) != (
        account_id,
        course_id,
    )
    if moved and category is not None and _has_groups(category, work):
        raise Refused(f"Cannot move group category {sis_id} because it has groups in it.")
    if errors := too_long(name=name, sis_source_id=sis_id) or _name_taken(
        name, sis_id, account_id, course_id, work
    ):
        raise Refused(
            f"A group category did not pass validation (group category: {sis_id},"
            f" error: {', '.join(errors)})"
        )
    if category is None:
        category = work.add(GroupCategory(workflow_state=status, name=name, sis_source_id=sis_id))
    work.set(category, workflow_state=status, name=name, account_id=account_id, course_id=course_id)
    work.touch(category)
    return True


def _context(row: Row, sis_id: str, work: Work) -> tuple[int | None, int | None]:
    """Account id or course id; the root account when the row names neither."""
    if account_id := row.get("account_id"):
        account = work.first(ACCOUNT_BY_SIS_ID, account_id)
        if account is None:
            raise Refused(
                f'Account with id "{account_id}" didn\'t exist for group category {sis_id}'
            )
        return account.id, None
    if course_id := row.get("course_id"):
        course = work.first(COURSE_BY_SIS_ID, course_id)
        if course is None:
            raise Refused(f'Course with id "{course_id}" didn\'t exist for group category {sis_id}')
        return None, course.id
    return work.there(Account, ROOT_ACCOUNT_ID).id, None


def _has_groups(category: GroupCategory, work: Work) -> bool:
    groups = work.all(GROUP_BY_CATEGORY, category.id)
    return any(group.workflow_state != "deleted" for group in groups)


def _name_taken(
    name: str, sis_id: str, account_id: int | None, course_id: int | None, work: Work
) -> list[str]:
    beside = (
        work.all(CATEGORY_BY_ACCOUNT, account_id)
        if account_id is not None
        else work.all(CATEGORY_BY_COURSE, course_id)
    )
    for other in beside:
        same = other.name.lower() == name.lower() and other.sis_source_id != sis_id
        if same and other.workflow_state != "deleted":
            return [f"Name {name} is already in use."]
    return []
