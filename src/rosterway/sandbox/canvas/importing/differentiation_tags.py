"""Differentiation tags: sets, tags and who has them. They are hidden groups of a course.

Facts: the SIS documentation of 2025; messages mirror those of groups, as the importers do.
"""

from collections.abc import Sequence

from rosterway.sandbox.canvas.importing.desk import Desk, Handler, prefix
from rosterway.sandbox.canvas.importing.group_memberships import is_in_course, set_membership
from rosterway.sandbox.canvas.importing.reading import Row
from rosterway.sandbox.canvas.state.records import (
    CATEGORY_BY_COURSE,
    CATEGORY_BY_SIS_ID,
    COURSE_BY_SIS_ID,
    GROUP_BY_CATEGORY,
    GROUP_BY_SIS_ID,
    LOGIN_BY_SIS_ID,
    MEMBERSHIPS_OF_GROUP,
    Course,
    Group,
    GroupCategory,
)
from rosterway.sandbox.canvas.state.seed import ROOT_ACCOUNT_ID
from rosterway.sandbox.canvas.state.work import Work
from rosterway.sandbox.canvas.trouble import Refused


def process_sets(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of sets."""
    desk.each(rows, _if_enabled(_set))


def process_tags(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of tags."""
    desk.each(rows, _if_enabled(_tag))


def process_memberships(rows: Sequence[Row], desk: Desk) -> None:
    """Import a segment of memberships."""
    desk.each(rows, _if_enabled(_membership))


def _if_enabled(handle: Handler) -> Handler:
    def handle_if_enabled(row: Row, desk: Desk) -> bool:
        if not desk.knobs.differentiation_tags:
            raise Refused(f"Differentiation Tags are not enabled for Account {ROOT_ACCOUNT_ID}.")
        return handle(row, desk)

    return handle_if_enabled


def _set(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name, course_id = row.get("tag_set_id"), row.get("set_name"), row.get("course_id")
    if sis_id is None:
        raise Refused("No sis_id given for a differentiation tag set")
    if name is None:
        raise Refused(f"No name given for differentiation tag set {sis_id}")
    if row.get("status") is None:
        raise Refused(f"No status given for differentiation tag set {sis_id}")
    status = prefix(row.get("status"), ("active", "deleted"))
    if status is None:
        raise Refused(
            f'Improper status "{row["status"]}" for differentiation tag set {sis_id}, skipping'
        )
    if desk.skips(status):
        return False
    tag_set = _own(work.first(CATEGORY_BY_SIS_ID, sis_id))
    course = work.first(COURSE_BY_SIS_ID, course_id)
    if course is None and (tag_set is None or course_id is not None):
        raise Refused(
            f'Course with id "{course_id or ""}" didn\'t exist for differentiation tag set {sis_id}'
        )
    if tag_set is not None and course is not None and tag_set.course_id != course.id:
        tags = work.all(GROUP_BY_CATEGORY, tag_set.id)
        if any(tag.workflow_state != "deleted" for tag in tags):
            raise Refused(
                f"Cannot move differentiation tag set {sis_id} because it has tags in it."
            )
    home = course.id if course else tag_set.course_id if tag_set else None
    if any(
        other is not tag_set
        and other.name.lower() == name.lower()
        and other.workflow_state != "deleted"
        for other in work.all(CATEGORY_BY_COURSE, home)
    ):
        raise Refused(
            f"A differentiation tag set did not pass validation (differentiation tag set: {sis_id},"
            f" error: Name {name} is already in use.)"
        )
    if tag_set is None:
        tag_set = work.add(
            GroupCategory(
                workflow_state=status, name=name, sis_source_id=sis_id, non_collaborative=True
            )
        )
    work.set(tag_set, workflow_state=status, name=name, course_id=home)
    work.touch(tag_set)
    return True


def _tag(row: Row, desk: Desk) -> bool:
    work = desk.work
    sis_id, name, set_id = row.get("tag_id"), row.get("name"), row.get("tag_set_id")
    if sis_id is None:
        raise Refused("No tag_id given for a differentiation tag.")
    if name is None:
        raise Refused(f"No name given for differentiation tag {sis_id}.")
    status = prefix(row.get("status"), ("available", "deleted"))
    if status is None:
        raise Refused(
            f'Improper status "{row.get("status", "")}" for differentiation tag {sis_id}.'
        )
    if desk.skips(status):
        return False
    course, tag_set = _home(row, sis_id, work)
    tag = work.first(GROUP_BY_SIS_ID, sis_id)
    if tag is not None and course is not None and tag.course_id != course.id:
        members = work.all(MEMBERSHIPS_OF_GROUP, tag.id)
        if any(member.workflow_state != "deleted" for member in members):
            raise Refused(f"Cannot move differentiation tag {sis_id} because it has tag users.")
    if tag is None and course is None:
        raise Refused(
            f"Differentiation tag set {set_id or ''} didn't exist for differentiation tag {sis_id}."
        )
    if tag is None:
        tag = work.add(
            Group(workflow_state=status, name=name, sis_source_id=sis_id, non_collaborative=True)
        )
    work.set(
        tag,
        workflow_state=status,
        name=name,
        course_id=course.id if course else tag.course_id,
        group_category_id=tag_set.id if tag_set else tag.group_category_id,
    )
    work.touch(tag)
    return True


def _home(row: Row, sis_id: str, work: Work) -> tuple[Course | None, GroupCategory | None]:
    """Course and set of a tag; a tag that names only a course gets a set of its own name."""
    if set_id := row.get("tag_set_id"):
        tag_set = _own(work.first(CATEGORY_BY_SIS_ID, set_id))
        if tag_set is None or tag_set.workflow_state == "deleted":
            raise Refused(
                f"Differentiation tag set {set_id} didn't exist for differentiation tag {sis_id}."
            )
        return work.get(Course, tag_set.course_id), tag_set
    course_id = row.get("course_id")
    course = work.first(COURSE_BY_SIS_ID, course_id)
    if course is None:
        if course_id is not None:
            raise Refused(
                f"Course with sis id {course_id} didn't exist for differentiation tag {sis_id}."
            )
        return None, None
    if work.first(GROUP_BY_SIS_ID, sis_id) is not None:
        return course, None
    single = work.add(
        GroupCategory(
            workflow_state="active",
            name=row["name"],
            course_id=course.id,
            non_collaborative=True,
        )
    )
    return course, single


def _own(category: GroupCategory | None) -> GroupCategory | None:
    return category if category and category.non_collaborative else None


def _membership(row: Row, desk: Desk) -> bool:
    work = desk.work
    tag_id, user_id = row.get("tag_id"), row.get("user_id")
    if tag_id is None:
        raise Refused("No tag_id given for a differentiation tag user")
    if user_id is None:
        raise Refused("No user_id given for a differentiation tag user")
    status = prefix(row.get("status"), ("accepted", "deleted"))
    if status is None:
        raise Refused(f'Improper status "{row.get("status", "")}" for a differentiation tag user')
    if desk.skips(status):
        return False
    login = work.first(LOGIN_BY_SIS_ID, user_id)
    if login is None:
        raise Refused(f"User {user_id} didn't exist for differentiation tag user")
    tag = work.first(GROUP_BY_SIS_ID, tag_id)
    if tag is None or not tag.non_collaborative:
        raise Refused(f"Differentiation Tag {tag_id} didn't exist for differentiation tag user")
    if not is_in_course(tag, login, work):
        raise Refused(
            f"User {user_id} doesn't have an enrollment in the course of differentiation tag"
            f" {tag_id}."
        )
    set_membership(tag, login, status, work)
    return True
