"""Who gets in, who does not, and what those outside can learn."""

import dataclasses
import stat
from ipaddress import ip_network

import asyncssh
import pytest

from rosterway.errors import ConfigError, ConflictError, NotFoundError, UnavailableError
from rosterway.sftp_server.accounts import SftpAccount, secret_verifier
from rosterway.sftp_server.attempts import Attempts
from rosterway.sftp_server.host_key import host_keys, retire, rotate

PASSWORD = "correct horse"


class TestLogins:
    async def test_a_key_of_the_account_lets_in(self, server):
        async with server.client() as client:
            assert await client.realpath(".") == "/"

    async def test_so_does_its_password(self, server):
        async with server.client(client_keys=None, password=PASSWORD) as client:
            assert await client.realpath(".") == "/"

    async def test_also_when_it_is_asked_for_by_prompt(self, server):
        """WinSCP and FileZilla prefer keyboard-interactive."""
        options = {"client_keys": None, "password": PASSWORD, "password_auth": False}
        async with server.client(**options) as client:
            assert await client.realpath(".") == "/"

    @pytest.mark.peer("sftp")
    async def test_openssh_asks_for_it_and_gets_in(self, server):
        ask = server.local("ask", f"#!/bin/sh\necho '{PASSWORD}'\n".encode())
        ask.chmod(0o700)
        options = ["-o", "PreferredAuthentications=password", "-o", "BatchMode=no"]
        process = await server.program(
            *("sftp", "-P", server.door.port, *server.ssh_options, *options, "lincoln@127.0.0.1"),
            stdin="pwd\n",
            env={"SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force"},
        )
        done = await server.finished(process)

        assert done.code == 0, done.told
        assert "Remote working directory: /" in done.told

    @pytest.mark.parametrize(
        ("login", "credentials"),
        [
            ("lincoln", {"client_keys": None, "password": "wrong"}),
            ("lincoln", {"client_keys": None, "password": ""}),
            ("lincoln", {"client_keys": "another's"}),
            ("lincoln", {"client_keys": None}),
            ("nobody", {"client_keys": None, "password": PASSWORD}),
            ("nobody", {"client_keys": None, "password": ""}),
            ("nobody", {"client_keys": "another's"}),
            ("keys-only", {"client_keys": None, "password": PASSWORD}),
            ("keys-only", {"client_keys": None, "password": ""}),
            ("from-afar", {"client_keys": "own"}),
            ("from-afar", {"client_keys": None, "password": PASSWORD}),
        ],
    )
    async def test_everybody_else_hears_the_same(self, server, login, credentials):
        server.account("keys-only", tenant="lincoln")
        server.accounts["keys-only"] = SftpAccount(
            login="keys-only",
            tenant="lincoln",
            root=server.tree(),
            keys=server.accounts["keys-only"].keys,
        )
        server.account("from-afar", tenant="lincoln", allow=(ip_network("10.0.0.0/8"),))
        key = {"another's": server.key("roosevelt"), "own": server.key(login)}
        if (named := credentials["client_keys"]) is not None:
            credentials = {"client_keys": [str(key[named])]}

        with pytest.raises(asyncssh.PermissionDenied) as refused:
            async with server.connect(login, **credentials):
                pass
        assert str(refused.value) == f"Permission denied for user {login} on host 127.0.0.1"

    async def test_an_rsa_key_is_welcome(self, server):
        key = asyncssh.generate_private_key("ssh-rsa", key_size=2048)
        account = server.accounts["lincoln"]
        rsa = key.export_public_key().decode()
        server.accounts["lincoln"] = dataclasses.replace(account, keys=(*account.keys, rsa))
        async with server.client(client_keys=[key]) as client:
            assert await client.realpath(".") == "/"

    async def test_an_account_may_name_where_it_comes_from(self, server):
        server.account("near", tenant="lincoln", allow=(ip_network("127.0.0.0/8"),))
        async with server.client("near") as client:
            assert await client.realpath(".") == "/"

    async def test_two_accounts_of_a_tenant_see_the_same_tree(self, server):
        server.account("second", tenant="lincoln")
        async with server.client("lincoln") as one, server.client("second") as two:
            async with one.open("/diffing/users.csv", "wb") as file:
                await file.write(b"x")
            assert await two.exists("/diffing/users.csv")

    async def test_a_connection_may_guess_only_so_often(self, server):
        guesses = []

        class Guessing(asyncssh.SSHClient):
            def password_auth_requested(self):
                guesses.append(f"guess {len(guesses)}")
                return guesses[-1]

        with pytest.raises(asyncssh.PermissionDenied, match="too many passwords"):
            async with server.connect(client_keys=None, client_factory=Guessing):
                pass
        assert len(guesses) == 7

    async def test_after_many_wrong_passwords_the_right_one_has_to_wait(self, server):
        for _ in range(10):
            with pytest.raises(asyncssh.PermissionDenied):
                async with server.connect(client_keys=None, password="guess"):
                    pass
        with pytest.raises(asyncssh.PermissionDenied):
            async with server.connect(client_keys=None, password=PASSWORD):
                pass

        async with server.client() as client:  # a key cannot be guessed
            assert await client.realpath(".") == "/"
        async with server.client("roosevelt", client_keys=None, password=PASSWORD) as client:
            assert await client.realpath(".") == "/"

    async def test_an_address_that_failed_too_often_is_not_even_greeted(self, server):
        for number in range(100):
            server.door.attempts.failed("127.0.0.1", f"guess-{number}")

        with pytest.raises((asyncssh.ConnectionLost, ConnectionError)):
            async with server.connect():
                pass

    @pytest.mark.parametrize(
        ("changed", "stays"),
        [
            ({"keys": ()}, False),
            ({"password": None}, True),
            ({"allow": (ip_network("192.0.2.0/24"),)}, False),
            ({"allow": (ip_network("127.0.0.0/8"),)}, True),
            (None, False),
        ],
    )
    async def test_who_is_inside_stays_as_long_as_they_would_get_in(self, server, changed, stays):
        async with server.connect() as connection:
            before = server.accounts.pop("lincoln")
            if changed is not None:
                server.accounts["lincoln"] = dataclasses.replace(before, **changed)
            await server.door.recheck()
            if not stays:
                await connection.wait_closed()

            assert stays is not connection.is_closed()

    async def test_a_password_made_anew_shows_out_who_came_by_the_one_before(self, server):
        async with server.connect(client_keys=None, password=PASSWORD) as connection:
            await server.door.recheck()
            assert not connection.is_closed()
            made = secret_verifier("another horse")
            before = server.accounts["lincoln"]
            server.accounts["lincoln"] = dataclasses.replace(before, password=made)
            await server.door.recheck()
            await connection.wait_closed()

    async def test_that_nobody_can_tell_lets_nobody_in_and_shows_nobody_out(self, server):
        def broken(login):
            raise UnavailableError("no database")

        async with server.connect() as connection:
            server.door.accounts = broken
            await server.door.recheck()

            assert not connection.is_closed()
            with pytest.raises(asyncssh.PermissionDenied):
                await server.connect()

    async def test_nothing_is_forwarded(self, server):
        async with server.connect() as connection:
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.open_connection("127.0.0.1", server.door.port)
            with pytest.raises(asyncssh.ChannelListenError):
                await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 1)

    async def test_a_connection_has_only_so_many_sessions(self, server):
        async with server.connect() as connection:
            sessions = [await connection.start_sftp_client() for _ in range(10)]
            with pytest.raises(asyncssh.ChannelOpenError):
                await connection.start_sftp_client()
            sessions[0].exit()
            await sessions[0].wait_closed()
            await connection.start_sftp_client()


class TestAccounts:
    def test_a_key_that_cannot_be_read_is_told_at_once(self, tmp_path):
        with pytest.raises(ConfigError, match="a key of the SFTP account sis") as failure:
            SftpAccount(
                login="sis", tenant="lincoln", root=tmp_path, keys=("ssh-ed25519 nonsense",)
            )
        assert ".pub" in failure.value.remedy

    def test_its_password_is_not_in_what_is_printed(self, tmp_path):
        account = SftpAccount(
            login="sis", tenant="lincoln", root=tmp_path, password=secret_verifier("hunter2")
        )
        assert "hunter2" not in repr(account)
        assert "verify" not in repr(account)

    @pytest.mark.parametrize(
        ("address", "welcome"),
        [
            ("10.1.2.3", True),
            ("::ffff:10.1.2.3", True),
            ("192.168.1.1", False),
            ("2001:db8::1", True),
            ("2001:db9::1", False),
            ("", False),
        ],
    )
    def test_addresses(self, tmp_path, address, welcome):
        account = SftpAccount(
            login="sis",
            tenant="lincoln",
            root=tmp_path,
            allow=(ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
        )
        assert account.welcomes(address) is welcome

    @pytest.mark.parametrize(
        ("given", "right"),
        [
            ("p\u00e4ss", True),
            ("pa\u0308ss", True),
            ("P\u00e4ss", False),
            ("", False),
            ("\x07", False),
        ],
    )
    def test_a_password_is_the_same_however_it_is_composed(self, given, right):
        assert secret_verifier("p\u00e4ss")(given) is right


class TestAttempts:
    def test_a_login_waits_after_its_share_of_failures(self):
        now = [0.0]
        attempts = Attempts(lambda: now[0], per_login=3, per_address=100)
        for _ in range(3):
            assert not attempts.must_wait("10.0.0.1", "sis")
            attempts.failed("10.0.0.1", "sis")

        assert attempts.must_wait("10.0.0.1", "sis")
        assert not attempts.must_wait("10.0.0.2", "sis")
        assert not attempts.must_wait("10.0.0.1", "other")
        assert not attempts.must_wait("10.0.0.1")
        now[0] = 600.0
        assert not attempts.must_wait("10.0.0.1", "sis")

    def test_an_address_waits_after_failures_of_any_logins(self):
        attempts = Attempts(lambda: 0.0, per_login=10, per_address=3)
        for login in ("a", "b", "c"):
            attempts.failed("10.0.0.1", login)

        assert attempts.must_wait("10.0.0.1")

    def test_an_ipv6_network_counts_as_one_address(self):
        attempts = Attempts(lambda: 0.0, per_address=3)
        for number in range(3):
            attempts.failed(f"2001:db8::{number}", "sis")

        assert attempts.must_wait("2001:db8::ffff")
        assert not attempts.must_wait("2001:db8:0:1::1")

    def test_memory_is_limited(self):
        attempts = Attempts(lambda: 0.0)
        for number in range(20_000):
            attempts.failed(f"10.0.{number // 256}.{number % 256}", "sis")

        assert len(attempts._failures) <= 10_000


class TestHostKey:
    async def test_it_stays_the_same_when_the_server_restarts(self, server):
        known = (server.home / "known_hosts").read_text().split()[1:]
        await server.stop()
        await server.start()

        assert (server.home / "known_hosts").read_text().split()[1:] == known
        async with server.client() as client:
            assert await client.realpath(".") == "/"

    def test_it_is_for_our_eyes_only(self, tmp_path):
        host_keys(tmp_path / "keys" / "sftp")

        assert stat.S_IMODE((tmp_path / "keys" / "sftp").stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
        assert [path.name for path in (tmp_path / "keys").iterdir()] == ["sftp"]

    def test_a_damaged_one_is_not_replaced(self, tmp_path):
        (tmp_path / "sftp").write_text("-----BEGIN OPENSSH PRIV")
        (tmp_path / "sftp").chmod(0o600)
        with pytest.raises(ConfigError, match="cannot be read") as failure:
            host_keys(tmp_path / "sftp")

        assert "restore it from a backup" in failure.value.remedy
        assert (tmp_path / "sftp").read_text() == "-----BEGIN OPENSSH PRIV"

    def test_one_that_others_can_read_is_refused(self, tmp_path):
        host_keys(tmp_path / "sftp")
        (tmp_path / "sftp").chmod(0o640)

        with pytest.raises(ConfigError, match="others may read"):
            host_keys(tmp_path / "sftp")


class TestRotation:
    """Two keys for a while: the one in use, and the next, which clients hear of."""

    @pytest.fixture
    def path(self, server):
        return server.home / "keys" / "sftp_host_key"

    def known(self, server):
        """The keys in the client's list of known hosts."""
        return [line.split()[2] for line in (server.home / "known_hosts").read_text().splitlines()]

    def body(self, key):
        return key.export_public_key().decode().split()[1]

    @pytest.mark.peer("sftp")
    async def test_openssh_learns_the_next_key_and_keeps_trusting_when_it_is_used(
        self, server, path
    ):
        (in_use,) = host_keys(path)
        made = rotate(path)
        server.door.reread_keys()

        first = await server.sftp("pwd", "-o", "UpdateHostKeys=yes")
        assert first.code == 0, first.told
        assert {self.body(in_use), self.body(made)} == set(self.known(server))

        assert self.body(made) == self.body(retire(path, in_use.get_fingerprint()))
        server.door.reread_keys()

        second = await server.sftp("pwd", "-o", "UpdateHostKeys=yes")
        assert second.code == 0, second.told
        assert [self.body(made)] == self.known(server)

    async def test_a_client_that_follows_no_announcement_goes_on_until_the_key_is_retired(
        self, server, path
    ):
        (in_use,) = host_keys(path)
        rotate(path)
        server.door.reread_keys()
        async with server.client() as client:
            assert await client.realpath(".") == "/"

        retire(path, in_use.get_fingerprint())
        server.door.reread_keys()

        with pytest.raises(asyncssh.HostKeyNotVerifiable):
            await server.connect()

    async def test_a_rotation_that_is_given_up_leaves_all_as_it_was(self, server, path):
        before = path.read_bytes()

        retire(path, rotate(path).get_fingerprint())

        assert (before, ["sftp_host_key"]) == (
            path.read_bytes(),
            [one.name for one in path.parent.iterdir()],
        )

    async def test_a_key_that_is_gone_is_no_reason_for_a_new_one(self, server, path):
        path.unlink()
        server.door.reread_keys()

        assert not path.exists()
        async with server.client() as client:
            assert await client.realpath(".") == "/"

    def test_there_are_two_at_most_and_one_at_least(self, tmp_path):
        (only,) = host_keys(tmp_path / "sftp")
        with pytest.raises(ConflictError, match="no other host key"):
            retire(tmp_path / "sftp", only.get_fingerprint())
        rotate(tmp_path / "sftp")
        with pytest.raises(ConflictError, match="being changed already"):
            rotate(tmp_path / "sftp")
        with pytest.raises(NotFoundError):
            retire(tmp_path / "sftp", "SHA256:other")

        assert 2 == len(host_keys(tmp_path / "sftp"))
