"""Signing in to somebody else's SFTP server: only to the one whose key an operator has said yes to.

Nothing is sent, not even a user's name, before the server has proven that it has that key. What this
machine knows of SSH by itself (its `known_hosts`, keys, agent, configuration) plays no part: what is
true of a connection is in the configuration and in the store.

Every failure is an error that says what to do; those that may pass are to be tried again.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import asyncssh

from rosterway.errors import (
    ConfigError,
    CredentialsError,
    GarbledError,
    RejectedError,
    UnreachableError,
)
from rosterway.gateway.sftp_client_key import HostKey, HostKeyError
from rosterway.settings import Secret, SecretPlaces, SftpConnection

#: Failures of the connection itself; they may pass.
_CUT = (
    asyncssh.ConnectionLost,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    asyncssh.ServiceNotAvailable,
    asyncssh.ChannelOpenError,
    OSError,
    TimeoutError,
)
#: How a server may take it that we ask for a key it does not have.
_NO_KEY_SHOWN = (
    asyncssh.HostKeyNotVerifiable,
    asyncssh.KeyExchangeFailed,
    asyncssh.ConnectionLost,
    ConnectionResetError,
)
#: No host, rather than those of a file.
_KNOWN: tuple[list[str], list[str], list[str]] = ([], [], [])
#: How often a silent server is asked for a sign of life before it is given up.
_SIGNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How a server is reached and signed in to; secrets are revealed, and never shown."""

    name: str
    host: str
    port: int
    user: str
    timeout: float
    key: str | None = field(default=None, repr=False)
    passphrase: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """Where it is, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def access_to(connection: SftpConnection, places: SecretPlaces | None = None) -> Access:
    """The access a connection describes; ConfigError if a secret of it cannot be had.

    Without `places` it has no secret, and is good for a look at the host key alone.
    """

    def revealed(secret: Secret | None) -> str | None:
        return secret.reveal(places) if secret and places else None

    return Access(
        name=connection.name,
        host=connection.host,
        port=connection.port,
        user=connection.user,
        timeout=connection.timeout.total_seconds(),
        key=revealed(connection.key),
        passphrase=revealed(connection.passphrase),
        password=revealed(connection.password),
    )


async def offered_key(access: Access, *, like: HostKey | None = None) -> HostKey:
    """The key the server shows; of the kind of another one, if it has such a key.

    Raises:
        UnreachableError: nobody answers there.
        GarbledError: who answers is no SSH server, or none we can agree with.
    """
    if like is not None:
        try:
            return await _offered(access, like.signatures)
        except (GarbledError, UnreachableError):
            pass  # it has no key of that kind any more: OpenSSH hangs up on the question
    return await _offered(access, [])


async def _offered(access: Access, signatures: list[str]) -> HostKey:
    with _told(access):
        async with asyncio.timeout(access.timeout):
            found = await asyncssh.get_server_host_key(
                access.host, access.port, config=None, server_host_key_algs=signatures or ()
            )
    if found is None:
        raise GarbledError(f"{access.address} shows no host key", system="sftp")
    return HostKey.of(found)


def check_key(access: Access, offered: HostKey, trusted: HostKey | None) -> None:
    """Raises HostKeyError unless the key offered is the one that is trusted."""
    if trusted is None:
        raise HostKeyError(
            f"Nobody has said yet that {access.address} is the right server; its host key is"
            f" {offered.shown(access.host)}",
            system="sftp",
            remedy="Compare that with what its keeper tells you (there: ssh-keygen -l -f"
            " /etc/ssh/ssh_host_ed25519_key.pub), then run"
            f" `rosterway connection trust {access.name}`.",
        )
    if offered != trusted:
        raise HostKeyError(
            f"{access.address} has another host key than before: trusted is"
            f" {trusted.shown(access.host)}, and now it shows {offered.shown(access.host)}",
            system="sftp",
            remedy="Somebody may be in between, so nothing was sent. Ask the server's keeper"
            " whether the key was changed; if it was, and the new one is theirs, run"
            f" `rosterway connection trust {access.name}`.",
        )


class _Guard(asyncssh.SSHClient):
    """Lets only the trusted key pass, and remembers which one was shown."""

    def __init__(self, trusted: HostKey | None) -> None:
        self._trusted = trusted
        self.shown: HostKey | None = None

    def validate_host_public_key(
        self, host: str, addr: str, port: int, key: asyncssh.SSHKey
    ) -> bool:
        del host, addr, port
        self.shown = HostKey.of(key)
        return self.shown == self._trusted


@asynccontextmanager
async def signed_in(access: Access, trusted: HostKey | None) -> AsyncGenerator[asyncssh.SFTPClient]:
    """A session on the server.

    Raises:
        HostKeyError: the server's key is not the trusted one, or none is.
        CredentialsError: it does not let us in.
        ConfigError: our private key cannot be read.
        UnreachableError: nobody answers, or the connection was cut.
    """
    if trusted is None:
        check_key(access, await offered_key(access), None)
    assert trusted is not None
    guard = _Guard(trusted)
    keys = [_private_key(access)] if access.key else None
    with _told(access):
        try:
            connection, _ = await asyncssh.create_connection(
                lambda: guard,
                access.host,
                access.port,
                username=access.user,
                client_keys=keys,
                password=access.password,
                # Nothing of this machine's; an empty value would stand for its own file.
                known_hosts=_KNOWN,
                config=None,
                agent_path=None,
                server_host_key_algs=trusted.signatures,
                gss_kex=False,
                gss_auth=False,
                connect_timeout=access.timeout,
                login_timeout=access.timeout,
                keepalive_interval=access.timeout / _SIGNS,
                keepalive_count_max=_SIGNS,
            )
        except _NO_KEY_SHOWN:
            check_key(access, guard.shown or await offered_key(access, like=trusted), trusted)
            raise  # the key is right: it was something else
        async with connection:
            async with asyncio.timeout(access.timeout):
                # A name that is no UTF-8 must not hide the others.
                session = await connection.start_sftp_client(path_errors="surrogateescape")
            async with session:
                yield session


def _private_key(access: Access) -> asyncssh.SSHKey:
    try:
        return asyncssh.import_private_key(f"{access.key}\n", access.passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        locked = access.passphrase is None and "passphrase" in str(error).lower()
        raise ConfigError(
            f"The key of the connection {access.name} cannot be read: {error}",
            remedy="Add the `passphrase` that opens it."
            if locked
            else "Give it a private key as `ssh-keygen` writes one, and the right passphrase.",
        ) from error


@contextmanager
def _told(access: Access) -> Generator[None]:
    """What goes wrong with a connection, in words and with what to do."""
    try:
        yield
    except asyncssh.SFTPError as error:
        if isinstance(error, _CUT):
            raise _unreachable(access, "the connection was cut") from error
        raise
    except asyncssh.PermissionDenied as error:
        ways = [word for word in ("key", "password") if getattr(access, word)]
        raise CredentialsError(
            f"{access.address} does not let {access.user} in with our {' or '.join(ways)}",
            system="sftp",
            remedy="Have its keeper look at the account, its rights and its"
            f" {'authorized_keys' if access.key else 'password'}; then run"
            f" `rosterway connection test {access.name}`.",
        ) from error
    except _CUT as error:
        raise _unreachable(access, _why(error)) from error
    except asyncssh.DisconnectError as error:
        raise GarbledError(
            f"{access.address} and we do not agree how to speak: {error.reason}",
            system="sftp",
            remedy="See whether an SSH server of this century listens there, and on that port.",
        ) from error


def _unreachable(access: Access, why: str) -> UnreachableError:
    return UnreachableError(
        f"{access.address} cannot be reached: {why}",
        system="sftp",
        remedy="See whether the server runs, and whether a firewall is in between; its keeper may"
        " have to let this machine's address in.",
    )


def _why(error: Exception) -> str:
    match error:
        case TimeoutError():
            return "no answer in time"
        case ConnectionRefusedError():
            return "nobody listens there"
        case socket.gaierror():
            return "there is no host of that name"
        case OSError():
            return error.strerror or str(error) or "the connection was cut"
        case _:
            return "the connection was cut"


@contextmanager
def refusals(access: Access, path: str, doing: str) -> Generator[None]:
    """What a server says no to, as RejectedError with the path; lost connections as unreachable."""
    try:
        with _told(access):
            yield
    except asyncssh.SFTPError as error:
        raise RejectedError(
            f"{doing} {path} on {access.address} did not work: {_said(error)}",
            system="sftp",
            said=_said(error),
            remedy=f"Run `rosterway connection test {access.name}`, which shows what is missing.",
        ) from error


def _said(error: asyncssh.SFTPError) -> str:
    match error:
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath():
            return "there is no such file or folder"
        case asyncssh.SFTPPermissionDenied():
            return "this account may not"
        case _:
            return error.reason or "no reason was given"
