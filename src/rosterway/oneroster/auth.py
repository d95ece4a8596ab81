"""How we prove who we are: a fixed token, OAuth 2 client credentials, OAuth 1.0a signatures.

Guarantees: one token request at a time; a token that was refused is renewed once for everybody who
used it; nothing is assumed about older tokens. No secret is in a repr, an error or a log line.
Leaves to others: sending (`wire`), and trying again (`client`).
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast
from urllib.parse import quote, quote_plus

import msgspec
from yarl import URL

from rosterway.errors import CredentialsError, RemoteError
from rosterway.oneroster import oauth1
from rosterway.oneroster.address import web_address
from rosterway.oneroster.failures import SYSTEM, Answer, Call, failure, garbled
from rosterway.settings import shape
from rosterway.settings.secrets import SecretPlaces
from rosterway.settings.shape import Signature

GETTING = Call("asking for a token")

#: A token is renewed so many seconds before its end, because requests take time.
_LEEWAY = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token that does not change (ClassLink's proxy)."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """Client credentials. `scope` None: not sent (Synergy refuses it, or it is in the URL)."""

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None
    in_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """One-legged OAuth 1.0a."""

    key: str
    secret: str = field(repr=False)
    signature: Signature = Signature.HMAC_SHA256


Auth = Bearer | OAuth2 | OAuth1

#: Posts a form with headers to an address: what getting a token takes.
Post = Callable[[URL, dict[str, str], dict[str, str]], Awaitable[Answer]]


def revealed(auth: shape.Auth, places: SecretPlaces) -> Auth:
    """A configured authentication with its secrets. Raises ConfigError if one is missing."""
    match auth:
        case shape.Bearer():
            return Bearer(token=auth.token.reveal(places))
        case shape.OAuth1():
            return OAuth1(
                key=auth.client_id,
                secret=auth.client_secret.reveal(places),
                signature=auth.signature,
            )
        case shape.OAuth2():
            return OAuth2(
                token_url=auth.token_url,
                client_id=auth.client_id,
                client_secret=auth.client_secret.reveal(places),
                scope=auth.scope,
                in_body=auth.credentials is shape.Credentials.BODY,
            )


class Signer(Protocol):
    """Makes Authorization headers."""

    async def header(self, method: str, url: URL) -> str:
        """The header of one request; a new one for every attempt."""
        ...

    def refused(self, header: str) -> bool:
        """Take note that a header was refused; whether another one may do better."""
        ...

    @property
    def is_timed(self) -> bool:
        """Whether a wrong clock spoils it."""
        ...


def signer_of(
    auth: Auth, post: Post, *, clock: Callable[[], float], nonce: Callable[[], str]
) -> Signer:
    """What signs for an authentication; `clock` is Unix time, `nonce` makes words never used."""
    match auth:
        case Bearer():
            return _Fixed(auth)
        case OAuth1():
            return _Signed(auth, clock, nonce)
        case OAuth2():
            return _Token(auth, post, clock)


class _Fixed:
    is_timed = False

    def __init__(self, auth: Bearer) -> None:
        self._auth = auth

    async def header(self, method: str, url: URL) -> str:  # noqa: ARG002 - as the Protocol has it
        return f"Bearer {self._auth.token}"

    def refused(self, header: str) -> bool:  # noqa: ARG002 - as the Protocol has it
        return False


class _Signed:
    is_timed = True

    def __init__(self, auth: OAuth1, clock: Callable[[], float], nonce: Callable[[], str]) -> None:
        self._auth = auth
        self._clock = clock
        self._nonce = nonce

    async def header(self, method: str, url: URL) -> str:
        return oauth1.authorization(
            method,
            url,
            key=self._auth.key,
            secret=self._auth.secret,
            signature=self._auth.signature,
            timestamp=int(self._clock()),
            nonce=self._nonce(),
        )

    def refused(self, header: str) -> bool:  # noqa: ARG002 - as the Protocol has it
        return False


class _Token:
    """OAuth 2. `expires_in` is believed when it is a number, and not needed."""

    is_timed = False

    def __init__(self, auth: OAuth2, post: Post, clock: Callable[[], float]) -> None:
        self._auth = auth
        self._url = web_address(auth.token_url, "token_url")
        self._post = post
        self._clock = clock
        self._lock = asyncio.Lock()
        self._header = ""
        self._until: float | None = None

    async def header(self, method: str, url: URL) -> str:  # noqa: ARG002 - as the Protocol has it
        async with self._lock:
            if not self._header or (self._until is not None and self._clock() >= self._until):
                await self._renew()
            return self._header

    def refused(self, header: str) -> bool:
        if header == self._header:
            self._header = ""
        return True

    async def _renew(self) -> None:
        auth = self._auth
        form = {"grant_type": "client_credentials"}
        headers = {"Accept": "application/json"}
        if auth.scope:
            form["scope"] = auth.scope
        if auth.in_body:
            form |= {"client_id": auth.client_id, "client_secret": auth.client_secret}
        else:
            pair = f"{quote(auth.client_id, safe='')}:{quote(auth.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        answer = await self._post(self._url, form, headers)
        if answer.status not in {200, 201}:
            raise _no_token(answer)
        self._header, lasts = _token_in(answer)
        # A token that lasts less than twice the leeway is used for half of its time.
        self._until = None if lasts is None else self._clock() + max(lasts - _LEEWAY, lasts / 2)


def encoded(form: dict[str, str]) -> bytes:
    """A form as it is posted."""
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in form.items()).encode()


def _token_in(answer: Answer) -> tuple[str, float | None]:
    """The header a token answer gives, and how long it lasts. `token_type` may be in any case."""
    try:
        data: Any = msgspec.json.decode(answer.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        data = None
    told = cast("dict[str, Any]", data) if isinstance(data, dict) else {}
    token = told.get("access_token")
    if not isinstance(token, str) or not token.strip() or not token.isprintable():
        raise garbled("The answer holds no access_token", GETTING, answer.status)
    kind = str(told.get("token_type") or "bearer").lower()
    if kind != "bearer":
        raise garbled(f"The token is no bearer token but {kind[:20]!r}", GETTING, answer.status)
    try:
        lasts = float(str(told.get("expires_in")))
    except ValueError:
        lasts = None
    return f"Bearer {token.strip()}", lasts if lasts and 0 < lasts < 1e9 else None


#: What RFC 6749, 5.2, calls it -> what to do.
_TOKEN_REMEDIES = {
    "invalid_client": "Check client id and secret, and whether they go into the header or the body.",
    "invalid_scope": "Ask for another scope, or leave it out; the SIS says which it knows.",
    "unauthorized_client": "Ask the SIS to allow client credentials for this client.",
    "unsupported_grant_type": "Check that token_url is the one for client credentials.",
    "invalid_request": "Try the credentials in the body, or without a scope.",
}


def _no_token(answer: Answer) -> RemoteError:
    said = answer.said
    remedy = next((_TOKEN_REMEDIES[code] for code in said.codes if code in _TOKEN_REMEDIES), "")
    if answer.status in {400, 401, 403} or remedy:
        codes = ", ".join((str(answer.status), *said.codes))
        words = f"{said.description.rstrip('.')}. " if said.description else ""
        return CredentialsError(
            f"{words}The SIS gives no token ({codes})",
            system=SYSTEM,
            status=answer.status,
            remedy=remedy or _TOKEN_REMEDIES["invalid_client"],
        )
    return failure(answer, GETTING)
