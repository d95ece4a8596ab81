"""One HTTP exchange with a provider at a time: session, cookies, extra headers, private CA, errors.

Guarantees: credentials and extra headers go to the configured hosts only; what aiohttp raises
leaves as an error of `rosterway.errors`; a body is never read without end. Leaves signing to
`signing` and trying again to `client`.
"""

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import structlog
from yarl import URL

from rosterway import __version__
from rosterway.errors import ConfigError
from rosterway.oneroster.failures import Answer, Call, garbled, lost
from rosterway.oneroster.tokens import GETTING, encoded

_log = structlog.get_logger(__name__)

_CHUNK = 2**18
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """How requests are sent.

    `headers` may hold secrets (Infinite Campus's vendor key); `ca_file` is a PEM file trusted
    beside the system's; `cookies` are kept within a pull (Aeries needs them); seconds for the rest.
    """

    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    cookies: bool = True
    ca_file: Path | None = None
    connect: float = 15.0
    silence: float = 120.0
    largest_answer: int = 256 * 2**20


class Wire:
    """The session of one client. `open` before use, `close` after."""

    def __init__(self, wiring: Wiring) -> None:
        self._wiring = wiring
        self._trust = _trust(wiring.ca_file)
        self._session: aiohttp.ClientSession | None = None
        self._log = _log
        self._tells = False

    def open(self) -> None:
        """Make the session."""
        # The logging that is set up now, not looked up for every answer.
        self._log = _log.bind()
        self._tells = logging.getLogger(__name__).isEnabledFor(logging.DEBUG)
        jar = aiohttp.CookieJar(unsafe=True) if self._wiring.cookies else aiohttp.DummyCookieJar()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._trust),
            cookie_jar=jar,
            headers={"User-Agent": f"Rosterway/{__version__}"},
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._wiring.connect, sock_read=self._wiring.silence
            ),
            max_field_size=2**16,
            max_line_size=2**16,
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, url: URL, authorization: str, call: Call) -> tuple[Answer, URL | None]:
        """One answer, or where it sends us.

        Raises:
            RemoteError: no answer, or one that broke off.
        """
        return await self._exchange("GET", url, self._headers(authorization), None, call)

    async def write(
        self, method: str, url: URL, authorization: str, call: Call, body: bytes | None
    ) -> tuple[Answer, URL | None]:
        """The same for what may change something: it is sent once and never again.

        Raises:
            RemoteError: no answer, or one that broke off; `failures.was_sent` tells what is known.
        """
        headers = self._headers(authorization)
        if body is not None:
            headers["Content-Type"] = "application/json"
        return await self._exchange(method, url, headers, body, call, middlewares=(_once,))

    def _headers(self, authorization: str) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "Authorization": authorization,
            **self._wiring.headers,
        }

    async def post(self, url: URL, form: dict[str, str], headers: dict[str, str]) -> Answer:
        """Post a form once, to get a token. A redirect is an answer like any other."""
        typed = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        answer, _ = await self._exchange("POST", url, typed, encoded(form), GETTING)
        return answer

    async def _exchange(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        data: bytes | None,
        call: Call,
        middlewares: tuple[aiohttp.ClientMiddlewareType, ...] = (),
    ) -> tuple[Answer, URL | None]:
        if self._session is None:
            raise AssertionError("a ProviderClient is used inside `async with`")
        try:
            async with self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                allow_redirects=False,
                middlewares=middlewares,
            ) as response:
                if self._tells:
                    self._log.debug("oneroster.answered", path=url.path, status=response.status)
                target = _target(response, url, call)
                body = await self._whole(response, call)
                return Answer(response.status, response.headers, body), target
        except aiohttp.ClientResponseError as error:
            raise lost(error, call) from None  # it holds the request's headers, secrets with them
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as error:
            raise lost(error, call) from error

    async def _whole(self, response: aiohttp.ClientResponse, call: Call) -> bytes:
        told = response.content_length
        is_plain = "Content-Encoding" not in response.headers
        if told is not None and is_plain and told <= min(_CHUNK, self._wiring.largest_answer):
            return await response.read()
        parts: list[bytes] = []
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > self._wiring.largest_answer:
                raise garbled("The SIS's answer does not end", call, response.status)
        return b"".join(parts)


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Keep aiohttp from sending a PUT or DELETE again when a kept connection turns out cut.

    It may have been read before that; and a signature is good for one request.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise aiohttp.ClientConnectionError("cut") from error


def _target(response: aiohttp.ClientResponse, url: URL, call: Call) -> URL | None:
    if response.status not in _REDIRECTS:
        return None
    try:
        target = url.join(URL(response.headers["Location"], encoded=True))
        _ = target.port
    except (KeyError, ValueError):
        raise garbled("The SIS redirects to nowhere", call, response.status) from None
    return target


def _trust(ca_file: Path | None) -> ssl.SSLContext | bool:
    """The system's authorities, and those of the file.

    True is the system's alone, as aiohttp has read them once: reading them costs more than a
    request, and a run opens several clients.
    """
    if ca_file is None:
        return True
    trust = ssl.create_default_context()
    try:
        trust.load_verify_locations(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"The certificates in {ca_file} cannot be read", remedy="It must be a PEM file."
        ) from error
    return trust
