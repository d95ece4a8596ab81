"""A grade sync with nothing changed: one class of 150 students with 40 assignments.

    python -m bench.unchanged_class

Both sandboxes are in this process, and so is the engine. Prints, as JSON, how many requests and puts
the second sync sent to the SIS, and its seconds.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.grade_house import house

from rosterway.runs.clock import utc_now
from rosterway.runs.grades import road
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.office import Office
from rosterway.runs.road import Then
from rosterway.sandbox.canvas.gradebook.classroom import grade_classes
from rosterway.sandbox.canvas.server import Running, load, running
from rosterway.sandbox.sis.provider import Provider
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings.logs import configure_logs
from rosterway.store import runs

STUDENTS = 150
ASSIGNMENTS = 40
#: Some of what a teacher makes is not flagged for the SIS.
_MADE = ASSIGNMENTS + 4
_SYNC = 'performance = ["bulk-results"]\nrules = { default_category = "Homework" }\n'


async def main() -> None:
    """Sync twice; the second time nothing has changed."""
    with tempfile.TemporaryDirectory(prefix="rosterway-bench-") as name:
        folder = Path(name)
        async with (
            running(folder / "canvas") as canvas,
            start_sis(students=2 * STUDENTS) as sis,
        ):
            os.environ["BENCH_TOKEN"] = sis.provider.credentials.bearer
            os.environ["CANVAS_TOKEN"] = canvas.token
            course = await _taught(canvas, sis.provider, folder / "csv")
            roots = (sis.root("1.2"), sis.root("1.2", "gradebook"))
            with house(folder, *roots, canvas=canvas.url, grades=_SYNC) as office:
                await _sync(office, course)
                assert len(sis.provider.shelf.records["lineItem"]) >= ASSIGNMENTS
                sent = len(sis.provider.requests)
                begin, cpu = time.perf_counter(), time.process_time()
                outcome = await _sync(office, course)
                seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
                assert outcome == "nothing", outcome
                requests = list(sis.provider.requests)[sent:]
    puts = sum(one.method != "GET" for one in requests)
    told = {"requests": len(requests), "puts": puts}
    print(json.dumps({"seconds": seconds, "cpu": spent, **told}))


async def _sync(office: Office, course: str) -> str:
    handle = office.store.tenant("bench")
    run = request_sync(handle, course, by="bench", approved=True, now=utc_now())
    while await road.advance(office, "bench", run.id) is Then.MORE:
        pass
    ended = runs.get(handle, run.id)
    assert ended.outcome is not None
    return f"{ended.outcome.value} {ended.reason}".strip()


async def _taught(canvas: Running, provider: Provider, folder: Path) -> str:
    """A class of the SIS with many students in it, and its course in Canvas, graded."""
    records = provider.held.records
    enrollments = [one for one in records["enrollment"].values() if one["role"] == "student"]
    enrolled = enrollments[0]
    in_it = (one["user"] for one in enrollments if one["class"] == enrolled["class"])
    students = list(dict.fromkeys((*in_it, *(one["user"] for one in enrollments))))[:STUDENTS]
    assert len(students) == STUDENTS
    for user in students:
        provider.held.put(
            "enrollment", {**enrolled, "sourcedId": f"bench-{user}", "user": user}, None
        )
    _write_csv(folder, enrolled["class"], students)
    assert (await load(canvas, folder)).workflow_state == "imported"
    graded = grade_classes(canvas.instance, [1], seed=1, assignments=_MADE)
    assert graded["assignments"] == _MADE, graded
    return "1"


def _write_csv(folder: Path, class_id: str, students: Sequence[str]) -> None:
    folder.mkdir()
    tables = {
        "courses": ["course_id,short_name,long_name,status", "C1,BIO,Biology,active"],
        "sections": ["section_id,course_id,name,status", f"{class_id},C1,Period 1,active"],
        "users": [
            "user_id,login_id,status,full_name",
            *(f"{one},{one},active,Student {one}" for one in students),
        ],
        "enrollments": [
            "course_id,section_id,user_id,role,status",
            *(f"C1,{class_id},{one},student,active" for one in students),
        ],
    }
    for table, rows in tables.items():
        (folder / f"{table}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    configure_logs(level="WARNING")
    asyncio.run(main())
