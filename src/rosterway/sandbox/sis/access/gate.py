"""The gate every operation stands behind: headers, then a token or a signature, then scopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rosterway.sandbox.sis.access.credentials import Credentials
from rosterway.sandbox.sis.access.signatures import Signatures
from rosterway.sandbox.sis.access.tokens import Tokens
from rosterway.sandbox.sis.faults import Faults
from rosterway.sandbox.sis.knobs import Knobs
from rosterway.sandbox.sis.model.operations import SCOPE_PREFIXES, Operation
from rosterway.sandbox.sis.trouble import Refusal

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="OneRoster"'}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate looks at: the request as it came."""

    method: str
    address: str
    query: str
    headers: Mapping[str, str]
    now: datetime


class Gate:
    """Lets requests through, or refuses them with 401 or 403."""

    def __init__(
        self, credentials: Credentials, knobs: Knobs, faults: Faults, tokens: Tokens
    ) -> None:
        self._credentials = credentials
        self._knobs = knobs
        self._faults = faults
        self._tokens = tokens
        self._signatures = Signatures(credentials, knobs)

    def open_for(self, operation: Operation, asked: Asked) -> None:
        """Let a request for an operation through.

        Raises:
            Refusal: 401 without a good proof of who asks, 403 without the scope.
        """
        self._want_headers(operation, asked.headers)
        scopes = self._scopes(operation, asked)
        if self._faults.strike("401", operation.path):
            raise _unauthorised("the token is not accepted")
        if scopes is None or not self._knobs.scopes_matter:
            return
        wanted = set(operation.scopes)
        if operation.id == "getAllEnrollments" and self._faults.on("core-not-enough"):
            wanted = {"roster.readonly"}
        prefix = SCOPE_PREFIXES[operation.version]
        if not any(prefix + name in scopes for name in wanted):
            names = " or ".join(sorted(wanted))
            raise Refusal(403, "forbidden", f"{operation.id} needs the scope {names}")

    def _want_headers(self, operation: Operation, headers: Mapping[str, str]) -> None:
        wanted = dict(self._knobs.headers)
        if operation.service == "gradebook":
            wanted |= self._knobs.gradebook_headers
        for name, value in wanted.items():
            if headers.get(name) != value:
                raise _unauthorised(f"the header {name} is missing or wrong")

    def _scopes(self, operation: Operation, asked: Asked) -> frozenset[str] | None:
        """What the caller may see; None for everything."""
        ways = self._knobs.auth.split()
        if "none" in ways:
            return None
        authorization = asked.headers.get("Authorization", "")
        scheme, _, token = authorization.partition(" ")
        # OAuth 1.0a is legal in 1.1 alone (oneroster.md section 16, row 16)
        if scheme.lower() == "oauth" and "oauth1" in ways and operation.version == "1.1":
            self._signatures.judge(
                header=authorization,
                method=asked.method,
                address=asked.address,
                query=asked.query,
                now=asked.now,
            )
            return None
        if scheme.lower() == "bearer":
            if "bearer" in ways and token == self._credentials.bearer:
                return None
            scopes = self._tokens.recognise(token, asked.now) if "oauth2" in ways else None
            if scopes is not None:
                return scopes
        raise _unauthorised("the token is unknown or has expired" if token else "who is asking?")


def _unauthorised(text: str) -> Refusal:
    return Refusal(401, "unauthorisedrequest", text, _CHALLENGE)
