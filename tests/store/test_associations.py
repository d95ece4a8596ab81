"""Associations between assignment groups and categories."""

import pytest

from rosterway.errors import NotFoundError
from rosterway.store import associations, audit
from store.builders import NOON, later


def associate(handle, *, group="g-1", class_id="c-1", category="cat-1", title="Homework", now=NOON):
    return associations.put(
        handle,
        course="101",
        group=group,
        class_id=class_id,
        category_id=category,
        title=title,
        by="ada",
        now=now,
    )


def test_a_group_has_one_category_in_each_class(lincoln):
    first = associate(lincoln, class_id="c-2")
    associate(lincoln)
    again = associate(lincoln, category="cat-2", title="Tests", now=later(1))

    assert associations.of_course(lincoln, "101") == [again, first]
    assert (again.category_id, again.title, again.at) == ("cat-2", "Tests", later(1))


def test_an_association_is_removed_and_both_acts_are_in_the_audit_log(lincoln):
    associate(lincoln)
    where = {"course": "101", "group": "g-1", "class_id": "c-1"}
    associations.remove(lincoln, **where, by="ada", now=NOON)

    assert associations.of_course(lincoln, "101") == []
    acts = [(entry.act, entry.subject) for entry in audit.entries(lincoln)]
    assert acts == [("category.remove", "course 101"), ("category.associate", "course 101")]
    with pytest.raises(NotFoundError, match="has no category"):
        associations.remove(lincoln, **where, by="ada", now=NOON)


def test_another_tenants_associations_are_not_seen(lincoln, monroe):
    associate(lincoln)

    assert associations.of_course(monroe, "101") == []
