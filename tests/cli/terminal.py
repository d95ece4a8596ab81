"""The command line as a person or a script has it: a process, its two streams and its exit code.

Commands that end by themselves are forked from a process that has imported the program
(`runs.readied`); `anew` starts the program as a shell does.
"""

import ctypes
import os
import signal
import subprocess

from runs.installation import ROSTERWAY
from runs.readied import Finished, run

DEADLINE = 60.0


def environ(**more: str | None) -> dict[str, str]:
    """The environment without what is set for Rosterway; None takes something away."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("ROSTERWAY_")}
    wanted: dict[str, str | None] = {**ours, "COLUMNS": "80", **more}
    return {name: value for name, value in wanted.items() if value is not None}


def rosterway(*arguments, cwd=None, **env: str | None) -> Finished:
    """Run a command to its end; it has no terminal."""
    return run([*map(str, arguments)], env=environ(**env), cwd=cwd, timeout=DEADLINE)


def anew(*arguments, cwd=None, preexec_fn=None, **env: str | None) -> Finished:
    """Start the program for a command and run it to its end, in a pipe."""
    done = subprocess.run(
        [*ROSTERWAY, *map(str, arguments)],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environ(**env),
        timeout=DEADLINE,
        preexec_fn=preexec_fn,
        check=False,
    )
    return Finished(done.returncode, done.stdout.decode(), done.stderr.decode())


def started(*arguments, **env: str | None):
    """Begin a command that runs until it is ended; its streams are pipes."""
    return subprocess.Popen(
        [*ROSTERWAY, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ(**env),
    )


def ended(process, by=signal.SIGTERM):
    """End a command with a signal; its exit code."""
    process.send_signal(by)
    process.communicate(timeout=DEADLINE)
    return process.returncode


def bound_by_permissions():
    """Between fork and exec: let file permissions hold for root, too (prctl PR_CAPBSET_DROP)."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)


def tree(folder):
    """Everything below a folder, by its relative path: files with their content."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }
