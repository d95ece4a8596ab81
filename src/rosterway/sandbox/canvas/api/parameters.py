"""The parameters of a request, wherever they are: address, form or JSON.

Nested names are spelled as in a form: `enrollment[user_id]`; lists end in `[]`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import bad_request


class Parameters:
    """Parameters by name, all as text."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def get(self, name: str) -> str | None:
        """The last value of this name; None for none and for a blank."""
        values = self._values.get(name)
        return (values[-1].strip() or None) if values else None

    def has(self, name: str) -> bool:
        """Whether the name was sent at all, whatever its value."""
        return self.get(name) is not None

    def all(self, name: str) -> list[str]:
        """The values of a list, sent as `name[]` or as `name`."""
        return [*self._values.get(f"{name}[]", ()), *self._values.get(name, ())]

    def nested(self, name: str) -> Iterator[tuple[str, str]]:
        """What is inside `name[...]`, as pairs; lists keep their `[]`."""
        for spelled, values in self._values.items():
            if spelled.startswith(f"{name}["):
                inner, _, rest = spelled[len(name) + 1 :].partition("]")
                for value in values:
                    yield inner + rest, value

    def true(self, name: str) -> bool:
        """Whether a value means yes."""
        return (self.get(name) or "").lower() in {"true", "t", "1", "yes", "y", "on"}

    def number(self, name: str) -> int | None:
        """A whole number; None for none and for what is no number."""
        value = self.get(name)
        return int(value) if value and value.lstrip("-").isdecimal() else None


def of_query(request: web.Request) -> Parameters:
    """The parameters of the address alone."""
    return Parameters(request.query.items())


async def of_request(request: web.Request) -> Parameters:
    """The parameters of the address and of a form or JSON body."""
    pairs = list(request.query.items())
    if request.content_type == "application/json" and request.can_read_body:
        pairs.extend(flatten(await read_json(request)))
    elif request.can_read_body:
        form = await request.post()
        pairs.extend((name, value) for name, value in form.items() if isinstance(value, str))
    return Parameters(pairs)


async def read_json(request: web.Request) -> Any:
    """The JSON of the body."""
    try:
        return await request.json()
    except ValueError:
        raise bad_request("The JSON of the request cannot be read") from None


def flatten(data: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """JSON as the pairs a form would have."""
    if isinstance(data, Mapping):
        for key, value in cast(Mapping[str, Any], data).items():
            yield from flatten(value, f"{name}[{key}]" if name else key)
    elif isinstance(data, list):
        for value in cast(list[Any], data):
            yield from flatten(value, f"{name}[]")
    elif isinstance(data, bool):
        yield name, str(data).lower()
    elif data is not None:
        yield name, str(data)
