"""Plans, baselines and approvals: what may be sent, against what, on whose word."""

import threading

import pytest

from rosterway.errors import ConflictError, NotFoundError, RosterwayError
from rosterway.rostering.plan import Decision
from rosterway.store import approvals, audit, baselines, plans
from rosterway.store.approvals import Verdict
from rosterway.store.plans import BEFORE, OPEN, PlanState
from store.builders import NOON, a_baseline, a_plan, a_run, later


def say(handle, digest="a" * 64, verdict=Verdict.APPROVE, operator="ana", minutes=1):
    return approvals.decide(handle, digest, verdict, operator=operator, now=later(minutes))


@pytest.mark.parametrize(
    ("decision", "asks", "state"),
    [
        (Decision.GO, False, PlanState.READY),
        (Decision.GO, True, PlanState.WAITING),
        (Decision.HOLD, False, PlanState.WAITING),
        (Decision.NOTHING, True, PlanState.NOTHING),
        (Decision.REFUSED, False, PlanState.REFUSED),
    ],
)
def test_a_plan_begins_where_the_guards_and_the_feed_put_it(lincoln, decision, asks, state):
    plan = a_plan(lincoln, decision=decision, asks=asks)

    assert plan.state is state
    assert plan.summary == {"tables": {"users": {"create": 1}}}


def test_recording_a_runs_plan_again_is_the_same_plan_whatever_became_of_it(lincoln):
    run = a_run(lincoln)
    plan = a_plan(lincoln, run=run)
    say(lincoln)

    assert a_plan(lincoln, run=run, minutes=5).id == plan.id
    assert plans.get(lincoln, plan.id).state is PlanState.APPROVED


def test_the_same_digest_of_a_later_run_takes_the_place_of_the_one_that_waits(lincoln):
    first = a_plan(lincoln, run=a_run(lincoln, occasion="monday"))
    second = a_plan(lincoln, run=a_run(lincoln, occasion="tuesday"), minutes=9)

    assert plans.get(lincoln, first.id).state is PlanState.SUPERSEDED
    assert plans.by_digest(lincoln, "a" * 64) == second
    assert say(lincoln).plan == second.id


def test_a_digest_that_comes_back_another_year_is_another_plan(lincoln):
    first = a_plan(lincoln, run=a_run(lincoln, occasion="2026"))
    say(lincoln)
    plans.advance(lincoln, first.id, PlanState.DELIVERING, now=later(2))
    plans.advance(lincoln, first.id, PlanState.DELIVERED, now=later(3))

    again = a_plan(lincoln, run=a_run(lincoln, occasion="2027"), minutes=9)

    assert again.state is PlanState.WAITING
    assert plans.get(lincoln, first.id).state is PlanState.DELIVERED


def test_a_digest_that_is_being_delivered_is_not_planned_a_second_time(lincoln):
    plan = a_plan(lincoln, decision=Decision.GO, run=a_run(lincoln, occasion="1"))
    plans.advance(lincoln, plan.id, PlanState.DELIVERING, now=later(1))

    with pytest.raises(ConflictError):
        a_plan(lincoln, run=a_run(lincoln, occasion="2"))


def test_the_beginning_of_a_digest_is_enough(lincoln):
    plan = a_plan(lincoln, "abcdef12" + "0" * 56)
    a_plan(lincoln, "abcdef13" + "0" * 56)

    assert plans.by_digest(lincoln, " ABCDEF12 ") == plan
    with pytest.raises(NotFoundError, match="no plan"):
        plans.by_digest(lincoln, "abcdef1")  # too short to name anything
    with pytest.raises(NotFoundError):
        plans.by_digest(lincoln, "%" * 8)


def test_a_beginning_that_two_digests_share_names_neither(lincoln):
    a_plan(lincoln, "abcdef120" + "0" * 55)
    a_plan(lincoln, "abcdef121" + "0" * 55)

    with pytest.raises(ConflictError, match="2 plans"):
        plans.by_digest(lincoln, "abcdef12")


def test_every_step_that_the_table_does_not_name_is_refused(lincoln):
    for number, start in enumerate(PlanState):
        for to in BEFORE:
            if start is to or start in BEFORE[to]:
                continue
            plan = a_plan(lincoln, f"{number:02}{to}".encode().hex().ljust(64, "0"))
            with lincoln.writing() as seen:
                seen.update(plans.PLANS, plans.PLANS.c.id == plan.id, state=start)
            with pytest.raises(ConflictError):
                plans.advance(lincoln, plan.id, to, now=NOON)


def test_only_open_plans_lead_anywhere():
    leading = {state for before in BEFORE.values() for state in before}

    assert leading - {PlanState.FAILED} == set(OPEN)


def test_a_newer_delivery_supersedes_what_waits_and_says_so(lincoln):
    held = a_plan(lincoln, "1" * 64)
    newer = a_plan(lincoln, "2" * 64)

    (struck,) = plans.supersede(lincoln, "files", by=newer.id, now=later(5))

    assert (struck.id, struck.state) == (held.id, PlanState.SUPERSEDED)
    assert newer.id in struck.reason
    assert plans.latest(lincoln, state=PlanState.WAITING) == [newer]


def test_an_approval_names_who_when_and_which_plan(lincoln):
    plan = a_plan(lincoln)

    approval = say(lincoln)

    assert approvals.of_plan(lincoln, plan.id) == approval
    assert (approval.operator, approval.at, approval.digest) == ("ana", later(1), plan.digest)
    (entry,) = audit.entries(lincoln, subject=plan.digest)
    assert (entry.actor, entry.act, entry.details["feed"]) == ("ana", "plan.approve", "files")


@pytest.mark.parametrize("verdict", Verdict)
def test_of_two_people_who_decide_at_once_one_is_told_of_the_other(lincoln, verdict):
    a_plan(lincoln)
    start = threading.Barrier(2)
    outcomes = {}

    def decide(operator, word):
        start.wait(timeout=20)
        try:
            outcomes[operator] = say(lincoln, verdict=word, operator=operator).verdict
        except RosterwayError as error:
            outcomes[operator] = error

    words = {"ana": Verdict.APPROVE, "ben": verdict}
    threads = [threading.Thread(target=decide, args=pair) for pair in words.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    (loser,) = [who for who, outcome in outcomes.items() if isinstance(outcome, ConflictError)]
    (winner,) = set(words) - {loser}
    assert outcomes[winner] is words[winner]
    assert str(outcomes[loser]).startswith(f"{winner} has ")
    assert len(audit.entries(lincoln)) == 1


def test_a_plan_made_against_an_older_baseline_cannot_be_approved(lincoln):
    a_plan(lincoln)
    a_baseline(lincoln)

    with pytest.raises(ConflictError, match="has moved from generation 0 to 1"):
        say(lincoln)
    assert say(lincoln, verdict=Verdict.DISCARD).verdict is Verdict.DISCARD


def test_a_plan_made_against_an_older_baseline_cannot_be_delivered(lincoln):
    plan = a_plan(lincoln, decision=Decision.GO)
    a_baseline(lincoln)

    with pytest.raises(ConflictError, match="has moved"):
        plans.advance(lincoln, plan.id, PlanState.DELIVERING, now=NOON)


def test_a_delivery_that_was_begun_goes_on_after_its_first_import_moved_the_baseline(lincoln):
    plan = a_plan(lincoln, decision=Decision.GO)
    plans.advance(lincoln, plan.id, PlanState.DELIVERING, now=NOON)
    a_baseline(lincoln)

    assert plans.advance(lincoln, plan.id, PlanState.DELIVERING, now=NOON).id == plan.id


def test_nobody_needs_to_decide_about_a_plan_that_does_not_wait(lincoln):
    a_plan(lincoln, decision=Decision.NOTHING)

    with pytest.raises(ConflictError, match="is nothing; nobody needs to decide"):
        say(lincoln)


def test_baselines_advance_generation_by_generation(lincoln):
    assert (baselines.current(lincoln, "files"), baselines.generation(lincoln, "files")) == (
        None,
        0,
    )
    first = a_baseline(lincoln)
    second = a_baseline(lincoln, expected=1, digest="2" * 64)

    assert baselines.current(lincoln, "files") == second
    assert baselines.history(lincoln, "files") == [second, first]
    assert baselines.at(lincoln, "files", 1).tables["users"].columns == ("user_id", "status")
    assert baselines.every(lincoln) == {"files": second}


def test_the_same_step_of_the_same_run_advances_once(lincoln):
    run = a_run(lincoln)

    assert a_baseline(lincoln, run=run) == a_baseline(lincoln, run=run)
    assert baselines.generation(lincoln, "files") == 1


@pytest.mark.parametrize("expected", [0, 2])
def test_a_baseline_that_is_not_the_expected_one_is_not_advanced(lincoln, expected):
    a_baseline(lincoln)

    with pytest.raises(ConflictError, match=f"no longer generation {expected}"):
        a_baseline(lincoln, expected=expected, digest="3" * 64, run=a_run(lincoln, occasion="x"))


def test_of_two_runs_that_advance_at_once_one_succeeds(lincoln):
    made = [a_run(lincoln, occasion=str(number)) for number in range(4)]
    start = threading.Barrier(4)
    refused = []

    def advance(run):
        start.wait(timeout=20)
        try:
            a_baseline(lincoln, run=run)
        except ConflictError as error:
            refused.append(error)

    threads = [threading.Thread(target=advance, args=(run,)) for run in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert len(refused) == 3
    assert baselines.generation(lincoln, "files") == 1
