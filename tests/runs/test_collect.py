"""Files of somebody else's OpenSSH server become deliveries: once each, whole, and nothing is lost.

The steps are driven one by one, without the durable engine, so that a test can stop anywhere.
"""

import asyncio
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from openssh import openssh, wire_to
from rosterway.errors import ConfigError, DeliveryError, UnreachableError
from rosterway.gateway.sftp_client_key import HostKey, HostKeyError
from rosterway.runs import road
from rosterway.runs.collect import collect, tidy
from rosterway.runs.conductor import Conductor, run_again
from rosterway.runs.office import Office, Patience
from rosterway.runs.requests import COLLECT, request_pull
from rosterway.runs.road import Then
from rosterway.runs.send_receipt import send_receipt
from rosterway.runs.their_server import put_exports, their_server
from rosterway.settings import parse
from rosterway.store import (
    Home,
    Store,
    collected,
    configuration,
    deliveries,
    host_keys,
    plans,
    runs,
    stages,
)
from rosterway.store.plans import Decision
from rosterway.store.runs import Outcome, Trigger

pytestmark = pytest.mark.peer("sshd")

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)  # two o'clock at night in Denver
CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
canvas = {{ url = "https://canvas.example", token = {{ env = "T" }}, environment = "sandbox" }}
[tenant.lincoln.connection.theirs]
kind = "sftp"
host = "127.0.0.1"
port = {port}
user = "{user}"
key = {{ file = "{key}" }}
folder = "{folder}"
results = "results"
{connection}
[tenant.lincoln.feed.nightly]
from = "theirs"
folder = "diffing"
schedule = "0 2 * * *"
settle = "1m"
{feed}
"""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with openssh(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@dataclass(frozen=True, kw_only=True)
class Rests(Patience):
    """Waits for nothing, and lets something happen meanwhile instead."""

    happens: list[Any] = field(default_factory=list)

    async def rest(self, seconds):
        if self.happens:
            self.happens.pop(0)()


class House:
    """An installation that collects from a folder of this disk."""

    def __init__(self, tmp_path, sshd, home):
        self.disk = tmp_path / "theirs"
        self.sshd = sshd
        self.there = self.disk / "diffing"
        self.there.mkdir(parents=True)
        self.time = NOW
        self.home = Home(shutil.copytree(home, tmp_path / "home"))
        self.store = Store.open(self.home)
        self.told = Rests()
        self.configure()
        self.trust()

    def configure(self, *, feed="", connection="", port=None):
        text = CONFIG.format(
            port=port or self.sshd.port,
            user=self.sshd.user,
            key=self.sshd.home / "client",
            folder=self.disk,
            feed=feed,
            connection=connection,
        )
        settings = parse(text)
        configuration.apply(self.store, settings, now=self.time)
        self.office = Office(
            home=self.home,
            store=self.store,
            settings=settings,
            config_folder=Path("/"),
            clock=lambda: self.time,
            patience=self.told,
        )

    def trust(self, port=None):
        host_keys.trust(
            self.handle,
            "theirs",
            address=f"127.0.0.1:{port or self.sshd.port}",
            key=self.sshd.host_key,
            fingerprint="",
            by="ana",
            now=NOW,
        )

    @property
    def handle(self):
        return self.store.tenant("lincoln")

    def write(self, name, text, *, at=1_700_000_000):
        (self.there / name).write_text(text)
        os.utime(self.there / name, (at, at))

    def names(self, *below):
        return sorted(path.name for path in self.disk.joinpath(*below).iterdir())

    def ask(self, trigger=Trigger.HAND):
        self.time += timedelta(minutes=1)
        return request_pull(
            self.handle,
            "nightly",
            kind=COLLECT,
            trigger=trigger,
            occasion=self.time.isoformat(),
            now=self.time,
        )

    def end(self, run, outcome=Outcome.DELIVERED):
        runs.end(self.handle, run.id, outcome=outcome, now=self.time)

    async def collect(self, run=None):
        """Collect once: what was sealed by name, or why nothing was."""
        run = run or self.ask()
        why = await collect(self.office, self.handle, run)
        if not why:
            await tidy(self.office, self.handle, run)
        taken = runs.get(self.handle, run.id).delivery
        self.end(run)
        return why or self.content(taken)

    def content(self, delivery):
        found = deliveries.get(self.handle, delivery)
        return {file.name: self.handle.blobs.local(file.sha256).read_text() for file in found.files}

    @property
    def fetched(self):
        """Where lies what has been fetched and is not sealed yet."""
        return self.home.pulling("lincoln", "nightly") / "files"

    @property
    def delivered(self):
        return deliveries.of_feed(self.handle, "nightly")


@pytest.fixture(scope="module")
def new_home(tmp_path_factory):
    """A home whose tables are made, to be copied."""
    home = Home.create(tmp_path_factory.mktemp("new") / "home")
    Store.open(home).close()
    return home.folder


@pytest.fixture
def house(tmp_path, sshd, new_home):
    made = House(tmp_path, sshd, new_home)
    yield made
    made.store.close()


async def test_what_lies_there_becomes_a_delivery(house):
    house.write("users.csv", "a")
    house.write("Sections.CSV", "b")
    house.write("readme.txt", "no")
    house.write("enrollments.csv.part", "half")

    assert {"users.csv": "a", "Sections.CSV": "b"} == await house.collect()

    (delivery,) = house.delivered
    assert ("collected", "theirs", "settled") == (
        delivery.source,
        delivery.sender,
        delivery.sealed_because,
    )


async def test_nothing_is_fetched_before_the_yes(tmp_path, house):
    house.write("users.csv", "a")
    house.configure(connection='timeout = "20s"', port=house.sshd.read_only)

    with pytest.raises(HostKeyError, match="Nobody has said yet"):
        await collect(house.office, house.handle, house.ask())

    assert [] == house.delivered
    assert not house.fetched.exists()


async def test_a_changed_key_ends_the_run_with_both_fingerprints(house):
    house.write("users.csv", "a")
    before = HostKey(house.sshd.host_key)
    house.sshd.change_host_key()
    run = house.ask()

    assert await road.advance(house.office, "lincoln", run.id, in_lane=False) is Then.ENDED

    ended = runs.get(house.handle, run.id)
    assert Outcome.FAILED is ended.outcome
    assert before.fingerprint in ended.reason
    assert HostKey(house.sshd.host_key).fingerprint in ended.reason
    assert "rosterway connection trust theirs" in ended.reason
    house.trust()
    assert {"users.csv": "a"} == await house.collect()


async def test_what_was_taken_and_has_not_changed_is_planned_anew_by_hand_and_not_taken_twice(
    house,
):
    house.write("users.csv", "a")
    await house.collect()

    run = run_again(house.handle, "nightly", now=house.time + timedelta(minutes=1))
    assert run is not None
    why = await collect(house.office, house.handle, run)

    assert "" == why
    assert [runs.get(house.handle, run.id).delivery] == [one.id for one in house.delivered]


async def test_on_its_schedule_nothing_new_is_nothing(house):
    house.write("users.csv", "a")
    await house.collect()
    house.time = NOW + timedelta(days=1)
    begun = []

    async def begin(tenant, run):
        begun.append(run)

    await Conductor(house.office, begin, asyncio.Event()).look()

    (run,) = [runs.get(house.handle, one) for one in begun]
    assert ("collect", "schedule") == (run.kind, run.trigger)
    assert await road.advance(house.office, "lincoln", run.id, in_lane=False) is Then.ENDED
    ended = runs.get(house.handle, run.id)
    assert Outcome.NOTHING is ended.outcome
    assert ended.reason.startswith(f"There is nothing new in {house.there} on 127.0.0.1")


async def test_a_failed_delivery_is_planned_anew_where_nothing_newer_has_come(house):
    house.write("users.csv", "a")
    first = house.ask()
    await collect(house.office, house.handle, first)
    house.end(first, Outcome.FAILED)
    house.time += timedelta(days=1)

    async def begin(tenant, run):
        await collect(house.office, house.handle, runs.get(house.handle, run))

    await Conductor(house.office, begin, asyncio.Event()).look()

    again, _ = runs.latest(house.handle, feed="nightly")
    assert [again.delivery] == [one.id for one in house.delivered]


async def test_a_folder_that_is_the_whole_truth_is_delivered_whole(house):
    house.write("users.csv", "a")
    house.write("courses.csv", "b")
    await house.collect()
    house.write("users.csv", "a2", at=1_700_000_100)

    assert {"users.csv": "a2", "courses.csv": "b"} == await house.collect()


async def test_in_imports_only_what_is_new_is_delivered(house):
    house.configure(feed='apply = "imports"')
    house.write("users.csv", "a")
    house.write("courses.csv", "b")
    await house.collect()
    house.write("users.csv", "a2", at=1_700_000_100)

    assert {"users.csv": "a2"} == await house.collect()


async def test_the_same_content_written_anew_is_not_taken_again(house):
    house.write("users.csv", "a")
    await house.collect()
    house.write("users.csv", "a", at=1_700_000_100)

    why = await house.collect(house.ask(Trigger.SCHEDULE))

    assert "is what was taken before, byte by byte" in why
    assert 1 == len(house.delivered)
    assert not house.fetched.exists()
    (file,) = collected.of_feed(house.handle, "nightly")
    assert 1_700_000_100 == file.mtime


async def test_a_file_that_still_grows_is_waited_for_with_all_the_others(house):
    house.write("users.csv", "a")
    house.write("courses.csv", "b")
    house.told.happens[:] = [
        lambda: house.write("users.csv", "aa", at=1_700_000_001),
        lambda: house.write("users.csv", "aaa", at=1_700_000_002),
    ]

    assert {"users.csv": "aaa", "courses.csv": "b"} == await house.collect()


async def test_a_folder_that_never_rests_is_left(house):
    house.write("users.csv", "a")
    house.told.happens[:] = [
        lambda size=size: house.write("users.csv", "a" * size, at=1_700_000_000 + size)
        for size in range(2, 40)
    ]

    with pytest.raises(DeliveryError, match="still being written"):
        await collect(house.office, house.handle, house.ask())

    assert [] == house.delivered


async def test_a_marker_spares_the_wait_once(house):
    house.write("users.csv", "a")
    house.write(".done", "")
    house.told.happens[:] = [lambda: house.write("users.csv", "late", at=1_700_000_100)]

    assert {"users.csv": "a"} == await house.collect()
    house.write("users.csv", "new", at=1_699_999_999)  # the marker has spoken already

    assert {"users.csv": "late"} == await house.collect()


@pytest.mark.parametrize(
    ("after", "left"), [("move", ["notes.txt"]), ("leave", ["notes.txt", "users.csv"])]
)
async def test_what_was_taken_is_moved_or_left(house, after, left):
    house.configure(connection=f'after = "{after}"')
    house.write("users.csv", "a")
    house.write("notes.txt", "no")

    await house.collect()

    (delivery,) = house.delivered
    assert left == house.names("diffing")
    if after == "move":
        assert ["users.csv"] == house.names("taken", delivery.id)


async def test_nothing_is_moved_before_the_delivery_is_kept_and_a_crash_is_repaired(house):
    house.configure(connection='after = "move"')
    house.write("users.csv", "a")
    run = house.ask()
    await collect(house.office, house.handle, run)
    assert ["users.csv"] == house.names("diffing")  # kept here, and not moved yet
    house.end(run)  # the process died before it could

    await house.collect()

    assert 1 == len(house.delivered)
    assert [] == house.names("diffing")
    assert ["users.csv"] == house.names("taken", house.delivered[0].id)


async def test_a_newer_file_in_its_place_is_not_moved_away(house):
    house.configure(connection='after = "move"')
    house.write("users.csv", "a")
    run = house.ask()
    await collect(house.office, house.handle, run)
    house.write("users.csv", "newer", at=1_700_000_100)

    await tidy(house.office, house.handle, run)
    house.end(run)

    assert ["users.csv"] == house.names("diffing")
    assert {"users.csv": "newer"} == await house.collect()


async def test_a_server_that_refuses_to_move_keeps_nothing_from_being_planned(house):
    house.configure(connection='after = "move"', port=house.sshd.read_only)
    house.trust(house.sshd.read_only)
    house.write("users.csv", "a")
    run = house.ask()
    await collect(house.office, house.handle, run)

    await tidy(house.office, house.handle, run)

    (stage,) = stages.of_run(house.handle, run.id)
    assert (False, {"files": 1}) == (stage.interrupted, stage.counts)
    assert "this account may not" in stage.note
    house.end(run)
    house.write("users.csv", "b", at=1_700_000_100)
    assert {"users.csv": "b"} == await house.collect()
    house.configure(connection='after = "move"')
    house.trust()
    await house.collect()
    assert [] == house.names("diffing")
    assert ["users.csv"] == house.names("taken", house.delivered[0].id)


async def test_a_cut_transfer_goes_on_in_the_next_try(house):
    big = "user_id\n" * 500_000
    house.write("users.csv", big)
    async with wire_to(house.sshd.port) as wire:
        house.configure(port=wire.port)
        house.trust(wire.port)
        run = house.ask()
        house.told.happens[:] = [lambda: setattr(wire, "cut_after", 2_500_000)]
        with pytest.raises(UnreachableError):
            await collect(house.office, house.handle, run)
        had = [file.stat().st_size for file in house.fetched.iterdir()]

        assert {"users.csv": big} == await house.collect(run)

    assert 0 < had[0] < len(big)
    assert 1 == len(house.delivered)
    assert not house.fetched.exists()


async def test_in_imports_nothing_is_taken_while_a_plan_waits(house):
    house.configure(feed='apply = "imports"')
    house.write("users.csv", "a")
    run = house.ask()
    await collect(house.office, house.handle, run)
    plans.record(
        house.handle,
        digest="f" * 64,
        feed="nightly",
        run=run.id,
        delivery=house.delivered[0].id,
        baseline_generation=0,
        decision=Decision.HOLD,
        asks=False,
        summary={},
        artifacts={},
        now=house.time,
    )
    house.end(run, Outcome.HELD)
    house.write("users.csv", "later", at=1_700_000_100)

    assert "waits for a person" in await house.collect()


async def _to_its_end(house, run):
    while await road.advance(house.office, "lincoln", run.id, in_lane=False) in {
        Then.MORE,
        Then.PLAN,
    }:
        pass


async def test_a_receipt_goes_back_and_is_owed_while_it_cannot(house):
    house.write("users.csv", "user_id,login_id,full_name,status\n1,one,One,active\n")
    run = house.ask()
    await _to_its_end(house, run)
    (delivery,) = house.delivered

    assert Outcome.HELD is runs.get(house.handle, run.id).outcome
    assert ["receipt.csv", "receipt.json", "receipt.txt"] == house.names("results", delivery.id)
    told = json.loads((house.disk / "results" / delivery.id / "receipt.json").read_text())
    assert ("held", "nightly") == (told["outcome"], told["feed"])

    shutil.rmtree(house.disk / "results")
    house.configure(port=house.sshd.read_only)
    house.trust(house.sshd.read_only)
    await send_receipt(house.office, house.handle, runs.get(house.handle, run.id))
    (owed,) = collected.owed(house.handle, "nightly")
    assert delivery.id == owed.delivery
    assert "this account may not" in owed.reason

    house.configure()
    house.trust()
    await house.collect()
    assert [] == collected.owed(house.handle, "nightly")
    assert ["receipt.csv", "receipt.json", "receipt.txt"] == house.names("results", delivery.id)


async def test_a_file_is_put_on_their_server_by_name(house, tmp_path):
    (tmp_path / "grades.csv").write_text("grades")

    await put_exports(
        their_server(house.office, house.handle, "theirs"),
        [(tmp_path / "grades.csv", "grades.csv")],
        stable=["grades.csv"],
        today=house.time.date(),
        keep=30,
    )

    assert "grades" == (house.disk / "grade-export" / "grades.csv").read_text()
    with pytest.raises(ConfigError, match="no connection other"):
        their_server(house.office, house.handle, "other")
