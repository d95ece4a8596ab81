"""SIS imports: intent first, one at a time per Canvas account."""

import threading

import pytest

from rosterway.errors import ConflictError, NotFoundError
from rosterway.rostering.plan import Decision
from rosterway.store import conductor, sis_imports
from rosterway.store.sis_imports import BEFORE, SETTLED, ImportState
from store.builders import NOON, a_plan, later

ACCOUNT = "lincoln.instructure.com/self"


def intend(handle, plan, ordinal=1, *, account=ACCOUNT, marker=None):
    return sis_imports.intend(
        handle,
        plan=plan.id,
        ordinal=ordinal,
        digest=plan.digest,
        account=account,
        marker=marker or f"rosterway-{plan.id}-{ordinal}.zip",
        sha256="9" * 64,
        options={"skip_deletes": False},
        now=NOON,
    )


@pytest.fixture
def plan(lincoln):
    return a_plan(lincoln, decision=Decision.GO)


def test_an_import_is_followed_from_the_intent_to_its_last_message(lincoln, plan):
    intend(lincoln, plan)
    sis_imports.accepted(lincoln, plan.id, 1, canvas_id="10000000000000042", now=later(1))
    sis_imports.observed(
        lincoln,
        plan.id,
        1,
        workflow_state="importing",
        progress=46,
        counts={"users": 3},
        now=later(2),
    )
    done = sis_imports.finished(lincoln, plan.id, 1, messages="8" * 64, now=later(3))

    assert (done.state, done.canvas_id, done.progress) == (
        ImportState.FINISHED,
        "10000000000000042",
        46,
    )
    assert (done.counts, done.options) == ({"users": 3}, {"skip_deletes": False})
    assert sis_imports.of_plan(lincoln, plan.id) == [done]


def test_a_repeated_step_finds_what_it_began(lincoln, plan):
    intend(lincoln, plan)
    sis_imports.accepted(lincoln, plan.id, 1, canvas_id="7", now=later(1))

    again = intend(lincoln, plan)

    assert (again.state, again.canvas_id) == (ImportState.ACCEPTED, "7")
    assert sis_imports.accepted(lincoln, plan.id, 1, canvas_id="7", now=later(2)) == again


def test_a_second_number_for_one_import_is_refused(lincoln, plan):
    intend(lincoln, plan)
    sis_imports.accepted(lincoln, plan.id, 1, canvas_id="7", now=later(1))

    with pytest.raises(ConflictError, match="is accepted"):
        sis_imports.accepted(lincoln, plan.id, 1, canvas_id="8", now=later(2))


def test_a_canvas_account_has_one_import_at_a_time_whoever_asks(store, lincoln, monroe, plan):
    intend(lincoln, plan)
    other = a_plan(monroe, decision=Decision.GO)

    with pytest.raises(ConflictError, match="has the lane"):
        intend(lincoln, plan, 2)
    with pytest.raises(ConflictError, match="has the lane"):
        intend(monroe, other)
    intend(monroe, other, account="monroe.instructure.com/self")
    assert [found.tenant for found in conductor.unsettled_imports(store)] == ["lincoln", "monroe"]
    assert [found.plan for found in conductor.unsettled_imports(store, ACCOUNT)] == [plan.id]


@pytest.mark.parametrize("end", [sis_imports.withdrawn, sis_imports.lost])
def test_the_lane_is_free_when_an_import_is_settled(lincoln, plan, end):
    intend(lincoln, plan)
    end(lincoln, plan.id, 1, reason="Canvas answered 401", now=later(1))

    assert intend(lincoln, plan, 2).state is ImportState.INTENDED


def test_of_many_that_want_the_lane_at_once_one_has_it(lincoln, plan):
    start = threading.Barrier(6)
    refused = []

    def go(ordinal):
        start.wait(timeout=20)
        try:
            intend(lincoln, plan, ordinal)
        except ConflictError as error:
            refused.append(error)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert (len(refused), len(sis_imports.of_plan(lincoln, plan.id))) == (5, 1)


def test_what_canvas_does_not_have_is_intended_anew(lincoln, plan):
    intend(lincoln, plan)
    sis_imports.withdrawn(lincoln, plan.id, 1, reason="Canvas was down", now=later(1))

    again = intend(lincoln, plan)

    assert (again.state, again.settled_at) == (ImportState.INTENDED, None)


def test_what_is_lost_is_not_sent_again_until_somebody_knows(lincoln, plan):
    intend(lincoln, plan)
    sis_imports.lost(lincoln, plan.id, 1, reason="no answer, and two look alike", now=later(1))

    assert intend(lincoln, plan).state is ImportState.LOST
    found = sis_imports.accepted(lincoln, plan.id, 1, canvas_id="7", now=later(2))
    assert (found.state, found.settled_at) == (ImportState.ACCEPTED, None)


def test_a_marker_is_used_once_per_account(lincoln, plan):
    intend(lincoln, plan, marker="same.zip")
    sis_imports.withdrawn(lincoln, plan.id, 1, reason="", now=later(1))

    with pytest.raises(ConflictError, match=r"same\.zip was sent before"):
        intend(lincoln, plan, 2, marker="same.zip")


def test_an_import_that_was_never_begun_cannot_be_accepted(lincoln, plan):
    with pytest.raises(NotFoundError, match="was never begun"):
        sis_imports.accepted(lincoln, plan.id, 3, canvas_id="7", now=NOON)


def test_finished_is_final():
    assert all(ImportState.FINISHED not in before for before in BEFORE.values())
    assert ImportState.FINISHED in SETTLED
