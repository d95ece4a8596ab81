"""Line items and results written to a provider, one by one or many in a request.

Guarantees: every write ends as a `Written`: accepted, refused, not sent, or unknown, with the id the
provider knows it by, its own words and the raw exchange. Nothing is sent twice: what is unknown is
read back by whoever asked, before it asks again. A PUT answered 200, 201 or 204, with or without a
body, is accepted, unless the body is a web page: a login page is no answer of a gradebook's. An id in
the body wins over ours (Modified passback, instructure-integration 2.2).
A delete of what is not there is accepted: it is not there. An answer to one that may say as well
that there is no deleting is unknown.

Leaves to others: what is written (`passback`), its form (`gradebook_writing`), the ledger (`runs`).
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, cast

import msgspec
from yarl import URL

from rosterway.errors import RemoteError
from rosterway.formats.oneroster import gradebook_writing
from rosterway.formats.oneroster.gradebook import LineItem, Result
from rosterway.formats.oneroster.gradebook_reading import LINE_ITEMS, RESULTS
from rosterway.formats.oneroster.gradebook_writing import Manner, in_path
from rosterway.formats.oneroster.mending import identifier
from rosterway.formats.oneroster.notes import Notes
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.exchange import Exchange, Reply
from rosterway.oneroster.failures import Call, Shown, garbled

Noun = LineItem | Result


class Outcome(StrEnum):
    """How a write ended. `not-sent`: nothing can have been done, and waiting may help."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_SENT = "not-sent"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a write.

    `sourced_id` is the one the provider knows it by; "" where it chose one and did not say.
    `words` and `codes` are the provider's own, `error` what they mean in ours.
    """

    outcome: Outcome
    sourced_id: str
    status: int | None = None
    codes: tuple[str, ...] = ()
    words: str = ""
    error: RemoteError | None = None
    exchange: Exchange

    @property
    def is_accepted(self) -> bool:
        """Whether the provider has it now."""
        return self.outcome is Outcome.ACCEPTED


@dataclass(frozen=True, slots=True)
class Put:
    """A line item or a result to be put; `sourced_id` "" has the provider choose."""

    noun: Noun


@dataclass(frozen=True, slots=True)
class Delete:
    """A line item or a result to be deleted."""

    noun: Noun


Write = Put | Delete


class BulkWay(StrEnum):
    """Where many are posted at once (oneroster 8; instructure-integration 2, Performance)."""

    LINE_ITEM = "line-item"  #: results, POST /lineItems/{l}/results
    SESSION = "session"  #: results, POST /classes/{c}/academicSessions/{a}/results
    CLASS = "class"  #: line items, POST /classes/{c}/lineItems
    URL = "url"  #: a path of the provider's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """One request for many. `path` is below the gradebook's root, with `{class}`, `{session}` and
    `{lineItem}` for ids, as the profile has it; it wins over `way`.
    """

    way: BulkWay
    class_id: str = ""
    session_id: str = ""
    line_item_id: str = ""
    path: str = ""
    method: str = "POST"

    def address(self) -> str:
        """The path, ids percent-encoded."""
        ids = {
            "{class}": self.class_id,
            "{session}": self.session_id,
            "{lineItem}": self.line_item_id,
        }
        path = self.path or _BULK_PATHS[self.way]
        for name, value in ids.items():
            path = path.replace(name, in_path(value))
        return path


_BULK_PATHS: Mapping[BulkWay, str] = MappingProxyType(
    {
        BulkWay.LINE_ITEM: "/lineItems/{lineItem}/results",
        BulkWay.SESSION: "/classes/{class}/academicSessions/{session}/results",
        BulkWay.CLASS: "/classes/{class}/lineItems",
    }
)
_COLLECTIONS: Mapping[type[Noun], str] = MappingProxyType(
    {LineItem: "/lineItems", Result: "/results"}
)
_READERS = MappingProxyType({LineItem: LINE_ITEMS, Result: RESULTS})

_WRITING = Call("writing to the gradebook")

#: A delete answered so found nothing to delete; a 404 only if it speaks of the object.
_NOT_FOUND, _GONE = 404, 410
_NO_OBJECT = frozenset({"unknownobject", "unknown_object"})


class GradebookWriter:
    """Writes to one provider's gradebook.

    `placeholder` stands in the path of what has no id yet; "" leaves the path without one
    (instructure-integration 2.2 leaves open which of both a provider takes).
    """

    def __init__(
        self,
        client: ProviderClient,
        root: URL,
        manner: Manner,
        *,
        placeholder: str = "",
        shown: Shown | None = None,
    ) -> None:
        self._client = client
        self._root = root
        self._manner = manner
        self._placeholder = placeholder
        self._shown = shown or Shown()
        self._calls = {
            kind: Call(f"writing {path[1:]}", self._shown) for kind, path in _COLLECTIONS.items()
        }
        self._deleting = Call("deleting from the gradebook", self._shown)

    async def put(self, noun: Noun, modified_at: str) -> Written:
        """Put a line item or a result; `modified_at` is now, in ISO 8601 and UTC."""
        kind = type(noun)
        at = noun.sourced_id or self._placeholder
        path = _COLLECTIONS[kind]
        if at:
            path = f"{path}/{in_path(at)}"
        body = gradebook_writing.body(noun, self._manner, modified_at)
        reply = await self._client.write("PUT", path, body, self._calls[kind], root=self._root)
        written = self._written(reply, noun.sourced_id)
        if not written.is_accepted or not reply.exchange.body.strip():
            return written
        return _named(written, self._id_in(kind, reply.exchange) or noun.sourced_id)

    async def delete(self, noun: Noun) -> Written:
        """Delete a line item or a result by its id."""
        path = f"{_COLLECTIONS[type(noun)]}/{in_path(noun.sourced_id)}"
        reply = await self._client.write("DELETE", path, None, self._deleting, root=self._root)
        written = self._written(reply, noun.sourced_id)
        if written.status == _NOT_FOUND and _NO_OBJECT.isdisjoint(written.codes):
            return _unknown(written, noun.sourced_id, "Perhaps nothing can be deleted")
        is_gone = written.status in {_NOT_FOUND, _GONE}
        return _named(written, noun.sourced_id) if is_gone else written

    async def write(self, each: Write, modified_at: str) -> Written:
        """Do what is to be done."""
        match each:
            case Put():
                return await self.put(each.noun, modified_at)
            case Delete():
                return await self.delete(each.noun)

    async def write_all(
        self, writes: Iterable[Write], modified_at: str
    ) -> AsyncGenerator[tuple[Write, Written]]:
        """Do all of it, as many at a time as the client allows; yields outcomes as they come.

        If it is closed before its end, what was under way is unknown.
        """
        waiting = iter(writes)
        done: asyncio.Queue[tuple[Write, Written] | None] = asyncio.Queue()

        async def work() -> None:
            try:
                for each in waiting:
                    done.put_nowait((each, await self.write(each, modified_at)))
            finally:
                done.put_nowait(None)

        workers = [asyncio.create_task(work()) for _ in range(self._client.max_requests)]
        left = len(workers)
        try:
            while left:
                found = await done.get()
                if found is None:
                    left -= 1
                else:
                    yield found
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def post_many(
        self, nouns: Sequence[LineItem] | Sequence[Result], bulk: Bulk, modified_at: str
    ) -> list[Written]:
        """Post many in one request; one outcome each, in the order given.

        Posting is not idempotent: a provider gives new ids each time. What an accepted answer does
        not name (its pairs may be fewer, and in any order) is unknown.
        """
        if not nouns:
            return []
        body = gradebook_writing.bodies(nouns, self._manner, modified_at)
        call = self._calls[type(nouns[0])]
        reply = await self._client.write(bulk.method, bulk.address(), body, call, root=self._root)
        if not reply.is_accepted:
            return [self._written(reply, noun.sourced_id) for noun in nouns]
        allocated = pairs_in(reply.exchange.body)
        found: list[Written] = []
        for noun in nouns:
            own = allocated.get(noun.sourced_id)
            one = self._written(reply, own or noun.sourced_id)
            found.append(one if own else _unknown(one, "", "The SIS names no id of it"))
        return found

    def _written(self, reply: Reply, sourced_id: str) -> Written:
        exchange, error = reply.exchange, reply.error
        if error is None:
            accepted = Written(
                outcome=Outcome.ACCEPTED,
                sourced_id=sourced_id,
                status=exchange.status,
                exchange=exchange,
            )
            is_page = exchange.body.lstrip()[:1] == b"<"  # of whoever stands before the SIS
            return _unknown(accepted, sourced_id, "A web page came back") if is_page else accepted
        outcome = Outcome.REFUSED
        if reply.is_unknown:
            outcome = Outcome.UNKNOWN
        elif error.retry:
            outcome = Outcome.NOT_SENT
        said = exchange.said
        return Written(
            outcome=outcome,
            sourced_id=sourced_id,
            status=exchange.status,
            codes=said.codes,
            words=self._shown.words(said),
            error=error,
            exchange=exchange,
        )

    def _id_in(self, kind: type[Noun], exchange: Exchange) -> str:
        """The id in a PUT's answer, if it is the object."""
        notes = Notes(_COLLECTIONS[kind][1:], exchange.url)
        try:
            data: Any = msgspec.json.decode(exchange.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            read = _READERS[kind].read_one(exchange.body, self._manner.version, notes)
            return "" if read is None else read.sourced_id
        told = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
        inner = told.get(gradebook_writing.KEYS[kind], told)
        own = cast("dict[str, Any]", inner).get("sourcedId") if isinstance(inner, dict) else None
        return identifier(own) or ""


def pairs_in(body: bytes) -> dict[str, str]:
    """Supplied id -> allocated id, from `sourcedIdPairs`: a list, or one object (Timeback)."""
    try:
        data: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    told = cast("dict[str, Any]", data).get("sourcedIdPairs") if isinstance(data, dict) else None
    listed = cast("list[Any]", told) if isinstance(told, list) else [told]
    pairs: dict[str, str] = {}
    for each in listed:
        if isinstance(each, dict):
            pair = cast("dict[str, Any]", each)
            supplied = identifier(pair.get("suppliedSourcedId"))
            allocated = identifier(pair.get("allocatedSourcedId"))
            if supplied and allocated:
                pairs[supplied] = allocated
    return pairs


def _named(written: Written, sourced_id: str) -> Written:
    return Written(
        outcome=Outcome.ACCEPTED,
        sourced_id=sourced_id,
        status=written.status,
        exchange=written.exchange,
    )


def _unknown(written: Written, sourced_id: str, why: str) -> Written:
    error = written.error or garbled(why, _WRITING, written.status)
    return msgspec.structs.replace(
        written, outcome=Outcome.UNKNOWN, sourced_id=sourced_id, error=error
    )
