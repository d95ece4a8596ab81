"""groups_membership.csv. Facts: canvas-lms `lib/sis/group_membership_importer.rb`."""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, prefix
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    ENROLLMENT_BY_USER,
    GROUP_BY_SIS_ID,
    LOGIN_BY_SIS_ID,
    MEMBERSHIP_BY_GROUP,
    Group,
    GroupMembership,
    Login,
)
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment."""
    work = desk.work
    work.prefetch(GROUP_BY_SIS_ID, (row.get("group_id") for row in rows))
    work.prefetch(LOGIN_BY_SIS_ID, (row.get("user_id") for row in rows))
    pairs: list[tuple[int, int]] = []
    for row in rows:
        group = work.first(GROUP_BY_SIS_ID, row.get("group_id"))
        login = work.first(LOGIN_BY_SIS_ID, row.get("user_id"))
        if group and login:
            pairs.append((group.id, login.user_id))
    work.prefetch(MEMBERSHIP_BY_GROUP, pairs)
    work.prefetch(ENROLLMENT_BY_USER, (user_id for _, user_id in pairs))
    desk.each(rows, _membership)


def _membership(row: Row, desk: Desk) -> bool:
    work = desk.work
    group_id, user_id = row.get("group_id"), row.get("user_id")
    if group_id is None:
        raise Refused("No group_id given for a group user")
    if user_id is None:
        raise Refused("No user_id given for a group user")
    status = prefix(row.get("status"), ("accepted", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for a group user')
    if desk.skips(status):
        return False
    login = work.first(LOGIN_BY_SIS_ID, user_id)
    if login is None:
        raise Refused(f"User {user_id} didn't exist for group user")
    group = work.first(GROUP_BY_SIS_ID, group_id)
    if group is None or group.non_collaborative:
        raise Refused(f"Group {group_id} didn't exist for group user")
    if not is_in_course(group, login, work):
        raise Refused(
            f"User {user_id} doesn't have an enrollment in the course of group {group_id}."
        )
    set_membership(group, login, status, work)
    return True


def is_in_course(group: Group, login: Login, work: Work) -> bool:
    """Whether a user may be in a group: a course's groups are for those enrolled in it."""
    return group.course_id is None or any(
        enrollment.course_id == group.course_id and enrollment.workflow_state != "deleted"
        for enrollment in work.all(ENROLLMENT_BY_USER, login.user_id)
    )


def set_membership(group: Group, login: Login, status: str, work: Work) -> None:
    """Make somebody a member of a group, or no member."""
    membership = work.first(MEMBERSHIP_BY_GROUP, (group.id, login.user_id))
    if membership is None:
        membership = work.add(
            GroupMembership(workflow_state=status, group_id=group.id, user_id=login.user_id)
        )
    work.set(membership, workflow_state=status)
    work.touch(membership)
