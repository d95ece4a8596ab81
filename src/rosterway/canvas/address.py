"""Where Canvas is, and what still counts as Canvas.

The token goes to one origin only: the one the operator named. A link or a redirect is followed
when it stays on that host; it is then rebased onto the origin we speak to, because a Canvas behind
a proxy may write `http://` into links although it is reached by `https://`.
"""

from collections.abc import Iterable
from urllib.parse import quote, urlencode

from yarl import URL

from rosterway.errors import ConfigError

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> URL:
    """The origin (and path prefix, if any) of a configured Canvas URL.

    Raises:
        ConfigError: not an http(s) address, or one with a user, a query or a fragment.
    """
    remedy = "Write it like https://school.instructure.com"
    try:
        parsed = URL(url.strip())
        port = parsed.port
    except ValueError as error:
        raise ConfigError("The Canvas url is no web address", remedy=remedy) from error
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host or not port:
        raise ConfigError("The Canvas url must begin with https:// or http://", remedy=remedy)
    if parsed.user or parsed.password or parsed.query_string or parsed.fragment:
        raise ConfigError("The Canvas url holds more than an address", remedy=remedy)
    return parsed.with_path(parsed.path.rstrip("/"))


def path_of(*segments: str) -> str:
    """A path of these segments, each percent-encoded; the colon of `sis_term_id:X` stays."""
    return "/" + "/".join(quote(segment, safe=":") for segment in segments)


def address(origin: URL, path: str, params: Iterable[tuple[str, str]] = ()) -> URL:
    """The address of an API path (percent-encoded already) below `origin`."""
    query = urlencode(list(params))
    return URL(f"{str(origin).rstrip('/')}{path}{'?' if query else ''}{query}", encoded=True)


def at_home(target: URL, origin: URL) -> URL | None:
    """`target` on our origin, its path and query untouched; None if it leads to another host."""
    if not target.absolute:
        return URL(f"{origin.origin()}{target.raw_path_qs}", encoded=True)
    same_port = target.port in {origin.port, _DEFAULT_PORTS.get(target.scheme)}
    if target.scheme not in _DEFAULT_PORTS or target.host != origin.host or not same_port:
        return None
    return URL(f"{origin.origin()}{target.raw_path_qs}", encoded=True)
