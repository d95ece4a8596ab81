"""What a provider's answer other than success means, and who can do something about it.

The status decides; the body is read only for its words, whose form differs from provider to
provider (oneroster 4). The provider's own description comes first, because Instructure asks
providers to begin it with the name of the SIS for people to read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType

import aiohttp

from rosterway.errors import (
    CredentialsError,
    GarbledError,
    RejectedError,
    RemoteError,
    ThrottledError,
    UnreachableError,
)
from rosterway.oneroster.error_bodies import Said, said_in

SYSTEM = "sis"

#: Whole seconds by RFC 9110; some send fractions.
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")

#: A clock that is off by more explains a refused signature (instructure-integration 6).
SKEW_ALLOWED = 300.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `headers` finds names in any letter case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def charset(self) -> str:
        """The encoding it declares, UTF-8 unless it does."""
        _, _, rest = self.headers.get("Content-Type", "").partition("charset=")
        return rest.split(";")[0].strip(" \"'") or "utf-8"

    @property
    def said(self) -> Said:
        """The provider's own words."""
        return said_in(self.body)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which of the provider's own descriptions are shown: all, or those of some codes."""

    codes: frozenset[str] | None = None

    def words(self, said: Said) -> str:
        """The description, if it may be shown."""
        is_shown = self.codes is None or not self.codes.isdisjoint(said.codes)
        return said.description if is_shown else ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One row of the table: which error a status is, in which words, and what to do."""

    error: type[RemoteError]
    words: str
    remedy: str


_FAILED = Meaning(UnreachableError, "The SIS failed", "Waiting helps. If it stays, tell the SIS.")
_REFUSED = Meaning(RejectedError, "The SIS refused", "Correct what its message names.")
MEANINGS: Mapping[int, Meaning] = {
    400: Meaning(
        RejectedError,
        "The SIS does not understand the request",
        "Check the filter and the version; `rosterway doctor` finds what it understands.",
    ),
    401: Meaning(
        CredentialsError,
        "The SIS does not accept who we say we are",
        "Check key and secret, the kind of authentication, and any extra header it wants.",
    ),
    403: Meaning(
        CredentialsError,
        "The SIS does not let us read this",
        "Ask the SIS to allow it for our key, and check that the scope asked for covers it.",
    ),
    404: Meaning(
        RejectedError,
        "The SIS does not serve this",
        "Check the address and version, or exclude the endpoint.",
    ),
    405: Meaning(RejectedError, "The SIS does not serve this", "Exclude the endpoint."),
    408: _FAILED,
    422: Meaning(
        RejectedError, "The SIS finds the request senseless", "Correct what its message names."
    ),
    425: _FAILED,
    501: Meaning(RejectedError, "The SIS does not serve this", "Exclude the endpoint."),
}


#: What they mean of a write, where that is something else (oneroster 10.1).
WRITE_MEANINGS: Mapping[int, Meaning] = MappingProxyType(
    {
        400: Meaning(RejectedError, "The SIS refuses it", "Correct what its message names."),
        403: Meaning(
            CredentialsError,
            "The SIS does not let us write this",
            "Ask the SIS to allow our key to write grades, and check that the scope covers it.",
        ),
        404: Meaning(
            RejectedError,
            "The SIS does not know what it is about",
            "Check that the class, the student and the assignment are still there.",
        ),
        405: Meaning(RejectedError, "The SIS does not take this", "Switch it off in the profile."),
        409: Meaning(RejectedError, "The SIS has something against it", "Correct what it names."),
        422: Meaning(RejectedError, "The SIS refuses it", "Correct what its message names."),
        501: Meaning(RejectedError, "The SIS does not take this", "Switch it off in the profile."),
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """What we are doing, in words that follow "while", and whose descriptions are shown.

    `on_sent` is told of every request sent for it.
    """

    doing: str
    shown: Shown = field(default_factory=Shown)
    on_sent: Callable[[], None] = lambda: None


def failure(
    answer: Answer, call: Call, *, skew: float | None = None, writes: bool = False
) -> RemoteError:
    """The error that an answer other than success is.

    Args:
        answer: the answer.
        call: what it is about.
        writes: whether it was to change something.
        skew: seconds that our clock is ahead of the provider's, if the request was signed by time.
    """
    status, said = answer.status, answer.said
    about = f"while {call.doing} ({_code(status, said)})"
    description = call.shown.words(said)
    wait = retry_after(answer.headers)
    if status == 429 or (status == 503 and wait is not None):
        return ThrottledError(
            _first(description, f"The SIS asked to slow down {about}"),
            system=SYSTEM,
            status=status,
            wait=wait,
            remedy="Waiting helps. Fewer requests at a time may avoid it.",
        )
    own = WRITE_MEANINGS.get(status) if writes else None
    meaning = own or MEANINGS.get(status) or (_FAILED if status >= 500 else _REFUSED)
    remedy = meaning.remedy
    words = meaning.words
    if status == 401 and skew is not None and abs(skew) > SKEW_ALLOWED:
        words = f"{words}, and our clock is {told_skew(skew)} the SIS's"
        remedy = "Set the clock of this machine, or have that of the SIS set."
    return meaning.error(
        _first(description, f"{words} {about}"), system=SYSTEM, status=status, remedy=remedy
    )


def told_skew(skew: float) -> str:
    """A difference of clocks in words: "12 min ahead of"."""
    minutes = abs(skew) / 60
    size = f"{minutes:.0f} min" if minutes >= 2 else f"{abs(skew):.0f} s"
    return f"{size} {'ahead of' if skew > 0 else 'behind'}"


def skew_of(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that `now` (Unix time) is ahead of an answer's Date header."""
    told = _seconds_of(headers.get("Date", ""))
    return None if told is None else now - told


@lru_cache(maxsize=8)
def _seconds_of(date: str) -> float | None:
    """Unix time of a Date header, which thousands of answers share."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        return None


def garbled(why: str, call: Call, status: int | None) -> GarbledError:
    """An answer that breaks the specification beyond understanding."""
    return GarbledError(
        f"{why} while {call.doing}",
        system=SYSTEM,
        status=status,
        remedy="Check the address; if it is right, show the SIS's vendor this message.",
    )


def cut_short(call: Call, status: int) -> UnreachableError:
    """An answer that ends in the middle."""
    return UnreachableError(
        f"The SIS's answer breaks off while {call.doing}",
        system=SYSTEM,
        status=status,
        remedy="Waiting helps. If it stays, a smaller page size may.",
    )


def lost(error: Exception, call: Call) -> RemoteError:
    """No answer, or half of one: what aiohttp's error means."""
    why, remedy = "The connection to the SIS was cut", "Waiting helps."
    match error:
        case aiohttp.ClientSSLError():
            why = "No secure connection to the SIS"
            remedy = "Check the address and the clock; a private CA must be configured."
        case aiohttp.ClientConnectorDNSError():
            why = "The name of the SIS's host cannot be resolved"
            remedy = "Check the spelling of the address and this machine's DNS."
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            why, remedy = "The SIS cannot be reached", "Check the address and any firewall."
        case TimeoutError():
            why = "The SIS did not answer in time"
        case aiohttp.ClientPayloadError():
            why = "The SIS's answer breaks off"
        case aiohttp.ClientResponseError() | aiohttp.InvalidURL():
            return garbled("What came back is not HTTP as it should be", call, None)
        case _:
            pass
    return UnreachableError(f"{why} while {call.doing}", system=SYSTEM, remedy=remedy)


def was_sent(error: RemoteError) -> bool:
    """Whether a request that ended so may have reached the SIS: all do whose connection came about."""
    never = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
    return not isinstance(error.__cause__, never)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from Retry-After; a date is read against the answer's own Date, not our clock."""
    told = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(told):
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        now = parsedate_to_datetime(headers.get("Date", ""))
        return max(0.0, (until - now).total_seconds())
    except (TypeError, ValueError):
        return None


def _code(status: int, said: Said) -> str:
    return ", ".join((str(status), *said.codes))


def _first(description: str, ours: str) -> str:
    return f"{description.rstrip('.')}. {ours}" if description else ours
