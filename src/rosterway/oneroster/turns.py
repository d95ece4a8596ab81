"""Whose turn it is to send: so many at a time, one alone, or nobody for a while.

Guarantees: no more than so many have a turn; while one is alone nobody else has a turn; while nobody
may, none begins. Leaves what is sent, and for how long nobody may, to `client`.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager


class Turns:
    """The turns of one client. A turn is a worker's number, from 0."""

    def __init__(self, most: int) -> None:
        self._most = most
        # The last worker to come back goes first, so that few requests take few tokens.
        self._workers: asyncio.LifoQueue[int] = asyncio.LifoQueue()
        for worker in reversed(range(most)):
            self._workers.put_nowait(worker)
        #: Nobody was asked to wait.
        self._calm = asyncio.Event()
        self._calm.set()
        self._asked_to_wait = 0
        #: Nobody is alone.
        self._shared = asyncio.Event()
        self._shared.set()
        self._one_alone = asyncio.Lock()

    async def take(self) -> int:
        """A free worker, once nobody was asked to wait and nobody is alone."""
        while True:
            if not (self._calm.is_set() and self._shared.is_set()):
                await self._calm.wait()
                await self._shared.wait()
            worker = await self._workers.get()
            if self._calm.is_set() and self._shared.is_set():
                return worker
            self._workers.put_nowait(worker)

    def give_back(self, worker: int) -> None:
        """Let another have the turn."""
        self._workers.put_nowait(worker)

    @asynccontextmanager
    async def alone(self) -> AsyncGenerator[None]:
        """Let what is under way end, and nothing else begin: many at once may be the trouble."""
        async with self._one_alone:
            held: list[int] = []
            self._shared.clear()
            try:
                while len(held) < self._most:
                    held.append(await self._workers.get())
                await self._calm.wait()
                yield
            finally:
                for worker in sorted(held, reverse=True):
                    self._workers.put_nowait(worker)
                self._shared.set()

    @contextmanager
    def nobody(self) -> Generator[None]:
        """Let no turn begin for as long as the block lasts."""
        self._asked_to_wait += 1
        self._calm.clear()
        try:
            yield
        finally:
            self._asked_to_wait -= 1
            if not self._asked_to_wait:
                self._calm.set()
