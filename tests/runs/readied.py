"""Processes of Rosterway, forked from one that has imported everything.

Each is a process like any other: its id, streams, environment, folder, signals and end are its own,
and `main` is called in it as `python -m rosterway` calls it. Only importing, most of what a start
costs, is done once for all of them. That the program starts without this, `cli/test_contract.py`
and `cli/test_serve.py` show.

Run as a script, this is the process that is forked. A request comes as one message with four files:
the new process's three streams, and where its id and then its exit code are written.
"""

import asyncio
import atexit
import gc
import json
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from io import BufferedReader, BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

_LARGEST_REQUEST = 1 << 17
#: What is imported when it is first needed, by the program or by its libraries.
_LATER = ("alembic.command", "dbos", "sqlalchemy.dialects.sqlite", "uvicorn.logging", "uvloop")


@dataclass
class Finished:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Process:
    """One of them, to be told apart from asyncio's by nobody who only waits and signals."""

    pid: int
    stdout: asyncio.StreamReader | None
    _said: asyncio.StreamReader
    returncode: int | None = None
    _end: "asyncio.Task[int] | None" = field(default=None, repr=False)

    def watch(self) -> "Process":
        """Have the exit code kept as soon as there is one."""
        self._end = asyncio.create_task(self._ended())
        return self

    async def _ended(self) -> int:
        self.returncode = int(await self._said.readline())
        return self.returncode

    async def wait(self) -> int:
        """The exit code; negative, a signal's number."""
        assert self._end is not None
        return await asyncio.shield(self._end)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


async def begin(
    arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None, stderr: int
) -> Process:
    """Begin a command; its stdout is a pipe to us, its stderr goes to the file."""
    heard, told = os.pipe()
    said = _ask(arguments, env, cwd, told, stderr)
    os.close(told)
    answers = await _reader(said)
    return Process(int(await answers.readline()), await _reader(heard), answers).watch()


def run(
    arguments: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    timeout: float,
    given: str = "",
) -> Finished:
    """Run a command to its end; `given` is on its standard input."""
    with TemporaryFile() as words, TemporaryFile() as out, TemporaryFile() as err:
        words.write(given.encode())
        words.seek(0)
        said = _ask(arguments, env, cwd, out.fileno(), err.fileno(), stdin=words.fileno())
        pid, code = _heard(said, timeout)
        if code is None:
            os.kill(pid, signal.SIGKILL)
            raise TimeoutError(f"rosterway {' '.join(arguments)} took more than {timeout} s")
        texts = [os.pread(file.fileno(), 1 << 30, 0).decode() for file in (out, err)]
        return Finished(code, *texts)


def _heard(said: int, timeout: float) -> tuple[int, int | None]:
    """The process's id, and its exit code if there was one in time."""
    deadline = time.monotonic() + timeout
    text = b""
    with selectors.DefaultSelector() as selector, open(said, "rb", buffering=0) as answers:
        selector.register(answers, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if selector.select(left):
                piece = answers.read(100)
                if not piece:
                    break
                text += piece
    pid, *code = text.split()
    return int(pid), int(code[0]) if code else None


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", buffering=0)
    )
    return reader


def _ask(
    arguments: Sequence[str],
    env: Mapping[str, str],
    cwd: Path | None,
    stdout: int,
    stderr: int,
    *,
    stdin: int | None = None,
) -> int:
    """Ask for a process; what it has to say can be read from the file that is answered."""
    said, say = os.pipe()
    request = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd or Path.cwd())}
    with Path(os.devnull).open("rb") as nothing:
        files = [nothing.fileno() if stdin is None else stdin, stdout, stderr, say]
        try:
            socket.send_fds(_door(), [json.dumps(request).encode()], files)
        except BrokenPipeError:
            _door.cache_clear()  # it could not import everything, and says so on stderr
            raise
    os.close(say)
    return said


@cache
def _door() -> socket.socket:
    """Where requests go; the process that is forked begins with the first and ends with us."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ready = subprocess.Popen(
        [sys.executable, __file__], stdin=theirs.fileno(), stdout=subprocess.DEVNULL
    )
    theirs.close()

    def close() -> None:
        ours.close()
        ready.wait()

    atexit.register(close)
    return ours


# The process that is forked


def _import_everything() -> None:
    import duckdb

    import rosterway

    for module in pkgutil.walk_packages(rosterway.__path__, "rosterway."):
        if not module.name.endswith("__main__") and ".migrations." not in module.name:
            import_module(module.name)
    for name in _LATER:
        import_module(name)
    duckdb.default_connection().close()  # made by its import, with a thread; made anew if needed
    gc.freeze()  # what is here stays, and its pages are shared
    # What a thread holds at the moment of a fork is held for ever.
    assert len(list(Path("/proc/self/task").iterdir())) == 1


def _become(door: socket.socket) -> None:
    """Fork for every request; returns in the new processes only, ready for `main`."""
    going: dict[int, tuple[int, int]] = {}
    selector = selectors.DefaultSelector()
    selector.register(door, selectors.EVENT_READ)
    while True:
        for key, _ in selector.select():
            if key.fileobj is door:
                request, files, _, _ = socket.recv_fds(door, _LARGEST_REQUEST, 4)
                if not request:
                    os._exit(0)
                if (pid := os.fork()) == 0:
                    for _, say in going.values():
                        os.close(say)
                    for watched in [*going, door.fileno(), selector.fileno()]:
                        os.close(watched)
                    _wear(files, **json.loads(request))
                    return
                *streams, say = files
                for stream in streams:
                    os.close(stream)
                os.write(say, b"%d\n" % pid)
                watched = os.pidfd_open(pid)
                going[watched] = (pid, say)
                selector.register(watched, selectors.EVENT_READ)
            else:
                selector.unregister(key.fd)
                pid, say = going.pop(key.fd)
                _, status = os.waitpid(pid, 0)
                os.close(key.fd)
                with suppress(BrokenPipeError):
                    os.write(say, b"%d\n" % os.waitstatus_to_exitcode(status))
                os.close(say)


def _wear(files: list[int], *, arguments: list[str], env: dict[str, str], cwd: str) -> None:
    """Be what was asked for: streams, arguments, environment, folder."""
    for place, file in enumerate(files[:3]):
        os.dup2(file, place)
    for file in files:
        os.close(file)
    sys.stdin = TextIOWrapper(BufferedReader(FileIO(0, closefd=False)), encoding="utf-8")
    out, err = (BufferedWriter(FileIO(place, "w", closefd=False)) for place in (1, 2))
    sys.stdout = TextIOWrapper(out, encoding="utf-8")
    sys.stderr = TextIOWrapper(
        err, encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    sys.argv[:] = ["rosterway", *arguments]
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    os.chdir(cwd)


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file; ours is no package of the program's
    _import_everything()
    _become(socket.socket(fileno=os.dup(0)))
    from rosterway.cli.main import main

    try:
        main()
    except SystemExit as ended:
        # As the interpreter ends, but for taking apart what a thousand modules hold.
        threading._shutdown()  # pyright: ignore[reportAttributeAccessIssue]
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(ended.code or 0))
