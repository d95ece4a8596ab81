"""What the tests of `rosterway.canvas` serve: scripts of answers, most of them bad."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any

from aiohttp import web

Answering = Callable[[web.Request], Any]


class Script:
    """A handler that gives answers in turn, the last one ever after, and remembers the requests."""

    def __init__(self, *answers: Answering):
        self.answers = list(answers)
        self.requests: list[web.Request] = []

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        made = answer(request)
        return await made if isawaitable(made) else made


def says(data: Any, **headers: str) -> Answering:
    """JSON. Underscores in names of headers stand for hyphens."""
    return lambda _request: web.json_response(data, headers=_named(headers))


def status(code: int, text: str = "", **headers: str) -> Answering:
    """A bare status."""
    return lambda _request: web.Response(status=code, text=text, headers=_named(headers))


def page(code: int = 200) -> Answering:
    """A web page."""
    html = "<!DOCTYPE html><html><title>Maintenance</title></html>"
    return lambda _request: web.Response(status=code, text=html, content_type="text/html")


async def cut(request: web.Request) -> web.StreamResponse:
    """Hang up without a word."""
    hang_up(request)
    return web.Response()


async def cut_in_the_middle(request: web.Request) -> web.StreamResponse:
    """Hang up within the body."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"things": [')
    hang_up(request)
    return response


def hang_up(request: web.Request) -> None:
    """Close the connection under a request."""
    assert request.transport is not None
    request.transport.close()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
