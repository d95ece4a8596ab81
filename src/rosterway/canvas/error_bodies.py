"""Canvas's own words and codes in the body of a refusal, in whichever shapes they come."""

import re
from typing import Any, cast

import msgspec

_LONGEST_QUOTE = 300
_MAIL = re.compile(r"\S+@\S+")


def canvas_said(body: bytes) -> str:
    """Canvas's own message in an error body, or nothing; addresses of people are blanked."""
    try:
        said = list(_messages(msgspec.json.decode(body)))
    except msgspec.DecodeError:
        return ""
    text = _MAIL.sub("…", "; ".join(" ".join(part.split()) for part in said if part.strip()))
    return text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 1] + "…"


def canvas_code(body: bytes) -> str:
    """Canvas's own code in an error body, such as `not_enabled`, or nothing."""
    try:
        data = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return ""
    code = cast("dict[str, Any]", data).get("code") if isinstance(data, dict) else None
    return code if isinstance(code, str) else ""


def _messages(data: Any) -> list[str]:
    """Every shape of it: a text, {message}, {errors: [...]}, {errors: {field: [{message}]}}."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, list):
        return [text for item in cast("list[Any]", data) for text in _messages(item)]
    if isinstance(data, dict):
        told = cast("dict[str, Any]", data)
        for key in ("errors", "message", "error"):
            if told.get(key):
                return _fields(told[key])
    return []


def _fields(data: Any) -> list[str]:
    if isinstance(data, dict) and "message" not in data:
        return [text for part in cast("dict[str, Any]", data).values() for text in _messages(part)]
    return _messages(data)
