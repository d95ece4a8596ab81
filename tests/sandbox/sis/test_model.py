"""The tables are those of the specification: how many operations, which fields, which roots."""

import pytest

from rosterway.sandbox.sis.model.nouns import COLLECTIONS, NOUNS
from rosterway.sandbox.sis.model.operations import OPERATIONS, ROOTS, scopes_of
from rosterway.sandbox.sis.model.vocabularies import is_token


@pytest.mark.parametrize(
    ("version", "service", "count"),
    [
        ("1.1", "rostering", 41),
        ("1.1", "gradebook", 16),
        ("1.1", "resources", 4),
        ("1.2", "rostering", 41),
        ("1.2", "gradebook", 35),
        ("1.2", "resources", 5),
    ],
)
def test_every_operation_of_a_service_is_there(version, service, count):
    found = [op for op in OPERATIONS if (op.version, op.service) == (version, service)]
    assert count == len(found)
    assert count == len({op.id for op in found})


def test_1p1_has_one_root_and_1p2_three_with_the_service_before_the_version():
    assert {"/ims/oneroster/v1p1"} == {ROOTS[key] for key in ROOTS if key[0] == "1.1"}
    assert "/ims/oneroster/gradebook/v1p2" == ROOTS["1.2", "gradebook"]


def test_categories_of_a_class_scales_and_posts_are_of_1p2_alone():
    names = {op.id for op in OPERATIONS if op.version == "1.2"} - {
        op.id for op in OPERATIONS if op.version == "1.1"
    }
    assert {"getCategoriesForClass", "putScoreScale", "postLineItemsForClass"} <= names
    assert 20 == len(names)


@pytest.mark.parametrize(
    ("noun", "of_1p1", "of_1p2"),
    [
        ("user", {"role", "orgs", "username"}, {"roles"}),
        ("org", set(), {"identifier"}),
        (
            "lineItem",
            {"gradingPeriod", "resultValueMin", "resultValueMax"},
            {"school"},
        ),
        ("result", {"score"}, set()),
    ],
)
def test_what_is_required_differs_where_the_reference_says_so(noun, of_1p1, of_1p2):
    def required(version):
        return {field.name for field in NOUNS[version][noun].fields if field.required}

    assert of_1p1 == required("1.1") - required("1.2")
    assert of_1p2 == required("1.2") - required("1.1")


def test_1p1_knows_no_scales_and_no_assessments():
    assert {"scoreScale", "assessmentLineItem", "assessmentResult"} == COLLECTIONS.keys() - NOUNS[
        "1.1"
    ]


@pytest.mark.parametrize(
    ("version", "vocabulary", "value", "known"),
    [
        ("1.2", "enrollmentRole", "ext:aide", True),
        ("1.1", "enrollmentRole", "ext:aide", False),
        ("1.2", "status", "ext:inactive", False),
        ("1.2", "roleType", "ext:third", False),
        ("1.1", "sex", "other", False),
        ("1.2", "sex", "other", True),
        ("1.2", "scoreStatus", "fully graded", True),
        ("1.2", "scoreStatus", "fullyGraded", False),
    ],
)
def test_1p2_lets_most_vocabularies_be_extended(version, vocabulary, value, known):
    assert known is is_token(version, vocabulary, value)


def test_scopes_are_whole_addresses_of_their_version():
    assert "https://purl.imsglobal.org/spec/or/v1p2/scope/gradebook.createpost" in scopes_of("1.2")
    assert 7 == len(scopes_of("1.1"))
