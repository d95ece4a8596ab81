"""A real server on loopback, on a real disk, and real clients to talk to it."""

import asyncio
import os
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import paramiko
import pytest

from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.handoff import Arrival
from rosterway.gateway.journal import FileJournal
from rosterway.gateway.watch import FeedFolder
from rosterway.sftp_server.accounts import SftpAccount, secret_verifier
from rosterway.sftp_server.door import Door, listen

PASSWORD = "correct horse"
#: Seconds; nothing takes that long when all is well, but the machine may be busy.
DEADLINE = 60


@dataclass
class StillClock:
    """Goes forward when told to."""

    seconds: float = 0.0

    def now(self):
        return datetime(2026, 11, 23, 20, 0, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self):
        return self.seconds


@dataclass
class Finished:
    """What a client program left behind."""

    code: int
    told: str


@dataclass
class Server:
    """A door with two tenants behind it, each with a key and a password."""

    home: Path
    clock: StillClock = field(default_factory=StillClock)
    accounts: dict[str, SftpAccount] = field(default_factory=dict[str, SftpAccount])
    taken: list[Arrival] = field(default_factory=list[Arrival])
    programs: list[asyncio.subprocess.Process] = field(
        default_factory=list[asyncio.subprocess.Process]
    )
    arrivals: Arrivals = field(init=False)
    door: Door = field(init=False)

    def __post_init__(self):
        for tenant in ("lincoln", "roosevelt"):
            self.account(tenant, tenant=tenant)

    def account(self, login, *, tenant, **kwargs):
        """Let somebody in, with a key of their own and the password."""
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(self.key(login))
        self.key(login).chmod(0o600)
        self.accounts[login] = SftpAccount(
            login=login,
            tenant=tenant,
            root=self.tree(tenant),
            keys=(key.export_public_key().decode(),),
            password=secret_verifier(PASSWORD),
            **kwargs,
        )

    def tree(self, tenant="lincoln"):
        return self.home / "tenants" / tenant

    def key(self, login="lincoln"):
        return self.home / f"{login}.key"

    async def start(self):
        feeds = [
            FeedFolder(tenant=tenant, feed=folder, path=self.tree(tenant) / folder)
            for tenant in ("lincoln", "roosevelt")
            for folder in ("imports", "diffing")
        ]
        self.journal = FileJournal(self.home / "journal.db")
        self.arrivals = Arrivals(
            feeds,
            sealed=self.home / "sealed",
            journal=self.journal,
            on_sealed=self._take,
            clock=self.clock,
        )
        self.arrivals.start()
        self.door = await listen(
            "127.0.0.1",
            0,
            accounts=self.accounts.get,
            key_file=self.home / "keys" / "sftp_host_key",
            arrivals=self.arrivals,
        )
        public = asyncssh.read_private_key(self.home / "keys" / "sftp_host_key")
        line = f"[127.0.0.1]:{self.door.port} {public.export_public_key().decode()}"
        (self.home / "known_hosts").write_text(line)

    async def stop(self):
        await self.door.close()
        await self.arrivals.stop()
        self.journal.close()

    async def _take(self, arrival):
        self.taken.append(arrival)

    # What can be seen of it

    async def settle(self, **duration):
        """Let time pass; answers what was taken: names and bytes per delivery."""
        self.clock.seconds += timedelta(**duration or {"minutes": 5}).total_seconds()
        self.arrivals.tick()
        await self.arrivals.idle()
        return [{each.name: each.path.read_bytes() for each in a.files} for a in self.taken]

    def standing(self, name, *, feed="diffing", tenant="lincoln"):
        """How far a file in a feed's folder has come."""
        for status in self.arrivals.status():
            if (status.folder.tenant, status.folder.feed) == (tenant, feed):
                return {file.name: file.standing for file in status.files}.get(name)
        raise AssertionError

    async def until(self, condition):
        """Let the server work until this is so."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - other processes raise no events here
                await asyncio.sleep(0)  # lets the server work; no clock is waited for

    # Clients

    @property
    def ssh_options(self):
        return [
            *("-F", "none"),
            *("-o", f"UserKnownHostsFile={self.home / 'known_hosts'}"),
            *("-o", "GlobalKnownHostsFile=/dev/null"),
            *("-o", "StrictHostKeyChecking=yes"),
            *("-o", "IdentitiesOnly=yes"),
            *("-o", "IdentityAgent=none"),
            *("-o", "ConnectTimeout=30"),
        ]

    async def program(self, *command, stdin="", env=None):
        """Start a client program."""
        process = await asyncio.create_subprocess_exec(
            *map(str, command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **(env or {})},
            cwd=self.home,
        )
        assert process.stdin is not None
        process.stdin.write(stdin.encode())
        process.stdin.close()
        self.programs.append(process)
        return process

    async def finished(self, process):
        async with asyncio.timeout(DEADLINE):
            out, _ = await process.communicate()
        return Finished(process.returncode, out.decode(errors="replace"))

    def sftp_command(self, *options, login="lincoln"):
        return (
            *("sftp", "-b", "-", "-P", self.door.port, "-i", self.key(login)),
            *(*self.ssh_options, *options, f"{login}@127.0.0.1"),
        )

    async def sftp(self, batch, *options, login="lincoln"):
        """Run OpenSSH's sftp with these commands."""
        process = await self.program(*self.sftp_command(*options, login=login), stdin=batch + "\n")
        return await self.finished(process)

    @asynccontextmanager
    async def client(self, login="lincoln", **options):
        """An asyncssh client's SFTP session."""
        async with (
            self.connect(login, **options) as connection,
            connection.start_sftp_client() as c,
        ):
            yield c

    def connect(self, login="lincoln", **options):
        given = {
            "username": login,
            "client_keys": [str(self.key(login))],
            "known_hosts": str(self.home / "known_hosts"),
            "agent_path": None,
            "config": None,
        }
        return asyncssh.connect("127.0.0.1", self.door.port, **{**given, **options})

    async def with_paramiko(self, doing, *, login="lincoln"):
        """Run this with a paramiko client, in a thread."""

        def run():
            with paramiko.SSHClient() as client:
                client.load_host_keys(str(self.home / "known_hosts"))
                client.connect(
                    "127.0.0.1",
                    self.door.port,
                    username=login,
                    key_filename=str(self.key(login)),
                    look_for_keys=False,
                    allow_agent=False,
                )
                return doing(client.open_sftp())

        return await asyncio.to_thread(run)

    def local(self, name, content=b"user_id\n1\n"):
        """A file on the client's side."""
        path = self.home / "client" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


@pytest.fixture
async def server(tmp_path):
    server = Server(tmp_path)
    await server.start()
    yield server
    for program in server.programs:
        if program.returncode is None:
            program.kill()
            await program.communicate()
    await server.stop()
