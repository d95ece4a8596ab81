"""Several rosters as one: what the other feeds of a Canvas account hold, one Parquet a table."""

from collections.abc import Sequence
from pathlib import Path

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.gateway.calculator import calculator
from rosterway.gateway.memory import DEFAULT_MEMORY
from rosterway.rostering import sql
from rosterway.runs.jobs import TablePath, Tables


def merged(rosters: Sequence[Tables], work: Path, memory: str | None) -> Tables:
    """Put the rosters' tables together below `work`."""
    folder = work / "elsewhere"
    folder.mkdir()
    names = {name for roster in rosters for name in roster}
    paths = [Path(table.path) for roster in rosters for table in roster.values()]
    made: Tables = {}
    with calculator(folder, files=paths, memory=memory or DEFAULT_MEMORY) as connection:
        for name in sorted(names):
            tables = [roster[name] for roster in rosters if name in roster]
            given = {column for table in tables for column in table.columns}
            columns = tuple(c.name for c in BY_NAME[name].columns if c.name in given)
            rows = " UNION ALL BY NAME ".join(
                f"SELECT * FROM read_parquet({sql.text(table.path)})" for table in tables
            )
            target = folder / f"{name}.parquet"
            connection.execute(f"COPY ({rows}) TO {sql.text(str(target))} (FORMAT parquet)")
            made[name] = TablePath(str(target), columns)
    return made
