"""Reading: collections page by page, and single objects.

The order of things is the provider's: who asks, what is asked, which rows, what the version says of
each, then the page and its headers. Faults of answers and queries strike here, each where a real
provider goes wrong.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.sis.access.gate import Asked
from rosterway.sandbox.sis.asking.query import Query, parse_query, select, trim
from rosterway.sandbox.sis.asking.selection import Selection
from rosterway.sandbox.sis.damage import DATING, Scene, damage
from rosterway.sandbox.sis.doors.answers import PROVIDER, answer, warning
from rosterway.sandbox.sis.doors.paging import Pager
from rosterway.sandbox.sis.faults import Sort
from rosterway.sandbox.sis.holding import shifting
from rosterway.sandbox.sis.holding.records import Record
from rosterway.sandbox.sis.model.nouns import NOUNS, ROSTER_NOUNS
from rosterway.sandbox.sis.model.operations import Operation
from rosterway.sandbox.sis.provider import Provider, Row, compact
from rosterway.sandbox.sis.trouble import Refusal, unknown_object

PAGER = web.AppKey("pager", Pager)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_COOKIE = "SISAffinity"
_SINGULAR = {
    "students": "student",
    "teachers": "teacher",
    "terms": "term",
    "schools": "school",
    "gradingPeriods": "gradingPeriod",
}
_OPEN_GLOBALLY = frozenset({"org", "academicSession"})
_MOST_KEPT = 16


def asked(request: web.Request) -> Asked:
    """A request as the gate looks at it."""
    path, _, query = request.raw_path.partition("?")
    return Asked(
        method=request.method,
        address=f"{request.scheme}://{request.host}{path}",
        query=query,
        headers=request.headers,
        now=request.app[PROVIDER].moment(),
    )


def reader(operation: Operation) -> Handler:
    """The handler of a read."""
    kept: dict[tuple[Any, ...], list[Row]] = {}

    async def read(request: web.Request) -> web.StreamResponse:
        provider = request.app[PROVIDER]
        provider.gate.open_for(operation, asked(request))
        if operation.id in provider.knobs.unsupported.split():
            raise unknown_object("address", request.path)
        given = _understood(provider, operation, request)
        query = parse_query(
            operation.version,
            NOUNS[operation.version][operation.noun],
            given,
            many=operation.many,
        )
        if operation.many:
            return _many(
                request, operation, query, _selected(request, operation, query, given, kept)
            )
        return _one(request, operation, query)

    return read


def _understood(provider: Provider, operation: Operation, request: web.Request) -> dict[str, str]:
    """The query parameters, less what a fault ignores.

    Raises:
        Refusal: a fault refuses one of them, or the whole address.
    """
    faults, given = provider.faults, dict(request.query)
    path = request.path
    is_whole = operation.many and operation.is_core and operation.service == "rostering"
    if is_whole and operation.noun not in _OPEN_GLOBALLY and faults.strike("global-refused", path):
        raise Refusal(403, "forbidden", "ask school by school")
    if not operation.is_core and faults.strike("no-nested", path):
        raise unknown_object("address", path)
    if operation.id == "getAllCategories":
        _understand_category_filter(provider, given, path)
    for name, refusal in (("filter", "invalid_filter_field"), ("fields", _SELECTION)):
        if name in given and faults.strike(f"{name}-refused", path):
            raise Refusal(400, refusal, f"{name} is not supported here")
    if "sort" in given and faults.strike("sort-refused", path):
        raise Refusal(400, "invalid_sort_field", "sort is not supported here")
    limit = given.get("limit", "")
    if limit.isdecimal() and int(limit) > provider.knobs.clamp:
        if faults.strike("large-limit-400", path):
            raise Refusal(400, "invaliddata", f"limit is at most {provider.knobs.clamp}")
        if faults.strike("large-limit-500", path):
            raise Refusal(500, "internal_server_error", "out of memory")
    for name in ("filter", "fields", "sort"):
        if faults.strike(f"{name}-ignored", path):
            given.pop(name, None)
    return given


_SELECTION = "invalid_selection_field"


def _understand_category_filter(provider: Provider, given: dict[str, str], path: str) -> None:
    """Take Instructure's filter by class in the spelling that this provider takes."""
    written = given.get("filter", "")
    if not written and provider.faults.strike("categories-refused", path):
        raise Refusal(400, "invalid_filter_field", "categories are listed by class")
    name, _, value = written.partition("=")
    spelling = provider.knobs.category_filter
    if name != "metadata.classId" or spelling == "quoted":
        return
    is_bare = not value.startswith("'")
    if is_bare:
        given["filter"] = f"{name}='{value}'"
    elif spelling == "bare":
        given["filter"] = f"{name}=''{value}''"  # the quotes are taken to be part of the value


def _selected(
    request: web.Request,
    operation: Operation,
    query: Query,
    given: dict[str, str],
    kept: dict[tuple[Any, ...], list[Row]],
) -> list[Row]:
    """The rows a request is about, in order; remembered while nothing changes."""
    provider = request.app[PROVIDER]
    asked_for = [given.get(name) for name in ("filter", "sort", "orderBy")]
    key = (provider.generation, *request.match_info.items(), *asked_for)
    if key in kept:
        return kept[key]
    selection = Selection(provider.records(), provider.knobs.terms.split())
    records = selection.rows(operation, request.match_info)
    rows = [provider.row(operation.version, operation.noun, record) for record in records]
    if query.filter is not None or query.sort is not None:
        told = _dated(provider, operation, rows)
        by_identity = {id(one): row for one, row in zip(told, rows, strict=True)}
        rows = [by_identity[id(one)] for one in select(query, told)]
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = rows
    return rows


def _dated(provider: Provider, operation: Operation, rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as they are filtered and sorted: by the dates that they are told with."""
    odd = tuple(name for name in DATING if provider.faults.on(name))
    if not odd:
        return [row.told for row in rows]
    scene = Scene(operation.version, operation.noun, provider.url, provider.now())
    return [damage(row.told, scene, odd) for row in rows]


def _many(
    request: web.Request, operation: Operation, query: Query, rows: Sequence[Row]
) -> web.StreamResponse:
    provider, pager = request.app[PROVIDER], request.app[PAGER]
    faults, path = provider.faults, request.path
    raw_path, _, raw_query = request.raw_path.partition("?")
    _want_cookie(request, query)
    rows = pager.order(rows, query)
    window = pager.window(query, path)
    page = rows[window.first : window.first + window.size]
    headers = pager.headers(
        host=provider.url,
        path=raw_path,
        query=raw_query,
        asked=query,
        window=window,
        shown=len(page),
        total=len(rows),
    )
    if window.first + len(page) < len(rows):
        _shift(provider, operation, path)
    if faults.strike("empty-answer", path):
        return answer({operation.envelope: []})
    if not page and faults.strike("204-for-empty", path):
        return web.Response(status=204, headers=headers)
    if not page and faults.strike("404-for-empty", path):
        raise unknown_object("page", "without rows")
    texts = _texts(provider, operation, query, path, page)
    response = answer(_wrapped(provider, operation, query, path, texts, len(rows)), headers=headers)
    if faults.on("cookies"):
        response.set_cookie(_COOKIE, "node-7")
    return response


def _one(request: web.Request, operation: Operation, query: Query) -> web.StreamResponse:
    provider = request.app[PROVIDER]
    selection = Selection(provider.records(), provider.knobs.terms.split())
    record = selection.one(operation, request.match_info["id"])
    row = provider.row(operation.version, operation.noun, record)
    (text,) = _texts(provider, operation, query, request.path, [row])
    key = operation.envelope
    if provider.faults.strike("path-envelopes", request.path):
        key = _SINGULAR.get(operation.path.split("/")[1], key)
    if provider.faults.strike("no-envelope", request.path):
        return answer({"status": "ok"})
    extra = {"statusInfoSet": [warning(at) for at in query.warnings]} if query.warnings else {}
    return answer(_joined(key, text, extra))


def _texts(
    provider: Provider, operation: Operation, query: Query, path: str, page: Sequence[Row]
) -> list[bytes]:
    """The rows of a page as JSON, whole or trimmed, right or damaged."""
    odd = [name for name in provider.faults.of(Sort.RECORD) if provider.faults.strike(name, path)]
    if provider.faults.on("numeric-ids"):
        odd.append("numeric-ids")
    if not odd and query.fields is None:
        return [row.text for row in page]
    scene = Scene(operation.version, operation.noun, provider.url, provider.now())
    faults = tuple(odd)
    return [compact(trim(query, damage(row.told, scene, faults))) for row in page]


def _wrapped(
    provider: Provider,
    operation: Operation,
    query: Query,
    path: str,
    texts: list[bytes],
    total: int,
) -> bytes:
    """The envelope around the rows."""
    faults = provider.faults
    listed = b"[" + b",".join(texts) + b"]"
    if faults.strike("no-envelope", path):
        return compact({"status": "ok"})
    if faults.strike("bare-list", path):
        return listed
    key = operation.envelope
    if faults.strike("path-envelopes", path):
        key = path.rsplit("/", 1)[-1]
    extra: Record = {}
    if query.warnings:
        extra["statusInfoSet"] = [warning(at) for at in query.warnings]
    if faults.strike("totals-in-body", path):
        extra |= {
            "totalCount": total,
            "pageCount": -(-total // query.limit),
            "pageNumber": query.offset // query.limit + 1,
            "offset": query.offset,
            "limit": query.limit,
        }
    return _joined(key, listed, extra)


def _joined(key: str, inside: bytes, extra: Record) -> bytes:
    more = b"".join(b"," + compact(name) + b":" + compact(at) for name, at in extra.items())
    return b"{" + compact(key) + b":" + inside + more + b"}"


def _want_cookie(request: web.Request, query: Query) -> None:
    faults = request.app[PROVIDER].faults
    if query.offset and faults.on("cookies") and request.cookies.get(_COOKIE) != "node-7":
        raise Refusal(401, "unauthorisedrequest", "the session of the first page is unknown")


def _shift(provider: Provider, operation: Operation, path: str) -> None:
    """Let rows come and go before the next page is asked for."""
    if operation.noun not in ROSTER_NOUNS:
        return
    faults, held, noun = provider.faults, provider.held, operation.noun
    if faults.strike("shifting-rows", path):
        shifting.shift(held, noun, provider.now())
    if faults.strike("rows-inserted", path):
        shifting.insert(held, noun, provider.now())
    if faults.strike("rows-removed", path):
        shifting.remove(held, noun)
