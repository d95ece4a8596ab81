"""The story the demo plays: two days of a district, a held plan, an approval, a bad morning, grades.

Everything in it is the real thing on loopback: the sandbox Canvas, the sandbox SIS and `rosterway
serve` are processes of their own, files go in by the `sftp` command where there is one, the plan is
approved with `rosterway plan approve`, and Canvas is read back by its own report. How grades go back
is a chapter of its own (`demo_grades`).
"""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rosterway.cli.demo_grades import GradesBack
from rosterway.cli.demo_upload import Sender, make_key
from rosterway.cli.output import HELD
from rosterway.cli.readback import read_back
from rosterway.errors import RosterwayError, UnavailableError
from rosterway.formats.canvas_csv.called import called
from rosterway.sandbox.district import TODAY, make_district, on_day, write_alarm, write_canvas
from rosterway.store import Home, Store, runs

_FEED = "nightly"
_LOGIN = "sis-uploader"
_TENANT = "lincoln"
_PATIENCE = 300.0  # seconds until the demo gives up waiting for something
_LOOK = 0.2
_SEED = 2026

_CONFIGURATION = """\
[server]
console = "127.0.0.1:{console_port}"
sftp = "127.0.0.1:0"

[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"

[tenant.lincoln.canvas]
url = "{canvas_url}"
token = {{ env = "ROSTERWAY_DEMO_CANVAS_TOKEN" }}
account = "self"
environment = "sandbox"

[tenant.lincoln.sftp.sis-uploader]
keys = ["{key}"]

[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
settle = "2s"

[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "{sis[rostering_url]}"
gradebook_url = "{sis[gradebook_url]}"
auth = {{ method = "bearer", token = {{ env = "ROSTERWAY_DEMO_SIS_TOKEN" }} }}

[tenant.lincoln.grades]
connection = "sis"
verify = true
"""


@dataclass
class Story:
    """One telling. `folder` holds everything it makes; `say` tells it line by line."""

    folder: Path
    students: int
    say: Callable[[str], None]
    chapters: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def play(self, *, stay: bool) -> bool:
        """Play the story; whether Canvas held what was delivered, and the SIS what was graded."""
        async with AsyncExitStack() as open_:
            self._write_days()
            canvas = await open_.enter_async_context(
                self._process("sandbox", "canvas", "--home", str(self.folder / "canvas"))
            )
            sis = await open_.enter_async_context(
                self._process(
                    *("sandbox", "sis", "--students", str(self.students), "--seed", str(_SEED)),
                    *("--day", "2", "--home", str(self.folder / "sis")),
                )
            )
            self.say(f"A Canvas listens at {canvas['url']}, a SIS at {sis['url']}")
            await self._configure(canvas["url"], sis, port=8080 if stay else 0)
            os.environ["ROSTERWAY_DEMO_CANVAS_TOKEN"] = canvas["token"]
            os.environ["ROSTERWAY_DEMO_SIS_TOKEN"] = sis["token"]
            serving = await open_.enter_async_context(
                self._process(
                    "serve",
                    "--config",
                    str(self.folder / "rosterway.toml"),
                    "--home",
                    str(self.folder / "home"),
                )
            )
            self.say(f"Rosterway takes files by SFTP at {serving['sftp']}")
            await self._first_day(serving["sftp"])
            is_good = await self._second_day(serving["sftp"], canvas)
            await self._bad_morning(serving["sftp"])
            is_good &= await self._grades_back(canvas, sis)
            if stay:
                await self._stay(serving)
        return is_good

    def told(self) -> dict[str, Any]:
        """What happened, for scripts."""
        return {"students": self.students, "chapters": self.chapters}

    # -- chapters --

    async def _first_day(self, sftp: str) -> None:
        self._title("Day 1: the first load")
        await self._upload(sftp, "day-1")
        run = await self._ended(1)
        digest = await self._digest(run)
        self._counts(await self._command("plan", "show", digest))
        self.say("A person looks, and approves exactly this plan:")
        self.say(f"  $ rosterway plan approve {digest[:12]}")
        await self._command("plan", "approve", digest, "--operator", "demo")
        done = await self._ended(2)
        self.say(f"Canvas confirmed it: {done['outcome']}.")
        self.chapters.append({"day": 1, "held": True, "outcome": done["outcome"], "digest": digest})

    async def _second_day(self, sftp: str, canvas: dict[str, str]) -> bool:
        self._title("Day 2: what changed over night goes by itself")
        await self._upload(sftp, "day-2")
        run = await self._ended(3)
        self._counts(await self._command("plan", "show", await self._digest(run)))
        self.say(f"Outcome: {run['outcome']}.")
        differences, agreed = await read_back(canvas["url"], canvas["token"], self.folder / "day-2")
        for difference in differences:
            self.say(
                f"  {called(difference.table)}: {len(difference.only_delivered):,} only delivered, "
                f"{len(difference.only_canvas):,} only in Canvas"
            )
            for row in (*difference.only_delivered[:3], *difference.only_canvas[:3]):
                self.say(f"    {row}")
        receipt = self._receipt(run["delivery"])
        unsure = receipt["rows"]["refused"] + receipt["rows"]["unconfirmed"]
        is_good = run["outcome"] == "delivered" and not differences and not unsure
        self.say(
            f"Read back from Canvas: {agreed:,} rows are as they were delivered."
            if is_good
            else "Read back from Canvas: it does NOT hold what was delivered."
        )
        self.say(f"The sender's receipt: results/{run['delivery']}/receipt.txt")
        self.chapters.append(
            {"day": 2, "outcome": run["outcome"], "equal": is_good, "rows": agreed}
        )
        return is_good

    async def _bad_morning(self, sftp: str) -> None:
        self._title("A bad morning: one school is missing from the export")
        await self._upload(sftp, "bad-morning")
        run = await self._ended(4)
        plan = await self._command("plan", "show", await self._digest(run))
        for hold in plan["holds"][:4]:
            self.say(f"  Held: {hold['message']}")
        if len(plan["holds"]) > 4:
            self.say(f"  … and {len(plan['holds']) - 4} more")
        self.say("Nothing was sent. Canvas itself would have removed them without a word.")
        self.chapters.append({"day": 3, "outcome": run["outcome"], "holds": len(plan["holds"])})

    async def _grades_back(self, canvas: dict[str, str], sis: dict[str, str]) -> bool:
        self._title("Grades go back: a course's gradebook, to the SIS")
        told = await GradesBack(
            canvas=canvas,
            sis=sis,
            day=self.folder / "day-2",
            today=TODAY,
            configuration=self.folder / "rosterway.toml",
            say=self.say,
            ours=self._command,
            plain=self._plain,
        ).play()
        self.chapters.append({"day": 3, **told})
        return bool(told["equal"])

    async def _stay(self, serving: dict[str, str]) -> None:
        self._title("It stays open: look around")
        self.say(f"  console   {serving['console']}")
        if "sign_in" in serving:
            self.say(f"  sign in   {serving['sign_in']}")
        host, _, port = serving["sftp"].rpartition(":")
        self.say(f"  upload    sftp -i {self.folder}/key -P {port} {_LOGIN}@{host}")
        self.say(f"  files     {self.folder}/day-1, day-2, bad-morning")
        self.say("Ctrl-C ends it.")
        await asyncio.Event().wait()

    # -- stage hands --

    def _write_days(self) -> None:
        self._title(f"A district of {self.students:,} students")
        district = make_district(students=self.students, seed=_SEED)
        rows = write_canvas(district, self.folder / "day-1")
        write_canvas(on_day(district, 2), self.folder / "day-2")
        write_alarm(on_day(district, 3), self.folder / "bad-morning", "school-gone")
        for name, count in rows.items():
            self.say(f"  {name:<20}{count:>10,} rows")

    async def _configure(self, canvas_url: str, sis: dict[str, str], *, port: int) -> None:
        text = _CONFIGURATION.format(
            canvas_url=canvas_url,
            sis=sis,
            key=f"{make_key(self.folder / 'key')} demo",
            console_port=port if port and _is_free(port) else 0,
        )
        (self.folder / "rosterway.toml").write_text(text, encoding="utf-8")

    @asynccontextmanager
    async def _process(self, *arguments: str) -> AsyncGenerator[dict[str, str]]:
        """A command of ours as a process; what its first line says."""
        name = " ".join(word for word in arguments[:2] if not word.startswith("-"))
        log = (self.folder / f"{name.replace(' ', '-')}.log").open("wb")
        process = await asyncio.create_subprocess_exec(
            *_rosterway(), *arguments, stdout=asyncio.subprocess.PIPE, stderr=log
        )
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _PATIENCE)
            if not line:
                log.flush()
                tail = Path(log.name).read_text(encoding="utf-8")[-2000:]
                raise UnavailableError(f"`rosterway {name}` did not start: {tail}")
            yield json.loads(line)
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            log.close()

    async def _upload(self, sftp: str, day: str) -> None:
        files = sorted((self.folder / day).glob("*.csv"))
        sender = Sender(_LOGIN, key=self.folder / "key", known_hosts=self.folder / "known_hosts")
        host, _, port = sftp.rpartition(":")
        if shutil.which("sftp"):
            self.say(f"  $ sftp {_LOGIN}@{host}   (put {day}/*.csv into diffing/)")
            await sender.put_with_sftp(host, port, files)
        else:
            self.say(f"  putting {day}/*.csv into diffing/ (no `sftp` command here)")
            await sender.put(host, int(port), files)

    async def _ended(self, count: int) -> dict[str, Any]:
        """Wait until `count` runs have ended; the latest of them.

        The store is looked at meanwhile: a command each time would keep the server from its work.
        """
        store = Store.open(Home.find(self.folder / "home"))
        try:
            handle = store.tenant(_TENANT)
            async with asyncio.timeout(_PATIENCE):
                # Another process writes it down, and rings no bell.
                while sum(run.ended_at is not None for run in runs.latest(handle)) < count:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise UnavailableError(f"The run has not ended in {_PATIENCE:.0f} seconds.") from None
        finally:
            store.close()
        return next(run for run in await self._command("run", "list") if run["outcome"])

    async def _digest(self, run: dict[str, Any]) -> str:
        shown = await self._command("run", "show", run["run"])
        return str(shown["digest"])

    async def _command(self, *arguments: str) -> Any:
        """A command of ours in the home, its JSON."""
        return await self._plain(*arguments, "--home", str(self.folder / "home"))

    async def _plain(self, *arguments: str) -> Any:
        """A command of ours, its JSON; one that waits for a person is as good as any."""
        process = await asyncio.create_subprocess_exec(
            *_rosterway(),
            *arguments,
            "--format",
            "json",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        out, _ = await process.communicate()
        answer = json.loads(out)
        if process.returncode not in (0, HELD):
            raise RosterwayError(f"`rosterway {' '.join(arguments)}`: {answer}")
        return answer

    def _receipt(self, delivery: str) -> dict[str, Any]:
        tree = self.folder / "home" / "tenants" / _TENANT / "tree"
        text = (tree / "results" / delivery / "receipt.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def _counts(self, plan: dict[str, Any]) -> None:
        self.say(f"  {'table':<18}{'kept':>10}{'new':>10}{'changed':>10}{'removed':>10}")
        for name, counts in plan["tables"].items():
            removed = plan["removals"].get(name, 0)
            self.say(
                f"  {name:<18}{counts['unchanged']:>10,}{counts['create']:>10,}"
                f"{counts['update']:>10,}{removed:>10,}"
            )
        for hold in plan["holds"]:
            self.say(f"  Held by {hold['guard']}: {hold['message']}")

    def _title(self, text: str) -> None:
        self.say("")
        self.say(f"== {text} ==")


def _rosterway() -> list[str]:
    return [sys.executable, "-m", "rosterway"]


def _is_free(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
