"""The CSV Gateway, as an institution uses it: one test for each of its capabilities, named after it.

Four days are told once, by the fixture: a first load that a person approves; a day of changes; a file
that was cut on its way, in a row and between two; and the same delivered whole. Files go in by
OpenSSH's `sftp`, the server is a process of its own, and what counts is what Canvas holds.
"""

import csv
import io
import json
import zipfile
from types import SimpleNamespace

import pytest
import pytest_asyncio

from rosterway.store import deliveries
from runs.conftest import canvas_in
from runs.installation import Installation, Tenant, feed
from runs.rosters import Files, district, held
from runs.test_crash import next_day

pytestmark = [
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.peer("sftp"),
    pytest.mark.xdist_group("acceptance"),  # the four days are lived through once
]

CUT = "enrollments.csv"


class Sender:
    """Somebody with OpenSSH's client, and the gateway they send to."""

    def __init__(self, house: Installation, canvas, folder):
        self.house, self.canvas, self.folder = house, canvas, folder

    async def put(self, feed_name: str, folder: str, files: dict[str, bytes]):
        """Upload files, the marker last; the delivery they become, once its run has ended."""
        known = {one.id for one in deliveries.of_feed(self.house.tenant(), feed_name)}
        for name, content in files.items():
            (self.folder / name).write_bytes(content)
        (self.folder / "all.done").touch()
        puts = [f"put {self.folder}/{name} /{folder}/" for name in [*files, "all.done"]]
        done = await self.house.sftp_command("\n".join(puts))
        assert done.code == 0, done.out

        def new():
            kept = deliveries.of_feed(self.house.tenant(), feed_name)
            return next((one for one in kept if one.id not in known), None)

        delivery = await self.house.until(new, what="the delivery")
        return delivery, await self.house.outcome(delivery)

    async def get(self, path: str) -> bytes:
        """A file of the tenant's tree."""
        target = self.folder / "got"
        done = await self.house.sftp_command(f"get {path} {target}")
        assert done.code == 0, done.out
        return target.read_bytes()


def loose(files: Files) -> dict[str, bytes]:
    return {f"{table}.csv": files.text(table).encode() for table in files.tables}


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"export/{name}", content)
    return packed.getvalue()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def story(tmp_path_factory):
    """Four days, one after the other; what came of each."""
    folder = tmp_path_factory.mktemp("acceptance")
    async with canvas_in(folder / "canvas") as canvas:
        (folder / "house").mkdir()
        feeds = {
            "nightly": feed(settle="1h"),
            "extra": feed(folder="imports", settle="1h"),
        }
        tenant = Tenant(canvas.url, feeds, exports={"registrar": ["keep = 0"]})
        house = Installation(folder / "house", {"lincoln": tenant}, canvas.token)
        house.let_in("lincoln")
        await house.start()
        try:
            yield await told(Sender(house, canvas, folder))
        finally:
            await house.close()


async def told(sender: Sender) -> SimpleNamespace:
    house, canvas = sender.house, sender.canvas
    days = [district(60)]
    days.append(next_day(days[0]))
    days.append(next_day(days[1]))

    first, first_outcome = await sender.put("nightly", "diffing", loose(days[0]))
    before_the_yes = canvas.posts
    plan = house.plan_of(first)
    yes = await house.run("plan", "approve", plan.digest, "--reason", "the first load")
    assert yes.code == 0, yes.err
    assert await house.outcome(first, number=2) == "delivered"
    after_first = await held(canvas)

    package = zipped(loose(days[1]))
    second, second_outcome = await sender.put("nightly", "diffing", {"delivery.zip": package})
    after_second = await held(canvas)

    whole = loose(days[2])
    half = whole[CUT][: len(whole[CUT]) // 2]
    in_a_row, in_a_row_outcome = await sender.put("nightly", "diffing", whole | {CUT: half[:-5]})
    between = whole | {CUT: half[: half.rindex(b"\n") + 1]}
    third, third_outcome = await sender.put("nightly", "diffing", between)
    after_third = await held(canvas)

    by_windows = {
        name: b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n") for name, text in whole.items()
    }
    fourth, fourth_outcome = await sender.put("nightly", "diffing", by_windows)
    return SimpleNamespace(
        sender=sender,
        house=house,
        canvas=canvas,
        days=days,
        first=first,
        second=second,
        in_a_row=in_a_row,
        third=third,
        fourth=fourth,
        outcomes=(first_outcome, second_outcome, in_a_row_outcome, third_outcome, fourth_outcome),
        held=(after_first, after_second, after_third, await held(canvas)),
        before_the_yes=before_the_yes,
        package=package,
    )


async def test_hosted_sftp(story):
    """A jailed tree for each tenant, by key; the host key is ours."""
    listed = await story.house.sftp_command("ls -1 /\nls -1 /../..\nput /etc/hostname /results/x")
    assert listed.out.split("sftp> ")[1].split()[3:] == [
        "/diffing",
        "/grade-export",
        "/imports",
        "/results",
    ]
    assert listed.code != 0  # nobody writes into results/


async def test_other_ways_in(story):
    """The same delivery by the command line; it is known by its content."""
    folder = story.days[2].write(story.sender.folder / "again")
    again = await story.house.run("feed", "deliver", "nightly", str(folder), "--wait")
    assert again.code == 0, again.err
    assert "nothing" in again.out


async def test_folders(story):
    """What is missing in `imports/` stays; in `diffing/` it went."""
    newcomer = b"user_id,login_id,full_name,status\nLATE-1,late.comer,Late Comer,active\n"
    one, outcome = await story.sender.put("extra", "imports", {"users.csv": newcomer})
    assert outcome == "held", story.house.receipt(one)["problems"]  # the first load of this feed
    story.house.approve(one)
    assert await story.house.outcome(one, number=2) == "delivered"
    users = (await held(story.canvas))["users"]
    assert story.days[2].live()["users"] < users
    assert "LATE-1" in {row[0] for row in users}


async def test_arrival(story):
    """Nothing is read before its marker is there; the delivery is kept as it came."""
    sealed = story.second
    assert (sealed.sealed_because, [file.name for file in sealed.files]) == (
        "marker",
        ["delivery.zip"],
    )
    (file,) = sealed.files
    assert story.house.tenant().blobs.local(file.sha256).read_bytes() == story.package


async def test_formats(story):
    """Loose files and a zip with folders, by the same door."""
    assert story.outcomes[:2] == ("held", "delivered")
    assert len(story.first.files) == len(story.days[0].tables)


async def test_validation(story):
    """A row that was cut is named by file, line and remedy, and what the cut hides is not gone."""
    receipt = story.house.receipt(story.in_a_row)
    cut = next(one for one in receipt["problems"] if one["file"] == CUT and one["row"])
    assert (cut["severity"], cut["code"]) == ("error", "file-truncated")
    assert cut["remedy"]
    assert receipt["plan"]["removals"].get("enrollments", 0) == 0


async def test_repair(story):
    """A byte order mark and another line ending change nothing, and are told."""
    receipt = story.house.receipt(story.fourth)
    repairs = {one["code"] for one in receipt["problems"] if one["severity"] == "repair"}
    assert "byte-order-mark" in repairs
    assert story.days[2].live() == story.held[3]


async def test_diffing(story):
    """Day by day, Canvas holds what was delivered last, and is sent what differs alone."""
    assert [story.days[0].live(), story.days[1].live()] == list(story.held[:2])
    counts = story.house.receipt(story.second)["plan"]["tables"]["enrollments"]
    assert 0 < counts["create"] + counts["update"] + counts["delete"] < counts["unchanged"]


async def test_guards(story):
    """A first load waits, a cut file waits, and the whole one takes its place."""
    assert story.outcomes == ("held", "delivered", "delivered", "held", "delivered")
    holds = story.house.receipt(story.third)["plan"]["holds"]
    assert "removals" in [hold["guard"] for hold in holds]
    assert (
        story.held[1]["enrollments"] <= story.held[2]["enrollments"] | story.held[3]["enrollments"]
    )
    last = story.house.runs_of(story.third)[-1]
    assert story.house.plan_of(story.third).state.value == "superseded", last.reason


async def test_delivery_to_canvas(story):
    """Nothing before the yes; then SIS imports one after the other, each followed to its end."""
    assert story.before_the_yes == 0
    sent = story.house.imports(story.second)
    assert [one.workflow_state for one in sent] == ["imported"] * len(sent)
    assert [one.ordinal for one in sent] == sorted(one.ordinal for one in sent)
    assert all(one.canvas_id for one in sent)


async def test_receipt(story):
    """In `results/` as text, JSON and CSV, to be had by SFTP."""
    where = f"/results/{story.second.id}/receipt"
    told_json = json.loads(await story.sender.get(f"{where}.json"))
    told_text = (await story.sender.get(f"{where}.txt")).decode()
    told_csv = csv.DictReader(io.StringIO((await story.sender.get(f"{where}.csv")).decode()))
    assert (told_json["delivery"], told_json["outcome"]) == (story.second.id, "delivered")
    assert "Delivered" in told_text
    assert told_csv.fieldnames


async def test_schedules(story):
    """Run now, pause and resume; what comes meanwhile waits."""
    paused = await story.house.run("feed", "pause", "extra", "--reason", "a holiday")
    listed = await story.house.run("feed", "list")
    resumed = await story.house.run("feed", "resume", "extra")
    assert (paused.code, resumed.code) == (0, 0)
    assert "extra (paused)" in listed.out
    ran = await story.house.run("feed", "run", "nightly", "--wait")
    assert "nothing" in ran.out


async def test_grade_export(story):
    """Canvas's report in `grade-export/`, to be had by SFTP, byte for byte."""
    config = ("--config", str(story.house.config))
    made = await story.house.run("grade-export", "run", "registrar", "--wait", *config)
    assert made.code == 0, made.err
    theirs = await story.canvas.report("x", name="grade_export_csv")
    ours = (await story.sender.get("/grade-export/registrar.csv")).decode()
    assert list(csv.DictReader(io.StringIO(ours))) == theirs
