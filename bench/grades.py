"""Grade passback: posting through the engine, signed puts, a sync of nothing, and a night's planning.

    python -m bench.grades [--quick]

Each side is a process of its own that times its own work alone, and so is the provider they share.
"""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.measure import Row

RESULTS = 10_000
COURSES = 2_000
_DELAY_MS = 50
_IN_FLIGHT = 64
#: Signed puts that one core has to manage in a second.
_A_SECOND = 4_000


@dataclass(frozen=True, slots=True)
class _Spent:
    """Seconds of a process's own work, and what else it tells of it."""

    seconds: float
    cpu: float
    requests: int = 0
    puts: int = 0


def run(part: int = 1, *, rounds: int = 3) -> list[Row]:
    """All four lines, with a `part`th of the results and courses."""
    results = RESULTS // part
    return [
        _posting(results, rounds),
        _signing(results, rounds),
        _nothing(),
        _planning(COURSES // part),
    ]


def _posting(results: int, rounds: int) -> Row:
    what = f"post {results:,} results, {_DELAY_MS} ms, {_IN_FLIGHT} in flight, beside bare aiohttp"
    with _provider(_DELAY_MS) as url:
        return _side_by_side(what, "1.05 times", "engine_puts", url, results, rounds)


def _signing(results: int, rounds: int) -> Row:
    what = f"{results:,} OAuth 1.0a puts, beside bare aiohttp unsigned"
    with _provider(0) as url:
        target = f"CPU {results / _A_SECOND:.2f} s"
        return _side_by_side(what, target, "signed_puts", url, results, rounds)


def _nothing() -> Row:
    spent = _spent("unchanged_class")
    what = f"sync 150 students, 40 assignments, unchanged: {spent.requests} requests to the SIS, "
    return Row(f"{what}{spent.puts} puts", "8 requests, no put", spent.seconds, cpu=spent.cpu)


def _planning(courses: int) -> Row:
    spent = _spent("plan_courses", courses)
    return Row(
        f"plan {courses:,} courses from kept snapshots",
        f"{60 * courses / COURSES:.0f} s",
        spent.seconds,
        cpu=spent.cpu,
    )


def _side_by_side(what: str, target: str, ours: str, url: str, count: int, rounds: int) -> Row:
    times: list[_Spent] = []
    others: list[_Spent] = []
    for _ in range(rounds):
        times.append(_spent(ours, url, count, _IN_FLIGHT))
        others.append(_spent("bare_puts", url, count, _IN_FLIGHT))
    return Row(
        what,
        target,
        min(one.seconds for one in times),
        min(one.seconds for one in others),
        min(one.cpu for one in times),
        min(one.cpu for one in others),
    )


def _spent(module: str, *arguments: str | int) -> _Spent:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{module}", *map(str, arguments)],
        stdout=subprocess.PIPE,
        check=True,
    )
    return _Spent(**json.loads(done.stdout))


@contextmanager
def _provider(delay: int) -> Generator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.put_server", str(delay)],
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


if __name__ == "__main__":
    for row in run(20 if "--quick" in sys.argv else 1):
        print(
            f"{row.what}: {row.ours:.2f} s, beside it {row.theirs:.2f} s, ratio {row.ratio:.2f}, "
            f"CPU {row.cpu:.2f} s, ratio {row.cpu_ratio:.2f} (at most {row.target})"
        )
