"""Deliveries: sealed once, found again, never lost between file and row."""

import signal
import subprocess
import sys

import pytest

from rosterway.store import conductor, deliveries
from rosterway.store.deliveries import LeftFile, content_digest
from store.builders import NOON, a_delivery, a_file, a_run, later

KILLED_BEFORE_THE_COMMIT = """
import os, signal, sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from rosterway.store import Home, Store, deliveries
from rosterway.store.deliveries import DeliveredFile
noon = datetime(2026, 8, 24, 12, tzinfo=UTC)
lincoln = Store.open(Home.find(Path(sys.argv[1])), sys.argv[2]).tenant("lincoln")
blob = lincoln.blobs.put_bytes(b"roster")
with lincoln.together() as tx:
    deliveries.seal(tx, feed="files", source="sftp", sender="u", received_at=noon,
                    files=[DeliveredFile("users.csv", blob.digest, blob.size)],
                    because="settled", now=noon)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_delivery_is_named_by_its_moment_and_content(lincoln):
    delivery = a_delivery(lincoln)

    assert delivery.id.startswith("20260824-120000-")
    assert (delivery.feed, delivery.source, delivery.sealed_because) == ("files", "sftp", "settled")
    assert deliveries.get(lincoln, delivery.id) == delivery


def test_sealing_the_same_arrival_again_is_the_same_delivery(lincoln):
    assert a_delivery(lincoln) == a_delivery(lincoln)
    assert len(deliveries.of_feed(lincoln, "files")) == 1


def test_the_same_files_another_day_are_another_delivery_of_the_same_content(lincoln):
    first, other, again = (
        a_delivery(lincoln),
        a_delivery(lincoln, minutes=60, content=b"else"),
        a_delivery(lincoln, minutes=1440),
    )

    assert deliveries.same_content(lincoln, again) == [first]
    assert deliveries.same_content(lincoln, other) == []


def test_content_does_not_depend_on_the_order_of_arrival(lincoln):
    users, courses = a_file(lincoln), a_file(lincoln, "courses.csv", b"course_id\n")

    assert content_digest([users, courses]) == content_digest([courses, users])
    assert content_digest([users]) != content_digest([users, courses])


def test_pages_lead_from_the_latest_to_the_first(lincoln):
    sealed = [a_delivery(lincoln, minutes=minutes) for minutes in range(5)]

    page = deliveries.of_feed(lincoln, "files", limit=3)
    rest = deliveries.of_feed(lincoln, "files", before=page[-1], limit=3)

    assert [*page, *rest] == sealed[::-1]


def test_a_delivery_whose_run_never_began_is_found(store, lincoln):
    taken, forgotten = a_delivery(lincoln), a_delivery(lincoln, minutes=1)
    a_run(lincoln, delivery=taken)

    assert conductor.deliveries_without_run(store) == [forgotten]


def test_a_process_killed_between_file_and_row_loses_nothing(home, database, store, lincoln):
    arguments = [sys.executable, "-c", KILLED_BEFORE_THE_COMMIT, str(home.folder), database]
    killed = subprocess.run(arguments, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert deliveries.of_feed(lincoln, "files") == []

    (kept,) = lincoln.blobs.digests()
    assert lincoln.blobs.verify(kept)
    again = a_delivery(lincoln, content=b"roster")

    assert again.files[0].sha256 == kept
    assert list(lincoln.blobs.digests()) == [kept]
    assert deliveries.of_feed(lincoln, "files") == [again]


def test_times_without_a_zone_are_refused(lincoln):
    with pytest.raises(ValueError, match="without a zone"):
        deliveries.seal(
            lincoln,
            feed="files",
            source="sftp",
            sender="u",
            received_at=NOON,
            files=[],
            because="settled",
            now=NOON.replace(tzinfo=None),
        )


def test_names_of_any_script_are_kept_as_they_came(lincoln):
    file = a_file(lincoln, "élèves \U0001f600.csv")
    sealed = deliveries.seal(
        lincoln,
        feed="files",
        source="sftp",
        sender="u",
        received_at=later(3),
        files=[file],
        unfinished=[LeftFile("half.csv", "the connection was lost", 12)],
        because="marker",
        now=later(4),
    )

    assert deliveries.get(lincoln, sealed.id).files == (file,)
    assert sealed.unfinished == (LeftFile("half.csv", "the connection was lost", 12),)
