"""Who may come in: accounts of tenants, by public key or password, from the addresses they name."""

import hashlib
import hmac
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import asyncssh
from asyncssh.saslprep import SASLPrepError, saslprep

from rosterway.errors import ConfigError
from rosterway.gateway.folders import Layout
from rosterway.sftp_server.room import USUAL, Quota

Network = IPv4Network | IPv6Network
Verifier = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class PasswordDigest:
    """Answers, in constant time, whether a password is the one with this SHA-256.

    Both are normalised as SSH asks (RFC 4252 section 8). Enough for passwords that nobody can guess.
    """

    digest: bytes = field(repr=False)

    def __call__(self, password: str) -> bool:
        """Whether this is the password."""
        return hmac.compare_digest(_digest(password), self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAccount:
    """A login of one tenant; login names are unique across tenants."""

    login: str
    tenant: str
    root: Path
    """The tenant's tree; absolute."""
    keys: tuple[str, ...] = ()
    """Public keys as OpenSSH writes them: type, base64, comment."""
    password: Verifier | None = field(default=None, repr=False)
    """Answers whether a password is right, in constant time; may be slow. Equal ones are of one password."""
    allow: tuple[Network, ...] = ()
    """Addresses it may come from; empty means anywhere."""
    layout: Layout = field(default_factory=Layout)
    quota: Quota = USUAL
    """The tenant's, whichever of its accounts it is."""

    def __post_init__(self) -> None:
        """A key that cannot be read is told at start, not when somebody tries to use it."""
        public_keys(self.keys, login=self.login)

    def welcomes(self, address: str) -> bool:
        """Whether it may come from this address."""
        if not self.allow:
            return True
        try:
            peer = _plain(ip_address(address))
        except ValueError:
            return False
        return any(peer in network for network in self.allow)


def public_keys(lines: tuple[str, ...], *, login: str) -> frozenset[bytes]:
    """The keys as they appear on the wire."""
    found: set[bytes] = set()
    for line in lines:
        try:
            found.add(asyncssh.import_public_key(line).public_data)
        except (asyncssh.KeyImportError, ValueError) as error:
            shown = line if len(line) <= 40 else line[:40] + "…"
            raise ConfigError(
                f"a key of the SFTP account {login} cannot be read: {shown!r}",
                remedy="give the line of the .pub file: ssh-ed25519 AAAA… name",
            ) from error
    return frozenset(found)


def secret_verifier(secret: str) -> Verifier:
    """Compare with a password known in plain text, such as one from the environment."""
    return PasswordDigest(_digest(secret))


def _digest(password: str) -> bytes:
    with suppress(SASLPrepError):  # what cannot be normalised is compared as it is
        password = saslprep(password)
    return hashlib.sha256(password.encode("utf-8", "surrogatepass")).digest()


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address that came through an IPv6 socket is an IPv4 address."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
