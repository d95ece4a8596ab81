"""`rosterway serve`: its first line, its end, and what keeps it from starting."""

import json
import signal
import socket
import sqlite3
from contextlib import closing

import pytest

from cli.terminal import DEADLINE, rosterway, started
from rosterway.store.home import Home
from rosterway.store.store import Store
from runs.installation import Tenant, feed


@pytest.fixture
def written(tmp_path):
    """Writes a configuration; the console and SFTP at any port unless told otherwise."""

    def write(console="127.0.0.1:0", sftp="127.0.0.1:0"):
        tenant = Tenant("http://127.0.0.1:9", {"nightly": feed()})
        lines = ["[server]", f'console = "{console}"', f'sftp = "{sftp}"']
        file = tmp_path / "rosterway.toml"
        file.write_text("\n".join([*lines, *tenant.lines("lincoln")]) + "\n")
        return ("serve", "--config", file, "--home", tmp_path / "home")

    return write


@pytest.fixture
def taken():
    """An address at which somebody listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_first_line_says_where_the_doors_are_and_nothing_follows(written, by, code):
    process = started(*written(), CANVAS_TOKEN="x")
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())

    process.send_signal(by)
    rest, logs = process.communicate(timeout=DEADLINE)

    assert told["ready"] is True
    assert told["console"].startswith("http://127.0.0.1:")
    assert told["sftp"].startswith("127.0.0.1:")
    assert told["sign_in"].startswith(told["console"])  # nobody has a password yet
    assert (process.returncode, rest) == (code, "")
    assert all(json.loads(line)["event"] for line in logs.splitlines())
    assert told["sign_in"] not in logs


@pytest.mark.parametrize("door", ["console", "sftp"])
def test_a_port_that_is_taken_is_2_and_says_which_setting(written, taken, door):
    done = rosterway(*written(**{door: taken}), "--format", "json", CANVAS_TOKEN="x")

    assert done.code == 2
    assert done.json["error"]["code"] == "config"
    assert f"cannot listen at {taken}: Address already in use" in done.json["error"]["message"]
    assert f"[server] {door}" in done.json["error"]["remedy"]


@pytest.mark.asyncio(loop_scope="session")
async def test_a_home_that_is_served_is_served_once(house):
    done = await house.run("serve", "--config", str(house.config))

    assert (done.code, done.out) == (1, "")
    assert f"another rosterway (pid {house.process.pid}) serves" in done.err


def test_a_home_of_a_newer_version_is_left_alone(written, tmp_path):
    home = Home.create(tmp_path / "home")
    Store.open(home).close()
    with closing(sqlite3.connect(home.database)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999_of_tomorrow'")
    before = home.database.read_bytes()

    for words in (written(), ("run", "list", "--home", tmp_path / "home")):
        done = rosterway(*words, CANVAS_TOKEN="x")
        assert (done.code, done.out) == (1, "")
        assert "newer" in done.err

    assert home.database.read_bytes() == before


def test_a_home_that_is_a_file_is_2(written, tmp_path):
    (tmp_path / "home").write_text("")

    done = rosterway(*written(), "--format", "json", CANVAS_TOKEN="x")

    assert done.code == 2
    assert "cannot be made" in done.json["error"]["message"]
