"""A grade sync among faults: cut off anywhere, unanswered, throttled, shut out.

In the end the SIS says what Canvas says, or each difference is listed with its reason.
"""

import asyncio
import time as clock
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rosterway.errors import RosterwayError
from rosterway.passback.ledger import State
from rosterway.runs.grades import files, status
from rosterway.runs.grades.outcomes import Posted
from rosterway.runs.grades.quiet import QuietHoursError
from rosterway.runs.road import Then
from rosterway.store import ledger, runs
from runs.grades.test_nine_steps import CHOOSES, MODIFIED, a_graded_essay

STANDARD = 'preview = "never"\nbatch = 2\nin_flight = 3'


async def drive_through(school, run, tries=40):
    """Go on as the engine does: what may pass is waited for."""
    for _ in range(tries):
        try:
            if await school.step(run) is not Then.MORE:
                return runs.get(school.handle, run.id)
        except RosterwayError as error:
            if not error.retry:
                raise
    raise AssertionError("it never ended")


async def cut_off_after(school, run, puts):
    """Stop working at the run, as a kill does, once the SIS has been asked to write so often."""

    async def work():
        while await school.step(run) is Then.MORE:
            pass

    before = school.puts
    working = asyncio.ensure_future(work())
    deadline = clock.monotonic() + 20

    def is_reached():
        return school.puts - before >= puts or working.done() or clock.monotonic() > deadline

    while not is_reached():  # noqa: ASYNC110 - the SIS counts, and rings no bell
        await asyncio.sleep(0)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    # What was under way there arrives whatever becomes of us.
    for _ in range(200):
        await asyncio.sleep(0)


def duplicates(school, noun, *key):
    told = [tuple(one[name] for name in key) for one in school.kept(noun)]
    return len(told) - len(set(told))


def nothing_twice(school):
    return (
        duplicates(school, "lineItem", "title", "class")
        == 0
        == (duplicates(school, "result", "lineItem", "student"))
    )


@pytest.mark.parametrize("puts", range(1, 11))
async def test_whoever_is_cut_off_while_posting_finishes_without_a_double(open_school, puts):
    school = await open_school("1.2", MODIFIED + "\nbatch = 2\nin_flight = 3", CHOOSES)
    _, wanted = await a_graded_essay(school)
    run = school.request()
    await cut_off_after(school, run, puts)
    assert runs.get(school.handle, run.id).ended_at is None

    run = await drive_through(school, run)

    assert (run.outcome, run.reason) == ("delivered", "")
    assert school.scores() == wanted
    assert nothing_twice(school)


@pytest.mark.parametrize("fault", ["write-cut", "write-500", "write-429", "503", "cut", "500"])
@pytest.mark.parametrize(
    ("grades", "knobs"), [(STANDARD, {}), (MODIFIED + "\nbatch = 2\nin_flight = 3", CHOOSES)]
)
async def test_what_goes_wrong_on_the_way_is_made_good(open_school, grades, knobs, fault):
    school = await open_school("1.2", grades, {**knobs, "retry_seconds": 0})
    _, wanted = await a_graded_essay(school)
    school.sis.provider.faults.put([f"{fault}:3"])

    run = await drive_through(school, school.request())

    assert (run.outcome, run.reason) == ("delivered", "")
    assert school.scores() == wanted
    assert nothing_twice(school)


async def test_an_outcome_nobody_knows_is_read_back_and_not_sent_again(open_school):
    school = await open_school("1.2", STANDARD)
    await a_graded_essay(school)
    school.sis.provider.faults.put(["write-cut:4"])

    await drive_through(school, school.request())

    assert school.puts == 2 + 8
    states = ledger.count(school.handle, school.course)
    assert states == {State.VERIFIED: 4, State.ACCEPTED: 6}


async def test_without_credentials_the_run_fails_and_nothing_is_left_in_doubt(open_school):
    school = await open_school("1.2", STANDARD)
    await a_graded_essay(school)
    run = school.request()
    for _ in range(4):
        await school.step(run)
    school.sis.provider.turn({"auth": "oauth2"})

    run = await drive_through(school, run)

    assert run.outcome == "failed"
    assert "401" in run.reason or "token" in run.reason.lower()
    assert ledger.of_course(school.handle, school.course) == []


async def test_in_quiet_hours_nothing_is_sent_and_it_goes_on_afterwards(open_school):
    # 15:00 UTC is 09:00 in Denver.
    school = await open_school("1.2", 'preview = "never"\nquiet = ["08:00-16:00"]')
    _, wanted = await a_graded_essay(school)
    run = school.request()

    with pytest.raises(QuietHoursError, match="goes on at 16:00"):
        await school.drive(run)
    assert len(school.sis.provider.requests) == 0
    school.time += timedelta(hours=8)

    assert (await school.drive(run)).outcome == "delivered"
    assert school.scores() == wanted


async def test_another_worker_gets_nothing_done_while_the_lease_holds(open_school):
    school = await open_school("1.2", STANDARD)
    await a_graded_essay(school)
    run = school.request()
    until = school.time + timedelta(hours=1)
    runs.claim(school.handle, run.id, worker="other", now=school.time, until=until)

    with pytest.raises(RosterwayError, match="another worker has the run"):
        await school.step(run)
    assert school.puts == 0


#: What a teacher and the world may do between and during syncs.
ACTS = st.lists(
    st.one_of(
        st.tuples(st.just("grade"), st.integers(0, 5), st.integers(0, 10)),
        st.tuples(st.just("clear"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("excuse"), st.integers(0, 5), st.just(0)),
        st.tuples(st.just("rename"), st.integers(0, 3), st.just(0)),
        st.tuples(st.just("re-date"), st.integers(1, 9), st.just(0)),
        st.tuples(
            st.just("fault"),
            st.sampled_from(["write-cut:2", "write-500:2", "write-429:1", "503:2", "cut:2"]),
            st.just(0),
        ),
        st.tuples(st.just("demand"), st.sampled_from(["in-bounds", ""]), st.just(0)),
        st.tuples(st.just("cut off"), st.integers(1, 6), st.just(0)),
        st.tuples(st.just("sync"), st.just(0), st.just(0)),
    ),
    max_size=10,
)


@pytest.mark.parametrize(("grades", "knobs"), [(STANDARD, {}), (MODIFIED, CHOOSES)])
async def test_after_any_mixture_of_faults_both_sides_agree_or_say_why(open_school, grades, knobs):
    school = await open_school("1.2", grades, {**knobs, "retry_seconds": 0}, classes=2, most=3)
    essay, _ = await a_graded_essay(school)
    students = [one for group in school.students.values() for one in group]
    loop = asyncio.get_running_loop()

    async def play(acts):
        for act, what, score in acts:
            match act:
                case "grade":
                    await school.grade(essay, students[what], posted_grade=str(score + 1))
                case "clear":
                    await school.grade(essay, students[what], posted_grade="")
                case "excuse":
                    await school.grade(essay, students[what], excuse="true")
                case "rename":
                    named = {"assignment": {"name": f"Essay {what}"}}
                    await school.teach("PUT", f"/assignments/{essay}", named)
                case "re-date":
                    dated = {"assignment": {"due_at": f"2026-10-{what:02}T05:59:00Z"}}
                    await school.teach("PUT", f"/assignments/{essay}", dated)
                case "fault":
                    school.sis.provider.faults.put([what])
                case "demand":
                    school.sis.provider.turn({"demands": what})
                case "cut off":
                    await cut_off_after(school, school.request(), what)
                case _:
                    await drive_through(school, school.request())
        school.sis.provider.faults.put([])
        for going in runs.latest(school.handle, course=school.course, unfinished=True)[::-1]:
            await drive_through(school, going)
        run = await drive_through(school, school.request())
        posted = school.file(run, files.POSTED, Posted)
        canvas = await told_by_canvas(school, essay)
        differing = {
            key for key in {*canvas, *in_sis(school)} if canvas.get(key) != in_sis(school).get(key)
        }
        explained = {
            (one.class_id, one.user): one.reason for one in posted.results if one.reason is not None
        }
        assert all(explained.get(key) for key in differing), (differing, explained)
        assert nothing_twice(school)
        assert duplicates(school, "lineItem", "class") == 0

    @settings(
        max_examples=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
        database=None,
    )
    @given(ACTS)
    def explore(acts):
        asyncio.run_coroutine_threadsafe(play(acts), loop).result(120)

    await asyncio.to_thread(explore)
    assert status.course_status(school.handle, school.course).last is not None


async def told_by_canvas(school, essay):
    """(class, user) -> score, or exempt: what Canvas would have the SIS say."""
    found = {}
    for class_id, group in school.students.items():
        for student in group:
            user = school.users[student]
            told = await school.teach("GET", f"/assignments/{essay}/submissions/{user}", None)
            if told.get("excused"):
                found[class_id, user] = "exempt"
            elif told.get("score") is not None:
                found[class_id, user] = told["score"]
    return found


def in_sis(school):
    users = school.users
    return {
        (class_id, users[student]): "exempt" if said == "exempt" else score
        for (_, class_id, student), (said, score) in school.scores().items()
    }
