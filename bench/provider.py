"""A static OneRoster provider: so many enrollments, told as fast as Python can, or after a delay.

    python -m bench.provider RECORDS DELAY_MS

Prints its address once it listens. Records are encoded once, so that what is measured is the reader.
"""

import asyncio
import json
import sys

from aiohttp import web

_SEEN = "2026-08-17T00:00:00.000Z"


def _ref(collection: str, kind: str, sourced_id: str) -> dict[str, str]:
    href = f"https://sis.example/ims/oneroster/v1p1/{collection}/{sourced_id}"
    return {"href": href, "sourcedId": sourced_id, "type": kind}


def _records(count: int) -> list[bytes]:
    return [
        json.dumps(
            {
                "sourcedId": f"enrollment-{at:09d}",
                "status": "active",
                "dateLastModified": _SEEN,
                "role": "student",
                "primary": "false",
                "beginDate": "2026-08-17",
                "endDate": "2027-06-01",
                "user": _ref("users", "user", f"user-{at % 99_991:06d}"),
                "class": _ref("classes", "class", f"class-{at % 9_973:05d}"),
                "school": _ref("orgs", "org", f"school-{at % 97:02d}"),
            }
        ).encode()
        for at in range(count)
    ]


def _app(count: int, delay: float) -> web.Application:
    records = _records(count)
    headers = {"X-Total-Count": str(count), "Content-Type": "application/json"}

    async def page(request: web.Request) -> web.Response:
        first, size = int(request.query.get("offset", 0)), int(request.query.get("limit", 100))
        if delay:
            await asyncio.sleep(delay)
        body = b'{"enrollments":[' + b",".join(records[first : first + size]) + b"]}"
        return web.Response(body=body, headers=headers)

    app = web.Application()
    app.router.add_get("/ims/oneroster/v1p1/enrollments", page)
    return app


async def _serve(count: int, delay: float) -> None:
    runner = web.AppRunner(_app(count, delay), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
