"""`rosterway plan` on millions of enrollments, beside a bare DuckDB script that does the same.

python -m bench.plan [ROWS]
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from bench.measure import Row, side_by_side, timed
from bench.rosters import write_days

from rosterway.gateway.calculator import calculator
from rosterway.gateway.stage import stage
from rosterway.gateway.unpack import unpack
from rosterway.rostering.check import check
from rosterway.rostering.compare import compare
from rosterway.rostering.findings import Findings

ROWS = 5_000_000
_ROUNDS = 5


def run(rows: int = ROWS, *, rounds: int = 3) -> list[Row]:
    """The whole command, the comparing alone, and twice the rows under a memory limit."""
    with tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder:
        room = Path(folder)
        previous, current = write_days(room / "days", rows)
        (room / "bare").mkdir()
        whole = side_by_side(
            f"plan {rows:,} enrollments beside a bare DuckDB script",
            "1.5 times, 1,300 MB",
            _plan(previous, current),
            [
                sys.executable,
                str(Path(__file__).with_name("bare_plan.py")),
                str(previous),
                str(current),
                str(room / "bare"),
            ],
            rounds=rounds,
        )
        return [whole, _comparing(room, previous, current, rows), _limited(room, 2 * rows)]


def _plan(previous: Path, current: Path) -> list[str]:
    command = [sys.executable, "-m", "rosterway", "plan", str(current)]
    return [*command, "--baseline", str(previous), "--format", "json"]


def _comparing(room: Path, previous: Path, current: Path, rows: int) -> Row:
    """Our compare beside DuckDB's own join of the same Parquet files."""
    work = room / "comparing"
    (work / "unpacked").mkdir(parents=True)
    before = unpack([previous / "enrollments.csv"], work / "unpacked")
    after = unpack([current / "enrollments.csv"], work / "unpacked")
    files = [file.path for file in (*before.files, *after.files)]
    with calculator(work, files=files) as connection:
        old, new = Findings(connection, "old"), Findings(connection, "new")
        staged_old = stage(connection, before.files, work, old, prefix="old")
        staged_new = stage(connection, after.files, work, new, prefix="new")
        baseline = check(connection, staged_old, old, prefix="baseline").roster
        checked = check(connection, staged_new, new)
        paths = [
            str(table.readable[0].parquet)
            for table in (staged_old.tables["enrollments"], staged_new.tables["enrollments"])
        ]
        ours: list[tuple[float, float]] = []
        theirs: list[tuple[float, float]] = []
        for _ in range(_ROUNDS):
            ours.append(_spent(lambda: compare(connection, baseline, checked)))
            connection.execute("DROP TABLE changes_enrollments")
            theirs.append(_spent(lambda: _join(connection, *paths)))
            connection.execute("DROP TABLE joined")
    return Row(
        f"compare {rows:,} beside DuckDB's join of the same Parquet",
        "1.2 times",
        min(wall for wall, _ in ours),
        min(wall for wall, _ in theirs),
        min(cpu for _, cpu in ours),
        min(cpu for _, cpu in theirs),
    )


def _spent(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds of wall and of processor time, of all threads."""
    begin, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begin, time.process_time() - cpu


def _join(connection: duckdb.DuckDBPyConnection, previous: str, current: str) -> None:
    cells = ", ".join(
        f"{side}.{column} AS {side}_{column}"
        for side in ("p", "c")
        for column in ("course_id", "section_id", "user_id", "role", "status")
    )
    connection.execute(
        f"CREATE TEMP TABLE joined AS SELECT {cells} FROM read_parquet('{previous}') p "
        f"FULL JOIN read_parquet('{current}') c ON c.section_id = p.section_id "
        "AND c.user_id = p.user_id AND c.role = p.role WHERE p.user_id IS NULL "
        "OR c.user_id IS NULL OR c.course_id IS DISTINCT FROM p.course_id "
        "OR c.status IS DISTINCT FROM p.status"
    )


def _limited(room: Path, rows: int) -> Row:
    """Twice the rows with little memory: it must end, however long it takes."""
    previous, current = write_days(room / "limited", rows)
    ours = timed(_plan(previous, current), {"ROSTERWAY_MEMORY": "1GB"})
    assert ours.code in {0, 10}, ours.code
    return Row(
        f"plan {rows:,} enrollments in 1 GB",
        "1,000 MB",
        ours.seconds,
        cpu=ours.cpu,
        peak_mb=ours.peak_mb,
    )


if __name__ == "__main__":
    for row in run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS):
        print(
            f"{row.what}: {row.ours:.2f} s, ratio {row.ratio:.2f}, "
            f"processor {row.cpu:.2f} s, ratio {row.cpu_ratio:.2f}, {row.peak_mb} MB"
        )
