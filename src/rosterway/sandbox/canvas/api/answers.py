"""How Canvas answers: JSON, ids as strings on request, and its shapes of refusal.

Facts: Canvas API docs on authentication, errors and SIS ids; `canvas-string-ids` in Accept.
"""

import json
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.importing.line import ImportLine
from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.trouble import SandboxError

INSTANCE = web.AppKey("instance", Instance)
LINE = web.AppKey("line", ImportLine)

_STRING_IDS = "application/json+canvas-string-ids"


class Refusal(SandboxError):  # noqa: N818 - an answer, not a failure
    """A request is answered with an error, in Canvas's own shape."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def not_found() -> Refusal:
    """There is no such thing."""
    return Refusal(404, {"errors": [{"message": "The specified resource does not exist."}]})


def bad_request(*messages: str) -> Refusal:
    """The request makes no sense."""
    return Refusal(400, {"errors": list(messages)})


def crash(request_id: int) -> Refusal:
    """What an unhandled exception in Canvas looks like from outside."""
    return Refusal(
        500,
        {
            "errors": [{"message": "An error occurred.", "error_code": "internal_server_error"}],
            "error_report_id": request_id,
        },
    )


def answer(
    request: web.Request,
    data: object,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> web.Response:
    """Data as JSON; ids as strings if the request accepts them so."""
    if _STRING_IDS in request.headers.get("Accept", ""):
        data = _string_ids(data)
    return web.Response(
        text=json.dumps(data, separators=(",", ":")),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


def _string_ids(data: object, key: str = "") -> object:
    if isinstance(data, dict):
        items = cast(dict[str, Any], data).items()
        return {name: _string_ids(value, name) for name, value in items}
    if isinstance(data, list):
        return [_string_ids(value, key) for value in cast(list[Any], data)]
    is_id = key == "id" or key.endswith(("_id", "_ids"))
    return str(data) if is_id and isinstance(data, int) else data
