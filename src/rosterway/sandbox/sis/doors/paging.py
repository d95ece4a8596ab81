"""One page of a collection: which rows, and what the headers say of the rest.

The letter is `X-Total-Count` and `Link` with absolute addresses (oneroster.md section 3); every
fault of `Sort.PAGING` is here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from rosterway.sandbox.sis.asking.query import Query
from rosterway.sandbox.sis.faults import Faults
from rosterway.sandbox.sis.knobs import Knobs

_INTERNAL = "http://sis-app-01.internal:8080"
_TOO_HIGH = 7

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Window:
    """The rows an answer shows: from `first` on, at most `size`; the next page is `step` on."""

    first: int
    size: int
    step: int


@dataclass(slots=True)
class Pager:
    """Cuts pages and writes their headers; counts requests for what is never twice the same."""

    knobs: Knobs
    faults: Faults
    _asked: int = field(default=0)

    def order(self, rows: Sequence[R], query: Query) -> Sequence[R]:
        """The rows in the order of this one request."""
        self._asked += 1
        if query.sort is None and self.faults.strike("unstable-order"):
            mixed = list(rows)
            Random(self._asked).shuffle(mixed)  # noqa: S311 - must repeat, guards nothing
            return mixed
        return rows

    def window(self, query: Query, path: str) -> Window:
        """Which rows are shown."""
        size = query.limit
        if self.knobs.page_max:
            size = min(size, self.knobs.page_max)
        if self.faults.strike("clamped-limit", path):
            size = min(size, self.knobs.clamp)
        first = query.offset
        if first and self.faults.strike("ignored-offset", path):
            first = 0
        if first and self.faults.strike("repeated-page", path):
            first = max(0, first - size)
        if first and self.faults.strike("duplicate-rows", path):
            return Window(first - 1, size + 1, size)
        return Window(first, size, size)

    def headers(
        self,
        *,
        host: str,
        path: str,
        query: str,
        asked: Query,
        window: Window,
        shown: int,
        total: int,
    ) -> dict[str, str]:
        """The headers of a page that shows so many of `total` rows."""
        headers: dict[str, str] = {}
        name = "X-Count" if self.faults.strike("x-count", path) else "X-Total-Count"
        if not self.faults.strike("no-totals", path):
            headers[name] = self._total(path, shown, total)
        if not self.faults.strike("no-links", path):
            links = self._links(host, path, query, asked.offset, window.step, total)
            if links:
                headers["Link"] = links
        return headers

    def _total(self, path: str, shown: int, total: int) -> str:
        if self.faults.strike("totals-too-low", path):
            return str(shown)
        if self.faults.strike("totals-too-high", path):
            return str(total + _TOO_HIGH)
        if self.faults.strike("garbled-totals", path):
            return f"{total:,} records"
        return str(total)

    def _links(self, host: str, path: str, query: str, offset: int, size: int, total: int) -> str:
        if self.faults.strike("relative-links", path):
            host = ""
        elif self.faults.strike("internal-links", path):
            host = _INTERNAL
        last = max(0, (total - 1) // size * size)
        places = {"first": 0, "last": last}
        if offset:
            places["prev"] = max(0, offset - size)
        if offset + size < total or self.faults.strike("endless-links", path):
            places["next"] = offset + size
        given = dict(parse_qsl(query, keep_blank_values=True))
        return ", ".join(
            f'<{host}{path}?{_with(given, size, at)}>; rel="{rel}"' for rel, at in places.items()
        )


def _with(given: Mapping[str, str], limit: int, offset: int) -> str:
    return urlencode({**given, "limit": limit, "offset": offset}, quote_via=quote)
