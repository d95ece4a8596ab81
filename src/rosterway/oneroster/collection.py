"""One collection, read to its end and proven, or read as far as it goes and not proven.

Follows oneroster 3's safe algorithm as `paging` judges it, over pages that `pages` fetches. A
collection that changed while it was read is read again, a bounded number of times.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from rosterway.errors import RemoteError
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.disk import on_disk
from rosterway.oneroster.outcome import Outcome, Progress, Wanted
from rosterway.oneroster.pages import Moved, Pages
from rosterway.oneroster.paging import (
    Leaf,
    Mode,
    Proof,
    Reason,
    across_the_end,
    ascend,
    first_total,
    judge,
    proof,
    starts,
)
from rosterway.oneroster.staged_rows import read_ids, repeated
from rosterway.oneroster.staging import CollectionFiles
from rosterway.oneroster.together import together


class CollectionReading:
    """Reads one collection into its files."""

    def __init__(
        self,
        client: ProviderClient,
        wanted: Wanted,
        files: CollectionFiles,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._client = client
        self._began = client.seconds()
        self._workers = client.max_requests
        self._wanted = wanted
        self._files = files
        self._parallel = wanted.parallel
        self._pages = Pages(client, wanted, files, on_progress)
        #: What ended it, if waiting does not help.
        self.failure: RemoteError | None = None

    async def read(self) -> Outcome:
        """Read it to its end.

        Raises:
            RemoteError: waiting may help, and has not so far; what was read is kept, and reading
                again goes on from there. What waiting cannot help is an `Outcome`.
            UnavailableError: the disk does not take it.
        """
        self._began = self._client.seconds()
        self._pages.resume()
        prints: list[str] = []
        mode = self._pages.plan.mode
        in_mode, most = 1, self._wanted.readings  # of each mode, of which there are three
        try:
            while True:
                verdict, better = await self._one_reading(prints)
                if better in {None, mode}:
                    in_mode += 1
                    if not verdict.reason.may_pass or in_mode > most:
                        return self._finished(verdict)
                else:
                    in_mode, mode = 1, better or mode
                # The last look is page after page, each held to the one before it.
                self._parallel = self._parallel and in_mode < most
                self._pages.restart(self._pages.plan.reading + 1, mode)
        except RemoteError as error:
            if error.retry:
                raise
            self.failure = error
            return self._finished(proof(Reason.FAILED))
        finally:
            self._files.close()

    async def _one_reading(self, prints: list[str]) -> tuple[Proof, Mode | None]:
        """One reading: its verdict, and the mode a next one is better made in."""
        try:
            leaves = await self._walk()
            verdict = judge(leaves, self._pages.plan.mode)
            if verdict.is_proven and self._pages.plan.mode is Mode.END_TO_END:
                await self._confirm(leaves)
        except Moved as moved:
            total = first_total(self._pages.leaves.values())
            return proof(moved.reason, count=self._pages.count, total=total), moved.mode
        return (await self._judge_ids(verdict, prints) if verdict.is_proven else verdict), None

    # -- walking the pages

    async def _walk(self) -> Sequence[Leaf]:
        """Fetch what is not there yet, until the pages join and the last one shows the end."""
        if self._pages.plan.mode is Mode.LINKS:
            return await self._follow()
        joined: list[Leaf] = []
        firsts: set[str | None] = set()
        at = 0
        while True:
            after = joined[-1].last if joined and self._pages.overlap else None
            leaf = self._pages.leaves.get(at) or await self._pages.fetch(at, after=after)
            if not joined:
                if leaf.records == 0:
                    return [leaf]
                if leaf.records == 1 and self._pages.overlap:
                    await self._expect_no_second(leaf)
                    return [leaf]
            else:
                self._join(joined[-1], leaf, firsts)
            if joined and leaf.records == self._pages.overlap:
                return self._joined([*joined, leaf])
            joined.append(leaf)
            firsts.add(leaf.first)
            if len(joined) == 2 and self._parallel and self._pages.overlap:
                await self._fetch_many(starts(joined[0], leaf))
            at = leaf.end - self._pages.overlap
            if not self._pages.overlap and leaf.records < min(
                self._pages.size, joined[0].records + 1
            ):
                # Perhaps the last: an offset within a page would give that page again.
                is_short = len(joined) == 1 or leaf.records < joined[0].records
                if is_short and not (await self._pages.peek(at)).records:
                    return self._joined(joined)

    def _joined(self, leaves: list[Leaf]) -> list[Leaf]:
        """See that no page was fetched beside those that join: its rows would stand twice."""
        if len(leaves) < len(self._pages.leaves):
            self._parallel = False
            raise Moved(Reason.CHANGED)
        return leaves

    def _join(self, before: Leaf, leaf: Leaf, firsts: set[str | None]) -> None:
        """See that a page continues the one before it."""
        if self._pages.overlap:
            if leaf.records and leaf.first is not None and leaf.first == before.last:
                return
            # Never yet joined: perhaps pages begin at multiples of their size only.
            is_second = before.offset == 0
            raise Moved(Reason.CHANGED, Mode.END_TO_END if is_second else None)
        if leaf.records and leaf.first in firsts:
            raise self._ignored()

    async def _expect_no_second(self, leaf: Leaf) -> None:
        """A page of one record has nothing to overlap with: it is the whole, or a limit of one."""
        other = await self._pages.peek(1)
        if other.records and other.first == leaf.first:
            raise self._ignored()
        if other.records:
            raise Moved(Reason.CHANGED, Mode.END_TO_END)

    def _ignored(self) -> Moved:
        """The offset is ignored; links may lead on."""
        return Moved(Reason.IGNORES_OFFSET, Mode.LINKS if self._pages.leaves[0].opaque else None)

    async def _follow(self) -> Sequence[Leaf]:
        """Follow next links that hide the offset. Nothing but a total can prove these."""
        leaves = sorted(self._pages.leaves.values(), key=lambda leaf: leaf.offset)
        queries = {leaf.opaque for leaf in leaves[:-1]}
        while not leaves or (leaves[-1].opaque and leaves[-1].records):
            opaque = leaves[-1].opaque if leaves else ""
            if opaque and opaque in queries:
                raise Moved(Reason.IGNORES_OFFSET)
            queries.add(opaque)
            leaves.append(await self._pages.fetch(leaves[-1].end if leaves else 0, opaque))
        return leaves

    async def _fetch_many(self, offsets: Iterable[int]) -> None:
        """Fetch pages at the same time; whether they join is seen when they are walked over."""
        missing = [at for at in offsets if at not in self._pages.leaves]
        await together(self._workers, missing, self._pages.fetch)

    async def _confirm(self, leaves: Sequence[Leaf]) -> None:
        """See that the last record of every page still stands where it stood, and none after."""
        read = [leaf for leaf in leaves if leaf.records]
        for leaf in read:
            if (await self._pages.peek(leaf.end - 1)).last != leaf.last:
                raise Moved(Reason.CHANGED)
        if not read:
            return
        # An empty page may be an accident; one that begins before the end and ends there is none.
        end = read[-1].end
        across = across_the_end(end, read[0].records)
        last = await self._pages.peek(*across)
        expected = end - across[0]
        if last.records != expected or (expected and last.last != read[-1].last):
            raise Moved(Reason.CHANGED)

    # -- verdicts

    async def _judge_ids(self, verdict: Proof, prints: list[str]) -> Proof:
        """What one reading cannot show, two that agree do.

        An id that came twice: the collection holds it twice. Pages behind links that hide the
        offset: nobody left and came in between, which no count would tell.
        """
        mode = self._pages.plan.mode
        is_linked = mode is Mode.LINKS
        if not is_linked and ascend(self._pages.leaves.values(), mode):
            return verdict
        file = self._files.csv(self._wanted.endpoint.noun.table.name)
        with on_disk("the counting of records"):
            ids = await asyncio.to_thread(read_ids, file)
        if (is_linked or ids.rows != ids.distinct) and ids.print not in prints:
            prints.append(ids.print)
            reason = Reason.CHANGED if ids.rows == ids.distinct else Reason.REPEATS
            return proof(reason, count=self._pages.count)
        if ids.rows == ids.distinct:
            return verdict
        twice = repeated(file)
        for sourced_id, at in twice:
            self._pages.notes.problem(
                "collection-twice", row=at, value=sourced_id, record=sourced_id
            )
        self._pages.notes.deviates(
            "record-twice", "sourcedId", twice[0][0], "", count=ids.rows - ids.distinct
        )
        self._files.add_problems(self._pages.notes.take())
        return verdict

    def _finished(self, verdict: Proof) -> Outcome:
        if verdict.is_proven and self._pages.plan.mode is Mode.END_TO_END:
            self._pages.notes.deviates("offset-by-page", "", "", "")
        self._pages.tally.take(self._pages.notes.tally.all())
        outcome = self.outcome(verdict, self.failure)
        self._files.finish(outcome.as_dict())
        return outcome

    def outcome(self, verdict: Proof, error: RemoteError | None) -> Outcome:
        """How it stands, without an end to it: a reading that was left may go on later."""
        leaves = self._pages.leaves.values()
        return Outcome(
            endpoint=self._wanted.endpoint.name,
            school=self._wanted.school,
            path=self._wanted.path,
            proof=verdict,
            records=self._pages.count,
            refused=sum(leaf.refused for leaf in leaves),
            pages=len(leaves),
            readings=self._pages.plan.reading,
            deviations=self._pages.tally.all(),
            error="" if error is None else error.message,
            status=None if error is None else error.status,
            requests=self._pages.requests,
            seconds=self._client.seconds() - self._began,
        )
