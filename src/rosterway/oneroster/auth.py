"""What proves who we are, as values: a fixed token, OAuth 2 client credentials, OAuth 1.0a keys.

No secret is in a repr. Leaves to others: asking for tokens (`tokens`) and signing (`signing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rosterway.oneroster.failures import Shown
from rosterway.settings import shape
from rosterway.settings.secrets import SecretPlaces
from rosterway.settings.shape import Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A token that does not change (ClassLink's proxy)."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """Client credentials.

    `scope` "": not sent, because the SIS refuses it (Synergy) or has it in `token_url`.
    `is_scope_guessed`: nobody has configured it, so it is left out where it is refused. `shown` are
    the refusals whose own words people see.
    """

    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    is_scope_guessed: bool = False
    in_body: bool = False
    shown: Shown = field(default_factory=Shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth1:
    """One-legged OAuth 1.0a."""

    key: str
    secret: str = field(repr=False)
    signature: Signature = Signature.HMAC_SHA256


Auth = Bearer | OAuth2 | OAuth1


def revealed(
    auth: shape.Auth,
    places: SecretPlaces,
    scopes: Sequence[str] = (),
    shown: Shown | None = None,
) -> Auth:
    """A configured authentication with its secrets; `scopes` are those of the standard.

    Raises:
        ConfigError: a secret is missing.
    """
    match auth:
        case shape.Bearer():
            return Bearer(token=auth.token.reveal(places))
        case shape.OAuth1():
            return OAuth1(
                key=auth.client_id,
                secret=auth.client_secret.reveal(places),
                signature=auth.signature,
            )
        case shape.OAuth2():
            is_guessed = auth.scope is None and "scope=" not in auth.token_url
            return OAuth2(
                token_url=auth.token_url,
                client_id=auth.client_id,
                client_secret=auth.client_secret.reveal(places),
                scope=" ".join(scopes) if is_guessed else auth.scope or "",
                is_scope_guessed=is_guessed,
                in_body=auth.credentials is shape.Credentials.BODY,
                shown=shown or Shown(),
            )
