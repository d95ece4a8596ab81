"""The journal of uploads."""

from rosterway.store import conductor, uploads
from rosterway.store.uploads import Closed, Forgotten, Lost, Moved, Opened, UploadState
from store.builders import NOON, later


def states(handle, under=""):
    return {upload.path: upload.state for upload in uploads.journal(handle, under)}


def opened(path):
    return Opened(path, "uploader", NOON)


def test_a_file_is_whole_when_its_sender_closed_it(lincoln):
    uploads.note(
        lincoln,
        [
            opened("diffing/users.csv"),
            opened("diffing/courses.csv"),
            opened("diffing/terms.csv"),
            Closed("diffing/users.csv", 120, later(1)),
            Lost("diffing/courses.csv", later(2)),
        ],
    )

    assert states(lincoln) == {
        "diffing/courses.csv": UploadState.LOST,
        "diffing/terms.csv": UploadState.OPEN,
        "diffing/users.csv": UploadState.CLOSED,
    }
    whole = uploads.journal(lincoln)[2]
    assert (whole.size, whole.changed_at, whole.opened_at) == (120, later(1), NOON)


def test_what_was_open_when_we_died_is_lost(lincoln):
    uploads.note(lincoln, [opened("a"), opened("b"), Closed("b", 1, NOON)])

    assert uploads.lose_open(lincoln, now=later(5)) == 1
    assert states(lincoln) == {"a": UploadState.LOST, "b": UploadState.CLOSED}


def test_the_owner_of_a_home_recovers_every_tenant(store, lincoln, monroe):
    uploads.note(lincoln, [opened("a")])
    uploads.note(monroe, [opened("a"), opened("b")])

    assert conductor.recover(store, now=later(5)) == 3
    assert set(states(monroe).values()) == {UploadState.LOST}


def test_a_file_that_is_written_again_is_open_again(lincoln):
    uploads.note(lincoln, [opened("a"), Closed("a", 10, NOON), Opened("a", "other", later(1))])

    (upload,) = uploads.journal(lincoln)
    assert (upload.state, upload.sender, upload.size) == (UploadState.OPEN, "other", None)


def test_a_careful_client_renames_what_it_has_closed(lincoln):
    uploads.note(
        lincoln,
        [
            opened("diffing/users.csv"),
            Closed("diffing/users.csv", 9, NOON),
            opened("diffing/.tmp"),
            Closed("diffing/.tmp", 120, later(1)),
            Moved("diffing/.tmp", "diffing/users.csv", later(2)),
        ],
    )

    (upload,) = uploads.journal(lincoln)
    assert (upload.path, upload.state, upload.size) == (
        "diffing/users.csv",
        UploadState.CLOSED,
        120,
    )
    assert upload.changed_at == later(2)


def test_a_folder_moves_and_goes_with_all_that_is_in_it_and_nothing_else(lincoln):
    paths = ("in/a.csv", "in/sub/b.csv", "in-2/c.csv", "in.csv", "in_x", "in%")
    uploads.note(lincoln, [opened(path) for path in paths])

    uploads.note(lincoln, [Moved("in", "out", NOON)])
    assert set(states(lincoln)) == {
        "out/a.csv",
        "out/sub/b.csv",
        "in-2/c.csv",
        "in.csv",
        "in_x",
        "in%",
    }
    assert set(states(lincoln, "out")) == {"out/a.csv", "out/sub/b.csv"}

    uploads.note(lincoln, [Forgotten("out/")])
    assert set(states(lincoln)) == {"in-2/c.csv", "in.csv", "in_x", "in%"}
