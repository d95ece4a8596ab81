"""The ledger: what the SIS was last told, and what became of it."""

from datetime import UTC, datetime
from itertools import product

import msgspec
import pytest

from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.passback.ledger import (
    TRANSITIONS,
    Entry,
    Event,
    State,
    accepted,
    confirmed,
    contradicted,
    fingerprint,
    intended,
    is_unchanged,
    lost,
    refused,
)
from rosterway.passback.reasons import Reason

AT = datetime(2026, 10, 13, tzinfo=UTC)
RESULT = Result(
    sourced_id="r-1", line_item_id="li-1", student_id="u-1", score=8.0,
    score_status="fully graded", score_date="2026-10-05",
)  # fmt: skip
ITEM = LineItem(sourced_id="li-1", title="Essay", class_id="c-1", due="2026-10-01")
EMPTY = Entry(class_id="c-1", assignment="42", user="1")
WHY = Reason(code="invalid-due-date", message="422 Invalid Due Date")


def test_every_state_has_a_way_on_and_nothing_leads_nowhere():
    assert {None, *State} == {state for state, _ in TRANSITIONS}
    assert all((state, Event.SEND) in TRANSITIONS for state in State)


@pytest.mark.parametrize(
    ("state", "event"), [pair for pair in product(State, Event) if pair not in TRANSITIONS]
)
def test_what_cannot_happen_is_no_transition(state, event):
    assert (state, event) in {
        (State.ACCEPTED, Event.ACCEPT), (State.VERIFIED, Event.ACCEPT),
        (State.REFUSED, Event.ACCEPT), (State.UNKNOWN, Event.ACCEPT),
        (State.ACCEPTED, Event.REFUSE), (State.VERIFIED, Event.REFUSE),
        (State.REFUSED, Event.REFUSE), (State.UNKNOWN, Event.REFUSE),
        (State.ACCEPTED, Event.LOSE), (State.VERIFIED, Event.LOSE), (State.REFUSED, Event.LOSE),
        (State.REFUSED, Event.CONFIRM),
        *((state, Event.WRITE) for state in State if state is not State.INTENDED),
        # A file is never answered for.
        *((State.WRITTEN, event) for event in Event if event is not Event.SEND),
    }  # fmt: skip


def test_what_was_accepted_is_unchanged_until_it_says_something_else():
    entry = accepted(intended(EMPTY, RESULT, AT), RESULT, "r-1", AT)
    assert is_unchanged(entry, RESULT)
    assert not is_unchanged(entry, msgspec.structs.replace(RESULT, score=8.5))
    assert not is_unchanged(None, RESULT)


def test_a_refused_change_leaves_what_was_accepted_before():
    entry = accepted(intended(EMPTY, RESULT, AT), RESULT, "r-1", AT)
    other = msgspec.structs.replace(RESULT, score=3.0)
    entry = refused(intended(entry, other, AT), WHY, AT, "Invalid Due Date")
    assert (State.REFUSED, 8.0, 2) == (
        entry.state,
        entry.result and entry.result.score,
        entry.attempts,
    )
    assert ("Invalid Due Date", WHY) == (entry.answer, entry.reason)
    assert not is_unchanged(entry, RESULT)
    assert not is_unchanged(entry, other)


def test_what_is_only_intended_is_in_doubt_until_it_is_read_back():
    entry = intended(EMPTY, RESULT, AT)
    assert entry.is_in_doubt
    entry = lost(entry, WHY, AT)
    assert (True, State.UNKNOWN) == (entry.is_in_doubt, entry.state)
    seen = confirmed(entry, RESULT, "r-1", AT)
    assert (State.VERIFIED, "r-1", True) == (
        seen.state,
        seen.sourced_id,
        is_unchanged(seen, RESULT),
    )
    unseen = contradicted(entry, WHY, AT)
    assert (State.REFUSED, False) == (unseen.state, is_unchanged(unseen, RESULT))


def test_an_answer_that_cannot_come_is_a_defect():
    with pytest.raises(KeyError):
        accepted(accepted(intended(EMPTY, RESULT, AT), RESULT, "r-1", AT), RESULT, "r-1", AT)


@pytest.mark.parametrize(
    ("noun", "changes", "is_same"),
    [
        (RESULT, {"sourced_id": "other"}, True),
        (RESULT, {"score_date": "2026-10-09"}, True),
        (RESULT, {"score": 8.01}, False),
        (RESULT, {"score_status": "exempt"}, False),
        (RESULT, {"line_item_id": "li-2"}, False),
        (RESULT, {"comment": "Good"}, False),
        (RESULT, {"late": True}, False),
        (RESULT, {"is_deleted": True}, False),
        (ITEM, {"sourced_id": "other"}, True),
        (ITEM, {"title": "Essay 2"}, False),
        (ITEM, {"due": "2026-10-02"}, False),
        (ITEM, {"category_id": "cat-1"}, False),
        (ITEM, {"is_deleted": True}, False),
    ],
)
def test_a_fingerprint_is_of_what_is_said_and_not_of_its_id(noun, changes, is_same):
    assert is_same is (fingerprint(noun) == fingerprint(msgspec.structs.replace(noun, **changes)))


def test_an_entry_is_kept_as_json_with_what_was_accepted():
    entry = accepted(intended(EMPTY, RESULT, AT), RESULT, "r-1", AT)
    assert entry == msgspec.json.decode(msgspec.json.encode(entry), type=Entry)
    of_item = Entry(class_id="c-1", assignment="42", line_item=ITEM)
    assert ITEM == of_item.payload
