"""Staged files seen as tables: which records stand in them, once or twice, whatever their size.

DuckDB counts and joins, because a million ids in a Python set take more memory than a whole pull.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from rosterway.rostering import sql

_MEMORY = "200MB"
_MOST_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of a staged file: rows, different ids, and a print of them whatever their order."""

    rows: int
    distinct: int
    print: str


def read_ids(file: Path) -> Ids:
    """Count the ids of a staged CSV file."""
    with calculator(file.parent) as connection:
        rows, distinct, total = connection.execute(
            "SELECT count(*), count(DISTINCT sourcedId), sum(hash(sourcedId))::VARCHAR "
            f"FROM {rows_of(file)}"
        ).fetchall()[0]
    return Ids(rows, distinct, f"{rows}:{distinct}:{total}")


def repeated(file: Path) -> list[tuple[str, int]]:
    """Ids that stand more than once, with the place of the second; a thousand at most."""
    with calculator(file.parent) as connection:
        found = connection.execute(
            "SELECT sourcedId, max(_at::BIGINT) AS _at "
            f"FROM {rows_of(file)} GROUP BY sourcedId HAVING count(*) > 1 "
            f"ORDER BY _at LIMIT {_MOST_NAMED}"
        ).fetchall()
    return [(sourced_id, at) for sourced_id, at in found]


def calculator(folder: Path) -> duckdb.DuckDBPyConnection:
    """A calculator of bounded memory that spills into a folder. Use as a context manager."""
    return duckdb.connect(
        ":memory:",
        config={"memory_limit": _MEMORY, "threads": 2, "temp_directory": str(folder / "spill")},
    )


def rows_of(file: Path) -> str:
    """A staged file as SQL has a table: every cell a text, a blank one NULL."""
    return (
        f"read_csv({sql.text(str(file))}, header = true, all_varchar = true, delim = ',', "
        "quote = '\"', escape = '\"', auto_detect = false, "
        f"columns = {{{_columns(file)}}})"
    )


def _columns(file: Path) -> str:
    with file.open(encoding="utf-8") as lines:
        names = lines.readline().rstrip("\n").split(",")
    return ", ".join(f"{sql.text(name)}: 'VARCHAR'" for name in names)
