"""How long a request is tried: again where waiting can help, in the end with nothing else under way.

Guarantees: a wait that the provider asks for is waited out by all who share the turns, as long as it
asks; server errors, cut connections and cut JSON are tried again after growing, jittered pauses.
Leaves to others: what is tried, and which errors it raises (`client`); whose turn it is (`turns`).
"""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from rosterway.errors import GarbledError, RemoteError, ThrottledError
from rosterway.oneroster.turns import Turns

_Found = TypeVar("_Found")
_Made_co = TypeVar("_Made_co", covariant=True)
Pause = Callable[[float], Awaitable[None]]

#: After so many failures a request is tried alone.
_FAILURES_TOGETHER = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a request is tried.

    `attempts` for what fails, `garbled` for what cannot be understood, pauses growing from `first`
    to `longest` seconds; `waits` for being told to wait, each of at most `longest_wait` seconds.
    """

    attempts: int = 6
    garbled: int = 4
    first: float = 0.5
    longest: float = 30.0
    waits: int = 100
    longest_wait: float = 3600.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Why nothing happens just now, for people who watch."""

    seconds: float
    why: str


def _jitter() -> float:
    return random.uniform(0.5, 1.0)  # noqa: S311 - spreads requests, protects nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the client has of the world; tests bring their own."""

    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.monotonic
    pause: Pause = asyncio.sleep
    nonce: Callable[[], str] = field(default=lambda: secrets.token_hex(16))
    jitter: Callable[[], float] = _jitter


class _Attempt(Protocol[_Made_co]):
    """One attempt at a request."""

    def __call__(self, *, is_alone: bool) -> Awaitable[_Made_co]: ...


class Persistence:
    """Tries the requests of one client for as long as its patience lasts."""

    def __init__(
        self,
        turns: Turns,
        patience: Patience,
        world: Surroundings,
        on_wait: Callable[[Waiting], None] | None = None,
    ) -> None:
        self._turns = turns
        self._patience = patience
        self._world = world
        self._on_wait = on_wait

    async def attempt(
        self, once: _Attempt[_Found], attempts: int | None = None, *, alone: bool = False
    ) -> _Found:
        """What `once` makes, in the end; `attempts` are fewer than patience has.

        Raises:
            RemoteError: it stayed that way.
        """
        most_failures = min(attempts or self._patience.attempts, self._patience.attempts)
        failed = waited = 0
        while True:
            try:
                if failed < _FAILURES_TOGETHER and not alone:
                    return await once(is_alone=False)
                async with self._turns.alone():
                    return await once(is_alone=True)
            except ThrottledError as error:
                waited += 1
                wait = error.wait
                if waited > self._patience.waits or (wait or 0) > self._patience.longest_wait:
                    raise
                with self._turns.nobody():
                    await self._wait(self._growing(waited) if wait is None else wait, error)
            except RemoteError as error:
                failed += 1
                is_garbled = isinstance(error, GarbledError)
                most = self._patience.garbled if is_garbled else most_failures
                if failed >= most or not (error.retry or is_garbled):
                    raise
                await self._wait(self._growing(failed), error)

    async def _wait(self, seconds: float, error: RemoteError) -> None:
        if self._on_wait is not None:
            self._on_wait(Waiting(seconds, error.message))
        await self._world.pause(seconds)

    def _growing(self, failed: int) -> float:
        longest = self._patience.longest
        doubled = self._patience.first * 2.0 ** min(failed - 1, 16)
        return min(longest, doubled) * self._world.jitter()
