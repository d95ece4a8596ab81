"""The Link header (RFC 8288), of which a pull needs the next page."""

import re
from collections.abc import Sequence

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def next_link(links: Sequence[str]) -> str | None:
    """Where a link says the next page is, as it is written."""
    for target, parameters in _LINK.findall(",".join(links)):
        rel = _REL.search(parameters)
        if rel is not None and "next" in (rel[1] or rel[2] or "").lower().split():
            return target.strip()
    return None
