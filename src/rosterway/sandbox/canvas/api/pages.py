"""Pages: `per_page` entries at a time, and a Link header with opaque addresses of the others.

Guarantees: `next` is there exactly when there is more; `last` only where a total is cheap to know;
the token is in no address. Long collections are paged by bookmark, so that nothing is skipped or
repeated while they grow. Facts: Canvas API docs on pagination.
"""

import base64
import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, answer, bad_request

_DEFAULT = 10


def per_page(request: web.Request) -> int:
    """How many entries a page of this answer has."""
    try:
        asked = int(request.query.get("per_page", _DEFAULT))
    except ValueError:
        asked = _DEFAULT
    return max(1, min(asked if asked > 0 else _DEFAULT, request.app[INSTANCE].knobs.page_max))


def numbered(
    request: web.Request,
    fetch: Callable[[int, int], Sequence[Any]],
    *,
    total: int | None = None,
    envelope: str | None = None,
) -> web.Response:
    """A page by number. `fetch` takes limit and offset; `envelope` names the list in the answer."""
    size = per_page(request)
    number = request.query.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() else 1
    found = list(fetch(size + 1, (page - 1) * size))
    pages: dict[str, object] = {"current": page, "first": 1}
    if len(found) > size:
        pages["next"] = page + 1
    if page > 1:
        pages["prev"] = page - 1
    if total is not None:
        pages["last"] = max(1, -(-total // size))
    entries = found[:size]
    body = {envelope: entries} if envelope else entries
    return answer(request, body, headers={"Link": _links(request, pages, size)})


def bookmarked(
    request: web.Request,
    fetch: Callable[[int, int], Sequence[sqlite3.Row]],
    show: Callable[[Sequence[sqlite3.Row]], list[dict[str, Any]]],
) -> web.Response:
    """A page by bookmark. `fetch` takes limit and the last id seen; rows come in order of `id`."""
    return bookmarked_by(
        request, ("id",), lambda limit, after: fetch(limit, after[0] if after else 0), show
    )


def bookmarked_by(
    request: web.Request,
    keys: Sequence[str],
    fetch: Callable[[int, Sequence[int]], Sequence[sqlite3.Row]],
    show: Callable[[Sequence[sqlite3.Row]], list[dict[str, Any]]],
) -> web.Response:
    """A page by a bookmark of several numbers, in whose order rows come.

    `fetch` takes limit and the numbers of the last row seen; none for the first page.
    """
    size = per_page(request)
    page = request.query.get("page", "first")
    rows = list(fetch(size + 1, _read_bookmark(page, len(keys))))
    pages: dict[str, object] = {"current": page, "first": "first"}
    if len(rows) > size:
        last_seen = json.dumps([rows[size - 1][key] for key in keys]).encode()
        pages["next"] = "bookmark:" + base64.urlsafe_b64encode(last_seen).decode().rstrip("=")
    return answer(request, show(rows[:size]), headers={"Link": _links(request, pages, size)})


def _read_bookmark(page: str, length: int) -> Sequence[int]:
    if not page.startswith("bookmark:"):
        return ()
    text = page.removeprefix("bookmark:")
    try:
        numbers = list(
            map(int, json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
        )
    except (ValueError, TypeError):
        raise bad_request("invalid bookmark") from None
    if len(numbers) != length:
        raise bad_request("invalid bookmark")
    return numbers


def _links(request: web.Request, pages: dict[str, object], size: int) -> str:
    kept = [
        (key, value)
        for key, value in request.query.items()
        if key not in {"page", "per_page", "access_token"}
    ]
    base = request.url.origin().join(request.rel_url.with_query(None))
    return ",".join(
        f"<{base.with_query([*kept, ('page', str(page)), ('per_page', str(size))])}>;"
        f' rel="{relation}"'
        for relation, page in pages.items()
    )
