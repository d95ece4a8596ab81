"""`make bench`: speed beside the bare tools in one run, as ratios, with peak memory.

    python -m bench [--quick]

`--quick` uses a twentieth of the rows and bytes, to see that it works. docs/bench.md says how to
read the table.
"""

import os
import platform
import sys
from collections.abc import Iterable

from bench import grades, plan, pulling, roster, serving, sftp
from bench.measure import Row
from rich import box
from rich.console import Console
from rich.table import Table

_COLUMNS = ("ours s", "bare s", "ratio", "CPU s", "bare CPU", "ratio", "MB", "bare MB")


def main() -> None:
    """Measure everything and print one table."""
    part = 20 if "--quick" in sys.argv else 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    console = Console(width=150)
    console.print(
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.machine()}, "
        f"Python {platform.python_version()}"
    )
    rows = [
        *serving.run(),
        *plan.run(plan.ROWS // part),
        *pulling.run(pulling.RECORDS // part),
        *roster.run(roster.STUDENTS // part),
        *grades.run(part),
        *sftp.run(1024 // part, sftp.FILES // part),
    ]
    console.print(_table(rows))


def _table(rows: Iterable[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("what")
    for title in _COLUMNS:
        table.add_column(title, justify="right")
    table.add_column("at most")
    for row in rows:
        seconds = (row.ours, row.theirs, row.ratio, row.cpu, row.their_cpu, row.cpu_ratio)
        table.add_row(
            row.what,
            *(f"{number:.2f}" if number else "" for number in seconds),
            *(f"{number:,}" if number else "" for number in (row.peak_mb, row.their_peak_mb)),
            row.target,
        )
    return table


if __name__ == "__main__":
    main()
