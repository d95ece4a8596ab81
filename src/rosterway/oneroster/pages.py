"""The pages of one collection, fetched and staged one by one, by a query that the provider takes.

Every page is staged before it counts. What an optional part of the query costs is found out on the
first page: a refused order, choice of fields or page size is left out or made smaller, and told.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl

from yarl import URL

from rosterway.errors import RemoteError, UnreachableError
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.envelope import Unreadable
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.reading import EMPTY, Page, PageReader
from rosterway.oneroster.address import address
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.disk import on_disk
from rosterway.oneroster.failures import Answer, Call, cut_short, failure, garbled
from rosterway.oneroster.outcome import Progress, Wanted
from rosterway.oneroster.paging import Leaf, Mode, Reason, first_total, hints
from rosterway.oneroster.plainer import Query, given_up, plainer, size_of, smaller
from rosterway.oneroster.staging import CollectionFiles, Plan

#: A refusal that may be about an optional part of the query.
_QUERY_REFUSED = frozenset({400, 413, 414, 422})

#: How often a first page is tried before a smaller one is: large pages may be what it cannot bear.
_BEFORE_SMALLER = 4

#: How often a page is asked for again that does not continue the one before: it may be an accident.
_LOOKS = 3

#: How often an empty page is asked for that the provider counts as such, or that is the end.
_LOOKS_AT_NOTHING = 2


class Moved(Exception):  # noqa: N818 - never leaves this room; it ends one reading
    """This reading cannot be a proof; `mode` is how the next one is better made."""

    def __init__(self, reason: Reason, mode: Mode | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mode = mode


class Pages:
    """Fetches pages of a collection into its files. `leaves` are those that are there, by offset."""

    def __init__(
        self,
        client: ProviderClient,
        wanted: Wanted,
        files: CollectionFiles,
        on_progress: Callable[[Progress], None] | None,
    ) -> None:
        self._client = client
        self._wanted = wanted
        self._files = files
        self._on_progress = on_progress
        self._noun = wanted.endpoint.noun
        self._call = Call(f"reading {wanted.path}", wanted.shown, self._count)
        #: How many requests were sent for it.
        self.requests = 0
        self.notes = Notes(self._noun.plural, wanted.path)
        self._reader = PageReader(self._noun, wanted.version, self.notes)
        self.plan = Plan(1, Mode.OVERLAP, wanted.query())
        self.leaves: dict[int, Leaf] = {}
        self._arrived = 0
        self.tally = Tally()

    def _count(self) -> None:
        self.requests += 1

    @property
    def size(self) -> int:
        """How many records a page is asked to have."""
        return size_of(self.plan.query)

    @property
    def overlap(self) -> int:
        """By how many records pages overlap."""
        return 1 if self.plan.mode is Mode.OVERLAP else 0

    @property
    def count(self) -> int:
        """How far the collection was read."""
        return max((leaf.end for leaf in self.leaves.values()), default=0)

    def resume(self) -> None:
        """Take up what an interrupted reading of the same question left, or begin."""
        with on_disk("the pull"):
            plan, leaves, tally = self._files.resume()
        if plan is None or not self._wanted.covers(plan.query):
            self.restart(1, Mode.OVERLAP)
            return
        self.plan, self.tally = plan, tally
        self.leaves = {leaf.offset: leaf for leaf in leaves}
        self._arrived = sum(each.records - (self.overlap if each.offset else 0) for each in leaves)

    async def fetch(self, at: int, opaque: str = "", *, after: str | None = None) -> Leaf:
        """Fetch one page and stage it; the first by a plainer query if the one asked is refused.

        A page that should begin with a record (`after`, or any where pages overlap) and does not is
        looked at again, and is not staged; so is an empty page.

        Raises:
            Moved: it stayed that way.
        """
        if not at:
            return await self._fetch_first()
        found = await self._look(at, opaque, after)
        if isinstance(found, Leaf):
            return found
        # A refusal in the middle may be of an offset that is no multiple, for all we know.
        if self.overlap and at == self.leaves[0].end - 1:
            raise Moved(Reason.CHANGED, Mode.END_TO_END)
        if isinstance(found, Answer):
            raise failure(found, self._call)
        raise Moved(Reason.CHANGED)

    async def _look(self, at: int, opaque: str, after: str | None) -> Leaf | Answer | None:
        found = None
        for look in range(1, _LOOKS + 1):
            found = await self._get(at, opaque, after, look=look)
            if found is not None:
                break
        return found

    async def _fetch_first(self) -> Leaf:
        others: Iterator[Query] | None = None
        refusal: RemoteError | None = None
        while True:
            try:
                found = await self._look(0, "", None)
                if isinstance(found, Leaf):
                    return found
                assert found is not None  # the last look takes what there is
                refusal = refusal or failure(found, self._call)
                if others is None:
                    others = plainer(self.plan.query, found.said.codes)
            except UnreachableError as error:
                if refusal is None and not _is_about_size(error):
                    raise
                refusal = refusal or error
                if others is None:
                    others = smaller(self.plan.query)
            query = next(others, None)
            if query is None:
                self._replan(self._wanted.query())
                raise refusal
            self._replan(query)

    async def _get(
        self,
        at: int,
        opaque: str,
        after: str | None,
        *,
        look: int,
    ) -> Leaf | Answer | None:
        """One page, staged; or the refusal of the query; None: it should be looked at again."""
        query = [*self.plan.query, ("offset", str(at))]
        if opaque:
            query = parse_qsl(opaque, keep_blank_values=True)
        may_be_smaller = not at and next(smaller(self.plan.query), None) is not None
        return await self._client.read(
            self._wanted.path,
            query,
            self._call,
            lambda answer: self._take(answer, at, query, after, look=look),
            accept=_QUERY_REFUSED,
            attempts=_BEFORE_SMALLER if may_be_smaller else None,
            alone=look == _LOOKS,
        )

    def _take(
        self,
        answer: Answer,
        at: int,
        query: Sequence[tuple[str, str]],
        after: str | None,
        *,
        look: int,
    ) -> Leaf | Answer | None:
        """Read and stage the answer to a query; a refusal is handed back."""
        if answer.status in _QUERY_REFUSED:
            return answer
        skip = self.overlap if at else 0
        page = self._page(answer, at, skip)
        told = hints(answer.headers, links_of(answer.headers), self._url(query))
        enough = _LOOKS_AT_NOTHING if at or told.total == 0 else _LOOKS
        is_bare = not page.records and not skip and look < enough
        is_elsewhere = skip and (not page.records or (after is not None and page.first != after))
        if is_bare or is_elsewhere:
            self._forget_notes()
            return None
        if told.is_total_wrong:
            self.notes.deviates("total-wrong", "", answer.headers.get("X-Total-Count"), "")
        if told.is_elsewhere:
            self.notes.deviates("link-elsewhere", "", "", "")
        if at == 0 and told.total is None:
            self.notes.deviates("total-missing", "", "", "")
        if at == 0:
            self._tell_given_up()
        is_more = told.has_next if told.total is None else told.total > page.records
        if at == 0 and is_more and page.records < self.size:
            self.notes.deviates("limit-clamped", "", f"{page.records} of {self.size}", "")
        leaf = Leaf(
            offset=at,
            records=page.records,
            refused=page.refused,
            first=page.first,
            last=page.last,
            total=told.total,
            opaque=told.opaque,
            ascends=page.ascends,
        )
        deviations = self.notes.tally.all()
        self._files.put(leaf, page, self.notes.take(), deviations)
        self.tally.take(deviations)
        self.notes.tally = Tally()
        self.leaves[at] = leaf
        self._arrived += page.records - (skip if page.records else 0)
        if self._on_progress is not None:
            total = first_total(self.leaves.values())
            self._on_progress(Progress(self._wanted.path, self._arrived, total, self.plan.reading))
        return leaf

    def _page(self, answer: Answer, at: int, skip: int) -> Page:
        """The page in an answer. Raises `RemoteError` if it is none."""
        if answer.status == 204 or not answer.body.strip():
            self.notes.deviates("empty-answer", "", answer.status, "")
            return EMPTY
        page = self._reader.read(answer.body, first_row=at + 1, charset=answer.charset, skip=skip)
        if not isinstance(page, Unreadable):
            return page
        self._forget_notes()
        if page.is_cut:
            raise cut_short(self._call, answer.status)
        why = page.why[0].upper() + page.why[1:]
        raise garbled(why, self._call, answer.status)

    def _forget_notes(self) -> None:
        self.notes.take()
        self.notes.tally = Tally()

    async def peek(self, at: int, size: int = 1) -> Page:
        """The records that stand at an offset, without keeping them."""
        query = [("limit", str(size)), *self.plan.query[1:], ("offset", str(at))]
        notes = Notes(self._noun.plural, self._wanted.path)
        reader = PageReader(self._noun, self._wanted.version, notes)

        def take(answer: Answer) -> Page:
            if answer.status == 204 or not answer.body.strip():
                return EMPTY
            page = reader.read(answer.body, charset=answer.charset)
            if isinstance(page, Unreadable):
                raise garbled(page.why, self._call, answer.status)
            return page

        return await self._client.read(self._wanted.path, query, self._call, take)

    # -- the query

    def _tell_given_up(self) -> None:
        """What was found out about the provider before its first page came."""
        for code, example in given_up(self._wanted.query(), self.plan.query):
            self.notes.deviates(code, "", example, "")

    def _replan(self, query: Query) -> None:
        self.plan = Plan(self.plan.reading, self.plan.mode, query)
        self._files.restart(self.plan)

    def restart(self, reading: int, mode: Mode) -> None:
        """Begin a reading anew; what was found out about the query stays."""
        self.plan = Plan(reading, mode, self.plan.query)
        self.leaves.clear()
        self._arrived = 0
        self.tally = Tally()
        self._files.restart(self.plan)

    def _url(self, query: Iterable[tuple[str, str]]) -> URL:
        return address(self._client.root, self._wanted.path, query)


def links_of(headers: Mapping[str, str]) -> list[str]:
    """Every Link header, of which there may be several."""
    getall = getattr(headers, "getall", None)
    return list(getall("Link", [])) if getall else [headers.get("Link", "")]


def _is_about_size(error: UnreachableError) -> bool:
    """Whether a smaller page may come where this one did not: it failed, or took too long."""
    is_slow = isinstance(error.__cause__, TimeoutError) and "in time" in error.message
    return error.status is not None or is_slow
