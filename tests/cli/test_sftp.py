"""`rosterway sftp`: accounts that count at once, for the door of a server that is running."""

import asyncssh
import pytest

from rosterway.store import audit

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def key(tmp_path):
    made = asyncssh.generate_private_key("ssh-ed25519", comment="sis")
    (tmp_path / "sis.pub").write_bytes(made.export_public_key())
    return made


async def enters(house, login, **credentials):
    """Whether somebody gets in."""
    host, _, port = house.sftp.rpartition(":")
    asked = {"client_keys": None, "known_hosts": None, "agent_path": None, "config": None}
    try:
        async with asyncssh.connect(host, int(port), username=login, **(asked | credentials)):
            return True
    except asyncssh.PermissionDenied:
        return False


async def test_an_account_with_a_key_gets_in_until_the_key_is_removed(house, key, tmp_path):
    added = await house.run(
        "sftp", "add", "keyed", "--key", str(tmp_path / "sis.pub"), "--format=json"
    )

    assert 0 == added.code, added.err
    assert (key.get_fingerprint(), "sis", None) == (
        *added.json["keys"][0].values(),
        added.json["password"],
    )
    assert await enters(house, "keyed", client_keys=[key])

    removed = await house.run("sftp", "key", "remove", "keyed", key.get_fingerprint())

    assert 0 == removed.code, removed.err
    assert not await enters(house, "keyed", client_keys=[key])
    again = key.export_public_key().decode()
    assert 0 == (await house.run("sftp", "key", "add", "keyed", again)).code
    assert await enters(house, "keyed", client_keys=[key])


async def test_an_account_without_a_key_has_a_password_that_is_printed_once(house):
    made = (await house.run("sftp", "add", "typed", "--format", "json")).json["password"]
    assert await enters(house, "typed", password=made)

    listed = await house.run("sftp", "list", "--format", "json")
    told = {one["login"]: one for one in listed.json}["typed"]
    assert ([], True, "operator") == (told["keys"], told["has_password"], told["from"])
    assert made not in listed.out

    another = (await house.run("sftp", "password", "typed", "--format", "json")).json["password"]
    assert not await enters(house, "typed", password=made)
    assert await enters(house, "typed", password=another)

    assert 0 == (await house.run("sftp", "allow", "typed", "192.0.2.0/24")).code
    assert not await enters(house, "typed", password=another)
    assert "from anywhere" in (await house.run("sftp", "allow", "typed")).out
    assert 0 == (await house.run("sftp", "password", "typed", "--drop")).code
    assert 0 == (await house.run("sftp", "remove", "typed")).code
    assert not await enters(house, "typed", password=another)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["add", "no login"], 2, "will not do"),
        (["add", "x", "--key", "nowhere.pub"], 2, "neither a public key nor a file"),
        (["add", "x", "--allow", "10.0.0.1/8"], 2, "an address inside a network"),
        (["remove", "nobody"], 1, "no SFTP account nobody"),
        (["key", "remove", "nobody", "SHA256:x"], 1, "no SFTP account nobody"),
    ],
)
async def test_what_cannot_be_done_is_said(house, words, code, message):
    done = await house.run("sftp", *words)

    assert code == done.code
    assert message in done.err


async def test_people_read_who_may_come_in(house):
    lines = (await house.run("sftp", "list")).out.splitlines()

    assert ["login", "from", "may", "come"] == lines[0].split()[:4]


async def test_the_host_key_is_changed_in_two_steps_that_are_in_the_log(house):
    async def known():
        listed = (await house.run("sftp", "host-key", "list", "--format", "json")).json
        return {one["use"].partition(",")[0]: one["fingerprint"] for one in listed}

    before = await known()
    made = (await house.run("sftp", "host-key", "rotate", "--format", "json")).json
    during = await known()
    # What every client of this house trusts stays in use
    back = await house.run("sftp", "host-key", "retire", made["next"], "--format", "json")

    assert {"in use": made["in_use"]} == before
    assert {"in use": made["in_use"], "next": made["next"]} == during
    assert (0, made["in_use"]) == (back.code, back.json["in_use"])
    assert before == await known()
    assert ["host-key.retire", "host-key.rotate"] == [
        one.act for one in audit.entries(house.store.installation, limit=2)
    ]
    assert 1 == (await house.run("sftp", "host-key", "retire", made["next"])).code
