"""How much memory calculating may take: a bound for a whole process, and the calculator's part."""

import re

from rosterway.errors import ConfigError

#: The calculator's, unless told otherwise. Enough for five million enrollments against five
#: million; larger work spills to disk.
DEFAULT_MEMORY = "700MB"

#: Environment variable that bounds a calculating process as a whole, e.g. `1GB`.
MEMORY = "ROSTERWAY_MEMORY"

_UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_SIZE = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(_UNITS)})", re.ASCII | re.IGNORECASE)
_SHARE = 0.6


def memory_within(total: str | None) -> str:
    """The calculator's part of a process's memory; the rest is the interpreter's and the engine's.

    Raises ConfigError for what is no size.
    """
    if not total:
        return DEFAULT_MEMORY
    size = _SIZE.fullmatch(total.strip())
    megabytes = int(float(size[1]) * _UNITS[size[2].upper()] * _SHARE) // 10**6 if size else 0
    if not megabytes:
        raise ConfigError(
            f"{MEMORY}={total} is no size.", remedy="Write a number and MB or GB: 1GB."
        )
    return f"{megabytes}MB"
