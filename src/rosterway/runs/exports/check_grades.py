"""List what a registrar should look at in a grade export, beside it and not in it."""

import asyncio
import shutil
from pathlib import PurePath

from rosterway.runs.calculate import calculate_checks
from rosterway.runs.exports.exporting import CHECKED, Checked, Exporting
from rosterway.runs.jobs import GradeExportJob, ReportPath
from rosterway.runs.plan_delivery import tables_of
from rosterway.runs.stages import Stage
from rosterway.store import baselines, stages


def list_of(name: str) -> str:
    """The name of the list that goes with a file."""
    path = PurePath(name)
    return f"{path.stem}-to-check{path.suffix}"


async def check_grades(run: Exporting) -> None:
    """Look at every file that was fetched, if the settings want it."""
    run.enter(Stage.CHECK_GRADES)
    found = await _look(run) if run.export.preflight else []
    counts: dict[str, int] = {}
    for one in found:
        for code, count in one.counts.items():
            counts[code] = counts.get(code, 0) + count
    run.leave(Stage.CHECK_GRADES, CHECKED, found, counts)


async def _look(run: Exporting) -> list[Checked]:
    fetched = run.fetched()
    work = run.office.work(run.run, "check")
    blobs = run.handle.blobs
    kept = {file.name: file.blob for file in stages.files(run.handle, run.run.id)}
    job = GradeExportJob(
        work=str(work),
        reports=tuple(ReportPath(str(blobs.local(kept[one.name])), one.columns) for one in fetched),
        rosters=tuple(
            tables_of(run.handle, known.tables) for known in baselines.every(run.handle).values()
        ),
        memory=run.office.memory,
    )

    async def heard(_part: str) -> None:
        run.hold_on()

    answer = await calculate_checks(job, heard)
    found: list[Checked] = []
    for place, (one, counts) in enumerate(zip(fetched, answer.counts, strict=True)):
        name = list_of(one.name)
        blob = await asyncio.to_thread(blobs.put_file, work / "out" / f"{place}.csv")
        stages.attach(run.handle, run.run.id, name, blob, stage=Stage.CHECK_GRADES, now=run.now())
        found.append(Checked(name=name, of=one.name, counts=counts))
    await asyncio.to_thread(shutil.rmtree, work, ignore_errors=True)
    return found
