"""What clients do to bring a delivery, with clients we did not write."""
# pyright: reportUnknownLambdaType=false

import asyncio
import errno
import os
import resource
import signal
import sys
import zipfile
from contextlib import contextmanager
from pathlib import Path

import asyncssh
import pytest

from rosterway.gateway.sealing import Why
from rosterway.gateway.uploads import Standing
from rosterway.sftp_server.files import Handle
from rosterway.sftp_server.jail import Jail
from rosterway.sftp_server.session import Session

MEGABYTE = bytes(range(256)) * 4096


class TestOpenSsh:
    pytestmark = pytest.mark.peer("sftp")

    async def test_a_file_put_into_a_feeds_folder_becomes_a_delivery(self, server):
        path = server.local("users.csv", MEGABYTE)
        done = await server.sftp(f"put {path} /diffing/users.csv")

        assert done.code == 0, done.told
        assert await server.settle() == [{"users.csv": MEGABYTE}]

    async def test_put_with_dates_and_modes_is_no_trouble(self, server):
        path = server.local("users.csv")
        path.chmod(0o6777)
        done = await server.sftp(f"put -p {path} /diffing/users.csv")

        assert done.code == 0, done.told
        status = (server.tree() / "diffing" / "users.csv").stat()
        assert status.st_mode & 0o7777 == 0o600
        assert int(status.st_mtime) == int(path.stat().st_mtime)

    async def test_a_directory_is_put_whole(self, server):
        server.local("fall/users.csv", b"u")
        server.local("fall/high/courses.csv", b"c")
        done = await server.sftp(f"put -R {server.home / 'client' / 'fall'} /imports/")

        assert done.code == 0, done.told
        assert await server.settle() == [{"fall/users.csv": b"u", "fall/high/courses.csv": b"c"}]

    async def test_a_careful_upload_is_renamed_over_the_old_file(self, server):
        path = server.local("users.csv", b"new")
        server.tree().joinpath("diffing", "users.csv").write_bytes(b"old")
        done = await server.sftp(
            f"put {path} /diffing/users.csv.part\nrename /diffing/users.csv.part /diffing/users.csv"
        )

        assert done.code == 0, done.told
        assert await server.settle() == [{"users.csv": b"new"}]

    async def test_a_marker_seals_at_once(self, server):
        files = [server.local(name, name.encode()) for name in ("users.csv", "all.done")]
        done = await server.sftp("cd diffing\n" + "\n".join(f"put {path}" for path in files))

        assert done.code == 0, done.told
        assert await server.settle(seconds=0) == [{"users.csv": b"users.csv"}]
        assert server.taken[0].why is Why.MARKER

    async def test_a_marker_after_dates_were_kept_still_seals_at_once(self, server):
        files = [server.local(name) for name in ("users.csv", "all.done")]
        await server.sftp("cd diffing\n" + "\n".join(f"put -p {path}" for path in files))
        await server.settle(seconds=0)

        assert server.taken[0].why is Why.MARKER

    async def test_a_zip_seals_at_once(self, server):
        path = server.home / "roster.zip"
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("users.csv", "user_id\n")
        await server.sftp(f"put {path} /diffing/")
        await server.settle(seconds=0)

        assert server.taken[0].why is Why.ZIP

    async def test_a_client_killed_in_the_middle_leaves_an_unfinished_file(self, server):
        file = await self.killed_upload(server)
        size = file.stat().st_size

        assert 0 < size < len(MEGABYTE) * 8
        assert await server.settle(minutes=30) == []
        await server.settle(minutes=30)
        (arrival,) = server.taken
        assert arrival.why is Why.ABANDONED
        assert [(cut.name, cut.size) for cut in arrival.unfinished] == [("users.csv", size)]

    async def test_it_can_be_resumed(self, server):
        file = await self.killed_upload(server)
        done = await server.sftp(f"reput {server.home / 'client' / 'users.csv'} /diffing/users.csv")

        assert done.code == 0, done.told
        assert file.read_bytes() == MEGABYTE * 8
        assert server.standing("users.csv") is Standing.CLOSED

    async def killed_upload(self, server):
        """Upload slowly, kill the client when some of it is there."""
        path = server.local("users.csv", MEGABYTE * 8)
        command = server.sftp_command("-l", "4000")
        process = await server.program(*command, stdin=f"put {path} /diffing/users.csv\n")
        file = server.tree() / "diffing" / "users.csv"
        await server.until(lambda: file.exists() and file.stat().st_size > 0)
        process.send_signal(signal.SIGKILL)
        await process.communicate()
        await server.until(lambda: server.standing("users.csv") is Standing.LOST)
        return file

    async def test_receipts_can_be_fetched_and_removed(self, server):
        receipt = server.tree() / "results" / "d1" / "receipt.txt"
        receipt.parent.mkdir(parents=True)
        receipt.write_text("3 rows applied")
        done = await server.sftp(
            "get /results/d1/receipt.txt got.txt\nrm /results/d1/receipt.txt\nrmdir /results/d1"
        )

        assert done.code == 0, done.told
        assert server.home.joinpath("got.txt").read_text() == "3 rows applied"
        assert list(server.tree().joinpath("results").iterdir()) == []

    async def test_the_root_lists_the_trees_folders_and_nothing_else(self, server):
        server.accounts["lincoln"].layout.make(server.tree())
        (server.tree() / "left-by-an-administrator").touch()
        (server.tree() / "results" / "link").symlink_to("/etc")
        done = await server.sftp("pwd\nls -1\nls -la results")

        assert "Remote working directory: /\n" in done.told
        names = [line for line in done.told.splitlines() if not line.startswith("sftp>")]
        assert names[1:5] == ["diffing", "grade-export", "imports", "results"]
        assert "link" not in done.told
        assert "root" not in done.told

    async def test_the_current_scp_uses_sftp_and_works(self, server):
        path = server.local("users.csv")
        done = await self.scp(server, "-s", path, f"lincoln@127.0.0.1:diffing/{path.name}")

        assert done.code == 0, done.told
        assert server.standing("users.csv") is Standing.CLOSED

    async def test_the_old_scp_is_told_what_to_use(self, server):
        path = server.local("users.csv")
        done = await self.scp(server, "-O", path, "lincoln@127.0.0.1:diffing/users.csv")

        assert done.code != 0
        assert "SFTP only: use sftp, or scp without -O" in done.told
        assert server.standing("users.csv") is None

    async def scp(self, server, how, *paths):
        command = ["scp", how, "-B", "-P", server.door.port, "-i", server.key()]
        process = await server.program(*command, *server.ssh_options, *paths)
        return await server.finished(process)

    @pytest.mark.parametrize("command", [[], ["cat", "/etc/passwd"], ["-tt"]])
    async def test_there_is_no_shell(self, server, command):
        options = [*server.ssh_options, "-o", "BatchMode=yes", "-p", server.door.port]
        process = await server.program(
            "ssh", *options, "-i", server.key(), "lincoln@127.0.0.1", *command
        )
        done = await server.finished(process)

        assert done.code != 0
        assert "SFTP only" in done.told or "PTY allocation request failed" in done.told
        assert "root:" not in done.told

    async def test_compression_is_welcome_on_slow_lines(self, server):
        path = server.local("users.csv", MEGABYTE)
        done = await server.sftp(f"put {path} /diffing/users.csv", "-C")

        assert done.code == 0, done.told
        assert server.tree().joinpath("diffing", "users.csv").read_bytes() == MEGABYTE


class TestParamiko:
    async def test_an_upload_with_its_check_of_the_size(self, server):
        path = server.local("users.csv", MEGABYTE)
        await server.with_paramiko(lambda sftp: sftp.put(str(path), "/diffing/users.csv"))

        assert await server.settle() == [{"users.csv": MEGABYTE}]

    async def test_appending(self, server):
        def append(sftp):
            for part in (b"one,", b"two"):
                with sftp.open("/diffing/users.csv", "a") as file:
                    file.write(part)

        await server.with_paramiko(append)

        assert await server.settle() == [{"users.csv": b"one,two"}]

    async def test_modes_and_owners_are_accepted_and_ignored(self, server):
        def change(sftp):
            with sftp.open("/diffing/users.csv", "w") as file:
                file.write(b"x")
                file.chmod(0o4777)
            sftp.chmod("/diffing/users.csv", 0o6777)
            sftp.chown("/diffing/users.csv", 0, 0)
            sftp.utime("/diffing/users.csv", (1, 2))
            sftp.chmod("/diffing", 0)

        await server.with_paramiko(change)

        file = server.tree() / "diffing" / "users.csv"
        assert file.stat().st_mode & 0o7777 == 0o600
        assert file.parent.stat().st_mode & 0o7777 == 0o700

    async def test_a_file_read_while_it_is_written(self, server):
        def both(sftp):
            with sftp.open("/diffing/users.csv", "w+") as file:
                file.write(b"abcdef")
                file.seek(2)
                return file.read(2)

        assert await server.with_paramiko(both) == b"cd"


class TestManyAtOnce:
    async def test_two_hundred_uploads_lose_nothing(self, server):
        contents = {f"{n:03}.csv": f"row {n}\n".encode() * (n + 1) for n in range(200)}

        async def upload(client, name):
            async with client.open(f"/diffing/{name}.part", "wb") as file:
                await file.write(contents[name])
            await client.posix_rename(f"/diffing/{name}.part", f"/diffing/{name}")

        async with (
            server.client() as one,
            server.client() as two,
            server.client() as three,
            asyncio.TaskGroup() as group,
        ):
            for number, name in enumerate(contents):
                group.create_task(upload((one, two, three)[number % 3], name))

        assert await server.settle() == [contents]

    @pytest.mark.peer("sftp")
    async def test_fifty_programs_at_once_lose_nothing(self, server):
        names = [f"{n:02}.csv" for n in range(50)]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(
                    server.sftp(f"put {server.local(name, name.encode())} /diffing/{name}")
                )
                for name in names
            ]

        assert {task.result().code for task in tasks} == {0}
        assert await server.settle() == [{name: name.encode() for name in names}]


class TestWhatIsWhole:
    async def test_a_connection_that_ends_leaves_its_open_files_unfinished(self, server):
        async with server.connect() as connection:
            client = await connection.start_sftp_client()
            whole = await client.open("/diffing/courses.csv", "wb")
            await whole.write(b"course_id")
            await whole.close()
            cut = await client.open("/diffing/users.csv", "wb")
            await cut.write(b"user_i")
            connection.abort()
        await server.until(lambda: server.standing("users.csv") is Standing.LOST)

        assert server.standing("courses.csv") is Standing.CLOSED

    async def test_so_does_a_session_that_ends_in_good_order(self, server):
        async with server.client() as client:
            await client.open("/diffing/users.csv", "wb")
            client.exit()
            await client.wait_closed()
        await server.until(lambda: server.standing("users.csv") is Standing.LOST)

    async def test_a_server_that_stops_leaves_uploads_unfinished(self, server):
        async with server.client() as client:
            await client.open("/diffing/users.csv", "wb")
            await server.door.close()

        assert server.standing("users.csv") is Standing.LOST

    async def test_a_retry_while_the_dead_connection_is_not_yet_noticed(self, server):
        async with server.client() as dead, server.client() as alive:
            stale = await dead.open("/diffing/users.csv", "wb")
            await stale.write(b"half of i")
            async with alive.open("/diffing/users.csv", "wb") as file:
                await file.write(b"all of it")

            assert await server.settle() == [{"users.csv": b"all of it"}]
            with pytest.raises(asyncssh.SFTPFailure, match="given up"):
                await stale.write(b"t, much too late")
        assert server.taken[0].files[0].path.read_bytes() == b"all of it"

    async def test_a_write_that_fails_makes_the_file_unfinished_though_it_is_closed(self, server):
        async with server.client() as client:
            file = await client.open("/diffing/users.csv", "wb")
            with no_file_beyond(1000), pytest.raises(asyncssh.SFTPFailure, match="too large"):
                await file.write(b"x" * 5000)
            with pytest.raises(asyncssh.SFTPFailure, match="the file is not complete"):
                await file.close()

        assert server.standing("users.csv") is Standing.LOST

    async def test_a_full_disk_is_told_in_its_own_words(self, server):
        account = server.accounts["lincoln"]
        jail, room = Jail(account.root, account.layout), server.door.room_of(account)
        session = Session(None, account, jail, server.arrivals, room)
        path = server.tree() / "diffing" / "users.csv"
        handle = Handle(os.open("/dev/full", os.O_WRONLY), server.arrivals.opened(str(path)))
        path.touch()
        with pytest.raises(OSError, match="No space left on device") as failure:
            session.write(handle, 0, b"user_id")
        with pytest.raises(asyncssh.SFTPFailure, match="No space left on device"):
            session.close(handle)

        assert failure.value.errno == errno.ENOSPC  # which asyncssh has a code for
        assert server.standing("users.csv") is Standing.LOST

    async def test_a_file_can_be_cut_but_not_stretched(self, server):
        async with server.client() as client:
            async with client.open("/diffing/users.csv", "wb") as file:
                await file.write(b"abcdef")
                await file.truncate(3)
                with pytest.raises(asyncssh.SFTPFailure, match="grows by what is written"):
                    await file.truncate(10**15)
            with pytest.raises(asyncssh.SFTPFailure, match="grows by what is written"):
                await client.truncate("/diffing/users.csv", 10**15)
            with pytest.raises(asyncssh.SFTPFailure, match="larger than 50 GiB"):
                async with client.open("/diffing/courses.csv", "wb") as file:
                    await file.write(b"x", 10**15)

        assert server.tree().joinpath("diffing", "users.csv").read_bytes() == b"abc"

    async def test_what_a_session_may_have_open_is_limited(self, server):
        async with server.client() as client:
            for number in range(256):
                await client.open(f"/diffing/{number}.csv", "wb")
            with pytest.raises(asyncssh.SFTPFailure, match="too many open files"):
                await client.open("/diffing/one-more.csv", "wb")


async def test_a_server_that_is_killed_knows_afterwards_what_was_open(server):
    """The server of this test runs in a process of its own, on the same home."""
    await server.stop()
    process = await server.program(sys.executable, ALONE, server.home)
    while not (line := await process.stdout.readline()).strip().isdigit():
        assert line
    server.door.port = int(line)
    async with server.connect(known_hosts=None) as connection:
        client = await connection.start_sftp_client()
        async with client.open("/diffing/courses.csv", "wb") as file:
            await file.write(b"course_id")
        file = await client.open("/diffing/users.csv", "wb")
        await file.write(b"user_i")
        process.kill()
        await process.communicate()
    await server.start()

    assert server.standing("courses.csv") is Standing.CLOSED
    assert server.standing("users.csv") is Standing.LOST


ALONE = Path(__file__).with_name("alone.py")


@contextmanager
def no_file_beyond(size):
    """The system refuses to let any file of this process grow larger."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
