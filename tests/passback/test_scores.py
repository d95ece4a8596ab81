"""What a student's work is told as: never a 0 nobody gave, never outside the bounds declared."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passback.a_course import CHICAGO, empty, graded
from rosterway.formats.oneroster.gradebook import Result, ScoreScale
from rosterway.passback.gradebook import Submission, SubmissionState
from rosterway.passback.ledger import fingerprint
from rosterway.passback.rules import (
    Bound,
    Excused,
    Hidden,
    Letters,
    Missing,
    PassFail,
    Pending,
    Rounding,
    Rules,
    Ungraded,
)
from rosterway.passback.scores import Grading, Status, letters_of, result_of, scale_for
from rosterway.passback.silences import SILENCES, Silence
from rosterway.settings.shape import Version

ONE, TWO = Version.V1P1, Version.V1P2
SCALE = ScoreScale(sourced_id="scale-1", values=(("A", "100"), ("B", "85")))


def grading(version: Version = TWO, kind: str = "points", **rules: Any) -> Grading:
    """Ten points, in a class graded by the letters A and B."""
    maximum = rules.pop("maximum", 10.0)
    return Grading(
        class_id="c-1",
        line_item_id="li-1",
        grading_type=kind,
        maximum=maximum,
        rules=msgspec.convert(rules, Rules),
        version=version,
        zone=CHICAGO,
        fallback="2026-10-01",
        scale_id="scale-1",
        letters=letters_of(SCALE),
    )


def told(submission: Submission, of: Grading) -> Result | Silence:
    """What is told of user 1, whose sourcedId is u-1."""
    return result_of(submission, "u-1", of, "r-1")


def said(submission: Submission, of: Grading) -> tuple[str, float | None] | Silence:
    """Status and score of what is told."""
    result = told(submission, of)
    return result if isinstance(result, Silence) else (result.score_status, result.score)


EXCUSED = empty("1", excused=True)
EXCUSED_AFTER = graded("1", 4.0, excused=True)
MISSING = empty("1", missing=True)
MISSING_SCORED = graded("1", 0.0, missing=True)
SUBMITTED = empty(
    "1", state=SubmissionState.SUBMITTED, submitted_at=datetime(2026, 9, 30, tzinfo=UTC)
)
RESUBMITTED = graded("1", 6.0, state=SubmissionState.SUBMITTED)
PENDING = graded("1", 3.0, state=SubmissionState.PENDING_REVIEW)
HIDDEN = graded("1", 8.0, posted_at=None)


@pytest.mark.parametrize(
    ("submission", "of", "expected"),
    [
        (graded("1", 8.5), grading(), ("fully graded", 8.5)),
        (graded("1", 0.0), grading(), ("fully graded", 0.0)),
        (graded("1", 8.0, late=True), grading(ONE), ("fully graded", 8.0)),
        (RESUBMITTED, grading(), ("fully graded", 6.0)),
        (empty("1"), grading(), Silence.UNGRADED),
        (empty("1"), grading(ONE), Silence.UNGRADED),
        (empty("1"), grading(in_progress=True), ("not submitted", None)),
        (empty("1"), grading(ONE, in_progress=True), Silence.UNGRADED),
        (EXCUSED, grading(), ("exempt", None)),
        (EXCUSED, grading(ONE), ("exempt", 0.0)),
        (EXCUSED_AFTER, grading(), ("exempt", None)),
        (EXCUSED, grading(excused="exempt-with-0"), ("exempt", 0.0)),
        (EXCUSED, grading(excused="skip"), Silence.EXCUSED),
        (MISSING, grading(), ("not submitted", None)),
        (MISSING, grading(ONE), ("not submitted", 0.0)),
        (MISSING, grading(missing="skip"), Silence.MISSING),
        (MISSING_SCORED, grading(), ("fully graded", 0.0)),
        (MISSING_SCORED, grading(missing="status"), ("not submitted", None)),
        (MISSING_SCORED, grading(missing="skip"), ("fully graded", 0.0)),
        (SUBMITTED, grading(), Silence.UNGRADED),
        (SUBMITTED, grading(ungraded="submitted"), ("submitted", None)),
        (SUBMITTED, grading(ONE, ungraded="submitted"), ("submitted", 0.0)),
        (PENDING, grading(), Silence.PENDING),
        (PENDING, grading(pending="partially-graded"), ("partially graded", 3.0)),
        (HIDDEN, grading(), Silence.HIDDEN),
        (HIDDEN, grading(hidden="send"), ("fully graded", 8.0)),
        (graded("1", 11.0), grading(), ("fully graded", 11.0)),
        (graded("1", 11.0), grading(over_maximum="clamp"), ("fully graded", 10.0)),
        (graded("1", 11.0), grading(over_maximum="refuse"), Silence.OVER),
        (graded("1", 2.0), grading(over_maximum="clamp", maximum=0.0), Silence.OVER),
        (graded("1", 2.0), grading(over_maximum="refuse", maximum=None), ("fully graded", 2.0)),
        (graded("1", -1.0), grading(), Silence.BELOW),
        (graded("1", -1.0), grading(below_zero="allow"), ("fully graded", -1.0)),
        (graded("1", -1.0), grading(below_zero="clamp"), ("fully graded", 0.0)),
        (graded("1", None, grade="A"), grading(), Silence.NO_NUMBER),
        (EXCUSED, grading(always_score=True), ("exempt", 0.0)),
        (MISSING, grading(always_score=True), ("not submitted", 0.0)),
        (graded("1", None, grade="A"), grading(TWO, "letter_grade", letters="scale"),
         ("fully graded", None)),
        (graded("1", None, grade="A"),
         grading(TWO, "letter_grade", letters="scale", always_score=True), Silence.NO_NUMBER),
    ],
)  # fmt: skip
def test_work_is_told_as_the_rule_pack_declares(submission, of, expected):
    assert expected == said(submission, of)


@pytest.mark.parametrize(
    ("score", "decimals", "rounding", "expected"),
    [
        (8.5, 0, "half-up", 9.0),
        (8.5, 0, "half-even", 8.0),
        (8.5, 0, "down", 8.0),
        (9.5, 0, "half-even", 10.0),
        (8.345, 2, "half-up", 8.35),
        (2.675, 2, "half-up", 2.68),  # the decimal that is written, not the float's binary one
        (0.1 + 0.2, 2, "half-up", 0.3),
        (8.0, None, "half-up", 8.0),
        (1 / 3, None, "down", 1 / 3),
    ],
)
def test_a_score_is_rounded_as_it_is_written(score, decimals, rounding, expected):
    of = grading(decimals=decimals, rounding=rounding)
    assert ("fully graded", expected) == said(graded("1", score), of)


def test_rounding_alone_never_carries_a_score_over_the_maximum():
    of = grading(decimals=0, maximum=9.6)
    assert ("fully graded", 9.0) == said(graded("1", 9.6), of)


@pytest.mark.parametrize(
    ("kind", "grade", "of", "expected"),
    [
        ("letter_grade", "A", {"letters": "number"}, (8.0, None, None)),
        ("letter_grade", "A", {"letters": "scale"}, (8.0, "A", "scale-1")),
        ("gpa_scale", "B", {"letters": "scale"}, (8.0, "B", "scale-1")),
        ("letter_grade", "C", {"letters": "scale"}, Silence.LETTER),
        ("letter_grade", "A", {"letters": "skip"}, Silence.LETTER),
        ("letter_grade", "A", {"letters": "scale", "version": ONE}, (8.0, None, None)),
        ("percent", "80%", {}, (8.0, None, None)),
        ("pass_fail", "complete", {}, (8.0, None, None)),
        ("pass_fail", "complete", {"pass_fail": "text"}, (None, "complete", None)),
        ("pass_fail", "complete", {"pass_fail": "text", "version": ONE}, (8.0, None, None)),
        ("pass_fail", "complete", {"pass_fail": "skip"}, Silence.PASS_FAIL),
    ],
)
def test_each_way_of_grading_is_told_as_declared(kind, grade, of, expected):
    version = of.pop("version", TWO)
    result = told(graded("1", 8.0, grade=grade), grading(version, kind, **of))
    found = (
        result
        if isinstance(result, Silence)
        else (result.score, result.text_score, result.score_scale_id)
    )
    assert expected == found


def test_incomplete_work_is_flagged_where_there_are_flags():
    failed = graded("1", 0.0, grade="incomplete", late=True)
    result = told(failed, grading(kind="pass_fail"))
    assert isinstance(result, Result)
    assert (0.0, True, True, False) == (
        result.score, result.incomplete, result.late, result.missing
    )  # fmt: skip


def test_1_1_has_no_flags_and_no_class():
    result = told(graded("1", late=True), grading(ONE))
    assert isinstance(result, Result)
    assert (None, None, None, None) == (
        result.class_id, result.late, result.missing, result.incomplete
    )  # fmt: skip


def test_a_score_is_dated_by_the_day_at_the_school():
    late_in_the_evening = datetime(2026, 10, 6, 3, 30, tzinfo=UTC)  # 22:30 on the 5th in Chicago
    submission = graded("1", graded_at=late_in_the_evening)
    days = [told(submission, grading()), told(submission, grading(score_date="moment"))]
    assert ["2026-10-05", "2026-10-06T03:30:00.000Z"] == [
        one.score_date for one in days if isinstance(one, Result)
    ]


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.4, Silence.ROUNDED), (-0.4, Silence.ROUNDED), (0.0, 0.0), (0.6, 1.0)],
)
def test_rounding_makes_no_0_of_what_somebody_has_earned(score, expected):
    found = told(graded("1", score), grading(decimals=0, below_zero="allow"))
    assert expected == (found.score if isinstance(found, Result) else found)


def test_a_date_too_early_goes_as_it_is_or_is_withheld_where_a_pack_says_so():
    of = replace(grading(early_score="allow"), earliest="2026-10-07")
    found = told(graded("1"), of)
    assert isinstance(found, Result)
    assert "2026-10-04" == found.score_date
    assert Silence.EARLY is told(
        graded("1"), replace(grading(early_score="refuse"), earliest="2026-10-07")
    )


def test_a_moment_is_early_where_its_day_in_utc_is():
    auckland = ZoneInfo("Pacific/Auckland")
    early = datetime(2026, 10, 6, 20, tzinfo=UTC)  # 9:00 on the 7th in Auckland
    of = replace(grading(score_date="moment"), earliest="2026-10-07", zone=auckland)
    found = told(graded("1", graded_at=early), of)
    assert isinstance(found, Result)
    assert "2026-10-07" == found.score_date


@pytest.mark.parametrize("form", ["day", "moment"])
def test_a_score_is_never_dated_before_its_line_item_was_assigned(form):
    of = replace(grading(score_date=form), earliest="2026-10-07")
    dates = [told(graded("1"), of), told(MISSING, of)]
    assert ["2026-10-07", "2026-10-07"] == [
        one.score_date for one in dates if isinstance(one, Result)
    ]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({}, None),
        ({"comments": True}, "Well argued"),
        ({"comments": True, "comment_length": 6}, "Well…"),
        ({"comments": True, "comment_length": 1}, "…"),
    ],
)
def test_a_comment_goes_only_where_it_is_wanted(rules, expected):
    result = told(graded("1", comment="Well argued"), grading(**rules))
    assert isinstance(result, Result)
    assert expected == result.comment


def test_the_scale_that_knows_most_of_the_letters_is_taken():
    other = ScoreScale(sourced_id="scale-0", values=(("A", "1"),))
    assert SCALE == scale_for(frozenset({"A", "B"}), (other, SCALE))
    assert other == scale_for(frozenset({"A"}), (SCALE, other))
    assert scale_for(frozenset({"A"}), None) is None


def test_every_silence_has_words():
    assert set(Silence) == set(SILENCES)
    assert all(reason.message for reason in SILENCES.values())


# -- For every submission and every rule pack --------------------------------------------------

MOMENT = datetime(2026, 10, 5, tzinfo=UTC)
SUBMISSIONS = st.builds(
    Submission,
    assignment=st.just("42"),
    user=st.just("1"),
    state=st.sampled_from(SubmissionState),
    score=st.none() | st.floats(-5, 30, allow_nan=False).map(lambda n: round(n, 4)),
    grade=st.sampled_from([None, "A", "C", "complete", "incomplete", "80%"]),
    excused=st.booleans(),
    late=st.booleans(),
    missing=st.booleans(),
    posted_at=st.sampled_from([None, MOMENT]),
    graded_at=st.sampled_from([None, MOMENT]),
)
PACKS = st.builds(
    Rules,
    over_maximum=st.sampled_from(Bound),
    below_zero=st.sampled_from(Bound),
    decimals=st.sampled_from([None, 0, 1, 2]),
    rounding=st.sampled_from(Rounding),
    excused=st.sampled_from(Excused),
    missing=st.sampled_from(Missing),
    ungraded=st.sampled_from(Ungraded),
    pending=st.sampled_from(Pending),
    in_progress=st.booleans(),
    hidden=st.sampled_from(Hidden),
    letters=st.sampled_from(Letters),
    pass_fail=st.sampled_from(PassFail),
    flags=st.booleans(),
    always_score=st.booleans(),
)
GRADINGS = st.builds(
    Grading,
    class_id=st.just("c-1"),
    line_item_id=st.just("li-1"),
    grading_type=st.sampled_from(["points", "percent", "letter_grade", "gpa_scale", "pass_fail"]),
    maximum=st.sampled_from([None, 0.0, 0.4, 9.6, 10.0]),
    rules=PACKS,
    version=st.sampled_from(Version),
    zone=st.just(CHICAGO),
    fallback=st.just("2026-10-01"),
    scale_id=st.just("scale-1"),
    letters=st.just(letters_of(SCALE)),
)
GRADES = {Status.GRADED, Status.PARTIAL}


@given(submission=SUBMISSIONS, of=GRADINGS)
def test_a_0_is_told_as_a_grade_only_where_canvas_has_one_or_the_pack_declares_it(submission, of):
    result = told(submission, of)
    if not isinstance(result, Result) or result.score_status not in GRADES or result.score != 0:
        return
    assert submission.score is not None
    is_clamped = submission.score < 0 and of.rules.below_zero is Bound.CLAMP
    assert submission.score == 0 or is_clamped


@given(submission=SUBMISSIONS, of=GRADINGS)
def test_a_score_never_leaves_the_bounds_that_are_declared(submission, of):
    result = told(submission, of)
    if not isinstance(result, Result) or result.score is None:
        return
    if of.rules.below_zero is not Bound.ALLOW:
        assert result.score >= 0
    if of.maximum is not None and of.rules.over_maximum is not Bound.ALLOW:
        assert result.score <= of.maximum
    if of.rules.decimals is not None:
        exponent = Decimal(repr(result.score)).normalize().as_tuple().exponent
        assert isinstance(exponent, int)
        assert -exponent <= of.rules.decimals


@given(submission=SUBMISSIONS, of=GRADINGS)
def test_the_same_work_is_always_told_the_same(submission, of):
    one, other = told(submission, of), told(submission, of)
    assert one == other
    if isinstance(one, Result) and isinstance(other, Result):
        assert fingerprint(one) == fingerprint(other)


@given(submission=SUBMISSIONS, of=GRADINGS)
def test_a_number_is_there_where_it_is_demanded_and_no_excused_student_is_graded(submission, of):
    result = told(submission, of)
    if isinstance(result, Result):
        assert result.score is not None or not of.needs_number
        assert not submission.excused or result.score_status == Status.EXEMPT
