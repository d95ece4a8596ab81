"""A sandbox Canvas on loopback, and a small client that sees it as any client would."""

import csv
import io
import json
import zipfile
from contextlib import asynccontextmanager

import aiohttp
import pytest

from rosterway.sandbox.canvas.server import running


def table(header, *rows):
    """CSV text from a header and rows, as one would type them."""
    return "\n".join((header, *rows)) + "\n"


def zipped(files):
    """A zip of {path: text or bytes}."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return packed.getvalue()


class Client:
    """What a test does with a sandbox Canvas."""

    def __init__(self, sandbox, session):
        self.sandbox = sandbox
        self.session = session

    async def call(self, method, path, **options):
        """Status and JSON of a request; `path` is below /api/v1 unless it begins with a slash."""
        url = path if path.startswith(("/", "http")) else f"/api/v1/{path}"
        async with self.session.request(method, url, **options) as response:
            text = await response.text()
            try:
                return response.status, json.loads(text)
            except ValueError:
                return response.status, text

    async def get(self, path, **options):
        status, body = await self.call("GET", path, **options)
        assert status == 200, body
        return body

    async def everything(self, path):
        """All pages of a list, following Link headers."""
        found = []
        url = f"/api/v1/{path}"
        while url:
            async with self.session.get(url) as response:
                assert response.status == 200
                page = await response.json()
                found.extend(page if isinstance(page, list) else next(iter(page.values())))
                following = response.links.get("next")
                url = following["url"] if following else None
        return found

    async def control(self, method, path, **options):
        status, body = await self.call(method, f"/sandbox/{path}", **options)
        assert status == 200, body
        return body

    async def post(self, files, name="delivery.zip", **parameters):
        """Post an import as a multipart attachment; status and answer."""
        if isinstance(files, dict):
            files = zipped(files)
        form = aiohttp.FormData()
        form.add_field("attachment", files, filename=name)
        for key, value in parameters.items():
            form.add_field(key, str(value))
        return await self.call("POST", "accounts/self/sis_imports", data=form)

    async def idle(self):
        assert (await self.control("GET", "idle?wait=30"))["idle"]

    async def send(self, files, name="delivery.zip", **parameters):
        """Post an import and follow it to its end."""
        status, created = await self.post(files, name, **parameters)
        assert status == 200, created
        await self.idle()
        return await self.show(created["id"])

    async def good(self, files, **parameters):
        """An import that leaves no message."""
        finished = await self.send(files, **parameters)
        assert finished["workflow_state"] == "imported", finished
        return finished

    async def show(self, import_id):
        return await self.get(f"accounts/self/sis_imports/{import_id}")

    async def messages(self, import_id):
        """All messages of an import in the order they arose."""
        errors = await self.everything(f"accounts/self/sis_imports/{import_id}/errors")
        return [error["message"] for error in reversed(errors)]

    async def said(self, files, **parameters):
        """The messages an import leaves."""
        return await self.messages((await self.send(files, **parameters))["id"])

    async def report(self, sheet, name="provisioning_csv", **parameters):
        """Rows of a report's sheet, as dictionaries."""
        data = [(f"parameters[{sheet}]", "true")]
        for key, value in parameters.items():
            values = [(f"[{key}][]", one) for one in value] if isinstance(value, list) else None
            data += [(f"parameters{name}", one) for name, one in values or [(f"[{key}]", value)]]
        path = f"accounts/self/reports/{name}"
        _, started = await self.call("POST", path, data=data)
        await self.idle()
        finished = await self.get(f"{path}/{started['id']}")
        _, text = await self.call("GET", finished["attachment"]["url"])
        return list(csv.DictReader(io.StringIO(text)))

    async def states(self, sheet, key, **parameters):
        """Status by key, of a sheet of the provisioning report with deleted things."""
        rows = await self.report(sheet, include_deleted="true", **parameters)
        return {row[key]: row["status"] for row in rows if row[key]}


@asynccontextmanager
async def client_of(home, **options):
    """A running sandbox and its client."""
    async with running(home, **options) as sandbox:
        headers = {"Authorization": f"Bearer {sandbox.token}"}
        async with aiohttp.ClientSession(sandbox.url, headers=headers) as session:
            yield Client(sandbox, session)


USERS = "user_id,login_id,status,full_name,email"
COURSES = "course_id,short_name,long_name,account_id,term_id,status"
SECTIONS = "section_id,course_id,name,status"
ENROLLMENTS = "course_id,section_id,user_id,role,status"

#: A small school, on which most tests build.
SCHOOL = {
    "accounts.csv": table(
        "account_id,parent_account_id,name,status", "A,,Lincoln,active", "B,A,Annex,active"
    ),
    "terms.csv": table(
        "term_id,name,status,start_date,end_date", "T1,Fall,active,2026-08-01,2026-12-20"
    ),
    "courses.csv": table(COURSES, "C1,ALG,Algebra,A,T1,active", "C2,BIO,Biology,A,T1,published"),
    "sections.csv": table(
        SECTIONS, "S1,C1,Algebra 1,active", "S2,C1,Algebra 2,active", "S3,C2,Biology 1,active"
    ),
    "users.csv": table(
        USERS,
        "U1,ann,active,Ann Lee,ann@school.org",
        "U2,bob,active,Bob Ray,bob@school.org",
        "U3,cat,active,Cat Fox,cat@school.org",
        "P1,pat,active,Pat Lee,pat@home.org",
    ),
    "enrollments.csv": table(
        ENROLLMENTS,
        "C1,S1,U1,student,active",
        "C1,S1,U2,teacher,active",
        "C2,S3,U1,student,active",
        "C2,S3,U3,student,active",
    ),
}

LONG = "x" * 256
ACCOUNTS = "account_id,parent_account_id,name,status"
TERMS = "term_id,name,status,start_date,end_date,date_override_enrollment_type"
XLISTS = "xlist_course_id,section_id,status"
LOGINS = "user_id,login_id,existing_user_id,existing_integration_id,existing_canvas_user_id"
ADMINS = "user_id,account_id,role,role_id,status"
CATEGORIES = "group_category_id,category_name,account_id,course_id,status"
GROUPS = "group_id,name,group_category_id,account_id,course_id,status"
MEMBERS = "group_id,user_id,status"
OBSERVERS = "observer_id,student_id,status"
CHANGES = "old_id,new_id,old_integration_id,new_integration_id,type"
FULL_USERS = USERS + ",integration_id,authentication_provider_id"
MORE_COURSES = COURSES + ",blueprint_course_id,abstract_course_id,course_format"
PASSBACK = COURSES + ",grade_passback_setting,start_date,end_date"
ABSTRACT = "abstract_course_id,short_name,long_name,status"
GRADES = "enrollment_id,grade_publishing_status,message"
DATED = ENROLLMENTS + ",start_date,end_date"
OBSERVING = ENROLLMENTS + ",associated_user_id"


def each_case(cases):
    """The cases of a table of messages, each under a name of its own."""
    return [
        pytest.param(count, *case, id=f"{count}-{number}")
        for count, rows in cases.items()
        for number, case in enumerate(rows)
    ]


async def check_message(world, count, header, row, expected):
    """A row leaves exactly this message, and counts as imported if that begins with a plus."""
    finished = await world.send({"rows.csv": table(header, row)})
    counted = expected.startswith("+")
    byhand = await world.get("users/sis_login_id:byhand")
    message = expected.removeprefix("+").replace("{byhand}", str(byhand["id"]))
    assert [message] == await world.messages(finished["id"])
    assert [["rows.csv", message]] == finished["processing_warnings"]
    assert int(counted) == finished["data"]["counts"][count]
    assert finished["workflow_state"] == "imported_with_messages"
