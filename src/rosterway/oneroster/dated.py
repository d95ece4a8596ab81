"""Whether what came of a delta pull is what was asked for: records changed after a moment.

A provider that does not apply the filter sends everything. That is nothing lost, for everything is
laid over what was there; but people should know why a delta takes as long as a whole pull.
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from rosterway.formats.oneroster.deviations import Deviation
from rosterway.formats.oneroster.tables import BY_NAME
from rosterway.oneroster.staged_rows import calculator, rows_of
from rosterway.rostering import sql

_DATE = "dateLastModified"


def not_asked_for(
    folder: Path, tables: Collection[str], since: datetime | None
) -> tuple[Deviation, ...]:
    """The records of staged tables that were not changed after `since`, counted by table."""
    found: list[Deviation] = []
    if since is None:
        return ()
    with calculator(folder) as connection:
        for name in sorted(tables):
            file = folder / BY_NAME[name].file
            if not file.exists():
                continue
            count, record, date = connection.execute(
                f"SELECT count(*), min(sourcedId), min({_DATE}) FROM {rows_of(file)} "
                f"WHERE try_cast({_DATE} AS TIMESTAMPTZ) < {sql.text(since.isoformat())}::TIMESTAMPTZ"
            ).fetchall()[0]
            if count:
                found.append(Deviation("filter-ignored", name, _DATE, count, date, record))
    return tuple(found)
