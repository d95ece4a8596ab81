"""The client against a real OpenSSH server: whom it trusts, what it says when it may not, its files."""

import os
import socket
from dataclasses import replace

import asyncssh
import pytest

from openssh import openssh, password_server, wire_to
from rosterway.errors import (
    ConfigError,
    CredentialsError,
    GarbledError,
    RejectedError,
    UnreachableError,
)
from rosterway.gateway.sftp_client import Access, offered_key
from rosterway.gateway.sftp_client_files import RemoteFile, below, opened
from rosterway.gateway.sftp_client_key import HostKey, HostKeyError

pytestmark = pytest.mark.peer("sshd")


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with openssh(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def access(sshd):
    return Access(
        name="theirs", host="127.0.0.1", port=sshd.port, user=sshd.user, timeout=10, key=sshd.key
    )


@pytest.fixture
def trusted(sshd):
    return HostKey(sshd.host_key)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


@pytest.fixture
async def remote(access, trusted):
    async with opened(access, trusted) as found:
        yield found


async def test_the_key_is_shown_as_ssh_keygen_prints_it(sshd, access):
    key = await offered_key(access)

    bits, fingerprint, *_, kind = sshd.shown.split()
    assert f"{bits} {fingerprint} 127.0.0.1 {kind}" == key.shown("127.0.0.1")


@pytest.mark.parametrize(
    ("kind", "size", "shown"),
    [("ssh-rsa", {"key_size": 2048}, "2048 "), ("ecdsa-sha2-nistp384", {}, "384 ")],
)
def test_keys_of_other_kinds_are_shown_with_their_size(kind, size, shown):
    key = HostKey.of(asyncssh.generate_private_key(kind, **size))

    assert key.shown("h").startswith(shown)
    assert key.shown("h").endswith(f" h ({'RSA' if 'rsa' in kind else 'ECDSA'})")


async def test_nothing_is_fetched_before_somebody_has_said_yes(access):
    with pytest.raises(HostKeyError) as refused:
        async with opened(access, None):
            pass

    assert (await offered_key(access)).fingerprint in refused.value.message
    assert "rosterway connection trust theirs" in refused.value.remedy


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
async def test_another_key_is_refused_with_both_fingerprints(access, kind):
    other = HostKey.of(asyncssh.generate_private_key(kind))

    with pytest.raises(HostKeyError) as refused:
        async with opened(access, other):
            pass

    assert other.fingerprint in refused.value.message
    assert (await offered_key(access)).fingerprint in refused.value.message
    assert not refused.value.retry


async def test_what_this_machine_knows_by_itself_plays_no_part(
    sshd, access, trusted, tmp_path, monkeypatch
):
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{sshd.port} {trusted.line}\n")
    (ssh / "id_ed25519").write_text(sshd.key)
    monkeypatch.setenv("HOME", str(tmp_path))
    other = HostKey.of(asyncssh.generate_private_key("ssh-ed25519"))

    with pytest.raises(HostKeyError):
        async with opened(access, other):
            pass
    with pytest.raises(CredentialsError):
        async with opened(replace(access, key=None, password="wrong"), trusted):
            pass


async def test_a_key_nobody_knows_there_is_refused_with_a_remedy(access, trusted):
    stranger = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()

    with pytest.raises(CredentialsError) as refused:
        async with opened(replace(access, key=stranger), trusted):
            pass

    assert "does not let" in refused.value.message
    assert "authorized_keys" in refused.value.remedy


@pytest.mark.parametrize(
    ("key", "passphrase", "remedy"),
    [("no key at all", None, "ssh-keygen"), ("locked", None, "Add the `passphrase`")],
)
async def test_a_key_that_cannot_be_read_is_ours_to_mend(access, trusted, key, passphrase, remedy):
    if key == "locked":
        made = asyncssh.generate_private_key("ssh-ed25519")
        key = made.export_private_key(passphrase="open sesame", rounds=50).decode()

    with pytest.raises(ConfigError) as refused:
        async with opened(replace(access, key=key, passphrase=passphrase), trusted):
            pass

    assert remedy in refused.value.remedy


async def test_a_locked_key_opens_with_its_passphrase(access, trusted, folder):
    made = asyncssh.import_private_key(access.key)
    locked = made.export_private_key(passphrase="open sesame", rounds=50).decode()

    async with opened(replace(access, key=locked, passphrase="open sesame"), trusted) as remote:
        assert (await remote.list(str(folder))).files == ()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"])
async def test_a_password_does_as_well_whatever_the_kind_of_host_key(tmp_path, folder, kind):
    known = {"user": "sis", "password": "correct horse", "kind": kind}
    async with password_server(tmp_path, **known) as (port, line):
        access = Access(name="p", host="127.0.0.1", port=port, user="sis", timeout=10)
        (folder / "users.csv").write_text("a\n")

        async with opened(replace(access, password="correct horse"), HostKey(line)) as remote:
            found = await remote.list("out")
        with pytest.raises(CredentialsError, match="our password"):
            async with opened(replace(access, password="wrong"), HostKey(line)):
                pass

    assert ["users.csv"] == [file.name for file in found.files]


async def test_nobody_there_may_pass_and_is_told(access, trusted):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="nobody listens there"):
            async with opened(replace(access, port=bound.getsockname()[1]), trusted):
                pass


async def test_who_is_silent_is_given_up_in_time(access):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        with pytest.raises(UnreachableError, match="no answer in time"):
            await offered_key(replace(access, port=silent.getsockname()[1], timeout=0.1))


async def test_who_speaks_no_ssh_is_told_apart(access):
    import asyncio

    async def web(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 400)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(web, "127.0.0.1", 0)
    async with server:
        with pytest.raises((GarbledError, UnreachableError)):
            await offered_key(replace(access, port=server.sockets[0].getsockname()[1]))


async def test_files_are_listed_and_what_can_be_none_is_named(remote, folder):
    (folder / "users.csv").write_text("user_id\n")
    os.utime(folder / "users.csv", (1_700_000_000, 1_700_000_000))
    (folder / "link.csv").symlink_to(folder / "users.csv")
    (folder / "old").mkdir()
    (folder / os.fsdecode(b"caf\xe9.csv")).write_text("")
    os.mkfifo(folder / "pipe.csv")

    found = await remote.list(str(folder))

    assert [
        RemoteFile("link.csv", 8, 1_700_000_000),
        RemoteFile("users.csv", 8, 1_700_000_000),
    ] == list(found.files)
    assert {"caf\\xe9.csv": "its name is not UTF-8", "pipe.csv": "is no file"} == {
        each.name: each.reason for each in found.left
    }


async def test_a_folder_that_is_not_there_is_told_with_its_path(remote, folder):
    with pytest.raises(RejectedError, match="no such file or folder") as refused:
        await remote.list(f"{folder}/nothing")

    assert f"{folder}/nothing" in refused.value.message


async def test_a_file_is_fetched_whole(remote, folder, tmp_path):
    content = os.urandom(3_000_000)
    (folder / "users.csv").write_bytes(content)
    (file,) = (await remote.list(str(folder))).files

    await remote.fetch(str(folder), file, tmp_path / "here", heard=lambda had: None)

    assert content == (tmp_path / "here").read_bytes()


async def test_a_cut_transfer_goes_on_where_it_was(access, trusted, folder, tmp_path):
    content = os.urandom(5_000_000)
    (folder / "users.csv").write_bytes(content)
    heard = []
    async with wire_to(access.port) as wire:
        over = replace(access, port=wire.port)
        async with opened(over, trusted) as remote:
            (file,) = (await remote.list(str(folder))).files
            wire.cut_after = 0
            with pytest.raises(UnreachableError):
                await remote.fetch(str(folder), file, tmp_path / "here", heard=heard.append)
        wire.cut_after = 3_000_000
        with pytest.raises(UnreachableError):
            async with opened(over, trusted) as remote:
                await remote.fetch(str(folder), file, tmp_path / "here", heard=heard.append)
        had, first = (tmp_path / "here").stat().st_size, len(heard)
        async with opened(over, trusted) as remote:
            await remote.fetch(str(folder), file, tmp_path / "here", heard=heard.append)

    assert 0 < had < len(content)
    assert had < heard[first]
    assert content == (tmp_path / "here").read_bytes()


async def test_a_file_that_changed_meanwhile_is_not_taken(remote, folder, tmp_path):
    (folder / "users.csv").write_text("user_id\n" * 10)
    (file,) = (await remote.list(str(folder))).files
    (folder / "users.csv").write_text("user_id\n" * 11)

    with pytest.raises(UnreachableError, match="changed while it was fetched"):
        await remote.fetch(str(folder), file, tmp_path / "here", heard=lambda had: None)

    assert not (tmp_path / "here").exists()


async def test_a_file_is_put_whole_over_the_one_before(access, trusted, folder, tmp_path):
    (folder / "back").mkdir()
    (folder / "back" / "grades.csv").write_text("yesterday")
    (tmp_path / "grades.csv").write_text("today")

    async with opened(access, trusted) as remote:
        await remote.put(tmp_path / "grades.csv", f"{folder}/back/grades.csv")
        await remote.put(tmp_path / "grades.csv", f"{folder}/a/b/grades.csv")

    assert "today" == (folder / "back" / "grades.csv").read_text()
    assert "today" == (folder / "a" / "b" / "grades.csv").read_text()
    assert ["grades.csv"] == [each.name for each in (folder / "back").iterdir()]


async def test_a_file_is_moved_and_never_over_another(remote, folder):
    (folder / "users.csv").write_text("new")
    (folder / "taken").mkdir()
    (folder / "taken" / "users.csv").write_text("old")

    with pytest.raises(RejectedError):
        await remote.move(f"{folder}/users.csv", f"{folder}/taken/users.csv")
    await remote.move(f"{folder}/users.csv", below(str(folder), "taken/1/users.csv"))

    assert "old" == (folder / "taken" / "users.csv").read_text()
    assert "new" == (folder / "taken" / "1" / "users.csv").read_text()


async def test_who_may_only_read_is_told_what_did_not_work(sshd, access, trusted, folder, tmp_path):
    (tmp_path / "grades.csv").write_text("today")
    reading = replace(access, port=sshd.read_only)

    async with opened(reading, trusted) as remote:
        with pytest.raises(RejectedError, match="this account may not"):
            await remote.put(tmp_path / "grades.csv", f"{folder}/grades.csv")

    assert [] == list(folder.iterdir())
