"""How soon `rosterway serve` is ready and what it costs when idle; how soon `--help` answers."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.measure import Row, timed

_CONFIGURATION = """\
[server]
console = "127.0.0.1:0"
sftp = "127.0.0.1:0"

[tenant.bench]
name = "Bench"
time_zone = "UTC"

[tenant.bench.canvas]
url = "http://127.0.0.1:9"
token = { env = "BENCH_TOKEN" }
environment = "sandbox"

[tenant.bench.feed.nightly]
from = "gateway"
folder = "diffing"
"""


def run() -> list[Row]:
    """Seconds until ready, idle memory, seconds until help."""
    helps = [timed([sys.executable, "-m", "rosterway", "--help"]) for _ in range(5)]
    rows = [
        Row(
            "rosterway --help",
            "0.3 s",
            min(one.seconds for one in helps),
            cpu=min(one.cpu for one in helps),
            peak_mb=max(one.peak_mb for one in helps),
        )
    ]
    with tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder:
        config = Path(folder) / "rosterway.toml"
        config.write_text(_CONFIGURATION, encoding="utf-8")
        times: list[float] = []
        memory = 0
        for _ in range(3):
            begin = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "rosterway", "serve", "--config", str(config)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=folder,
                env={**os.environ, "BENCH_TOKEN": "x", "ROSTERWAY_HOME": f"{folder}/home"},
            )
            assert process.stdout is not None
            assert json.loads(process.stdout.readline())["ready"]
            times.append(time.perf_counter() - begin)
            time.sleep(3)
            memory = max(memory, _resident(process.pid))
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        rows.append(Row("serve, ready and idle", "3 s, 200 MB", min(times), peak_mb=memory))
    return rows


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
