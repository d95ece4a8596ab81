"""Times whole commands side by side, in turns, and their peak memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: seconds (the best round: what else the machine does can only add), MB."""

    what: str
    ours: float
    theirs: float
    peak_mb: int
    their_peak_mb: int
    target: str = ""

    @property
    def ratio(self) -> float:
        """Our time over theirs."""
        return self.ours / self.theirs if self.theirs else 0.0


def timed(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[float, int, int]:
    """Run a command: seconds, peak memory in MB of it and its largest child, exit code."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, env={**os.environ, **(env or {})}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return time.perf_counter() - begin, usage.ru_maxrss // 1024, process.returncode


def side_by_side(
    what: str,
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    rounds: int = 3,
    target: str = "",
    env: Mapping[str, str] | None = None,
) -> Row:
    """Run both commands in turns; ours must end with 0 or 10 (held), theirs with 0."""
    times: list[tuple[float, int]] = []
    others: list[tuple[float, int]] = []
    for _ in range(rounds):
        seconds, peak, code = timed(ours, env)
        assert code in {0, 10}, f"{ours} ended with {code}"
        times.append((seconds, peak))
        seconds, peak, code = timed(theirs)
        assert code == 0, f"{theirs} ended with {code}"
        others.append((seconds, peak))
    return Row(
        what,
        min(seconds for seconds, _ in times),
        min(seconds for seconds, _ in others),
        max(peak for _, peak in times),
        max(peak for _, peak in others),
        target,
    )
