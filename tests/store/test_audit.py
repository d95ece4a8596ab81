"""The audit log's chain: whatever is done to it afterwards shows."""

import threading

import pytest
from sqlalchemy import delete, update

from rosterway.store import audit
from rosterway.store.audit import AUDIT, AUDIT_HEADS, Verification
from store.builders import NOON, later


@pytest.fixture
def log(lincoln):
    for number in range(5):
        audit.append(
            lincoln,
            actor="ana",
            act="plan.approve",
            subject=f"plan {number}",
            now=later(number),
            details={"removals": number},
        )
    return lincoln


def tamper(store, statement):
    with store.database.writing() as connection:
        connection.execute(statement)


def row(seq):
    return (AUDIT.c.tenant == "lincoln") & (AUDIT.c.seq == seq)


def test_an_untouched_chain_holds(log, monroe):
    assert audit.verify(log) == Verification(entries=5)
    assert audit.verify(monroe) == Verification(entries=0)


def test_entries_are_listed_the_latest_first_and_by_subject(log):
    assert [entry.seq for entry in audit.entries(log, limit=2)] == [5, 4]
    assert [entry.seq for entry in audit.entries(log, before=4, limit=2)] == [3, 2]
    (entry,) = audit.entries(log, subject="plan 2")
    assert (entry.actor, entry.at, entry.details) == ("ana", later(2), {"removals": 2})


@pytest.mark.parametrize(
    "column", [{"actor": "eve"}, {"details": {"removals": 0}}, {"at": NOON}, {"subject": "x"}]
)
def test_an_altered_entry_is_found(store, log, column):
    tamper(store, update(AUDIT).where(row(3)).values(**column))

    found = audit.verify(log)
    assert (found.entries, found.broken_at, found.why) == (2, 3, "the entry was altered")


def test_an_entry_taken_out_is_found(store, log):
    tamper(store, delete(AUDIT).where(row(3)))

    assert audit.verify(log).why == "an entry is missing"


def test_entries_that_changed_places_are_found(store, log):
    for seq, other in ((2, 99), (3, 2), (99, 3)):
        tamper(store, update(AUDIT).where(row(seq)).values(seq=other))

    assert audit.verify(log).broken_at == 2


def test_a_tail_cut_off_is_found(store, log):
    tamper(store, delete(AUDIT).where(AUDIT.c.seq > 3))

    found = audit.verify(log)
    assert (found.broken_at, found.why) == (4, "the latest entries are missing")


def test_a_whole_log_wiped_out_is_found(store, log):
    tamper(store, delete(AUDIT))

    assert audit.verify(log).broken_at == 1


def test_a_head_moved_back_is_found(store, log):
    tamper(store, update(AUDIT_HEADS).values(seq=3))

    assert audit.verify(log).broken_at is not None


def test_entries_of_another_tenant_cannot_be_passed_off_as_ones_own(store, log, monroe):
    tamper(store, update(AUDIT).where(row(1)).values(tenant="monroe"))

    assert audit.verify(monroe).why == "the entry was altered"


def test_entries_written_at_once_still_make_one_chain(lincoln):
    start = threading.Barrier(6)

    def write(number):
        start.wait(timeout=20)
        audit.append(lincoln, actor=f"o{number}", act="x", subject="y", now=NOON)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert audit.verify(lincoln) == Verification(entries=6)


def test_an_entry_is_kept_exactly_if_what_it_tells_of_is(lincoln):
    def fail_after_telling():
        with lincoln.together() as tx:
            audit.append(tx, actor="ana", act="feed.pause", subject="files", now=NOON)
            raise RuntimeError("it did not happen after all")

    with pytest.raises(RuntimeError):
        fail_after_telling()

    assert audit.verify(lincoln) == Verification(entries=0)
