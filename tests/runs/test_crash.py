"""Kill -9 at every moment between two durable facts: nothing is lost, and nothing is done twice.

A new `Moment` is tested by itself. Canvas is asked how often it was sent what.
"""

import re
from collections import Counter

import pytest

from rosterway.runs.moments import Moment
from rosterway.store import deliveries
from runs.rosters import Files, held

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
        names = [SENT.match(file["filename"]) for file in one["csv_attachments"]]
        assert all(names)
        assert len({name["ordinal"] for name in names}) == 1
        times.setdefault(names[0]["plan"], Counter())[names[0]["ordinal"]] += 1
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


@pytest.mark.parametrize("moment", Moment)
async def test_whoever_is_killed_finishes_when_started_again(settled, loaded, moment):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start(kill_at=moment)
    await put(house, day)
    await house.died()

    await house.start()

    await is_told_and_done_once(house, canvas, await the_second(house), day)
