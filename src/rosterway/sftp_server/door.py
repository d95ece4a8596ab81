"""Where clients knock: listens, checks who they are, gives them a session and nothing else.

No shell, no commands, no forwarding of any kind. Whether a login exists cannot be told from the
answers. The old `scp` protocol is not spoken: it cannot say that a file is whole (today's `scp`
uses SFTP by itself).
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import asyncssh
import structlog

from rosterway.errors import RosterwayError
from rosterway.gateway.arrivals import Arrivals
from rosterway.sftp_server.accounts import SftpAccount, Verifier, public_keys, secret_verifier
from rosterway.sftp_server.attempts import Attempts
from rosterway.sftp_server.host_key import host_keys
from rosterway.sftp_server.jail import Jail
from rosterway.sftp_server.protocol import Channel, Protocol
from rosterway.sftp_server.room import Room
from rosterway.sftp_server.session import Session

log = structlog.get_logger()

Accounts = Callable[[str], SftpAccount | None]
"""Finds an account, as it is now, by its login; RosterwayError if that cannot be told.

Called in a worker thread."""

LOGIN_TIMEOUT = 60
#: A silent client is asked every so many seconds, and given up after so many silences.
KEEPALIVE, SILENCES = 30, 4
#: Seconds a client has to take note that the server stops.
GOODBYE = 5
MAX_PASSWORDS, MAX_KEYS, MAX_SESSIONS = 6, 20, 10
_SFTP_VERSION = 3  # what all clients speak, and the only one OpenSSH does

#: Checked for logins that do not exist, so that they take as long to refuse.
_nobodys_password = secret_verifier("")


class Door:
    """The listening server. Made by `listen`."""

    def __init__(self, accounts: Accounts, arrivals: Arrivals, attempts: Attempts) -> None:
        self.accounts, self.arrivals, self.attempts = accounts, arrivals, attempts
        self.visitors: set[asyncssh.SSHServerConnection] = set()
        self.inside: set[_Visitor] = set()
        self.sessions: set[asyncio.Task[Any]] = set()
        self._rooms: dict[Path, Room] = {}
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._key_file = Path()
        self._known_by: list[bytes] = []
        self.host: str = ""
        self.port: int = 0

    async def listen(self, host: str, port: int, key_file: Path) -> None:
        """Begin to accept connections."""
        self._key_file = key_file
        keys = host_keys(key_file)
        self._known_by = [key.public_data for key in keys]
        self._acceptor = await asyncssh.listen(
            host,
            port,
            server_factory=lambda: _Visitor(self),
            server_host_keys=keys,
            send_server_host_keys=True,
            server_version="Rosterway",
            config=None,
            encoding=None,
            gss_host=None,
            kex_algs="-*-sha1",
            mac_algs="-hmac-sha1*",
            signature_algs="-ssh-rsa,ssh-dss",  # what clients are told; all of today's follow
            allow_pty=False,
            agent_forwarding=False,
            login_timeout=LOGIN_TIMEOUT,
            keepalive_interval=KEEPALIVE,
            keepalive_count_max=SILENCES,
        )
        self.host, self.port = cast(Any, self._acceptor).get_addresses()[0][:2]
        log.info("sftp.listening", host=self.host, port=self.port)

    def reread_keys(self) -> None:
        """Use and announce the host keys there are now, for whoever knocks from now on."""
        if not self._key_file.exists():  # a new one is made at start alone
            log.warning("sftp.host-key-unreadable", error=f"{self._key_file} is gone")
            return
        try:
            keys = host_keys(self._key_file)
        except (RosterwayError, OSError) as error:  # the keys in memory are still good
            log.warning("sftp.host-key-unreadable", error=str(error))
            return
        known_by = [key.public_data for key in keys]
        if self._acceptor is not None and known_by != self._known_by:
            self._acceptor.update(server_host_keys=keys)
            self._known_by = known_by
            log.info("sftp.host-keys", keys=[key.get_fingerprint() for key in keys])

    async def recheck(self) -> None:
        """Show those out whose account is gone, or was changed so that they would not get in now."""
        for login in {visitor.login for visitor in self.inside}:
            try:
                account = await asyncio.to_thread(self.accounts, login)
            except RosterwayError as error:  # that nobody can tell is no reason to end an upload
                log.warning("sftp.lookup-failed", login=login, error=error.message)
                continue
            for visitor in [one for one in self.inside if one.login == login]:
                visitor.leave_unless(account)

    def room_of(self, account: SftpAccount) -> Room:
        """What room the account's tenant has; all its sessions share it."""
        if account.root not in self._rooms:
            folders = [account.root / name for name in account.layout.incoming]
            self._rooms[account.root] = Room(folders, account.quota)
        return self._rooms[account.root]

    async def close(self) -> None:
        """Stop listening, end every connection; uploads under way count as lost."""
        if self._acceptor is not None:
            self._acceptor.close()
        visitors = list(self.visitors)
        for visitor in visitors:
            visitor.close()
        goodbyes = [asyncio.create_task(visitor.wait_closed()) for visitor in visitors]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=GOODBYE)
        for visitor in visitors:
            visitor.abort()
        if ending := [*goodbyes, *self.sessions]:
            await asyncio.wait(ending)
        if self._acceptor is not None:
            await self._acceptor.wait_closed()


async def listen(
    host: str, port: int, *, accounts: Accounts, key_file: Path, arrivals: Arrivals
) -> Door:
    """Open the door; port 0 takes any. `arrivals` must have been started."""
    door = Door(accounts, arrivals, Attempts(time.monotonic))
    await door.listen(host, port, key_file)
    return door


class _Visitor(asyncssh.SSHServer):
    """One connection, from the knock to the goodbye."""

    _connection: asyncssh.SSHServerConnection

    def __init__(self, door: Door) -> None:
        self._door = door
        self._account: SftpAccount | None = None
        self._address = ""
        self._passwords = self._keys = self._sessions = 0
        self._tried: str | None = None
        self._shown: bytes | Verifier | None = None
        """The key or the password that let them in."""

    # Knocking

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Turn away who has failed too often before."""
        self._connection = conn
        self._address = str(conn.get_extra_info("peername", ("",))[0])
        self._door.visitors.add(conn)
        if self._door.attempts.must_wait(self._address):
            log.warning("sftp.refused", address=self._address, reason="too many failures")
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncssh's
        """Count a visitor who tried to come in and gave up."""
        self._door.visitors.discard(self._connection)
        self._door.inside.discard(self)
        if self._tried is not None:
            self._door.attempts.failed(self._address, self._tried)

    async def begin_auth(self, username: str) -> bool:
        """Look the account up; that it does not exist, or not from there, must not show."""
        try:
            account = await asyncio.to_thread(self._door.accounts, username)
        except RosterwayError as error:
            log.warning("sftp.lookup-failed", login=username, error=error.message)
            account = None
        if account is not None and not account.welcomes(self._address):
            log.warning("sftp.refused", login=username, address=self._address, reason="address")
            account = None
        self._account = account
        return True

    def public_key_auth_supported(self) -> bool:
        """Always offered, whether or not the account has keys."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Whether the account has this key; that the client has it too is checked afterwards."""
        self._tried = username
        self._keys += 1
        if self._keys > MAX_KEYS:
            raise asyncssh.PermissionDenied("too many keys")
        self._shown = key.public_data
        return self._account is not None and _lets_in(self._account, self._shown)

    def password_auth_supported(self) -> bool:
        """Always offered, whether or not the account has a password."""
        return True

    async def validate_password(self, username: str, password: str) -> bool:
        """Whether this is the account's password."""
        self._tried = username
        self._passwords += 1
        if self._passwords > MAX_PASSWORDS:
            raise asyncssh.PermissionDenied("too many passwords")
        account = self._account
        known = account.password if account is not None else None
        right = await asyncio.to_thread(known or _nobodys_password, password)
        if self._door.attempts.must_wait(self._address, username):
            log.warning("sftp.refused", address=self._address, reason="too many failures")
            return False
        if not right or known is None:
            self._door.attempts.failed(self._address, username)
            self._tried = None
            return False
        self._shown = known
        return True

    def auth_completed(self) -> None:
        """They are who they say."""
        self._tried = None
        self._door.inside.add(self)
        if self._account is not None:
            ids = {"tenant": self._account.tenant, "login": self._account.login}
            log.info("sftp.login", **ids, address=self._address)

    # Inside

    @property
    def login(self) -> str:
        """Who they are."""
        return self._account.login if self._account is not None else ""

    def leave_unless(self, account: SftpAccount | None) -> None:
        """Show them out, unless this, their account as it is now, would let them in again."""
        welcome = account is not None and account.welcomes(self._address)
        if account is not None and welcome and _lets_in(account, self._shown):
            return
        log.warning("sftp.shown-out", login=self.login, address=self._address)
        self._connection.close()

    def session_requested(self) -> Any:
        """Everything they may have: a session that speaks SFTP."""
        if self._sessions >= MAX_SESSIONS:
            return False
        self._sessions += 1
        return Channel(self._serve, gone=self._session_gone)

    def _session_gone(self) -> None:
        self._sessions -= 1

    async def _serve(
        self,
        reader: asyncssh.SSHReader[bytes],
        writer: asyncssh.SSHWriter[bytes],
        errors: asyncssh.SSHWriter[bytes],
    ) -> None:
        account = self._account
        if account is None or reader.channel.get_subsystem() != "sftp":
            errors.write(b"This server speaks SFTP only: use sftp, or scp without -O.\n")
            cast("asyncssh.SSHServerChannel[bytes]", writer.channel).exit(1)
            return
        task = asyncio.current_task()
        assert task is not None
        self._door.sessions.add(task)
        task.add_done_callback(self._door.sessions.discard)
        account.layout.make(account.root)
        jail = Jail(account.root, account.layout)
        room = self._door.room_of(account)
        session = Session(reader.channel, account, jail, self._door.arrivals, room)
        await Protocol(session, reader, writer, _SFTP_VERSION).run()


def _lets_in(account: SftpAccount, shown: bytes | Verifier | None) -> bool:
    """Whether this key, or the password this verifies, is one of the account's."""
    if isinstance(shown, bytes):
        return shown in public_keys(account.keys, login=account.login)
    return shown is not None and shown == account.password
