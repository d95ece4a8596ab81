"""groups.csv. Facts: canvas-lms `lib/sis/group_importer.rb`.

`deleted` is told by the exact lower-case word: `Deleted` passes as a status and leaves the group
available.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ACCOUNT_BY_SIS_ID,
    CATEGORY_BY_SIS_ID,
    COURSE_BY_SIS_ID,
    GROUP_BY_SIS_ID,
    MEMBERSHIPS_OF_GROUP,
    Group,
    GroupCategory,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused

_STATUSES = ("available", "closed", "completed", "deleted")


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    work.prefetch(GROUP_BY_SIS_ID, (row.get("group_id") for row in rows))
    work.prefetch(CATEGORY_BY_SIS_ID, (row.get("group_category_id") for row in rows))
    desk.each(rows, _group)


def _group(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name = row.get("group_id"), row.get("name")
    if sis_id is None:
        raise Refused("No group_id given for a group.")
    if name is None:
        raise Refused(f"No name given for group {sis_id}.")
    status = row.get("status")
    if prefix(status, _STATUSES) is None:
        raise Refused(f'Improper status "{status or ""}" for group {sis_id}.')
    if desk.skips(status):
        return False
    account_id, course_id, category = _context(row, sis_id, work)
    group = work.first(GROUP_BY_SIS_ID, sis_id)
    if group is not None and _would_move(group, account_id, course_id):
        members = work.all(MEMBERSHIPS_OF_GROUP, group.id)
        if any(member.workflow_state != "deleted" for member in members):
            raise Refused(f"Cannot move group {sis_id} because it has group_memberships.")
    state = "deleted" if status == "deleted" else "available"
    if group is None:
        group = work.add(Group(workflow_state=state, name=name, sis_source_id=sis_id))
    work.set(
        group,
        workflow_state=state,
        name=name,
        account_id=account_id,
        course_id=course_id,
        group_category_id=category.id if category else group.group_category_id,
    )
    work.touch(group)
    return True


def _context(
    row: Row, sis_id: str, work: Work
) -> tuple[int | None, int | None, GroupCategory | None]:
    """Account or course of a group, and its category, which must belong to the same."""
    account_id = course_id = None
    where = ""
    if named := row.get("account_id"):
        account = work.first(ACCOUNT_BY_SIS_ID, named)
        if account is None:
            raise Refused(f"Account with sis id {named} didn't exist for group {sis_id}.")
        account_id, where = account.id, f" in account {named}"
    elif named := row.get("course_id"):
        course = work.first(COURSE_BY_SIS_ID, named)
        if course is None:
            raise Refused(f"Course with sis id {named} didn't exist for group {sis_id}.")
        course_id, where = course.id, f" in course {named}"
    category_id = row.get("group_category_id")
    category = work.first(CATEGORY_BY_SIS_ID, category_id)
    if category_id is not None:
        found = category is not None and category.workflow_state != "deleted"
        fits = not where or (
            category is not None
            and (category.account_id, category.course_id) == (account_id, course_id)
        )
        if not found or not fits:
            raise Refused(f"Group Category {category_id} didn't exist{where} for group {sis_id}.")
    if category is not None:
        return category.account_id, category.course_id, category
    if not where:
        account_id = ROOT_ACCOUNT_ID
    return account_id, course_id, None


def _would_move(group: Group, account_id: int | None, course_id: int | None) -> bool:
    return (group.account_id, group.course_id) != (account_id, course_id)
