"""Follow the reports of a grade export to their end and fetch their files, exactly as they are.

A file is taken only if it is a report from its first line to its last: every row has the columns
that the header announces. A report that Canvas gave up, or has no more, is asked for again.
"""

import asyncio
import csv
import shutil
from pathlib import Path

import msgspec

from rosterway.canvas import reports
from rosterway.canvas.client import CanvasClient
from rosterway.canvas.reports import Report, ReportName
from rosterway.errors import GarbledError, RejectedError
from rosterway.formats.grade_export import columns_of
from rosterway.runs.exports.ask_reports import ask
from rosterway.runs.exports.exporting import FETCHED, REPORTS, Asked, Exporting, Fetched
from rosterway.runs.stages import Stage
from rosterway.store import stages

#: How often Canvas is asked for one report before we give up.
_TRIES = 3
#: The longest text of a cell, in characters: a name, a title.
_LONGEST_CELL = 1 << 20


async def fetch_reports(run: Exporting) -> None:
    """Fetch every report that was asked for, and keep its file with the run."""
    run.enter(Stage.FETCH_REPORT)
    work = run.office.work(run.run, "export")
    asked = run.asked()
    fetched: list[Fetched] = []
    async with run.office.canvas(run.handle) as canvas:
        for place in range(len(asked)):
            part = f"report {place + 1} of {len(asked)}" if len(asked) > 1 else "the report"
            file = work / f"{place}.csv"
            while not await _fetch(run, canvas, asked[place], file, part):
                again = asked[place]
                asked[place] = await ask(canvas, run, again.term, tries=again.tries + 1)
                _write_down(run, asked)
            fetched.append(await asyncio.to_thread(_keep, run, asked[place].term, file))
    rows = sum(one.rows for one in fetched)
    run.leave(Stage.FETCH_REPORT, FETCHED, fetched, {"files": len(fetched), "rows": rows})
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)


async def _fetch(run: Exporting, canvas: CanvasClient, one: Asked, file: Path, part: str) -> bool:
    """Whether the file was had; if not, the report is to be asked for again."""

    async def heard(report: Report) -> None:
        run.say(f"Canvas makes {part}", report.progress, 100)

    async def rest(seconds: float) -> None:
        await run.office.patience.rest(seconds)
        run.hold_on()

    try:
        made = await reports.follow(
            canvas,
            await reports.show(canvas, ReportName.GRADE_EXPORT, one.report),
            pause=rest,
            on_progress=heard,
            stalled=run.office.patience.stalled,
        )
    except RejectedError:
        if one.tries >= _TRIES:
            raise
        return False
    run.say(f"Fetching {part}")
    await reports.download(canvas, made, file)
    return True


def _write_down(run: Exporting, asked: list[Asked]) -> None:
    blob = run.handle.blobs.put_bytes(msgspec.json.encode(asked))
    stages.attach(run.handle, run.run.id, REPORTS, blob, stage=Stage.FETCH_REPORT, now=run.now())


def _keep(run: Exporting, term: str, file: Path) -> Fetched:
    name = run.export.file_names[term]
    rows, columns = read_through(file)
    blob = run.handle.blobs.put_file(file)
    stages.attach(run.handle, run.run.id, name, blob, stage=Stage.FETCH_REPORT, now=run.now())
    return Fetched(term=term, name=name, rows=rows, columns=columns)


def read_through(file: Path) -> tuple[int, tuple[str, ...]]:
    """How many rows a report has, and what its columns are.

    Raises:
        GarbledError: it is no Grade Export report, or not the whole of one.
    """
    csv.field_size_limit(_LONGEST_CELL)
    rows = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, strict=True)
            empty: list[str] = []
            header = next(lines, empty)
            columns = columns_of(header)
            if columns is None:
                raise _no_report(f"it has {len(header)} columns")
            for row in lines:
                rows += 1
                if len(row) != len(columns):
                    raise _no_report(f"its row {rows + 1} has {len(row)} columns")
    except (UnicodeDecodeError, csv.Error) as error:
        raise _no_report(f"it cannot be read after row {rows + 1}") from error
    return rows, columns


def _no_report(why: str) -> GarbledError:
    return GarbledError(
        f"What Canvas gave is not a whole Grade Export report: {why}",
        system="canvas",
        remedy="Run the grade export again; if it stays so, look at the report in Canvas"
        " (Admin, Settings, Reports).",
    )
