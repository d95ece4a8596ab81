"""A sandbox SIS on loopback, and a small client that sees it as any consumer would."""

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio

from rosterway.sandbox.sis.server import start_sis

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Watch:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now

    def wait(self, **span):
        self.now += timedelta(**span)


class Client:
    """What a test does with a sandbox SIS; `version` and `token` as long as nothing else is said."""

    def __init__(self, sis, session, watch):
        self.sis = sis
        self.session = session
        self.watch = watch
        self.version = "1.2"
        self.token = sis.provider.credentials.bearer

    def url(self, path, version=None, service="rostering"):
        return (
            path
            if path.startswith("http")
            else self.sis.root(version or self.version, service) + path
        )

    async def call(self, path, *, method="GET", version=None, service="rostering", **options):
        """Status, headers and body of a request below a service's root."""
        headers = {"Authorization": f"Bearer {self.token}"} | options.pop("headers", {})
        url = self.url(path, version, service)
        async with self.session.request(method, url, headers=headers, **options) as response:
            text = await response.text()
            try:
                return response.status, response.headers, json.loads(text)
            except ValueError:
                return response.status, response.headers, text

    async def get(self, path, *, version=None, service="rostering", **params):
        status, _, body = await self.call(path, version=version, service=service, params=params)
        assert status == 200, body
        return body

    async def rows(self, path, **options):
        (rows,) = (await self.get(path, **options)).values()
        return rows

    async def ids(self, path, **options):
        return [row["sourcedId"] for row in await self.rows(path, **options)]

    async def grade(self, method, path, body=None, version=None):
        status, _, answer = await self.call(
            path, method=method, version=version, service="gradebook", json=body
        )
        return status, answer

    async def control(self, method, path, body=None):
        async with self.session.request(
            method, f"{self.sis.url}/sandbox/{path}".rstrip("/"), json=body
        ) as response:
            answer = await response.json()
            assert response.status == 200, answer
            return answer

    async def fault(self, *names, **options):
        await self.control("PUT", "faults", {"faults": names, **options})

    async def knob(self, **knobs):
        await self.control("PUT", "knobs", knobs)

    async def truth(self, collection, version=None):
        path = f"truth/{collection}?version={version or self.version}"
        return (await self.control("GET", path))[collection]


@asynccontextmanager
async def client_of(**options):
    watch = Watch()
    jar = aiohttp.DummyCookieJar()
    async with (
        start_sis(clock=watch, **options) as sis,
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        yield Client(sis, session, watch)


@pytest_asyncio.fixture
async def sis():
    """A SIS of a small district."""
    async with client_of(students=60) as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared():
    """The same for tests that only read; all of a module's are on one loop."""
    async with client_of(students=60) as client:
        yield client


@pytest.fixture
def open_sis():
    """A SIS with options of the test's own."""
    return client_of
