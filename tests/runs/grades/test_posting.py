"""Many writes at once: what is on disk when, and what happens when one cannot be sent."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosterway.runs.grades.posting import post


class Books:
    """Writes down what it is given, and holds the order of events to what is promised."""

    def __init__(self):
        self.intended = set()
        self.answered = {}
        self.sent = []

    async def send(self, piece):
        assert piece in self.intended, "sent before it was on record"
        self.sent.append(piece)
        await asyncio.sleep(0)
        return piece * 10

    def record(self, batch):
        self.answered.update(batch.answered)
        self.intended.update(batch.next)


async def posted(books, pieces, *, goes_on=lambda _answer: True, in_flight=3, batch=2):
    return await post(
        pieces,
        send=books.send,
        record=books.record,
        goes_on=goes_on,
        in_flight=in_flight,
        batch=batch,
    )


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 12))
def test_everything_is_intended_sent_once_and_answered_on_record(count, in_flight, batch):
    books = Books()

    left = asyncio.run(posted(books, list(range(count)), in_flight=in_flight, batch=batch))

    assert left == []
    assert sorted(books.sent) == list(range(count))
    assert books.answered == {piece: piece * 10 for piece in range(count)}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 30), st.integers(1, 9), st.integers(1, 12))
def test_after_one_that_stops_it_no_other_is_begun_and_who_was_left_is_told(
    stopping, in_flight, batch
):
    books = Books()

    left = asyncio.run(
        posted(
            books,
            list(range(31)),
            goes_on=lambda answer: answer != stopping * 10,
            in_flight=in_flight,
            batch=batch,
        )
    )

    assert set(books.sent) == set(books.answered)
    assert set(left) == books.intended - set(books.sent)
    assert len(books.sent) <= stopping + in_flight


async def test_no_more_are_under_way_than_was_said():
    books, most, now = Books(), 0, 0

    async def send(piece):
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0)
        now -= 1
        return piece

    await post(
        list(range(50)),
        send=send,
        record=books.record,
        goes_on=lambda _answer: True,
        in_flight=4,
        batch=10,
    )

    assert most == 4


async def test_a_fault_of_ours_is_raised_once_what_was_answered_is_on_record():
    books = Books()

    async def send(piece):
        if piece == 5:
            raise ZeroDivisionError
        return await books.send(piece)

    with pytest.raises(ZeroDivisionError):
        await post(
            list(range(20)),
            send=send,
            record=books.record,
            goes_on=lambda _answer: True,
            in_flight=3,
            batch=2,
        )
    assert set(books.sent) == set(books.answered)


async def test_what_cannot_be_written_down_ends_it():
    def record(batch):
        if batch.answered:
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await post(
            list(range(20)),
            send=lambda piece: asyncio.sleep(0, piece),
            record=record,
            goes_on=lambda _answer: True,
            in_flight=3,
            batch=2,
        )
