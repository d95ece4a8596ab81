"""The home folder: private, found but not made by accident, owned by one process."""

import os
import signal
import stat
import subprocess
import sys
from contextlib import suppress

import pytest

from rosterway.errors import ConfigError, ConflictError, NotFoundError
from rosterway.store import Home, Running
from store.builders import NOON

OWNER = """
import sys
from pathlib import Path
from datetime import datetime, UTC
from rosterway.store import Home, Running
home = Home.find(Path(sys.argv[1]))
with home.owned():
    home.announce(Running(pid=1, console="http://127.0.0.1:1", sftp="127.0.0.1:2", token="t",
                          started_at=datetime(2026, 8, 24, tzinfo=UTC)))
    print("owned", flush=True)
    sys.stdin.read()
"""


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def owner(home):
    """Another process that owns the home."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(home.folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "owned\n"
    yield process
    with suppress(BrokenPipeError):
        process.communicate(timeout=20)


def test_everything_in_a_home_is_for_our_user_alone(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir(mode=0o755)

    home = Home.create(folder)
    home.add_tenant("lincoln")

    folders = [home.folder, *home.folder.rglob("*")]
    assert {mode(path) for path in folders if path.is_dir()} == {0o700}
    assert home.tree("lincoln").is_dir()


def test_keys_and_database_are_readable_by_us_alone(home, store):
    assert {mode(path) for path in home.keys.iterdir()} == {0o600}
    if home.database.exists():
        assert mode(home.database) == 0o600


def test_looking_for_a_home_makes_none(tmp_path):
    with pytest.raises(NotFoundError, match="not a home"):
        Home.find(tmp_path / "home")

    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_made_is_an_error_of_the_operators(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ConfigError, match="cannot be made"):
        Home.create(tmp_path / "file" / "home")


def test_a_second_owner_is_told_which_process_is_the_first(home, owner):
    with pytest.raises(ConflictError, match=rf"pid {owner.pid}\) serves"), home.owned():
        pass


def test_the_owner_says_where_it_can_be_asked(home, owner):
    running = home.running()

    assert running == Running(
        pid=1,
        console="http://127.0.0.1:1",
        sftp="127.0.0.1:2",
        token="t",
        started_at=NOON.replace(hour=0),
    )
    assert mode(home.folder / "running.json") == 0o600


def test_a_killed_owner_leaves_a_home_that_can_be_owned(home, owner):
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait(timeout=20)

    assert home.running() is None
    (home.work / "half-done").mkdir()
    with home.owned():
        assert home.running() is None
        assert list(home.work.iterdir()) == []


def test_an_owner_that_ends_well_is_not_announced_any_more(home, owner):
    owner.communicate(timeout=20)

    assert home.running() is None
    assert not (home.folder / "running.json").exists()
