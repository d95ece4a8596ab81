"""A provider's own words in the body of a refusal, in whichever of the known shapes they come.

Shapes (oneroster 4): the 1.2 object at the root, 1.1's `statusInfoSet`, `errors`, an
`imsx_StatusInfo` around it, OAuth's `error`, names with and without `imsx_`, in any letter case.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgspec

_LONGEST = 300
_DEEPEST = 6
_MAIL = re.compile(r"\S+@\S+")
_CODE = re.compile(r"[a-z][a-z0-9_]{2,60}")
_DESCRIPTIONS = ("description", "errordescription", "message", "errormessage", "detail")
_MINORS = ("codeminor", "codeminorfieldvalue")


@dataclass(frozen=True, slots=True)
class Said:
    """What a provider said: its description, and its minor codes with underscores for spaces."""

    description: str = ""
    codes: tuple[str, ...] = ()


def said_in(body: bytes) -> Said:
    """The words in an error's body; addresses of people are blanked, and nothing is very long."""
    try:
        data = msgspec.json.decode(body[: 2**16])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Said()
    told = list(_pairs(data, 0))
    codes = [value for name, value in told if name in _MINORS]
    codes += [value for name, value in told if name == "error" and "description" not in value]
    shaped = (code.strip().lower().replace(" ", "_") for code in codes)
    known = tuple(dict.fromkeys(code for code in shaped if _CODE.fullmatch(code)))
    description = next(
        (value for wanted in _DESCRIPTIONS for name, value in told if name == wanted and value), ""
    )
    text = _MAIL.sub("…", " ".join(description.split()))
    return Said(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…", known)


def _pairs(data: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Every name and text of it, names without `imsx_` and underscores, in lower case."""
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for part in cast("list[Any]", data):
            yield from _pairs(part, depth + 1)
    elif isinstance(data, dict):
        for name, value in cast("dict[str, Any]", data).items():
            plain = name.lower().removeprefix("imsx_").replace("_", "")
            if isinstance(value, str):
                yield plain, value
            else:
                yield from _pairs(value, depth + 1)
