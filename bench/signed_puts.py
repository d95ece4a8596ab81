"""Results put with OAuth 1.0a, as a sync sends them: a process of its own to measure.

    python -m bench.signed_puts URL COUNT IN_FLIGHT

Every put is written in its version's form, signed, sent and judged; durability is not among it.
Prints, as JSON, the seconds and processor seconds of the puts alone.
"""

import asyncio
import json
import sys
import time

import uvloop
from yarl import URL

from rosterway.formats.oneroster.gradebook import Result
from rosterway.formats.oneroster.gradebook_writing import Manner
from rosterway.oneroster.auth import OAuth1
from rosterway.oneroster.client import ProviderClient
from rosterway.oneroster.gradebook_writes import GradebookWriter
from rosterway.settings.logs import configure_logs
from rosterway.settings.shape import Version

_NOW = "2026-09-20T15:00:00.000Z"


def _result(at: int) -> Result:
    return Result(
        sourced_id=f"canvas-0123456789-a{at // 500}-cabcdef-u{at}",
        line_item_id=f"line-{at // 500}",
        student_id=f"student-{at}",
        class_id="class-1",
        score=float(at % 11),
        score_status="fully graded",
        score_date="2026-09-20",
    )


async def _put_all(url: str, count: int, in_flight: int) -> None:
    root = URL(f"{url}/ims/oneroster/v1p1")
    manner = Manner(version=Version.V1P1, rostering=str(root), gradebook=str(root))
    results = [_result(at) for at in range(count)]
    waiting = iter(results)
    signs = OAuth1(key="bench", secret="a secret of the bench")
    async with ProviderClient(root, signs, max_requests=in_flight) as client:
        writer = GradebookWriter(client, root, manner)

        async def work() -> None:
            for one in waiting:
                assert (await writer.put(one, _NOW)).is_accepted

        begin, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        seconds, spent = time.perf_counter() - begin, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": spent}))


if __name__ == "__main__":
    configure_logs(level="WARNING")
    uvloop.run(_put_all(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
