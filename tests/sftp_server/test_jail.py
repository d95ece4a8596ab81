"""A client cannot leave its tenant's tree, nor do there what it may not."""
# Each attack is told in a line:
# pyright: reportUnknownLambdaType=false

import os
import posixpath
from contextlib import asynccontextmanager

import asyncssh
import pytest
from asyncssh.constants import FXF_CREAT, FXF_READ, FXF_TRUNC

from rosterway.errors import AccessError
from rosterway.gateway.folders import Layout
from rosterway.sftp_server.jail import Deed, Jail

SECRET = "the other tenant's users"


@pytest.fixture
def tree(tmp_path):
    """A tree with what an administrator might leave in it, and what lies beside it."""
    root = tmp_path / "tenants" / "lincoln"
    Layout().make(root)
    (root / "diffing" / "users.csv").write_text("user_id")
    (root / "diffing" / "fall").mkdir()
    (root / "results" / "receipt.txt").write_text("3 rows")
    (root / "left.txt").touch()
    outside = tmp_path / "tenants" / "roosevelt"
    outside.mkdir(exist_ok=True)
    (outside / "users.csv").write_text(SECRET)
    (root / "imports" / "out").symlink_to(outside)
    (root / "imports" / "up").symlink_to("../..")
    (root / "imports" / "loop").symlink_to("loop")
    (root / "imports" / "inside").symlink_to("../diffing")
    (root / "imports" / "users.csv").symlink_to(outside / "users.csv")
    return root


@pytest.fixture
def jail(tree):
    return Jail(tree, Layout())


class TestPaths:
    @pytest.mark.parametrize(
        ("asked", "virtual"),
        [
            (b".", "/"),
            (b"", "/"),
            (b"/", "/"),
            (b"//diffing//users.csv", "/diffing/users.csv"),
            (b"diffing/./fall/../users.csv", "/diffing/users.csv"),
            (b"../../../etc/passwd", "/etc/passwd"),
            (b"/diffing/../../../..", "/"),
            (b"\\..\\..\\windows", "/\\..\\..\\windows"),
        ],
    )
    def test_they_are_taken_as_text_and_end_at_the_root(self, jail, asked, virtual):
        assert jail.virtual(asked) == virtual

    @pytest.mark.parametrize("asked", [b"/diffing/users.csv", b"diffing/fall/../users.csv"])
    def test_inside_the_tree_they_are_real(self, jail, tree, asked):
        assert jail.resolve(asked, Deed.LOOK) == str(tree / "diffing" / "users.csv")

    @pytest.mark.parametrize("deed", Deed)
    @pytest.mark.parametrize(
        "asked",
        [
            b"/imports/out",
            b"/imports/out/users.csv",
            b"/imports/up/roosevelt/users.csv",
            b"/imports/users.csv",
            b"/imports/loop",
            b"/imports/inside/users.csv",
            b"/../roosevelt/users.csv",
            b"/diffing/../../roosevelt/users.csv",
            b"/etc/passwd",
            b"/left.txt",
            b"/diffing/\0/users.csv",
            b"/diffing/a\nb",
        ],
    )
    def test_whatever_leads_out_or_over_a_link_is_refused(self, jail, asked, deed):
        with pytest.raises(AccessError):
            jail.resolve(asked, deed)

    def test_a_tree_that_is_itself_behind_a_link_works(self, tree, tmp_path):
        (tmp_path / "link").symlink_to(tree)
        jail = Jail(tmp_path / "link", Layout())

        assert jail.resolve(b"/diffing/users.csv", Deed.LOOK) == str(tree / "diffing" / "users.csv")

    @pytest.mark.parametrize(
        ("asked", "allowed"),
        [
            (b"/", {Deed.LOOK}),
            (b"/diffing", {Deed.LOOK}),
            (b"/results", {Deed.LOOK}),
            (b"/diffing/new.csv", {Deed.LOOK, Deed.PUT, Deed.MOVE, Deed.REMOVE}),
            (b"/imports/fall/new.csv", {Deed.LOOK, Deed.PUT, Deed.MOVE, Deed.REMOVE}),
            (b"/results/receipt.txt", {Deed.LOOK, Deed.REMOVE}),
            (b"/grade-export/today.csv", {Deed.LOOK, Deed.REMOVE}),
        ],
    )
    def test_what_may_be_done_depends_on_the_folder(self, jail, asked, allowed):
        assert {deed for deed in Deed if jail.allows(asked, deed)} == allowed

    @pytest.mark.parametrize(
        "name", [b"a" * 256, "rtl\u202egpj.exe".encode(), b"latin\xe9.csv", b"d/" * 13 + b"x.csv"]
    )
    def test_what_could_not_be_delivered_cannot_be_put(self, jail, name):
        assert not jail.allows(b"/diffing/" + name, Deed.PUT)


#: What a client tries, and how it is told no. `c` is an asyncssh client.
ATTACKS = {
    "make a link": lambda c: c.symlink("/etc", "/diffing/x"),
    "make a relative link": lambda c: c.symlink("../../roosevelt", "/diffing/x"),
    "make a hard link": lambda c: c.link("/diffing/users.csv", "/diffing/x"),
    "make a hard link to outside": lambda c: c.link("/imports/users.csv", "/diffing/x"),
    "read a link": lambda c: c.readlink("/imports/out"),
    "list over a link": lambda c: c.listdir("/imports/out"),
    "list above the root": lambda c: c.listdir("/imports/up"),
    "read over a link": lambda c: read(c, "/imports/out/users.csv"),
    "read a link's file": lambda c: read(c, "/imports/users.csv"),
    "write over a link": lambda c: write(c, "/imports/out/users.csv"),
    "write a link's file": lambda c: write(c, "/imports/users.csv"),
    "create over a link": lambda c: write(c, "/imports/out/new.csv"),
    "look over a link": lambda c: c.stat("/imports/out/users.csv"),
    "look at a link": lambda c: c.lstat("/imports/out"),
    "cut over a link": lambda c: c.truncate("/imports/users.csv", 0),
    "set dates over a link": lambda c: c.utime("/imports/users.csv", (1, 1)),
    "make a folder over a link": lambda c: c.mkdir("/imports/out/x"),
    "remove over a link": lambda c: c.remove("/imports/out/users.csv"),
    "remove a link": lambda c: c.remove("/imports/users.csv"),
    "remove a folder over a link": lambda c: c.rmdir("/imports/up/roosevelt"),
    "rename from over a link": lambda c: c.rename("/imports/out/users.csv", "/diffing/x"),
    "rename to over a link": lambda c: c.rename("/diffing/users.csv", "/imports/out/x"),
    "replace over a link": lambda c: c.posix_rename("/diffing/users.csv", "/imports/users.csv"),
    "rename a link": lambda c: c.posix_rename("/imports/up", "/imports/fall"),
    "rename to outside": lambda c: c.rename("/diffing/users.csv", "/../roosevelt/x"),
    "rename from outside": lambda c: c.rename("/../roosevelt/users.csv", "/diffing/x"),
    "read outside": lambda c: read(c, "/../roosevelt/users.csv"),
    "read the server's files": lambda c: read(c, "/../../../../../../../../etc/passwd"),
    "read what lies at the root": lambda c: read(c, "/left.txt"),
    "put at the root": lambda c: write(c, "/users.csv"),
    "make a folder at the root": lambda c: c.mkdir("/mine"),
    "remove a top-level folder": lambda c: c.rmdir("/grade-export"),
    "rename a top-level folder": lambda c: c.rename("/diffing", "/imports/diffing"),
    "rename a top-level folder at the root": lambda c: c.rename("/diffing", "/other"),
    "replace a top-level folder": lambda c: c.posix_rename("/diffing/fall", "/grade-export"),
    "put a receipt": lambda c: write(c, "/results/receipt.txt"),
    "create a receipt by opening to read": lambda c: c.open(
        "/results/new.txt", FXF_READ | FXF_CREAT
    ),
    "empty a receipt by opening to read": lambda c: c.open(
        "/results/receipt.txt", FXF_READ | FXF_TRUNC
    ),
    "cut a receipt": lambda c: c.truncate("/results/receipt.txt", 0),
    "rename a receipt": lambda c: c.rename("/results/receipt.txt", "/results/x"),
    "take a receipt for a delivery": lambda c: c.rename("/results/receipt.txt", "/diffing/x"),
    "put a delivery among receipts": lambda c: c.rename("/diffing/users.csv", "/results/x"),
    "make a folder among receipts": lambda c: c.mkdir("/results/x"),
    "put an unreadable name": lambda c: write(c, "/diffing/a\tb.csv"),
    "put a name that is no text": lambda c: write(c, b"/diffing/\xff.csv"),
    "put a very long name": lambda c: write(c, "/diffing/" + "a" * 256),
    "ask about the disk": lambda c: c.statvfs("/"),
}


async def read(client, path):
    async with client.open(path, "rb") as file:
        return await file.read()


async def write(client, path):
    async with client.open(path, "wb") as file:
        await file.write(b"mine now")


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_is_refused_and_changes_nothing(server, tree, attack):
    before = everything_below(tree.parent)
    async with server.client() as client:
        with pytest.raises((asyncssh.SFTPPermissionDenied, asyncssh.SFTPOpUnsupported)):
            await ATTACKS[attack](client)

    assert everything_below(tree.parent) == before


def everything_below(path):
    """Every entry with its kind, its content or target, and its date."""
    found = {}
    for entry in path.rglob("*"):
        status = entry.lstat()
        told = str(entry.readlink()) if entry.is_symlink() else status.st_size
        found[str(entry)] = (status.st_mode, told, entry.is_dir() or status.st_mtime_ns)
    return found


class TestTheEscape:
    """A link that is legal where it is made, renamed to where it leads out (dependencies.md 3.1)."""

    async def escape(self, client, root):
        """Answers what lies beside the root, if the way out works."""
        for folder in ("a", "a/b", "a/b/c"):
            await client.mkdir(posixpath.join(root, folder))
        await client.symlink("../..", posixpath.join(root, "a/b/c/up"))
        await client.rename(posixpath.join(root, "a/b/c/up"), posixpath.join(root, "up"))
        return await read(client, posixpath.join(root, "up/secret.txt"))

    async def test_against_asyncsshs_own_walls_it_works(self, tmp_path):
        """Should this fail one day, asyncssh has mended it; ours must not need it."""
        (tmp_path / "secret.txt").write_text(SECRET)
        (tmp_path / "x" / "jail").mkdir(parents=True)
        async with plain_asyncssh(tmp_path / "x" / "jail") as client:
            assert await self.escape(client, "/") == SECRET.encode()

    async def test_against_ours_it_fails_at_the_first_step(self, server, tree):
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPPermissionDenied, match="links"):
                await self.escape(client, "/diffing")

    async def test_with_the_link_already_there_it_fails_at_the_rename(self, server, tree):
        (tree / "diffing" / "a").mkdir()
        (tree / "diffing" / "a" / "up").symlink_to("..")
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPPermissionDenied, match="links"):
                await client.rename("/diffing/a/up", "/diffing/up")

    async def test_with_its_folder_renamed_it_leads_nowhere(self, server, tree):
        (tree / "diffing" / "a" / "b").mkdir(parents=True)
        (tree / "diffing" / "a" / "b" / "up").symlink_to("../../..")
        async with server.client() as client:
            await client.rename("/diffing/a/b", "/diffing/b")
            with pytest.raises(asyncssh.SFTPPermissionDenied, match="links"):
                await client.listdir("/diffing/b/up")


@asynccontextmanager
async def plain_asyncssh(root):
    """Asyncssh's own SFTP server, locked into a directory as it documents."""
    key = asyncssh.generate_private_key("ssh-ed25519")

    class Anybody(asyncssh.SSHServer):
        def begin_auth(self, username):
            return False

    acceptor = await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=Anybody,
        server_host_keys=[key],
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(root)),
    )
    async with (
        acceptor,
        asyncssh.connect(
            "127.0.0.1", acceptor.get_port(), known_hosts=None, client_keys=None, config=None
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        yield client


class TestRenames:
    async def test_inside_the_tree_they_work(self, server, tree):
        async with server.client() as client:
            await client.rename("/diffing/users.csv", "/imports/u.csv")
            await client.rename("/diffing/fall", "/imports/fall-2026")

        assert (tree / "imports" / "u.csv").read_text() == "user_id"
        assert (tree / "imports" / "fall-2026").is_dir()

    async def test_the_plain_one_replaces_nothing(self, server, tree):
        (tree / "diffing" / "new.csv").write_text("new")
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPFailure, match="there already"):
                await client.rename("/diffing/new.csv", "/diffing/users.csv")
            await client.posix_rename("/diffing/new.csv", "/diffing/users.csv")

        assert (tree / "diffing" / "users.csv").read_text() == "new"

    async def test_a_folder_a_feed_reads_from_stays(self, server, tree):
        inner = tree / "diffing" / "high"
        inner.mkdir()
        server.arrivals.is_fixed = lambda path: path == str(inner)
        async with server.client() as client:
            for doing in (
                client.rename("/diffing/high", "/diffing/low"),
                client.posix_rename("/diffing/fall", "/diffing/high"),
                client.rmdir("/diffing/high"),
            ):
                with pytest.raises(asyncssh.SFTPPermissionDenied, match="a feed reads from"):
                    await doing


class TestWhatIsNoFile:
    async def test_a_pipe_does_not_stop_the_server(self, server, tree):
        os.mkfifo(tree / "diffing" / "pipe")
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPFailure, match="not a file"):
                await read(client, "/diffing/pipe")
            with pytest.raises(asyncssh.SFTPFailure, match="not a file"):
                await write(client, "/diffing/pipe")
            assert "pipe" not in await client.listdir("/diffing")

    async def test_nor_does_a_folder(self, server, tree):
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPFailure, match="not a file"):
                await write(client, "/diffing/fall")

    async def test_nor_is_a_missing_folder_made(self, server, tree):
        async with server.client() as client:
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await write(client, "/diffing/spring/users.csv")
            with pytest.raises(asyncssh.SFTPNoSuchFile):
                await client.listdir("/diffing/spring")


async def test_nothing_is_copied_on_the_server(server, tree):
    """A file copied onto its own end would grow until the disk is full."""
    async with server.client() as client:
        with pytest.raises(asyncssh.SFTPOpUnsupported):
            await client.remote_copy("/diffing/users.csv", "/diffing/copy.csv")


def test_every_operation_of_asyncssh_on_a_path_is_ours():
    """A newer asyncssh may learn more of them; those we have not thought about are refused."""
    from rosterway.sftp_server.session import Session

    harmless = {"__init__", "convert_attrs", "format_longname", "reverse_map_path", "exit"}
    harmless |= {"channel", "connection", "env", "logger", "lock", "unlock", "_to_sftpname"}
    harmless |= {"statvfs", "fstatvfs"}  # not in the protocol we speak, and refused by map_path
    offered = {name for name in vars(asyncssh.SFTPServer) if not name.startswith("__")}

    assert offered - vars(Session).keys() - harmless == set()


async def test_two_tenants_cannot_see_each_other(server):
    async with server.client("lincoln") as lincoln, server.client("roosevelt") as roosevelt:
        await write(lincoln, "/diffing/users.csv")

        assert "users.csv" in await lincoln.listdir("/diffing")
        assert "users.csv" not in await roosevelt.listdir("/diffing")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await read(roosevelt, "/../lincoln/diffing/users.csv")
