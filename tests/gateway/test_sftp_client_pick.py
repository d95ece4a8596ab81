"""Which files of a folder on somebody else's server make a delivery."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rosterway.gateway.sftp_client_files import RemoteFile
from rosterway.gateway.sftp_client_pick import pick

PATTERNS = ("*.csv", "*.zip")
USERS, COURSES = RemoteFile("users.csv", 10, 100), RemoteFile("courses.csv", 20, 110)


def picked(*files, known=(), is_whole=True):
    found = pick(files, {file.name: file for file in known}, patterns=PATTERNS, is_whole=is_whole)
    return [file.name for file in found.new], [file.name for file in found.same]


@pytest.mark.parametrize(
    ("name", "is_taken"),
    [
        ("users.csv", True),
        ("Users.CSV", True),
        ("all.zip", True),
        ("users.txt", False),
        ("users.csv.part", False),
        (".users.csv", False),
        ("users.csv.done", False),
        (".done", False),
    ],
)
def test_files_are_taken_by_their_names(name, is_taken):
    assert (([name] if is_taken else []), []) == picked(RemoteFile(name, 1, 1))


@pytest.mark.parametrize(
    "before", [RemoteFile("users.csv", 9, 100), RemoteFile("users.csv", 10, 99)]
)
def test_another_size_or_date_is_another_file(before):
    assert (["users.csv"], []) == picked(USERS, known=[before])
    assert ([], []) == picked(USERS, known=[USERS])


def test_what_has_stayed_comes_along_where_the_folder_is_the_whole_truth():
    assert (["users.csv"], ["courses.csv"]) == picked(USERS, COURSES, known=[COURSES])
    assert (["users.csv"], []) == picked(USERS, COURSES, known=[COURSES], is_whole=False)


@pytest.mark.parametrize(
    ("markers", "is_vouched_for"),
    [
        ([RemoteFile(".done", 0, 110)], True),
        ([RemoteFile("ALL.DONE", 0, 111)], True),
        ([RemoteFile(".done", 0, 109)], False),  # older than a file it would speak for
        ([RemoteFile("users.csv.done", 0, 120)], False),  # speaks for one of two
        ([RemoteFile("users.csv.done", 0, 100), RemoteFile("courses.done", 0, 110)], True),
        ([RemoteFile("users.csv.done", 0, 99), RemoteFile("courses.done", 0, 110)], False),
        ([], False),
    ],
)
def test_a_marker_vouches_for_what_is_not_newer_than_itself(markers, is_vouched_for):
    found = pick([USERS, COURSES, *markers], {}, patterns=PATTERNS, is_whole=True)

    assert is_vouched_for is found.is_vouched_for


def test_a_marker_speaks_once():
    marker = RemoteFile(".done", 0, 200)

    found = pick([USERS, marker], {".done": marker}, patterns=PATTERNS, is_whole=True)

    assert (False, ()) == (found.is_vouched_for, found.markers)


FILES = st.dictionaries(
    st.sampled_from(["users.csv", "courses.csv", "a.zip", ".done", "users.csv.done", "x.txt"]),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
).map(lambda found: [RemoteFile(name, *stamp) for name, stamp in found.items()])


@given(FILES, FILES, st.booleans())
def test_what_was_taken_is_never_new_and_nothing_new_is_passed_over(listed, before, is_whole):
    known = {file.name: file for file in before}

    found = pick(listed, known, patterns=PATTERNS, is_whole=is_whole)

    taken = [*found.new, *found.same, *found.markers]
    assert not set(found.new) & set(before)
    assert set(found.same) <= set(before)
    assert len(taken) == len(set(taken))
    once_more = {**known, **{file.name: file for file in taken}}
    assert not pick(listed, once_more, patterns=PATTERNS, is_whole=is_whole).new
