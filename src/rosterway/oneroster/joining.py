"""The collections of a pull become one file for each staged table.

A table may come from several collections (students and teachers; a school's courses and the next
one's). Of records with one sourcedId the first in order of collections and places is taken, and the
roles of a user with its record.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rosterway.formats.oneroster.field import Table
from rosterway.formats.oneroster.nouns import Noun
from rosterway.formats.oneroster.reading import tables_of
from rosterway.oneroster.staged_rows import calculator, rows_of
from rosterway.oneroster.staging import PROBLEMS, CollectionFiles
from rosterway.rostering import sql

_COPIED = "(FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR '')"


@dataclass(frozen=True, slots=True)
class Part:
    """What one collection gave; `is_clean`: no record stands in it twice."""

    noun: Noun
    files: CollectionFiles
    is_clean: bool


def join(parts: Sequence[Part], folder: Path, *, is_last: bool) -> None:
    """Make `folder`'s staged tables and its problems; if this is the last time, parts are moved."""
    nouns = {part.noun.plural: part.noun for part in parts}
    for noun in nouns.values():
        own = [part for part in parts if part.noun.plural == noun.plural]
        for table in tables_of(noun):
            sources = [part.files.csv(table.name) for part in own]
            target = folder / table.file
            if len(own) == 1 and own[0].is_clean:
                _take(sources[0], target, is_last=is_last)
            else:
                records = [part.files.csv(noun.table.name) for part in own]
                _merge(table, sources, records, target)
    draft = folder / f"{PROBLEMS}.draft"
    with draft.open("wb") as problems:
        for part in parts:
            with (part.files.folder / PROBLEMS).open("rb") as own_problems:
                shutil.copyfileobj(own_problems, problems)
    draft.replace(folder / PROBLEMS)


def _take(source: Path, target: Path, *, is_last: bool) -> None:
    """A copy while the pull may go on: a part that grows must not change what was handed over."""
    if is_last:
        source.replace(target)
    else:
        shutil.copyfile(source, target)


def _merge(table: Table, sources: list[Path], records: list[Path], target: Path) -> None:
    key = "sourcedId" if sources == records else "userSourcedId"
    columns = ", ".join(f"row.{sql.name(name)}" for name in table.staged)
    draft = target.with_suffix(".draft")
    with calculator(target.parent) as connection:
        connection.execute(
            "CREATE TEMP TABLE kept AS SELECT sourcedId, _part, _place "
            f"FROM ({_all(records)}) QUALIFY row_number() "
            "OVER (PARTITION BY sourcedId ORDER BY _part, _place) = 1"
        )
        connection.execute(
            f"COPY (SELECT {columns} FROM ({_all(sources)}) AS row JOIN kept "
            f"ON row.{key} = kept.sourcedId AND row._part = kept._part "
            "AND row._place = kept._place "
            f"ORDER BY row._part, row._place, row._line) TO {sql.text(str(draft))} {_COPIED}"
        )
    draft.replace(target)


def _all(files: list[Path]) -> str:
    return " UNION ALL ".join(
        f"SELECT *, {number} AS _part, _at::BIGINT AS _place, row_number() OVER () AS _line FROM {rows_of(file)}"
        for number, file in enumerate(files)
    )
