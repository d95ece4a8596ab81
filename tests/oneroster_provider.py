"""A small OneRoster provider on loopback that can be as crooked as a test needs.

It knows nothing of ours. Lists are served in the order they are held; what is asked for beyond
`limit` and `offset` is written down and otherwise ignored.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

WHEN = "2024-08-01T10:00:00.000Z"


def org(number, kind="school", **more):
    return {
        "sourcedId": f"o-{number:04d}",
        "status": "active",
        "dateLastModified": WHEN,
        "name": f"Org {number}",
        "type": kind,
        **more,
    }


def orgs(count):
    return [org(number) for number in range(count)]


@dataclass
class Manners:
    """How the provider behaves."""

    clamp: int = 10_000
    total: bool = True
    lying_total: int | None = None
    links: bool = False
    opaque_links: bool = False
    internal_links: bool = False
    ignores_offset: bool = False
    offset_by_page: bool = False
    refuses_sort: bool = False
    refuses_above: int | None = None
    empty_as_204: bool = False


@dataclass
class Provider:
    """Collections by path, manners, and what was asked. `before` may spoil any answer."""

    held: dict[str, list[Any]] = field(default_factory=dict)
    manners: Manners = field(default_factory=Manners)
    before: Callable[[web.Request, int], Any] | None = None
    requests: list[web.Request] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    pace: asyncio.Event | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self.before is not None:
                spoilt = self.before(request, len(self.requests))
                if asyncio.iscoroutine(spoilt):
                    spoilt = await spoilt
                if spoilt is not None:
                    return spoilt
            await asyncio.sleep(0)
            return self.answer(request)
        finally:
            self.in_flight -= 1

    def answer(self, request: web.Request) -> web.Response:
        manners, query = self.manners, request.query
        path = request.path.split("/v1p1", 1)[-1].split("/v1p2", 1)[-1]
        if path not in self.held:
            return web.json_response({"imsx_description": "no such thing"}, status=404)
        records = self.held[path]
        limit, offset = int(query.get("limit", 100)), int(query.get("offset", 0))
        if manners.opaque_links:
            offset = int(query.get("cursor", 0))
        if manners.refuses_sort and "sort" in query:
            return refusal(400, "invalid_sort_field")
        if manners.refuses_above is not None and limit > manners.refuses_above:
            return refusal(400, "invalid_data")
        limit = min(limit, manners.clamp)
        if manners.offset_by_page:
            offset = offset // limit * limit
        if manners.ignores_offset:
            offset = 0
        page = records[offset : offset + limit]
        headers = {}
        if manners.total:
            headers["X-Total-Count"] = str(len(records))
        if manners.lying_total is not None:
            headers["X-Total-Count"] = str(manners.lying_total)
        after = offset + limit
        if after < len(records):
            place = "https://internal.test/x" if manners.internal_links else str(request.url.path)
            if manners.links:
                headers["Link"] = f'<{place}?limit={limit}&offset={after}>; rel="next"'
            if manners.opaque_links:
                headers["Link"] = f'<{place}?limit={limit}&cursor={after}>; rel="next"'
        if not page and manners.empty_as_204:
            return web.Response(status=204, headers=headers)
        key = path.rsplit("/", 1)[-1]
        names = {
            "schools": "orgs",
            "terms": "academicSessions",
            "gradingPeriods": "academicSessions",
        }
        names |= {"students": "users", "teachers": "users"}
        return web.json_response({names.get(key, key): page}, headers=headers)


def refusal(status, code, description="SIS: no"):
    return web.json_response(
        {
            "imsx_codeMajor": "failure",
            "imsx_severity": "error",
            "imsx_description": description,
            "imsx_CodeMinor": {
                "imsx_codeMinorField": [
                    {
                        "imsx_codeMinorFieldName": "TargetEndSystem",
                        "imsx_codeMinorFieldValue": code,
                    }
                ]
            },
        },
        status=status,
    )
