"""What can be set about this SIS that a real one's makers or administrators decide.

Guarantees: a knob is set by name and only to a value of its own type. Which knob does what is left
to the modules that read it.
"""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from rosterway.sandbox.sis.trouble import SisUsageError


@dataclass(slots=True)
class Knobs:
    """The defaults are a provider that keeps to the letter."""

    #: The ways in that are open, space-separated: oauth2, oauth1 (1.1 alone), bearer, none.
    auth: str = "oauth2 oauth1 bearer"
    #: Where OAuth 2.0 credentials may stand: any, basic or body.
    client_auth: str = "any"
    #: Where the scope of a token request is read: any, parameter or url.
    scope_place: str = "any"
    #: Whether an operation wants one of its scopes.
    scopes_matter: bool = True
    #: A query the token address must carry, as in `appName=district`; blank for none.
    token_query: str = ""
    #: How long a token lives.
    token_seconds: int = 3600
    #: How many requests a token serves under the fault expiring-tokens.
    token_uses: int = 3
    #: OAuth 1.0a signature methods accepted, space-separated.
    signatures: str = "HMAC-SHA1 HMAC-SHA256"
    #: How old and how early a signature's timestamp may be (Instructure: 10 and 5 minutes).
    oldest_seconds: int = 600
    earliest_seconds: int = 300
    #: Headers every request, or every gradebook request, must carry.
    headers: dict[str, str] = field(default_factory=dict[str, str])
    gradebook_headers: dict[str, str] = field(default_factory=dict[str, str])
    #: Vanished records are listed as tobedeleted; otherwise they are just gone.
    tombstones: bool = True
    #: The kinds of session that /terms lists, space-separated.
    terms: str = "term semester"
    #: The most rows a page may have; 0 for no bound.
    page_max: int = 0
    #: The bound that faults of clamping mean.
    clamp: int = 50
    #: The shape of error bodies: official, statusInfoSet, errors, StatusInfo or bare.
    error_shape: str = "official"
    #: Writes are held to the official schemas: closed, complete, known tokens, whole references.
    strict: bool = True
    #: Writes are also held to what picky gradebooks refuse (`gradebook.picky`): five demands.
    picky: bool = False
    #: Writes are also held to these demands, space-separated (`gradebook.picky`).
    demands: str = ""
    #: Whose gradebook it is: its demands, in its own words (`gradebook.vendors`); blank for nobody's.
    vendor: str = ""
    #: A written object gets an id of the provider's, told in the answer ("Modified" passback).
    allocates: bool = False
    #: A new object may come with an id; otherwise it must be left to the provider.
    chosen_ids: bool = True
    #: A new object gets an id of the provider's though one was sent with it.
    renames: bool = False
    #: A PUT is answered with the object.
    echoes: bool = False
    #: What a PUT that is accepted is answered with; 0 for what its version says. 204 has no body.
    put_status: int = 0
    #: How a filter by `metadata.classId` is written: quoted, bare (without quotes) or any.
    category_filter: str = "quoted"
    #: After DELETE the object stays as tobedeleted; otherwise it is gone.
    grade_tombstones: bool = False
    #: Operations that this provider does not have, space-separated names.
    unsupported: str = ""
    #: Seconds every answer takes, and those under the fault slow.
    latency: float = 0.0
    slow_seconds: float = 1.0
    #: What Retry-After says.
    retry_seconds: int = 1
    #: How far the clock is ahead under the fault skewed-clock.
    skew_seconds: int = 900

    def turn(self, changes: dict[str, Any]) -> None:
        """Set knobs by name; all of them or none."""
        known = {field.name: field.type for field in fields(self)}
        for name, value in changes.items():
            kind = known.get(name)
            if kind is None:
                raise SisUsageError(f"no knob {name!r}; there are {', '.join(known)}")
            if kind is float and type(value) is int:
                continue
            wanted = dict if kind == dict[str, str] else kind
            if type(value) is not wanted:
                raise SisUsageError(f"knob {name!r} takes {getattr(wanted, '__name__', wanted)}")
        for name, value in changes.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """All knobs by name."""
        return asdict(self)
