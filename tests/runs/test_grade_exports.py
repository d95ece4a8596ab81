"""A grade export: Canvas's report in a folder, whole, beside a list for the registrar and a note.

The steps are driven one by one, without the durable engine, so that a test can stop anywhere.
"""

import csv
import zipfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from openssh import openssh
from rosterway.canvas import imports, reports
from rosterway.canvas.client import Call, CanvasClient
from rosterway.errors import UnreachableError
from rosterway.runs.exports import road
from rosterway.runs.exports.asked import request_export
from rosterway.runs.exports.due import Exports
from rosterway.runs.office import Office, Patience
from rosterway.runs.road import Then
from rosterway.sandbox.canvas.server import running
from rosterway.settings import parse
from rosterway.store import Home, Store, host_keys, runs, stages, tenants
from rosterway.store.runs import Outcome, Trigger

NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)  # two o'clock at night in Denver
TEACHING = Call("teaching")
CONFIG = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
[tenant.lincoln.canvas]
url = "{url}"
token = {{ env = "CANVAS_TOKEN" }}
account = "1"
environment = "sandbox"
[tenant.lincoln.grade_export.registrar]
{settings}
"""
SCHOOL = {
    "terms": "term_id,name,status\nF26,Fall,active\nS27,Spring / Summer,active\n",
    "courses": "course_id,short_name,long_name,term_id,status\n"
    "BIO,BIO,Biology,F26,active\nART,ART,Art,S27,active\n",
    "sections": "section_id,course_id,name,status\nBIO-1,BIO,1,active\nART-1,ART,1,active\n",
    "users": "user_id,login_id,status,full_name\nann,ann,active,Ann\nbob,bob,active,Bob\n",
    "enrollments": "course_id,section_id,user_id,role,status\n"
    "BIO,BIO-1,ann,student,active\nBIO,BIO-1,bob,student,active\nART,ART-1,ann,student,active\n",
}


class School:
    """A Canvas with two courses, and an installation that exports its grades."""

    def __init__(self, canvas, sandbox, office):
        self.canvas, self.sandbox, self.office, self.time = canvas, sandbox, office, NOW

    @property
    def handle(self):
        return self.office.store.tenant("lincoln")

    @property
    def folder(self):
        return self.office.home.tree("lincoln") / "grade-export"

    @property
    def there(self):
        return sorted(file.name for file in self.folder.iterdir())

    def text(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def rows(self, name):
        with (self.folder / name).open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text))

    def fault(self, *names):
        self.sandbox.instance.faults.put(names)

    def request(self):
        self.time += timedelta(minutes=1)
        return request_export(self.handle, "registrar", trigger=Trigger.HAND, now=self.time)

    async def export(self):
        run = self.request()
        while await road.advance(self.office, "lincoln", run.id) is Then.MORE:
            pass
        return runs.get(self.handle, run.id)

    async def from_canvas(self, tmp_path, term=None):
        """The report as anybody would fetch it."""
        asked = await reports.request_grade_export(self.canvas, term_id=term)

        async def at_once(_seconds):
            return None

        made = await reports.follow(self.canvas, asked, pause=at_once)
        await reports.download(self.canvas, made, tmp_path / "theirs.csv")
        return (tmp_path / "theirs.csv").read_bytes()


@pytest.fixture
async def open_school(tmp_path, monkeypatch):
    async with AsyncExitStack() as stack:

        async def make(settings=""):
            sandbox = await stack.enter_async_context(running(tmp_path / "canvas"))
            canvas = await stack.enter_async_context(
                CanvasClient(sandbox.url, sandbox.token, account="1")
            )
            monkeypatch.setenv("CANVAS_TOKEN", sandbox.token)
            with zipfile.ZipFile(tmp_path / "school.zip", "w") as archive:
                for table, text in SCHOOL.items():
                    archive.writestr(f"{table}.csv", text)
            await imports.create(canvas, tmp_path / "school.zip", name="school.zip")
            await sandbox.line.idle(30)
            for course in ("BIO", "ART"):
                path = f"/api/v1/courses/sis_course_id:{course}"
                offer = {"course": {"event": "offer"}}
                await canvas.send("PUT", path, call=TEACHING, json=offer)
            home = Home.create(tmp_path / "home")
            store = Store.open(home)
            stack.callback(store.close)
            tenants.put(store, "lincoln", title="Lincoln", time_zone="America/Denver", now=NOW)
            office = Office(
                home=home,
                store=store,
                settings=parse(CONFIG.format(url=sandbox.url, settings=settings)),
                config_folder=tmp_path,
                clock=lambda: school.time,
                patience=Patience(scale=0.001),
            )
            school = School(canvas, sandbox, office)
            return school

        yield make


async def test_the_report_is_placed_as_canvas_made_it_with_a_dated_copy_a_list_and_a_note(
    open_school, tmp_path
):
    school = await open_school()
    run = await school.export()
    assert (run.outcome, run.reason, run.subject) == (
        Outcome.DELIVERED,
        "",
        "grade export registrar",
    )
    assert school.there == [
        "registrar-2026-12-01.csv",
        "registrar-to-check-2026-12-01.csv",
        "registrar-to-check.csv",
        "registrar.csv",
        "registrar.txt",
    ]
    theirs = await school.from_canvas(tmp_path)
    assert theirs.count(b"\n") == 4
    assert [(school.folder / name).read_bytes() for name in school.there[::3]] == [theirs] * 2
    assert [
        (one["row"], one["check"], one["student_sis"])
        for one in school.rows("registrar-to-check.csv")
    ] == [
        ("2", "blank", "ann"),
        ("3", "blank", "bob"),
        ("4", "blank", "ann"),
    ]
    assert school.text("registrar.txt") == (
        "Grade export registrar of Lincoln Unified, asked for 2026-12-01 02:01 MST\n\n"
        "registrar.csv: 3 rows\n"
        "registrar-to-check.csv: what to look at\n"
        "          3  blank: There is no final score: nothing in the course counts for this"
        " student.\n"
    )


async def test_each_term_named_by_its_sis_id_has_a_file_of_its_own(open_school):
    school = await open_school('terms = ["F26", "S27"]\nkeep = 0\npreflight = false')
    await school.export()
    assert school.there == ["registrar-F26.csv", "registrar-S27.csv", "registrar.txt"]
    assert [row["student sis"] for row in school.rows("registrar-F26.csv")] == ["ann", "bob"]
    assert [row["course sis"] for row in school.rows("registrar-S27.csv")] == ["ART"]


async def test_a_term_that_canvas_does_not_have_fails_with_its_name_and_places_nothing(open_school):
    school = await open_school('terms = ["F26", "F99"]')
    run = await school.export()
    reason = (
        "Canvas has no term with the SIS id F99. Look the term's SIS id up in Canvas (Admin,"
        " Terms), and mend the setting."
    )
    assert (run.outcome, run.reason) == (Outcome.FAILED, reason)
    assert school.there == ["registrar.txt"]


async def test_a_failure_leaves_yesterdays_files_and_says_so_beside_them(open_school):
    school = await open_school("preflight = false")
    await school.export()
    before = school.text("registrar.csv")
    school.time += timedelta(days=1)
    school.fault("report-fails")
    run = await school.export()
    assert run.outcome is Outcome.FAILED
    assert school.text("registrar.csv") == before
    first, _, reason, stale, *_ = school.text("registrar.txt").splitlines()
    assert first == (
        "NOT MADE: Grade export registrar of Lincoln Unified, asked for 2026-12-02 02:02 MST"
    )
    assert reason == run.reason
    assert stale == "The file here is the one of 2026-12-01 02:01 MST."


async def test_copies_older_than_they_are_kept_go_and_nothing_else_does(open_school):
    school = await open_school("keep = 2\npreflight = false")
    school.folder.mkdir(parents=True, exist_ok=True)
    mine = ["registrar-2026-11-31.csv", "registrar-notes.csv", "other-2026-01-01.csv"]
    for name in [*mine, "registrar-2026-11-28.csv", "registrar-2026-11-29.csv"]:
        (school.folder / name).write_text("x", encoding="utf-8")
    await school.export()
    assert school.there == sorted(
        [
            *mine,
            "registrar-2026-11-29.csv",
            "registrar-2026-12-01.csv",
            "registrar.csv",
            "registrar.txt",
        ]
    )


@pytest.mark.parametrize("cut_after", range(4))
async def test_an_export_that_was_cut_off_goes_on_and_asks_canvas_for_no_second_report(
    open_school, cut_after
):
    school = await open_school("preflight = false")
    run = school.request()
    for _ in range(cut_after):
        await road.advance(school.office, "lincoln", run.id)
    # another process takes it up: asking again is the same run
    assert school.request().id == run.id
    assert (await school.export()).outcome is Outcome.DELIVERED
    asked = [
        one
        for one in school.sandbox.instance.requests
        if one["method"] == "POST" and one["path"].endswith("/reports/grade_export_csv")
    ]
    assert len(asked) == 1
    assert [stage.stage for stage in stages.of_run(school.handle, run.id)] == [
        "ask-report",
        "fetch-report",
        "check-grades",
        "place-files",
    ]


async def test_a_report_that_canvas_gave_up_is_asked_for_again(open_school):
    school = await open_school("preflight = false")
    school.fault("report-fails:2")
    assert (await school.export()).outcome is Outcome.DELIVERED


async def test_a_report_that_is_not_whole_is_never_placed(open_school):
    school = await open_school()
    school.fault("report-cut")
    run = await school.export()
    assert run.outcome is Outcome.FAILED
    assert run.reason.startswith(
        "What Canvas gave is not a whole Grade Export report: its row 4 has"
    )
    assert school.there == ["registrar.txt"]


async def test_canvas_that_cannot_be_reached_is_waited_for(open_school):
    school = await open_school("preflight = false")
    run = school.request()
    school.fault("html-502")
    with pytest.raises(UnreachableError):
        await road.advance(school.office, "lincoln", run.id)
    school.fault()
    assert (await school.export()).outcome is Outcome.DELIVERED


async def test_an_export_is_due_at_its_moments_and_missed_ones_are_made_up_for_once(open_school):
    school = await open_school('preflight = false\nschedule = "30 2 * * *"')
    due = Exports(school.office)

    def asked():
        due.ask()
        return [run.trigger for run in runs.latest(school.handle, export="registrar")]

    assert asked() == []
    school.time += timedelta(minutes=45)
    assert asked() == [Trigger.SCHEDULE]
    assert asked() == [Trigger.SCHEDULE]
    await school.export()
    school.time += timedelta(days=3)
    assert asked() == [Trigger.SCHEDULE] * 2


# -- for somebody else's server -------------------------------------------------------------

THEIRS = """to = "theirs"
[tenant.lincoln.connection.theirs]
kind = "sftp"
host = "127.0.0.1"
port = {port}
user = "{user}"
key = {{ file = "{key}" }}
folder = "{folder}"
"""


@pytest.fixture(scope="module")
def sshd(tmp_path_factory):
    with openssh(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.mark.peer("sshd")
async def test_it_is_put_on_somebody_elses_server_as_well(open_school, sshd, tmp_path):
    there = tmp_path / "theirs"
    (there / "grade-export").mkdir(parents=True)
    (there / "grade-export" / "registrar-2026-01-01.csv").write_text("old")
    (there / "grade-export" / "registrar-2026-01-01.txt").write_text("theirs")
    user, key = sshd.user, sshd.home / "client"
    school = await open_school(THEIRS.format(port=sshd.port, user=user, key=key, folder=there))

    refused = await school.export()
    assert Outcome.FAILED is refused.outcome
    assert "Nobody has said yet" in refused.reason
    host_keys.trust(
        school.handle,
        "theirs",
        address=f"127.0.0.1:{sshd.port}",
        key=sshd.host_key,
        fingerprint="",
        by="ana",
        now=NOW,
    )
    run = await school.export()

    assert Outcome.DELIVERED is run.outcome, run.reason
    assert [*school.there, "registrar-2026-01-01.txt"] == sorted(
        [file.name for file in (there / "grade-export").iterdir()], key=_theirs_last
    )
    for name in school.there:
        assert school.text(name) == (there / "grade-export" / name).read_text(encoding="utf-8")


def _theirs_last(name):
    return name == "registrar-2026-01-01.txt", name


@pytest.mark.peer("sshd")
async def test_a_failure_is_told_on_their_server(open_school, sshd, tmp_path):
    there = tmp_path / "theirs"
    there.mkdir()
    told = THEIRS.format(port=sshd.port, user=sshd.user, key=sshd.home / "client", folder=there)
    school = await open_school(f'terms = ["no-such-term"]\n{told}')
    host_keys.trust(
        school.handle,
        "theirs",
        address=f"127.0.0.1:{sshd.port}",
        key=sshd.host_key,
        fingerprint="",
        by="ana",
        now=NOW,
    )

    run = await school.export()

    assert Outcome.FAILED is run.outcome
    note = (there / "grade-export" / "registrar.txt").read_text(encoding="utf-8")
    assert note.startswith("NOT MADE")
    assert school.text("registrar.txt") == note
