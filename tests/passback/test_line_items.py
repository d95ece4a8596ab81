"""The line item an assignment becomes, and every alteration said."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passback.a_course import (
    CHICAGO,
    DUE,
    NOW,
    SESSIONS,
    TESTS,
    accept,
    assignment,
    both,
    gradebook,
    graded,
    of_class,
    plan,
    terms,
)
from rosterway.passback.categories import Association
from rosterway.passback.class_gradebook import Session
from rosterway.passback.days import day_at, write_day, written_day
from rosterway.passback.line_items import SHORTENED, titles
from rosterway.passback.plan import Verdict
from rosterway.passback.rules import DateForm, LongName, Rules, SameName
from rosterway.passback.sessions import session_of
from rosterway.settings.shape import Version

NAME = "The causes of the First World War"


def item(of=None, chosen=None, classes=None, **asked):
    """The line item of the only assignment, in class c-1."""
    made = plan(gradebook([of or assignment()]), classes, terms=chosen or terms(), **asked)
    return made.line_items[0].line_item


@pytest.mark.parametrize(
    ("how", "length", "expected"),
    [
        (LongName.CUT, 20, "The causes of the Fi"),
        (LongName.CUT, 18, "The causes of the"),
        (LongName.ELLIPSIS, 20, "The causes of the F…"),
        (LongName.WORDS, 20, "The causes of the"),
        (LongName.WORDS, 16, "The causes of"),
        (LongName.WORDS, 2, "Th"),
    ],
)
def test_a_long_name_is_shortened_as_declared(how, length, expected):
    assert expected == SHORTENED[how](NAME, length)


@given(
    name=st.text(min_size=1, max_size=80).filter(str.strip),
    length=st.integers(1, 60),
    how=st.sampled_from([one for one in LongName if one is not LongName.REFUSE]),
)
def test_a_shortened_name_is_never_too_long(name, length, how):
    title = titles([assignment(name=name)], Rules(long_name=how), length)["42"].text
    assert title is None or (0 < len(title) <= length)


@given(
    names=st.lists(st.sampled_from(["Quiz", "quiz ", "Quiz (2)", "Quiz on ships"]), max_size=9),
    taken=st.lists(st.sampled_from(["Quiz", "Essay"]), max_size=3),
    length=st.sampled_from([None, 5, 8]),
)
def test_with_suffixes_no_two_line_items_of_a_class_have_one_name(names, taken, length):
    rules = Rules(same_name=SameName.SUFFIX, long_name=LongName.CUT)
    given_ = titles(
        [assignment(str(n), name=name) for n, name in enumerate(names)], rules, length, taken
    )
    found = [one.text.strip().casefold() for one in given_.values() if one.text is not None]
    assert len(set(found)) == len(found)
    assert not set(found) & {one.casefold() for one in taken}
    assert all(length is None or len(one) <= length for one in found)


def test_the_older_of_two_assignments_keeps_the_name_in_whatever_order_they_are_read():
    two = [assignment("9", name="Quiz"), assignment("10", name="Quiz")]
    for order in (two, two[::-1]):
        found = titles(order, Rules(same_name=SameName.SUFFIX), None)
        assert ("Quiz", "Quiz (2)") == (found["9"].text, found["10"].text)


def test_every_alteration_is_said_with_what_was_there_before():
    chosen = terms(name_length=20, long_name="words", default_category="Tests")
    made = plan(
        gradebook([assignment(name=NAME, due_at=None)]),
        both(categories=(TESTS,)),
        terms=chosen,
    )
    judged = made.judgements[0]
    assert Verdict.ALTERED is judged.verdict
    assert [
        ("title", NAME, "The causes of the", "long_name"),
        ("due", "", "2026-10-14", "undated"),
        ("category", "Homework", "Tests", "default_category"),
    ] == [(one.what, one.before, one.after, one.why) for one in judged.alterations]


def test_an_altered_line_item_the_sis_accepted_is_unchanged():
    chosen = terms(name_length=20, long_name="words")
    book = gradebook([assignment(name=NAME, due_at=None)], [graded("1")])
    ledger, classes = accept(plan(book, terms=chosen))
    again = plan(book, classes, ledger, chosen)
    assert {Verdict.UNCHANGED} == {one.verdict for one in again.judgements}


def test_an_assignment_without_a_due_date_stays_in_the_period_it_was_first_put_in():
    book = gradebook([assignment(due_at=None)], [graded("1")])
    ledger, classes = accept(plan(book))
    assert "gp-1" == ledger["c-1", "42", ""].line_item.grading_period_id  # pyright: ignore[reportOptionalMemberAccess] - it is there
    assert plan(book, classes, ledger, now=NOW + timedelta(days=30)).is_empty


@pytest.mark.parametrize(
    ("undated", "due"),
    [
        ("period-end", "2026-10-14T23:59:00.000Z"),
        ("term-end", "2026-12-19T23:59:00.000Z"),
        ("omit", None),
    ],
)
def test_a_due_date_that_is_missing_is_the_end_of_what_is_declared(undated, due):
    assert due == item(assignment(due_at=None), terms(undated=undated)).due


def test_1_1_knows_no_school_and_always_a_maximum():
    old = item(assignment(points_possible=None), terms(version=Version.V1P1))
    new = item(assignment(points_possible=None), terms(version=Version.V1P2))
    assert (None, 0.0, 0.0) == (old.school_id, old.minimum, old.maximum)
    assert ("school-1", 0.0, None) == (new.school_id, new.minimum, new.maximum)


@pytest.mark.parametrize(("rules", "expected"), [({}, "gp-1"), ({"grading_period": False}, None)])
def test_the_grading_period_of_the_due_date_goes_where_it_is_wanted(rules, expected):
    assert expected == item(chosen=terms(**rules)).grading_period_id


def test_the_day_it_was_assigned_is_never_after_the_day_it_is_due():
    late = assignment(created_at=datetime(2026, 10, 9, tzinfo=UTC))
    assert item(late).assigned == item(late).due


def test_what_is_unlocked_before_its_grading_period_is_assigned_on_its_first_day():
    early = assignment(
        due_at=datetime(2026, 11, 2, 5, tzinfo=UTC), created_at=datetime(2026, 9, 1, tzinfo=UTC)
    )
    assert "2026-10-15T23:59:00.000Z" == item(early).assigned
    assert "2026-08-31T23:59:00.000Z" == item(early, terms(grading_period=False)).assigned


def test_an_association_names_the_category():
    made = plan(
        gradebook(), associations=[Association(group="g1", class_id="c-1", category_id="cat-t")]
    )
    assert ["cat-t", "cat-hw"] == [one.line_item.category_id for one in made.line_items]


def test_an_association_the_sis_no_longer_has_is_said_where_the_title_steps_in():
    gone = Association(group="g1", class_id="c-1", category_id="cat-0", title="Old homework")
    judged = plan(gradebook(), associations=[gone]).judgements[0]
    assert [("category", "Old homework", "Homework", "association")] == [
        (one.what, one.before, one.after, one.why) for one in judged.alterations
    ]


def test_categories_that_cannot_be_read_change_no_line_item():
    book = gradebook(submissions=[graded("1")])
    ledger, classes = accept(plan(book))
    unread = {
        ident: of_class(ident, categories=None, line_items=one.line_items)
        for ident, one in classes.items()
    }
    assert plan(book, unread, ledger).is_empty


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-08-14", None),
        ("2026-08-15", "gp-1"),
        ("2026-10-14", "gp-1"),
        ("2026-10-15", "gp-2"),
        ("2026-12-20", "gp-2"),  # the end's own day, which nothing follows
        ("2026-12-21", None),
        (None, None),
    ],
)
def test_a_day_falls_in_one_grading_period(day, expected):
    found = session_of(of_class(), day, ("gradingPeriod",))
    assert expected == (found.sourced_id if found else None)


def test_of_nested_sessions_the_shortest_is_meant():
    year = Session(sourced_id="y", kind="schoolYear", start="2026-08-15", end="2027-06-01")
    found = session_of(of_class(sessions=(year, *SESSIONS)), "2026-09-01", ("schoolYear", "term"))
    assert "term-1" == (found.sourced_id if found else None)


ZONES = ("America/Chicago", "America/Phoenix", "UTC", "Europe/Berlin", "Pacific/Auckland",
         "Pacific/Honolulu", "Asia/Kolkata", "Pacific/Kiritimati")  # fmt: skip


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - made aware by timezones
    name=st.sampled_from(ZONES),
    form=st.sampled_from([DateForm.SAFE, DateForm.DAY, DateForm.OFFSET]),
)
def test_a_due_day_is_the_schools_however_it_is_written(moment, name, form):
    zone = ZoneInfo(name)
    day = day_at(moment, zone) or ""
    written = write_day(day, moment, zone, form)
    assert day == written_day(written, zone)
    # Who cuts the time off sees the same day, except where the moment itself is written.
    assert form is DateForm.OFFSET or day == written[:10]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (DateForm.SAFE, "2026-10-01T23:59:00.000Z"),
        (DateForm.MOMENT, "2026-10-02T04:59:00.000Z"),
        (DateForm.OFFSET, "2026-10-01T23:59:00.000-05:00"),
        (DateForm.DAY, "2026-10-01"),
    ],
)
def test_a_due_date_is_written_as_declared(form, expected):
    assert expected == write_day("2026-10-01", DUE, CHICAGO, form)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-01T04:59:00+00:00", "2026-10-31"),  # 23:59 before the night summer time ends
        ("2026-11-02T05:59:00+00:00", "2026-11-01"),  # 23:59 of that day, an hour later in UTC
        ("2026-03-08T05:59:00+00:00", "2026-03-07"),
        ("2026-03-09T04:59:00+00:00", "2026-03-08"),
    ],
)
def test_the_last_minute_of_a_day_belongs_to_it_when_the_clocks_change(moment, day):
    assert f"{day}T23:59:00.000Z" == item(assignment(due_at=datetime.fromisoformat(moment))).due
