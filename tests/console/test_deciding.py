"""A plan's page, and the one thing that matters most on it: a person's yes or no to one digest."""

import re
from concurrent.futures import ThreadPoolExecutor

from console.house import found_in, masked, post, text_of
from rosterway.errors import ConflictError
from rosterway.runs import approve
from rosterway.store import approvals, audit, baselines, plans, runs
from rosterway.store.plans import PlanState


def decide(client, plan, verb, **form):
    return post(client, f"/t/lincoln/plans/{plan.id}/{verb}", digest=plan.digest, **form)


async def test_the_plan_says_why_it_waits_what_it_does_and_who_may_decide(house, approver):
    read = text_of((await approver.get(f"/t/lincoln/plans/{house.plan.id}")).text)

    assert "Waits for a person Nothing of it has been sent." in read
    for hold in house.plan.summary["holds"]:
        assert hold["message"] in read
    assert "49 of them at Stone Forks Elementary School" in read
    assert "admin, approver, everywhere may decide." in read
    assert "Approve this plan, removing 602 rows" in read


async def test_the_balance_sheet_has_a_line_for_each_table_with_the_plans_own_numbers(
    house, approver
):
    page = (await approver.get(f"/t/lincoln/plans/{house.plan.id}")).text
    summary = house.plan.summary
    (sheet,) = re.findall(r'(?s)<table class="ledger cards">\s*<caption.*?</table>', page)

    lines = {}
    for line in re.findall(r'(?s)<tr[^>]*><th scope="row">(.*?)</th>(.*?)</tr>', sheet):
        counts = re.findall(r'class="num[^"]*"[^>]*>([\d,]+)<', line[1])
        lines[line[0]] = [int(count.replace(",", "")) for count in counts]
    for name, shown in (
        ("users", "users"),
        ("enrollments", "enrollments"),
        ("xlists", "cross-listings"),
    ):
        counts = summary["tables"][name]
        assert [counts["create"], counts["update"], summary["removals"].get(name, 0)] == lines[
            shown
        ][1:4]
    assert [
        sum(line[at] for name, line in lines.items() if name != "All tables") for at in range(5)
    ] == lines["All tables"]


async def test_a_school_opens_to_its_classes_and_they_add_up(house, approver):
    page = (await approver.get(f"/t/lincoln/plans/{house.plan.id}/schools/00101")).text
    head, _, classes = page.partition('id="classes"')

    whole = found_in(r'enrollments</th>.*?class="num removed" href="[^"]+">([\d,]+)<', head)
    parts = re.findall(r'class="num removed" href="[^"]+">([\d,]+)<', classes)
    assert int(whole.replace(",", "")) == sum(int(part.replace(",", "")) for part in parts)
    assert "What would be sent" not in page


async def test_approving_names_the_digest_and_leads_to_the_run_that_sends(house, approver):
    plan = house.plan

    answer = await decide(approver, plan, "approve", reason="Stone Forks closes")

    assert 303 == answer.status_code
    run = runs.latest(house.lincoln, kind="deliver", limit=1)[0]
    assert f"/t/lincoln/runs/{run.id}" == answer.headers["location"]
    given = approvals.of_plan(house.lincoln, plan.id)
    assert given is not None
    assert ("approver", "Stone Forks closes", plan.digest) == (
        given.operator,
        given.reason,
        given.digest,
    )
    assert PlanState.APPROVED is plans.get(house.lincoln, plan.id).state
    assert [True] == house.poked
    assert "plan.approve" == audit.entries(house.lincoln, limit=1)[0].act


async def test_afterwards_the_page_says_who_approved_and_offers_nothing_more(house, approver):
    plan = house.plan
    await decide(approver, plan, "approve", reason="Stone Forks closes")

    page = (await approver.get(f"/t/lincoln/plans/{plan.id}")).text

    assert "Approved by approver" in text_of(page)
    assert "“Stone Forks closes”" in page
    assert f"/plans/{plan.id}/approve" not in page


async def test_a_page_that_shows_another_digest_approves_nothing(house, approver):
    answer = await post(
        approver, f"/t/lincoln/plans/{house.plan.id}/approve", digest=house.plan.digest[:63] + "0"
    )

    assert 400 == answer.status_code
    assert "The form speaks of another plan than its page." in answer.text
    assert PlanState.WAITING is house.plan.state


async def test_the_beginning_of_a_digest_is_not_enough_to_approve(house, approver):
    answer = await post(
        approver, f"/t/lincoln/plans/{house.plan.id}/approve", digest=house.plan.digest[:12]
    )

    assert 400 == answer.status_code
    assert PlanState.WAITING is house.plan.state


async def test_a_plan_is_discarded_with_a_reason(house, approver):
    plan = house.plan
    without = await decide(approver, plan, "discard", reason="  ")
    assert 400 == without.status_code
    assert "A plan is discarded with a reason" in without.text

    answer = await decide(approver, plan, "discard", reason="The export was cut")

    assert 303 == answer.status_code
    assert PlanState.DISCARDED is plans.get(house.lincoln, plan.id).state
    page = text_of((await approver.get(answer.headers["location"])).text)
    assert "Discarded A person discarded it. Nothing of it was sent." in page
    assert "The export was cut" in page


async def test_the_second_of_two_people_hears_kindly_who_was_first(house, approver, admin):
    plan = house.plan
    await decide(admin, plan, "approve")

    answer = await decide(approver, plan, "discard", reason="No")

    assert 409 == answer.status_code
    assert "Somebody was first, or things have moved on" in answer.text
    assert "admin has approved the plan" in answer.text
    assert "Go to the overview" in answer.text


async def test_of_many_who_press_at_once_one_is_heard(house):
    plan = house.plan

    def press(number):
        try:
            approve.approve(house.lincoln, plan.digest, operator=f"o{number}", now=house.clock())
        except ConflictError:
            return "refused"
        return "approved"

    with ThreadPoolExecutor(6) as people:
        heard = list(people.map(press, range(6)))

    assert ["approved"] + ["refused"] * 5 == sorted(heard)


async def test_a_plan_whose_baseline_has_moved_is_made_anew_instead(house, approver):
    plan = house.plan
    known = baselines.current(house.lincoln, "nightly")
    assert known is not None
    baselines.advance(
        house.lincoln,
        "nightly",
        expected=known.generation,
        digest="e" * 64,
        tables=known.tables,
        pending={},
        policy=known.policy,
        run=house.first_run.id,
        now=house.clock(),
    )

    answer = await decide(approver, plan, "approve")

    assert 409 == answer.status_code
    assert "baseline" in text_of(answer.text)
    assert PlanState.SUPERSEDED is plans.get(house.lincoln, plan.id).state
    anew = runs.latest(house.lincoln, feed="nightly", limit=1)[0]
    assert anew.ended_at is None
    page = await approver.get(f"/t/lincoln/plans/{plan.id}")
    assert f"/runs/{anew.id}" in page.text
    assert "Approve this plan" not in page.text


async def test_a_plan_is_found_by_the_beginning_of_its_digest(house, approver):
    answer = await approver.get(f"/t/lincoln/find?q={house.plan.digest[:12]}")

    assert f"/t/lincoln/plans/{house.plan.id}" == answer.headers["location"]


async def test_the_exact_files_are_there_and_taking_one_is_written_down(house, admin):
    name = house.plan.summary["imports"][0]["file"]

    answer = await admin.get(f"/t/lincoln/plans/{house.plan.id}/files/{name}")

    assert 200 == answer.status_code
    assert "attachment" in answer.headers["content-disposition"]
    entry = audit.entries(house.lincoln, limit=1)[0]
    assert ("admin", "file.download", f"{house.plan.id}/{name}") == (
        entry.actor,
        entry.act,
        entry.subject,
    )


async def test_approving_is_a_plain_form(house, approver):
    page = (await approver.get(f"/t/lincoln/plans/{house.plan.id}")).text

    (form,) = re.findall(r'(?s)<form method="post" action="([^"]+/approve)"[^>]*>.*?</form>', page)
    sent = await approver.post(
        form, data={"csrf": masked(approver.csrf), "digest": house.plan.digest}
    )
    assert 303 == sent.status_code
