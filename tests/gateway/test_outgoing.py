"""Files put where others take them: whole or not at all, and old copies go by their own names."""

from datetime import date

import pytest

from rosterway.gateway.outgoing import dated, place, place_file, place_text, remove_old_copies


def test_a_file_takes_the_place_of_the_one_before(tmp_path):
    (tmp_path / "new.csv").write_bytes(b"new")
    target = tmp_path / "out" / "grades.csv"
    place_text("old", target)
    place_file(tmp_path / "new.csv", target)
    assert [file.name for file in target.parent.iterdir()] == ["grades.csv"]
    assert target.read_bytes() == b"new"


def test_what_fails_half_way_leaves_the_file_as_it_was_and_no_draft(tmp_path):
    target = tmp_path / "grades.csv"
    place_text("old", target)

    def fails(draft):
        draft.write_text("ha", encoding="utf-8")
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        place(target, fails)
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("grades.csv", "old")]


def test_copies_of_a_day_are_named_after_it_and_go_by_that_name(tmp_path):
    assert dated("grades.fall.csv", date(2026, 12, 1)) == "grades.fall-2026-12-01.csv"
    names = [
        "g-2026-11-30.csv",
        "g-2026-11-29.csv",
        "g-2026-02-30.csv",
        "g-2026-01-01.txt",
        "gg-2026-01-01.csv",
        "g.csv",
    ]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "g-2026-01-02.csv").mkdir()
    removed = remove_old_copies(tmp_path, "g.csv", today=date(2026, 12, 1), keep=1)
    assert removed == ["g-2026-11-29.csv"]
    assert remove_old_copies(tmp_path / "none", "g.csv", today=date(2026, 12, 1), keep=1) == []
