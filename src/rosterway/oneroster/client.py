"""The client of one provider: signed reads, tried again where waiting can help, and signed writes.

Guarantees: at most `max_requests` requests at a time; a wait that the provider asks for is waited
out by all of them, as long as it asks; a refused token is renewed once a request; server errors, cut
connections and cut JSON of reads are tried again after growing, jittered pauses, in the end with
nothing else under way; every failure is an error of `rosterway.errors`. A write is tried again only
where nothing of it can have been done: where it was not sent, or the provider said to wait or who we
are; one whose outcome is not known comes back as that, once. Leaves to others: what is read
(`paging`, `collection`) and what a write means (`gradebook_writes`).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Self, TypeVar

from yarl import URL

from rosterway.errors import (
    CredentialsError,
    GarbledError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)
from rosterway.oneroster.address import address, at_home
from rosterway.oneroster.auth import Auth
from rosterway.oneroster.exchange import Exchange, Reply
from rosterway.oneroster.failures import Answer, Call, failure, garbled, skew_of, was_sent
from rosterway.oneroster.patience import Patience, Persistence, Surroundings, Waiting
from rosterway.oneroster.signing import signer_of
from rosterway.oneroster.turns import Turns
from rosterway.oneroster.wire import Wire, Wiring

_Found = TypeVar("_Found")

#: Redirects that keep the method (RFC 9110, 15.4).
_KEEPING = frozenset({307, 308})

#: Redirects and tokens that others have renewed meanwhile, for one read.
_MOST_DETOURS = 4


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent, but for by whom. `root` is that of the service whose answer it is to be."""

    method: str
    url: URL
    body: bytes | None
    call: Call
    root: URL

    @property
    def is_write(self) -> bool:
        """Whether it may change something, and is sent once."""
        return self.method != "GET"

    def unanswered(self, *, status: int | None = None, seconds: float = 0.0) -> Exchange:
        """The exchange where no answer is at hand."""
        return Exchange(
            method=self.method,
            url=str(self.url),
            sent=self.body or b"",
            status=status,
            seconds=seconds,
        )


class _UnknownError(Exception):
    """A write was sent, and nobody knows what became of it; never leaves this room."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(error.message)
        self.error = error


class ProviderClient:
    """Reads below one root. Use as an async context manager."""

    def __init__(
        self,
        root: URL,
        auth: Auth,
        *,
        wiring: Wiring | None = None,
        patience: Patience | None = None,
        max_requests: int = 4,
        surroundings: Surroundings | None = None,
        on_wait: Callable[[Waiting], None] | None = None,
    ) -> None:
        """Check what was configured; nothing is sent. `root` is `address.root_of`'s."""
        self.root = root
        self.max_requests = max_requests
        self._world = surroundings or Surroundings()
        self._wire = Wire(wiring or Wiring())
        self._signer = signer_of(
            auth, self._wire.post, clock=self._world.clock, nonce=self._world.nonce
        )
        self._turns = Turns(max_requests)
        self._persistence = Persistence(self._turns, patience or Patience(), self._world, on_wait)
        #: Seconds our clock is ahead of the provider's, by its last answer.
        self.skew: float | None = None
        #: How many requests were sent.
        self.requests = 0

    def __repr__(self) -> str:
        return f"ProviderClient({str(self.root)!r})"

    async def __aenter__(self) -> Self:
        self._wire.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._wire.close()

    @property
    def provider_time(self) -> float:
        """Unix time by the provider's clock, as far as its answers have told it."""
        return self._world.clock() - (self.skew or 0.0)

    async def sign_in(self) -> None:
        """Get a token where tokens are used, so that wrong credentials are asked for once only.

        Raises:
            RemoteError: there is none.
        """

        async def once(*, is_alone: bool) -> None:  # noqa: ARG001 - nothing else is under way yet
            await self._signer.header("GET", self.root, 0)

        await self._persistence.attempt(once)

    def seconds(self) -> float:
        """A time to measure by."""
        return self._world.timer()

    async def read(
        self,
        path: str,
        query: Iterable[tuple[str, str]],
        call: Call,
        judge: Callable[[Answer], _Found],
        *,
        accept: frozenset[int] = frozenset(),
        attempts: int | None = None,
        alone: bool = False,
        root: URL | None = None,
    ) -> _Found:
        """What `judge` makes of the answer to a GET below the root.

        Args:
            path: percent-encoded.
            query: names and values, encoded here.
            call: what it is for, for the words of errors and progress.
            judge: reads a success (or an accepted status); it may raise `UnreachableError` or
                `GarbledError`, and the read is tried again.
            accept: statuses other than 2xx that `judge` understands.
            attempts: fewer than patience has.
            alone: with nothing else under way.
            root: of another of the provider's services than the client's own.

        Raises:
            RemoteError: it stayed that way.
        """
        base = root or self.root
        request = _Request("GET", address(base, path, query), None, call, base)

        async def once(*, is_alone: bool) -> _Found:
            answer = await self._answer(request, is_alone=is_alone)
            if not 200 <= answer.status < 300 and answer.status not in accept:
                raise self._failure(answer, call)
            return judge(answer)

        return await self._persistence.attempt(once, attempts, alone=alone)

    async def write(
        self,
        method: str,
        path: str,
        body: bytes | None,
        call: Call,
        *,
        root: URL | None = None,
    ) -> Reply:
        """Send a PUT, POST or DELETE below the root, and say what is known of it then.

        Never raises for what the provider does: a refusal is a `Reply` with its error, and so is an
        outcome nobody knows (no answer after sending, or a failure of the server that may have come
        after the deed).

        Args:
            method: PUT, POST or DELETE.
            path: percent-encoded, or a whole address on the root's own host.
            body: JSON, or None.
            call: what it is for, for the words of errors and progress.
            root: of another of the provider's services than the client's own.
        """
        base = root or self.root
        url = address(base, path) if path.startswith("/") else URL(path, encoded=True)
        request = _Request(method, url, body, call, base)
        try:
            return await self._persistence.attempt(partial(self._write, request))
        except RemoteError as error:
            return Reply(exchange=request.unanswered(status=error.status), error=error)

    async def _write(self, request: _Request, *, is_alone: bool) -> Reply:
        """One attempt at a write. Raises only for what was certainly not done."""
        began = self._world.timer()
        try:
            answer = await self._answer(request, is_alone=is_alone)
        except _UnknownError as unknown:
            sent = request.unanswered(seconds=self._world.timer() - began)
            return Reply(exchange=sent, error=unknown.error, is_unknown=True)
        except GarbledError as error:  # sent elsewhere: nothing was done here, nor will be
            return Reply(exchange=request.unanswered(status=error.status), error=error)
        exchange = Exchange(
            method=request.method,
            url=str(request.url),
            sent=request.body or b"",
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            seconds=self._world.timer() - began,
        )
        if 200 <= answer.status < 300:
            return Reply(exchange=exchange)
        error = self._failure(answer, request.call, writes=True)
        if isinstance(error, ThrottledError):
            raise error
        is_unknown = isinstance(error, UnreachableError)
        return Reply(exchange=exchange, error=error, is_unknown=is_unknown)

    async def _answer(self, request: _Request, *, is_alone: bool) -> Answer:
        """One answer, through redirects that stay here; after a 401 with a new token.

        A second 401 ends it, unless tokens (or signatures) of ours have been good before. A write
        follows the redirects only that keep its method.
        """
        call, root = request.call, request.root
        refusals = 0
        for detours in range(1, _MOST_DETOURS + 1):
            header, answer, target = await self._send_in_turn(
                request, is_alone=is_alone, wants_alone=refusals > 1
            )
            if answer.status == 401:
                refusals += 1
                may_do_better = self._signer.refused(header)
                if (refusals > 1 and not may_do_better) or detours == _MOST_DETOURS:
                    return answer
                continue
            self._signer.accepted(header)
            if target is None:
                return answer
            home = at_home(target, root)
            if home is None:
                raise garbled(f"The SIS redirects to another host ({target.host})", call, 302)
            if request.is_write and answer.status not in _KEEPING:
                raise garbled("The SIS redirects what is written", call, answer.status)
            request = replace(request, url=home)
        raise garbled("The SIS redirects in a circle", call, 302)

    async def _send_in_turn(
        self, request: _Request, *, is_alone: bool, wants_alone: bool
    ) -> tuple[str, Answer, URL | None]:
        if is_alone:
            return await self._send(request, 0)
        if wants_alone:
            async with self._turns.alone():
                return await self._send(request, 0)
        worker = await self._turns.take()
        try:
            return await self._send(request, worker)
        finally:
            self._turns.give_back(worker)

    async def _send(self, request: _Request, worker: int) -> tuple[str, Answer, URL | None]:
        header = await self._signer.header(request.method, request.url, worker)
        self.requests += 1
        request.call.on_sent()
        if request.is_write:
            try:
                answer, target = await self._wire.write(
                    request.method, request.url, header, request.call, request.body
                )
            except RemoteError as error:
                if was_sent(error):
                    raise _UnknownError(error) from error
                raise
        else:
            answer, target = await self._wire.get(request.url, header, request.call)
        self.skew = skew_of(answer.headers, self._world.clock())
        return header, answer, target

    def _failure(self, answer: Answer, call: Call, *, writes: bool = False) -> RemoteError:
        skew = self.skew if self._signer.is_timed else None
        error = failure(answer, call, skew=skew, writes=writes)
        is_token = isinstance(error, CredentialsError) and self._signer.is_timed
        if is_token and self.skew is not None and not error.remedy.startswith("Set the clock"):
            error.remedy += " Our clock and the SIS's agree."
        return error
