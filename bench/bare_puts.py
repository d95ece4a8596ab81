"""The least posting can be: encode a result, put it with aiohttp, so many at a time.

    python -m bench.bare_puts URL COUNT IN_FLIGHT

Nothing is signed, checked or written down, and nothing is tried again. Prints, as JSON, the seconds
and processor seconds of the puts alone.
"""

import asyncio
import json
import sys
import time
from typing import Any

import aiohttp
import msgspec
import uvloop

_ROOT = "/ims/oneroster/v1p1/results"
_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


def _ref(kind: str, collection: str, sourced_id: str) -> dict[str, str]:
    href = f"https://sis.example/ims/oneroster/v1p1/{collection}/{sourced_id}"
    return {"href": href, "sourcedId": sourced_id, "type": kind}


def _result(at: int) -> dict[str, Any]:
    return {
        "sourcedId": f"canvas-0123456789-a{at // 500}-cabcdef-u{at}",
        "status": "active",
        "dateLastModified": "2026-09-20T15:00:00.000Z",
        "lineItem": _ref("lineItem", "lineItems", f"line-{at // 500}"),
        "student": _ref("user", "users", f"student-{at}"),
        "scoreStatus": "fully graded",
        "score": at % 11,
        "scoreDate": "2026-09-20",
    }


async def _put_all(url: str, count: int, in_flight: int) -> None:
    encoder, waiting = msgspec.json.Encoder(), iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def work() -> None:
            for at in waiting:
                told = _result(at)
                body = encoder.encode({"result": told})
                where = f"{url}{_ROOT}/{told['sourcedId']}"
                async with session.put(where, data=body, headers=_HEADERS) as answer:
                    await answer.read()
                    assert answer.status == 201

        begin, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": spent}))


if __name__ == "__main__":
    uvloop.run(_put_all(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
