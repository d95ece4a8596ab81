"""Making a change for a door: in a thread, since an import may hold the roster for a moment."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal
from rosterway.sandbox.canvas.state.work import Work

T = TypeVar("T")


async def change(request: web.Request, make: Callable[[Work], T]) -> T:
    """Make a change in a unit of work of its own."""
    instance = request.app[INSTANCE]

    def run() -> T:
        with instance.roster.work(instance.now()) as work:
            return make(work)

    return await asyncio.to_thread(run)


def invalid(errors: dict[str, list[str]]) -> Refusal:
    """A record did not pass its validations, as Rails tells it."""
    shown = {
        name: [{"attribute": name, "type": text, "message": text} for text in texts]
        for name, texts in errors.items()
    }
    return Refusal(400, {"errors": shown})
