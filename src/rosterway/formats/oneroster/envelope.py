"""What an answer's body is, when msgspec's quick reading did not fit: JSON of some kind, a collection.

A 200 without its collection is an error, never an empty page: a pull that took it for one would
find everybody gone (oneroster 3, step 5).
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, cast

from rosterway.formats.oneroster.notes import Notes
from rosterway.formats.oneroster.nouns import Noun

_BOM = b"\xef\xbb\xbf"
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_KEYS_NAMED = 5


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The body is no collection. `is_cut` says that it looks like the beginning of one."""

    why: str
    is_cut: bool = False


def loose(body: bytes, notes: Notes, charset: str = "utf-8") -> Any:
    """The JSON of a body, read with every leniency that leaves its meaning alone, or `Unreadable`."""
    text = _text(body, notes, charset)
    if text is None:
        return Unreadable("the answer is not UTF-8 and does not say what it is")
    try:
        data = json.loads(
            text, strict=False, parse_float=_float, parse_int=_int, parse_constant=lambda _: None
        )
    except json.JSONDecodeError as error:
        written = text.strip()
        is_begun = written[:1] in {"{", "["}
        breaks_off = "Unterminated" in error.msg or error.pos >= len(text.rstrip()) - 1
        is_cut = is_begun and (breaks_off or written[-1:] not in {"}", "]"})
        return Unreadable("the JSON breaks off" if is_cut else "the answer is no JSON", is_cut)
    except RecursionError:
        return Unreadable("the JSON is nested without end")
    if _SURROGATE.search(text) or "\\u" in text:
        cleaned = _clean(data)
        if cleaned != data:
            notes.deviates("loose-json", "", "half a character", "")
        return cleaned
    return data


def collection(data: Any, noun: Noun, notes: Notes) -> list[Any] | Unreadable:
    """The records in a decoded body: under the noun's key, else under one known synonym."""
    if not isinstance(data, dict):
        kind = "an array" if isinstance(data, list) else "a bare value"
        return Unreadable(f"the answer is {kind} without the key {noun.plural!r}")
    body = cast("dict[str, Any]", data)
    found = body.get(noun.plural)
    if isinstance(found, list):
        return cast("list[Any]", found)
    if found is not None:
        return Unreadable(f"{noun.plural!r} is no array")
    if noun.plural in body and len(body) == 1:
        # {"orgs": null}: some write an empty collection so, others a failed query
        return Unreadable(f"{noun.plural!r} is null")
    lists = [key for key in noun.synonyms if isinstance(body.get(key), list)]
    if len(lists) == 1:
        notes.deviates("envelope-key", "", lists[0], "")
        return cast("list[Any]", body[lists[0]])
    keys = ", ".join(sorted(body)[:_MOST_KEYS_NAMED]) or "none"
    return Unreadable(f"the answer has no key {noun.plural!r} (it has: {keys})")


def _text(body: bytes, notes: Notes, charset: str) -> str | None:
    if body.startswith(_BOM):
        notes.deviates("loose-json", "", "a byte order mark", "")
        body = body[len(_BOM) :]
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        if charset.lower().replace("_", "-") in {"utf-8", "utf8"}:
            return None
        text = body.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return None
    notes.deviates("not-utf-8", "", charset, "")
    return text


def _float(written: str) -> float | None:
    value = float(written)
    return value if math.isfinite(value) else None


def _int(written: str) -> int | None:
    try:
        return int(written)
    except ValueError:  # thousands of digits
        return None


def _clean(data: Any) -> Any:
    """Without halves of characters, which no UTF-8 can hold."""
    if isinstance(data, str):
        return _SURROGATE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_clean(part) for part in cast("list[Any]", data)]
    if isinstance(data, dict):
        return {_clean(key): _clean(part) for key, part in cast("dict[str, Any]", data).items()}
    return data
