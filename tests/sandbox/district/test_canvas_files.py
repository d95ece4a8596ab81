"""The files themselves: their columns, their bytes, and that a seed always makes the same."""

import hashlib
import os
import subprocess
import sys

import pytest

from rosterway.sandbox.district import make_district, on_day, write_canvas


def bytes_of(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


HEADERS = {
    "accounts.csv": "account_id parent_account_id name status",
    "admins.csv": "user_id account_id role status",
    "courses.csv": "course_id short_name long_name account_id term_id status",
    "enrollments.csv": "course_id user_id role section_id status",
    "sections.csv": "section_id course_id name status",
    "terms.csv": "term_id name status start_date end_date",
    "user_observers.csv": "observer_id student_id status",
    "users.csv": """user_id login_id first_name last_name full_name sortable_name short_name
        email declared_user_type status""",
    "xlists.csv": "xlist_course_id section_id status",
}


@pytest.mark.parametrize("file", HEADERS)
def test_every_file_has_canvas_columns(tmp_path, file):
    write_canvas(make_district(students=500, seed=1), tmp_path)

    assert HEADERS[file].split() == (tmp_path / file).read_text("utf-8").split("\n")[0].split(",")


def test_the_folder_holds_the_files_of_a_delivery_and_nothing_else(tmp_path):
    rows = write_canvas(make_district(students=500, seed=1), tmp_path / "new" / "folder")
    written = bytes_of(tmp_path / "new" / "folder")

    assert rows.keys() == written.keys()
    for name, content in written.items():
        assert rows[name] == content.count(b"\n") - 1
        assert content.endswith(b"\n")
        assert b"\r" not in content
        assert not content.startswith(b"\xef\xbb\xbf")


def test_a_table_without_rows_is_no_file_and_an_old_one_is_taken_away(tmp_path):
    (tmp_path / "xlists.csv").write_text("from an earlier delivery")

    rows = write_canvas(make_district(students=1, seed=2), tmp_path)

    assert "xlists.csv" not in rows
    assert not (tmp_path / "xlists.csv").exists()


def test_dates_are_whole_moments_in_utc(tmp_path):
    write_canvas(make_district(students=1, seed=1), tmp_path)

    assert (
        "2026-27-S1,Semester 1 2026-27,active,2026-08-17T00:00:00Z,2027-01-15T23:59:59Z\n"
        in (tmp_path / "terms.csv").read_text()
    )


def test_a_seed_makes_the_same_bytes_and_another_seed_makes_others(tmp_path):
    for name, seed in (("one", 7), ("again", 7), ("other", 8)):
        write_canvas(on_day(make_district(students=800, seed=seed), 3), tmp_path / name)

    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "again")
    assert bytes_of(tmp_path / "one") != bytes_of(tmp_path / "other")


def test_the_bytes_do_not_depend_on_the_process(tmp_path):
    program = """
import sys
from pathlib import Path
from rosterway.sandbox.district import make_dirty, make_district, on_day, write_canvas
write_canvas(on_day(make_district(students=200, seed=4), 4), Path(sys.argv[1]))
make_dirty(Path(sys.argv[1]), seed=4)
"""
    digests = set()
    for salt in ("1", "2"):
        folder = tmp_path / salt
        subprocess.run(
            [sys.executable, "-c", program, folder],
            env=os.environ | {"PYTHONHASHSEED": salt},
            check=True,
        )
        digests.add(hashlib.sha256(repr(bytes_of(folder)).encode()).hexdigest())

    assert len(digests) == 1


def test_a_large_district_is_made_zone_by_zone(tmp_path):
    rosters = make_district(students=30_000, seed=1).rosters()

    sizes = [len(roster.students()) for roster in rosters]

    assert len(sizes) == 7  # the office and six zones
    assert sizes[0] == 0
    assert sum(sizes) == 30_000
    assert max(sizes) < 8_000


def test_a_district_of_10_000_has_the_rows_one_expects(tmp_path):
    rows = write_canvas(make_district(students=10_000, seed=7), tmp_path)

    assert 10_000 + 500 + 6_000 < rows["users.csv"] < 10_000 + 1_500 + 10_000
    assert 6.5 < rows["enrollments.csv"] / 10_000 < 8.5
    assert rows["sections.csv"] > rows["courses.csv"] > 1_000
