"""Pages of a list: the Link header.

Facts (canvas-lms `doc/api/pagination`): the addresses are opaque, `last` may be missing, and the
end is where `next` is absent. Nothing is built from page numbers here, and `last` is never read.
"""

import re
from collections.abc import Sequence

from yarl import URL

from rosterway.canvas.address import at_home
from rosterway.canvas.failures import SYSTEM
from rosterway.errors import GarbledError

_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def next_page(links: Sequence[str], *, origin: URL) -> URL | None:
    """The address of the next page, or None on the last one.

    Args:
        links: every Link header of the answer.
        origin: the Canvas we speak to.

    Raises:
        GarbledError: the next page is said to be on another host.
    """
    for target, parameters in _LINK.findall(",".join(links)):
        rel = _REL.search(parameters)
        if rel is None or "next" not in (rel[1] or rel[2] or "").lower().split():
            continue
        try:
            following = URL(target.strip(), encoded=True)
            home = at_home(following, origin)
        except ValueError:
            raise GarbledError(
                "Canvas continues a list at an address that is none",
                system=SYSTEM,
                remedy="Report it to whoever runs this Canvas.",
            ) from None
        if home is None:
            raise GarbledError(
                f"Canvas continues a list on another host ({following.host})",
                system=SYSTEM,
                remedy=f"If {following.host} is the same Canvas, set url to that address.",
            )
        return home
    return None
