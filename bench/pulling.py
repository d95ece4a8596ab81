"""Pulls from a static provider: beside a bare loop, and with many requests beside one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Row, side_by_side

RECORDS = 1_000_000
_PAGE = 5_000
_DELAY_MS = 100
_REQUESTS = 16


def run(records: int) -> list[Row]:
    """Both comparisons."""
    return [_beside_a_bare_loop(records), _many_beside_one(records)]


def _beside_a_bare_loop(records: int) -> Row:
    with (
        tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder,
        _provider(records, 0) as url,
    ):
        bare = [sys.executable, "-m", "bench.bare_pull", url, str(_PAGE), f"{folder}/bare.csv"]
        what = f"pull and stage {records:,} records"
        row = side_by_side(what, "1.3 times, 400 MB", _pull(url, f"{folder}/ours", 3), bare)
        lines = Path(folder, "ours", "enrollments.csv").read_bytes().count(b"\n")
        assert lines == records + 1
        return row


def _many_beside_one(records: int) -> Row:
    """The ratio is of the many over the one, so a sixth is six times as fast."""
    with (
        tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder,
        _provider(records, _DELAY_MS) as url,
    ):
        return side_by_side(
            f"pull {records:,}, {_DELAY_MS} ms, {_REQUESTS} requests beside 1",
            "0.17 times",
            _pull(url, f"{folder}/many", _REQUESTS),
            _pull(url, f"{folder}/one", 1),
        )


def _pull(url: str, out: str, requests: int) -> list[str]:
    return [sys.executable, "-m", "bench.stage", url, str(_PAGE), str(requests), out]


@contextmanager
def _provider(records: int, delay: int) -> Generator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.provider", str(records), str(delay)],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
