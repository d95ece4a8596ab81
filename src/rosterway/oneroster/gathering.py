"""A small collection read into memory, and whether it is proven complete: a class's gradebook.

Follows oneroster 3 as `paging` judges it, like `collection`, for lists of at most some thousands.
One page is enough where the provider counts it whole and its counts have been seen to be true
counts (`Habits`): whoever clamps pages and counts those is found out by asking for a single record.
An empty list is believed when it is said twice, in its envelope, and may be empty at all. Pages that
cannot overlap are read twice, end to end, and must be the same both times.

Leaves to others: which collections there are, and what they mean (`gradebook`).
"""

from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar
from urllib.parse import parse_qsl

from yarl import URL

from rosterway.errors import RemoteError, UnreachableError
from rosterway.formats.oneroster.deviations import Deviation, Tally
from rosterway.formats.oneroster.envelope import Unreadable
from rosterway.formats.oneroster.gradebook_reading import Batch
from rosterway.formats.oneroster.notes import Notes
from rosterway.oneroster.address import address
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.failures import Answer, Call, Shown, cut_short, failure, garbled
from rosterway.oneroster.pages import links_of
from rosterway.oneroster.paging import Hints, Leaf, Mode, Proof, Reason, hints, judge, proof
from rosterway.oneroster.plainer import Query, plainer, size_of, smaller

_Read = TypeVar("_Read")
_Read_co = TypeVar("_Read_co", covariant=True)

#: A refusal that may be about an optional part of the query.
_QUERY_REFUSED = frozenset({400, 413, 414, 422})

#: How often a collection in motion is read.
_READINGS = 3
_MOST_PAGES = 1000

#: What a provider answers where it does not have an operation.
MISSING = frozenset({404, 405, 501})


class ReadBatch(Protocol[_Read_co]):
    """Reads the body of one answer."""

    def __call__(
        self, body: bytes, notes: Notes, *, charset: str
    ) -> Batch[_Read_co] | Unreadable: ...


@dataclass(slots=True)
class Habits:
    """What a provider has been seen to do, found out once; None: not yet.

    `counts`: its X-Total-Count is of the collection, not of the page. `page_size`: it takes no
    larger one.
    """

    counts: bool | None = None
    page_size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought(Generic[_Read]):
    """What is gathered: `path` below `root`, percent-encoded; `name` for deviations and words."""

    name: str
    root: URL
    path: str
    read: ReadBatch[_Read]
    key: Callable[[_Read], str]
    filter: str = ""
    page_size: int = 1000
    may_be_empty: bool = True
    shown: Shown = field(default_factory=Shown)

    def query(self, largest: int | None) -> Query:
        """The query of a page but for its offset; `limit` comes first."""
        limit = (("limit", str(min(self.page_size, largest or self.page_size))),)
        return (*limit, ("filter", self.filter)) if self.filter else limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered(Generic[_Read_co]):
    """What came. `is_served` false: the provider does not have it; `error`: why it did not come."""

    nouns: tuple[_Read_co, ...] = ()
    proof: Proof
    is_served: bool = True
    error: RemoteError | None = None
    deviations: tuple[Deviation, ...] = ()

    @property
    def is_proven(self) -> bool:
        """Whether what is missing from it is missing at the provider."""
        return self.proof.is_proven


class _MovedError(Exception):
    """This reading cannot be a proof; never leaves this room."""

    def __init__(self, reason: Reason, mode: Mode = Mode.OVERLAP) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mode = mode


async def gather(client: ProviderClient, sought: Sought[_Read], habits: Habits) -> Gathered[_Read]:
    """Read a collection to its end, and say whether that is all of it.

    What waiting cannot help, and a collection that is not served, is a value.

    Raises:
        RemoteError: waiting may help, and has not so far.
    """
    gathering = _Gathering(client, sought, habits)
    try:
        return await gathering.gather()
    except RemoteError as error:
        if error.retry:
            raise
        return Gathered(
            proof=proof(Reason.FAILED),
            is_served=error.status not in MISSING,
            error=error,
            deviations=gathering.tally.all(),
        )


@dataclass(frozen=True, slots=True)
class _Page(Generic[_Read]):
    leaf: Leaf
    nouns: Sequence[_Read]
    told: Hints
    has_envelope: bool = True


class _Gathering(Generic[_Read]):
    def __init__(self, client: ProviderClient, sought: Sought[_Read], habits: Habits) -> None:
        self._client = client
        self._sought = sought
        self._habits = habits
        self._query = sought.query(habits.page_size)
        self._call = Call(f"reading {sought.path}", sought.shown)
        self._pages: list[_Page[_Read]] = []
        self.tally = Tally()

    async def gather(self) -> Gathered[_Read]:
        mode = Mode.OVERLAP
        verdict = proof(Reason.CHANGED)
        for _ in range(_READINGS):
            try:
                verdict = await self._reading(mode)
            except _MovedError as moved:
                verdict, mode = proof(moved.reason), moved.mode
                continue
            if not verdict.reason.may_pass:
                break
        found = {self._sought.key(noun): noun for page in self._pages for noun in page.nouns}
        return Gathered(nouns=tuple(found.values()), proof=verdict, deviations=self.tally.all())

    async def _reading(self, mode: Mode) -> Proof:
        """Read it once; what came of it is in `_pages`, also where it cannot be a proof."""
        self.tally = Tally()
        first = await self._first()
        self._pages = [first]
        if first.leaf.records == 0:
            return await self._empty(first)
        if await self._is_whole(first):
            return judge([first.leaf], Mode.OVERLAP)
        if first.leaf.opaque:
            self._pages = [page async for page in self._linked(first)]
            return judge([page.leaf for page in self._pages], Mode.LINKS)
        if mode is Mode.END_TO_END:
            pages = await self._end_to_end(first)
            again = await self._end_to_end(await self._get(0))
            if [page.leaf for page in pages] != [page.leaf for page in again]:
                raise _MovedError(Reason.CHANGED, mode)
        else:
            pages = await self._overlapping(first)
        return judge([page.leaf for page in pages], mode)

    async def _first(self) -> _Page[_Read]:
        """The first page, by a plainer query if the one asked is refused."""
        refusal: RemoteError | None = None
        others: Iterator[Query] = iter(())
        while True:
            try:
                found = await self._ask(0)
                if not isinstance(found, Answer):
                    if refusal is not None and size_of(self._query) < self._sought.page_size:
                        self._habits.page_size = size_of(self._query)
                    return found
                if refusal is None:
                    refusal = failure(found, self._call)
                    others = plainer(self._query, found.said.codes)
            except UnreachableError as error:
                if error.status is None:
                    raise
                if refusal is None:  # large pages may be what it cannot bear
                    refusal, others = error, smaller(self._query)
            query = next(others, None)
            if query is None:
                raise refusal
            self._query = query

    async def _empty(self, first: _Page[_Read]) -> Proof:
        if not self._sought.may_be_empty:
            return proof(Reason.EMPTY)
        if first.leaf.total == 0 and self._habits.counts:
            return proof(Reason.PROVEN)
        again = await self._get(0)
        if again.leaf.records:
            raise _MovedError(Reason.CHANGED)
        if first.has_envelope and again.has_envelope:
            return proof(Reason.PROVEN)
        return judge([again.leaf], Mode.OVERLAP)

    async def _is_whole(self, first: _Page[_Read]) -> bool:
        """Whether the provider counts what came, by a count that is one of the collection."""
        leaf = first.leaf
        if leaf.total is None or leaf.total != leaf.records or leaf.refused or first.told.has_next:
            return False
        if self._habits.counts is None and leaf.records > 1:
            alone = await self._get(0, size=1)
            self._habits.counts = alone.leaf.total == leaf.total
        return self._habits.counts is not False

    async def _overlapping(self, first: _Page[_Read]) -> list[_Page[_Read]]:
        """Pages that each begin with the last record of the one before."""
        pages = self._pages = [first]
        if first.leaf.records == 1:
            other = await self._get(1)
            if other.leaf.records:
                ignores = other.leaf.first == first.leaf.first
                reason = Reason.IGNORES_OFFSET if ignores else Reason.CHANGED
                raise _MovedError(reason, Mode.END_TO_END)
            return pages
        while len(pages) < _MOST_PAGES:
            before = pages[-1].leaf
            page = await self._get(before.end - 1)
            if page.leaf.first is None or page.leaf.first != before.last:
                mode = Mode.END_TO_END if len(pages) == 1 else Mode.OVERLAP
                raise _MovedError(Reason.CHANGED, mode)
            pages.append(page)
            if page.leaf.records == 1:
                return pages
        raise _MovedError(Reason.IGNORES_OFFSET)

    async def _end_to_end(self, first: _Page[_Read]) -> list[_Page[_Read]]:
        pages = self._pages = [first]
        firsts = {first.leaf.first}
        while len(pages) < _MOST_PAGES:
            last = pages[-1]
            if self._habits.counts and last.leaf.end == last.leaf.total:
                return pages
            page = await self._get(last.leaf.end)
            if not page.leaf.records:
                return pages
            if page.leaf.first in firsts:
                raise _MovedError(Reason.IGNORES_OFFSET, Mode.END_TO_END)
            firsts.add(page.leaf.first)
            pages.append(page)
        raise _MovedError(Reason.IGNORES_OFFSET, Mode.END_TO_END)

    async def _linked(self, first: _Page[_Read]) -> AsyncGenerator[_Page[_Read]]:
        """Pages behind links that hide the offset."""
        page, asked = first, set[str]()
        while True:
            yield page
            opaque = page.leaf.opaque
            if not opaque or not page.leaf.records or opaque in asked:
                return
            asked.add(opaque)
            page = await self._get(page.leaf.end, opaque=opaque)

    async def _get(self, at: int, *, size: int | None = None, opaque: str = "") -> _Page[_Read]:
        found = await self._ask(at, size=size, opaque=opaque)
        if isinstance(found, Answer):
            raise failure(found, self._call)
        return found

    async def _ask(
        self, at: int, *, size: int | None = None, opaque: str = ""
    ) -> _Page[_Read] | Answer:
        """One page, or the refusal of its query."""
        limit = size or size_of(self._query)
        query = [("limit", str(limit)), *self._query[1:], ("offset", str(at))]
        if opaque:
            query = parse_qsl(opaque, keep_blank_values=True)
        return await self._client.read(
            self._sought.path,
            query,
            self._call,
            lambda answer: self._page(answer, at, query),
            accept=_QUERY_REFUSED,
            root=self._sought.root,
        )

    def _page(
        self, answer: Answer, at: int, query: Sequence[tuple[str, str]]
    ) -> _Page[_Read] | Answer:
        if answer.status in _QUERY_REFUSED:
            return answer
        notes = Notes(self._sought.name, self._sought.path)
        url = address(self._sought.root, self._sought.path, query)
        told = hints(answer.headers, links_of(answer.headers), url)
        has_envelope = answer.status != 204 and bool(answer.body.strip())
        batch: Batch[_Read] = Batch()
        if has_envelope:
            read = self._sought.read(answer.body, notes, charset=answer.charset)
            if isinstance(read, Unreadable):
                if read.is_cut:
                    raise cut_short(self._call, answer.status)
                raise garbled(read.why[0].upper() + read.why[1:], self._call, answer.status)
            batch = read
        else:
            notes.deviates("empty-answer", "", answer.status, "")
        if at == 0 and told.total is None:
            notes.deviates("total-missing", "", "", "")
        self.tally.take(notes.tally.all())
        leaf = Leaf(
            at, batch.entries, batch.refused, batch.first, batch.last, told.total, told.opaque
        )
        return _Page(leaf, batch.nouns, told, has_envelope)
