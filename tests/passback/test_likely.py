"""What is found in a payload when its refusal names no cause."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.formats.oneroster.gradebook import Category, LineItem, Result, ScoreScale
from rosterway.passback.class_gradebook import ClassGradebook, Session
from rosterway.passback.explain import Refusal, explain
from rosterway.passback.likely import Refused, likely_causes, with_causes
from rosterway.passback.likely_words import CAUSES
from rosterway.passback.rules import Bound, Consent, Rules, SameName

ZONE = ZoneInfo("America/Chicago")
ITEM = LineItem(
    sourced_id="L1",
    title="Quiz 1",
    class_id="C1",
    category_id="K1",
    grading_period_id="P1",
    assigned="2026-09-01",
    due="2026-09-10T23:59:00-05:00",
    minimum=0.0,
    maximum=10.0,
)
RESULT = Result(
    sourced_id="R1",
    line_item_id="L1",
    student_id="S1",
    score=8.0,
    score_status="fully graded",
    score_date="2026-09-11",
)
CLASS = ClassGradebook(
    class_id="C1",
    school_id="O1",
    sessions=(
        Session(
            sourced_id="P1",
            title="Quarter 1",
            kind="gradingPeriod",
            start="2026-08-20",
            end="2026-10-20",
            parent="T1",
        ),
        Session(sourced_id="T1", title="Fall", kind="term", start="2026-08-20", end="2027-01-20"),
    ),
    students=("S1", "S2"),
    categories=(
        Category(sourced_id="K1", title="Tests"),
        Category(sourced_id="K2", title="Labs", class_id="C2"),
    ),
    line_items=(ITEM, LineItem(sourced_id="L2", title="Essay", class_id="C1", maximum=5.0)),
    results=(),
    score_scales=(ScoreScale(sourced_id="Z1", class_id="C1", values=(("A", "90"), ("B", "80"))),),
)


def item(**changes):
    return msgspec.structs.replace(ITEM, **changes)


def result(**changes):
    return msgspec.structs.replace(RESULT, **changes)


def causes(noun, of_class=CLASS, rules=Rules(), status=400):
    told = likely_causes(
        Refused(noun=noun, of_class=of_class, rules=rules, zone=ZONE, status=status)
    )
    return [one.code.removeprefix("likely-") for one in told]


def within(**changes):
    return msgspec.structs.replace(CLASS, **changes)


ENTERED = within(results=(result(sourced_id="T-9", score=7.0),))
OLD = within(line_items=(item(assigned="2026-09-20"),))

FOUND = [
    ("class-unknown", item(class_id="C7"), CLASS, Rules()),
    ("category-unknown", item(category_id="K9"), CLASS, Rules()),
    ("category-of-another-class", item(category_id="K2"), CLASS, Rules()),
    ("no-category", item(category_id=None), CLASS, Rules()),
    ("period-unknown", item(grading_period_id="P9"), CLASS, Rules()),
    ("title-blank", item(title=" "), CLASS, Rules()),
    ("title-too-long", item(title="Q" * 31), CLASS, Rules(name_length=30)),
    ("title-too-long", item(title="Q" * 256), CLASS, Rules()),
    ("title-taken", item(title="Essay"), CLASS, Rules(same_name=SameName.REFUSE)),
    ("title-taken", item(title="Essay"), CLASS, Rules()),
    ("no-due-date", item(due=None), CLASS, Rules()),
    ("due-outside", item(due="2026-11-02"), CLASS, Rules()),
    ("due-outside", item(due="2027-02-01", grading_period_id=None), CLASS, Rules()),
    ("due-outside", item(due="2026-10-20"), CLASS, Rules()),
    ("assigned-outside", item(assigned="2026-08-01"), CLASS, Rules()),
    ("due-before-assigned", item(assigned="2026-09-12"), CLASS, Rules()),
    ("zero-points", item(maximum=0.0), CLASS, Rules(zero_points=Consent.REFUSE)),
    ("zero-points", item(maximum=0.0), CLASS, Rules()),
    ("points-not-whole", item(maximum=10.5), CLASS, Rules(whole_points=True)),
    ("no-points", item(maximum=None), CLASS, Rules()),
    ("id-form", item(sourced_id="a b", title="Quiz 9"), CLASS, Rules()),
    ("student-not-in-class", result(student_id="S7"), CLASS, Rules()),
    ("line-item-unknown", result(line_item_id="L9"), CLASS, Rules()),
    ("entered-in-sis", result(), ENTERED, Rules()),
    ("status-unknown", result(score_status="fullyGraded"), CLASS, Rules()),
    ("no-score", result(score=None), CLASS, Rules()),
    ("score-over", result(score=11.0), CLASS, Rules(over_maximum=Bound.REFUSE)),
    ("score-over", result(score=11.0), CLASS, Rules()),
    ("score-under", result(score=-1.0), CLASS, Rules()),
    ("too-many-decimals", result(score=8.25), CLASS, Rules(decimals=1)),
    ("decimals", result(score=8.25), CLASS, Rules()),
    ("letter-without-scale", result(score=None, text_score="F"), CLASS, Rules()),
    ("scored-before-assigned", result(), OLD, Rules()),
    ("comment-too-long", result(comment="x" * 300), CLASS, Rules()),
    ("comment-too-long", result(comment="x" * 30), CLASS, Rules(comment_length=20)),
]


@pytest.mark.parametrize(("code", "noun", "of_class", "rules"), FOUND)
def test_a_cause_is_found_alone_in_what_is_otherwise_right(code, noun, of_class, rules):
    assert [code] == causes(noun, of_class, rules)


def test_there_is_a_case_for_every_cause():
    assert set(CAUSES) == {code for code, *_ in FOUND}


@pytest.mark.parametrize("noun", [ITEM, RESULT, result(text_score="A")])
def test_finding_nothing_is_said(noun):
    assert ["none"] == causes(noun)


def test_what_could_not_be_looked_into_is_said_with_it():
    unread = within(students=None, incomplete=("results",))
    told = likely_causes(Refused(noun=RESULT, of_class=unread, rules=Rules(), zone=ZONE))
    assert "want of a complete list: its students, its results." in told[0].message


@pytest.mark.parametrize(
    ("noun", "unproven"),
    [
        (item(category_id="K9"), "categories"),
        (result(student_id="S7"), "students"),
        (result(line_item_id="L9"), "line_items"),
    ],
)
def test_a_list_that_is_not_complete_proves_nothing_missing(noun, unproven):
    assert ["none"] == causes(noun, within(incomplete=(unproven,)))


def test_what_the_rules_forbid_comes_before_what_other_systems_refuse():
    noun = result(score=10.25)
    assert ["score-over", "decimals"] == causes(noun)
    assert ["too-many-decimals", "score-over"] == causes(noun, rules=Rules(decimals=1))


def test_a_cause_that_fits_the_status_comes_first():
    noun = item(title="", category_id="K9")
    assert ["category-unknown", "title-blank"] == causes(noun, status=409)
    conflict = result(score=None, student_id="S7")
    assert ["student-not-in-class", "no-score"] == causes(conflict, status=409)


def test_a_due_date_at_midnight_is_the_schools_day():
    late = item(due="2026-10-20T04:59:00Z")
    assert ["none"] == causes(late)


def test_a_cause_is_told_with_its_values():
    told = likely_causes(Refused(noun=RESULT, of_class=ENTERED, rules=Rules(), zone=ZONE))
    assert "(7)" in told[0].message


def test_only_a_vague_explanation_gets_causes():
    refused = Refused(noun=result(score=11.0), of_class=CLASS, rules=Rules(), zone=ZONE)
    silent = explain(Refusal(profile="blackbaud", status=400))
    plain = explain(Refusal(status=429))
    assert ("likely-score-over",) == tuple(r.code for r in with_causes(silent, refused).likely)
    assert () == with_causes(plain, refused).likely


nouns = st.one_of(
    st.builds(
        LineItem,
        sourced_id=st.text(max_size=5),
        title=st.text(max_size=300),
        class_id=st.sampled_from(["C1", "C2"]),
        category_id=st.none() | st.sampled_from(["K1", "K2", "K3"]),
        grading_period_id=st.none() | st.sampled_from(["P1", "P2"]),
        assigned=st.none() | st.sampled_from(["2026-09-01", "soon", "0001-01-01", "2027-09-01"]),
        due=st.none() | st.dates().map(str) | st.text(max_size=4),
        maximum=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.builds(
        Result,
        sourced_id=st.text(max_size=5),
        line_item_id=st.sampled_from(["L1", "L2", "L3"]),
        student_id=st.sampled_from(["S1", "S2", "S3"]),
        score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        text_score=st.none() | st.sampled_from(["A", "F"]),
        score_status=st.sampled_from(["fully graded", "exempt", "", "gone"]),
        score_date=st.none() | st.text(max_size=4),
    ),
)


@given(nouns, st.sampled_from([400, 404, 409, 422, 500, None]), st.booleans())
def test_whatever_was_refused_something_is_said_and_nothing_twice(noun, status, is_read):
    of_class = CLASS if is_read else ClassGradebook(class_id="C1")
    found = causes(noun, of_class, status=status)
    assert found
    assert len(found) == len(set(found))
