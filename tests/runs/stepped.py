"""A feed whose runs are driven step by step in the test's own process, against a sandbox Canvas."""

from datetime import UTC, datetime, timedelta

from rosterway.runs import approve
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.settings import parse
from rosterway.store import Home, Store, configuration, plans, runs
from rosterway.store.runs import Outcome, Trigger

CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "{url}"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
vanished = {vanished}
sis_import = {sis_import}
"""


class Feed:
    """A feed of one table and nothing else, to which something comes every night.

    `CANVAS_TOKEN` must hold the token of the Canvas. `plan` is the plan of the last night.
    """

    def __init__(self, folder, canvas, vanished="{}"):
        self.folder, self.time, self.url = folder, datetime(2026, 9, 1, 12, tzinfo=UTC), canvas.url
        self.home = Home.create(folder / "home")
        self.store = Store.open(self.home)
        self.set(vanished=vanished)
        self.handle = self.store.tenant("lincoln")

    def set(self, vanished="{}", sis_import="{}"):
        """Have the settings say this."""
        settings = parse(CONFIG.format(url=self.url, vanished=vanished, sis_import=sis_import))
        configuration.apply(self.store, settings, now=self.time)
        self.office = Office(
            home=self.home,
            store=self.store,
            settings=settings,
            config_folder=self.folder,
            clock=lambda: self.time,
            patience=Patience(scale=0.01),
        )

    async def comes(self, header, *rows, table="users", approves=True):
        """The run's plan, and how the run ended."""
        self.time += timedelta(days=1)
        file = self.folder / f"{table}.csv"
        file.write_text("\n".join([header, *rows, ""]))
        sealed = deliver_paths(
            self.store, "lincoln", "nightly", [file], sender="a test", now=self.time
        )
        run = await self._go(
            request_roster(self.handle, sealed, trigger=Trigger.SEALED, now=self.time)
        )
        assert run.plan is not None
        plan = self.plan = plans.get(self.handle, run.plan)
        if run.outcome is Outcome.HELD and approves:
            _, approved = approve.approve(
                self.handle, plan.digest, operator="maria", reason="", now=self.time
            )
            run = await self._go(approved)
        return plan.summary, run.outcome

    async def _go(self, run):
        while await advance(self.office, "lincoln", run.id, in_lane=True) is not Then.ENDED:
            pass
        return runs.get(self.handle, run.id)
