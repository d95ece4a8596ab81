"""Many writes to a SIS, written down before they are sent and again once they are answered.

Guarantees: what is sent has been on disk as intended before; what has been answered is on disk before
the post ends, whichever way; one transaction holds the answers of one batch and the intents of the
next, so durability costs no round trip: other writes are under way meanwhile. Once a write could not
be sent at all, no other is begun.

Leaves to others what is written (`passback`), how it is sent (`send`), and what an answer means for
the ledger (`record`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

#: Batches that lie ready beyond what is under way: the disk may take as long as they take to send.
_SPARE = 3

_Piece = TypeVar("_Piece")
_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class Batch(Generic[_Piece, _Answer]):
    """What is written down together: the answers that came, and what is sent next."""

    answered: list[tuple[_Piece, _Answer]]
    next: Sequence[_Piece]


async def post(
    pieces: Sequence[_Piece],
    *,
    send: Callable[[_Piece], Awaitable[_Answer]],
    record: Callable[[Batch[_Piece, _Answer]], None],
    goes_on: Callable[[_Answer], bool],
    in_flight: int,
    batch: int,
) -> list[_Piece]:
    """Send all pieces, `in_flight` at a time; those that were written down and then not sent.

    Args:
        pieces: what is to be sent, in order.
        send: sends one; it raises for nothing the other side does.
        record: writes a batch down, in a thread of its own; what it raises ends the post.
        goes_on: whether others may be sent after this answer.
        in_flight: how many are under way at a time.
        batch: how many are written down together.

    """
    return await _Post(pieces, send, record, goes_on, in_flight, batch).run() if pieces else []


class _Post(Generic[_Piece, _Answer]):
    """One post under way."""

    def __init__(
        self,
        pieces: Sequence[_Piece],
        send: Callable[[_Piece], Awaitable[_Answer]],
        record: Callable[[Batch[_Piece, _Answer]], None],
        goes_on: Callable[[_Answer], bool],
        in_flight: int,
        batch: int,
    ) -> None:
        self._pieces = pieces
        self._send = send
        self._record = record
        self._goes_on = goes_on
        self._in_flight = in_flight
        self._batch = batch
        # While one batch is being written down others are sent, and the workers never wait for it.
        self._ahead = -(-in_flight // batch) + _SPARE
        self._intended = 0
        self._ready: asyncio.Queue[_Piece] = asyncio.Queue()
        self._answered: list[tuple[_Piece, _Answer]] = []
        self._sending = 0
        self._stopped = False
        self._failure: Exception | None = None
        #: Set when there is a batch of answers, or nothing more to wait for.
        self._due = asyncio.Event()

    async def run(self) -> list[_Piece]:
        workers = [
            asyncio.create_task(self._work())
            for _ in range(min(self._in_flight, len(self._pieces)))
        ]
        try:
            await self._write_down(self._batch * self._ahead)
            while not self._is_over:
                await self._due.wait()
                self._due.clear()
                await self._write_down(self._batch)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        if self._failure is not None:
            raise self._failure
        return [self._ready.get_nowait() for _ in range(self._ready.qsize())]

    @property
    def _is_idle(self) -> bool:
        """Whether nothing is under way, and nothing that was let go will be."""
        return not self._sending and (self._stopped or self._ready.empty())

    @property
    def _is_over(self) -> bool:
        is_all = self._stopped or self._intended == len(self._pieces)
        return is_all and self._is_idle and not self._answered

    async def _write_down(self, most: int) -> None:
        """Write the answers down and, unless it is over, the next intents; then let those go."""
        answered, self._answered = self._answered, []
        intents: Sequence[_Piece] = ()
        if not self._stopped:
            intents = self._pieces[self._intended : self._intended + most]
        if answered or intents:
            await asyncio.to_thread(self._record, Batch(answered, intents))
        self._intended += len(intents)
        for piece in intents:
            self._ready.put_nowait(piece)

    async def _work(self) -> None:
        while not self._stopped:
            piece = await self._ready.get()
            if self._stopped:
                self._ready.put_nowait(piece)  # it is told as one that was not sent
                return
            self._sending += 1
            try:
                answer = await self._send(piece)
                self._answered.append((piece, answer))
                self._stopped = self._stopped or not self._goes_on(answer)
            except Exception as error:  # noqa: BLE001 - a fault of ours: raised once all is on record
                self._failure, self._stopped = error, True
            self._sending -= 1
            if len(self._answered) >= self._batch or self._is_idle:
                self._due.set()
