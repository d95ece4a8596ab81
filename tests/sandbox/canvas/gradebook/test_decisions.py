"""What the gradebook decides without a Canvas: grades by schemes, deductions, what groups drop."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.sandbox.canvas.api.trees import is_moment, moment
from rosterway.sandbox.canvas.gradebook.lateness import deduction
from rosterway.sandbox.canvas.gradebook.schemes import (
    DEFAULT_SCHEME,
    Grading,
    grade_of,
    letter,
    score_of,
)
from rosterway.sandbox.canvas.gradebook.totals import Part, kept

POINTS = st.floats(min_value=0.5, max_value=1000).map(lambda value: round(value, 2))
SHARES = st.floats(min_value=0, max_value=1.5)


@given(POINTS, SHARES)
def test_points_come_back_as_they_were_typed(points, share):
    typed = f"{round(points * share, 2):g}"
    grading = Grading("points", points)
    score = score_of(typed, grading)
    assert score == float(typed)
    assert float(grade_of(score, grading) or "nan") == pytest.approx(score, abs=0.005)


@given(POINTS, st.integers(min_value=0, max_value=150))
def test_a_percentage_is_shown_as_it_was_typed(points, percent):
    grading = Grading("percent", points)
    assert grade_of(score_of(f"{percent}%", grading), grading) == f"{percent}%"


@pytest.mark.parametrize("name", [name for name, _ in DEFAULT_SCHEME])
@pytest.mark.parametrize("points", [1, 7, 20, 100])
def test_a_letter_is_worth_points_that_are_that_letter(name, points):
    grading = Grading("letter_grade", points)
    assert grade_of(score_of(name, grading), grading) == name


@given(SHARES)
def test_more_points_are_never_a_worse_letter(share):
    names = [name for name, _ in DEFAULT_SCHEME]
    here, above = (names.index(letter(value, DEFAULT_SCHEME)) for value in (share * 100, 100))
    assert here >= above


POLICY = {
    "late_submission_deduction_enabled": True,
    "late_submission_deduction": 10.0,
    "late_submission_interval": "day",
    "late_submission_minimum_percent_enabled": True,
    "late_submission_minimum_percent": 40.0,
}


@given(SHARES, POINTS, st.integers(min_value=1, max_value=10**7))
def test_a_deduction_never_goes_below_the_least_and_grows_with_lateness(share, points, seconds):
    entered = round(share * points, 2)
    taken = deduction(entered, points, seconds, POLICY) or 0.0
    later = deduction(entered, points, seconds + 86_400, POLICY) or 0.0
    assert 0 <= taken <= later
    if entered >= 0.4 * points:
        assert entered - later >= 0.4 * points - 0.01


PARTS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 20)), min_size=1, max_size=7).map(
    lambda pairs: [Part(n, float(s), float(p)) for n, (s, p) in enumerate(pairs)]
)


def average(parts):
    return sum(part.score for part in parts) / sum(part.points for part in parts)


@given(PARTS, st.integers(1, 3))
def test_dropping_the_lowest_keeps_the_set_with_the_best_average(parts, drop):
    left = kept(parts, {"drop_lowest": drop})
    size = max(1, len(parts) - drop)
    assert len(left) == size
    best = max(average(chosen) for chosen in combinations(parts, size))
    assert average(left) == pytest.approx(best)


@pytest.mark.parametrize(
    ("text", "is_one", "printed"),
    [
        ("2026-12-01T10:00:00Z", True, "2026-12-01T10:00:00Z"),
        ("2026-12-01T10:00:00-0700", True, "2026-12-01T17:00:00Z"),
        ("2026-12-01T10:00:00.250Z", True, "2026-12-01T10:00:00Z"),
        ("2026-12-01T10:00", True, "2026-12-01T10:00:00Z"),
        ("2026-12-01", False, "2026-12-01T00:00:00Z"),
        ("2026-12-01 10:00:00", False, "2026-12-01T10:00:00Z"),
    ],
)
def test_a_moment_has_a_date_a_t_and_a_time(text, is_one, printed):
    assert (is_moment(text), moment(text)) == (is_one, printed)
