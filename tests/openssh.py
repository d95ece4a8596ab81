"""A real OpenSSH server of somebody else's, as a process of this user, and a wire that can be cut."""

import asyncio
import os
import pwd
import socket
import subprocess
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

SSHD = "/usr/sbin/sshd"
#: Seconds; it answers within a tenth of one when all is well.
DEADLINE = 20.0


@dataclass
class Sshd:
    """A server that serves the disk: on `port` whole, on `read_only` for reading alone."""

    home: Path
    port: int
    read_only: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def user(self):
        """Who may sign in."""
        return pwd.getpwuid(os.geteuid()).pw_name

    @property
    def key(self):
        """The private key that opens it."""
        return (self.home / "client").read_text()

    @property
    def shown(self):
        """What `ssh-keygen -l` prints of its host key."""
        said = subprocess.run(
            ["ssh-keygen", "-l", "-f", self.home / "host.pub"], capture_output=True, check=True
        )
        return said.stdout.decode().strip()

    @property
    def host_key(self):
        return " ".join((self.home / "host.pub").read_text().split()[:2])

    def start(self):
        self.process = subprocess.Popen(
            [SSHD, "-D", "-f", str(self.home / "sshd_config")], stderr=subprocess.PIPE
        )
        ends = time.monotonic() + DEADLINE
        while time.monotonic() < ends:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.stderr is not None
            assert self.process.poll() is None, self.process.stderr.read().decode()
            time.sleep(0.01)
        raise AssertionError("sshd does not start")

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def change_host_key(self):
        """Be another server than before, at the same address."""
        self.stop()
        _make_key(self.home / "host")
        self.start()


def _make_key(path):
    key = asyncssh.generate_private_key("ssh-ed25519")
    path.unlink(missing_ok=True)
    key.write_private_key(path)
    path.chmod(0o600)
    key.write_public_key(path.with_suffix(".pub"))


@contextmanager
def openssh(home):
    """A server in this folder, for as long as the block lasts."""
    sockets = [socket.socket() for _ in range(2)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    port, read_only = (one.getsockname()[1] for one in sockets)
    for one in sockets:
        one.close()
    for name in ("client", "host"):
        _make_key(home / name)
    if os.geteuid() == 0:
        # Where no service of the system has started it, its own folder is missing
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    config = home / "sshd_config"
    # Newer ones shut out who fails to sign in; older ones do not know the word.
    config.write_text(f"HostKey {home}/host\nPerSourcePenalties no\n")
    knows = subprocess.run([SSHD, "-t", "-f", config], capture_output=True, check=False)
    config.write_text(
        ("PerSourcePenalties no\n" if knows.returncode == 0 else "")
        + f"Port {port}\nPort {read_only}\nListenAddress 127.0.0.1\nHostKey {home}/host\n"
        f"PidFile none\nAuthorizedKeysFile {home}/client.pub\nStrictModes no\nUsePAM no\n"
        "PasswordAuthentication no\nPermitRootLogin yes\nSubsystem sftp internal-sftp\n"
        f"LogLevel ERROR\nMatch LocalPort {read_only}\nForceCommand internal-sftp -R\n"
    )
    server = Sshd(home, port, read_only)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Wire:
    """A way to a server that is cut after so many bytes of its answers; None: never."""

    port: int
    cut_after: int | None = None


@asynccontextmanager
async def wire_to(port):
    """A wire to a port of this machine."""
    wire = Wire(0)
    tasks = set()

    async def carry(reader, writer, counted):
        had = 0
        while data := await reader.read(1 << 16):
            had += len(data)
            if counted and wire.cut_after is not None and had > wire.cut_after:
                wire.cut_after = None
                break
            writer.write(data)
            await writer.drain()
        writer.transport.abort()

    async def connected(reader, writer):
        tasks.add(asyncio.current_task())
        there, back = await asyncio.open_connection("127.0.0.1", port)
        try:
            await asyncio.gather(
                carry(reader, back, counted=False), carry(there, writer, counted=True)
            )
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()
            back.transport.abort()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    try:
        yield wire
    finally:
        server.close()
        await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def password_server(home, *, user, password, kind="ssh-ed25519"):
    """An SSH server that asks for a password; OpenSSH's cannot be had with one without rights."""
    wanted = (user, password)

    class Door(asyncssh.SSHServer):
        def password_auth_supported(self):
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == wanted

    key = asyncssh.generate_private_key(kind)
    listening = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Door,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(home)),
    )
    try:
        line = " ".join(key.export_public_key().decode().split()[:2])
        yield listening.get_port(), line
    finally:
        listening.close()
        await listening.wait_closed()
