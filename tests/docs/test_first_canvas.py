"""docs/first-canvas.md, walked: its commands as they are written, against the sandbox Canvas.

Only what the page leaves to its reader is filled in: host and ports, the token, the digest that
`feed list` shows; and what a person would type at a prompt.
"""

import json
import re
import shlex
import subprocess
import time
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import urlopen

import pytest

from cli.terminal import DEADLINE, ended, environ
from docs.pages import code_of, page
from docs.test_commands import lines_of, words_of
from runs.installation import ROSTERWAY

GUIDE = page("docs/first-canvas.md")
#: Unattended: whom `ssh` would ask whether the new host key is right.
_UNATTENDED = ("-b", "-", "-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes")


def lines(heading: str, of=GUIDE) -> list[str]:
    """The lines of code under a heading, without comments."""
    text = "".join(block.text for block in of.blocks(heading) if block.language != "toml")
    return [line.partition("  #")[0].strip() for line in text.splitlines() if line.strip()]


class Walk:
    """A reader's folder, and what they have learnt by now: what stands in the page -> what it is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.learnt: dict[str, str] = {}
        self.begun: list[subprocess.Popen[str]] = []
        self.variables: dict[str, str] = {"ROSTERWAY_OPERATOR_PASSWORD": "correct horse battery"}

    def filled(self, line: str) -> str:
        """A line with what is left to the reader."""
        for sign, value in self.learnt.items():
            line = line.replace(sign, value)
        return line

    def words(self, line: str) -> list[str]:
        """A line as the shell gives it to a program."""
        (ours,) = lines_of(self.filled(line))
        return words_of(ours)

    def run(self, line: str, *more: str) -> str:
        """Run a line of the page; what it prints."""
        ours = list(lines_of(line))
        command = [*ROSTERWAY, *self.words(line)] if ours else shlex.split(self.filled(line))
        done = subprocess.run(
            [*command, *more],
            cwd=self.folder,
            env=environ(**self.variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    def told(self, line: str) -> Any:
        """What a line of the page prints, as JSON."""
        return json.loads(self.run(line, "--format", "json"))

    def receipt(self, outcome: str) -> str:
        """The receipt for people, once the one for scripts has this outcome."""
        results = self.folder / "rosterway-home" / "tenants" / "lincoln" / "tree" / "results"
        deadline, pause = time.monotonic() + DEADLINE, Event()
        while time.monotonic() < deadline:
            for told in results.glob("*/receipt.json"):
                if json.loads(told.read_text())["outcome"] == outcome:
                    return told.with_suffix(".txt").read_text()
            pause.wait(0.1)
        raise AssertionError(f"the receipt has not become {outcome}")

    def begin(self, line: str) -> dict[str, str]:
        """Start what a line of the page starts; its first line."""
        with (self.folder / f"{len(self.begun)}.log").open("w") as log:
            process = subprocess.Popen(
                [*ROSTERWAY, *self.words(line)],
                cwd=self.folder,
                env=environ(**self.variables),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.begun.append(process)
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, Path(log.name).read_text()
        return json.loads(first)

    def configure(self) -> None:
        """Write the README's `rosterway.toml` with an own Canvas, key and ports."""
        (block,) = page("README.md").blocks("Five minutes to a real Canvas")
        public = (self.folder / "sis-uploader.pub").read_text().strip()
        own = {
            r'url = ".*"': f'url = "{self.learnt["url"]}"',
            r'environment = "test"': 'environment = "sandbox"',
            r'"ssh-ed25519 .*"': f'"{public}"',
            r"0\.0\.0\.0:2222|127\.0\.0\.1:8080": "127.0.0.1:0",
        }
        text = block.text
        for shown, value in own.items():
            text, count = re.subn(shown, value, text)
            assert count, shown
        (self.folder / "rosterway.toml").write_text(text)

    def upload(self) -> None:
        """Put the files as the page shows, and the marker as docs/sending-files.md does."""
        command, *batch = lines("6. The first delivery")
        marked = lines("When it is taken", of=page("docs/sending-files.md"))
        batch += marked[marked.index("sftp> !touch .done") :]
        known = f"UserKnownHostsFile={self.folder}/known_hosts"
        sftp, *words = shlex.split(self.filled(command))
        done = subprocess.run(
            [sftp, *_UNATTENDED, "-o", known, *words],
            cwd=self.folder,
            input="".join(line.removeprefix("sftp> ") + "\n" for line in batch),
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def walk(tmp_path):
    """A reader in a folder of their own; what they started is ended."""
    reader = Walk(tmp_path)
    yield reader
    assert [ended(process) for process in reversed(reader.begun)] == [0, 143]


@pytest.mark.peer("sftp")
def test_the_first_canvas_is_reached_by_the_commands_as_they_are_written(walk):
    # Without a Canvas at hand
    district, sandbox = lines("Without a Canvas at hand")
    walk.run(district)
    doors = walk.begin(sandbox)
    walk.learnt["url"] = doors["url"]

    # 3. A key for whoever uploads, 4. The configuration
    walk.run(*lines("3. A key for whoever uploads"))
    walk.configure()
    export, check, doctor = lines("4. The configuration")
    name, _, left = export.removeprefix("export ").partition("=")
    assert left == "…"
    walk.variables[name] = doors["token"]
    assert "The file is good." in walk.run(check)
    assert "Canvas accepts the token." in walk.run(doctor)

    # 5. Serve
    serve, operator = lines("5. Serve")
    first = walk.begin(serve)
    with urlopen(first["sign_in"]) as answer:
        assert answer.status == 200
    assert "maria may sign in as admin." in walk.run(operator)

    # 6. The first delivery
    host, _, port = first["sftp"].rpartition(":")
    walk.learnt |= {"your-host": host, "2222": port}
    walk.upload()

    # 7. The first plan waits
    listed, show, approve, _ = lines("7. The first plan waits")
    assert "a person must look" in walk.receipt("held")
    (feed,) = walk.told(listed)
    walk.learnt["1a2b3c4d"] = feed["waiting"][:8]
    assert "Held by first-load" in walk.run(show)
    assert "Approved by" in walk.run(approve)
    assert "Canvas confirmed every row" in walk.receipt("delivered")

    # What the home folder holds by now is what docs/running.md says
    told = {
        name.rstrip("/")
        for row in page("docs/running.md").rows("The home folder")
        for name in code_of(row[0])
    }
    there = {path.name for path in (walk.folder / "rosterway-home").iterdir()}
    beside = {name for name in there if name.endswith((".lock", "-wal", "-shm"))}
    assert there - beside == told
