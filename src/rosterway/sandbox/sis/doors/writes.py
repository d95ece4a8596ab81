"""Writing: PUT, POST and DELETE of the gradebook."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from rosterway.sandbox.sis.doors.answers import PROVIDER, answer
from rosterway.sandbox.sis.doors.reads import asked
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
        if operation.id in provider.knobs.unsupported.split():
            raise Refusal(405, "unsupported", f"{operation.id} is not supported")
        desk = Desk(provider.shelf, provider.knobs, provider.records(), provider.now())
        if operation.method == "DELETE":
            return web.Response(status=desk.delete(operation, request.match_info["id"]).status)
        body = await request.text()
        if operation.method == "PUT":
            return _put(provider, operation, desk.put(operation, request.match_info["id"], body))
        written = desk.post(operation, request.match_info, body)
        pairs = [
            {"suppliedSourcedId": supplied, "allocatedSourcedId": own}
            for supplied, own in written.pairs
        ]
        return answer({"sourcedIdPairs": pairs}, status=written.status)

    return write


def _put(provider: Provider, operation: Operation, written: Written) -> web.Response:
    if not (provider.knobs.echoes or provider.knobs.allocates):
        return web.Response(status=written.status)
    (record,) = written.records
    row = provider.row(operation.version, operation.noun, record)
    return answer({operation.envelope: row.told}, status=written.status)
