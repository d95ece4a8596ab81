"""Ids that are derived from what they name, so that doing something again names the same thing.

A step that is repeated after a crash must find what it did before. So an id is a digest of the
parts that make the thing what it is, never a random number. The parts are length-prefixed by JSON,
so that ("ab", "c") and ("a", "bc") differ.

    delivery   tenant, feed, content digest, the moment it was complete
    run        tenant, feed, kind, what it is about (delivery, plan), and the occasion
    plan       tenant, run, digest of what would be sent

What must not be guessed (tokens, sessions) is random instead, and made where it is used.
"""

import base64
import hashlib
from datetime import UTC, datetime

from rosterway.store.columns import canonical


def derived(kind: str, *parts: str) -> str:
    """`kind-` and 16 letters and digits (80 bits) that follow from the parts."""
    digest = hashlib.sha256(canonical([kind, *parts])).digest()
    return f"{kind}-{base64.b32encode(digest[:10]).decode().lower()}"


def dated(moment: datetime, kind: str, *parts: str) -> str:
    """`20260824-021500-` and 8 letters and digits: sorts by time, and reads well as a folder."""
    code = derived(kind, moment.astimezone(UTC).isoformat(), *parts).rpartition("-")[2]
    return f"{moment.astimezone(UTC):%Y%m%d-%H%M%S}-{code[:8]}"
