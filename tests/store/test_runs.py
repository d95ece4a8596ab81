"""Runs and their stages."""

import threading

import pytest

from rosterway.errors import ConflictError, NotFoundError
from rosterway.store import conductor, runs, stages
from rosterway.store.runs import Outcome
from store.builders import NOON, a_delivery, a_run, later


def test_the_same_request_again_is_the_same_run(lincoln):
    delivery = a_delivery(lincoln)

    assert a_run(lincoln, delivery=delivery) == a_run(lincoln, delivery=delivery, minutes=9)
    assert a_run(lincoln, delivery=delivery, occasion="2").id != a_run(lincoln).id


def test_a_run_goes_through_its_stages(lincoln):
    run = a_run(lincoln).id
    stages.enter(lincoln, run, "read", now=later(1))
    stages.progress(lincoln, run, done=5, of=10, note="enrollments", now=later(2))
    stages.leave(lincoln, run, counts={"rows": 10}, now=later(3))
    stages.enter(lincoln, run, "check", now=later(4))

    read, check = stages.of_run(lincoln, run)
    assert (read.done, read.of, read.note, read.counts) == (5, 10, "enrollments", {"rows": 10})
    assert (read.ended_at, read.interrupted) == (later(3), False)
    assert (check.stage, check.ended_at) == ("check", None)
    assert (runs.get(lincoln, run).stage, runs.get(lincoln, run).started_at) == ("check", later(1))


def test_a_stage_entered_again_after_a_crash_is_a_new_attempt(lincoln):
    run = a_run(lincoln).id
    stages.enter(lincoln, run, "read", now=later(1))
    again = stages.enter(lincoln, run, "read", now=later(5))
    stages.leave(lincoln, run, now=later(6))

    first, second = stages.of_run(lincoln, run)
    assert again.attempt == 2
    assert (first.interrupted, first.ended_at) == (True, later(5))
    assert (second.interrupted, second.ended_at) == (False, later(6))


def test_a_stage_that_another_follows_has_ended_and_was_not_interrupted(lincoln):
    run = a_run(lincoln).id
    stages.enter(lincoln, run, "read", now=later(1))
    stages.enter(lincoln, run, "compare", follows=True, now=later(2))

    read, compare = stages.of_run(lincoln, run)
    assert (read.interrupted, read.ended_at) == (False, later(2))
    assert (compare.interrupted, compare.ended_at) == (False, None)


def test_a_run_ends_once(lincoln):
    run = a_run(lincoln).id
    ended = runs.end(lincoln, run, outcome=Outcome.HELD, reason="first-load", now=later(1))

    assert (ended.outcome, ended.reason, ended.ended_at) == (Outcome.HELD, "first-load", later(1))
    assert runs.end(lincoln, run, outcome=Outcome.HELD, reason="", now=later(2)) == ended
    with pytest.raises(ConflictError, match="has ended as held already"):
        runs.end(lincoln, run, outcome=Outcome.DELIVERED, now=later(3))
    with pytest.raises(ConflictError):
        stages.enter(lincoln, run, "deliver", now=later(3))


def test_a_lease_keeps_others_away_until_it_runs_out(store, lincoln):
    run = a_run(lincoln).id

    assert runs.claim(lincoln, run, worker="one", now=NOON, until=later(1))
    assert not runs.claim(lincoln, run, worker="two", now=NOON, until=later(1))
    assert runs.claim(lincoln, run, worker="one", now=NOON, until=later(2))
    assert runs.holds_lease(lincoln, run, worker="one", now=later(2))
    assert conductor.expired_leases(store, now=later(2)) == []
    assert [found.id for found in conductor.expired_leases(store, now=later(3))] == [run]
    assert runs.claim(lincoln, run, worker="two", now=later(3), until=later(9))
    assert not runs.holds_lease(lincoln, run, worker="one", now=later(3))


def test_of_many_workers_that_claim_at_once_one_succeeds(lincoln):
    run = a_run(lincoln).id
    start = threading.Barrier(8)
    claimed = []

    def claim(worker):
        start.wait(timeout=20)
        if runs.claim(lincoln, run, worker=worker, now=NOON, until=later(1)):
            claimed.append(worker)

    threads = [threading.Thread(target=claim, args=(f"w{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert [runs.get(lincoln, run).worker] == claimed


def test_runs_are_listed_by_what_is_asked_for_page_by_page(lincoln):
    made = [a_run(lincoln, occasion=str(number), minutes=number) for number in range(6)]
    runs.end(lincoln, made[0].id, outcome=Outcome.FAILED, now=later(9))

    page = runs.latest(lincoln, feed="files", unfinished=True, limit=3)
    rest = runs.latest(lincoln, feed="files", unfinished=True, before=page[-1])

    assert [run.id for run in (*page, *rest)] == [run.id for run in made[:0:-1]]
    assert [run.id for run in runs.latest(lincoln, outcome=Outcome.FAILED)] == [made[0].id]
    assert runs.latest(lincoln, kind="grades") == []


def test_files_of_a_run_are_replaced_when_a_stage_is_repeated(lincoln):
    run = a_run(lincoln).id
    for content in (b"first", b"second"):
        blob = lincoln.blobs.put_bytes(content)
        stages.attach(lincoln, run, "problems.json", blob, stage="check", now=NOON)

    (kept,) = stages.files(lincoln, run)
    assert lincoln.blobs.open(kept.blob).read() == b"second"
    assert stages.file(lincoln, run, "problems.json") == kept
    with pytest.raises(NotFoundError):
        stages.file(lincoln, run, "plan.json")


def test_what_is_done_together_is_kept_whole_or_not_at_all(lincoln):
    run = a_run(lincoln).id

    def end_it_twice():
        with lincoln.together() as tx:
            stages.enter(tx, run, "deliver", now=NOON)
            runs.end(tx, run, outcome=Outcome.DELIVERED, now=NOON)
            runs.end(tx, run, outcome=Outcome.FAILED, now=NOON)

    with pytest.raises(ConflictError):
        end_it_twice()

    assert runs.get(lincoln, run).ended_at is None
    assert stages.of_run(lincoln, run) == []
