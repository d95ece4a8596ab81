"""Lists about grades taken away: as CSV that no spreadsheet calculates, or as JSON."""

import json
from collections.abc import Sequence
from enum import StrEnum

from fastapi.responses import Response

from rosterway.console.access import Desk
from rosterway.console.run_pages import as_stream
from rosterway.console.spreadsheet import csv_lines
from rosterway.store import audit


class Form(StrEnum):
    """What a list is taken away as."""

    CSV = "csv"
    JSON = "json"


def download(
    desk: Desk, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]], form: Form
) -> Response:
    """A list of `columns`, a row each; who took it goes into the audit log."""
    audit.append(
        desk.handle,
        actor=desk.operator,
        act="grades.download",
        subject=f"{name}.{form}",
        now=desk.now,
    )
    if form is Form.CSV:
        lines = csv_lines([[columns], rows])
        return as_stream(lines, f"{name}.csv", "text/csv; charset=utf-8")
    told = [dict(zip(columns, row, strict=True)) for row in rows]
    text = json.dumps(told, ensure_ascii=False, indent=1, default=str)
    return as_stream(iter([text, "\n"]), f"{name}.json", "application/json")
