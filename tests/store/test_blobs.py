"""Files by content."""

import hashlib
import stat

import pytest

from rosterway.errors import NotFoundError, StoreError, UnavailableError
from rosterway.store import conductor
from rosterway.store.blobs import Blob, FolderBlobs

ROSTER = b"user_id,login_id,status\n" * 100_000


@pytest.fixture
def blobs(tmp_path):
    return FolderBlobs(tmp_path / "blobs")


def test_a_file_is_kept_under_the_digest_of_its_bytes(blobs, tmp_path):
    path = tmp_path / "users.csv"
    path.write_bytes(ROSTER)

    blob = blobs.put_file(path)

    assert blob == Blob(hashlib.sha256(ROSTER).hexdigest(), len(ROSTER))
    assert blobs.open(blob.digest).read() == ROSTER
    assert path.read_bytes() == ROSTER
    assert list(blobs.digests()) == [blob.digest]


def test_a_file_that_changes_later_does_not_change_what_was_kept(blobs, tmp_path):
    path = tmp_path / "users.csv"
    path.write_bytes(b"before")
    with path.open("r+b") as still_open:
        blob = blobs.put_file(path)
        still_open.write(b"after!")

    assert blobs.open(blob.digest).read() == b"before"


def test_the_same_content_is_kept_once(blobs):
    first, second = blobs.put_bytes(ROSTER), blobs.put_bytes(ROSTER)

    assert first == second
    assert len(list(blobs.digests())) == 1


def test_what_is_kept_cannot_be_written_to(blobs):
    path = blobs.local(blobs.put_bytes(ROSTER).digest)

    assert stat.S_IMODE(path.stat().st_mode) == 0o400


def test_damage_is_found(blobs):
    good, bad = blobs.put_bytes(b"good").digest, blobs.put_bytes(b"bad").digest
    blobs.local(bad).chmod(0o600)
    blobs.local(bad).write_bytes(b"worse")

    assert [blobs.verify(digest) for digest in (good, bad, "0" * 64)] == [True, False, False]


def test_a_damaged_file_is_never_taken_for_what_it_should_be(blobs, tmp_path):
    kept = blobs.local(blobs.put_bytes(b"content").digest)
    kept.chmod(0o600)
    kept.write_bytes(b"cut")
    (tmp_path / "again").write_bytes(b"content")

    with pytest.raises(StoreError, match="is damaged"):
        blobs.put_file(tmp_path / "again")


@pytest.mark.parametrize("digest", ["0" * 64, "../../../etc/passwd", "", "ABC", "a" * 63])
def test_what_was_never_kept_is_not_found(blobs, digest):
    with pytest.raises(NotFoundError):
        blobs.open(digest)


def test_a_crash_while_keeping_leaves_nothing_behind(blobs, tmp_path):
    blobs.put_bytes(b"whole")
    half = tmp_path / "blobs" / "incoming" / "half"
    half.write_bytes(b"ha")

    assert blobs.discard_unfinished() == 1
    assert len(list(blobs.digests())) == 1


def test_the_owner_of_a_home_clears_what_a_crash_left_of_every_tenant(store, home, lincoln, monroe):
    for handle in (lincoln, monroe):
        handle.blobs.put_bytes(b"whole")
        (home.blobs(handle.name) / "incoming" / "half").write_bytes(b"ha")

    assert conductor.discard_unfinished_blobs(store) == 2


def test_a_disk_that_refuses_is_said_to_be_unavailable_and_leaves_nothing(tmp_path):
    (tmp_path / "blobs").write_text("a file where the folder should be")

    with pytest.raises(UnavailableError, match="cannot be kept: Not a directory"):
        FolderBlobs(tmp_path / "blobs").put_bytes(b"content")


def test_a_source_that_fails_leaves_nothing_half_kept(blobs, tmp_path):
    blobs.put_bytes(b"whole")

    with pytest.raises(UnavailableError):
        blobs.put_file(tmp_path / "absent")

    assert list((tmp_path / "blobs" / "incoming").iterdir()) == []
