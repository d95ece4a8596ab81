"""One installation of Rosterway under test: a home, its configuration, and `serve` as a process.

What a test does with it: `start`, `deliver` or `upload`, wait for an `outcome`, `approve`, look at
the receipt and at Canvas. Waiting is asking the store again and again until a deadline, or until the
process has died although nobody killed it.
"""

import asyncio
import csv
import io
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from inspect import isawaitable
from pathlib import Path
from typing import Any

import asyncssh
import duckdb

from rosterway.runs import approve
from rosterway.runs.clock import utc_now
from rosterway.runs.receive import deliver_paths
from rosterway.store import baselines, plans, runs, sis_imports
from rosterway.store.deliveries import Delivery
from rosterway.store.home import Home
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Run
from rosterway.store.store import Store
from rosterway.store.walls import TenantStore
from runs.readied import Finished, Process, begin, run
from runs.rosters import Files

#: Seconds; nothing takes that long when all is well, but the machine may be busy.
DEADLINE = 120.0
ROSTERWAY = (sys.executable, "-m", "rosterway")
#: Tests wait for Canvas with a fiftieth of the usual patience.
PATIENCE = "0.02"


@dataclass
class Tenant:
    """A tenant of the configuration: where its Canvas is, and its feeds' settings."""

    url: str
    feeds: Mapping[str, Mapping[str, Any]]
    token: str = "CANVAS_TOKEN"
    account: str = "self"
    key: str | None = None
    #: Connections by name, each as lines of the file.
    connections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: How grades go back, as lines of the file.
    grades: Sequence[str] = ()
    #: Grade exports by name, each as lines of the file.
    exports: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self, name: str) -> list[str]:
        lines = [
            f"[tenant.{name}]",
            f'name = "{name.title()} Unified"',
            'time_zone = "America/Denver"',
            f"[tenant.{name}.canvas]",
            f'url = "{self.url}"',
            f'token = {{ env = "{self.token}" }}',
            f'account = "{self.account}"',
            'environment = "sandbox"',
        ]
        if self.key:
            lines += [f"[tenant.{name}.sftp.{name}-sis]", f'keys = ["{self.key}"]']
        for connection, settings in self.connections.items():
            lines += [f"[tenant.{name}.connection.{connection}]", *settings]
        for feed, settings in self.feeds.items():
            lines.append(f"[tenant.{name}.feed.{feed}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        if self.grades:
            lines += [f"[tenant.{name}.grades]", *self.grades]
        for export, settings in self.exports.items():
            lines += [f"[tenant.{name}.grade_export.{export}]", *settings]
        return lines


def feed(**settings: Any) -> dict[str, Any]:
    """A feed's settings; our own gateway, `diffing/`, quiet for a second."""
    return {"from": "gateway", "folder": "diffing", "settle": "1s", **settings}


@dataclass
class Installation:
    """A home with its `serve`. `token` is the Canvas token of its environment."""

    folder: Path
    tenants: dict[str, Tenant]
    token: str
    environment: dict[str, str] = field(default_factory=dict[str, str])
    process: Process | None = None
    sftp: str = ""
    console: str = ""
    _store: Store | None = None
    #: The log goes through a pipe, so that limits on the process's files are none on it.
    log_is_elsewhere: bool = False
    _scribe: asyncio.subprocess.Process | None = None

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def config(self) -> Path:
        return self.folder / "rosterway.toml"

    @property
    def log_file(self) -> Path:
        return self.folder / "serve.log"

    def configure(self) -> None:
        """Write the configuration file."""
        lines = ["[server]", 'console = "127.0.0.1:0"', 'sftp = "127.0.0.1:0"']
        for name, tenant in self.tenants.items():
            lines += tenant.lines(name)
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def environ(self, **more: str | None) -> dict[str, str]:
        """What our processes find in their environment; None takes something away."""
        ours = {
            **os.environ,
            "CANVAS_TOKEN": self.token,
            "ROSTERWAY_PATIENCE": PATIENCE,
            **self.environment,
            **more,
        }
        return {name: value for name, value in ours.items() if value is not None}

    # The server

    async def launch(self, *arguments: str, **environ: str | None) -> None:
        """Begin `serve` and do not wait for it."""
        self.configure()
        with self.log_file.open("ab") as log:
            told = log.fileno()
            if self.log_is_elsewhere:
                heard, told = os.pipe()
                self._scribe = await asyncio.create_subprocess_exec("cat", stdin=heard, stdout=log)
                os.close(heard)
            words = ("serve", "--home", str(self.home), "--config", str(self.config), *arguments)
            self.process = await begin(words, env=self.environ(**environ), stderr=told)
            if self.log_is_elsewhere:
                os.close(told)

    async def start(self, *, kill_at: str | None = None, **environ: str | None) -> dict[str, Any]:
        """Start `serve` and wait until it is ready; answers its first line."""
        await self.launch(ROSTERWAY_KILL_AT=kill_at, **environ)
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(DEADLINE):
            line = await self.process.stdout.readline()
        assert line, f"serve ended before it was ready\n{self.log()}"
        ready = json.loads(line)
        self.sftp, self.console = ready["sftp"], ready["console"]
        return ready

    async def stop(self) -> int:
        """SIGTERM, and how it ended."""
        assert self.process is not None
        self.process.terminate()
        return await self.ended()

    async def kill(self) -> None:
        """Kill -9, as a power cut would."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.ended()

    async def ended(self) -> int:
        """How `serve` ended, once it has."""
        assert self.process is not None
        async with asyncio.timeout(DEADLINE):
            return await self.process.wait()

    async def died(self) -> None:
        """Wait until `serve` has killed itself at the moment it was told to."""
        assert await self.ended() == -signal.SIGKILL, self.log()

    def calculator(self) -> int | None:
        """The process id of its calculating process, if it has one just now."""
        assert self.process is not None
        for children in Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            for pid in children.read_text().split():
                with suppress(OSError):
                    if b"rosterway.runs.calculation" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        return int(pid)
        return None

    def log(self) -> str:
        """Everything `serve` has logged, of all its lives."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def logged(self) -> list[dict[str, Any]]:
        """The log's lines."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def complaints(self) -> list[dict[str, Any]]:
        """The log's lines that are no good news."""
        good = {"info", "debug"}
        return [line for line in self.logged() if line["level"] not in good] + [
            line for line in self.logged() if line["event"] == "run.waits"
        ]

    async def close(self) -> None:
        """End everything, whatever state it is in."""
        if self._store is not None:
            self._store.close()
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        if self._scribe is not None:
            await self._scribe.wait()

    # The command line

    async def run(self, *arguments: str, **environ: str | None) -> Finished:
        """A command on this home, to its end."""
        env = self.environ(ROSTERWAY_HOME=str(self.home), **environ)
        return await asyncio.to_thread(run, arguments, env=env, cwd=self.folder, timeout=DEADLINE)

    # The SFTP server, by OpenSSH's client

    def let_in(self, tenant: str) -> None:
        """Give a tenant's uploader a key."""
        key = asyncssh.generate_private_key("ssh-ed25519")
        path = self.folder / f"{tenant}.key"
        key.write_private_key(path)
        path.chmod(0o600)
        self.tenants[tenant].key = key.export_public_key().decode().strip()

    async def sftp_begin(
        self, batch: str, *options: str, tenant: str = "lincoln"
    ) -> asyncio.subprocess.Process:
        """Begin an `sftp` with these commands."""
        host, _, port = self.sftp.rpartition(":")
        process = await asyncio.create_subprocess_exec(
            *("sftp", "-b", "-", "-P", port, "-i", str(self.folder / f"{tenant}.key")),
            *("-F", "none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"),
            *("-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", *options),
            f"{tenant}-sis@{host}",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self.folder,
        )
        assert process.stdin is not None
        process.stdin.write(f"{batch}\n".encode())
        process.stdin.close()
        return process

    async def sftp_command(self, batch: str, *options: str, tenant: str = "lincoln") -> Finished:
        """Run `sftp` with these commands, to its end."""
        process = await self.sftp_begin(batch, *options, tenant=tenant)
        async with asyncio.timeout(DEADLINE):
            out, _ = await process.communicate()
        assert process.returncode is not None
        return Finished(process.returncode, out.decode(errors="replace"), "")

    def tree(self, tenant: str = "lincoln") -> Path:
        """What the tenant's SFTP account sees."""
        return self.home / "tenants" / tenant / "tree"

    # What goes in

    @property
    def store(self) -> Store:
        """The store, as any other process sees it."""
        if self._store is None:
            self._store = Store.open(Home.find(self.home))
        return self._store

    def tenant(self, name: str = "lincoln") -> TenantStore:
        return self.store.tenant(name)

    def deliver(
        self,
        files: Files | Path | Sequence[Path],
        *only: str,
        feed: str = "nightly",
        tenant: str = "lincoln",
    ) -> Delivery:
        """Hand files to a feed, as `rosterway feed deliver` does."""
        if isinstance(files, Files):
            name = f"delivery-{len(list(self.folder.glob('delivery-*')))}"
            files = files.write(self.folder / name, *only)
        paths = [files] if isinstance(files, Path) else list(files)
        return deliver_paths(self.store, tenant, feed, paths, sender="a test", now=utc_now())

    # What comes of it

    async def until(
        self, question: Callable[[], Any | Awaitable[Any]], *, what: str, alive: bool = True
    ) -> Any:
        """Ask until the answer is true; answers it."""
        try:
            async with asyncio.timeout(DEADLINE):
                while True:
                    answer = question()
                    if isawaitable(answer):
                        answer = await answer
                    if answer:
                        return answer
                    if alive and self.process is not None and self.process.returncode is not None:
                        raise AssertionError(f"serve has died before {what}\n{self.log()}")
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what}\n{self.told()}") from None

    def told(self) -> str:
        """What the store and the log say, for a test that failed."""
        lines = [
            f"{run.kind} {run.feed} {run.stage} {run.outcome} {run.reason}"
            for name in self.tenants
            for run in runs.latest(self.tenant(name))
        ]
        return "\n".join([*lines, self.log()[-6000:]])

    async def run_of(self, delivery: Delivery, *, number: int = 1, tenant: str = "lincoln") -> Run:
        """The delivery's `number`th run, once it has ended."""

        def ended() -> Run | None:
            found = self.runs_of(delivery, tenant=tenant)
            done = [run for run in found if run.ended_at is not None]
            return done[number - 1] if len(done) >= number else None

        return await self.until(ended, what=f"run {number} of {delivery.id}")

    def runs_of(self, delivery: Delivery, *, tenant: str = "lincoln") -> list[Run]:
        """The delivery's runs, in the order they were asked for."""
        return runs.latest(self.tenant(tenant), delivery=delivery.id)[::-1]

    async def outcome(self, delivery: Delivery, *, number: int = 1, tenant: str = "lincoln") -> str:
        """How the delivery's `number`th run ended."""
        run = await self.run_of(delivery, number=number, tenant=tenant)
        assert run.outcome is not None
        return run.outcome.value

    def plan_of(self, delivery: Delivery, *, tenant: str = "lincoln") -> Plan:
        """The plan of the delivery's last run."""
        run = self.runs_of(delivery, tenant=tenant)[-1]
        assert run.plan is not None
        return plans.get(self.tenant(tenant), run.plan)

    def waiting(self, feed: str = "nightly", *, tenant: str = "lincoln") -> list[Plan]:
        """The feed's plans that wait for a person."""
        return plans.latest(self.tenant(tenant), feed=feed, state=PlanState.WAITING)

    def approve(self, delivery: Delivery, *, tenant: str = "lincoln") -> Run:
        """Say yes to the delivery's plan."""
        plan = self.plan_of(delivery, tenant=tenant)
        _, run = approve.approve(
            self.tenant(tenant), plan.digest, operator="registrar", now=utc_now()
        )
        return run

    async def first_load(
        self, files: Files, *, feed: str = "nightly", tenant: str = "lincoln"
    ) -> Delivery:
        """Deliver, approve, and wait until Canvas has it all."""
        delivery = self.deliver(files, feed=feed, tenant=tenant)
        assert await self.outcome(delivery, tenant=tenant) == "held"
        self.approve(delivery, tenant=tenant)
        assert await self.outcome(delivery, number=2, tenant=tenant) == "delivered"
        return delivery

    def baseline(self, feed: str = "nightly", *, tenant: str = "lincoln") -> Files:
        """What we take Canvas to hold of a feed."""
        handle = self.tenant(tenant)
        known = baselines.current(handle, feed)
        assert known is not None
        return Files(
            {
                name: [
                    {column: cell or "" for column, cell in zip(table.columns, row, strict=True)}
                    for row in duckdb.read_parquet(str(handle.blobs.local(table.blob)))
                    .project(", ".join(f'"{column}"' for column in table.columns))
                    .fetchall()
                ]
                for name, table in known.tables.items()
            }
        )

    def imports(
        self, delivery: Delivery, *, tenant: str = "lincoln"
    ) -> list[sis_imports.SisImport]:
        """What was sent of the delivery's plan."""
        return sis_imports.of_plan(self.tenant(tenant), self.plan_of(delivery, tenant=tenant).id)

    # The receipt

    def results(self, delivery: Delivery, *, tenant: str = "lincoln") -> Path:
        return self.tree(tenant) / "results" / delivery.id

    def receipt(self, delivery: Delivery, *, tenant: str = "lincoln") -> dict[str, Any]:
        """The JSON receipt; the others must be there and say the same outcome and problems."""
        folder = self.results(delivery, tenant=tenant)
        told = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
        text = (folder / "receipt.txt").read_text(encoding="utf-8")
        assert f"Delivery {delivery.id} of feed {delivery.feed}" in text
        assert told["reason"] in text
        rows = list(csv.DictReader(io.StringIO((folder / "receipt.csv").read_text("utf-8"))))
        assert len(told["problems"]) == sum(row["source"] == "rosterway" for row in rows)
        assert len(told["messages"]) == sum(row["source"] == "canvas" for row in rows)
        assert not list(folder.glob(".*"))
        return told
