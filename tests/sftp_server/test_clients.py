"""Clients that are neither OpenSSH's nor a library, and more of them than usual."""

import asyncio
from contextlib import AsyncExitStack

import asyncssh
import pytest

ROSTER = {"users.csv": b"user_id\n1\n", "courses.csv": b"course_id\nc\n"}


@pytest.mark.peer("lftp")
class TestLftp:
    async def lftp(self, server, *commands):
        """Run these in lftp, by way of the `ssh` it starts."""
        ssh = ["ssh", "-a", "-x", *server.ssh_options, "-i", str(server.key())]
        settings = [
            f'set sftp:connect-program "{" ".join(ssh)}"',
            *("set net:max-retries 1", "set cmd:fail-exit yes"),
            f"open -u lincoln, -p {server.door.port} sftp://127.0.0.1",
        ]
        script = "; ".join([*settings, *commands])
        return await server.finished(await server.program("lftp", "--norc", "-c", script))

    async def test_a_folder_is_mirrored_and_delivered(self, server):
        for name, content in ROSTER.items():
            server.local(name, content)

        done = await self.lftp(server, f"mirror -R {server.home / 'client'} /diffing")

        assert done.code == 0, done.told
        assert await server.settle() == [ROSTER]

    async def test_a_temporary_name_is_not_taken_for_a_file(self, server):
        path = server.local("users.csv", ROSTER["users.csv"])

        done = await self.lftp(
            server,
            "set xfer:use-temp-file yes",
            "set xfer:temp-file-name .in.*",
            f"put -O /diffing {path}",
        )

        assert done.code == 0, done.told
        assert await server.settle() == [{"users.csv": ROSTER["users.csv"]}]

    async def test_a_cut_upload_goes_on(self, server):
        whole = bytes(range(256)) * 4096
        (server.tree() / "diffing" / "users.csv").write_bytes(whole[:70_000])
        path = server.local("users.csv", whole)

        done = await self.lftp(server, f"put -c -O /diffing {path}")

        assert done.code == 0, done.told
        assert await server.settle() == [{"users.csv": whole}]


async def test_what_is_renamed_as_rsync_does_it_is_taken_under_its_last_name_alone(server):
    async with server.client() as client:
        async with client.open("/diffing/.users.csv.Qx81zT", "wb") as file:
            await file.write(b"new")
        assert await server.settle() == []
        async with client.open("/diffing/users.csv", "wb") as file:
            await file.write(b"old")
        await client.posix_rename("/diffing/.users.csv.Qx81zT", "/diffing/users.csv")

    assert await server.settle() == [{"users.csv": b"new"}]


@pytest.mark.parametrize(
    ("connections", "each"),
    [(10, 10), pytest.param(1000, 1, marks=pytest.mark.soak)],
)
async def test_idle_sessions_keep_nobody_out_and_nobody_waiting(server, connections, each):
    async with AsyncExitStack() as held:
        held_by = [await held.enter_async_context(server.connect()) for _ in range(connections)]
        idle: list[asyncssh.SFTPClient] = [
            await held.enter_async_context(one.start_sftp_client())
            for one in held_by
            for _ in range(each)
        ]

        assert connections * each == len(server.door.sessions)
        async with (
            asyncio.timeout(20),
            server.client("roosevelt") as client,
            client.open("/diffing/users.csv", "wb") as file,
        ):
            await file.write(b"new")
        assert await server.settle() == [{"users.csv": b"new"}]
        assert {"/"} == set(await asyncio.gather(*(one.realpath(".") for one in idle)))

    await server.until(lambda: not server.door.sessions)
