"""Make the pictures of the console: `.venv/bin/python docs/screenshots.py` (Chromium is needed).

A seeded district lives through two weeks of nights on the real parts (a sandbox Canvas, the runs'
own steps, the console), then through a morning on which a school is missing from the export. Only
the dates of the nights are made up: each step asks a clock that we set.
"""

import asyncio
import os
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import which
from typing import Literal

import uvicorn
from playwright.async_api import Page, async_playwright

from rosterway.canvas.client import Call
from rosterway.console.app import create_app
from rosterway.console.one_time import OneTimeLinks
from rosterway.runs.approve import approve
from rosterway.runs.clock import utc_now
from rosterway.runs.grades import road as grades_road
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.office import Office, Patience
from rosterway.runs.receive import deliver_paths
from rosterway.runs.requests import request_roster
from rosterway.runs.road import Then, advance
from rosterway.sandbox.canvas.remote import grade
from rosterway.sandbox.canvas.server import running
from rosterway.sandbox.district import make_district, on_day, write_alarm, write_canvas
from rosterway.sandbox.sis.server import RunningSis, start_sis
from rosterway.settings import parse
from rosterway.store import configuration, operators, plans, runs
from rosterway.store.home import Home
from rosterway.store.operators import Role
from rosterway.store.runs import Run, Trigger
from rosterway.store.store import Store

Colours = Literal["light", "dark"]
PICTURES = Path(__file__).parent / "pictures"
LAPTOP, PHONE = (1280, 800), (390, 844)
NIGHTS, STUDENTS = 14, 1_500
#: When the pictures are taken.
MORNING = datetime(2026, 10, 15, 12, 20, tzinfo=UTC)

_TOKEN = "ROSTERWAY_PICTURES_TOKEN"
_SIS_TOKEN = "ROSTERWAY_PICTURES_SIS_TOKEN"
_CONFIGURATION = """\
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "{url}"
token = {{ env = "{token}" }}
account = "self"
environment = "sandbox"
[tenant.lincoln.connection.sis]
version = "1.2"
rostering_url = "{rostering}"
gradebook_url = "{gradebook}"
auth = {{ method = "bearer", token = {{ env = "{sis_token}" }} }}
[tenant.lincoln.grades]
connection = "sis"
schedule = "30 2 * * *"
rules = {{ needs_category = true }}
[tenant.lincoln.sftp.sis-uploader]
keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl sis"]
[tenant.lincoln.feed.nightly]
from = "gateway"
folder = "diffing"
[tenant.lincoln.feed.staff]
from = "gateway"
folder = "imports"
apply = "imports"
"""


class Clock:
    """The time of the story: real seconds go on from wherever it is set."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def set(self, moment: datetime) -> None:
        """It is this moment now."""
        self._ahead = moment - utc_now()

    def __call__(self) -> datetime:
        """Now."""
        return utc_now() + self._ahead


class Story:
    """The nights of one district."""

    def __init__(self, folder: Path, url: str, sis: RunningSis) -> None:
        self.folder, self.url, self.clock = folder, url, Clock()
        home = Home.create(folder / "home")
        self.store = Store.open(home)
        settings = parse(
            _CONFIGURATION.format(
                url=url,
                token=_TOKEN,
                sis_token=_SIS_TOKEN,
                rostering=sis.root("1.2"),
                gradebook=sis.root("1.2", "gradebook"),
            )
        )
        self.clock.set(MORNING - timedelta(days=NIGHTS))
        configuration.apply(self.store, settings, now=self.clock())
        self.office = Office(
            home=home,
            store=self.store,
            settings=settings,
            config_folder=folder,
            clock=self.clock,
            patience=Patience(scale=0.02),
        )
        self.lincoln = self.store.tenant("lincoln")
        operators.add(
            self.store,
            "maria.ortiz",
            password="a password for pictures",
            role=Role.ADMIN,
            by="pictures",
            now=self.clock(),
        )

    async def live(self) -> None:
        """Live until the morning of the pictures."""
        district = make_district(students=STUDENTS, seed=2026)
        for night in range(NIGHTS):
            self.clock.set(MORNING - timedelta(days=NIGHTS - night, hours=1))
            files = self.folder / f"night-{night}"
            write_canvas(on_day(district, night + 1), files)
            run = await self._deliver(files)
            if run.outcome == "held":
                await self._approve(run, "Checked with the schools")
        self.clock.set(MORNING - timedelta(hours=1))
        morning = self.folder / "morning"
        write_alarm(on_day(district, NIGHTS + 1), morning, "school-gone")
        await self._deliver(morning)
        self.clock.set(MORNING)

    async def grade(self) -> str:
        """A course is synced, its teacher has a change of mind, and a preview waits; its Canvas id."""
        async with self.office.canvas(self.lincoln) as canvas:
            listed = await canvas.get("/api/v1/accounts/self/courses", call=Call("listing courses"))
        course = str(listed[0]["id"])
        asked: dict[str, object] = {
            "course": course,
            "seed": 7,
            "assignments": 9,
            "today": MORNING.date().isoformat(),
        }
        await asyncio.to_thread(grade, self.url, {**asked, "change_mind": False})
        self.clock.set(MORNING - timedelta(hours=14))
        run = request_sync(self.lincoln, course, by="maria.ortiz", approved=True, now=self.clock())
        await self._go_with_grades(run)
        self.clock.set(MORNING - timedelta(minutes=10))
        await asyncio.to_thread(grade, self.url, {**asked, "change_mind": True, "seed": 2})
        run = request_sync(self.lincoln, course, by="maria.ortiz", preview=True, now=self.clock())
        await self._go_with_grades(run)
        self.clock.set(MORNING)
        return course

    async def _go_with_grades(self, run: Run) -> None:
        while await grades_road.advance(self.office, "lincoln", run.id) is not Then.ENDED:
            pass

    async def _deliver(self, files: Path) -> Run:
        delivery = deliver_paths(
            self.store, "lincoln", "nightly", [files], sender="sis-uploader", now=self.clock()
        )
        run = request_roster(self.lincoln, delivery, trigger=Trigger.SEALED, now=self.clock())
        return await self._go(run)

    async def _approve(self, run: Run, reason: str) -> None:
        plan = plans.get(self.lincoln, run.plan or "")
        _, sending = approve(
            self.lincoln, plan.digest, operator="maria.ortiz", reason=reason, now=self.clock()
        )
        await self._go(sending)

    async def _go(self, run: Run) -> Run:
        while await advance(self.office, "lincoln", run.id, in_lane=True) is not Then.ENDED:
            pass
        return runs.get(self.lincoln, run.id)


async def take(story: Story, course: str, console: str, sign_in: str) -> None:
    """Take every picture."""
    held, delivered = runs.latest(story.lincoln, feed="nightly", limit=2)
    pages: dict[str, tuple[str, tuple[int, int], Colours]] = {
        "board": ("", LAPTOP, "light"),
        "plan": (f"/plans/{held.plan}", (1280, 1500), "light"),
        "run": (f"/runs/{delivered.id}", (1280, 860), "light"),
        "rows": (f"/plans/{held.plan}/rows?table=enrollments&what=removed", LAPTOP, "light"),
        "grades": (f"/grades/{course}", (1280, 1500), "light"),
        "dark": (f"/plans/{held.plan}", LAPTOP, "dark"),
        "phone": ("", PHONE, "light"),
    }
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=which("chromium"), args=["--no-sandbox"]
        )
        page = await browser.new_page()
        await page.goto(console + sign_in)
        await page.get_by_role("button").click()
        await page.wait_for_url("**/t/lincoln")
        for name, (path, size, colours) in pages.items():
            await _picture(
                page, f"{console}/t/lincoln{path}", PICTURES / f"{name}.png", size, colours
            )
        await browser.close()


async def _picture(
    page: Page, url: str, target: Path, size: tuple[int, int], colours: Colours
) -> None:
    await page.set_viewport_size({"width": size[0], "height": size[1]})
    await page.emulate_media(color_scheme=colours)
    await page.goto(url)
    await page.screenshot(path=target)
    print(f"{target.name}: {target.stat().st_size / 1000:.0f} kB")


async def main() -> None:
    """Live the story and take the pictures."""
    async with AsyncExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory(prefix="rosterway-")))
        canvas = await open_.enter_async_context(running(folder / "canvas"))
        sis = await open_.enter_async_context(start_sis(students=STUDENTS, seed=2026, day=NIGHTS))
        os.environ[_TOKEN] = canvas.token
        os.environ[_SIS_TOKEN] = sis.provider.credentials.bearer
        story = Story(folder, canvas.url, sis)
        open_.callback(story.store.close)
        await story.live()
        course = await story.grade()
        links = OneTimeLinks()
        app = create_app(story.office, links=links)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve())
        while not server.started:
            if serving.done():
                await serving
            await asyncio.sleep(0.05)
        port = server.servers[0].sockets[0].getsockname()[1]
        PICTURES.mkdir(exist_ok=True)
        await take(
            story,
            course,
            f"http://127.0.0.1:{port}",
            links.path_for("maria.ortiz", now=story.clock()),
        )
        server.force_exit = server.should_exit = True
        await serving


if __name__ == "__main__":
    asyncio.run(main())
