"""A SIS that takes files only: the nine steps, and a whole bundle where it takes it."""

import csv
import io
import zipfile
from dataclasses import replace

import pytest

from openssh import openssh
from rosterway.cli.grades_told import results_in, sync_told
from rosterway.errors import UnavailableError
from rosterway.passback.ledger import State
from rosterway.runs.grades import by_file, decide, files
from rosterway.runs.grades.outcomes import Posted
from rosterway.runs.grades.requests import request_reconcile
from rosterway.runs.grades.road import BY_FILE, STEPS
from rosterway.settings import GradeFiles, Version, parse
from rosterway.store import grade_plans, host_keys, ledger, stages
from runs.grades.conftest import NOW, imported
from runs.grades.test_nine_steps import a_graded_essay

TERM = "F26,Fall,active,2026-08-15T06:00:00Z,2026-12-20T06:00:00Z"


@pytest.fixture
async def school(open_school, tmp_path):
    return await by_files(await open_school(most=2), tmp_path)


async def by_files(school, path, theirs=None):
    """The school, with grades that go as files; its SIS has named the term and the account."""
    await imported(
        school,
        path / "named.zip",
        {
            "accounts": ["account_id,parent_account_id,name,status", "O1,,Lincoln High,active"],
            "terms": ["term_id,name,status,start_date,end_date", TERM],
            "courses": [
                "course_id,short_name,long_name,account_id,term_id,status",
                "C1,BIO,Biology,O1,F26,active",
            ],
        },
    )
    settings = school.office.settings
    tenant = settings.tenants["lincoln"]
    taking = GradeFiles(profile="generic", version=Version.V1P2, keep=14)
    if theirs is not None:
        taking = replace(taking, to=theirs.name)
        tenant = replace(tenant, sftp_connections={theirs.name: theirs})
    grades = replace(tenant.grades, connection=None, files=taking)
    tenants = {"lincoln": replace(tenant, grades=grades)}
    school.office = replace(school.office, settings=replace(settings, tenants=tenants))
    return school


def folder(school):
    return school.office.home.tree("lincoln") / "grade-export"


def names(school):
    return sorted(one.name for one in folder(school).iterdir())


def bundle(school):
    """The rows of each file of the course's bundle."""
    path = folder(school) / by_file.bundle_name(school.course)
    with zipfile.ZipFile(path) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode())))
            for name in archive.namelist()
        }


def told(school):
    """(title of the line item, class, student) -> (status, score), of what is not to go."""
    found = bundle(school)
    items = {one["sourcedId"]: one for one in found["lineItems.csv"]}
    return {
        (item["title"], item["classSourcedId"], one["studentSourcedId"]): (
            one["scoreStatus"],
            float(one["score"]),
        )
        for one in found["results.csv"]
        if one["status"] == "active"
        for item in [items[one["lineItemSourcedId"]]]
    }


def states(school):
    return {one.state for one in ledger.of_course(school.handle, school.course)}


async def test_the_nine_steps_end_in_one_whole_bundle_and_ask_the_sis_nothing(
    open_school, tmp_path
):
    school = await by_files(await open_school(grades='preview = "first"', most=2), tmp_path)
    before = len(school.sis.provider.requests)
    _, wanted = await a_graded_essay(school)

    held = await school.sync()
    assert (held.outcome, folder(school).exists()) == ("held", False)
    (waiting,) = grade_plans.latest(school.handle, course=school.course)
    yes = decide.approve(school.handle, waiting.digest, operator="ada", now=school.time)
    run = await school.drive(yes.run)

    assert (run.outcome, run.reason) == ("delivered", BY_FILE)
    assert told(school) == wanted
    day = school.time.astimezone(school.office.tenant("lincoln").time_zone).date()
    stable = by_file.bundle_name(school.course)
    assert names(school) == [f"{stable.removesuffix('.zip')}-{day}.zip", stable]
    found = bundle(school)
    manifest = {one["propertyName"]: one["value"] for one in found["manifest.csv"]}
    assert (manifest["oneroster.version"], manifest["file.results"]) == ("1.2", "delta")
    items = found["lineItems.csv"]
    assert {("F26", "O1")} == {
        (one["academicSessionSourcedId"], one["schoolSourcedId"]) for one in items
    }
    (homework,) = found["categories.csv"]
    assert homework["title"] == "Homework"
    assert {one["categorySourcedId"] for one in items} == {homework["sourcedId"]}
    kept = {one.name for one in stages.files(school.handle, run.id)}
    assert {by_file.BUNDLE, *(name for name, _ in STEPS)} <= kept
    assert {one.outcome for one in school.file(run, files.POSTED, Posted).results} == {"written"}
    assert states(school) == {State.WRITTEN}
    count = len(wanted)
    counts = {"sent": count, "accepted": 0, "verified": 0, "unchanged": 0, "failed": 0}
    assert results_in(sync_told(school.handle, run)) == {**counts, "written": count}
    assert len(school.sis.provider.requests) == before


async def test_what_changed_is_dated_and_what_did_not_change_makes_no_file(school):
    essay, wanted = await a_graded_essay(school)
    await school.sync()
    path = folder(school) / by_file.bundle_name(school.course)
    first = path.read_bytes()

    assert (await school.sync()).outcome == "nothing"
    assert path.read_bytes() == first

    (student, *_), *_ = school.students.values()
    await school.grade(essay, student, posted_grade="9.5")
    assert (await school.sync()).outcome == "delivered"

    (place,) = [one for one in wanted if one[2] == student]
    assert told(school) == wanted | {place: ("fully graded", 9.5)}
    dates = {
        one["studentSourcedId"]: one["dateLastModified"] for one in bundle(school)["results.csv"]
    }
    assert dates.pop(student) > max(dates.values())
    assert len({*dates.values()}) == 1


async def test_a_run_cut_off_before_the_file_was_placed_places_the_very_same_one(school):
    await a_graded_essay(school)
    run = school.request()
    # Where the folder is to be there is a file, so the disk refuses.
    folder(school).parent.mkdir(parents=True, exist_ok=True)
    folder(school).write_text("in the way")
    with pytest.raises(UnavailableError, match="cannot be written"):
        await school.drive(run)
    kept = stages.file(school.handle, run.id, by_file.BUNDLE).blob
    assert states(school) == {State.INTENDED}

    folder(school).unlink()
    ended = await school.drive(run)

    assert ended.outcome == "delivered"
    placed = folder(school) / by_file.bundle_name(school.course)
    assert placed.read_bytes() == school.handle.blobs.local(kept).read_bytes()
    assert states(school) == {State.WRITTEN}


async def test_a_reconciliation_says_that_the_sis_does_not_answer(school):
    run = request_reconcile(school.handle, school.course, by="ada", now=school.time)

    ended = await school.drive(run)

    assert ended.outcome == "failed"
    assert "does not answer" in ended.reason


THEIRS = """
[tenant.lincoln]
name = "Lincoln Unified"
time_zone = "America/Denver"
canvas = {{ url = "https://c.example", token = {{ env = "T" }}, account = "1", environment = "test" }}
[tenant.lincoln.connection.theirs]
kind = "sftp"
host = "127.0.0.1"
port = {port}
user = "{user}"
key = {{ file = "{key}" }}
folder = "{folder}"
"""


@pytest.mark.peer("sshd")
async def test_it_is_put_on_somebody_elses_server_as_well(open_school, tmp_path, tmp_path_factory):
    there = tmp_path / "theirs"
    there.mkdir()
    with openssh(tmp_path_factory.mktemp("sshd")) as sshd:
        text = THEIRS.format(port=sshd.port, user=sshd.user, key=sshd.home / "client", folder=there)
        theirs = parse(text).tenants["lincoln"].sftp_connections["theirs"]
        school = await by_files(await open_school(most=2), tmp_path, theirs)
        await a_graded_essay(school)

        refused = await school.sync()
        assert refused.outcome == "failed"
        assert states(school) == {State.INTENDED}
        host_keys.trust(
            school.handle,
            "theirs",
            address=f"127.0.0.1:{sshd.port}",
            key=sshd.host_key,
            fingerprint="",
            by="ana",
            now=NOW,
        )
        run = await school.sync()

    assert (run.outcome, states(school)) == ("delivered", {State.WRITTEN})
    assert {one.name: one.read_bytes() for one in (there / "grade-export").iterdir()} == {
        name: (folder(school) / name).read_bytes() for name in names(school)
    }
