"""Headers that keep a browser from doing what no page of ours asks for.

Every answer gets them, errors included. Pages are never cached, since they show people's data;
static files are cached for good, since their address changes with their content.
"""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Nothing from elsewhere, nothing inline, no framing, forms to ourselves only.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
#: Told to browsers that came by HTTPS: two years, as the preload list asks for.
_STRICT = "max-age=63072000"

_PRIVATE = "no-store"
_FOR_GOOD = "public, max-age=31536000, immutable"


class SecurityHeaders:
    """ASGI middleware that adds the headers."""

    def __init__(self, app: ASGIApp, static: str) -> None:
        """`static` is the path below which files are the same for everybody."""
        self._app = app
        self._static = static

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, with headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                add_headers(MutableHeaders(scope=message), scope, self._static, message["status"])
            await send(message)

        await self._app(scope, receive, with_headers)


def add_headers(headers: MutableHeaders, scope: Scope, static: str, status: int) -> None:
    """Add what belongs to the answer of this request; what is there already stays."""
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    if scope.get("scheme") == "https":
        headers.setdefault("Strict-Transport-Security", _STRICT)
    is_public = scope["path"].startswith(f"{static}/") and status in {200, 304}
    headers.setdefault("Cache-Control", _FOR_GOOD if is_public else _PRIVATE)
