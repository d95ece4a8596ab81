"""`make bench`: speed beside the bare tools in one run, as ratios, with peak memory.

    python -m bench [--quick]

`--quick` uses a twentieth of the rows and bytes, to see that it works.
"""

import platform
import sys
from collections.abc import Iterable
from typing import Protocol

from bench import plan, serving, sftp
from rich import box
from rich.console import Console
from rich.table import Table


class Measured(Protocol):
    """A row of the table."""

    @property
    def what(self) -> str: ...
    @property
    def ours(self) -> float: ...
    @property
    def theirs(self) -> float: ...
    @property
    def peak_mb(self) -> int: ...
    @property
    def their_peak_mb(self) -> int: ...
    @property
    def ratio(self) -> float: ...


def main() -> None:
    """Measure everything and print one table."""
    part = 20 if "--quick" in sys.argv else 1
    console = Console()
    console.print(f"{platform.machine()}, Python {platform.python_version()}")
    rows: list[Measured] = []
    rows += serving.run()
    rows += plan.run(plan.ROWS // part)
    rows += sftp.run(1024 // part)
    console.print(_table(rows))


def _table(rows: Iterable[Measured]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("what")
    for title in ("ours s", "bare s", "ratio", "ours MB", "bare MB"):
        table.add_column(title, justify="right")
    table.add_column("target")
    for row in rows:
        table.add_row(
            row.what,
            f"{row.ours:.2f}",
            f"{row.theirs:.2f}" if row.theirs else "",
            f"{row.ratio:.2f}" if row.theirs else "",
            f"{row.peak_mb:,}" if row.peak_mb else "",
            f"{row.their_peak_mb:,}" if row.their_peak_mb else "",
            getattr(row, "target", "at most 1.0 times"),
        )
    return table


if __name__ == "__main__":
    main()
