"""Times whole commands side by side, in turns, and their peak memory."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison: seconds of wall and of processor time, MB.

    All seconds are of the best round: what else the machine does can only add.
    """

    what: str
    target: str
    ours: float
    theirs: float = 0.0
    cpu: float = 0.0
    their_cpu: float = 0.0
    peak_mb: int = 0
    their_peak_mb: int = 0

    @property
    def ratio(self) -> float:
        """Our time over theirs."""
        return self.ours / self.theirs if self.theirs else 0.0

    @property
    def cpu_ratio(self) -> float:
        """Our processor time over theirs."""
        return self.cpu / self.their_cpu if self.their_cpu else 0.0


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a command; the peak is of it or its largest child."""

    seconds: float
    cpu: float
    peak_mb: int
    code: int


def timed(command: Sequence[str], env: Mapping[str, str] | None = None) -> Timed:
    """Run a command to its end."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.one", *command],
        stdout=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        check=True,
    )
    return Timed(**json.loads(done.stdout))


def side_by_side(
    what: str, target: str, ours: Sequence[str], theirs: Sequence[str], *, rounds: int = 3
) -> Row:
    """Run both commands in turns; ours must end with 0 or 10 (held), theirs with 0."""
    times: list[Timed] = []
    others: list[Timed] = []
    for _ in range(rounds):
        times.append(timed(ours))
        assert times[-1].code in {0, 10}, f"{ours} ended with {times[-1].code}"
        others.append(timed(theirs))
        assert others[-1].code == 0, f"{theirs} ended with {others[-1].code}"
    return Row(
        what,
        target,
        min(one.seconds for one in times),
        min(one.seconds for one in others),
        min(one.cpu for one in times),
        min(one.cpu for one in others),
        max(one.peak_mb for one in times),
        max(one.peak_mb for one in others),
    )
