"""The options that say how a OneRoster provider is reached, and the connection they make."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rosterway.errors import UsageError

if TYPE_CHECKING:
    from rosterway.settings.secrets import Secret
    from rosterway.settings.shape import Auth, Connection


class VersionChoice(StrEnum):
    """OneRoster's versions."""

    V1P1 = "1.1"
    V1P2 = "1.2"


class Way(StrEnum):
    """How we prove who we are."""

    OAUTH2 = "oauth2"
    OAUTH1 = "oauth1"
    BEARER = "bearer"


class CredentialsChoice(StrEnum):
    """Where OAuth 2 client credentials are put."""

    BASIC = "basic"
    BODY = "body"


class SignatureChoice(StrEnum):
    """OAuth 1.0a's signature methods."""

    HMAC_SHA256 = "hmac-sha256"
    HMAC_SHA1 = "hmac-sha1"


class ServiceChoice(StrEnum):
    """Which of the two rostering services is read."""

    BULK = "bulk"
    SCHOOL = "school"


RosteringUrlOption = Annotated[
    str, typer.Option("--rostering-url", metavar="URL", help="The provider's rostering root.")
]
VersionOption = Annotated[VersionChoice, typer.Option("--version", help="Of OneRoster.")]
AuthOption = Annotated[Way, typer.Option("--auth", help="How we prove who we are.")]
TokenUrlOption = Annotated[
    str | None, typer.Option("--token-url", metavar="URL", help="Where OAuth 2 tokens are given.")
]
ClientIdOption = Annotated[
    str | None, typer.Option("--client-id", metavar="ID", help="Client id, or consumer key.")
]
ClientSecretOption = Annotated[
    str | None,
    typer.Option(
        "--client-secret-env", metavar="VAR", help="The environment variable with the secret."
    ),
]
TokenOption = Annotated[
    str | None,
    typer.Option("--token-env", metavar="VAR", help="The environment variable with the token."),
]
ScopeOption = Annotated[
    str | None,
    typer.Option(
        "--scope",
        metavar="SCOPES",
        help="Scopes to ask for; an empty one sends none.",
        show_default="the standard's, where they are taken",
    ),
]
CredentialsOption = Annotated[
    CredentialsChoice | None,
    typer.Option(
        "--credentials",
        help="Where id and secret are put.",
        show_default="the profile's, else basic",
    ),
]
ProfileOption = Annotated[
    str,
    typer.Option(
        "--profile", metavar="NAME", help="What is known of this kind of provider, or your own."
    ),
]
SignatureOption = Annotated[SignatureChoice, typer.Option("--signature", help="Of OAuth 1.0a.")]
HeaderOption = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="'NAME: VALUE'", help="Sent with every request."),
]
CaFileOption = Annotated[
    Path | None, typer.Option("--ca-file", metavar="FILE", help="A private CA, as PEM.")
]
ShowErrorOption = Annotated[
    list[str] | None,
    typer.Option(
        "--show-error",
        metavar="CODE",
        help="Show the provider's own words for errors of this code alone; again for more.",
        show_default="all",
    ),
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option(
        "--concurrency",
        min=1,
        max=64,
        help="Requests at a time.",
        show_default="the profile's, else 3",
    ),
]


def connection(
    *,
    rostering_url: str,
    version: VersionChoice,
    way: Way,
    token_url: str | None,
    client_id: str | None,
    client_secret_env: str | None,
    token_env: str | None,
    scope: str | None,
    credentials: CredentialsChoice | None,
    signature: SignatureChoice,
    concurrency: int | None,
    profile: str,
    show_error: list[str] | None,
) -> "Connection":
    """The connection that options and a profile describe.

    Raises UsageError if an option is missing, ConfigError if there is no such profile.
    """
    from rosterway.oneroster.profiles import FOLDER, with_profile
    from rosterway.settings.shape import (
        Bearer,
        Connection,
        Credentials,
        OAuth1,
        OAuth2,
        Signature,
        Version,
    )

    auth: Auth
    match way:
        case Way.BEARER:
            auth = Bearer(token=_secret(token_env, "--token-env", way))
        case Way.OAUTH1:
            auth = OAuth1(
                client_id=_needed(client_id, "--client-id", way),
                client_secret=_secret(client_secret_env, "--client-secret-env", way),
                signature=Signature(signature.value),
            )
        case Way.OAUTH2:
            auth = OAuth2(
                token_url=_needed(token_url, "--token-url", way),
                client_id=_needed(client_id, "--client-id", way),
                client_secret=_secret(client_secret_env, "--client-secret-env", way),
                scope=scope,
                credentials=Credentials(credentials.value) if credentials else None,
            )
    described = Connection(
        name="command",
        profile=profile,
        version=Version(version.value),
        rostering_url=rostering_url,
        gradebook_url=None,
        auth=auth,
        concurrency=concurrency,
        exclude=(),
        filter={},
        show_errors=_codes(show_error),
    )
    return with_profile(described, Path(FOLDER))


def headers_of(written: list[str] | None) -> dict[str, str]:
    """Headers written as `Name: value`. Raises UsageError if one is not."""
    found: dict[str, str] = {}
    for header in written or ():
        name, colon, value = header.partition(":")
        if not colon or not name.strip() or not (name + value).isprintable():
            raise UsageError("A header is written as 'Name: value'.")
        found[name.strip()] = value.strip()
    return found


def pairs_of(written: list[str] | None, option: str) -> dict[str, str]:
    """What is written as `ENDPOINT=TEXT`. Raises UsageError if one is not."""
    found: dict[str, str] = {}
    for pair in written or ():
        name, sign, text = pair.partition("=")
        if not sign or not name.strip() or not text.strip():
            raise UsageError(f"{option} is written as ENDPOINT=…, not {pair!r}.")
        found[name.strip()] = text.strip()
    return found


def _codes(written: list[str] | None) -> tuple[str, ...] | None:
    from rosterway.settings.findings import Wrong
    from rosterway.settings.values import ERROR_CODE

    found = [ERROR_CODE.read(code) for code in written or ()]
    for code in found:
        if isinstance(code, Wrong):
            raise UsageError(f"--show-error: {code.problem}; {code.remedy}.")
    return tuple(found) or None


def _needed(given: str | None, option: str, way: Way) -> str:
    if not given:
        raise UsageError(f"--auth {way.value} needs {option}.")
    return given


def _secret(variable: str | None, option: str, way: Way) -> "Secret":
    from rosterway.settings.secrets import Secret, SecretPlace

    return Secret(SecretPlace.ENV, _needed(variable, option, way))
