"""`rosterway grades` and `category` on a home that is served, between a sandbox Canvas and a sandbox SIS.

What happens there is told once, by fixtures that follow from each other: a course is `previewed`, its
first sync waits and is `approved`, a grade is `refused`, and what failed is `retried`.
"""

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_asyncio

from rosterway.canvas.client import CanvasClient
from rosterway.sandbox.canvas.server import running
from rosterway.sandbox.sis.server import start_sis
from runs.grades.conftest import School, enroll, some_classes
from runs.grades.test_nine_steps import a_graded_essay
from runs.installation import Installation, Tenant

if TYPE_CHECKING:
    from rosterway.runs.office import Office

pytestmark = pytest.mark.asyncio(loop_scope="module")

GRADES = ('connection = "sis"', "verify = true", "rules = { name_length = 20 }")
LONG = "An essay whose name is much too long"


async def json_of(house, *words: str, code: int = 0) -> Any:
    """What a command says as JSON; nothing else may be on stdout."""
    done = await house.installation.run(*words, "--format", "json")
    assert done.code == code, done.err or done.out
    return done.json


async def words_of(house, *words: str, code: int = 0) -> str:
    """What a command says in words."""
    done = await house.installation.run(*words)
    assert done.code == code, done.err or done.out
    return done.out


def outcomes(told: Any) -> dict[str, str]:
    return {one["name"]: one["outcome"] for one in told["assignments"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory):
    """A course of two classes with an essay everybody has a grade on, and one whose name is too long."""
    folder = tmp_path_factory.mktemp("grades")
    async with (
        running(folder / "canvas") as sandbox,
        start_sis(students=80, knobs={"demands": "in-bounds"}) as sis,
        CanvasClient(sandbox.url, sandbox.token, account="1") as canvas,
    ):
        groups = some_classes(sis.provider, 2, 3)
        school = School(canvas, sis, cast("Office", None), "1.2", groups)
        await enroll(school, sandbox, folder / "school.zip")
        essay, _ = await a_graded_essay(school)
        long = await school.assign(LONG)
        connection = (
            'version = "1.2"',
            f'rostering_url = "{sis.root("1.2")}"',
            f'gradebook_url = "{sis.root("1.2", "gradebook")}"',
            'auth = { method = "bearer", token = { env = "SIS_TOKEN" } }',
        )
        tenant = Tenant(
            sandbox.url, {}, account="1", connections={"sis": connection}, grades=GRADES
        )
        token = {"SIS_TOKEN": sis.provider.credentials.bearer}
        installation = Installation(folder, {"lincoln": tenant}, sandbox.token, token)
        await installation.start()
        yield SimpleNamespace(
            installation=installation,
            school=school,
            course=school.course,
            essay=essay,
            long=long,
            grades=sum(len(group) for group in groups.values()),
        )
        try:
            assert await installation.stop() == 0
        finally:
            await installation.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def previewed(house):
    """The course, looked at before anything is sent."""
    unseen = await json_of(house, "category", "list", house.course, code=1)
    told = await json_of(house, "grades", "preview", house.course, code=10)
    words = await words_of(house, "grades", "preview", "sis_course_id:C1", code=10)
    return SimpleNamespace(unseen=unseen, told=told, words=words, puts=house.school.puts)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def approved(house, previewed):
    """The first sync, which waits; then looked at, approved and sent."""
    held = await json_of(house, "grades", "sync", house.course, code=10)
    shown = await words_of(house, "plan", "show", held["digest"][:12])
    puts = house.school.puts
    sent = await json_of(
        house, "grades", "approve", held["digest"][:12], "--operator", "maria", "--wait", code=1
    )
    again = await json_of(house, "plan", "approve", held["digest"], code=1)
    return SimpleNamespace(held=held, shown=shown, puts=puts, sent=sent, again=again)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def refused(house, approved):
    """A grade above the maximum, which the SIS refuses; and what can be seen of it."""
    class_id, group = next(iter(house.school.students.items()))
    await house.school.grade(house.essay, group[0], posted_grade="12")
    words = await words_of(house, "grades", "sync", house.course, "--wait", code=1)
    user = house.school.users[group[0]]
    return SimpleNamespace(
        class_id=class_id,
        student=group[0],
        user=user,
        words=words,
        status=await json_of(house, "grades", "status", house.course, "--user", user),
        table=await words_of(house, "grades", "status", house.course),
        ticket=await json_of(house, "grades", "ticket", house.course),
        compared=await json_of(house, "grades", "reconcile", house.course, code=1),
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def retried(house, refused):
    """What failed, sent again once the SIS takes it."""
    house.school.sis.provider.turn({"demands": ""})
    puts = house.school.puts
    told = await json_of(house, "grades", "retry", house.course, "--wait", code=1)
    return SimpleNamespace(told=told, puts=house.school.puts - puts)


async def test_a_preview_tells_each_assignment_and_sends_nothing(house, previewed):
    told = previewed.told

    assert outcomes(told) == {"Essay": "sent", LONG: "will-fail"}
    assert {one["id"] for one in told["assignments"]} == {str(house.essay), str(house.long)}
    counts = {"sent": house.grades, "accepted": 0, "verified": 0, "unchanged": 0, "failed": 0}
    assert told["results"] == counts
    assert len(told["digest"]) == 64
    assert previewed.puts == 0


async def test_a_preview_says_why_one_will_fail_who_can_mend_it_and_how(previewed):
    (long,) = [one for one in previewed.told["assignments"] if one["name"] == LONG]

    assert long["reason"].startswith("The name has 36 characters")
    assert [one["who"] for one in long["classes"][0]["reasons"]] == ["teacher"]
    line = next(line for line in previewed.words.splitlines() if LONG in line)
    assert "Will fail" in line
    assert "Shorten the name. (For the teacher.)" in line
    assert "Offered: rename" in line
    assert "Waits for a yes: This is the first sync of the course" in previewed.words


async def test_the_first_sync_waits_and_another_yes_is_refused(house, approved):
    assert approved.puts == 0
    assert approved.held["waits"]
    assert "Fine, to be sent" in approved.shown
    assert "maria was first" in approved.again["error"]["message"]


async def test_what_was_approved_is_sent_and_read_back(house, approved):
    assert outcomes(approved.sent) == {"Essay": "sent", LONG: "will-fail"}
    sent = house.grades
    counts = {"sent": sent, "accepted": sent, "verified": sent, "unchanged": 0, "failed": 0}
    assert approved.sent["results"] == counts


async def test_a_refused_grade_is_told_with_its_reason(refused):
    assert f"Student {refused.user}, Essay: " in refused.words
    assert "Sent in part" in refused.words or "Failed" in refused.words
    (grade,) = [one for one in refused.status["grades"] if one["state"] == "failed"]
    assert grade["reason"]["remedy"]
    assert grade["reason"]["who"]
    assert "Will fail" in refused.table


async def test_the_ticket_has_the_exchange_and_names_nobody(refused):
    (exchange,) = refused.ticket["exchanges"]

    assert exchange["user"] == refused.user
    assert exchange["status"] in {400, 422}
    assert '"score"' in exchange["request"]
    assert f"Student {refused.student}" not in exchange["request"] + exchange["response"]


async def test_reconciling_finds_the_grade_that_was_refused(refused):
    kinds = {(one["user"], one["kind"]) for one in refused.compared["differences"]}

    assert (refused.user, "refused") in kinds


async def test_a_retry_sends_what_failed_and_nothing_else(house, retried, refused):
    assert retried.puts == 1
    key = ("Essay", refused.class_id, refused.student)
    assert house.school.scores()[key] == ("fully graded", 12.0)


async def test_a_repair_is_shown_first_and_ends_what_somebody_did_in_the_sis(house, retried):
    (result, *_) = house.school.kept("result")
    house.school.sis.provider.shelf.put("result", {**result, "score": 1.0})
    seen = await json_of(house, "grades", "reconcile", house.course, code=1)
    asked = ("grades", "repair", house.course, "--all", "--overwrite")
    shown = await json_of(house, *asked, code=10)
    puts = house.school.puts
    told = await json_of(house, *asked, "--yes", "--wait")

    (edited,) = [one for one in seen["differences"] if one["kind"] == "edited-in-sis"]
    assert edited in shown["repairs"]
    assert puts == house.school.puts - 1
    assert told["results"]["verified"] == 1


async def test_a_repair_of_nothing_named_is_wrong_use(house):
    done = await json_of(house, "grades", "repair", house.course, code=2)

    assert done["error"]["code"] == "usage"


async def test_remaster_is_shown_first_and_then_sends_everything_again(house, retried):
    held = await json_of(house, "grades", "remaster", house.course, code=10)
    discarded = await json_of(house, "plan", "discard", held["digest"], "--reason", "not now")
    puts = house.school.puts
    sent = await json_of(house, "grades", "remaster", house.course, "--yes", "--wait", code=1)

    assert held["results"]["sent"] == house.grades
    assert discarded["verdict"] == "discard"
    assert sent["results"]["verified"] == house.grades
    assert house.school.puts - puts == len(house.school.classes) + house.grades


async def test_an_offered_fix_is_made_only_on_a_yes(house, retried):
    config = ("--config", str(house.installation.config))
    shown = await json_of(house, "grades", "fix", house.course, code=10)
    before = await the_name_of(house)
    done = await json_of(house, "grades", "fix", house.course, "--yes", *config)

    assert before == LONG
    assert [one["outcome"] for one in done["fixes"]] == ["done"]
    assert await the_name_of(house) == shown["fixes"][0]["after"]


async def the_name_of(house) -> str:
    told = await house.school.teach("GET", f"/assignments/{house.long}", None)
    return told["name"]


async def test_categories_are_listed_associated_and_let_go(house, previewed):
    assert "grades preview" in previewed.unseen["error"]["remedy"]
    listed = await json_of(house, "category", "list", house.course)
    group = next(one for one in listed["groups"] if one["name"] == "Homework")
    other = next(
        one for one in listed["categories"][group["class"]] if one["category"] != group["category"]
    )
    asked = ("--group", group["group"], "--class", group["class"])
    await json_of(
        house, "category", "associate", house.course, *asked, "--category", other["title"]
    )
    words = await words_of(house, "category", "list", house.course)
    await json_of(house, "category", "remove", house.course, *asked)
    after = await json_of(house, "category", "list", house.course)

    assert group["by"] == "title"
    assert f"{other['title']} ({other['category']})" in words
    assert after == listed


async def test_a_category_or_group_that_is_none_is_refused(house, previewed):
    (group, *_) = (await json_of(house, "category", "list", house.course))["groups"]
    asked = ("category", "associate", house.course, "--group")
    wrong = await json_of(house, *asked, group["group"], "--category", "Nonsense", code=1)
    none = await json_of(house, *asked, "999999", "--category", "Nonsense", code=1)

    assert "It has " in wrong["error"]["remedy"]
    assert "no assignment group 999999" in none["error"]["message"]


async def test_the_gradebook_is_written_as_files(house, retried, tmp_path):
    out = tmp_path / "gradebook"
    await json_of(house, "grades", "export", house.course, "--out", str(out))

    names = {one.name for one in out.iterdir()}
    assert names == {"manifest.csv", "categories.csv", "lineItems.csv", "results.csv"}
    assert len((out / "results.csv").read_text().splitlines()) == 1 + house.grades


async def test_courses_tells_when_a_course_was_synced(house, retried):
    (course,) = await json_of(house, "grades", "courses")

    assert (course["course"], course["sis_id"]) == (house.course, "C1")
    assert course["synced_at"]


async def test_a_run_of_grades_is_shown_in_words_of_grades(house, approved):
    words = await words_of(house, "run", "show", approved.held["run"])
    told = await json_of(house, "run", "show", approved.held["run"])
    listed = await words_of(house, "run", "list")

    assert "Held, then approved" in words
    assert "Canvas" not in words
    assert "import" not in words + listed
    assert told["digest"] == approved.held["digest"]
    assert told["plan_state"] == "carried-out"


async def test_a_course_that_is_no_course_is_wrong_use(house):
    done = await json_of(house, "grades", "preview", "biology", code=2)

    assert "is no course" in done["error"]["message"]


async def test_an_unknown_digest_is_told_so(house):
    done = await json_of(house, "grades", "approve", "0123456789", code=1)

    assert done["error"]["code"] == "store.not-found"


async def test_forgetting_is_said_first_and_can_be_undone(house, retried):
    said = await json_of(house, "grades", "forget", house.course, code=10)
    done = await json_of(house, "grades", "forget", house.course, "--yes")
    back = await json_of(house, "grades", "forget", house.course, "--undo")

    assert said["would_forget"] >= len(house.school.classes) + house.grades
    assert said["would_forget"] == done["forgotten"] == back["put_back"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def linked(house, retried):
    """An assignment of which the SIS has two in one class, looked at, linked to one, and sent."""
    class_id, (student, *_) = next(iter(house.school.students.items()))
    work = await house.school.assign("Osmosis")
    await house.school.grade(work, student, posted_grade="7")
    known = next(one for one in house.school.kept("lineItem") if one["class"] == class_id)
    for twin in ("twin-1", "twin-2"):
        made = {**known, "sourcedId": twin, "title": "Osmosis", "dueDate": "2026-10-01"}
        house.school.sis.provider.shelf.put("lineItem", made)
    only = ("--assignment", str(work))
    words = await words_of(house, "grades", "preview", house.course, *only, code=10)
    asked = ("grades", "link", house.course, "twin-2", "--class", class_id, "--assignment")
    told = await json_of(house, *asked, str(work), "--operator", "maria")
    taken = await json_of(house, *asked, str(house.essay), code=1)
    sent = await json_of(house, "grades", "sync", house.course, *only, "--yes", "--wait")
    held = {one["lineItem"] for one in house.school.kept("result") if one["student"] == student}
    return SimpleNamespace(words=words, told=told, taken=taken, sent=sent, held=held, work=work)


async def test_one_of_several_matches_is_linked_by_hand_and_gets_the_grades(house, linked):
    line = next(line for line in linked.words.splitlines() if "Multiple matches" in line)
    assert "Choose one with `rosterway grades link`: twin-1, twin-2." in line
    assert (linked.told["assignment"], linked.told["line_item"]) == (str(linked.work), "twin-2")
    assert outcomes(linked.sent) == {"Osmosis": "sent"}
    assert "twin-2" in linked.held
    assert "twin-1" not in linked.held


async def test_a_line_item_is_linked_to_one_assignment_only(linked):
    assert f"The assignment {linked.work} is linked to twin-2" in linked.taken["error"]["message"]


async def test_a_course_canvas_does_not_know_by_its_sis_id_is_told_so(house):
    config = ("--config", str(house.installation.config))
    done = await json_of(house, "grades", "preview", "sis_course_id:NOPE", *config, code=1)
    without = await json_of(
        house, "grades", "preview", "sis_course_id:NOPE", "--config", "nowhere.toml", code=1
    )

    assert done["error"] == {
        "code": "store.not-found",
        "message": "Canvas has no course with the SIS id NOPE that the token's user can see.",
        "remedy": "Look at the course's settings in Canvas, or give its Canvas id.",
    }
    assert "without nowhere.toml Canvas cannot be asked" in without["error"]["message"]
    assert "--config" in without["error"]["remedy"]


async def test_without_a_server_a_preview_says_that_there_is_nobody_to_wait_for(tmp_path):
    """The home is there, and nobody serves it."""
    installation = Installation(tmp_path, {"lincoln": Tenant("http://127.0.0.1:9", {})}, "token")
    await installation.start()
    assert await installation.stop() == 0
    preview = await installation.run("grades", "preview", "7", "--format", "json")
    sync = await installation.run("grades", "sync", "7")
    await installation.close()

    assert preview.code == 1
    assert "No server runs in this home" in preview.json["error"]["message"]
    assert "grades status 7" in preview.json["error"]["remedy"]
    assert sync.code == 0
    assert "the next one does it" in sync.err
