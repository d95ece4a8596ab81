"""The gradebook's JSON: read however it is written, written as either version's schema asks."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.envelope import Unreadable
from rosterway.formats.oneroster.gradebook import Category, LineItem, Result, ScoreScale
from rosterway.formats.oneroster.gradebook_reading import (
    CATEGORIES,
    LINE_ITEMS,
    RESULTS,
    SCORE_SCALES,
    Place,
)
from rosterway.formats.oneroster.gradebook_writing import (
    DateForm,
    Manner,
    Shape,
    bodies,
    body,
    lacking,
    line_item,
    result,
)
from rosterway.formats.oneroster.notes import Notes
from rosterway.settings.shape import Version

NOW = "2026-11-23T12:00:00.000Z"
ITEM = LineItem(
    sourced_id="li-1",
    title="Quiz 1",
    class_id="c/9",
    description="Chapter 1",
    category_id="k-2",
    school_id="o-1",
    grading_period_id="gp-1",
    assigned="2026-09-24T00:00:00.000Z",
    due="2026-10-01T23:59:00.000Z",
    minimum=0.0,
    maximum=20.0,
)
GRADE = Result(
    sourced_id="r-1",
    line_item_id="li-1",
    student_id="u-1",
    class_id="c/9",
    score=18.5,
    score_status="fully graded",
    score_date="2026-10-02",
    comment="Well done",
    late=False,
    missing=False,
)
MANNERS = {
    version: Manner(version=version, rostering="https://sis.test/r", gradebook="https://sis.test/g")
    for version in Version
}


def read(reader, records, *, version=Version.V1P2, place=None):
    notes = Notes(reader.envelope.plural, "/x")
    text = json.dumps({reader.envelope.plural: records}).encode()
    batch = reader.read(text, version, notes, place)
    assert not isinstance(batch, Unreadable)
    return batch, notes


def codes(notes):
    return {one.code for one in notes.tally.all()}


# -- reading --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("record", "class_id"),
    [
        ({"metadata": {"classId": "c-9"}}, "c-9"),
        ({"metadata": {"classId": 9}}, "9"),
        ({"class": {"sourcedId": "c-9"}}, "c-9"),
        ({"metadata": None}, "of the path"),
        ({"metadata": {"other": 1}}, "of the path"),
    ],
)
def test_a_category_is_of_the_class_it_names_or_of_the_path(record, class_id):
    told = {"sourcedId": "k-1", "title": "Homework", "weight": "20"} | record
    batch, _ = read(CATEGORIES, [told], place=Place(class_id="of the path"))
    expected = Category(sourced_id="k-1", title="Homework", class_id=class_id, weight=20.0)
    assert (expected,) == batch.nouns


@pytest.mark.parametrize(
    ("odd", "field", "value", "code"),
    [
        ({"class": "c-9"}, "class_id", "c-9", "reference-bare"),
        ({"class": {"sourcedId": 9}}, "class_id", "9", "number-for-text"),
        ({"class": None}, "class_id", "of the path", ""),
        ({"category": {}}, "category_id", None, ""),
        ({"category": [{"sourcedId": "k"}]}, "category_id", "k", "reference-bare"),
        ({"resultValueMax": "20"}, "maximum", 20.0, "text-for-number"),
        ({"resultValueMax": None}, "maximum", None, ""),
        ({"title": 7}, "title", "7", "number-for-text"),
        ({"status": "inactive"}, "is_deleted", True, "synonym"),
        ({"status": "ToBeDeleted"}, "is_deleted", True, "letter-case"),
        ({"status": None}, "is_deleted", False, ""),
        ({"dueDate": "2026-10-01"}, "due", "2026-10-01", ""),
        ({"dueDate": "2026-10-01T23:59:00-06:00"}, "due", "2026-10-01T23:59:00-06:00", ""),
        ({"dueDate": "0001-01-01T00:00:00Z"}, "due", None, "date-sentinel"),
    ],
)
def test_a_line_item_is_read_however_it_is_written(odd, field, value, code):
    told = {"sourcedId": "li", "title": "Quiz", "class": {"sourcedId": "c"}} | odd
    batch, notes = read(LINE_ITEMS, [told], place=Place(class_id="of the path"))
    assert value == getattr(batch.nouns[0], field)
    assert ({code} if code else set()) == codes(notes)
    assert [] == notes.findings


@pytest.mark.parametrize(
    ("version", "status", "score", "expected"),
    [
        (Version.V1P1, "not submitted", 0, None),
        (Version.V1P1, "exempt", "0", None),
        (Version.V1P1, "submitted", 0.0, None),
        (Version.V1P1, "fully graded", 0, 0.0),
        (Version.V1P1, "partially graded", 0, 0.0),
        (Version.V1P1, "exempt", 5, 5.0),
        (Version.V1P2, "exempt", 0, 0.0),
    ],
)
def test_the_zero_that_1_1_forces_upon_a_result_is_no_score(version, status, score, expected):
    told = {"sourcedId": "r", "scoreStatus": status, "score": score}
    place = Place("c", "li", "u")
    batch, _ = read(RESULTS, [told], version=version, place=place)
    assert expected == batch.nouns[0].score


@pytest.mark.parametrize(
    ("raw", "value"), [("true", True), (True, True), ("FALSE", False), ("1", True), (None, None)]
)
def test_flags_are_read_however_they_are_written(raw, value):
    batch, _ = read(RESULTS, [{"sourcedId": "r", "late": raw}], place=Place("c", "li", "u"))
    assert value is batch.nouns[0].late


def test_a_scale_is_pairs():
    values = [{"itemValueLHS": "A", "itemValueRHS": 100}, {"itemValueLHS": "B"}, None]
    batch, notes = read(SCORE_SCALES, [{"sourcedId": "s", "scoreScaleValue": values}])
    assert (ScoreScale(sourced_id="s", values=(("A", "100"),)),) == batch.nouns
    assert 2 == len(notes.findings)


def test_one_odd_record_does_not_cost_the_others():
    records = [{"sourcedId": "a"}, None, {"sourcedId": ""}, 7, {"sourcedId": "b"}]
    batch, notes = read(RESULTS, records, place=Place("c", "li", "u"))
    assert ["a", "b"] == [one.sourced_id for one in batch.nouns]
    assert (5, 3, "a", "b") == (batch.entries, batch.refused, batch.first, batch.last)
    assert 3 == len(notes.findings)


def test_a_result_of_nobody_is_a_problem():
    batch, notes = read(RESULTS, [{"sourcedId": "r", "lineItem": {"sourcedId": "li"}}])
    assert () == batch.nouns
    assert [("value-missing", "student")] == [(one.code, one.column) for one in notes.findings]


@pytest.mark.parametrize("text", [b"", b"[]", b'{"lineItem": []}', b"<html>", b'{"lineItems": 3}'])
def test_what_is_no_collection_is_not_taken_for_an_empty_one(text):
    found = LINE_ITEMS.read(text, Version.V1P2, Notes("lineItems", "/x"))
    assert isinstance(found, Unreadable)


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    [
        *("sourcedId", "status", "title", "class", "category", "score", "scoreStatus"),
        *("scoreDate", "dueDate", "metadata", "lineItem", "student", "late", "weight"),
        *("resultValueMax", "scoreScaleValue", "comment"),
    ]
)


@pytest.mark.parametrize("reader", [CATEGORIES, LINE_ITEMS, RESULTS, SCORE_SCALES])
@given(st.lists(st.dictionaries(_NAMES, _JSON) | _JSON, max_size=4))
def test_nothing_makes_reading_stumble(reader, records):
    batch, _ = read(reader, records, place=Place("c", "li", "u"))
    assert len(records) == batch.entries == len(batch.nouns) + batch.refused


# -- writing --------------------------------------------------------------------------------


def test_a_line_item_is_written_as_the_strict_schema_of_1_2_asks():
    assert {
        "sourcedId": "li-1",
        "status": "active",
        "dateLastModified": NOW,
        "title": "Quiz 1",
        "description": "Chapter 1",
        "assignDate": "2026-09-24T00:00:00.000Z",
        "dueDate": "2026-10-01T23:59:00.000Z",
        "class": {
            "href": "https://sis.test/r/classes/c%2F9",
            "sourcedId": "c/9",
            "type": "class",
        },
        "school": {"href": "https://sis.test/r/orgs/o-1", "sourcedId": "o-1", "type": "org"},
        "category": {
            "href": "https://sis.test/g/categories/k-2",
            "sourcedId": "k-2",
            "type": "category",
        },
        "gradingPeriod": {
            "href": "https://sis.test/r/academicSessions/gp-1",
            "sourcedId": "gp-1",
            "type": "academicSession",
        },
        "resultValueMin": 0.0,
        "resultValueMax": 20.0,
    } == line_item(ITEM, MANNERS[Version.V1P2], NOW)


def test_a_result_is_written_lean_as_lenient_providers_are_tested():
    manner = Manner(version=Version.V1P2, shape=Shape.LEAN)
    assert {
        "sourcedId": "r-1",
        "lineItem": {"sourcedId": "li-1"},
        "student": {"sourcedId": "u-1"},
        "class": {"sourcedId": "c/9"},
        "scoreStatus": "fully graded",
        "score": 18.5,
        "scoreDate": "2026-10-02",
        "comment": "Well done",
        "late": "false",
        "missing": "false",
    } == result(GRADE, manner, NOW)


def test_1_1_is_told_nothing_it_has_no_word_for():
    told = line_item(ITEM, MANNERS[Version.V1P1], NOW) | result(GRADE, MANNERS[Version.V1P1], NOW)
    assert set() == told.keys() & {"school", "academicSession", "late", "missing", "textScore"}
    assert "class" not in result(GRADE, MANNERS[Version.V1P1], NOW)


@pytest.mark.parametrize(
    ("version", "filler", "status", "score", "expected"),
    [
        (Version.V1P1, None, "exempt", None, 0.0),
        (Version.V1P1, None, "not submitted", None, 0.0),
        (Version.V1P1, None, "fully graded", None, None),
        (Version.V1P1, None, "partially graded", None, None),
        (Version.V1P1, None, "exempt", 3.0, 3.0),
        (Version.V1P1, False, "exempt", None, None),
        (Version.V1P2, None, "exempt", None, None),
        (Version.V1P2, True, "exempt", None, 0.0),
        (Version.V1P2, True, "fully graded", None, None),
    ],
)
def test_a_zero_is_never_sent_beside_a_status_that_would_make_it_a_grade(
    version, filler, status, score, expected
):
    manner = Manner(version=version, filler=filler)
    given_ = msgspec.structs.replace(GRADE, score_status=status, score=score)
    assert expected == result(given_, manner, NOW).get("score")


def test_modified_passback_leaves_our_id_out_of_the_body_and_fields_can_be_left_out():
    manner = Manner(
        version=Version.V1P2, modified=True, omitted=frozenset({"gradingPeriod", "description"})
    )
    told = line_item(ITEM, manner, NOW)
    assert set() == told.keys() & {"sourcedId", "gradingPeriod", "description"}
    posted = json.loads(bodies([GRADE], manner, NOW))["results"]
    assert ["r-1"] == [one["sourcedId"] for one in posted]


@pytest.mark.parametrize(
    ("form", "date", "expected"),
    [
        (None, "2026-10-02", "2026-10-02"),
        (DateForm.DAY, "2026-10-02T23:59:00Z", "2026-10-02"),
        (DateForm.MOMENT, "2026-10-02", "2026-10-02T00:00:00.000Z"),
        (DateForm.MOMENT, "2026-10-02T23:59:00Z", "2026-10-02T23:59:00Z"),
        (DateForm.DAY, None, None),
    ],
)
def test_dates_are_written_in_the_form_that_is_wanted(form, date, expected):
    manner = Manner(version=Version.V1P2, score_date=form, due_date=form)
    graded = msgspec.structs.replace(GRADE, score_date=date)
    assert expected == result(graded, manner, NOW).get("scoreDate")
    assert expected == line_item(msgspec.structs.replace(ITEM, due=date), manner, NOW).get(
        "dueDate"
    )


def test_flags_and_the_grading_period_can_be_left_out():
    manner = Manner(version=Version.V1P2, flags=False, grading_period=False)
    told = line_item(ITEM, manner, NOW) | result(GRADE, manner, NOW)
    assert set() == told.keys() & {"late", "missing", "gradingPeriod"}


@pytest.mark.parametrize(
    ("noun", "version", "names"),
    [
        (ITEM, Version.V1P1, ()),
        (ITEM, Version.V1P2, ()),
        (GRADE, Version.V1P1, ()),
        (LineItem(sourced_id="l", title="T", class_id="c"), Version.V1P2, 4),
        (LineItem(sourced_id="l", title="T", class_id="c"), Version.V1P1, 6),
        (
            Result(sourced_id="r", line_item_id="l", student_id="u", score_status="fully graded"),
            Version.V1P1,
            ("score", "scoreDate"),
        ),
    ],
)
def test_what_a_schema_requires_and_is_not_there_is_named(noun, version, names):
    found = lacking(noun, MANNERS[version])
    assert names == (len(found) if isinstance(names, int) else found)


_ID = st.text("abcXYZ019.-_/@", min_size=1, max_size=12)
_SCORE = st.none() | st.floats(0, 1000, allow_nan=False)
_RESULTS = st.builds(
    Result,
    sourced_id=_ID,
    line_item_id=_ID,
    student_id=_ID,
    class_id=_ID,
    score=_SCORE,
    text_score=st.none() | st.just("A"),
    score_status=st.sampled_from(
        ["exempt", "fully graded", "not submitted", "partially graded", "submitted"]
    ),
    score_date=st.none() | st.just("2026-10-02"),
    comment=st.none() | st.text(min_size=1, max_size=9),
    late=st.none() | st.booleans(),
    missing=st.none() | st.booleans(),
    incomplete=st.none() | st.booleans(),
    in_progress=st.none() | st.booleans(),
)


@given(_RESULTS, st.sampled_from(Shape))
def test_what_is_written_to_1_2_is_read_back_as_it_was(noun, shape):
    told = body(noun, Manner(version=Version.V1P2, shape=shape), NOW)
    assert noun == RESULTS.read_one(told, Version.V1P2, Notes("results", "/x"))


@given(_RESULTS)
def test_what_is_written_to_1_1_is_read_back_without_what_1_1_has_no_word_for(noun):
    told = body(noun, Manner(version=Version.V1P1), NOW)
    found = RESULTS.read_one(told, Version.V1P1, Notes("results", "/x"))
    is_grade = noun.score_status in {"fully graded", "partially graded"}
    expected = noun.score if is_grade or noun.score else None
    assert found is not None
    assert (noun.student_id, expected, noun.score_status, noun.comment) == (
        found.student_id,
        found.score,
        found.score_status,
        found.comment,
    )
