"""What the token may do, as far as Canvas lets it be read without doing it.

Honest about its reach: that the list of SIS imports can be read proves a root account with SIS
imports enabled and one of the rights `import_sis` and `manage_sis`; which of the two, and whether
an import would be taken, only an import shows.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, cast

from rosterway.canvas.address import path_of
from rosterway.canvas.client import Call, CanvasClient
from rosterway.errors import CredentialsError, RejectedError, RemoteError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: `ok` is None where Canvas does not let it be known."""

    name: str
    ok: bool | None
    says: str
    remedy: str = ""


async def probe(client: CanvasClient) -> tuple[Finding, ...]:
    """Look at everything that can be known, in order; stop where nothing more can be."""
    return tuple([finding async for finding in _findings(client)])


async def _findings(client: CanvasClient) -> AsyncGenerator[Finding, None]:
    yield _encryption(client)
    told, refused = await _tried(client, path_of("api", "v1", "users", "self"), _WHOSE)
    if refused is not None and not isinstance(refused, _ANSWERS):
        yield Finding("reachable", False, refused.message, refused.remedy)
        return
    yield Finding("reachable", True, "Canvas answers.")
    _, list_refused = await _tried(client, client.account_path("sis_imports"), _LIST)
    token = _token(told, refused, list_refused)
    yield token
    if token.ok is not False:
        for finding in _account(list_refused):
            yield finding


_WHOSE = Call("asking whose token this is")
_LIST = Call("reading the list of SIS imports", "import_sis")
#: Errors that are a "no" of Canvas's; any other means that we do not reach it as we should.
_ANSWERS = (CredentialsError, RejectedError)


async def _tried(
    client: CanvasClient, path: str, call: Call
) -> tuple[Any, None] | tuple[None, RemoteError]:
    try:
        return await client.get(path, call=call, params=[("per_page", "1")]), None
    except RemoteError as error:
        return None, error


def _encryption(client: CanvasClient) -> Finding:
    if client.origin.scheme == "https":
        return Finding("encryption", True, "The connection is encrypted.")
    return Finding(
        "encryption",
        False,
        "The connection is not encrypted: token and rosters travel in the clear.",
        "Set url to an address with https, unless Canvas is on this very machine.",
    )


def _token(told: Any, refused: RemoteError | None, list_refused: RemoteError | None) -> Finding:
    """Whether the token is accepted: by either question, since its scopes may leave one out."""
    user = cast("dict[str, Any]", told).get("id") if isinstance(told, dict) else None
    if refused is None and user:
        return Finding("token", True, f"Canvas accepts the token. It belongs to user {user}.")
    if refused is None or list_refused is None or isinstance(list_refused, RejectedError):
        return Finding("token", True, "Canvas accepts the token and does not say whose it is.")
    if isinstance(refused, CredentialsError):
        return Finding("token", False, refused.message, refused.remedy)
    return Finding("token", None, "Canvas does not say whose token this is.")


_NAMES = ("root-account", "sis-imports-enabled", "right-to-sis-imports")


def _account(error: RemoteError | None) -> tuple[Finding, ...]:
    """What reading the list of imports tells; Canvas looks at account, feature, right in turn."""
    root, enabled, right = _NAMES
    if error is None:
        return (
            Finding(root, True, "The account is a root account."),
            Finding(enabled, True, "SIS imports are enabled."),
            Finding(
                right,
                True,
                "The token's user has import_sis or manage_sis. Canvas does not say which of them;"
                " whether it may import is seen with the first import.",
            ),
        )
    match error, error.status:
        case RejectedError(), 403:
            return (
                Finding(root, True, "The account is a root account."),
                Finding(enabled, False, error.message, error.remedy),
                *_unknown(right),
            )
        case CredentialsError(), _:
            return (*_unknown(root, enabled), Finding(right, False, error.message, error.remedy))
        case RejectedError(), _:
            return (Finding(root, False, error.message, error.remedy), *_unknown(enabled, right))
        case _:
            return tuple(Finding(name, None, error.message, error.remedy) for name in _NAMES)


def _unknown(*names: str) -> tuple[Finding, ...]:
    return tuple(Finding(name, None, "Canvas did not let this be seen.") for name in names)
