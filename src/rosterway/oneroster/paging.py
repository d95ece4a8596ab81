"""When a collection was read whole, decided from what its pages told. No network here.

A list read in pages is whole if the pages join: each page but the first begins with the last record
of the page before (`Mode.OVERLAP`), so a record that left or came in between is noticed, without a
count and in whatever order the pages were fetched; and if a page begun at the last record holds
nothing but that record. Where a provider can only begin pages at multiples of their size they are
read end to end, and afterwards the last record of every page must still stand where it stood.
A page is never taken to be the last because it is short, and the next one begins after what was
returned, not after what was asked for (oneroster 3): servers clamp `limit` without a word.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from operator import eq, lt
from urllib.parse import parse_qsl

from yarl import URL

from rosterway.oneroster.links import next_link


class Mode(StrEnum):
    """How pages follow each other."""

    OVERLAP = "overlap"
    END_TO_END = "end to end"
    LINKS = "links"


class Reason(StrEnum):
    """Why a collection is not proven complete, or that it is."""

    PROVEN = "proven"
    CHANGED = "changed"
    SHORT = "short"
    LONG = "long"
    REPEATS = "repeats"
    IGNORES_OFFSET = "ignores-offset"
    OPAQUE = "opaque"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    FAILED = "failed"

    @property
    def may_pass(self) -> bool:
        """Whether reading again can help."""
        return self in _PASSING


_PASSING = frozenset({Reason.CHANGED, Reason.SHORT, Reason.LONG, Reason.REPEATS})

#: What each reason says, with what was counted.
WORDS: Mapping[Reason, str] = {
    Reason.PROVEN: "read whole: {count} records",
    Reason.CHANGED: "it changed while it was read, each time",
    Reason.SHORT: "the provider counts {total} records and gave {count}",
    Reason.LONG: "the provider counts {total} records and gave {count}",
    Reason.REPEATS: "records came twice, and not the same ones each time",
    Reason.IGNORES_OFFSET: "the provider gives the same page whatever offset is asked for",
    Reason.OPAQUE: "its pages are linked and not counted, so nothing shows that none is missing",
    Reason.EMPTY: "it came empty and uncounted, which a failed query does too",
    Reason.UNREADABLE: "{refused} of its entries have no id that can be read",
    Reason.FAILED: "it could not be read",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether a collection is proven complete, and why (not)."""

    reason: Reason
    words: str

    @property
    def is_proven(self) -> bool:
        """Whether what is missing from it is missing at the provider."""
        return self.reason is Reason.PROVEN


def proof(reason: Reason, *, count: int = 0, total: int | None = None, refused: int = 0) -> Proof:
    """A verdict in words."""
    told = "?" if total is None else f"{total:,}"
    words = WORDS[reason].format(count=f"{count:,}", total=told, refused=f"{refused:,}")
    return Proof(reason, words)


@dataclass(frozen=True, slots=True)
class Hints:
    """What the headers of a page say. `opaque` is the query of a next link without an offset."""

    total: int | None = None
    is_total_wrong: bool = False
    has_next: bool = False
    opaque: str = ""
    is_elsewhere: bool = False


def hints(headers: Mapping[str, str], links: Sequence[str], page: URL) -> Hints:
    """Read X-Total-Count and Link of the answer to `page`."""
    written = headers.get("X-Total-Count", "").strip()
    total = (
        int(written) if written.isascii() and written.isdecimal() and len(written) < 16 else None
    )
    target = next_link(links)
    if target is None:
        return Hints(total, bool(written) and total is None)
    try:
        link = page.join(URL(target, encoded=True))
        query, host, path = link.raw_query_string, link.host, link.raw_path
    except ValueError:
        return Hints(total, bool(written) and total is None)
    names = {name.lower() for name, _ in parse_qsl(query, keep_blank_values=True)}
    return Hints(
        total,
        bool(written) and total is None,
        has_next=True,
        opaque="" if "offset" in names else query,
        is_elsewhere=(host, path) != (page.host, page.raw_path),
    )


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is remembered of one page: `offset` asked for, entries, ends, and what it counted.

    `ascends` is of the ids within it, as `Page` has it.
    """

    offset: int
    records: int
    refused: int
    first: str | None
    last: str | None
    total: int | None
    opaque: str = ""
    ascends: bool = False

    @property
    def end(self) -> int:
        """The offset after its last entry."""
        return self.offset + self.records


def starts(first: Leaf, joined: Leaf) -> Sequence[int]:
    """Where pages may begin that are fetched at the same time, after two that joined.

    They overlap by one record, and the last is the one that shows the end: it begins at the last
    record. Without a total there are none: nobody knows where the end is.
    """
    size = first.records
    if first.total is None or first.total != joined.total or size < 2:
        return ()
    if first.total < joined.end:
        return ()  # no total
    last = first.total - 1
    return (*range(joined.end - 1, last, size - 1), last)


def across_the_end(end: int, most: int) -> tuple[int, int]:
    """Offset and size of a page that begins before an end and would reach over it.

    The offset is a multiple of the size, which is no larger than what the provider gives (`most`).
    Where there is none (the end is a multiple of them all), the page begins at the end.
    """
    size = next((size for size in range(2, most + 1) if end % size), None)
    return (end, 1) if size is None else (end // size * size, size)


def counts_pages(leaves: Sequence[Leaf]) -> bool:
    """Whether what should be totals are the numbers of records of the pages themselves."""
    return len({leaf.total for leaf in leaves}) > 1 and all(
        leaf.total == leaf.records for leaf in leaves
    )


def judge(leaves: Sequence[Leaf], mode: Mode) -> Proof:
    """Whether joined pages (the last one shows the end) are a whole collection.

    Totals that differ show a change; without any (or with those of pages), the joints alone are
    the proof.
    """
    totals: set[int] = {leaf.total for leaf in leaves if leaf.total is not None}
    if mode is Mode.OVERLAP and counts_pages(leaves):
        totals = set()
    count = max((leaf.end for leaf in leaves), default=0)
    refused = sum(leaf.refused for leaf in leaves)
    total = next(iter(totals)) if len(totals) == 1 else None
    if len(totals) > 1:
        return proof(Reason.CHANGED)
    if total is not None and total != count:
        return proof(Reason.SHORT if count < total else Reason.LONG, count=count, total=total)
    if mode is Mode.LINKS and total is None:
        return proof(Reason.OPAQUE)
    if count == 0 and total is None:
        return proof(Reason.EMPTY)
    if refused:
        return proof(Reason.UNREADABLE, refused=refused)
    return proof(Reason.PROVEN, count=count)


def ascend(leaves: Iterable[Leaf], mode: Mode) -> bool:
    """Whether every id is greater than the one before, through all pages: then none comes twice."""
    pages = sorted((leaf for leaf in leaves if leaf.records), key=lambda leaf: leaf.offset)
    continues = eq if mode is Mode.OVERLAP else lt
    return all(leaf.ascends for leaf in pages) and all(
        before.last is not None and leaf.first is not None and continues(before.last, leaf.first)
        for before, leaf in pairwise(pages)
    )


def first_total(leaves: Iterable[Leaf]) -> int | None:
    """What the provider counts, for progress."""
    return next((leaf.total for leaf in leaves if leaf.total is not None), None)
