"""OAuth 1.0a, two-legged: is a request signed by whoever knows the secret (RFC 5849 section 3)?

Facts: oneroster.md section 5.2. The signature covers the method, the address and the query exactly
as sent; no body hash. Nonces are remembered as long as their timestamps would be accepted.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import parse_qsl, quote, unquote

from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.trouble import Refusal

_DIGESTS = {"HMAC-SHA1": hashlib.sha1, "HMAC-SHA256": hashlib.sha256}


class Signatures:
    """Judges signatures; each nonce is good once."""

    def __init__(self, credentials: Credentials, knobs: Knobs) -> None:
        self._credentials = credentials
        self._knobs = knobs
        self._nonces: dict[tuple[str, str], int] = {}

    def judge(self, *, header: str, method: str, address: str, query: str, now: datetime) -> None:
        """Accept a request; `address` is scheme, host and path, `query` undecoded.

        Raises:
            Refusal: 401, with what is wrong in words.
        """
        given = _parameters(header)
        if given.get("oauth_consumer_key") != self._credentials.client_id:
            raise _refused("unknown consumer key")
        name = given.get("oauth_signature_method", "")
        if name not in self._knobs.signatures.split() or name not in _DIGESTS:
            raise _refused(f"signature method {name or 'missing'} is not accepted")
        if given.get("oauth_version", "1.0") != "1.0":
            raise _refused("oauth_version is 1.0")
        stamp = self._timely(given.get("oauth_timestamp", ""), now)
        expected = sign(name, method, address, query, given, secret=self._credentials.client_secret)
        if not hmac.compare_digest(expected, given.get("oauth_signature", "")):
            raise _refused("the signature does not fit the request")
        self._fresh(given.get("oauth_nonce", ""), stamp, int(now.timestamp()))

    def _timely(self, text: str, now: datetime) -> int:
        if not text.isdecimal():
            raise _refused("oauth_timestamp is missing")
        age = int(now.timestamp()) - int(text)
        if not -self._knobs.earliest_seconds <= age <= self._knobs.oldest_seconds:
            raise _refused(f"oauth_timestamp is {age} seconds from the time here")
        return int(text)

    def _fresh(self, nonce: str, stamp: int, now: int) -> None:
        oldest = now - self._knobs.oldest_seconds
        self._nonces = {key: at for key, at in self._nonces.items() if at >= oldest}
        key = nonce, str(stamp)
        if not nonce or key in self._nonces:
            raise _refused("the nonce was used before")
        self._nonces[key] = stamp


def sign(
    name: str, method: str, address: str, query: str, given: dict[str, str], *, secret: str
) -> str:
    """The signature a request should carry (RFC 5849 section 3.4)."""
    pairs = [
        (key, value) for key, value in given.items() if key not in {"oauth_signature", "realm"}
    ]
    pairs += parse_qsl(query, keep_blank_values=True)
    encoded = sorted((_encode(key), _encode(value)) for key, value in pairs)
    normal = "&".join(f"{key}={value}" for key, value in encoded)
    base = "&".join((method.upper(), _encode(address), _encode(normal)))
    key = f"{_encode(secret)}&".encode()
    digest = hmac.new(key, base.encode(), _DIGESTS[name]).digest()
    return base64.b64encode(digest).decode()


def _parameters(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in header.partition(" ")[2].split(","):
        name, _, value = part.strip().partition("=")
        found[unquote(name)] = unquote(value.strip('"'))
    return found


def _encode(text: str) -> str:
    return quote(text, safe="~")


def _refused(text: str) -> Refusal:
    return Refusal(401, "unauthorisedrequest", f"OAuth 1.0a: {text}", {"WWW-Authenticate": "OAuth"})
