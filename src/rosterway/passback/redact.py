"""The raw exchange with a SIS, made fit for a vendor's ticket: what was sent and answered, nobody named.

Guarantees: only what is listed here as harmless stays (`IDS`, `KEPT`); every other text is replaced by its
length, so that a rule about lengths can still be seen. Ids and scores stay, for the vendor finds the
row by them; an id that is an e-mail address is replaced by the same word wherever it stands. Known
names of people are blanked in what else stays. The same exchange always becomes the same text.

Leaves to `oneroster` how an exchange is kept, and to whoever sends it which one.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

#: Names of JSON that hold ids: they stay as they are. Names are compared without `imsx_`,
#: underscores and letter case.
IDS = frozenset(
    {
        "allocatedsourcedid",
        "classid",
        "messagerefidentifier",
        "operationrefidentifier",
        "scorescale",
        "sourcedid",
        "suppliedsourcedid",
    }
)
#: Names whose values stay, without people, addresses and tokens: states, numbers and dates of the
#: gradebook, titles of assignments and categories, and a provider's own sentences.
KEPT = frozenset(
    {
        "assigndate",
        "codemajor",
        "codeminor",
        "codeminorfieldname",
        "codeminorfieldvalue",
        "datelastmodified",
        "detail",
        "duedate",
        "error",
        "errordescription",
        "errormessage",
        "incomplete",
        "inprogress",
        "late",
        "message",
        "missing",
        "resultvaluemax",
        "resultvaluemin",
        "score",
        "scoredate",
        "scorestatus",
        "severity",
        "status",
        "textscore",
        "title",
        "type",
        "weight",
    }
)
#: `description` is an assignment's text, except in an error's body, which has one of these beside it.
_ERROR = frozenset({"codemajor", "codeminor", "severity"})

#: What of a query stays; a token or a name in any other is gone with its value.
QUERY = frozenset({"limit", "offset", "sort", "orderby", "filter", "fields"})

_MAIL = re.compile(r"[^\s@/'\"<>&=,;:()]+@[^\s@/'\"<>&=,;:()]+")
#: A long word is taken for a token, unless it is an id of ours (`identity`).
_TOKEN = re.compile(
    r"(?i)\b(bearer|basic|oauth)\s+\S+|\b(?:eyJ[\w-]+\.[\w.-]+|(?<![\w-])(?!canvas-)[A-Za-z0-9+_-]{40,}={0,2})"
)
_HREF = "href"
_DEEPEST = 20


class Exchange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and its answer. `status` None: there was none. Bodies are as they went by."""

    method: str
    path: str
    status: int | None = None
    request: str = ""
    response: str = ""


def redact(exchange: Exchange, people: Iterable[str] = ()) -> Exchange:
    """The exchange without anybody in it; `people` are the names of those who might be.

    A name of one letter or two is not looked for: it would blank half of the text.
    """
    words = _Words(people)
    return Exchange(
        method=exchange.method,
        path=words.path(exchange.path),
        status=exchange.status,
        request=words.body(exchange.request),
        response=words.body(exchange.response),
    )


class _Words:
    """What is said instead, the same for the same within one exchange."""

    def __init__(self, people: Iterable[str]) -> None:
        parts = {part for name in people for part in (name, *name.split()) if len(part) > 2}
        # The longest first, so that a whole name goes before a part of it.
        listed = sorted(parts, key=lambda part: (-len(part), part))
        self._names = (
            re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, listed))})\b") if listed else None
        )
        self._addresses: dict[str, str] = {}

    def path(self, path: str) -> str:
        """A path with what of its query is harmless; a host's user and password are gone."""
        parts = urlsplit(path)
        query = [
            (name, self.ident(value) if name.lower() in QUERY else "removed")
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        host = parts.netloc.rpartition("@")[2]
        head = f"{parts.scheme}://{host}" if host else ""
        plain = head + self.ident(parts.path)
        return f"{plain}?{urlencode(query, quote_via=quote)}" if query else plain

    def body(self, body: str) -> str:
        """A body: JSON with what is harmless, else only what it is and how long."""
        if not body:
            return ""
        try:
            data = msgspec.json.decode(body)
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            kind = "HTML" if body.lstrip()[:1] == "<" else "text"
            return f"[{kind} of {len(body)} characters]"
        if not isinstance(data, dict | list):
            return f"[JSON of {len(body)} characters]"
        return msgspec.json.encode(self._value("", data, 0)).decode()

    def ident(self, text: str) -> str:
        """A text of ids, in which addresses of people are replaced, each by its own word."""

        def word(match: re.Match[str]) -> str:
            address = match[0].lower()
            self._addresses.setdefault(address, f"mail-{len(self._addresses) + 1}")
            return self._addresses[address]

        return _MAIL.sub(word, text.replace("%40", "@"))

    def _said(self, text: str) -> str:
        """A sentence that stays, without names, addresses and tokens."""
        plain = self.ident(_TOKEN.sub("[token]", text))
        return self._names.sub("[name]", plain) if self._names else plain

    def _value(self, name: str, value: Any, depth: int) -> Any:
        if depth > _DEEPEST:
            return "[too deep]"
        if isinstance(value, dict):
            return self._object(cast("Mapping[str, Any]", value), depth)
        if isinstance(value, list):
            return [self._value(name, one, depth + 1) for one in cast("list[Any]", value)]
        if isinstance(value, bool) or value is None:
            return value
        if name in IDS:
            return self.ident(value) if isinstance(value, str) else value
        if name in KEPT:
            return self._said(value) if isinstance(value, str) else value
        if name == _HREF and isinstance(value, str):
            return self.path(value)
        return f"[{len(str(value))} characters]"

    def _object(self, given: Mapping[str, Any], depth: int) -> dict[str, Any]:
        names = {name: _plain(name) for name in given}
        is_error = not _ERROR.isdisjoint(names.values())
        told: dict[str, Any] = {}
        for name, value in given.items():
            plain = "message" if is_error and names[name] == "description" else names[name]
            told[self._said(name)] = self._value(plain, value, depth + 1)
        return told


def _plain(name: str) -> str:
    """A name without `imsx_`, underscores and letter case."""
    return name.lower().removeprefix("imsx_").replace("_", "")
