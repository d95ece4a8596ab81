"""The nine steps of a grade sync, against a sandbox Canvas and a sandbox SIS."""

import pytest

from rosterway.passback.plan import PassbackPlan
from rosterway.runs.grades import files
from rosterway.runs.grades.outcomes import Posted
from rosterway.runs.grades.road import STEPS
from rosterway.store import ledger, stages

GRADED = "fully graded"
MODIFIED = 'preview = "never"\nendpoints = "modified"'
#: Results posted to an address that the settings name.
BULK_URL = """preview = "never"
performance = ["bulk-url"]
bulk_url = "GRADEBOOK/lineItems/{lineItem}/results"
"""
#: How a SIS that chooses ids is asked for one, and whether it says which.
CHOOSES = {"allocates": True, "chosen_ids": False}


async def a_graded_essay(school, title="Essay"):
    """An essay that everybody has a grade on; what the SIS should say of it then."""
    essay = await school.assign(title)
    wanted = {}
    for class_id, group in school.students.items():
        for place, student in enumerate(group):
            await school.grade(essay, student, posted_grade=str(5 + place))
            wanted[title, class_id, student] = (GRADED, 5.0 + place)
    return essay, wanted


@pytest.mark.parametrize(
    ("version", "grades", "knobs"),
    [
        ("1.1", 'preview = "never"', {}),
        ("1.2", 'preview = "never"', {}),
        ("1.2", 'preview = "never"', {"put_status": 204}),
        ("1.2", 'preview = "never"', {"renames": True}),
        ("1.1", MODIFIED, CHOOSES),
        ("1.2", MODIFIED, CHOOSES),
        ("1.2", 'preview = "never"\nperformance = ["class-categories"]', {}),
        ("1.2", 'preview = "never"\nperformance = ["bulk-results"]', {}),
        ("1.2", MODIFIED + '\nperformance = ["bulk-results"]', CHOOSES),
        ("1.2", BULK_URL, {}),
    ],
)
async def test_grades_reach_the_sis_class_by_class(open_school, version, grades, knobs):
    school = await open_school(version, grades, knobs)
    _, wanted = await a_graded_essay(school)

    run = await school.sync()

    assert (run.outcome, run.reason) == ("delivered", "")
    assert school.scores() == wanted
    kept = {one.name for one in stages.files(school.handle, run.id)}
    assert {files.ASKED, *(name for name, _ in STEPS)} <= kept
    posted = school.file(run, files.POSTED, Posted)
    assert {one.outcome for one in posted.assignments} == {"sent"}
    assert {one.outcome for one in posted.results} == {"accepted"}
    again = await school.sync()
    assert (again.outcome, school.scores()) == ("nothing", wanted)


async def test_results_in_bulk_take_one_request_for_each_line_item(open_school):
    school = await open_school("1.2", 'preview = "never"\nperformance = ["bulk-results"]')
    await a_graded_essay(school)

    await school.sync()

    writes = [one.method for one in school.sis.provider.requests if one.method != "GET"]
    assert writes == ["PUT", "PUT", "POST", "POST"]


async def test_a_sync_with_nothing_changed_costs_few_requests_and_no_put(open_school):
    school = await open_school(classes=1)
    await a_graded_essay(school)
    await school.sync()
    before, puts = len(school.sis.provider.requests), school.puts

    run = await school.sync()

    assert run.outcome == "nothing"
    assert school.puts == puts
    assert len(school.sis.provider.requests) - before <= 8


async def test_only_what_changed_is_sent(open_school):
    school = await open_school()
    essay, wanted = await a_graded_essay(school)
    await school.sync()
    puts = school.puts
    class_id, group = next(iter(school.students.items()))
    await school.grade(essay, group[0], posted_grade="9.5")
    await school.grade(essay, group[1], excuse="true")
    await school.grade(essay, group[2], posted_grade="")

    run = await school.sync()

    assert run.outcome == "delivered"
    assert school.puts - puts == 3
    wanted["Essay", class_id, group[0]] = (GRADED, 9.5)
    wanted["Essay", class_id, group[1]] = ("exempt", None)
    del wanted["Essay", class_id, group[2]]
    assert school.scores() == wanted


async def test_a_renamed_and_redated_assignment_stays_the_same_line_item(open_school):
    school = await open_school()
    essay, wanted = await a_graded_essay(school)
    await school.sync()
    items = {one["sourcedId"] for one in school.kept("lineItem")}
    changes = {"name": "Report", "due_at": "2026-10-09T05:59:00Z"}
    await school.teach("PUT", f"/assignments/{essay}", {"assignment": changes})

    run = await school.sync()

    assert run.outcome == "delivered"
    assert {one["sourcedId"] for one in school.kept("lineItem")} == items
    assert school.scores() == {("Report", *key[1:]): value for key, value in wanted.items()}


async def test_an_institutions_own_rules_change_what_is_sent(open_school, tmp_path):
    school = await open_school(grades='preview = "never"\ntransform = "rules.toml"')
    await a_graded_essay(school)
    await a_graded_essay(school, "Draft of it")
    (tmp_path / "rules.toml").write_text(
        '[[transform]]\nrule = "exclude-assignments"\nname = "^Draft"\n'
        '[[transform]]\nrule = "rename-assignments"\npattern = "Essay"\nreplacement = "Paper"\n',
        encoding="utf-8",
    )

    run = await school.sync()

    assert run.outcome == "delivered"
    assert {one["title"] for one in school.kept("lineItem")} == {"Paper"}
    assert len(school.file(run, "transform-notes.json")) == 2


async def test_a_transform_that_nobody_offers_fails_before_anything_is_sent(open_school):
    school = await open_school(grades='preview = "never"\ntransform = "ours"')
    await a_graded_essay(school)

    run = await school.sync()

    assert (run.outcome, school.puts) == ("failed", 0)
    assert "No installed package offers the transform ours" in run.reason


async def test_a_remaster_sends_everything_again(open_school):
    school = await open_school()
    await a_graded_essay(school)
    await school.sync()
    puts = school.puts

    run = await school.sync(remaster=True)

    assert run.outcome == "delivered"
    assert school.puts - puts == 2 + 8


async def test_selected_assignments_and_sections_alone_are_sent(open_school):
    school = await open_school()
    essay, wanted = await a_graded_essay(school)
    await a_graded_essay(school, "Report")
    first = school.classes[0]

    run = await school.sync(assignments=[essay], sections=[school.sections[first]])

    assert run.outcome == "delivered"
    assert school.scores() == {key: value for key, value in wanted.items() if key[1] == first}


async def test_what_the_sis_chose_and_did_not_tell_is_found_in_its_list(open_school):
    school = await open_school("1.2", MODIFIED, CHOOSES)
    school.sis.provider.faults.put(["write-blank"])
    _, wanted = await a_graded_essay(school)

    run = await school.sync()

    assert (run.outcome, run.reason) == ("delivered", "")
    assert school.scores() == wanted
    ids = {one.sourced_id for one in ledger.of_course(school.handle, school.course) if not one.user}
    assert ids == {one["sourcedId"] for one in school.kept("lineItem")}


async def test_what_is_sent_is_read_back_where_that_is_asked_for(open_school):
    school = await open_school(grades='preview = "never"\nverify = true')
    await a_graded_essay(school)

    run = await school.sync()

    posted = school.file(run, files.POSTED, Posted)
    assert {one.outcome for one in posted.results} == {"verified"}


async def test_a_refusal_is_told_with_its_reason_and_only_that_is_sent_again(open_school):
    school = await open_school(knobs={"demands": "in-bounds"})
    essay, wanted = await a_graded_essay(school)
    class_id, group = next(iter(school.students.items()))
    await school.grade(essay, group[0], posted_grade="12")

    run = await school.sync()

    assert (run.outcome, run.reason) == ("partly", "1 grade was not sent.")
    posted = school.file(run, files.POSTED, Posted)
    (failed,) = [one for one in posted.results if one.outcome == "failed"]
    assert (failed.user, failed.class_id) == (school.users[group[0]], class_id)
    assert failed.reason is not None
    assert failed.reason.remedy
    del wanted["Essay", class_id, group[0]]
    assert school.scores() == wanted
    raw = [one.name for one in stages.files(school.handle, run.id) if "exchanges/" in one.name]
    assert len(raw) == 1
    puts = school.puts
    school.sis.provider.turn({"demands": ""})
    again = await school.sync()
    assert (again.outcome, school.puts - puts) == ("delivered", 1)


async def test_a_refusal_that_says_nothing_is_told_with_all_that_may_be_behind_it(open_school):
    school = await open_school(knobs={"vendor": "blackbaud"})
    essay, _ = await a_graded_essay(school)
    _, group = next(iter(school.students.items()))
    await school.grade(essay, group[0], posted_grade="12")

    run = await school.sync()

    posted = school.file(run, files.POSTED, Posted)
    (failed,) = [one for one in posted.results if one.outcome == "failed"]
    assert failed.reason == failed.causes[0]
    assert ["likely-score-over"] == [one.code for one in failed.causes]
    await school.grade(essay, group[0], posted_grade="9")
    again = school.file(await school.sync(), files.POSTED, Posted)
    assert [()] == [one.causes for one in again.results]


async def test_an_assignment_no_category_fits_is_not_sent_and_says_which_there_are(open_school):
    school = await open_school(grades='preview = "never"')
    await school.teach("POST", "/assignment_groups", {"name": "Labs"})
    await school.assign("Dissection", group="Labs")

    run = await school.sync()

    assert (run.outcome, school.puts) == ("failed", 0)
    plan = school.file(run, files.PLAN, PassbackPlan)
    assert {one.verdict for one in plan.judgements} == {"will-fail"}
    assert "Homework" in plan.judgements[0].reasons[0].message


async def test_an_unpublished_course_is_nothing_to_sync(open_school):
    school = await open_school()
    await school.teach("PUT", "", {"course": {"event": "claim"}})

    run = await school.sync()

    assert (run.outcome, run.reason) == ("nothing", "The course is not published in Canvas.")


async def test_canvas_is_told_when_and_how_each_assignment_was_synced(open_school):
    school = await open_school()
    essay, _ = await a_graded_essay(school)
    await school.sync()

    told = await school.teach("GET", f"/assignments/{essay}", None)

    assert told["integration_data"]["rosterway"]["outcome"] == "sent"
    assert set(told["integration_data"]["rosterway"]["classes"]) == set(school.classes)
