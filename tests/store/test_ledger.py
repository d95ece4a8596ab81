"""The ledger: written a batch at a time, found by course, class and state, forgotten and put back."""

from typing import Any

import pytest

from rosterway.errors import NotFoundError
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.ledger import Entry, State
from rosterway.passback.reasons import Reason
from rosterway.store import audit, grade_courses, ledger
from store.builders import NOON, later

COURSE = "101"


def an_entry(user="7", *, class_id="c-1", assignment="5", at=NOON, **more: Any):
    result = Result(sourced_id=f"r-{user}", line_item_id="li-5", student_id=f"s-{user}", score=8.5)
    return Entry(
        class_id=class_id,
        assignment=assignment,
        user=user,
        sourced_id=f"r-{user}",
        result=result,
        at=at,
        **more,
    )


def a_course(handle, course=COURSE):
    return grade_courses.put(handle, course, name="Biology", sis_id="bio", nightly=False, now=NOON)


def test_entries_come_back_as_they_were_put_in_order(lincoln):
    item = Entry(
        class_id="c-1",
        assignment="5",
        sourced_id="li-5",
        line_item=LineItem(sourced_id="li-5", title="Essay", class_id="c-1", maximum=10),
        at=NOON,
    )
    refused = an_entry(
        "8", state=State.REFUSED, reason=Reason(code="no", message="No."), answer="423 locked"
    )
    ledger.put(lincoln, COURSE, [refused, an_entry(), item])

    assert ledger.of_course(lincoln, COURSE) == [item, an_entry(), refused]


def test_an_entry_put_again_replaces_the_earlier(lincoln):
    ledger.put(lincoln, COURSE, [an_entry(state=State.INTENDED)])
    ledger.put(lincoln, COURSE, [an_entry(state=State.ACCEPTED, at=later()), an_entry("9")])

    assert ledger.of_course(lincoln, COURSE) == [
        an_entry(state=State.ACCEPTED, at=later()),
        an_entry("9"),
    ]
    assert ledger.count(lincoln, COURSE) == {State.ACCEPTED: 2}


def test_entries_are_found_by_state_and_by_class(lincoln):
    other = an_entry("9", class_id="c-2", state=State.UNKNOWN)
    ledger.put(lincoln, COURSE, [an_entry(), other])
    ledger.put(lincoln, "102", [an_entry("9", class_id="c-2", assignment="6")])

    assert ledger.of_course(lincoln, COURSE, states=[State.UNKNOWN, State.INTENDED]) == [other]
    assert [entry.assignment for entry in ledger.of_class(lincoln, "c-2")] == ["5", "6"]


def test_another_tenants_ledger_is_not_seen(lincoln, monroe):
    ledger.put(lincoln, COURSE, [an_entry()])
    ledger.put(monroe, COURSE, [an_entry("8")])

    assert ledger.of_course(monroe, COURSE) == [an_entry("8")]
    a_course(monroe)
    ledger.forget(monroe, COURSE, by="ada", now=NOON)
    assert ledger.of_course(lincoln, COURSE) == [an_entry()]


def test_single_entries_are_removed(lincoln):
    ledger.put(lincoln, COURSE, [an_entry(), an_entry("8")])
    ledger.remove(lincoln, COURSE, [("c-1", "5", "7")])

    assert ledger.of_course(lincoln, COURSE) == [an_entry("8")]


def test_a_forgotten_ledger_is_kept_and_can_be_put_back(lincoln):
    a_course(lincoln)
    ledger.put(lincoln, COURSE, [an_entry(), an_entry("8")])

    assert ledger.forget(lincoln, COURSE, by="ada", now=later(1)) == 2
    assert ledger.of_course(lincoln, COURSE) == []
    assert grade_courses.get(lincoln, COURSE).forgotten_at == later(1)
    since = an_entry("8", state=State.VERIFIED)
    ledger.put(lincoln, COURSE, [since])
    assert ledger.put_back(lincoln, COURSE, by="ada", now=later(2)) == 1

    assert ledger.of_course(lincoln, COURSE) == [an_entry(), since]
    assert [entry.act for entry in audit.entries(lincoln)] == ["grades.put-back", "grades.forget"]
    with pytest.raises(NotFoundError, match="nothing of course 101"):
        ledger.put_back(lincoln, COURSE, by="ada", now=later(3))


def test_more_entries_than_one_statement_takes_are_written_and_written_again(lincoln):
    entries = [an_entry(str(number)) for number in range(10_000)]
    ledger.put(lincoln, COURSE, entries)
    ledger.put(lincoln, COURSE, entries)

    assert len(ledger.of_course(lincoln, COURSE)) == 10_000
