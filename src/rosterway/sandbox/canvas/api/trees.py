"""The parameters of a request as Rails nests them: a tree out of a form, or a JSON body as it is.

`parameters` flattens JSON into a form's pairs, which loses types and nulls; grades need both: a
blank grade clears, a null one is no grade, and integration data keep their shape.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import bad_request
from rosterway.sandbox.canvas.api.parameters import read_json
from rosterway.sandbox.canvas.clock import stamp

Tree: TypeAlias = dict[str, Any]

_PARTS = re.compile(r"\[([^\[\]]*)\]")
_YES = frozenset({"true", "t", "1", "yes", "y", "on"})
#: What Canvas takes for ISO 8601: a date, a T and a time.
_ISO8601 = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?"
    r"(Z|[+-][01]\d:?[0-5]\d)?"
)


def tree_of_query(request: web.Request) -> Tree:
    """The address alone."""
    tree: Tree = {}
    for name, value in request.query.items():
        _plant(tree, *_path(name), value)
    return tree


async def tree_of(request: web.Request) -> Tree:
    """Address and body together; the body wins."""
    tree = tree_of_query(request)
    if not request.body_exists:
        return tree
    if request.content_type == "application/json":
        body: object = await read_json(request)
        if not isinstance(body, dict):
            raise bad_request("The JSON of the request is no object")
        return {**tree, **cast(Tree, body)}
    for name, value in (await request.post()).items():
        if isinstance(value, str):
            _plant(tree, *_path(name), value)
    return tree


def branch(tree: Mapping[str, Any], name: str) -> Tree:
    """The tree below a name; empty if there is none."""
    below = tree.get(name)
    return cast(Tree, below) if isinstance(below, dict) else {}


def listed(tree: Mapping[str, Any], name: str) -> list[Any]:
    """A list, as which a single value counts too; blanks are left out."""
    value = tree.get(name)
    if isinstance(value, dict):
        value = list(cast(Tree, value).values())
    values = cast(list[Any], value) if isinstance(value, list) else [value]
    return [one for one in values if one not in (None, "")]


def text(tree: Mapping[str, Any], name: str) -> str | None:
    """A value as trimmed text; None for none and for a blank."""
    value = tree.get(name)
    if value is None or isinstance(value, dict | list):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).strip() or None


def flag(tree: Mapping[str, Any], name: str) -> bool:
    """Whether a value means yes."""
    return means_yes(tree.get(name))


def means_yes(value: object) -> bool:
    """Whether a value means yes, as Canvas reads it."""
    return str(value).strip().lower() in _YES


def number(tree: Mapping[str, Any], name: str) -> float | None:
    """A number; None for none and for what is no number."""
    try:
        return float(text(tree, name) or "")
    except ValueError:
        return None


def whole(tree: Mapping[str, Any], name: str) -> int | None:
    """A whole number; None for none and for what is no number."""
    value = number(tree, name)
    return None if value is None else int(value)


def is_moment(value: str) -> bool:
    """Whether text is a moment as Canvas demands it."""
    return _ISO8601.fullmatch(value) is not None


def moment(value: str) -> str:
    """A moment as Canvas prints it; one without a zone is in the account's, which is UTC."""
    read = datetime.fromisoformat(value)
    return stamp(read if read.tzinfo else read.replace(tzinfo=UTC))


def _path(name: str) -> tuple[str, list[str]]:
    head, bracket, _ = name.partition("[")
    return head, _PARTS.findall(name[len(head) :]) if bracket else []


def _plant(tree: Tree, head: str, rest: list[str], value: str) -> None:
    if not rest:
        tree[head] = value
        return
    if rest[0]:
        if not isinstance(tree.get(head), dict):
            tree[head] = {}
        _plant(tree[head], rest[0], rest[1:], value)
        return
    if not isinstance(tree.get(head), list):
        tree[head] = []
    items = cast(list[Any], tree[head])
    if len(rest) == 1:
        items.append(value)
        return
    last = cast(Tree, items[-1]) if items and isinstance(items[-1], dict) else None
    if last is None or _has(last, rest[1:]):
        last = {}
        items.append(last)
    _plant(last, rest[1], rest[2:], value)


def _has(tree: Tree, path: list[str]) -> bool:
    """Whether a hash of a list has this name already, so that the next hash begins."""
    at: Any = tree
    for name in path:
        if not name:
            return False
        if not isinstance(at, dict) or name not in at:
            return False
        at = cast(Tree, at)[name]
    return True
