"""The web application: one door an operation, the token address and the controls."""

from collections.abc import AsyncIterator

from aiohttp import web

from rosterway.sandbox.sis.doors import control, middleware, reads, writes
from rosterway.sandbox.sis.doors.answers import PROVIDER
from rosterway.sandbox.sis.doors.paging import Pager
from rosterway.sandbox.sis.doors.tokens import TOKEN_PATH, give_token
from rosterway.sandbox.sis.model.operations import OPERATIONS
from rosterway.sandbox.sis.provider import Provider

_LARGEST_BODY = 64 << 20


def build_app(provider: Provider) -> web.Application:
    """An application over a provider, which is closed with it."""
    app = web.Application(
        middlewares=[
            middleware.log_requests,
            middleware.strike_faults,
            middleware.shape_errors,
        ],
        client_max_size=_LARGEST_BODY,
    )
    app[PROVIDER] = provider
    app[reads.PAGER] = Pager(provider.knobs, provider.faults)
    for operation in OPERATIONS:
        make = reads.reader if operation.method == "GET" else writes.writer
        app.router.add_route(operation.method, operation.address, make(operation))
        if operation.method == "PUT":  # where the provider chooses the id (`allocates`)
            whole = operation.address.removesuffix("/{id}")
            app.router.add_route(operation.method, whole, make(operation))
    app.router.add_post(TOKEN_PATH, give_token)
    app.add_routes(control.routes())
    app.on_response_prepare.append(middleware.set_clock)
    app.cleanup_ctx.append(_closing)
    return app


async def _closing(app: web.Application) -> AsyncIterator[None]:
    yield
    app[PROVIDER].close()
