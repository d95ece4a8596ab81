"""Writing: PUT, POST and DELETE of the gradebook."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from rosterway.sandbox.sis.doors.answers import PROVIDER, answer
from rosterway.sandbox.sis.doors.middleware import cut
from rosterway.sandbox.sis.doors.reads import asked
from rosterway.sandbox.sis.gradebook.vendors import vendor_of
from rosterway.sandbox.sis.gradebook.writing import Desk, Written
from rosterway.sandbox.sis.model.operations import Operation
from rosterway.sandbox.sis.provider import Provider
from rosterway.sandbox.sis.trouble import Refusal

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def writer(operation: Operation) -> Handler:
    """The handler of a write."""

    async def write(request: web.Request) -> web.StreamResponse:
        provider = request.app[PROVIDER]
        provider.gate.open_for(operation, asked(request))
        want_support(provider, operation)
        if provider.faults.strike("write-429", request.path):
            after = {"Retry-After": str(provider.knobs.retry_seconds)}
            raise Refusal(429, "server_busy", "too many requests", after)
        response = await _written(request, operation)
        return await _spoilt(request, response)

    return write


def want_support(provider: Provider, operation: Operation) -> None:
    """Refuse what this provider, or its vendor, does not have."""
    lacking = (*provider.knobs.unsupported.split(), *vendor_of(provider.knobs).unsupported)
    if operation.id in lacking:
        raise Refusal(405, "unsupported", f"{operation.id} is not supported")


async def _written(request: web.Request, operation: Operation) -> web.Response:
    provider = request.app[PROVIDER]
    desk = Desk(provider.shelf, provider.knobs, provider.records(), provider.now())
    if operation.method == "DELETE":
        return web.Response(status=desk.delete(operation, request.match_info["id"]).status)
    body = await request.text()
    if operation.method == "PUT":
        key = request.match_info.get("id", "")
        if not key and not provider.knobs.allocates:
            raise Refusal(405, "unsupported", f"no PUT at {request.path}")
        return _put(provider, operation, desk.put(operation, key, body))
    return _posted(request, desk.post(operation, request.match_info, body))


async def _spoilt(request: web.Request, response: web.Response) -> web.StreamResponse:
    """What becomes of the answer to a write that is done."""
    faults, path = request.app[PROVIDER].faults, request.path
    if faults.strike("write-cut", path):
        return cut(request)
    if faults.strike("write-500", path):
        raise Refusal(500, "internal_server_error", "an unexpected error")
    if faults.strike("write-hangs", path):
        await faults.changed.wait()
    if faults.strike("write-blank", path):
        return web.Response(status=response.status)
    return response


def _posted(request: web.Request, written: Written) -> web.Response:
    faults, path = request.app[PROVIDER].faults, request.path
    pairs = [
        {"suppliedSourcedId": supplied, "allocatedSourcedId": own}
        for supplied, own in written.pairs
    ]
    if faults.strike("pairs-short", path):
        pairs = pairs[::2]
    if faults.strike("pairs-reversed", path):
        pairs.reverse()
    if faults.strike("pairs-object", path):
        return answer({"sourcedIdPairs": pairs[0] if pairs else {}}, status=written.status)
    return answer({"sourcedIdPairs": pairs}, status=written.status)


def _put(provider: Provider, operation: Operation, written: Written) -> web.Response:
    knobs = provider.knobs
    status = knobs.put_status or written.status
    if status == 204 or not (knobs.echoes or knobs.allocates or knobs.renames):
        return web.Response(status=status)
    (record,) = written.records
    row = provider.row(operation.version, operation.noun, record)
    return answer({operation.envelope: row.told}, status=status)
