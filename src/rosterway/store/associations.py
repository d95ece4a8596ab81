"""Associations: which category of the SIS an assignment group has in one class.

A person made each, with the category tool; it is by ids, so that a group or a category that is
renamed stays associated (instructure-integration.md 5). `title` is what the category was called
then, for people. A course that is copied has groups of its own and begins without any.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rosterway.errors import NotFoundError
from rosterway.store import audit
from rosterway.store.columns import instant, tenant_table, text
from rosterway.store.walls import TenantStore

ASSOCIATIONS = tenant_table(
    "associations",
    text("course"),
    text("group"),
    text("class_id"),
    text("category_id"),
    text("title"),
    text("by"),
    instant("at"),
    key=("course", "group", "class_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """A group of a course and the category it has in one class; who said so, and when."""

    tenant: str
    course: str
    group: str
    class_id: str
    category_id: str
    title: str
    by: str
    at: datetime


def put(
    handle: TenantStore,
    *,
    course: str,
    group: str,
    class_id: str,
    category_id: str,
    title: str,
    by: str,
    now: datetime,
) -> Association:
    """Associate a group with a category in one class; an earlier choice is replaced."""
    table = ASSOCIATIONS.c
    said: dict[str, Any] = {"category_id": category_id, "title": title, "by": by, "at": now}
    key = {"course": course, "group": group, "class_id": class_id}
    with handle.together() as tx, tx.writing() as seen:
        if not seen.insert_new(ASSOCIATIONS, **key, **said):
            seen.update(ASSOCIATIONS, *(table[name] == key[name] for name in key), **said)
        audit.append(
            tx,
            actor=by,
            act="category.associate",
            subject=f"course {course}",
            now=now,
            details={"group": group, "class": class_id, "category": category_id},
        )
        return Association(tenant=handle.name, **key, **said)


def remove(
    handle: TenantStore, *, course: str, group: str, class_id: str, by: str, now: datetime
) -> None:
    """Take an association away; `NotFoundError` if there is none."""
    table = ASSOCIATIONS.c
    where = (table.course == course, table.group == group, table.class_id == class_id)
    with handle.together() as tx, tx.writing() as seen:
        if not seen.delete(ASSOCIATIONS, *where):
            raise NotFoundError(
                f'the group {group} has no category in the class "{class_id}"',
                remedy="look at `rosterway category list`",
            )
        audit.append(
            tx,
            actor=by,
            act="category.remove",
            subject=f"course {course}",
            now=now,
            details={"group": group, "class": class_id},
        )


def of_course(handle: TenantStore, course: str) -> list[Association]:
    """Every association of a course, by group and class."""
    table = ASSOCIATIONS.c
    with handle.reading() as seen:
        order = (table.group, table.class_id)
        return seen.find(Association, ASSOCIATIONS, table.course == course, order=order)
