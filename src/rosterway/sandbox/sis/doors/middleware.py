"""What happens to every request: it is logged, may meet a fault, and is refused in good form.

The log keeps method, path, query and status, never a header or a body: what proves who asks, names
and grades stay out.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from email.utils import format_datetime

from aiohttp import web

from rosterway.sandbox.sis.doors.answers import PROVIDER, refused
from rosterway.sandbox.sis.provider import Logged, Provider
from rosterway.sandbox.sis.trouble import Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CONTROL = "/sandbox"
_SERVICES = "/ims/"

#: Marks the answer that nobody gets whole.
_CUT = "cut"
_GATEWAY = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
_MAINTENANCE = (
    "<!DOCTYPE html><html><head><title>Sign in</title></head>"
    "<body><h1>The system is being updated</h1></body></html>"
)

_log = logging.getLogger(__name__)


async def set_clock(request: web.Request, response: web.StreamResponse) -> None:
    """Date is the provider's time, however wrong."""
    response.headers["Date"] = format_datetime(request.app[PROVIDER].moment(), usegmt=True)


@web.middleware
async def log_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Put the request on record, whatever becomes of it; the controls are not the SIS's."""
    if request.path.startswith(CONTROL):
        return await handler(request)
    provider = request.app[PROVIDER]
    path, _, query = request.raw_path.partition("?")
    entry = Logged(request.method, path, query, provider.now())
    provider.requests.append(entry)
    response = await handler(request)
    entry.status = None if response.reason == _CUT else response.status
    return response


@web.middleware
async def strike_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the faults of transport happen."""
    if not request.path.startswith(_SERVICES):
        return await handler(request)
    provider = request.app[PROVIDER]
    faults, path = provider.faults, request.path
    await _take_time(provider, path)
    if faults.strike("cut", path):
        return cut(request)
    if (instead := _instead(request, provider)) is not None:
        return instead
    response = await handler(request)
    whole = isinstance(response, web.Response) and isinstance(response.body, bytes)
    if not whole or response.status >= 300 or response.status == 204:
        return response
    assert isinstance(response, web.Response)
    assert isinstance(response.body, bytes)
    if faults.strike("blank-body", path):
        response.body = b""
    if faults.strike("truncated-json", path):
        response.body = response.body[: len(response.body) * 2 // 3]
    if faults.strike("text-html-json", path):
        response.content_type = "text/html"
    if faults.strike("cut-midway", path):
        return await _cut_midway(request, response)
    return response


@web.middleware
async def shape_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals, unknown addresses and crashes into OneRoster's answers."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return refused(request, refusal)
    except web.HTTPNotFound:
        return refused(request, Refusal(404, "unknownobject", f"no address {request.path}"))
    except web.HTTPMethodNotAllowed:
        return refused(request, Refusal(405, "unsupported", f"no {request.method} here"))
    except web.HTTPException:
        raise
    except Exception:  # noqa: BLE001 - a bug of the sandbox must look like one of a server
        _log.exception("sandbox.request.failed path=%s", request.path)
        return refused(request, Refusal(500, "internal_server_error", "an unexpected error"))


async def _take_time(provider: Provider, path: str) -> None:
    seconds = provider.knobs.latency
    if provider.faults.strike("slow", path):
        seconds = max(seconds, provider.knobs.slow_seconds)
    if seconds:
        await asyncio.sleep(seconds)
    if provider.faults.strike("hangs", path):
        await provider.faults.changed.wait()


def _instead(request: web.Request, provider: Provider) -> web.StreamResponse | None:
    """The answer a fault gives in place of the SIS's."""
    faults, path, wait = provider.faults, request.path, provider.knobs.retry_seconds
    if faults.strike("429-seconds", path):
        return _busy(request, 429, str(wait))
    if faults.strike("429-date", path):
        until = provider.moment() + timedelta(seconds=wait)
        return _busy(request, 429, format_datetime(until, usegmt=True))
    if faults.strike("503", path):
        return _busy(request, 503, str(wait))
    if faults.strike("502", path):
        return web.Response(text=_GATEWAY, status=502, content_type="text/html")
    if faults.strike("html-200", path):
        return web.Response(text=_MAINTENANCE, content_type="text/html")
    if faults.strike("500", path) or _first_time(request, provider):
        return refused(request, Refusal(500, "internal_server_error", "an unexpected error"))
    return None


def _first_time(request: web.Request, provider: Provider) -> bool:
    if request.query.get("offset", "0") == "0" or request.raw_path in provider.seen:
        return False
    if not provider.faults.strike("500-midway", request.path):
        return False
    provider.seen.add(request.raw_path)
    return True


def _busy(request: web.Request, status: int, after: str) -> web.Response:
    text = "too many requests" if status == 429 else "closed for maintenance"
    return refused(request, Refusal(status, "server_busy", text, {"Retry-After": after}))


def cut(request: web.Request) -> web.Response:
    """Cut the connection; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=503, reason=_CUT)


async def _cut_midway(request: web.Request, response: web.Response) -> web.StreamResponse:
    """Send half of what was promised."""
    assert isinstance(response.body, bytes)
    stream = web.StreamResponse(headers=response.headers, reason=_CUT)
    stream.content_length = len(response.body)
    await stream.prepare(request)
    await stream.write(response.body[: len(response.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return stream
