"""A file of Canvas's, onto the disk: whole, or not at all.

Canvas keeps files where it likes. Its own host gets the token; another host, whose address carries
its own proof, gets none.
"""

import asyncio
import os
from pathlib import Path

import aiohttp
from yarl import URL

from rosterway.canvas.address import at_home
from rosterway.canvas.failures import SYSTEM, Call, failure, redirected
from rosterway.canvas.wire import CHUNK, MOST_REDIRECTS, Wire, redirect_of, whole
from rosterway.errors import GarbledError, UnavailableError


async def download(wire: Wire, url: URL, to: Path, call: Call) -> int:
    """Fetch `url` into `to` by way of a name beside it; the number of bytes.

    Raises:
        RemoteError: it could not be fetched; `to` is as it was.
        UnavailableError: the disk does not take it.
    """
    for _ in range(MOST_REDIRECTS):
        home = at_home(url, wire.origin)
        if home is None and url.scheme != "https" and wire.origin.scheme == "https":
            raise redirected(url.host, 302, call)  # rosters do not travel in the clear
        async with wire.exchange("GET", home or url, call, bare=home is None) as response:
            target = redirect_of(response, home or url, call)
            if target is None:
                if response.status != 200:
                    raise failure(await whole(response, call), call)
                if "html" in response.headers.get("Content-Type", "").lower():
                    raise _no_file(call)
                return await _save(response, to)
            url = target
    raise redirected(None, 302, call)


async def _save(response: aiohttp.ClientResponse, to: Path) -> int:
    part = to.with_name(to.name + ".part")
    size = 0
    try:
        with part.open("wb") as file:
            async for chunk in response.content.iter_chunked(CHUNK):
                size += await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(os.fsync, file.fileno())
        part.replace(to)
    except (aiohttp.ClientError, ConnectionError, TimeoutError):
        raise
    except OSError as error:
        raise UnavailableError(
            f"The disk does not take a file from Canvas: {error.strerror}",
            remedy="Make room, or give Rosterway the right to write there.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return size


def _no_file(call: Call) -> GarbledError:
    return GarbledError(
        f"A web page came back instead of a file while {call.doing}",
        system=SYSTEM,
        status=200,
        remedy="The address may have expired; ask Canvas for the report again.",
    )
