"""OAuth 1.0a signatures of one-legged requests (RFC 5849), which OneRoster 1.1 allows.

The signature covers exactly the query that is sent: the main cause of refused filters elsewhere is
that it does not. Bodies are not covered; no implementation of OneRoster uses a body hash.
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import parse_qsl, quote

from yarl import URL

from rosterway.settings.shape import Signature

_DIGESTS = {Signature.HMAC_SHA1: "sha1", Signature.HMAC_SHA256: "sha256"}
_NAMES = {Signature.HMAC_SHA1: "HMAC-SHA1", Signature.HMAC_SHA256: "HMAC-SHA256"}
#: What is never encoded (RFC 5849, 3.6).
_PLAIN = re.compile(r"[A-Za-z0-9\-._~]*")
#: What an address or a list of encoded pairs usually holds besides, the percent sign first.
_ENCODED = re.compile(r"[A-Za-z0-9\-._~%=&:/]*")
_LEFT = (("%", "%25"), ("=", "%3D"), ("&", "%26"), (":", "%3A"), ("/", "%2F"))
_DEFAULT_PORTS = {("http", 80), ("https", 443)}


def authorization(
    method: str,
    url: URL,
    *,
    key: str,
    secret: str,
    signature: Signature,
    timestamp: int,
    nonce: str,
) -> str:
    """The Authorization header of a request without a form."""
    oauth = {
        "oauth_consumer_key": key,
        "oauth_nonce": nonce,
        "oauth_signature_method": _NAMES[signature],
        "oauth_timestamp": str(timestamp),
        "oauth_version": "1.0",
    }
    base = base_string(method, url, oauth.items())
    oauth["oauth_signature"] = sign(base, secret, signature=signature)
    fields = ", ".join(f'{name}="{_encode(value)}"' for name, value in oauth.items())
    return f"OAuth {fields}"


def base_string(method: str, url: URL, parameters: Iterable[tuple[str, str]]) -> str:
    """What is signed (RFC 5849, 3.4.1); the query of `url` is taken as it will be sent."""
    host = (url.host or "").lower()
    if ":" in host:
        host = f"[{host}]"
    port = "" if (url.scheme, url.port) in _DEFAULT_PORTS else f":{url.port}"
    place = f"{url.scheme}://{host}{port}{url.raw_path}"
    query = url.raw_query_string
    sent = parse_qsl(query, keep_blank_values=True) if query else ()
    pairs = sorted((_encode(name), _encode(value)) for name, value in (*sent, *parameters))
    normalised = "&".join(f"{name}={value}" for name, value in pairs)
    return "&".join((method.upper(), _encode_again(place), _encode_again(normalised)))


def sign(base: str, secret: str, *, token_secret: str = "", signature: Signature) -> str:
    """The signature of a base string."""
    key = f"{_encode(secret)}&{_encode(token_secret)}".encode()
    return b64encode(hmac.digest(key, base.encode(), _DIGESTS[signature])).decode()


def _encode(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quote(text, safe="-._~")


def _encode_again(text: str) -> str:
    """The same for what is encoded in part, thousands a second: few characters are left to do."""
    if not _ENCODED.fullmatch(text):
        return _encode(text)
    for character, code in _LEFT:
        text = text.replace(character, code)
    return text
