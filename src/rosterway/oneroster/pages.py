"""The pages of one collection, fetched and staged one by one, by a query that the provider takes.

Every page is staged before it counts. What an optional part of the query costs is found out on the
first page: a refused order, choice of fields or page size is left out or made smaller, and told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import parse_qsl

from yarl import URL

from rosterway.errors import UnreachableError
from rosterway.formats.oneroster.deviations import Tally
from rosterway.formats.oneroster.envelope import Unreadable
from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.reading import EMPTY, Page, PageReader
from rosterway.oneroster.address import address
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.failures import Answer, Call, cut_short, failure, garbled
from rosterway.oneroster.outcome import Progress, Wanted
from rosterway.oneroster.paging import Leaf, Mode, Reason, first_total, hints, smaller
from rosterway.oneroster.staging import CollectionFiles, Plan

#: A refusal that may be about an optional part of the query.
_QUERY_REFUSED = frozenset({400, 413, 414, 422})

#: What was found out about the query holds for the next reading too.
_OF_QUERY = frozenset({"sort-refused", "fields-refused", "page-size-refused", "offset-by-page"})


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
        self._call = Call(f"reading {wanted.path}", wanted.shown)
        self.notes = Notes(self._noun.plural, wanted.path)
        self._reader = PageReader(self._noun, wanted.version, self.notes)
        self.plan = Plan(1, Mode.OVERLAP, wanted.query())
        self.leaves: dict[int, Leaf] = {}
        self.size = wanted.page_size
        self.tally = Tally()

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
        plan, leaves, tally = self._files.resume()
        if plan is None or not self._wanted.covers(plan.query):
            self.restart(1, Mode.OVERLAP)
            return
        self.plan, self.tally = plan, tally
        self.leaves = {leaf.offset: leaf for leaf in leaves}
        self.size = int(dict(plan.query)["limit"])

    async def fetch(self, at: int, opaque: str = "") -> Leaf:
        """Fetch one page and stage it, with a smaller or plainer query where one is refused."""
        while True:
            query = [*self.plan.query, ("offset", str(at))]
            if opaque:
                query = parse_qsl(opaque, keep_blank_values=True)
            try:
                found = await self._client.read(
                    self._wanted.path,
                    query,
                    self._call,
                    lambda answer, query=query: self._take(answer, at, query),
                    accept=_QUERY_REFUSED,
                )
            except UnreachableError:
                if at or not self._shrink():
                    raise
                continue
            if isinstance(found, Leaf):
                return found
            if at:
                # Refused in the middle: an offset that is no multiple, for all we know.
                if self.overlap and at == self.leaves[0].end - 1:
                    raise Moved(Reason.CHANGED, Mode.END_TO_END)
                raise failure(found, self._call)
            self._simplify(found)

    def _take(self, answer: Answer, at: int, query: Sequence[tuple[str, str]]) -> Leaf | Answer:
        """Read and stage the answer to a query; a refusal is handed back."""
        if answer.status in _QUERY_REFUSED:
            return answer
        skip = self.overlap if at else 0
        page = self._page(answer, at, skip)
        told = hints(answer.headers, _links(answer.headers), self._url(query))
        if told.is_total_wrong:
            self.notes.deviates("total-wrong", "", answer.headers.get("X-Total-Count"), "")
        if told.is_elsewhere:
            self.notes.deviates("link-elsewhere", "", "", "")
        if at == 0 and told.total is None:
            self.notes.deviates("total-missing", "", "", "")
        is_short = page.records < self.size
        if at == 0 and is_short and (told.has_next or (told.total or 0) > page.records):
            self.notes.deviates("limit-clamped", "", f"{page.records} of {self.size}", "")
        leaf = Leaf(at, page.records, page.refused, page.first, page.last, told.total, told.opaque)
        deviations = self.notes.tally.all()
        self._files.put(leaf, page, self.notes.take(), deviations)
        self.tally.take(deviations)
        self.notes.tally = Tally()
        self.leaves[at] = leaf
        if self._on_progress is not None:
            records = sum(each.records for each in self.leaves.values())
            total = first_total(self.leaves.values())
            self._on_progress(Progress(self._wanted.path, records, total, self.plan.reading))
        return leaf

    def _page(self, answer: Answer, at: int, skip: int) -> Page:
        """The page in an answer. Raises `RemoteError` if it is none."""
        if answer.status == 204 or not answer.body.strip():
            self.notes.deviates("empty-answer", "", answer.status, "")
            return EMPTY
        page = self._reader.read(answer.body, first_row=at + 1, charset=answer.charset, skip=skip)
        if not isinstance(page, Unreadable):
            return page
        self.notes.take()
        self.notes.tally = Tally()
        if page.is_cut:
            raise cut_short(self._call, answer.status)
        why = page.why[0].upper() + page.why[1:]
        raise garbled(why, self._call, answer.status)

    async def peek(self, at: int) -> str | None:
        """The id of the record that stands at an offset; None if there is none."""
        query = [("limit", "1"), *self.plan.query[1:], ("offset", str(at))]
        notes = Notes(self._noun.plural, self._wanted.path)
        reader = PageReader(self._noun, self._wanted.version, notes)

        def take(answer: Answer) -> str | None:
            if answer.status == 204 or not answer.body.strip():
                return None
            page = reader.read(answer.body, charset=answer.charset)
            if isinstance(page, Unreadable):
                raise garbled(page.why, self._call, answer.status)
            return None if not page.records else page.first or ""

        return await self._client.read(self._wanted.path, query, self._call, take)

    # -- the query

    def _shrink(self) -> bool:
        """Take the next smaller page size; False if there is none."""
        size = smaller(self.size)
        if size is None:
            return False
        self.notes.deviates("page-size-refused", "", self.size, "")
        self.size = size
        self._replan([("limit", str(size)), *self.plan.query[1:]])
        return True

    def _simplify(self, refused: Answer) -> None:
        """Leave out what may have been refused. Raises the refusal if nothing is left to try.

        The filter is never left out: more than was asked for would come.
        """
        names = dict(self.plan.query)
        codes = refused.said.codes
        if "invalid_filter_field" in codes:
            raise failure(refused, self._call)
        about_fields = any("selection_field" in code for code in codes)
        if "fields" in names and (about_fields or "sort" not in names):
            self.notes.deviates("fields-refused", "", names["fields"], "")
            self._replan([pair for pair in self.plan.query if pair[0] != "fields"])
        elif "sort" in names:
            self.notes.deviates("sort-refused", "", "sourcedId", "")
            self._replan([p for p in self.plan.query if p[0] not in {"sort", "orderBy"}])
        elif not self._shrink():
            raise failure(refused, self._call)

    def _replan(self, query: Sequence[tuple[str, str]]) -> None:
        self.plan = Plan(self.plan.reading, self.plan.mode, tuple(query))
        self._files.restart(self.plan)

    def restart(self, reading: int, mode: Mode) -> None:
        """Begin a reading anew; what was found out about the query stays."""
        if mode is Mode.END_TO_END and self.plan.mode is not mode:
            self.notes.deviates("offset-by-page", "", "", "")
        self.plan = Plan(reading, mode, self.plan.query)
        self.leaves.clear()
        self.notes.tally.take(each for each in self.tally.all() if each.code in _OF_QUERY)
        self.tally = Tally()
        self._files.restart(self.plan)

    def _url(self, query: Iterable[tuple[str, str]]) -> URL:
        return address(self._client.root, self._wanted.path, query)


def _links(headers: Mapping[str, str]) -> list[str]:
    getall = getattr(headers, "getall", None)
    return list(getall("Link", [])) if getall else [headers.get("Link", "")]
