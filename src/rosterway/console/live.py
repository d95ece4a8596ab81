"""Live pages: a fragment is sent again whenever it reads differently, until there is no more to say.

The page it belongs to shows the same after a plain reload. Looking is a few short reads of the
store, in a worker thread; nothing is held open between two looks.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import StreamingResponse

from rosterway.errors import AccessError, NotFoundError

#: Seconds between two looks, and between signs of life that keep proxies from hanging up.
LOOK_EVERY, SIGN_EVERY = 1.0, 15.0
#: Then the browser has to come again.
LONGEST = 600.0


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a part of a page reads now, and whether it will change any more."""

    html: str
    is_final: bool = False


def stream(
    request: Request, look: Callable[[], Fragment], *, every: float = LOOK_EVERY
) -> StreamingResponse:
    """Server-sent events: `fragment` with HTML at each change, `final` with the last."""
    headers = {"X-Accel-Buffering": "no", "Cache-Control": "no-store"}
    return StreamingResponse(
        _events(request, look, every), media_type="text/event-stream", headers=headers
    )


async def _events(
    request: Request, look: Callable[[], Fragment], every: float
) -> AsyncGenerator[str]:
    sent, quiet, lasted = "", 0.0, 0.0
    while lasted < LONGEST and not await request.is_disconnected():
        try:
            seen = await asyncio.to_thread(look)
        except (AccessError, NotFoundError):
            return  # signed out, or no longer theirs to see
        if seen.is_final:
            yield event("final", seen.html)
            return
        if seen.html != sent:
            sent, quiet = seen.html, 0.0
            yield event("fragment", seen.html)
        elif quiet >= SIGN_EVERY:
            quiet = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(every)
        quiet += every
        lasted += every


def event(name: str, data: str) -> str:
    """One event; every line of the data is a line of its own."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n"
