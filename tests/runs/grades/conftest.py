"""A course in a sandbox Canvas, its classes in a sandbox SIS, and an installation between them.

The steps are driven one by one, without the durable engine, so that a test can stop anywhere.
"""

import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from rosterway.canvas import imports
from rosterway.canvas.client import Call, CanvasClient
from rosterway.runs.grades import files, road
from rosterway.runs.grades.requests import request_sync
from rosterway.runs.office import Office, Patience
from rosterway.runs.road import Then
from rosterway.sandbox.canvas.server import running
from rosterway.sandbox.sis.server import start_sis
from rosterway.settings import parse
from rosterway.store import Home, Store, runs, tenants
from rosterway.store.runs import Run

NOW = datetime(2026, 9, 20, 15, tzinfo=UTC)
TEACHING = Call("teaching")
GRADED = "fully graded"

CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "{canvas}"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.lincoln.connection.sis]
version = "{version}"
rostering_url = "{rostering}"
{gradebook_url}
auth = {{ method = "bearer", token = {{ env = "SIS_TOKEN" }} }}
concurrency = 8
{connection}
[tenant.lincoln.grades]
connection = "sis"
{grades}
"""


@dataclass
class School:
    """All of it. `students` are sourcedIds by class; `users` Canvas's ids by sourcedId."""

    canvas: CanvasClient
    sis: Any
    office: Office
    version: str
    students: dict[str, list[str]]
    time: datetime = NOW
    course: str = ""
    users: dict[str, str] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    asked_for: int = 0
    #: The sandbox Canvas itself.
    sandbox: Any = None

    @property
    def handle(self):
        return self.office.store.tenant("lincoln")

    @property
    def classes(self):
        return list(self.students)

    # What a teacher does

    async def teach(self, method, path, body):
        where = f"/api/v1/courses/{self.course}{path}"
        return await self.canvas.send(method, where, call=TEACHING, json=body)

    async def assign(self, name, *, group="", **fields):
        groups = await self.canvas.get(
            f"/api/v1/courses/{self.course}/assignment_groups", call=TEACHING
        )
        chosen = next(one["id"] for one in groups if one["name"] == (group or "Homework"))
        made = {
            "name": name,
            "points_possible": 10,
            "due_at": "2026-10-02T05:59:00Z",
            "post_to_sis": True,
            "published": True,
            "assignment_group_id": chosen,
            **fields,
        }
        return (await self.teach("POST", "/assignments", {"assignment": made}))["id"]

    async def grade(self, assignment, student, **fields):
        path = f"/assignments/{assignment}/submissions/{self.users[student]}"
        await self.teach("PUT", path, {"submission": fields})

    # What the SIS has

    def kept(self, noun):
        return [
            one
            for one in self.sis.provider.shelf.records[noun].values()
            if one["status"] != "tobedeleted"
        ]

    def scores(self):
        """(title of the line item, class, student) -> (status, score)."""
        items = {one["sourcedId"]: one for one in self.kept("lineItem")}
        return {
            (items[one["lineItem"]]["title"], items[one["lineItem"]]["class"], one["student"]): (
                one["scoreStatus"],
                one.get("score"),
            )
            for one in self.kept("result")
        }

    @property
    def puts(self):
        """How often the SIS was asked to write."""
        return sum(one.method in {"PUT", "POST", "DELETE"} for one in self.sis.provider.requests)

    # What Rosterway does

    def request(self, **how) -> Run:
        self.asked_for += 1
        self.time += timedelta(minutes=1)
        return request_sync(self.handle, self.course, by="ada", now=self.time, **how)

    async def step(self, run):
        self.time += timedelta(seconds=1)
        return await road.advance(self.office, "lincoln", run.id)

    async def drive(self, run) -> Run:
        while await self.step(run) is Then.MORE:
            pass
        return runs.get(self.handle, run.id)

    async def sync(self, **how) -> Run:
        return await self.drive(self.request(**how))

    def file(self, run, name, kind: Any = Any):
        return files.read(self.handle, run.id, name, kind)


def zipped(path, tables):
    with zipfile.ZipFile(path, "w") as archive:
        for table, rows in tables.items():
            archive.writestr(f"{table}.csv", "\n".join(rows) + "\n")
    return path


async def imported(school, path, tables):
    """Have the sandbox Canvas import tables, to the end."""
    made = await imports.create(school.canvas, zipped(path, tables), name="school.zip")
    await school.sandbox.line.idle(30)
    assert (await imports.show(school.canvas, made.id)).workflow_state == "imported"


def crowded(provider, most):
    """Put so many of the district's students into one class of the SIS; its id."""
    enrollments = provider.held.records["enrollment"]
    found = [one for one in enrollments.values() if one["role"] == "student"]
    own = [one["user"] for one in found if one["class"] == found[0]["class"]]
    others = dict.fromkeys(one["user"] for one in found if one["user"] not in own)
    for user in list(others)[: most - len(own)]:
        record = {**found[0], "sourcedId": f"crowd-{user}", "user": user}
        provider.held.put("enrollment", record, None)
    return found[0]["class"]


async def enroll(school, sandbox, path):
    """The course as the SIS would have it made: a section for each class."""
    school.sandbox = sandbox
    people = sorted({one for group in school.students.values() for one in group})
    await imported(
        school,
        path,
        {
            "terms": ["term_id,name,status,start_date,end_date", "F26,Fall,active,,"],
            "courses": [
                "course_id,short_name,long_name,term_id,status",
                "C1,BIO,Biology,F26,active",
            ],
            "sections": [
                "section_id,course_id,name,status",
                *(f"{one},C1,Period {place},active" for place, one in enumerate(school.classes)),
            ],
            "users": [
                "user_id,login_id,status,full_name",
                *(f"{one},{one.lower()},active,Student {one}" for one in people),
                "T1,tea,active,Tea Cher",
            ],
            "enrollments": [
                "course_id,section_id,user_id,role,status",
                f"C1,{school.classes[0]},T1,teacher,active",
                *(
                    f"C1,{class_id},{one},student,active"
                    for class_id, group in school.students.items()
                    for one in group
                ),
            ],
        },
    )
    told = await school.canvas.get("/api/v1/courses/sis_course_id:C1", call=TEACHING)
    school.course = str(told["id"])
    await school.teach("PUT", "", {"course": {"event": "offer"}})
    for name in ("Homework", "Tests"):
        await school.teach("POST", "/assignment_groups", {"name": name})
    found = await school.canvas.get(
        f"/api/v1/courses/{school.course}/enrollments",
        call=TEACHING,
        params=[("per_page", "100")],
    )
    for one in found:
        school.users[one["user"]["sis_user_id"]] = str(one["user_id"])
        school.sections[one["sis_section_id"]] = str(one["course_section_id"])


def some_classes(provider, count, most):
    """Classes of the SIS with a few of their students each, nobody in two of them."""
    by_class: dict[str, list[str]] = {}
    for one in provider.held.records["enrollment"].values():
        if one["role"] == "student" and one["status"] == "active":
            by_class.setdefault(one["class"], []).append(one["user"])
    chosen: dict[str, list[str]] = {}
    for class_id in sorted(by_class):
        taken = {one for group in chosen.values() for one in group}
        group = sorted(set(by_class[class_id]) - taken)[:most]
        if len(group) == most and len(chosen) < count:
            chosen[class_id] = group
    return chosen


@pytest.fixture
async def open_school(tmp_path, monkeypatch):
    """Makes schools: `version`, lines of `[tenant.lincoln.grades]`, and the SIS's knobs."""
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:

        async def make(
            version="1.2",
            grades='preview = "never"',
            knobs=None,
            classes=2,
            most=4,
            connection="",
            gradebook_url='gradebook_url = "GRADEBOOK"',
            people=80,
        ):
            sandbox = await stack.enter_async_context(running(tmp_path / "canvas"))
            sis = await stack.enter_async_context(start_sis(students=people, knobs=knobs or {}))
            if classes == 1:
                crowded(sis.provider, most)
            canvas = await stack.enter_async_context(
                CanvasClient(sandbox.url, sandbox.token, account="1")
            )
            monkeypatch.setenv("CANVAS_TOKEN", sandbox.token)
            monkeypatch.setenv("SIS_TOKEN", sis.provider.credentials.bearer)
            home = Home.create(tmp_path / "home")
            store = Store.open(home)
            stack.callback(store.close)
            tenants.put(store, "lincoln", title="Lincoln", time_zone="America/Denver", now=NOW)
            school = School(
                canvas,
                sis,
                cast("Office", None),
                version,
                some_classes(sis.provider, classes, most),
            )
            gradebook = sis.root("1.2", "gradebook") if version == "1.2" else sis.root("1.1")
            settings = parse(
                CONFIG.format(
                    canvas=sandbox.url,
                    version=version,
                    rostering=sis.root(version),
                    gradebook_url=gradebook_url.replace("GRADEBOOK", gradebook),
                    connection=connection,
                    grades=grades.replace("GRADEBOOK", gradebook),
                )
            )
            school.office = Office(
                home=home,
                store=store,
                settings=settings,
                config_folder=tmp_path,
                clock=lambda: school.time,
                patience=Patience(scale=0.01),
            )
            await enroll(school, sandbox, tmp_path / "school.zip")
            return school

        yield make
