"""The one client this SIS knows, in all the forms it may show itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """Consumer key and secret (both OAuth versions), and a bearer token that never ends."""

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox secret/+=&%"  # noqa: S105 - of a server on loopback
    bearer: str = "sandbox-bearer"
