"""Numbers, times and marks as people read them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from rosterway.console.attempts import PER_PAIR, WINDOW, Attempts
from rosterway.console.quantities import length, percent, share, size
from rosterway.console.strip import DAYS, Point, height_of, strip_of
from rosterway.console.times import LocalTime, relative
from rosterway.console.words import DECIDED, OUTCOMES, PLANS
from rosterway.store.plans import PlanState
from rosterway.store.runs import Outcome

NOON = datetime(2026, 8, 24, 12, tzinfo=UTC)
TIMES = LocalTime(ZoneInfo("America/Denver"), NOON)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=0.4), "0.4 s"),
        (timedelta(seconds=2), "2 s"),
        (timedelta(seconds=125), "2 min 5 s"),
        (timedelta(minutes=64), "1 h 4 min"),
        (timedelta(days=3), "3 days"),
    ],
)
def test_a_span_is_said_as_coarsely_as_people_do(span, said):
    assert said == length(span)


def test_a_share_is_never_rounded_to_none_or_to_all():
    assert ["under 1%", "5%", "over 99%", "100%"] == [
        share(1, 10_000),
        share(5, 100),
        share(9_999, 10_000),
        share(7, 7),
    ]


def test_a_limit_is_said_as_it_was_written():
    assert ["5%", "0.5%", "33.33%", "100%"] == [percent(p) for p in (0.05, 0.005, 0.3333, 1)]


def test_sizes_have_the_unit_that_fits():
    assert ["999 bytes", "1.29 MB", "5 GB"] == [size(n) for n in (999, 1_290_000, 5_000_000_000)]


def test_a_moment_is_the_tenants_with_its_zone_and_the_year_only_where_it_is_another():
    assert "Mon 24 Aug, 06:00 MDT" == TIMES.moment(NOON)
    assert "Sat 22 Feb 2025, 05:00 MST" == TIMES.moment(datetime(2025, 2, 22, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=3), "3 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(days=2), "2 days ago"),
        (-timedelta(hours=2), "in 2 hours"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(past, said):
    assert said == relative(past)


def test_every_outcome_and_every_state_of_a_plan_has_a_word():
    assert set(Outcome) == set(OUTCOMES)
    assert set(PlanState) == set(PLANS)
    assert set(DECIDED) < set(PlanState)


def point(days=0, *, outcome=Outcome.DELIVERED, rows=100):
    return Point(at=NOON - timedelta(days=days), said=OUTCOMES[outcome], rows=rows, url="/")


def test_the_strip_has_today_at_its_end_and_forgets_what_is_older_than_it():
    strip = strip_of([point(0), point(DAYS - 1), point(DAYS)], TIMES)

    assert 2 == len(strip.marks)
    assert strip.marks[0].x < 12
    assert strip.marks[1].x + strip.marks[1].width <= strip.width
    assert "Runs of the last 30 days: 2 delivered." == strip.words


def test_a_day_of_many_runs_keeps_those_that_say_most():
    many = [point(rows=n) for n in range(20)] + [point(outcome=Outcome.FAILED, rows=0)]

    marks = strip_of(many, TIMES).marks

    assert 5 == len(marks)
    assert OUTCOMES[Outcome.FAILED].shape in {mark.shape for mark in marks}


def test_more_rows_are_a_higher_mark_and_a_first_load_flattens_no_ordinary_day():
    heights = [height_of(rows) for rows in (0, 10, 1_000, 100_000, 5_000_000)]

    assert sorted(heights) == heights
    assert heights[1] > heights[0] + 4
    assert heights[3] == heights[4]


def test_failures_count_by_network_for_ipv6_and_are_forgotten_after_a_while():
    attempts = Attempts()
    for last in range(PER_PAIR):
        attempts.failed(f"2001:db8::{last}", "jane", now=NOON)

    assert attempts.wait("2001:db8::ffff", "Jane", now=NOON) == WINDOW
    assert attempts.wait("2001:db8:0:1::1", "jane", now=NOON) == timedelta(0)
    assert attempts.wait("2001:db8::ffff", "jane", now=NOON + WINDOW) == timedelta(0)
