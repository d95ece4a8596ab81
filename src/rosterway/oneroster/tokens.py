"""OAuth 2.0 client credentials (oneroster 5.1): asking for tokens, and which request carries which.

Guarantees: one token request at a time. Every worker has a token of its own, as Instructure has it,
until a token turns out to die of a newer one; from then on all share the newest. Nothing is assumed
about older tokens otherwise. No secret is in an error or a log line.
"""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import quote, quote_plus

import msgspec
from yarl import URL

from rosterway.errors import CredentialsError, RemoteError
from rosterway.oneroster.address import web_address
from rosterway.oneroster.auth import OAuth2
from rosterway.oneroster.failures import SYSTEM, Answer, Call, Shown, failure, garbled

GETTING = Call("asking for a token")

#: A token is renewed so many seconds before its end, because requests take time.
_LEEWAY = 60.0

#: Posts a form with headers to an address: what getting a token takes.
Post = Callable[[URL, dict[str, str], dict[str, str]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class _Manner:
    """A way of asking. RFC 6749, 2.3.1, has name and secret encoded; not every SIS decodes them."""

    scope: str
    is_encoded: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    header: str
    until: float | None


class Tokens:
    """The tokens of one client. `expires_in` is believed when it is a number, and not needed."""

    is_timed = False

    def __init__(self, auth: OAuth2, post: Post, clock: Callable[[], float]) -> None:
        self._auth = auth
        self._url = web_address(auth.token_url, "token_url")
        self._post = post
        self._clock = clock
        self._lock = asyncio.Lock()
        self._held: dict[int, _Token] = {}
        self._newest = ""
        self._was_good = False
        self._are_shared = False
        self._manners = _manners(auth)

    async def header(self, method: str, url: URL, worker: int) -> str:  # noqa: ARG002 - Signer's
        """The token of a worker, asked for if there is none or it ends soon."""
        async with self._lock:
            held = self._held.get(0 if self._are_shared else worker)
            if held is None or (held.until is not None and self._clock() >= held.until):
                held = await self._ask()
                self._held[0 if self._are_shared else worker] = held
                self._newest = held.header
            return held.header

    def accepted(self, header: str) -> None:  # noqa: ARG002 - Signer's
        """Take note that a token is good, so that whoever we say we are is."""
        self._was_good = True

    def refused(self, header: str) -> bool:
        """Forget a refused token; whether one had been good, or there is (soon) a newer one."""
        is_outdated = header != self._newest or self._lock.locked()
        held = {at: token for at, token in self._held.items() if token.header != header}
        if is_outdated and not self._are_shared:
            self._are_shared = True
            newest = [token for token in held.values() if token.header == self._newest]
            held = dict(enumerate(newest[:1]))
        self._held = held
        return is_outdated or self._was_good

    async def _ask(self) -> _Token:
        refusal: RemoteError | None = None
        codes: tuple[str, ...] = ()
        first = self._manners[0]
        for manner in self._manners:
            if "invalid_client" in codes and manner.scope != first.scope:
                continue  # not about the scope
            if "invalid_scope" in codes and manner.is_encoded != first.is_encoded:
                continue
            form, headers = self._request(manner)
            answer = await self._post(self._url, form, headers)
            if answer.status in {200, 201}:
                self._manners = (manner,)
                header, lasts = _token_in(answer)
                # One that lasts less than twice the leeway is used for half of its time.
                until = None if lasts is None else self._clock() + max(lasts - _LEEWAY, lasts / 2)
                return _Token(header, until)
            error = _no_token(answer, self._auth.shown)
            if not isinstance(error, CredentialsError):
                raise error
            refusal, codes = refusal or error, answer.said.codes
        assert refusal is not None
        raise refusal

    def _request(self, manner: _Manner) -> tuple[dict[str, str], dict[str, str]]:
        auth = self._auth
        form = {"grant_type": "client_credentials"}
        headers = {"Accept": "application/json"}
        if manner.scope:
            form["scope"] = manner.scope
        if auth.in_body:
            form |= {"client_id": auth.client_id, "client_secret": auth.client_secret}
        else:
            pair = _pair(auth, is_encoded=manner.is_encoded)
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        return form, headers


def encoded(form: dict[str, str]) -> bytes:
    """A form as it is posted."""
    return "&".join(f"{quote_plus(k)}={quote_plus(v)}" for k, v in form.items()).encode()


def _pair(auth: OAuth2, *, is_encoded: bool) -> str:
    if not is_encoded:
        return f"{auth.client_id}:{auth.client_secret}"
    return f"{quote(auth.client_id, safe='')}:{quote(auth.client_secret, safe='')}"


def _manners(auth: OAuth2) -> tuple[_Manner, ...]:
    """The ways of asking, the standard's first; the others only where they differ."""
    scopes = [auth.scope, *([""] if auth.is_scope_guessed and auth.scope else [])]
    is_plain = auth.in_body or _pair(auth, is_encoded=True) == _pair(auth, is_encoded=False)
    return tuple(
        _Manner(scope, is_encoded)
        for scope in scopes
        for is_encoded in ([True] if is_plain else [True, False])
    )


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


def _no_token(answer: Answer, shown: Shown) -> RemoteError:
    said = answer.said
    remedy = next((_TOKEN_REMEDIES[code] for code in said.codes if code in _TOKEN_REMEDIES), "")
    if answer.status in {400, 401, 403} or remedy:
        codes = ", ".join((str(answer.status), *said.codes))
        own = shown.words(said)
        words = f"{own.rstrip('.')}. " if own else ""
        return CredentialsError(
            f"{words}The SIS gives no token ({codes})",
            system=SYSTEM,
            status=answer.status,
            remedy=remedy or _TOKEN_REMEDIES["invalid_client"],
        )
    return failure(answer, replace(GETTING, shown=shown))
