"""A house that has been lived in: what the console shows, on a real store, without `serve`.

Lincoln's nightly feed has had a first load that a person approved and the sandbox Canvas took, and
then a delivery without one school, whose plan waits. Monroe is the neighbour over the wall. It is
built once by the runs' own steps, and each test gets a copy of the folder.
"""

import asyncio
import os
import re
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import httpx2

from canvas_sandbox import client_of
from rosterway.console.access import COOKIE
from rosterway.console.app import create_app
from rosterway.console.forms import masked
from rosterway.console.one_time import OneTimeLinks
from rosterway.runs import approve
from rosterway.runs.clock import utc_now
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.settings import parse
from rosterway.store import configuration, operators, plans, runs, sessions
from rosterway.store.home import Home
from rosterway.store.operators import Role
from rosterway.store.plans import Plan, PlanState
from rosterway.store.runs import Run, Trigger
from rosterway.store.store import Store
from runs.rosters import Files, district

PASSWORD = "correct horse battery"
#: A name that a spreadsheet would calculate, and one that a page must not take for markup.
FORMULA, NEWCOMER = "=1+1", "Zoë <b>O'Neill</b>"
TOKEN = "ROSTERWAY_TEST_CONSOLE_TOKEN"

CONFIGURATION = """\
[server]
console = "127.0.0.1:0"
sftp = "127.0.0.1:0"
"""
TENANT = """\
[tenant.{name}]
name = "{title}"
time_zone = "America/Denver"
[tenant.{name}.canvas]
url = "{url}"
token = {{ env = "{token}" }}
account = "self"
environment = "sandbox"
[tenant.{name}.connection.sis]
version = "1.2"
rostering_url = "http://127.0.0.1:9/rostering"
auth = {{ method = "bearer", token = {{ env = "{token}" }} }}
[tenant.{name}.grades]
connection = "sis"
schedule = "30 2 * * *"
[tenant.{name}.grade_export.registrar]
schedule = "0 4 * * *"
[tenant.{name}.feed.nightly]
from = "gateway"
folder = "diffing"
"""

#: Who signs in: one operator for each role at Lincoln, an admin of the neighbour's, one of both.
OPERATORS = (
    *((role.value, role, "lincoln") for role in Role),
    ("neighbour", Role.ADMIN, "monroe"),
    ("everywhere", Role.ADMIN, operators.EVERY_TENANT),
)


def configured(url="http://127.0.0.1:9"):
    tenants = [("lincoln", "Lincoln Unified"), ("monroe", "Monroe County")]
    return parse(
        CONFIGURATION
        + "".join(
            TENANT.format(name=name, title=title, url=url, token=TOKEN) for name, title in tenants
        )
    )


def without_a_school(files: Files) -> tuple[Files, str]:
    """The delivery of a morning on which one school is missing, and the school's account."""
    cut = files.copy()
    school = cut["courses"][0]["account_id"]
    gone = {row["course_id"] for row in cut["courses"] if row["account_id"] == school}
    sections = {row["section_id"] for row in cut["sections"] if row["course_id"] in gone}
    tables = cut.tables
    tables["courses"] = [row for row in tables["courses"] if row["course_id"] not in gone]
    for name in ("sections", "enrollments"):
        tables[name] = [row for row in tables[name] if row["section_id"] not in sections]
    return cut, school


@dataclass
class Clock:
    """The time, and how far a test has moved it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead

    def move(self, **span) -> None:
        self.ahead += timedelta(**span)


class Browser(httpx2.AsyncClient):
    """A browser; `csrf` is the token of the session it is signed in with."""

    csrf: str = ""


@dataclass
class House:
    """A copy of the house and its console."""

    folder: Path
    url: str = "http://127.0.0.1:9"
    clock: Clock = field(default_factory=Clock)
    poked: list[bool] = field(default_factory=list)

    def __post_init__(self):
        home = Home.create(self.folder)
        self.store = Store.open(home)
        settings = configured(self.url)
        configuration.apply(self.store, settings, now=utc_now())
        self.office = Office(
            home=home,
            store=self.store,
            settings=settings,
            config_folder=self.folder,
            clock=self.clock,
            memory="300MB",
            patience=Patience(scale=0.02),
            poke=lambda: self.poked.append(True),
        )
        self.links = OneTimeLinks()
        self.app = create_app(self.office, links=self.links)

    @property
    def lincoln(self):
        return self.store.tenant("lincoln")

    # -- what is there --

    @property
    def plan(self) -> Plan:
        """The plan that waits."""
        (found,) = plans.latest(self.lincoln, feed="nightly", state=PlanState.WAITING)
        return found

    @property
    def run(self) -> Run:
        """The run that made it."""
        return runs.get(self.lincoln, self.plan.run)

    @property
    def first_run(self) -> Run:
        """The run of the first load, which a person has approved."""
        return runs.latest(self.lincoln, kind="roster", limit=50)[-1]

    def deliver(self, files: Files) -> Run:
        """Hand files over, and ask for their run."""
        folder = files.write(self.folder / f"delivery-{secrets.token_hex(4)}")
        now = utc_now()
        sealed = deliver_paths(self.store, "lincoln", "nightly", [folder], sender="a test", now=now)
        return request_roster(self.lincoln, sealed, trigger=Trigger.SEALED, now=now)

    async def go(self, run: Run) -> Run:
        """The run's steps to its end."""
        while await advance(self.office, "lincoln", run.id, in_lane=True) is not Then.ENDED:
            pass
        return runs.get(self.lincoln, run.id)

    # -- who looks --

    @asynccontextmanager
    async def visitor(self, *, scheme="http", address="192.0.2.7"):
        """A browser in which nobody has signed in."""
        transport = httpx2.ASGITransport(
            self.app, client=(address, 5000), raise_app_exceptions=False
        )
        async with Browser(
            transport=transport,
            base_url=f"{scheme}://console.test",
            headers={"accept": "text/html"},
        ) as client:
            yield client

    @asynccontextmanager
    async def signed_in(self, operator: str):
        """A browser in which an operator has signed in."""
        async with self.visitor() as client:
            shown, session = sessions.start(
                self.store, operator, now=self.clock(), lifetime=timedelta(hours=12)
            )
            client.cookies.set(COOKIE, shown)
            client.csrf = session.csrf
            yield client

    def close(self):
        self.store.close()


async def post(client, path, **form):
    """Send a form as the page has it, with its session's token."""
    return await client.post(path, data={"csrf": masked(client.csrf), **form})


def found_in(pattern: str, page: str) -> str:
    """What the pattern's group is on a page."""
    found = re.search(pattern, page, re.DOTALL)
    assert found, f"no {pattern} in {page}"
    return found[1]


def token_in(page: str) -> str:
    """The token of a page's first form."""
    return found_in(r'name="csrf" value="([^"]+)"', page)


def text_of(page: str) -> str:
    """A page as it reads: without tags, in one line."""
    body = re.sub(r"(?s).*<main[^>]*>|</main>.*", "", page)
    plain = re.sub(r"<[^>]+>", " ", body)
    for entity, sign in (
        ("&#39;", "'"),
        ("&#34;", '"'),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ):
        plain = plain.replace(entity, sign)
    return " ".join(plain.split())


async def build(folder: Path, canvas_folder: Path) -> None:
    """Live in the house until a plan waits."""
    async with client_of(canvas_folder) as canvas:
        os.environ[TOKEN] = canvas.sandbox.token
        house = House(folder, url=canvas.sandbox.url)
        for name, role, tenant in OPERATORS:
            operators.add(
                house.store,
                name,
                password=PASSWORD,
                role=role,
                tenant=tenant,
                by="a test",
                now=utc_now(),
            )
        files = district(120)
        first = await house.go(house.deliver(files))
        assert first.outcome == "held", first
        plan = plans.get(house.lincoln, first.plan or "")
        _, sending = approve.approve(
            house.lincoln, plan.digest, operator="approver", reason="The first day", now=utc_now()
        )
        assert (await house.go(sending)).outcome == "delivered"
        cut, _ = without_a_school(files)
        cut["users"][0]["full_name"] = FORMULA
        cut["users"].append(
            {**cut["users"][1], "user_id": "90000001", "login_id": "new1", "full_name": NEWCOMER}
        )
        cut["enrollments"].append({**cut["enrollments"][0], "user_id": "nobody-at-all"})
        held = await house.go(house.deliver(cut))
        assert held.outcome == "held", held
        house.close()


def build_now(folder: Path, canvas_folder: Path) -> None:
    """`build` to its end, whatever loop runs here."""
    asyncio.run(build(folder, canvas_folder))
