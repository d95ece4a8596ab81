"""Pulls from a static provider: beside a bare loop, and with many requests beside one."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Row, Timed, timed

RECORDS = 1_000_000
_PAGE = 5_000
_DELAY_MS = 100
_REQUESTS = 16
_ROUNDS = 3


def run(records: int) -> list[Row]:
    """Both comparisons."""
    return [_beside_a_bare_loop(records), _many_beside_one(records)]


def _beside_a_bare_loop(records: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder:
        bare = [sys.executable, "-m", "bench.bare_pull"]
        with _provider(records, 0) as url:
            ours: list[Timed] = []
            theirs: list[Timed] = []
            for at in range(_ROUNDS):
                ours.append(timed(_pull(url, f"{folder}/ours{at}", 3)))
                theirs.append(timed([*bare, url, str(_PAGE), f"{folder}/bare{at}.csv"]))
            assert all(one.code == 0 for one in (*ours, *theirs))
            lines = Path(folder, "ours0", "enrollments.csv").read_bytes().count(b"\n")
            assert lines == records + 1
    return Row(
        f"pull and stage {records:,} records",
        "1.3 times, 400 MB",
        min(one.seconds for one in ours),
        min(one.seconds for one in theirs),
        min(one.cpu for one in ours),
        min(one.cpu for one in theirs),
        max(one.peak_mb for one in ours),
        max(one.peak_mb for one in theirs),
    )


def _many_beside_one(records: int) -> Row:
    """The ratio is of the many over the one, so a sixth is six times as fast."""
    with tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder:
        with _provider(records, _DELAY_MS) as url:
            many = [timed(_pull(url, f"{folder}/many{at}", _REQUESTS)) for at in range(2)]
            one = [timed(_pull(url, f"{folder}/one{at}", 1)) for at in range(2)]
        assert all(each.code == 0 for each in (*many, *one))
    return Row(
        f"pull {records:,}, {_DELAY_MS} ms, {_REQUESTS} requests beside 1",
        "0.17 times",
        min(each.seconds for each in many),
        min(each.seconds for each in one),
        min(each.cpu for each in many),
        min(each.cpu for each in one),
        max(each.peak_mb for each in many),
        max(each.peak_mb for each in one),
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
