"""Canvas's JSON read into the shapes its readers declare.

A shape names the fields that are read, and nothing else of an answer is kept. What does not fit is
an answer that breaks Canvas's own description, told by its place and never by its value.
"""

from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import msgspec

from rosterway.canvas.client import Call, CanvasClient
from rosterway.canvas.failures import SYSTEM
from rosterway.errors import GarbledError

#: Ids come as text because we ask for it; a proxy or an old Canvas may give numbers.
Id = str | int

_Shape = TypeVar("_Shape")


def shaped(data: Any, shape: type[_Shape], call: Call) -> _Shape:
    """`data` as a `shape`; numbers and booleans may come as text.

    Raises:
        GarbledError: it does not fit.
    """
    try:
        return msgspec.convert(data, shape, strict=False)
    except msgspec.ValidationError as error:
        raise GarbledError(
            f"Canvas's answer is not what it should be while {call.doing} ({_place(error)})",
            system=SYSTEM,
            remedy="Report it to whoever runs this Canvas, with its version.",
        ) from None


async def every(
    client: CanvasClient,
    path: str,
    shape: type[_Shape],
    *,
    call: Call,
    params: Iterable[tuple[str, str]] = (),
) -> AsyncGenerator[_Shape, None]:
    """The items of a list as `shape`s, page by page."""
    async for page in client.pages(path, call=call, params=params):
        for item in shaped(page, list[shape], call):
            yield item


def mapping(data: Any) -> dict[str, Any]:
    """`data` if it is an object, else an empty one: Canvas gives null, "" and {} for none."""
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}


def stamp(moment: datetime) -> str:
    """A moment as Canvas takes it in parameters and bodies: ISO 8601 in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _place(error: msgspec.ValidationError) -> str:
    """Where it does not fit, as `$[0].score`; msgspec's own sentence may quote what it read."""
    _, at, place = str(error).rpartition(" - at `")
    return place.rstrip("`") if at else "at its top"
