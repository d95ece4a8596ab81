"""Deliveries on a real disk, from the first byte to the hand-over. The clock stands still."""

import asyncio
import os
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from rosterway.errors import ConfigError, DeliveryError, UnavailableError
from rosterway.gateway import arrivals as arrivals_module
from rosterway.gateway.arrivals import Arrivals
from rosterway.gateway.folders import Kind
from rosterway.gateway.journal import FileJournal
from rosterway.gateway.sealing import Why
from rosterway.gateway.uploads import Standing
from rosterway.gateway.watch import FeedFolder, FileStatus


async def test_files_are_taken_out_of_the_folder_when_it_was_quiet(gateway):
    gateway.send("users.csv", b"user_id\n1\n")
    gateway.send("fall/courses.csv", b"course_id\n")
    assert await gateway.work(minutes=4) == []

    (arrival,) = await gateway.work(minutes=1)

    assert (arrival.tenant, arrival.feed) == ("lincoln", "files")
    assert Why.SETTLED is arrival.why
    assert gateway.contents == [{"users.csv": b"user_id\n1\n", "fall/courses.csv": b"course_id\n"}]
    assert gateway.clock.now() == arrival.sealed_at
    assert arrival.complete


async def test_the_folder_stays_and_is_empty(gateway):
    gateway.send("a/b/users.csv")
    gateway.send("a/c/courses.csv.part")
    await gateway.work(minutes=5)

    assert gateway.lying == ["a/c/courses.csv.part"]
    assert not (gateway.folder / "a" / "b").exists()
    assert gateway.folder.is_dir()


async def test_a_marker_seals_at_once_and_leaves_with_the_files(gateway):
    gateway.send("users.csv")
    gateway.send(".done", b"")
    (arrival,) = await gateway.work()

    assert Why.MARKER is arrival.why
    assert [each.name for each in arrival.files] == ["users.csv"]
    assert gateway.lying == []


async def test_a_whole_zip_seals_at_once(gateway):
    upload = gateway.open("roster.zip")
    with zipfile.ZipFile(upload.path, "w") as file:
        file.writestr("users.csv", "user_id\n")
    gateway.arrivals.closed(upload)
    (arrival,) = await gateway.work()

    assert Why.ZIP is arrival.why


async def test_a_zip_without_its_end_waits(gateway):
    gateway.send("roster.zip", b"PK\x03\x04 the rest is missing")

    assert await gateway.work() == []


async def test_an_upload_under_a_temporary_name_arrives_when_it_is_renamed(gateway):
    gateway.send("users.csv.filepart", b"whole")
    assert await gateway.work(hours=1) == []

    gateway.rename("users.csv.filepart", "users.csv")
    await gateway.work(minutes=5)
    assert gateway.contents == [{"users.csv": b"whole"}]


async def test_a_whole_folder_can_be_renamed_into_place(gateway):
    gateway.send("batch.part/users.csv")
    gateway.send("batch.part/courses.csv")
    gateway.arrivals.lost(gateway.open("batch.part/cut.csv"), "cut")
    gateway.rename("batch.part", "batch")
    (arrival,) = await gateway.work(hours=1)

    assert {"batch/users.csv", "batch/courses.csv"} == {each.name for each in arrival.files}
    assert [each.name for each in arrival.unfinished] == ["batch/cut.csv"]


async def test_a_file_that_is_open_while_its_folder_is_renamed_is_waited_for(gateway):
    upload = gateway.open("batch.part/users.csv")
    gateway.rename("batch.part", "batch")
    assert await gateway.work(minutes=10) == []

    gateway.write(upload, b"whole")
    gateway.arrivals.closed(upload)
    await gateway.work(minutes=5)
    assert gateway.contents == [{"batch/users.csv": b"whole"}]


async def test_a_file_from_a_folder_nobody_watches_arrives_by_rename(gateway):
    outside = gateway.home / "tree" / "other"
    outside.mkdir()
    upload = gateway.arrivals.opened(str(outside / "users.csv"))
    Path(upload.path).touch()
    (outside / "users.csv").rename(gateway.folder / "users.csv")
    gateway.arrivals.renamed(str(outside / "users.csv"), gateway.path("users.csv"))
    assert await gateway.work(minutes=10) == []

    gateway.write(upload, b"whole")
    gateway.arrivals.closed(upload)
    await gateway.work(minutes=5)
    assert gateway.contents == [{"users.csv": b"whole"}]


async def test_a_given_up_delivery_says_what_was_cut_and_keeps_it(gateway):
    gateway.send("users.csv", b"whole")
    upload = gateway.open("enrollments.csv")
    gateway.write(upload, b"course_id,us")
    gateway.arrivals.lost(upload, "the connection ended before the file was closed")
    assert await gateway.work(minutes=59) == []

    (arrival,) = await gateway.work(minutes=1)
    (cut,) = arrival.unfinished
    assert not arrival.complete
    assert Why.ABANDONED is arrival.why
    assert (cut.name, cut.size) == ("enrollments.csv", 12)
    assert (arrival.directory / "unfinished" / "enrollments.csv").read_bytes() == b"course_id,us"
    assert gateway.contents == [{"users.csv": b"whole"}]
    assert gateway.lying == []


async def test_a_file_lost_and_sent_again_is_whole(gateway):
    gateway.arrivals.lost(gateway.open("users.csv"), "cut")
    gateway.send("users.csv", b"whole")
    await gateway.work(minutes=5)

    assert gateway.contents == [{"users.csv": b"whole"}]


class TestOtherMeans:
    """Somebody copies files into the folder on the server itself."""

    async def test_they_settle_after_the_last_change_a_scan_saw(self, gateway):
        (gateway.folder / "users.csv").write_bytes(b"one")
        await gateway.work(minutes=1)
        (gateway.folder / "users.csv").write_bytes(b"one two")
        await gateway.work(minutes=4)
        assert await gateway.work(minutes=4) == []

        await gateway.work(minutes=1)
        assert gateway.contents == [{"users.csv": b"one two"}]

    async def test_old_dates_make_nothing_quieter(self, gateway):
        (gateway.folder / "users.csv").write_bytes(b"one")
        os.utime(gateway.folder / "users.csv", (946684800, 946684800))

        assert await gateway.work(minutes=4) == []

    async def test_a_change_since_the_last_scan_is_noticed_before_anything_is_taken(self, gateway):
        (gateway.folder / "users.csv").write_bytes(b"one")
        await gateway.work()
        gateway.clock.forward(minutes=5)
        (gateway.folder / "users.csv").write_bytes(b"one two")

        assert await gateway.work() == []

    async def test_a_marker_made_by_hand_counts(self, gateway):
        (gateway.folder / "users.csv").write_bytes(b"one")
        await gateway.work(minutes=1)
        (gateway.folder / ".done").touch()
        (arrival,) = await gateway.work(minutes=1)

        assert Why.MARKER is arrival.why

    async def test_a_folder_removed_by_hand_comes_back(self, gateway):
        gateway.folder.rmdir()
        await gateway.work(minutes=1)

        assert gateway.folder.is_dir()

    async def test_a_folder_that_cannot_be_read_stops_nobody_else(self, gateway):
        other = gateway.home / "tree" / "imports"
        gateway.feeds.append(FeedFolder(tenant="lincoln", feed="other", path=other))
        gateway.start().send("users.csv", b"whole")
        other.rmdir()
        other.touch()
        await gateway.work(minutes=5)
        assert gateway.contents == [{"users.csv": b"whole"}]
        assert [status.folder.feed for status in gateway.arrivals.status()] == ["files", "other"]

        other.unlink()
        other.mkdir()
        (other / "courses.csv").write_bytes(b"later")
        await gateway.work(minutes=1)
        await gateway.work(minutes=5)
        assert gateway.contents[1:] == [{"courses.csv": b"later"}]

    async def test_links_are_never_followed_but_named(self, gateway, tmp_path):
        secret = tmp_path / "secret"
        secret.mkdir()
        (secret / "passwd").write_text("root")
        (gateway.folder / "users.csv").symlink_to(secret / "passwd")
        (gateway.folder / "all").symlink_to(secret)
        (gateway.folder / b"sch\xfcler.csv".decode(errors="surrogateescape")).touch()
        os.mkfifo(gateway.folder / "pipe.csv")
        gateway.send("courses.csv", b"whole")
        (arrival,) = await gateway.work(minutes=5)

        assert gateway.contents == [{"courses.csv": b"whole"}]
        expected = [
            ("all", "is a link"),
            ("pipe.csv", "is no regular file"),
            (r"sch\xfcler.csv", "its name is not UTF-8"),
            ("users.csv", "is a link"),
        ]
        assert expected == [(left.name, left.reason) for left in arrival.left]
        assert secret.joinpath("passwd").exists()


class TestHandingOver:
    async def test_what_is_refused_is_offered_again_before_anything_later(self, gateway):
        gateway.refusing = True
        gateway.send("first.csv")
        await gateway.work(minutes=5)
        gateway.send("second.csv")
        await gateway.work(minutes=5)
        assert gateway.taken == []

        gateway.refusing = False
        await gateway.work(minutes=1)
        assert [list(names) for names in gateway.contents] == [["first.csv"], ["second.csv"]]

    async def test_what_is_refused_is_offered_again_by_the_next_process(self, gateway):
        gateway.refusing = True
        gateway.send("users.csv", b"whole")
        await gateway.work(minutes=5)
        gateway.refusing = False
        await gateway.start().work()

        assert gateway.contents == [{"users.csv": b"whole"}]

    async def test_what_was_taken_is_not_offered_again(self, gateway):
        gateway.send("users.csv")
        await gateway.work(minutes=5)
        await gateway.start().work(minutes=5)

        assert len(gateway.taken) == 1

    async def test_the_taker_may_remove_the_directory(self, gateway):
        async def take_and_remove(arrival):
            for file in arrival.files:
                file.path.unlink()
            for path in sorted(arrival.directory.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            arrival.directory.rmdir()
            gateway.taken.append(arrival)

        gateway.take = take_and_remove
        gateway.start().send("users.csv")
        assert len(await gateway.work(minutes=5)) == 1
        assert len(await gateway.start().work(minutes=5)) == 1

    async def test_a_slow_taker_holds_up_nobody_else(self, tmp_path):
        slow, free = asyncio.Event(), asyncio.Event()

        async def take(arrival):
            if arrival.tenant == "slow":
                await slow.wait()
            else:
                free.set()

        clock = arrivals_module.SystemClock()
        with closing(FileJournal(tmp_path / "journal.db")) as journal:
            arrivals = Arrivals(
                [
                    FeedFolder(tenant=tenant, feed="files", path=tmp_path / tenant, settle=NO_TIME)
                    for tenant in ("slow", "quick")
                ],
                sealed=tmp_path / "sealed",
                journal=journal,
                on_sealed=take,
                clock=clock,
            )
            arrivals.start()
            (tmp_path / "slow" / "users.csv").touch()
            (tmp_path / "quick" / "users.csv").touch()
            running = asyncio.create_task(arrivals.run())
            async with asyncio.timeout(20):
                await free.wait()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


NO_TIME = timedelta(seconds=0)


class TestAnotherProcess:
    async def test_a_file_that_was_open_is_unfinished(self, gateway):
        upload = gateway.open("users.csv")
        gateway.write(upload, b"user_i")
        gateway.start()
        (file,) = gateway.arrivals.status()[0].files

        assert (file.standing, file.size) == (Standing.LOST, 6)

    async def test_a_file_that_was_closed_settles_anew(self, gateway):
        gateway.send("users.csv")
        gateway.clock.forward(minutes=4)
        gateway.start()
        assert await gateway.work(minutes=4) == []
        assert len(await gateway.work(minutes=1)) == 1

    async def test_an_upload_renamed_while_open_is_unfinished_under_its_new_name(self, gateway):
        gateway.open("users.csv.part")
        gateway.rename("users.csv.part", "users.csv")
        gateway.start()
        (file,) = gateway.arrivals.status()[0].files

        assert (file.name, file.standing) == ("users.csv", Standing.LOST)


class TestLimits:
    async def test_more_files_than_a_folder_may_hold_are_refused(self, gateway):
        gateway.arrivals._watches[os.path.realpath(gateway.folder)].sealing.scanned(
            {f"{n}.csv": arrivals_module.Stamp(1, 1, n) for n in range(10_000)}, at=0.0
        )

        with pytest.raises(DeliveryError, match="10,000 files"):
            gateway.open("one-more.csv")

    async def test_folders_nested_too_deep_are_refused(self, gateway):
        with pytest.raises(DeliveryError, match="12 folders deep"):
            gateway.open("a/" * 12 + "users.csv")

    async def test_without_a_journal_no_upload_begins(self, gateway):
        gateway.journal.close()
        with pytest.raises(UnavailableError):
            gateway.open("users.csv")

        assert gateway.arrivals.status()[0].files == ()

    def test_two_feeds_cannot_share_a_folder(self, gateway):
        gateway.feeds.append(FeedFolder(tenant="lincoln", feed="more", path=gateway.folder))
        with pytest.raises(ConfigError, match="two feeds share"):
            gateway.start()

    async def test_a_feeds_folder_in_anothers_is_its_own(self, gateway):
        inner = gateway.folder / "high-school"
        gateway.feeds.append(FeedFolder(tenant="lincoln", feed="high", path=inner))
        gateway.start()
        gateway.send("users.csv", b"all")
        gateway.send("high-school/users.csv", b"high")
        taken = await gateway.work(minutes=5)

        assert {("files", "users.csv"), ("high", "users.csv")} == {
            (arrival.feed, arrival.files[0].name) for arrival in taken
        }

    async def test_folders_feeds_read_from_must_stay(self, gateway):
        assert gateway.arrivals.is_fixed(str(gateway.folder))
        assert gateway.arrivals.is_fixed(str(gateway.home / "tree"))
        assert not gateway.arrivals.is_fixed(gateway.path("fall"))


async def test_the_status_tells_what_lies_where_and_what_it_waits_for(gateway):
    gateway.send("users.csv", b"12345")
    gateway.write(gateway.open("courses.csv.part"), b"123")
    gateway.arrivals.lost(gateway.open("terms.csv"), "the connection ended")
    (status,) = gateway.arrivals.status()

    expected = (
        FileStatus("courses.csv.part", 3, Kind.TEMPORARY, Standing.OPEN, ""),
        FileStatus("terms.csv", 0, Kind.FILE, Standing.LOST, "the connection ended"),
        FileStatus("users.csv", 5, Kind.FILE, Standing.CLOSED, ""),
    )
    assert expected == status.files
    assert status.waiting_for == "courses.csv.part is being uploaded (and 1 more)"
    assert gateway.clock.now() + timedelta(hours=1) == status.until


async def test_the_status_tells_when_a_quiet_folder_will_be_sealed(gateway):
    gateway.send("users.csv")
    gateway.clock.forward(minutes=2)
    (status,) = gateway.arrivals.status()

    assert status.waiting_for == "waiting for the folder to be quiet"
    assert gateway.clock.now() + timedelta(minutes=3) == status.until


async def test_a_thousand_files_are_one_delivery(gateway):
    for number in range(1000):
        gateway.send(f"{number:04}.csv")
    (arrival,) = await gateway.work(minutes=5)

    assert len(arrival.files) == 1000
