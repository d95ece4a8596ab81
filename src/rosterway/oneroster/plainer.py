"""Plainer queries, for a provider that refuses or cannot bear the one that is asked.

What is optional in a query is left out step by step, so that no more is given up than must be: the
order, the choice of fields, both, then the page size. The filter stays: more would come than was
asked for. (oneroster 3, "Behaviour on bad query input"; 15.1, point 9.)
"""

from collections.abc import Iterable, Iterator

#: The query of a page but for its offset; `limit` comes first.
Query = tuple[tuple[str, str], ...]

#: Sizes to fall back to.
SIZES = (5000, 1000, 500, 100, 50)

_ORDER = frozenset({"sort", "orderBy"})
_FIELDS = frozenset({"fields"})


def plainer(query: Query, codes: Iterable[str]) -> Iterator[Query]:
    """The queries to try after a refusal with these minor codes, in order, each once."""
    known = list(codes)
    if "invalid_filter_field" in known:
        return
    about_fields = any("selection_field" in code for code in known)
    leave_out = [_FIELDS, _ORDER] if about_fields else [_ORDER, _FIELDS]
    tried = {query}
    plainest = _without(query, _ORDER | _FIELDS)
    sizes = list(smaller(query))
    last = [_without(sizes[-1], _ORDER | _FIELDS)] if sizes else []
    for other in (*(_without(query, names) for names in leave_out), plainest, *sizes, *last):
        if other not in tried:
            tried.add(other)
            yield other


def smaller(query: Query) -> Iterator[Query]:
    """The same for fewer records a page."""
    size = size_of(query)
    for other in SIZES:
        if other < size:
            yield (("limit", str(other)), *query[1:])


def size_of(query: Query) -> int:
    """How many records a page is asked to have."""
    return int(query[0][1])


def given_up(asked: Query, taken: Query) -> Iterator[tuple[str, str]]:
    """What the provider did not take, as codes of deviations with an example each."""
    wanted, got = dict(asked), dict(taken)
    if wanted["limit"] != got["limit"]:
        yield "page-size-refused", wanted["limit"]
    if "sort" in wanted and "sort" not in got:
        yield "sort-refused", wanted["sort"]
    if "fields" in wanted and "fields" not in got:
        yield "fields-refused", wanted["fields"]


def _without(query: Query, names: frozenset[str]) -> Query:
    return tuple(pair for pair in query if pair[0] not in names)
