"""The client of one Canvas account, through one token.

Guarantees: a GET is tried again, with growing and jittered pauses, when waiting can help; a POST or
PUT is sent exactly once; every failure is an error of `rosterway.errors` (see `failures`), and no
error and no log line holds a body or the token.

Leaves to others: what the calls mean (`imports`, `reports`, `permissions`), and one exchange
(`wire`).
"""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec
import stamina
from yarl import URL

from rosterway.canvas.address import address, origin_of, path_of
from rosterway.canvas.download import download
from rosterway.canvas.failures import SYSTEM, Call, decoded, redirected
from rosterway.canvas.paging import next_page
from rosterway.canvas.wire import Timeouts, Wire, redirect_of, whole
from rosterway.errors import ConfigError, GarbledError, RemoteError, ThrottledError, UsageError

__all__ = ["Call", "CanvasClient", "Patience", "Timeouts"]

#: Asked for; Canvas caps it (50 in its code, 100 where Instructure hosts).
PAGE_SIZE = "100"
_UPLOADS = {".zip": "application/zip", ".csv": "text/csv"}


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a GET is tried: the pauses grow from `first` to `longest` seconds, plus jitter.

    If Canvas asks for a longer wait than `longest`, the error is raised and says so.
    """

    attempts: int = 6
    total: float = 180.0
    first: float = 0.5
    longest: float = 30.0
    jitter: float = 1.0

    def before_retry(self, error: Exception) -> bool | float:
        """Whether to try again, or after how many seconds."""
        if isinstance(error, ThrottledError) and error.wait is not None:
            return float(error.wait) if error.wait <= self.longest else False
        return isinstance(error, RemoteError) and error.retry


class CanvasClient:
    """Reads and writes below one account. Use as an async context manager."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        account: str = "self",
        timeouts: Timeouts | None = None,
        patience: Patience | None = None,
    ) -> None:
        """Check what was configured; nothing is sent.

        Raises:
            ConfigError: the url is no address, or the token cannot be one.
        """
        token = token.strip()
        if not token.isascii() or not token.isprintable() or not token:
            raise ConfigError(
                "The Canvas token is empty or has characters no token has",
                remedy="Copy the token again, without line breaks.",
            )
        self.origin = origin_of(url)
        self.account = account
        self._patience = patience or Patience()
        self._wire = Wire(self.origin, token, timeouts or Timeouts())

    def __repr__(self) -> str:
        return f"CanvasClient({str(self.origin)!r}, account={self.account!r})"

    async def __aenter__(self) -> Self:
        self._wire.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._wire.close()

    def account_path(self, *segments: str) -> str:
        """The path of something in this client's account."""
        return path_of("api", "v1", "accounts", self.account, *segments)

    async def get(self, path: str, *, call: Call, params: Iterable[tuple[str, str]] = ()) -> Any:
        """The JSON below `path`, tried again where waiting can help."""
        data, _ = await self._page(address(self.origin, path, params), call)
        return data

    async def pages(
        self, path: str, *, call: Call, params: Iterable[tuple[str, str]] = ()
    ) -> AsyncGenerator[Any, None]:
        """The JSON of every page of a list, in order; a failed page is tried again alone."""
        following: URL | None = address(self.origin, path, [*params, ("per_page", PAGE_SIZE)])
        seen: set[URL] = set()
        while following is not None:
            if following in seen:
                raise GarbledError(
                    f"The pages of a list lead in a circle while {call.doing}",
                    system=SYSTEM,
                    remedy="Report it to whoever runs this Canvas.",
                )
            seen.add(following)
            data, following = await self._page(following, call)
            yield data

    async def send(
        self,
        method: str,
        path: str,
        *,
        call: Call,
        form: Iterable[tuple[str, str]] = (),
        json: Any = None,
    ) -> Any:
        """POST or PUT a form, or `json` where types matter, once; the JSON of the answer."""
        fields = list(form)
        body = aiohttp.FormData(fields) if fields else None
        if json is not None:
            body = aiohttp.BytesPayload(msgspec.json.encode(json), content_type="application/json")
        return await self._once(method, path, body, call)

    async def upload(
        self, path: str, *, call: Call, form: Iterable[tuple[str, str]], file: Path, name: str
    ) -> Any:
        """POST `file` as `name` in the field `attachment`, once, streamed from the disk.

        Raises:
            UsageError: the file cannot be read, or Canvas would pass over one of that name.
        """
        kind = _UPLOADS.get(Path(name).suffix.lower())
        if kind is None or not name.isascii() or not name.isprintable():
            raise UsageError(
                "A SIS import is named *.zip or *.csv, in ASCII",
                remedy="Canvas passes over a file with any other ending, without a message.",
            )
        try:
            stream = file.open("rb")
        except OSError as error:
            raise UsageError(f"The file to upload cannot be read: {error.strerror}") from error
        with stream:
            data = aiohttp.FormData(list(form), default_to_multipart=True)
            data.add_field("attachment", stream, filename=name, content_type=kind)
            return await self._once("POST", path, data, call, whole_upload=True)

    async def download(self, url: str, to: Path, *, call: Call) -> int:
        """Fetch a file of Canvas's into `to`, whole or not at all; the number of bytes.

        Raises:
            RemoteError: it could not be fetched; `to` is as it was.
            UnavailableError: the disk does not take it.
        """
        source = self.origin.join(URL(url, encoded=True))
        async for attempt in self._attempts():
            with attempt:
                return await download(self._wire, source, to, call)
        raise AssertionError("stamina gives up by raising")

    async def _page(self, url: URL, call: Call) -> tuple[Any, URL | None]:
        async for attempt in self._attempts():
            with attempt:
                answer, links = await self._wire.read(url, call)
                return decoded(answer, call), next_page(links, origin=self.origin)
        raise AssertionError("stamina gives up by raising")

    async def _once(
        self,
        method: str,
        path: str,
        data: aiohttp.FormData | aiohttp.BytesPayload | None,
        call: Call,
        *,
        whole_upload: bool = False,
    ) -> Any:
        url = address(self.origin, path)
        async with self._wire.exchange(
            method, url, call, data=data, whole_upload=whole_upload
        ) as response:
            if target := redirect_of(response, url, call):
                away = target.host if target.host != url.host else None
                raise redirected(away, response.status, call)
            return decoded(await whole(response, call), call)

    def _attempts(self) -> AsyncIterator[stamina.Attempt]:
        """Attempts at a GET. (stamina logs what it retries; it is handed no arguments.)"""
        patience = self._patience
        return aiter(
            stamina.retry_context(
                on=patience.before_retry,
                attempts=patience.attempts,
                timeout=patience.total,
                wait_initial=patience.first,
                wait_max=patience.longest,
                wait_jitter=patience.jitter,
            )
        )
