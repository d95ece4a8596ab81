"""Tokens given out for client credentials (RFC 6749 section 4.4; oneroster.md section 5.1).

Guarantees: tokens given earlier go on working beside new ones, as Instructure asks of providers,
until the fault says otherwise. Granted is what was asked for and exists; all of it when nothing
was asked.
"""

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.faults import Faults
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.model.operations import VERSIONS, scopes_of
from rosterway.sandbox.sis.trouble import SisError

_ALL_SCOPES = frozenset(scope for version in VERSIONS for scope in scopes_of(version))


class TokenRefusal(SisError):  # noqa: N818 - an answer, not a failure
    """A token request is refused in OAuth's own words (RFC 6749 section 5.2)."""

    def __init__(self, status: int, error: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body = {"error": error, "error_description": text}


@dataclass(slots=True)
class Token:
    """A token, until when it lives, what it opens, and how often it was used."""

    ends: datetime
    scopes: frozenset[str]
    used: int = 0


class Tokens:
    """Gives tokens out and recognises them."""

    def __init__(self, credentials: Credentials, knobs: Knobs, faults: Faults) -> None:
        self._credentials = credentials
        self._knobs = knobs
        self._faults = faults
        self._given: dict[str, Token] = {}

    def give(
        self, *, authorization: str, query: str, form: Mapping[str, str], now: datetime
    ) -> dict[str, Any]:
        """The answer to a token request; `query` is that of the address, undecoded.

        Raises:
            TokenRefusal: anything is wrong with it.
        """
        self._know_address(query)
        self._know_client(authorization, form)
        if form.get("grant_type") != "client_credentials":
            raise TokenRefusal(400, "unsupported_grant_type", "only client_credentials are known")
        granted = self._grant(form.get("scope"), dict(parse_qsl(query)).get("scope"))
        if self._faults.on("one-token"):
            self._given.clear()
        token = secrets.token_urlsafe(24)
        lifetime = self._knobs.token_seconds
        self._given[token] = Token(now + timedelta(seconds=lifetime), granted)
        answer: dict[str, Any] = {
            "access_token": token,
            "token_type": "bearer" if self._faults.on("lower-token-type") else "Bearer",
            "expires_in": str(lifetime) if self._faults.on("lifetime-string") else lifetime,
            "scope": " ".join(sorted(granted)),
        }
        if self._faults.on("no-lifetime"):
            del answer["expires_in"]
        return answer

    def recognise(self, token: str, now: datetime) -> frozenset[str] | None:
        """What a token opens; None when it opens nothing any more."""
        found = self._given.get(token)
        if found is None or now >= found.ends:
            return None
        found.used += 1
        if self._faults.on("expiring-tokens") and found.used > self._knobs.token_uses:
            del self._given[token]
            return None
        return found.scopes

    def revoke_all(self) -> None:
        """End every token there is."""
        self._given.clear()

    def _know_address(self, query: str) -> None:
        wanted = set(parse_qsl(self._knobs.token_query))
        if not wanted <= set(parse_qsl(query)):
            raise TokenRefusal(400, "invalid_request", "this is not an address for tokens")

    def _know_client(self, authorization: str, form: Mapping[str, str]) -> None:
        place = self._knobs.client_auth
        known = self._credentials.client_id, self._credentials.client_secret
        scheme, _, text = authorization.partition(" ")
        if place in {"any", "basic"} and scheme.lower() == "basic":
            try:
                pair = base64.b64decode(text, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                pair = ""
            name, _, secret = pair.partition(":")
            # RFC 6749 section 2.3.1 has both form-encoded first; many clients do not
            if known in {(unquote_plus(name), unquote_plus(secret)), (name, secret)}:
                return
        given = form.get("client_id"), form.get("client_secret")
        if place in {"any", "body"} and known == given:
            return
        raise TokenRefusal(401, "invalid_client", "client unknown, or its secret is wrong")

    def _grant(self, parameter: str | None, in_url: str | None) -> frozenset[str]:
        place = self._knobs.scope_place
        asked = {"parameter": parameter, "url": in_url}.get(place, parameter or in_url)
        if asked and self._faults.on("scope-refused"):
            raise TokenRefusal(400, "invalid_scope", "requests must not name a scope")
        if not asked:
            if self._faults.on("missing-scope-refused"):
                raise TokenRefusal(400, "invalid_scope", "a scope must be named")
            return _ALL_SCOPES
        names = frozenset(asked.split())
        unknown = names - _ALL_SCOPES
        if unknown == names or (unknown and self._faults.on("unknown-scope-refused")):
            raise TokenRefusal(400, "invalid_scope", f"unknown scope {min(unknown)}")
        return names & _ALL_SCOPES
