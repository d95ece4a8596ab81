"""Kill -9 at every moment between two durable facts: nothing is lost, and nothing is done twice.

A new `Moment` is tested by itself. Canvas is asked how often it was sent what.
"""

import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from rosterway.runs.moments import Moment
from rosterway.store import deliveries
from runs.rosters import Files, held

#: Moments that only what reads a SIS passes; `test_pulled_feed` and `test_delta_feed` kill it there.
OF_PULLS = {Moment.PULLED, Moment.PULL_KEPT}

#: How Canvas names what we sent: the marker carries the plan's digest and the import's place in it.
SENT = re.compile(r"rw-(?P<plan>[0-9a-f]{12}-\w{8})-(?P<ordinal>\d\d)-")


def next_day(files: Files) -> Files:
    """A day whose plan takes three imports: additions, removed enrollments, a person suspended."""
    day = files.copy()
    course = day.find("courses", status="active")[0]
    course["long_name"] = "Renamed over night"
    student = day.find("enrollments", role="student")[0]["user_id"]
    day.without_user(student)
    day["users"].append(
        {
            **day["users"][0],
            "user_id": "new-1",
            "login_id": "new.one",
            "email": "new.one@school.example",
            "status": "active",
        }
    )
    place = day.find("enrollments", role="student")[0]
    day["enrollments"].append({**place, "user_id": "new-1"})
    return day


async def put(house, files: Files) -> None:
    """Lay files into the feed's folder as somebody on the machine might, the marker last."""
    folder = house.home / "tenants" / "lincoln" / "tree" / "diffing"
    for table in files.tables:
        (folder / f"{table}.csv").write_text(files.text(table), encoding="utf-8")
    (folder / "all.done").touch()


async def the_second(house):
    """The delivery that came after the first load, once it is kept."""
    handle = house.tenant()

    def second():
        kept = deliveries.of_feed(handle, "nightly")
        return kept[0] if len(kept) == 2 else None

    return await house.until(second, what="the second delivery")


async def sent(canvas) -> list[Counter[str]]:
    """How often Canvas has which import of each plan, the first load's left out."""
    times: dict[str, Counter[str]] = {}
    for one in (await canvas.imports())[1:]:
        named = " ".join(file["filename"] for file in one["csv_attachments"])
        ((plan, ordinal),) = set(SENT.findall(named))
        times.setdefault(plan, Counter())[ordinal] += 1
    return list(times.values())


async def is_told_and_done_once(house, canvas, delivery, day: Files) -> None:
    """The run is over, Canvas has each import once, and everybody agrees on what it holds."""
    assert await house.outcome(delivery) == "delivered"
    assert await sent(canvas) == [Counter(["01", "02", "03"])]
    receipt = house.receipt(delivery)
    theirs = [str(one["id"]) for one in await canvas.imports()][1:]
    assert theirs == [one["id"] for one in receipt["imports"]]
    assert receipt["outcome"] == "delivered"
    assert receipt["rows"]["refused"] == receipt["rows"]["unconfirmed"] == 0
    holds = await held(canvas)
    assert day.live() == holds
    assert house.baseline().live() == holds


@pytest.mark.parametrize("moment", [one for one in Moment if one not in OF_PULLS])
async def test_whoever_is_killed_finishes_when_started_again(settled, loaded, moment):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start(kill_at=moment)
    await put(house, day)
    await house.died()

    await house.start()

    await is_told_and_done_once(house, canvas, await the_second(house), day)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (Moment.PLAN_CALCULATED, Moment.PLAN_RECORDED),
        (Moment.IMPORT_CREATED, Moment.IMPORT_CREATED),
        (Moment.IMPORT_INTENDED, Moment.IMPORT_FOLLOWED),
        (Moment.ANSWER_JOINED, Moment.RECEIPT_WRITTEN),
    ],
)
async def test_whoever_is_killed_again_while_recovering_still_finishes(
    settled, loaded, first, then
):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start(kill_at=first)
    await put(house, day)
    await house.died()
    await house.launch(ROSTERWAY_KILL_AT=then)
    await house.died()

    await house.start()

    await is_told_and_done_once(house, canvas, await the_second(house), day)


async def test_whoever_is_killed_while_calculating_finishes_and_leaves_no_calculator_behind(
    settled, loaded
):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    delivery = house.deliver(day)
    calculator = await house.until(house.calculator, what="the calculating process")
    await house.kill()
    await house.until(lambda: not is_alive(calculator), what="its end", alive=False)

    await house.start()

    await is_told_and_done_once(house, canvas, delivery, day)


async def test_a_calculator_that_is_killed_alone_is_started_again(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    delivery = house.deliver(day)
    os.kill(await house.until(house.calculator, what="the calculating process"), signal.SIGKILL)

    await is_told_and_done_once(house, canvas, delivery, day)
    assert ["store.unavailable"] == [
        line["reason"] for line in house.logged() if line["event"] == "run.waits"
    ]


async def test_a_second_serve_on_the_same_home_is_refused_and_disturbs_nothing(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    delivery = house.deliver(day)
    second = await house.run("serve", "--config", str(house.config), "--format", "json")

    assert second.code == 1
    told = second.json["error"]
    assert "serve" in told["message"]
    assert told["remedy"]
    await is_told_and_done_once(house, canvas, delivery, day)


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
