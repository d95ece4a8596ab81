"""Does Canvas hold what was delivered? Read back through Canvas's own report, compared row by row.

Canvas's export is no loss-less round trip (`canvas.reports`), so rows are compared in the columns
it carries, and in the words it uses.
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from rosterway.canvas import reports
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.reports import ReportName

#: Table -> the columns that are compared: what a delivery and the export both say.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "accounts": ("account_id", "parent_account_id", "name"),
    "terms": ("term_id", "name"),
    "courses": ("course_id", "short_name", "long_name", "account_id", "term_id", "status"),
    "sections": ("section_id", "course_id", "name"),
    "users": ("user_id", "login_id", "full_name", "sortable_name", "email", "status"),
    "enrollments": ("course_id", "user_id", "role", "section_id", "status"),
    "xlists": ("xlist_course_id", "section_id"),
    "user_observers": ("observer_id", "student_id"),
}

#: The export's words for states, and rows that are there no more.
_WORDS = {"concluded": "completed"}
_GONE = {"deleted"}

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Rows of a table that only one side has."""

    table: str
    only_delivered: tuple[Row, ...]
    only_canvas: tuple[Row, ...]


async def read_back(url: str, token: str, delivered: Path) -> tuple[list[Difference], int]:
    """Compare the CSV files in `delivered` with what Canvas exports; and how many rows agreed."""
    tables = [name for name in COMPARED if (delivered / f"{name}.csv").is_file()]
    with tempfile.TemporaryDirectory(prefix="rosterway-") as folder:
        target = Path(folder) / "export.zip"
        async with CanvasClient(url, token) as client:
            asked = await reports.request(
                client, ReportName.SIS_EXPORT, tables=tables, include_deleted=True
            )
            made = await reports.follow(client, asked)
            await reports.download(client, made, target)
        exported = _exported(target)
    differences: list[Difference] = []
    agreed = 0
    for table in tables:
        with (delivered / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            wanted = set(_rows(table, csv.DictReader(file)))
        held = set(_rows(table, exported.get(table, ())))
        agreed += len(wanted & held)
        if wanted != held:
            differences.append(
                Difference(table, tuple(sorted(wanted - held)), tuple(sorted(held - wanted)))
            )
    return differences, agreed


def _exported(path: Path) -> dict[str, list[dict[str, str]]]:
    """The export's tables by our names: its files are named by the report's parameters."""
    names = {parameter: table for table, parameter in reports.PARAMETERS.items()}
    found: dict[str, list[dict[str, str]]] = {}
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            stem = Path(member).stem.lower()
            table = names.get(stem, stem)
            text = archive.read(member).decode("utf-8-sig").splitlines(keepends=True)
            found[table] = list(csv.DictReader(text))
    return found


def _rows(table: str, rows: Iterable[Mapping[str, str]]) -> Iterator[Row]:
    for row in rows:
        status = _WORDS.get(row.get("status", ""), row.get("status", ""))
        if status in _GONE:
            continue
        cells = {**row, "status": status}
        if table == "enrollments" and not row.get("section_id"):
            continue  # a course's own default section, which no SIS has named
        yield tuple((cells.get(column) or "").strip() for column in COMPARED[table])
