"""Running a report: query each sheet that was chosen, write CSV, zip several.

Facts: canvas-lms `gems/plugins/account_reports`, Canvas API docs, "Account Reports".
"""

import csv
import io
import sqlite3
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rosterway.sandbox.canvas.instance import Instance
from rosterway.sandbox.canvas.reports import grade_export
from rosterway.sandbox.canvas.reports.sheets import REPORTS, Sheet

#: Reports that are no choice of sheets: title, parameters, and what writes their CSV.
WRITTEN = {"grade_export_csv": (grade_export.TITLE, grade_export.PARAMETERS, grade_export.write)}

#: Characters that a file lacks which is cut.
_CUT = 9

NOTHING_CHOSEN = "No report type was selected"


def run_report(instance: Instance, report_id: int) -> None:
    """Run a report that was asked for and put its file on record."""
    office = instance.office
    row = office.rows("SELECT * FROM reports WHERE id = ?", (report_id,))[0]
    office.update("reports", report_id, status="running", started_at=instance.now())
    if instance.faults.strike("report-fails"):
        failed = "Generating the report has failed"
        office.update("reports", report_id, status="error", ended_at=instance.now(), message=failed)
        return
    parameters = parse(row["parameters"])
    reader = instance.roster.reader()
    try:
        title, texts = _written(row["report"], parameters, reader, instance.now())
    finally:
        reader.close()
    changes: dict[str, Any] = {"message": NOTHING_CHOSEN}
    if instance.faults.strike("report-cut"):
        texts = {name: text[:-_CUT] for name, text in texts.items()}
    if texts:
        changes["message"] = f"{title} report successfully generated"
        changes["file_id"] = _keep(instance, row["report"], report_id, texts)
    office.update(
        "reports",
        report_id,
        status="complete",
        progress=100,
        ended_at=instance.now(),
        **changes,
    )


def _written(
    report: str, parameters: Mapping[str, Any], reader: sqlite3.Connection, now: str
) -> tuple[str, dict[str, str]]:
    """The title of a report, and the CSV of each of its sheets."""
    if report in WRITTEN:
        title, _, write = WRITTEN[report]
        return title, {report: write(reader, parameters, now)}
    title, sheets = REPORTS[report]
    chosen = [name for name in sheets if _is_true(parameters.get(name))]
    return title, {name: _csv(sheets[name], parameters, reader) for name in chosen}


def parse(stored: str) -> dict[str, Any]:
    """A report's parameters as they were stored: one name and value a line."""
    parameters: dict[str, Any] = {}
    for line in stored.splitlines():
        name, _, value = line.partition("=")
        if name.endswith("[]"):
            parameters.setdefault(name[:-2], []).append(value)
        else:
            parameters[name] = value
    return parameters


def _is_true(value: object) -> bool:
    return str(value).lower() in {"true", "1"}


def _csv(sheet: Sheet, parameters: Mapping[str, Any], reader: sqlite3.Connection) -> str:
    where: list[str] = []
    values: list[Any] = []
    if not _is_true(parameters.get("include_deleted")):
        where.append(f"({sheet.live})")
    if sheet.always:
        where.append(sheet.always)
    if sheet.sis_id:
        where.append(f"{sheet.sis_id} IS NOT NULL")
    if _is_true(parameters.get("created_by_sis")):
        where.append("t.sis_batch_id IS NOT NULL")
    if sheet.term and (term := parameters.get("enrollment_term_id")):
        spelled = str(term)
        column = "sis_source_id" if spelled.startswith("sis_term_id:") else "id"
        where.append(f"{sheet.term} IN (SELECT id FROM terms WHERE {column} = ?)")
        values.append(spelled.removeprefix("sis_term_id:"))
    if sheet.source.startswith("enrollments"):
        for name, column in (
            ("enrollment_filter", "t.type"),
            ("enrollment_states", "t.workflow_state"),
        ):
            if wanted := parameters.get(name):
                where.append(f"{column} IN ({', '.join('?' * len(wanted))})")
                values.extend(wanted)
    columns = ", ".join(f'{sql} AS "{name}"' for name, sql in sheet.columns.items())
    condition = f" WHERE {' AND '.join(where)}" if where else ""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(sheet.columns)
    query = f"SELECT {columns} FROM {sheet.source}{condition} ORDER BY t.id"
    writer.writerows(reader.execute(query, values))
    return text.getvalue()


def _keep(instance: Instance, report: str, report_id: int, texts: Mapping[str, str]) -> int:
    office = instance.office
    stem = f"{report}_{instance.clock():%d_%b_%Y}_{report_id}"
    if len(texts) == 1:
        path: Path = office.new_path(".csv")
        path.write_text(next(iter(texts.values())), encoding="utf-8")
        name, content_type = f"{stem}.csv", "text/csv"
    else:
        path = office.new_path(".zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for sheet, text in texts.items():
                archive.writestr(f"{sheet}.csv", text)
        name, content_type = f"{stem}.zip", "application/zip"
    return office.add_file(path, display_name=name, content_type=content_type, now=instance.now())
