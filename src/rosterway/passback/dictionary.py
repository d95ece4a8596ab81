"""The dictionary of what providers say about grades they refuse, in the order it is looked up in.

Facts: instructure-integration.md S7 for six providers, oneroster.md 4 for the codes of the standard.
Leaves to `explain` how an answer is looked up, and to `vendor_words` the entries themselves.
"""

from collections.abc import Mapping
from types import MappingProxyType

from rosterway.passback.vendor_words import (
    aeries,
    aspen,
    focus,
    infinite_campus,
    oneroster,
    pinnacle,
    powerteacher,
)
from rosterway.passback.vendor_words.entry import Entry, Known

__all__ = ["ANYONE", "CODES", "ENTRIES", "HAS", "PROVIDERS", "SHARED", "STATUSES", "Entry", "Known"]

#: What the reference page says of how much the dictionary has itself.
HAS: Mapping[Known, str] = MappingProxyType(
    {
        Known.TEXT: "message, meaning and remedy",
        Known.MEANING: "message and meaning; the remedy is ours",
        Known.WORDING: "the message; meaning and remedy are ours",
        Known.HEADING: "the heading; meaning and remedy are ours",
        Known.FACT: "no such entry",
    }
)

#: The entries of each provider by its profile's name; the first that fits counts.
PROVIDERS: Mapping[str, tuple[Entry, ...]] = MappingProxyType(
    {
        "aeries": aeries.ENTRIES,
        "aspen": aspen.ENTRIES,
        "focus": focus.ENTRIES,
        "infinite-campus": infinite_campus.ENTRIES,
        "pinnacle": pinnacle.ENTRIES,
        "powerschool": powerteacher.ENTRIES,
    }
)
#: Messages known word by word, which mean the same from any provider. Headings do not: their words
#: are a guess, and "not found" means something else in every SIS.
SHARED: tuple[Entry, ...] = tuple(
    entry
    for entries in PROVIDERS.values()
    for entry in entries
    if entry.known in {Known.TEXT, Known.MEANING}
)
ANYONE: tuple[Entry, ...] = oneroster.WORDS
CODES: tuple[Entry, ...] = oneroster.CODES
STATUSES: tuple[Entry, ...] = oneroster.STATUSES

ENTRIES: tuple[Entry, ...] = (
    *(entry for entries in PROVIDERS.values() for entry in entries),
    *ANYONE,
    *CODES,
    *STATUSES,
)
