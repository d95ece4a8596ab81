"""What a failed request to Canvas means, and who can do something about it.

Pure: an answer goes in, an error comes out. Facts: canvas-lms `app/middleware/request_throttle.rb`,
`app/controllers/application_controller.rb`, `sis_imports_api_controller.rb`. 401 with
WWW-Authenticate is about the token, without it about the rights of its user; a full bucket is 403
with the words "Rate Limit Exceeded" on older Canvas and 429 on newer.

No text made here holds a token, an address of a person or a body that is not Canvas's own message.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import msgspec

from rosterway.canvas.error_bodies import canvas_code, canvas_said
from rosterway.errors import (
    CredentialsError,
    GarbledError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)

SYSTEM = "canvas"

#: Rights by Canvas's name -> the name on its permissions page.
RIGHTS: Mapping[str, str] = {
    "import_sis": "SIS Data - import",
    "manage_sis": "SIS Data - manage",
    "read_sis": "SIS Data - read",
    "view_all_grades": "Grades - view all grades",
    "read_roster": "Users - view list",
    "read_course_list": "Courses - view list",
    "manage_account_settings": "Account-level settings - manage",
}


#: Refusals of a list of submissions that the caller can mend (submissions_api_controller.rb).
TOO_MANY_STUDENTS = "too many students"
INVALID_ASSIGNMENTS = "invalid assignment ids requested"


@dataclass(frozen=True, slots=True)
class Call:
    """What we are doing, in words that follow "while", and the Canvas right it takes."""

    doing: str
    right: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` finds names in any letter case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Said:
    """A refusal in Canvas's words that has a remedy of its own."""

    words: str
    remedy: str


_KNOWN = (
    _Said(
        "can only be executed on root accounts",
        'Set `account` to the id of the root account, or to "self".',
    ),
    _Said(
        "not enabled for this account",
        "Ask whoever runs this Canvas to switch SIS imports on for the account.",
    ),
    _Said(
        "batch_mode_term_id cannot be found",
        "Send terms.csv first, or correct the term.",
    ),
    _Said(TOO_MANY_STUDENTS, "Ask for fewer students at once."),
    _Said(INVALID_ASSIGNMENTS, "Read the assignments again: one has been unpublished or deleted."),
)


def decoded(answer: Answer, call: Call) -> Any:
    """The JSON of an answer.

    Raises:
        RemoteError: the answer is a failure, or no JSON.
    """
    if not 200 <= answer.status < 300:
        raise failure(answer, call)
    if _is_page(answer):
        raise GarbledError(
            f"Canvas answered with a web page instead of data while {call.doing}",
            system=SYSTEM,
            status=answer.status,
            remedy="Check that url is the address of Canvas itself. If it is, Canvas may be under"
            " maintenance, or a sign-in page stands before it.",
        )
    try:
        return msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        raise GarbledError(
            f"Canvas's answer is cut short or no JSON while {call.doing}",
            system=SYSTEM,
            status=answer.status,
            remedy="Try again. If it stays, something between us and Canvas changes answers.",
        ) from None


def failure(answer: Answer, call: Call) -> RemoteError:
    """The error that an answer other than 2xx is."""
    status, said = answer.status, canvas_said(answer.body)
    quoted = f": {said}" if said else ""
    if is_throttled(answer):
        return ThrottledError(
            f"Canvas asked to slow down while {call.doing}",
            system=SYSTEM,
            status=status,
            wait=_wait(answer.headers),
            remedy="Waiting helps. If it comes often, see what else uses the same token.",
        )
    if status == 408 or status >= 500:
        page = ", with a web page; it may be under maintenance" if _is_page(answer) else ""
        return UnreachableError(
            f"Canvas failed while {call.doing} ({status}{page})",
            system=SYSTEM,
            status=status,
            remedy="Waiting helps. See status.instructure.com, or ask whoever runs this Canvas.",
        )
    if _is_page(answer):
        return GarbledError(
            f"A web page came back instead of Canvas's answer while {call.doing} ({status})",
            system=SYSTEM,
            status=status,
            remedy="Check url. If it is right, a proxy or a firewall stands before Canvas.",
        )
    if status == 401:
        return _unauthorized(answer, call, said)
    if status == 404:
        return RejectedError(
            f"Canvas does not have what was asked for while {call.doing}{quoted}",
            system=SYSTEM,
            status=status,
            remedy="Check url and account, and that the token's user can see the account.",
            said=canvas_code(answer.body) or said,
        )
    known = next((entry.remedy for entry in _KNOWN if entry.words in said), "")
    if status == 403 and not known:
        return CredentialsError(
            f"Canvas forbids the token's user this while {call.doing}{quoted}",
            system=SYSTEM,
            status=status,
            remedy=_grant(call),
        )
    too_large = "Send the delivery in smaller parts." if status == 413 else ""
    return RejectedError(
        f"Canvas refused while {call.doing} ({status}){quoted}",
        system=SYSTEM,
        status=status,
        remedy=known or too_large or "Correct what Canvas's message names.",
        said=canvas_code(answer.body) or said,
    )


def _unauthorized(answer: Answer, call: Call, said: str) -> CredentialsError:
    if "www-authenticate" not in {name.lower() for name in answer.headers}:
        return CredentialsError(
            f"The token's user has no permission for this while {call.doing}",
            system=SYSTEM,
            status=401,
            remedy=_grant(call),
        )
    if "scope" in said.lower():
        return CredentialsError(
            f"The token's developer key lacks a scope while {call.doing}",
            system=SYSTEM,
            status=401,
            remedy="Add the scope to the developer key in Canvas, or stop it enforcing scopes.",
        )
    return CredentialsError(
        f"Canvas does not accept the token while {call.doing}",
        system=SYSTEM,
        status=401,
        remedy="The token is wrong, expired or was revoked. Make a new one in Canvas.",
    )


def _grant(call: Call) -> str:
    if not call.right:
        return "Give the token's user a role with that right on the root account."
    name = RIGHTS.get(call.right)
    label = f"{call.right} (“{name}”)" if name else call.right
    return f"Give the token's user a role with the right {label} on the root account."


def redirected(host: str | None, status: int, call: Call) -> GarbledError:
    """Canvas sends us where we do not go: to `host`, or (None) round in circles on its own."""
    if host is None:
        return GarbledError(
            f"Canvas redirects instead of answering while {call.doing}",
            system=SYSTEM,
            status=status,
            remedy="Set url to the address that a browser shows for this Canvas, with https.",
        )
    return GarbledError(
        f"Canvas redirects to another host ({host}) while {call.doing}",
        system=SYSTEM,
        status=status,
        remedy=f"If {host} is the same Canvas, set url to that address.",
    )


def lost(error: Exception, call: Call) -> RemoteError:
    """No answer, or half of one: what aiohttp's error means."""
    match error:
        case aiohttp.ClientSSLError():
            return UnreachableError(
                f"No secure connection to Canvas while {call.doing}",
                system=SYSTEM,
                remedy="The certificate does not fit the address. Check url, and this machine's"
                " clock and certificates.",
            )
        case aiohttp.ClientConnectorDNSError():
            return UnreachableError(
                f"The name of the Canvas host cannot be resolved while {call.doing}",
                system=SYSTEM,
                remedy="Check the spelling of url and this machine's DNS.",
            )
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return UnreachableError(
                f"Canvas cannot be reached while {call.doing}",
                system=SYSTEM,
                remedy="Check url, and that this machine may reach it.",
            )
        case TimeoutError():
            return UnreachableError(
                f"Canvas did not answer in time while {call.doing}",
                system=SYSTEM,
                remedy="Waiting helps.",
            )
        case aiohttp.ClientResponseError():
            return GarbledError(
                f"What came back is not HTTP as it should be while {call.doing}",
                system=SYSTEM,
                status=error.status or None,
                remedy="Check url; something else than Canvas may listen there.",
            )
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return GarbledError(
                f"Canvas named an address that is none while {call.doing}",
                system=SYSTEM,
                remedy="Check url.",
            )
        case _:
            return UnreachableError(
                f"The connection to Canvas was cut while {call.doing}",
                system=SYSTEM,
                remedy="Waiting helps.",
            )


def may_have_been_done(error: RemoteError) -> bool:
    """Whether Canvas may have carried out a POST or PUT although it failed for us.

    A refusal (4xx) was not carried out. Silence, a cut connection, a server error or an answer
    that cannot be read leave it open.
    """
    return error.status is None or error.status == 408 or not 400 <= error.status < 500


def is_throttled(answer: Answer) -> bool:
    """Whether this is Canvas's rate limit, by status, words or header."""
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    if b"rate limit exceeded" in answer.body[:1000].lower():
        return True
    try:
        return float(answer.headers.get("X-Rate-Limit-Remaining", "")) <= 0
    except ValueError:
        return False


def _is_page(answer: Answer) -> bool:
    kind = answer.headers.get("Content-Type", "").lower()
    return "html" in kind or answer.body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After; a date is read against the answer's own Date, not our clock."""
    told = headers.get("Retry-After", "").strip()
    if not told:
        return None
    if told.isdigit():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        now = parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None
