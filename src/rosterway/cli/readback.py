"""Does Canvas hold what was delivered? Read back through Canvas's own report, compared row by row.

Every delivered row must be in Canvas as it was delivered, and nothing else may be in force there.
What left a delivery stays in Canvas in the state the feed's policy gives it, so rows that are not
in force are no difference. Canvas's export is no loss-less round trip (`canvas.reports`): rows are
compared in the columns it carries, and in the words it uses.
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rosterway.canvas import reports
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.reports import ReportName

#: Table -> the columns that are compared, where the delivery has them.
COMPARED: Mapping[str, tuple[str, ...]] = {
    "accounts": ("account_id", "parent_account_id", "name"),
    "terms": ("term_id", "name"),
    "courses": ("course_id", "short_name", "long_name", "account_id", "term_id", "status"),
    "sections": ("section_id", "course_id", "name"),
    "users": ("user_id", "login_id", "full_name", "sortable_name", "email", "status"),
    # A cross-listed section's people show under the other course, so the section tells
    "enrollments": ("section_id", "user_id", "role", "status"),
    "xlists": ("xlist_course_id", "section_id"),
    "user_observers": ("observer_id", "student_id"),
}

#: Words for one state that an import and the export use: theirs -> the one compared.
_WORDS = {"concluded": "completed", "published": "active"}
#: The state of a row that gives access.
_IN_FORCE = "active"
_DELETED = "deleted"

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
            reader = csv.DictReader(file)
            columns = [name for name in COMPARED[table] if name in (reader.fieldnames or ())]
            wanted = {row for row, state in _rows(table, columns, reader) if state != _DELETED}
        held = dict(_rows(table, columns, exported.get(table, ())))
        missing = wanted - {row for row, state in held.items() if state != _DELETED}
        more = {row for row, state in held.items() if state == _IN_FORCE} - wanted
        agreed += len(wanted) - len(missing)
        if missing or more:
            differences.append(Difference(table, tuple(sorted(missing)), tuple(sorted(more))))
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


def _rows(
    table: str, columns: Sequence[str], rows: Iterable[Mapping[str, str]]
) -> Iterator[tuple[Row, str]]:
    """The rows in the columns compared, each with its state."""
    for row in rows:
        if table == "enrollments" and (row.get("associated_user_id") or not row["section_id"]):
            continue  # made by Canvas: an observer beside a student, a course's own section
        state = row.get("status") or _IN_FORCE
        cells = {**row, "status": _WORDS.get(state, state)}
        yield tuple((cells.get(column) or "").strip() for column in columns), cells["status"]
