"""Step 8 of a grade sync, Post Submissions, as the engine does it: a process of its own to measure.

    python -m bench.engine_puts URL COUNT IN_FLIGHT

Every result is on disk as intended before it is sent and as answered afterwards. Prints, as JSON, the
seconds and processor seconds of the step.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import uvloop
from bench.grade_house import NOW, a_run, house

from rosterway.formats.oneroster.gradebook import Result
from rosterway.passback.class_gradebook import ClassGradebook
from rosterway.passback.finish import FinalResults
from rosterway.passback.plan import PassbackPlan, ResultPut
from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import ResultOutcome
from rosterway.runs.grades.post_submissions import post_submissions
from rosterway.settings.logs import configure_logs
from rosterway.settings.shape import Endpoints, Version


def _put(at: int) -> ResultPut:
    assignment, user = str(at // 500), str(at)
    result = Result(
        sourced_id=f"canvas-0123456789-a{assignment}-cabcdef-u{user}",
        line_item_id=f"line-{assignment}",
        student_id=f"student-{user}",
        class_id="class-1",
        score=float(at % 11),
        score_status="fully graded",
        score_date="2026-09-20",
    )
    return ResultPut(
        assignment=assignment, class_id="class-1", user=user, result=result, score=result.score
    )


def main() -> None:
    """Post them; all must be accepted."""
    url, count, in_flight = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ["BENCH_TOKEN"] = "bench"
    plan = PassbackPlan(
        course="1",
        endpoints=Endpoints.STANDARD,
        version=Version.V1P1,
        planned_at=NOW,
        digest="bench",
    )
    left = {
        files.CLASSES: (ClassGradebook(class_id="class-1"),),
        files.PLAN: plan,
        files.ASSIGNMENTS: (),
        files.SUBMISSIONS: FinalResults(puts=tuple(_put(at) for at in range(count))),
    }
    with (
        tempfile.TemporaryDirectory(prefix="rosterway-bench-") as folder,
        house(Path(folder), f"{url}/ims/oneroster/v1p1", in_flight=in_flight) as office,
    ):
        sync = a_run(office, "1", left)
        begin, cpu = time.perf_counter(), time.process_time()
        posted = uvloop.run(post_submissions(sync))
        seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
        assert posted.count(ResultOutcome.ACCEPTED) == count
    print(json.dumps({"seconds": seconds, "cpu": spent}))


if __name__ == "__main__":
    configure_logs(level="WARNING")
    main()
