"""Uploading with OpenSSH's `sftp`, one large file and many small ones: to our server and to OpenSSH's.

    python -m bench.sftp [MIB [FILES]]

Both on loopback and tmpfs, in turns, same client, same cipher. The ratio is our time over theirs.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Row

MIB = 1024 * 1024
#: What OpenSSH's client takes by itself, and the fastest of what both offer.
CIPHERS = ("chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com")
ROUNDS = 4
#: Small files, and the bytes of each.
FILES, SMALL = 2_000, 2_048


def run(mib: int = 1024, files: int = FILES, *, rounds: int = ROUNDS) -> list[Row]:
    """Time both servers; takes about five seconds per GiB, round, cipher and server."""
    if not (sshd := shutil.which("sshd", path="/usr/sbin:" + os.environ["PATH"])):
        raise SystemExit("bench: sftp needs OpenSSH's server (openssh-server)")
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        home = Path(folder)
        _keys(home)
        source = home / "upload"
        with source.open("wb") as file:
            for _ in range(mib):
                file.write(os.urandom(MIB))
        with _ours(home) as ours, _openssh(home, sshd) as theirs:
            large = [_compare(cipher, source, home, ours, theirs, rounds) for cipher in CIPHERS]
            return [*large, _compare_small(files, home, ours, theirs, rounds)]


def _compare(
    cipher: str, source: Path, home: Path, ours: "_Running", theirs: "_Running", rounds: int
) -> Row:
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(rounds):
        times["ours"].append(_put(source, home, ours.port, cipher, "/diffing/upload"))
        received = home / "tree" / "diffing" / "upload"
        assert received.stat().st_size == source.stat().st_size
        received.unlink()
        target = home / "openssh-upload"
        times["theirs"].append(_put(source, home, theirs.port, cipher, str(target)))
        target.unlink()
    return Row(
        f"sftp put {source.stat().st_size // MIB} MiB, {cipher.partition('@')[0]}",
        "1.0 times",
        min(times["ours"]),
        min(times["theirs"]),
        peak_mb=ours.peak_mb(),
        their_peak_mb=theirs.peak_mb(),
    )


def _compare_small(
    count: int, home: Path, ours: "_Running", theirs: "_Running", rounds: int
) -> Row:
    source = home / "small"
    source.mkdir()
    for number in range(count):
        (source / f"{number}.csv").write_bytes(os.urandom(SMALL))
    times: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(rounds):
        target = f"/diffing/{number}"
        times["ours"].append(_put(source, home, ours.port, CIPHERS[1], target))
        received = home / "tree" / target.removeprefix("/")
        assert len(list(received.iterdir())) == count
        shutil.rmtree(received)
        beside = home / "openssh-small"
        times["theirs"].append(_put(source, home, theirs.port, CIPHERS[1], str(beside)))
        shutil.rmtree(beside)
    return Row(
        f"sftp put {count:,} files of {SMALL} bytes",
        "1.25 times",
        min(times["ours"]),
        min(times["theirs"]),
        peak_mb=ours.peak_mb(),
        their_peak_mb=theirs.peak_mb(),
    )


def _put(source: Path, home: Path, port: int, cipher: str, target: str) -> float:
    options = {
        "UserKnownHostsFile": "/dev/null",
        "StrictHostKeyChecking": "no",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "Ciphers": cipher,
        "LogLevel": "ERROR",
    }
    command = ["sftp", "-F", "none", "-b", "-", "-P", str(port), "-i", str(home / "client")]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    login = "bench" if target.startswith("/diffing") else _me()
    begun = time.perf_counter()
    subprocess.run(
        [*command, f"{login}@127.0.0.1"],
        input=f"put -R {source} {target}\n".encode(),
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - begun


class _Running:
    """A server, and the most memory one of its processes was seen to use."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port
        self._peak_kb = 0
        self._ended = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            for pid in _family(self.process.pid):
                self._peak_kb = max(self._peak_kb, _most_kb(pid))

    def peak_mb(self) -> int:
        return self._peak_kb // 1024

    def end(self) -> None:
        self._ended.set()
        self.process.terminate()
        self.process.wait()


@contextmanager
def _ours(home: Path) -> Generator[_Running]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sftp", "--serve", str(home)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    running = _Running(process, int(process.stdout.readline()))
    try:
        yield running
    finally:
        running.end()


@contextmanager
def _openssh(home: Path, sshd: str) -> Generator[_Running]:
    port = _free_port()
    config = home / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {home}/host\nPidFile none\n"
        f"AuthorizedKeysFile {home}/client.pub\nStrictModes no\nUsePAM no\n"
        "PermitRootLogin yes\nSubsystem sftp internal-sftp\nLogLevel ERROR\n"
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([sshd, "-D", "-f", str(config)], stderr=subprocess.PIPE)
    running = _Running(process, port)
    try:
        _wait_for(port, process)
        yield running
    finally:
        running.end()


async def _serve(home: Path) -> None:
    """Our server as `rosterway serve` has it, in a process of its own."""
    from datetime import timedelta

    from rosterway.gateway.arrivals import Arrivals
    from rosterway.gateway.handoff import Arrival
    from rosterway.gateway.journal import FileJournal
    from rosterway.gateway.watch import FeedFolder
    from rosterway.sftp_server.accounts import SftpAccount
    from rosterway.sftp_server.door import listen

    async def take(arrival: Arrival) -> None:
        raise AssertionError(arrival)

    tree = home / "tree"
    key = (home / "client.pub").read_text()
    account = SftpAccount(login="bench", tenant="bench", root=tree, keys=(key,))
    arrivals = Arrivals(
        [
            FeedFolder(
                tenant="bench", feed="bench", path=tree / "diffing", settle=timedelta(hours=1)
            )
        ],
        sealed=home / "sealed",
        journal=FileJournal(home / "journal.db"),
        on_sealed=take,
    )
    arrivals.start()
    door = await listen(
        "127.0.0.1",
        0,
        accounts={"bench": account}.get,
        key_file=home / "our_host_key",
        arrivals=arrivals,
    )
    os.write(1, f"{door.port}\n".encode())
    await arrivals.run()


def _keys(home: Path) -> None:
    for name in ("client", "host"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / name)], check=True
        )


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    import socket

    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    assert process.stderr is not None
    raise SystemExit(f"bench: sshd does not start: {process.stderr.read().decode()}")


def _me() -> str:
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from _family(int(child))


def _most_kb(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM")), 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        import structlog
        import uvloop

        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        uvloop.run(_serve(Path(sys.argv[2])))
    else:
        for row in run(*map(int, sys.argv[1:2])):
            print(
                f"{row.what:45} ours {row.ours:6.2f} s  OpenSSH {row.theirs:6.2f} s  "
                f"ratio {row.ratio:4.2f}  peak {row.peak_mb} MB  OpenSSH {row.their_peak_mb} MB"
            )
