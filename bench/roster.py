"""A roster end to end: one `rosterway feed run nightly --wait`, from the sandbox SIS into the sandbox Canvas.

    python -m bench.roster [STUDENTS]

Four processes as a person would start them: both sandboxes, `serve`, and the command that is timed.
Every round begins with an empty Canvas and an empty home. The guards that hold a first load are
off, as nobody is there to approve; all others are on.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import Row, Timed, timed

#: Each has between seven and eight enrollments, teachers' and observers' among them.
STUDENTS = 1_620
_ROUNDS = 3
_FIRST_LOAD = ["first-load", "no-baseline"]


@dataclass(frozen=True, slots=True)
class _Spent:
    """One round: the command, and what `serve` took for it."""

    command: Timed
    cpu: float
    peak_mb: int
    enrollments: int


def run(students: int = STUDENTS) -> list[Row]:
    """Seconds from asking for the run until Canvas has all of it."""
    rounds = [_round(students) for _ in range(_ROUNDS)]
    enrollments = {each.enrollments for each in rounds}
    assert len(enrollments) == 1, enrollments
    return [
        Row(
            f"a roster of {enrollments.pop():,} enrollments, from SIS to Canvas",
            "10 s",
            min(each.command.seconds for each in rounds),
            cpu=min(each.command.cpu + each.cpu for each in rounds),
            peak_mb=max(each.peak_mb for each in rounds),
        )
    ]


def _round(students: int) -> _Spent:
    with (
        tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder,
        _told(["sandbox", "sis", "--students", str(students)]) as (_, sis),
        _told(["sandbox", "canvas"]) as (_, canvas),
    ):
        config = Path(folder, "rosterway.toml")
        config.write_text("\n".join(_configuration(sis, canvas)), encoding="utf-8")
        environ = {
            "CANVAS_TOKEN": canvas["token"],
            "SIS_SECRET": sis["client_secret"],
            "ROSTERWAY_HOME": f"{folder}/home",
        }
        with _told(["serve", "--config", str(config)], environ) as (pid, ready):
            assert ready["ready"]
            before = _cpu(pid)
            command = [sys.executable, "-m", "rosterway", "feed", "run", "nightly", "--wait"]
            spent = timed(command, environ)
            assert spent.code == 0, f"the run ended with {spent.code}"
            return _Spent(spent, _cpu(pid) - before, _peak_mb(pid), _in_canvas(canvas))


def _configuration(sis: Mapping[str, Any], canvas: Mapping[str, Any]) -> list[str]:
    auth = (
        f'{{ method = "oauth2", token_url = {json.dumps(sis["token_url"])}, '
        f"client_id = {json.dumps(sis['client_id'])}, "
        'client_secret = { env = "SIS_SECRET" } }'
    )
    return [
        "[server]",
        'console = "127.0.0.1:0"',
        'sftp = "127.0.0.1:0"',
        "[tenant.bench]",
        'name = "Bench"',
        'time_zone = "UTC"',
        "[tenant.bench.canvas]",
        f"url = {json.dumps(canvas['url'])}",
        'token = { env = "CANVAS_TOKEN" }',
        'environment = "sandbox"',
        "[tenant.bench.connection.sis]",
        'version = "1.2"',
        f"rostering_url = {json.dumps(sis['rostering_url'])}",
        f"auth = {auth}",
        "[tenant.bench.feed.nightly]",
        'from = "sis"',
        f"limits = {{ off = {json.dumps(_FIRST_LOAD)} }}",
    ]


@contextmanager
def _told(
    arguments: list[str], environ: Mapping[str, str] | None = None
) -> Generator[tuple[int, dict[str, Any]]]:
    """A `rosterway` that runs until this ends: its process, and its first line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "rosterway", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **(environ or {})},
    )
    assert process.stdout is not None
    try:
        yield process.pid, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(20)


def _in_canvas(canvas: Mapping[str, Any]) -> int:
    """How many enrollments the SIS imports have made, by Canvas's own count."""
    request = urllib.request.Request(
        f"{canvas['url']}/api/v1/accounts/self/sis_imports?per_page=100",
        headers={"Authorization": f"Bearer {canvas['token']}"},
    )
    with urllib.request.urlopen(request) as answer:
        imports = json.load(answer)["sis_imports"]
    assert all(each["workflow_state"] == "imported" for each in imports), imports
    return sum(each["data"]["counts"].get("enrollments", 0) for each in imports)


def _cpu(pid: int) -> float:
    """Processor seconds of a process so far, those of children it has waited for among them."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _peak_mb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS):
        print(f"{row.what}: {row.ours:.2f} s, processor {row.cpu:.2f} s, {row.peak_mb} MB")
