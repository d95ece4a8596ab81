"""Where a provider is, and what still counts as the provider.

Credentials go to the configured host only. Addresses in answers (hrefs, next links) are relative,
internal or stale at many providers, so of them only the query is ever used.
"""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlencode

from yarl import URL

from rosterway.errors import ConfigError
from rosterway.formats.oneroster.endpoints import ROOTS
from rosterway.settings.shape import Version

_DEFAULT_PORTS = {"http": 80, "https": 443}
_VERSIONED = re.compile(r"/v1p[12]/?$")


def web_address(url: str, what: str) -> URL:
    """A configured address; a query is kept as it is written (a token URL may need one).

    Raises:
        ConfigError: it is not http(s), or holds a user or a fragment.
    """
    remedy = "Write it as the provider's documentation has it, with https://"
    try:
        parsed = URL(url.strip(), encoded=True)
        port = parsed.port
    except ValueError as error:
        raise ConfigError(f"The {what} is no web address", remedy=remedy) from error
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host or not port:
        raise ConfigError(f"The {what} must begin with https:// or http://", remedy=remedy)
    if parsed.user or parsed.password or parsed.fragment:
        raise ConfigError(f"The {what} holds more than an address", remedy=remedy)
    return parsed


def root_of(url: str, version: Version) -> URL:
    """The root of the rostering service: a versioned address is one, any other is completed.

    Raises:
        ConfigError: it is no address, or has a query.
    """
    parsed = web_address(url, "rostering_url")
    if parsed.raw_query_string:
        raise ConfigError("The rostering_url has a query", remedy="Leave the part from ? on out.")
    path = parsed.raw_path.rstrip("/")
    if not _VERSIONED.search(path):
        path = path.removesuffix("/rostering").removesuffix("/ims/oneroster") + ROOTS[version]
    return URL(f"{parsed.origin()}{path}", encoded=True)


def gradebook_root(rostering: URL, version: Version, url: str | None = None) -> URL:
    """The root of the gradebook: the one that is given, else where the standard has it.

    1.1 has one root for all services, 1.2 one beside the other (oneroster 1).

    Raises:
        ConfigError: what is given is no address, or has a query.
    """
    if url:
        parsed = web_address(url, "gradebook_url")
        if parsed.raw_query_string:
            raise ConfigError(
                "The gradebook_url has a query", remedy="Leave the part from ? on out."
            )
        return URL(f"{parsed.origin()}{parsed.raw_path.rstrip('/')}", encoded=True)
    if version is Version.V1P1:
        return rostering
    path = rostering.raw_path.rstrip("/").removesuffix("/rostering/v1p2")
    return URL(f"{rostering.origin()}{path}/gradebook/v1p2", encoded=True)


def address(root: URL, path: str, query: Iterable[tuple[str, str]] = ()) -> URL:
    """The address of a path below the root. Spaces are %20, which a signature depends on."""
    below = f"{str(root).rstrip('/')}{path}"
    if pairs := list(query):
        below = f"{below}?{urlencode(pairs, quote_via=quote, safe='')}"
    return URL(below, encoded=True)


def at_home(target: URL, root: URL) -> URL | None:
    """A redirect's target on our origin; None if it leads to another host."""
    if target.absolute and (target.host != root.host or target.scheme not in _DEFAULT_PORTS):
        return None
    return URL(f"{root.origin()}{target.raw_path_qs}", encoded=True)
