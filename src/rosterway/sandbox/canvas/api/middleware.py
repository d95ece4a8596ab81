"""What happens to every request: it is logged, may meet a fault, is identified and is metered.

The log keeps method, path, status and time, never a query or a body: tokens and names stay out.
"""

import itertools
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal, answer, crash
from rosterway.sandbox.canvas.api.callers import CALLER, identify, invalid_token
from rosterway.sandbox.canvas.faults import Faults

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTROL = "/sandbox"
#: Doors that need no token: they carry a secret of their own in the address.
_OPEN = ("/files/", "/files_api/")

#: Marks the answer that nobody gets.
_CUT = "cut"
_THROTTLED = "{} (Rate Limit Exceeded)"
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Canvas is down for maintenance</title></head>"
    "<body><h1>Scheduled maintenance</h1><p>Canvas will be back shortly.</p></body></html>"
)

_log = logging.getLogger(__name__)
_html_turns = itertools.count()


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the request on record, whatever becomes of it; the controls are not Canvas's."""
    instance = request.app[INSTANCE]
    if request.path.startswith(CONTROL):
        return await handler(request)
    entry: dict[str, Any] = {
        "method": request.method,
        "path": request.raw_path.partition("?")[0],
        "at": instance.now(),
        "status": None,
    }
    instance.requests.append(entry)
    response = await handler(request)
    entry["status"] = None if response.reason == _CUT else response.status
    return response


@web.middleware
async def shape_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and crashes into Canvas's answers."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return answer(request, refusal.body, status=refusal.status, headers=refusal.headers)
    except web.HTTPNotFound:
        message = {"errors": [{"message": "The specified resource does not exist."}]}
        return answer(request, message, status=404)
    except web.HTTPException as error:
        return answer(request, {"errors": [{"message": error.reason}]}, status=error.status)
    except Exception:  # noqa: BLE001 - a bug of the sandbox must look like one of a server
        _log.exception("sandbox.request.failed path=%s", request.path)
        refusal = crash(0)
        return answer(request, refusal.body, status=refusal.status)


@web.middleware
async def strike_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the faults that were asked for happen."""
    if request.path.startswith(CONTROL):
        return await handler(request)
    faults = request.app[INSTANCE].faults
    if faults.strike("dropped-connection"):
        return _cut(request)
    if (instead := _instead(faults)) is not None:
        return instead
    is_new_import = request.method == "POST" and request.path.endswith("/sis_imports")
    if is_new_import and faults.strike("dropped-upload"):
        return _cut(request)
    response = await handler(request)
    accepted = is_new_import and response.status < 300
    if accepted and faults.strike("accepted-then-dropped"):
        return _cut(request)
    changed = request.method != "GET" and not is_new_import and response.status < 300
    if changed and faults.strike("changed-then-dropped"):
        return _cut(request)
    is_json = isinstance(response, web.Response) and response.content_type == "application/json"
    if is_json and response.status < 300 and faults.strike("garbled-json"):
        assert isinstance(response, web.Response)
        text = response.text or ""
        response.text = text[: len(text) // 2]
    return response


@web.middleware
async def meter(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say what the request cost and what is left, as the throttle does."""
    began = time.perf_counter()
    response = await handler(request)
    cost = time.perf_counter() - began
    response.headers["X-Request-Cost"] = f"{cost:.15f}"
    response.headers["X-Rate-Limit-Remaining"] = f"{700 - cost:.10f}"
    return response


@web.middleware
async def know_caller(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Identify the caller before the door opens."""
    if not request.path.startswith((CONTROL, *_OPEN)):
        request[CALLER] = identify(request)
    return await handler(request)


def _instead(faults: Faults) -> web.Response | None:
    """The answer a fault gives in place of Canvas's."""
    if faults.strike("500"):
        return _json(crash(1))
    if faults.strike("401"):
        return _json(invalid_token())
    if faults.strike("throttled-403"):
        text = _THROTTLED.format("403 Forbidden")
        return web.Response(text=text, status=403, headers={"X-Rate-Limit-Remaining": "0.0"})
    if faults.strike("throttled-429"):
        text = _THROTTLED.format("429 Too Many Requests")
        return web.Response(text=text, status=429, headers={"X-Rate-Limit-Remaining": "0.0"})
    if faults.strike("html-200"):
        return _page(200)
    if faults.strike("html-502"):
        return _page(502)
    if faults.strike("html"):
        return _page(502 if next(_html_turns) % 2 else 200)
    return None


def _json(refusal: Refusal) -> web.Response:
    return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)


def _page(status: int) -> web.Response:
    return web.Response(text=_MAINTENANCE, status=status, content_type="text/html")


def _cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503, reason=_CUT)
