"""`rosterway connection`: what there is, whether it works step by step, and a yes to a host key."""

from datetime import UTC, datetime

import pytest

from cli.terminal import rosterway
from openssh import openssh
from rosterway.settings import parse
from rosterway.store import Home, Store, audit, configuration, host_keys

pytestmark = pytest.mark.peer("sshd")

CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
canvas = {{ url = "https://canvas.example", token = {{ env = "T" }}, environment = "sandbox" }}
connection.sis.version = "1.2"
connection.sis.rostering_url = "https://sis.example"
connection.sis.auth = {{ method = "bearer", token = {{ env = "S" }} }}
[tenant.lincoln.connection.theirs]
kind = "sftp"
host = "127.0.0.1"
port = {port}
user = "{user}"
key = {{ file = "{key}" }}
folder = "{folder}"
results = "results"
[tenant.lincoln.feed.nightly]
from = "theirs"
folder = "diffing"
"""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with openssh(tmp_path_factory.mktemp("sshd")) as server:
        yield server


class House:
    def __init__(self, folder, sshd):
        self.folder, self.sshd = folder, sshd
        self.theirs = folder / "theirs"
        (self.theirs / "diffing").mkdir(parents=True)
        self.home = Home.create(folder / "home")
        self.store = Store.open(self.home)
        self.configure()

    def configure(self, **changed):
        told = {
            "port": self.sshd.port,
            "user": self.sshd.user,
            "key": self.sshd.home / "client",
            "folder": self.theirs,
        }
        text = CONFIG.format(**(told | changed))
        (self.folder / "rosterway.toml").write_text(text)
        configuration.apply(self.store, parse(text), now=datetime(2026, 12, 1, tzinfo=UTC))

    @property
    def lincoln(self):
        return self.store.tenant("lincoln")

    def run(self, *words):
        asked = ("connection", *words, "--home", self.home.folder, "--operator", "ana")
        if words[0] != "trust":
            asked = asked[:-2]
        return rosterway(*asked, cwd=self.folder, T="x", S="x")

    def steps(self):
        told = self.run("test", "theirs", "--format", "json")
        assert told.code == (0 if told.json["works"] else 1), told.err
        return told.json["steps"]


@pytest.fixture
def house(tmp_path, sshd):
    made = House(tmp_path, sshd)
    yield made
    made.store.close()


def test_a_key_is_shown_and_trusted_only_by_a_yes(house, sshd):
    bits, fingerprint, *_, kind = sshd.shown.split()

    shown = house.run("trust", "theirs")

    assert 10 == shown.code, shown.err
    assert f"{bits} {fingerprint} 127.0.0.1 {kind}" in shown.out
    assert host_keys.find(house.lincoln, "theirs") is None

    trusted = house.run("trust", "theirs", "--fingerprint", fingerprint)

    assert 0 == trusted.code, trusted.err
    known = host_keys.find(house.lincoln, "theirs", f"127.0.0.1:{sshd.port}")
    assert known is not None
    assert (sshd.host_key, "ana") == (known.key, known.trusted_by)
    assert "connection.trust" == audit.entries(house.lincoln)[0].act
    assert fingerprint == house.run("list", "--format", "json").json[1]["host_key"]


def test_another_fingerprint_than_was_told_is_not_trusted(house):
    done = house.run("trust", "theirs", "--fingerprint", "SHA256:other", "--yes")

    assert 2 == done.code
    assert "Do not trust it" in done.err
    assert host_keys.find(house.lincoln, "theirs") is None


def test_a_key_that_has_changed_is_shown_beside_the_one_before(house, sshd):
    house.run("trust", "theirs", "--yes")
    before = sshd.shown.split()[1]
    sshd.change_host_key()

    done = house.run("trust", "theirs")

    assert 10 == done.code
    assert before in done.out
    assert sshd.shown.split()[1] in done.out
    (failed,) = [step for step in house.steps() if not step["ok"]]
    assert "host-key" == failed["step"]
    assert "rosterway connection trust theirs" in failed["remedy"]


def test_a_connection_that_works_says_so_step_by_step(house):
    house.run("trust", "theirs", "--yes")
    (house.theirs / "diffing" / "users.csv").write_text("a")
    (house.theirs / "diffing" / "readme.txt").write_text("no")

    steps = house.steps()

    assert [
        ("secrets", True),
        ("reach", True),
        ("host-key", True),
        ("sign-in", True),
        ("folder", True),
        ("files", True),
        ("write", True),
    ] == [(step["step"], step["ok"]) for step in steps]
    assert "these would be taken: users.csv" == steps[5]["said"]
    assert [] == list((house.theirs / "results").iterdir())


@pytest.mark.parametrize(
    ("changed", "failed", "remedy"),
    [
        ({"key": "no-such-file"}, "secrets", "create it"),
        ({"port": 1}, "reach", "firewall"),
        ({"user": "nobody-of-that-name"}, "sign-in", "authorized_keys"),
        ({"folder": "/no/such/folder"}, "folder", "Make the folder"),
        ({"port": "read_only"}, "write", "right to write"),
    ],
)
def test_the_first_step_that_fails_says_what_to_do(house, sshd, changed, failed, remedy):
    if changed.get("port") == "read_only":
        changed = {"port": sshd.read_only}
    house.configure(**changed)
    house.run("trust", "theirs", "--yes")

    first = next(step for step in house.steps() if not step["ok"])

    assert failed == first["step"]
    assert remedy in first["remedy"]


def test_people_read_what_there_is(house):
    done = house.run("list")

    assert 0 == done.code, done.err
    assert "not trusted yet" in done.out
    assert "https://sis.example" in done.out


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [("other", 1, "There is no connection other."), ("sis", 2, "rosterway doctor")],
)
def test_what_cannot_be_tried_is_told(house, name, code, said):
    done = house.run("test", name)

    assert code == done.code
    assert said in done.err
