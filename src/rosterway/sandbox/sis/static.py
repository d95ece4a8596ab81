"""A SIS of a million records that costs next to nothing to ask: for measuring those who ask.

Whole collections are written to files beforehand, one record after the other, and a page is a slice
of one. Only `limit` and `offset` are understood; order is stable, totals and links are right, and
there is no fault but latency. Run it as a process of its own beside what is measured:

    python -m rosterway.sandbox.sis.static FOLDER [--latency 0.1] [--port 0]

after `prepare` has filled the folder. The first line on stdout is JSON: the doors.
"""

import argparse
import asyncio
import json
import mmap
import sys
from array import array
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from rosterway.sandbox.district import TODAY, make_district
from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.doors.answers import answer
from rosterway.sandbox.sis.doors.tokens import TOKEN_PATH
from rosterway.sandbox.sis.holding.records import district_records
from rosterway.sandbox.sis.holding.told import Teller
from rosterway.sandbox.sis.model.nouns import COLLECTIONS
from rosterway.sandbox.sis.model.operations import ROOTS
from rosterway.sandbox.sis.provider import compact
from rosterway.sandbox.sis.trouble import SisUsageError

_HOST = "127.0.0.1"
#: What references say; nobody follows them.
_HREFS = "https://sis.example.org"
_MODIFIED = f"{TODAY}T05:00:00.000Z"
_CATALOGUE = "collections.json"
_LIMIT = 100

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def prepare(folder: Path, *, students: int, seed: int = 1, version: str = "1.2") -> dict[str, int]:
    """Write a district's collections; how many records each has.

    A folder that was prepared for the same district is left as it is. About 95,000 students make a
    million records; memory grows by eight bytes a record.
    """
    asked = {"students": students, "seed": seed, "version": version}
    catalogue = folder / _CATALOGUE
    if catalogue.exists():
        known = json.loads(catalogue.read_text(encoding="utf-8"))
        if known["district"] == asked:
            return known["records"]
    folder.mkdir(parents=True, exist_ok=True)
    teller = Teller(version, _HREFS)
    shelves: dict[str, _Shelf] = {}
    with ExitStack() as stack:
        for noun, record in district_records(make_district(students=students, seed=seed)):
            collection = COLLECTIONS[noun]
            if collection not in shelves:
                shelves[collection] = _Shelf(folder, collection)
                stack.callback(shelves[collection].close)
            record["dateLastModified"] = _MODIFIED
            shelves[collection].add(compact(teller.tell(noun, record)))
    counts = {collection: len(shelf.places) - 1 for collection, shelf in shelves.items()}
    catalogue.write_text(json.dumps({"district": asked, "records": counts}), encoding="utf-8")
    return counts


class _Shelf:
    """A collection while it is written: its records, and where each begins."""

    def __init__(self, folder: Path, collection: str) -> None:
        self._data = (folder / f"{collection}.json").open("wb")
        self._index = folder / f"{collection}.index"
        self.places = array("Q", [0])

    def add(self, text: bytes) -> None:
        """Append a record and the comma behind it."""
        self._data.write(text + b",")
        self.places.append(self.places[-1] + len(text) + 1)

    def close(self) -> None:
        """Finish both files."""
        self._data.close()
        self._index.write_bytes(self.places.tobytes())


class _Book:
    """A collection to read pages from."""

    def __init__(self, folder: Path, collection: str) -> None:
        with (folder / f"{collection}.json").open("rb") as data:
            self._data = mmap.mmap(data.fileno(), 0, access=mmap.ACCESS_READ)
        self._places = array("Q")
        self._places.frombytes((folder / f"{collection}.index").read_bytes())
        self._head = f'{{"{collection}":['.encode()
        self.total = len(self._places) - 1

    def page(self, offset: int, limit: int) -> bytes:
        """So many records from one on, in their envelope."""
        first, last = min(offset, self.total), min(offset + limit, self.total)
        begin, end = self._places[first], self._places[last]
        return b"".join((self._head, self._data[begin : max(begin, end - 1)], b"]}"))


@asynccontextmanager
async def start_static(
    folder: Path, *, latency: float = 0.0, port: int = 0
) -> AsyncGenerator[dict[str, str]]:
    """Serve a prepared folder for as long as the block lasts; what a client must know, by name.

    Raises:
        SisUsageError: the folder was not prepared.
    """
    if not (folder / _CATALOGUE).exists():
        raise SisUsageError(f"{folder} was not prepared")
    known = json.loads((folder / _CATALOGUE).read_text(encoding="utf-8"))
    root = ROOTS[known["district"]["version"], "rostering"]
    credentials = Credentials()
    app = web.Application()
    for collection in known["records"]:
        handler = _collection(_Book(folder, collection), latency, credentials.bearer)
        app.router.add_get(f"{root}/{collection}", handler)
    app.router.add_post(TOKEN_PATH, _token)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        url = f"http://{_HOST}:{runner.addresses[0][1]}"
        yield {
            "url": url,
            "rostering": url + root,
            "token_url": url + TOKEN_PATH,
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
            "bearer": credentials.bearer,
        }
    finally:
        await runner.cleanup()


def _collection(book: _Book, latency: float, bearer: str) -> Handler:
    proof = f"Bearer {bearer}"

    async def read(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != proof:
            return answer({"imsx_codeMajor": "failure", "imsx_severity": "error"}, status=401)
        if latency:
            await asyncio.sleep(latency)
        offset = int(request.query.get("offset", 0))
        limit = int(request.query.get("limit", _LIMIT))
        headers = {"X-Total-Count": str(book.total)}
        if offset + limit < book.total:
            following = request.url.update_query(limit=limit, offset=offset + limit)
            headers["Link"] = f'<{following}>; rel="next"'
        return answer(book.page(offset, limit), headers=headers)

    return read


async def _token(request: web.Request) -> web.StreamResponse:
    """Anybody gets the one token."""
    await request.read()
    token = {"access_token": Credentials().bearer, "token_type": "Bearer", "expires_in": 3600}
    return answer(token)


async def _main(folder: Path, latency: float, port: int) -> None:
    async with start_static(folder, latency=latency, port=port) as doors:
        sys.stdout.write(json.dumps(doors) + "\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Serve a prepared SIS from files.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(_main(given.folder, given.latency, given.port))
