"""All rows that were asked for, as CSV or JSON, made batch by batch as they are sent."""

import json
from collections.abc import Iterator
from typing import Any

from rosterway.console.access import Desk
from rosterway.console.lookup import looking_up, rows_in
from rosterway.console.row_conditions import condition_of
from rosterway.console.row_question import Source
from rosterway.console.spreadsheet import csv_lines
from rosterway.rostering import sql

_BATCH = 2_000


def as_csv(desk: Desk, source: Source) -> Iterator[str]:
    """A header and a line for each row."""
    return csv_lines(_every(desk, source))


def as_json(desk: Desk, source: Source) -> Iterator[str]:
    """A list of objects, one on a line."""
    batches = _every(desk, source)
    names = next(batches)
    yield "["
    separator = "\n"
    for row in (row for batch in batches for row in batch):
        yield separator + json.dumps(dict(zip(names[0], row, strict=True)), ensure_ascii=False)
        separator = ",\n"
    yield "\n]\n"


def _every(desk: Desk, source: Source) -> Iterator[list[tuple[Any, ...]]]:
    """The names of the columns, then the rows in batches."""
    if source.main is None:
        yield [()]
        return
    with looking_up(desk, source.files) as connection:
        condition = condition_of(connection, source)
        cursor = connection.execute(
            f"SELECT {_columns(source)} FROM {rows_in(source.main)} WHERE {condition.sql}",
            list(condition.values),
        )
        yield [tuple(column[0] for column in cursor.description or ())]
        while batch := cursor.fetchmany(_BATCH):
            yield batch


def _columns(source: Source) -> str:
    """The columns of a download, under names that speak."""
    if source.asked.what.is_removal:
        return (
            "words AS row, how, cause, moved, account_id AS school, term_id AS term, class, role, "
            "person"
        )
    cells = [
        f"{sql.name(prefix + name)} AS {sql.name(f'{word}.{name}')}"
        for name in source.columns
        for prefix, word in (("o_", "before"), ("e_", "after"))
    ]
    said = "kind AS change, words AS row, target AS becomes, spared AS left_alone_because"
    return ", ".join([said, "carried AS removed_with", "file", "line", *cells])
