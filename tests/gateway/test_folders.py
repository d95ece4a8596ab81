"""What the names of files and folders say."""

import pytest

from rosterway.gateway.folders import Flow, Kind, Layout, kind, marked, name_fault


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("users.csv", Kind.FILE),
        ("2026/fall/Enrollments.CSV", Kind.FILE),
        ("done", Kind.FILE),
        ("users.csv.filepart", Kind.TEMPORARY),  # WinSCP
        (".in.users.csv.", Kind.TEMPORARY),  # lftp
        (".users.csv.Xa81Qz", Kind.TEMPORARY),  # rsync
        ("users.csv.part", Kind.TEMPORARY),
        ("users.TMP", Kind.TEMPORARY),
        ("users.csv~", Kind.TEMPORARY),
        (".hidden/users.csv", Kind.TEMPORARY),
        (".hidden/.done", Kind.TEMPORARY),
        ("batch.tmp/users.csv", Kind.TEMPORARY),
        (".done", Kind.MARKER),
        ("all.done", Kind.MARKER),
        ("ALL.DONE", Kind.MARKER),
        ("tonight/.done", Kind.MARKER),
        ("users.csv.done", Kind.FILE_MARKER),
        ("users.done", Kind.FILE_MARKER),
        (".users.done", Kind.TEMPORARY),
    ],
)
def test_a_name_says_what_the_file_is_for(name, expected):
    assert expected is kind(name)


@pytest.mark.parametrize(
    ("marker", "files", "expected"),
    [
        ("users.csv.done", ["users.csv", "courses.csv"], "users.csv"),
        ("users.done", ["users.csv"], "users.csv"),
        ("users.done", ["users.csv", "users.zip"], None),
        ("users.done", ["users", "users.csv"], "users"),
        ("fall/users.csv.done", ["users.csv", "fall/users.csv"], "fall/users.csv"),
        ("tonight.done", ["users.csv"], None),
    ],
)
def test_a_file_marker_speaks_for_the_file_it_is_called_after(marker, files, expected):
    assert expected == marked(marker, files)


@pytest.mark.parametrize(
    "name", [b"users.csv", "Schüler 2026.csv".encode(), b"a" * 255, b"...", "生徒.csv".encode()]
)
def test_ordinary_names_are_allowed(name):
    assert name_fault(name) is None


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        (b"", "is no name"),
        (b"..", "is no name"),
        (b"a" * 256, "is longer than 255 bytes"),
        (("ü" * 128).encode(), "is longer than 255 bytes"),
        (b"users\n.csv", "contains a control character"),
        (b"users\x00.csv", "contains a control character"),
        (b"\x1b[2Jusers.csv", "contains a control character"),
        ("users\u202evsc.exe".encode(), "contains a control character"),
        ("users\u2028.csv".encode(), "contains a control character"),
        (b"Sch\xfcler.csv", "is not UTF-8"),
        (b"a/b", "contains a slash"),
    ],
)
def test_a_name_nobody_could_read_is_refused_with_the_reason(name, fault):
    assert fault == name_fault(name)


def test_the_tree_is_made_for_us_alone(tmp_path):
    Layout().make(tmp_path / "lincoln")

    made = sorted((tmp_path / "lincoln").iterdir())
    assert [folder.name for folder in made] == ["diffing", "grade-export", "imports", "results"]
    assert {0o700} == {folder.stat().st_mode & 0o777 for folder in made}


def test_folders_can_be_called_otherwise():
    layout = Layout(incoming=("upload",), outgoing=("download",))

    assert Flow.INCOMING is layout.flow("upload")
    assert Flow.OUTGOING is layout.flow("download")
    assert layout.flow("imports") is None
