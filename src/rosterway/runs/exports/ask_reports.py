"""Ask Canvas for the reports of a grade export.

A report that was asked for and not written down, because of a crash in between, is asked for again:
that costs Canvas a report and changes nothing.
"""

from rosterway.canvas.client import CanvasClient
from rosterway.canvas.reports import request_grade_export
from rosterway.canvas.terms import term_id
from rosterway.runs.exports.exporting import REPORTS, Asked, Exporting
from rosterway.runs.stages import Stage


async def ask_reports(run: Exporting) -> None:
    """Ask for one report a term, or for one of all."""
    run.enter(Stage.ASK_REPORT)
    async with run.office.canvas(run.handle) as canvas:
        asked = [await ask(canvas, run, term) for term in run.export.file_names]
    run.leave(Stage.ASK_REPORT, REPORTS, asked, {"reports": len(asked)})


async def ask(canvas: CanvasClient, run: Exporting, term: str, *, tries: int = 1) -> Asked:
    """Ask for the report of one term, by its SIS id, or of all ("")."""
    report = await request_grade_export(
        canvas,
        term_id=await term_id(canvas, term) if term else None,
        include_deleted=run.export.include_deleted,
        limiting_period=run.export.limiting_period,
    )
    return Asked(term=term, report=report.id, tries=tries)
