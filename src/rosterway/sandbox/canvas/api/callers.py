"""Who calls and what they may do.

A bad token is 401 with WWW-Authenticate; a missing right is 401 without it: clients tell them so.
"""

from aiohttp import web

from rosterway.sandbox.canvas.api.answers import INSTANCE, Refusal
from rosterway.sandbox.canvas.state.office import Token

CALLER = web.RequestKey("caller", Token)

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="canvas-lms"'}


def invalid_token() -> Refusal:
    """The token is unknown, expired or revoked."""
    return Refusal(401, {"errors": [{"message": "Invalid access token."}]}, _CHALLENGE)


def unauthorized() -> Refusal:
    """The token is fine and the right is missing."""
    return Refusal(
        401,
        {
            "status": "unauthorized",
            "errors": [{"message": "user not authorized to perform that action"}],
        },
    )


def identify(request: web.Request) -> Token:
    """Whose token this is, from the header or the `access_token` parameter."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.query.get("access_token", "")
    if not token:
        raise Refusal(
            401,
            {
                "status": "unauthenticated",
                "errors": [{"message": "user authorization required"}],
            },
            _CHALLENGE,
        )
    caller = request.app[INSTANCE].office.token(token.strip())
    if caller is None:
        raise invalid_token()
    return caller


def require(request: web.Request, *any_of: str) -> Token:
    """The caller, who has at least one of these rights."""
    caller = request[CALLER]
    if caller.rights.isdisjoint(any_of):
        raise unauthorized()
    return caller


def is_admin(request: web.Request) -> bool:
    """Whether the caller administers an account: closed grading periods do not bind them."""
    row = (
        request.app[INSTANCE]
        .roster.read.execute(
            "SELECT 1 FROM admins WHERE user_id = ? AND workflow_state = 'active' LIMIT 1",
            (request[CALLER].user_id,),
        )
        .fetchone()
    )
    return row is not None
