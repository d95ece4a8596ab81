"""What is remembered of other people's servers: trusted keys, files taken, receipts owed; and alarms."""

from dataclasses import replace

import pytest

from rosterway.store import alarms, audit, collected, host_keys
from rosterway.store.alarms import AlarmKind
from rosterway.store.collected import CollectedFile
from store.builders import NOON, a_delivery, a_run, later

ADDRESS = "sis.example:22"


def trust(handle, key="ssh-ed25519 AAAA", address=ADDRESS, minutes=0):
    return host_keys.trust(
        handle,
        "theirs",
        address=address,
        key=key,
        fingerprint=f"SHA256:{key[-4:]}",
        by="ana",
        now=later(minutes),
    )


def test_a_key_is_trusted_for_its_address_alone(lincoln, monroe):
    given = trust(lincoln)

    assert given == host_keys.find(lincoln, "theirs", ADDRESS)
    assert host_keys.find(lincoln, "theirs", "other.example:22") is None
    assert host_keys.find(monroe, "theirs") is None


def test_another_yes_takes_the_place_of_the_first_and_the_log_has_both(lincoln):
    trust(lincoln)

    trust(lincoln, key="ssh-ed25519 BBBB", minutes=1)

    found = host_keys.find(lincoln, "theirs", ADDRESS)
    assert found is not None
    assert "ssh-ed25519 BBBB" == found.key
    entry, _ = audit.entries(lincoln)
    assert ("connection.trust", "theirs") == (entry.act, entry.subject)
    assert ("ssh-ed25519 BBBB", "ssh-ed25519 AAAA") == (
        entry.details["key"],
        entry.details["before"],
    )


@pytest.fixture
def taken(lincoln):
    return CollectedFile(
        tenant="lincoln",
        feed="files",
        name="users.csv",
        size=24,
        mtime=1_700_000_000,
        sha256="f" * 64,
        delivery=a_delivery(lincoln).id,
        taken_at=NOON,
        move_to="taken/1/users.csv",
    )


def test_of_each_name_the_newest_is_known(lincoln, monroe, taken):
    newer = replace(taken, size=25, delivery=a_delivery(lincoln, minutes=9).id)

    collected.put(lincoln, [taken])
    collected.put(lincoln, [newer])

    assert [newer] == collected.of_feed(lincoln, "files")
    assert [] == collected.of_feed(monroe, "files")


def test_a_file_taken_anew_before_it_was_moved_is_still_to_be_moved(lincoln, taken):
    newer = replace(taken, delivery=a_delivery(lincoln, minutes=9).id)
    collected.put(lincoln, [newer])

    collected.moved(lincoln, taken)
    assert [newer] == collected.of_feed(lincoln, "files")
    collected.moved(lincoln, newer)
    assert [replace(newer, move_to=None)] == collected.of_feed(lincoln, "files")


def test_a_receipt_is_owed_until_it_is_sent(lincoln, monroe):
    delivery = a_delivery(lincoln)
    for number in ("1", "2"):
        run = a_run(lincoln, delivery=delivery, occasion=number)
        collected.owe(lincoln, delivery.id, feed="files", run=run.id, reason="cut", now=NOON)

    (one,) = collected.owed(lincoln, "files")
    assert (delivery.id, run.id) == (one.delivery, one.run)
    assert [] == collected.owed(monroe, "files")
    collected.sent(lincoln, delivery.id)
    assert [] == collected.owed(lincoln, "files")


def raised(handle, *, table="", reason="nothing came", minutes=0):
    return alarms.raise_alarm(
        handle,
        "files",
        AlarmKind.COUNTS if table else AlarmKind.SILENT,
        table,
        reason=reason,
        remedy="look",
        now=later(minutes),
    )


def test_an_alarm_is_raised_once_and_told_as_it_is_now(lincoln, monroe):
    assert raised(lincoln)
    assert not raised(lincoln, reason="nothing came for 2 days", minutes=1)

    (one,) = alarms.lasting(lincoln, "files")
    assert (NOON, "nothing came for 2 days") == (one.raised_at, one.reason)
    assert [] == alarms.lasting(monroe)


def test_an_alarm_that_is_over_may_be_raised_again(lincoln):
    raised(lincoln)
    raised(lincoln, table="users")
    counts, silent = alarms.lasting(lincoln)

    alarms.clear(lincoln, silent, now=later(2))

    assert [counts] == alarms.lasting(lincoln)
    assert raised(lincoln, minutes=3)
    assert [AlarmKind.COUNTS, AlarmKind.SILENT] == [one.kind for one in alarms.lasting(lincoln)]
