"""The sandbox's own controls, beside OneRoster's addresses.

They need no token: the server listens on this machine only, and a test that breaks the token must
still be able to mend it.

    GET    /sandbox                     what there is: faults, knobs, services, keys
    GET    /sandbox/faults              those that are on
    PUT    /sandbox/faults              {"faults": [names], "times": n, "every": n}
    GET    /sandbox/knobs
    PUT    /sandbox/knobs               {name: value}
    GET    /sandbox/day
    PUT    /sandbox/day                 {"day": n} or {"nights": n}
    GET    /sandbox/truth               how many records each collection holds
    GET    /sandbox/truth/{collection}  all of them, as `?version=1.2` tells them
    PUT    /sandbox/records/{collection}        {"records": [...], "dated": true}; in the
                                        gradebook as a teacher changes it, references as bare ids
    DELETE /sandbox/records/{collection}/{id}   without a trace
    DELETE /sandbox/tokens              end every token
    GET    /sandbox/requests
    DELETE /sandbox/requests
    GET    /sandbox/csv                 a bundle: ?version=1.2.1&since=<moment for a delta>
"""

from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.sis.bundle.packing import zipped
from rosterway.sandbox.sis.doors.answers import PROVIDER, answer
from rosterway.sandbox.sis.faults import FAULTS
from rosterway.sandbox.sis.gradebook.picky import BY_TEACHER
from rosterway.sandbox.sis.model.nouns import (
    COLLECTIONS,
    GRADEBOOK_NOUNS,
    NOUN_OF,
    ROSTER_NOUNS,
)
from rosterway.sandbox.sis.provider import Provider
from rosterway.sandbox.sis.trouble import SisUsageError

Json = dict[str, Any]


def routes() -> list[web.RouteDef]:
    """The doors of the controls."""
    return [
        web.get("/sandbox", _told(about)),
        web.get("/sandbox/faults", _told(show_faults)),
        web.put("/sandbox/faults", _told(put_faults)),
        web.get("/sandbox/knobs", _told(show_knobs)),
        web.put("/sandbox/knobs", _told(turn_knobs)),
        web.get("/sandbox/day", _told(show_day)),
        web.put("/sandbox/day", _told(put_day)),
        web.get("/sandbox/truth", _told(count)),
        web.get("/sandbox/truth/{collection}", _told(show_truth)),
        web.put("/sandbox/records/{collection}", _told(put_records)),
        web.delete("/sandbox/records/{collection}/{id}", _told(purge_record)),
        web.delete("/sandbox/tokens", _told(end_tokens)),
        web.get("/sandbox/requests", _told(show_requests)),
        web.delete("/sandbox/requests", _told(forget_requests)),
        web.get("/sandbox/csv", show_csv),
    ]


def _told(action: Any) -> Any:
    """A handler that answers in JSON, and with 400 what cannot be done."""

    async def handle(request: web.Request) -> web.Response:
        try:
            return answer(await action(request))
        except SisUsageError as error:
            return answer({"error": str(error)}, status=400)

    return handle


async def about(request: web.Request) -> Json:
    """What can be controlled, in words."""
    provider = request.app[PROVIDER]
    faults = {
        fault.name: {"sort": fault.sort, "what": fault.what, "source": fault.source}
        for fault in FAULTS.values()
    }
    return {"faults": faults, "knobs": provider.knobs.as_dict(), "day": provider.day}


async def show_faults(request: web.Request) -> Json:
    """The faults that are on."""
    return {"faults": request.app[PROVIDER].faults.as_dict()}


async def put_faults(request: web.Request) -> Json:
    """Have exactly these faults on."""
    body = await _body(request)
    provider = request.app[PROVIDER]
    provider.faults.put(body.get("faults", []), times=body.get("times"), every=body.get("every"))
    provider.seen.clear()
    return await show_faults(request)


async def show_knobs(request: web.Request) -> Json:
    """The knobs and where they stand."""
    return request.app[PROVIDER].knobs.as_dict()


async def turn_knobs(request: web.Request) -> Json:
    """Turn knobs."""
    request.app[PROVIDER].turn(await _body(request))
    return await show_knobs(request)


async def show_day(request: web.Request) -> Json:
    """Which day it is."""
    return {"day": request.app[PROVIDER].day}


async def put_day(request: web.Request) -> Json:
    """Make it another day."""
    body = await _body(request)
    provider = request.app[PROVIDER]
    await provider.be_on(int(body.get("day", provider.day + int(body.get("nights", 1)))))
    return await show_day(request)


async def count(request: web.Request) -> Json:
    """How many records there are."""
    records = request.app[PROVIDER].records()
    return {COLLECTIONS[noun]: len(held) for noun, held in records.items()}


async def show_truth(request: web.Request) -> Json:
    """A whole collection, right."""
    collection = request.match_info["collection"]
    version = request.query.get("version", "1.2")
    return {collection: request.app[PROVIDER].truth(collection, version)}


async def put_records(request: web.Request) -> Json:
    """Change or add records by hand: fields of a record that is there are kept unless given."""
    provider = request.app[PROVIDER]
    noun = _noun(request)
    body = await _body(request)
    now = provider.moment() if body.get("dated", True) else None
    if noun not in ROSTER_NOUNS:
        _edit(provider, noun, body.get("records", []))
        return await count(request)
    for record in body.get("records", []):
        was = provider.held.records[noun].get(record["sourcedId"], {"status": "active"})
        provider.held.put(noun, was | record, now)
    return await count(request)


def _edit(provider: Provider, noun: str, records: list[Json]) -> None:
    """Change the gradebook as a teacher does in the SIS itself: nothing is demanded of it."""
    held = provider.shelf.records[noun]
    usual: Json = {"status": "active"} | ({BY_TEACHER: True} if noun == "result" else {})
    provider.shelf.put_all(
        noun,
        [
            held.get(record["sourcedId"], {})
            | usual
            | record
            | {"dateLastModified": provider.now()}
            for record in records
        ],
    )


async def purge_record(request: web.Request) -> Json:
    """Forget a record."""
    provider, noun, key = request.app[PROVIDER], _noun(request), request.match_info["id"]
    if noun in ROSTER_NOUNS:
        provider.held.purge(noun, key)
    else:
        provider.shelf.remove(noun, key)
    return await count(request)


async def end_tokens(request: web.Request) -> Json:
    """End every token."""
    request.app[PROVIDER].tokens.revoke_all()
    return {}


async def show_requests(request: web.Request) -> Json:
    """Which requests the SIS got."""
    return {"requests": [entry.as_dict() for entry in request.app[PROVIDER].requests]}


async def forget_requests(request: web.Request) -> Json:
    """Begin the log anew."""
    request.app[PROVIDER].requests.clear()
    return {"requests": []}


async def show_csv(request: web.Request) -> web.Response:
    """The roster as a zipped bundle."""
    version = request.query.get("version", "1.2")
    try:
        data = zipped(request.app[PROVIDER].records(), version, since=request.query.get("since"))
    except SisUsageError as error:
        return answer({"error": str(error)}, status=400)
    return web.Response(body=data, content_type="application/zip")


def _noun(request: web.Request) -> str:
    noun = NOUN_OF.get(request.match_info["collection"], "")
    if noun not in (*ROSTER_NOUNS, *GRADEBOOK_NOUNS):
        raise SisUsageError(f"no collection {request.match_info['collection']!r} to change")
    return noun


async def _body(request: web.Request) -> Json:
    try:
        data: object = await request.json()
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise SisUsageError("a JSON object is needed")
    return cast(Json, data)
