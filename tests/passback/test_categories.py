"""Which category an assignment group is in a class: by a person's word, by exact title, or said."""

import pytest

from passback.a_course import gradebook, of_class
from rosterway.formats.oneroster.gradebook import Category
from rosterway.passback.categories import (
    Association,
    FoundBy,
    alike,
    categories_of,
    find_category,
    unassociated,
    weight_drift,
)
from rosterway.passback.gradebook import AssignmentGroup

GROUP = AssignmentGroup(id="g1", name="Homework", weight=40.0)


def category(ident: str, title: str = "Homework", **changes) -> Category:
    return Category(sourced_id=ident, title=title, **changes)


def linked(to: str) -> Association:
    return Association(group="g1", class_id="c-1", category_id=to, title="As it was called")


GLOBAL, OWN = category("all"), category("own", class_id="c-1")
OTHER = category("other", class_id="c-2")
TESTS = category("t", "Tests")


@pytest.mark.parametrize(
    ("categories", "association", "default", "expected"),
    [
        ((GLOBAL, TESTS), linked("t"), None, (FoundBy.ASSOCIATION, "t")),
        ((GLOBAL, TESTS), linked("gone"), None, (FoundBy.TITLE, "all")),
        ((GLOBAL, OWN), None, None, (FoundBy.TITLE, "own")),
        ((GLOBAL, category("all-2")), None, None, (FoundBy.TITLE, "all")),
        ((OTHER,), None, None, (FoundBy.NONE, None)),
        ((category("x", "homework"),), None, None, (FoundBy.NONE, None)),
        ((category("x", is_deleted=True),), None, None, (FoundBy.NONE, None)),
        ((TESTS,), None, "Tests", (FoundBy.DEFAULT, "t")),
        ((TESTS,), None, "t", (FoundBy.DEFAULT, "t")),
        ((TESTS,), None, "Quizzes", (FoundBy.NONE, None)),
        ((), None, None, (FoundBy.NONE, None)),
    ],
)
def test_a_category_is_found_by_association_then_title_then_default(
    categories, association, default, expected
):
    found = find_category(GROUP, of_class(categories=categories), association, default)
    assert expected == (found.by, found.category and found.category.sourced_id)


@pytest.mark.parametrize(
    "changes", [{"categories": None}, {"categories": (GLOBAL,), "incomplete": ("categories",)}]
)
def test_an_association_is_believed_where_the_list_is_not_proven(changes):
    found = find_category(GROUP, of_class(**changes), linked("elsewhere"), None)
    assert (FoundBy.ASSOCIATION, "elsewhere") == (
        found.by,
        found.category and found.category.sourced_id,
    )


def test_a_rename_in_canvas_breaks_no_association():
    renamed = AssignmentGroup(id="g1", name="Home work (new)")
    found = find_category(renamed, of_class(categories=(TESTS, OWN)), linked("own"), None)
    assert OWN == found.category


def test_a_group_without_a_category_is_told_what_there_is_and_what_may_be_meant():
    found = find_category(
        GROUP, of_class(categories=(TESTS, category("h", "HOMEWORK"))), None, None,
        section="English, 1st", sis="Aeries",
    )  # fmt: skip
    assert found.reason is not None
    assert (
        "Grading category Homework not found in Aeries for English, 1st. "
        "Available grading categories are: Tests, HOMEWORK"
    ) == found.reason.message
    assert found.reason.remedy.endswith("Perhaps HOMEWORK is meant.")


@pytest.mark.parametrize(
    ("name", "title", "why"),
    [
        ("Homework", "homework", "case"),
        ("Home Work ", "Homework", "spaces"),
        ("Homework", "Homework (HW)", "code"),
        ("Homework", "Homework - HW", "code"),
        ("Homework", "HW: Homework", "code"),
        ("Homework", "Homeworks", "alike"),
        ("Homework", "Participation", None),
    ],
)
def test_titles_that_are_alike_are_offered_with_why(name, title, why):
    assert ([why] if why else []) == [one.why for one in alike(name, [category("x", title)])]


def test_the_most_alike_is_offered_first():
    found = alike("Homework", [category("a", "Homewrok"), category("b", "HOMEWORK"), TESTS])
    assert ["b", "a"] == [one.category.sourced_id for one in found]


def test_sections_without_an_association_are_counted_by_group():
    assert {"g1": 1, "g2": 2} == dict(unassociated(gradebook(), [linked("x")]))


def test_weights_that_differ_are_told():
    found = find_category(GROUP, of_class(categories=(category("h", weight=50.0),)), None, None)
    assert [(40.0, 50.0)] == [
        (one.canvas, one.sis) for one in weight_drift(GROUP, of_class(), found)
    ]
    same = find_category(GROUP, of_class(categories=(category("h", weight=40.0),)), None, None)
    assert [] == list(weight_drift(GROUP, of_class(), same))


def test_a_class_may_use_its_own_and_the_global_categories():
    assert (OWN, GLOBAL) == categories_of(of_class(categories=(GLOBAL, OTHER, OWN)))
