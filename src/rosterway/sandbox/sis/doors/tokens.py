"""The token address: POST /oauth2/token."""

from aiohttp import web

from rosterway.sandbox.sis.access.tokens import TokenRefusal
from rosterway.sandbox.sis.doors.answers import PROVIDER, answer

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - an address

_UNSTORED = {"Cache-Control": "no-store"}


async def give_token(request: web.Request) -> web.Response:
    """A token for client credentials."""
    provider = request.app[PROVIDER]
    if provider.faults.strike("token-500"):
        return answer({"error": "server_error"}, status=500)
    if request.content_type != "application/x-www-form-urlencoded":
        return answer({"error": "invalid_request"}, status=400)
    form = {name: str(value) for name, value in (await request.post()).items()}
    try:
        given = provider.tokens.give(
            authorization=request.headers.get("Authorization", ""),
            query=request.raw_path.partition("?")[2],
            form=form,
            now=provider.moment(),
        )
    except TokenRefusal as refusal:
        return answer(refusal.body, status=refusal.status)
    return answer(given, headers=_UNSTORED)
