"""What may lie in the incoming folders of a tenant: refused in words, before the disk is full."""

import dataclasses
import errno
import os

import asyncssh
import pytest

from rosterway.sftp_server.room import KEPT_FREE, Quota, Room


class Clock:
    seconds = 0.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "diffing").mkdir()
    return tmp_path / "diffing"


def refusal(doing):
    """The number of the error it is refused with."""
    with pytest.raises(OSError, match=r"there may be|nearly full") as refused:
        doing()
    return refused.value.errno


def test_bytes_are_taken_until_the_quota_is_full(folder, clock):
    room = Room([folder], Quota(size=100, files=9), clock=clock)

    room.more(60)
    (folder / "users.csv").write_bytes(bytes(60))
    clock.seconds += 1
    room.more(40)
    (folder / "courses.csv").write_bytes(bytes(40))

    assert errno.EDQUOT == refusal(lambda: room.more(1))


def test_files_and_folders_are_counted_below_folders_too(folder, clock):
    (folder / "fall").mkdir()
    (folder / "fall" / "users.csv").touch()
    room = Room([folder], Quota(size=100, files=3), clock=clock)

    room.another()

    assert errno.EDQUOT == refusal(room.another)


def test_what_was_taken_makes_room(folder, clock):
    room = Room([folder], Quota(size=100, files=1), clock=clock)
    (folder / "users.csv").write_bytes(bytes(100))
    assert errno.EDQUOT == refusal(lambda: room.more(1))
    assert errno.EDQUOT == refusal(room.another)

    (folder / "users.csv").unlink()
    clock.seconds += 1

    room.another()
    room.more(100)


def test_files_that_came_by_other_means_are_noticed_within_a_minute(folder, clock):
    room = Room([folder], Quota(size=100, files=2), clock=clock)
    room.another()
    for name in ("a", "b"):
        (folder / name).touch()
    clock.seconds += 60

    assert errno.EDQUOT == refusal(room.another)


def test_the_last_of_the_disk_is_not_for_uploads(folder, clock):
    left = {"bytes": KEPT_FREE}
    quota = Quota(size=2**40, files=9)
    room = Room([folder], quota, clock=clock, free=lambda _: left["bytes"])
    room.another()
    left["bytes"] -= 1

    assert errno.ENOSPC == refusal(room.another)
    assert errno.ENOSPC == refusal(lambda: room.more(2**30))


def test_a_folder_is_measured_only_when_it_seems_full(folder, clock, monkeypatch):
    walked = []
    scandir = os.scandir
    room = Room([folder], Quota(size=2000, files=2000), clock=clock)
    room.another()
    monkeypatch.setattr(os, "scandir", lambda path: walked.append(path) or scandir(path))

    for _ in range(1000):
        room.another()
        room.more(1)

    assert [] == walked


class TestByClients:
    @pytest.fixture(autouse=True)
    def _small(self, server):
        account = server.accounts["lincoln"]
        quota = Quota(size=100_000, files=2)
        server.accounts["lincoln"] = dataclasses.replace(account, quota=quota)

    @pytest.mark.peer("sftp")
    async def test_openssh_is_told_and_the_cut_file_is_not_delivered(self, server):
        large = server.local("users.csv", bytes(200_000))

        done = await server.sftp(f"put {large} /diffing/users.csv")

        assert 0 != done.code
        assert [{}] == await server.settle(hours=2)
        (arrival,) = server.taken
        assert "MiB are the quota" in arrival.unfinished[0].reason

    async def test_a_file_too_many_is_refused_and_receipts_can_be_fetched(self, server):
        async with server.client() as client:
            for name in ("a", "b"):
                async with client.open(f"/diffing/{name}", "wb") as file:
                    await file.write(b"x")
            with pytest.raises(asyncssh.SFTPFailure, match="2 files are here already"):
                await client.open("/diffing/c", "wb")
            with pytest.raises(asyncssh.SFTPFailure, match="2 files are here already"):
                await client.mkdir("/diffing/folder")
            async with client.open("/diffing/b", "wb") as file:
                await file.write(b"again")
            (server.tree() / "results" / "receipt.txt").write_text("held")
            async with client.open("/results/receipt.txt") as file:
                assert "held" == await file.read()

    async def test_another_tenant_has_room_of_its_own(self, server):
        for name in ("a", "b", "c"):
            (server.tree() / "diffing").mkdir(parents=True, exist_ok=True)
            (server.tree() / "diffing" / name).touch()

        async with (
            server.client("roosevelt") as client,
            client.open("/diffing/users.csv", "wb") as file,
        ):
            await file.write(b"x")

        assert b"x" == (server.tree("roosevelt") / "diffing" / "users.csv").read_bytes()
