"""The story of a feed, from its first load on."""

from itertools import pairwise

import pytest

from rosterway.errors import ConflictError
from rosterway.runs.clock import utc_now
from rosterway.store import baselines, deliveries, runs
from runs.conftest import canvas_in
from runs.installation import Tenant, feed
from runs.rosters import Files, district, held
from runs.test_crash import next_day


async def test_a_first_load_waits_for_a_person_and_is_then_what_canvas_holds(house, canvas):
    await house.start()
    day = district()
    first = house.deliver(day)
    assert await house.outcome(first) == "held"
    assert canvas.posts == 0
    assert "first-load" in [hold["guard"] for hold in house.receipt(first)["plan"]["holds"]]

    house.approve(first)

    assert await house.outcome(first, number=2) == "delivered"
    assert day.live() == await held(canvas)


async def test_an_ordinary_day_goes_by_itself_and_the_same_again_is_nothing(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    assert await house.outcome(house.deliver(day)) == "delivered"
    assert day.live() == await held(canvas)
    before = canvas.posts

    assert await house.outcome(house.deliver(day)) == "nothing"
    assert before == canvas.posts


async def test_a_held_plan_is_discarded_and_the_sender_is_told(settled, loaded):
    house, canvas = settled
    await house.start()
    delivery = house.deliver(Files({**loaded.files.tables, "enrollments": held_back(loaded)}))
    assert await house.outcome(delivery) == "held"
    plan = house.plan_of(delivery)
    said = await house.run("plan", "discard", plan.digest[:12], "--reason", "a wrong export")

    assert said.code == 0, said.err
    assert await house.outcome(delivery, number=2) == "discarded"
    receipt = house.receipt(delivery)
    assert receipt["outcome"] == "discarded"
    assert canvas.posts == 0
    assert loaded.files.live() == house.baseline().live()
    assert await house.outcome(house.deliver(next_day(loaded.files))) == "delivered"


def held_back(loaded):
    """Enrollments as after an export that lost half of them: no day on which that is ordinary."""
    rows = loaded.files["enrollments"]
    return rows[: len(rows) // 2]


async def test_in_diffing_a_newer_delivery_takes_the_place_of_one_that_waits(settled, loaded):
    house, canvas = settled
    day = next_day(loaded.files)
    await house.start()
    older = house.deliver(Files({**loaded.files.tables, "enrollments": held_back(loaded)}))
    assert await house.outcome(older) == "held"
    newer = house.deliver(day)

    assert await house.outcome(newer) == "delivered"
    receipt = house.receipt(older)
    assert receipt["outcome"] == "superseded"
    assert newer.id in receipt["reason"]
    assert house.waiting() == []
    with pytest.raises(ConflictError):
        house.approve(older)
    assert day.live() == await held(canvas)


async def test_in_imports_deliveries_queue_behind_one_that_waits_and_go_in_order(settled, loaded):
    house, canvas = settled
    house.tenants["lincoln"].feeds["nightly"] = feed(folder="imports")
    await house.start()
    gone = [{**row, "status": "deleted"} for row in loaded.files["enrollments"]]
    (course,) = loaded.files.find("courses", status="active")[:1]
    first = house.deliver(Files({"enrollments": gone}))
    assert await house.outcome(first) == "held"
    second = house.deliver(Files({"courses": [{**course, "long_name": "Second"}]}))
    third = house.deliver(Files({"courses": [{**course, "long_name": "Third"}]}))
    assert house.runs_of(second) == house.runs_of(third) == []
    house.approve(first)

    assert await house.outcome(first, number=2) == "delivered"
    assert await house.outcome(second) == "delivered"
    assert await house.outcome(third) == "delivered"
    now = await held(canvas)
    assert now["enrollments"] == set()
    assert [row[2] for row in now["courses"] if row[0] == course["course_id"]] == ["Third"]


async def test_a_plan_whose_baseline_has_moved_cannot_be_approved_and_is_made_anew(settled, loaded):
    house, canvas = settled
    await house.start()
    delivery = house.deliver(Files({**loaded.files.tables, "enrollments": held_back(loaded)}))
    assert await house.outcome(delivery) == "held"
    stale = house.plan_of(delivery)
    baseline_moves(house)

    with pytest.raises(ConflictError, match="moved"):
        house.approve(delivery)

    assert await house.outcome(delivery, number=2) == "held"
    anew = house.plan_of(delivery)
    assert (stale.baseline_generation, anew.baseline_generation) == (1, 2)
    assert house.waiting() == [anew]
    assert canvas.posts == 0


def baseline_moves(house):
    """As after an import of this feed that was confirmed meanwhile."""
    handle = house.tenant()
    known = baselines.current(handle, "nightly")
    assert known is not None
    baselines.advance(
        handle,
        "nightly",
        expected=known.generation,
        digest=known.digest,
        tables=known.tables,
        pending=known.pending,
        policy=known.policy,
        run=runs.latest(handle)[-1].id,
        now=utc_now(),
    )


class TestTwoFeeds:
    """One tenant, two feeds, one Canvas account."""

    async def test_what_one_lets_go_the_other_keeps_and_what_both_let_go_is_removed(
        self, settled, loaded
    ):
        house, canvas = settled
        house.tenants["lincoln"].feeds["clubs"] = feed(folder="imports", apply="diffing")
        await house.start()
        pupils = {row["user_id"] for row in loaded.files.find("enrollments", role="student")}
        shared = [row for row in loaded.files["users"] if row["user_id"] in pupils][:3]
        own = {**shared[0], "user_id": "club-1", "login_id": "club.one", "email": ""}
        clubs = Files({"users": [*shared, own]})
        await house.first_load(clubs, feed="clubs")
        fewer = Files({"users": [*shared[:2], own]})
        assert await house.outcome(house.deliver(fewer, feed="clubs")) == "nothing"

        everybody = loaded.files.live()["users"] | clubs.live()["users"]
        assert everybody == (await held(canvas))["users"]
        assert fewer.live()["users"] == house.baseline("clubs").live()["users"]

        day = loaded.files.copy()
        for row in shared[1:]:  # the first of them stays in `clubs`, the second in neither
            day.without_user(row["user_id"])
        delivery = house.deliver(day)
        assert await house.outcome(delivery) == "held"  # two pupils are many in so small a school
        house.approve(delivery)
        assert await house.outcome(delivery, number=2) == "delivered"
        assert (day.live()["users"] | fewer.live()["users"]) == (await held(canvas))["users"]


class TestTwoTenants:
    """In one installation, walled off from each other."""

    async def test_in_one_canvas_account_one_goes_after_the_other(self, settled, loaded):
        house, canvas = settled
        house.tenants["clubs"] = Tenant(canvas.url, {"nightly": feed()})
        await house.start()
        first, other = next_day(loaded.files), {**loaded.files["users"][0], "email": ""}
        clubs = Files({"users": [{**other, "user_id": "club-1", "login_id": "club.one"}]})
        theirs = house.deliver(clubs, tenant="clubs")
        assert await house.outcome(theirs, tenant="clubs") == "held"
        canvas.faults("stuck:1")
        ours = house.deliver(first)
        assert (await canvas.client.control("GET", "steps?wait=60"))["waiting"]
        house.approve(theirs, tenant="clubs")
        await house.until(
            lambda: len(house.runs_of(theirs, tenant="clubs")) == 2, what="the second's turn"
        )
        assert canvas.posts == 1
        canvas.faults()

        assert await house.outcome(ours) == "delivered"
        assert await house.outcome(theirs, number=2, tenant="clubs") == "delivered"
        for one, following in pairwise((await canvas.imports())[1:]):
            assert one["ended_at"] <= following["created_at"]

    async def test_in_two_canvas_accounts_they_go_at_once(self, settled, loaded, tmp_path):
        house, canvas = settled
        async with canvas_in(tmp_path / "another") as another:
            house.environment["OTHER_TOKEN"] = another.token
            house.tenants["jefferson"] = Tenant(
                another.url, {"nightly": feed()}, token="OTHER_TOKEN"
            )
            await house.start()
            canvas.faults("stuck:1")
            ours = house.deliver(next_day(loaded.files))
            assert (await canvas.client.control("GET", "steps?wait=60"))["waiting"]
            await house.first_load(loaded.files, tenant="jefferson")

            assert loaded.files.live() == await held(another)
            assert house.runs_of(ours)[0].ended_at is None
            canvas.faults()
            assert await house.outcome(ours) == "delivered"


@pytest.mark.peer("sftp")
class TestBySftp:
    """A sender who has nothing but OpenSSH's client."""

    async def test_files_are_taken_when_quiet_or_marked_and_receipts_are_there_to_read(
        self, settled, loaded, tmp_path
    ):
        house, canvas = settled
        house.let_in("lincoln")
        await house.start()
        quiet = await self.put(house, loaded.files, tmp_path / "quiet")
        assert await house.outcome(quiet) == "nothing"
        assert quiet.sealed_because == "settled"

        day = next_day(loaded.files)
        marked = await self.put(house, day, tmp_path / "marked", "all.done")
        assert await house.outcome(marked) == "delivered"
        assert marked.sealed_because == "marker"
        assert day.live() == await held(canvas)

        for kind in ("txt", "json", "csv"):
            get = f"get /results/{marked.id}/receipt.{kind} {tmp_path}/receipt.{kind}"
            assert (await house.sftp_command(get)).code == 0
        assert "Delivered" in (tmp_path / "receipt.txt").read_text("utf-8")
        assert house.receipt(marked)["outcome"] == "delivered"

    async def put(self, house, files, folder, *more):
        """Upload a day with `sftp`; the delivery it becomes."""
        files.write(folder)
        for name in more:
            (folder / name).touch()
        known = {one.id for one in deliveries.of_feed(house.tenant(), "nightly")}
        puts = [f"put {folder}/{table}.csv /diffing/" for table in files.tables]
        puts += [f"put {folder}/{name} /diffing/" for name in more]
        done = await house.sftp_command("\n".join(puts))
        assert done.code == 0, done.out

        def new():
            kept = deliveries.of_feed(house.tenant(), "nightly")
            return next((one for one in kept if one.id not in known), None)

        return await house.until(new, what="the delivery")


@pytest.mark.parametrize("nights", [2, pytest.param(10, marks=pytest.mark.soak)])
async def test_night_after_night_canvas_holds_what_was_delivered(house, canvas, nights):
    await house.start()
    await house.first_load(district(300))
    for night in range(2, 2 + nights):
        day = district(300, day=night)
        delivery = house.deliver(day)
        outcome = await house.outcome(delivery)
        assert outcome == "delivered", (night, house.receipt(delivery)["plan"]["holds"])
        holds = await held(canvas)
        assert day.live() == holds, night
        assert house.baseline().live() == holds, night
