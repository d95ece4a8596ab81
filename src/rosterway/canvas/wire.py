"""One HTTP exchange with Canvas at a time: sessions, token, timeouts, redirects, errors.

Guarantees: the token goes to the configured origin only; what aiohttp raises leaves as an error of
`rosterway.errors`; a POST or PUT is sent once, over a connection of its own, because an idle
connection that closes would look like a lost answer. Leaves trying again to `client`.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import structlog
from yarl import URL

from rosterway import __version__
from rosterway.canvas.address import at_home
from rosterway.canvas.failures import SYSTEM, Answer, Call, lost, redirected
from rosterway.errors import GarbledError

_log = structlog.get_logger(__name__)

#: Ids above 2**53 exist on hosted Canvas; as text they survive every JSON reader.
ACCEPT = "application/json+canvas-string-ids"
MOST_REDIRECTS = 5
#: How much is read from the network at once.
CHUNK = 2**18
_LARGEST_ANSWER = 64 * 2**20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, to stay silent within an answer, and for a whole upload."""

    connect: float = 10.0
    silence: float = 90.0
    upload: float = 3600.0


class Wire:
    """The sessions of one client. `open` before use, `close` after."""

    def __init__(self, origin: URL, token: str, timeouts: Timeouts) -> None:
        self.origin = origin
        self._token = token
        self._timeouts = timeouts
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    def open(self) -> None:
        """Make the sessions: one keeps connections for reading, one closes them after writing."""
        for writing in (False, True):
            self._sessions[writing] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=writing),
                middlewares=(_once,) if writing else (),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept": ACCEPT, "User-Agent": f"Rosterway/{__version__}"},
                max_field_size=2**16,  # a Link header carries the whole query several times
                max_line_size=2**16,
            )

    async def close(self) -> None:
        """Close every connection."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    @asynccontextmanager
    async def exchange(
        self,
        method: str,
        url: URL,
        call: Call,
        *,
        data: aiohttp.FormData | aiohttp.BytesPayload | None = None,
        whole_upload: bool = False,
        bare: bool = False,
    ) -> AsyncGenerator[aiohttp.ClientResponse, None]:
        """Send one request and lend its response; redirects are not followed.

        Args:
            method: GET goes over kept connections, anything else over one of its own.
            url: sent byte for byte.
            call: what it is for, for the words of an error.
            data: a form, or JSON.
            whole_upload: limit the whole exchange, for a body that may be taken in very slowly.
            bare: without the token, and without a log line: the address itself may be a secret.

        Raises:
            RemoteError: no answer, or one that broke off while the caller was reading it.
        """
        if not self._sessions:
            raise AssertionError("a CanvasClient is used inside `async with`")
        timeout = aiohttp.ClientTimeout(
            total=self._timeouts.upload if whole_upload else None,
            sock_connect=self._timeouts.connect,
            sock_read=self._timeouts.silence,
        )
        headers = {} if bare else {"Authorization": f"Bearer {self._token}"}
        try:
            async with self._sessions[method != "GET"].request(
                method, url, data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                if not bare:
                    status = response.status
                    _log.debug("canvas.answered", method=method, path=url.path, status=status)
                yield response
        except aiohttp.ClientResponseError as error:
            raise lost(error, call) from None  # it holds the request's headers, the token with them
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise lost(error, call) from error

    async def read(self, url: URL, call: Call) -> tuple[Answer, list[str]]:
        """GET an answer and its Link headers; a redirect is followed while it stays here."""
        for _ in range(MOST_REDIRECTS):
            async with self.exchange("GET", url, call) as response:
                target = redirect_of(response, url, call)
                if target is None:
                    return await whole(response, call), response.headers.getall("Link", [])
            home = at_home(target, self.origin)
            if home is None:
                raise redirected(target.host, 302, call)
            url = home
        raise redirected(None, 302, call)


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a PUT again when its connection is cut.

    It does so for methods that HTTP calls idempotent, on two kinds of errors; seen as their common
    parent, the error goes through. An abort or a restore must not be given twice unasked.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # never sent, and never sent again
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError(str(error)) from error


def redirect_of(response: aiohttp.ClientResponse, url: URL, call: Call) -> URL | None:
    """Where an answer sends us, or None if it is no redirect."""
    if response.status not in _REDIRECTS:
        return None
    try:
        target = url.join(URL(response.headers["Location"], encoded=True))
        _ = target.port  # a port that is none is noticed only when it is asked for
    except (KeyError, ValueError):
        raise redirected(None, response.status, call) from None
    return target


async def whole(response: aiohttp.ClientResponse, call: Call) -> Answer:
    """An answer with its whole body, which is never read without end."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise GarbledError(
                f"Canvas's answer does not end while {call.doing}",
                system=SYSTEM,
                status=response.status,
                remedy="Check url; something else than Canvas may listen there.",
            )
    return Answer(response.status, response.headers, bytes(body))
