"""Damage is done where it is said to be, and said wherever it is done."""

import csv
import re
from itertools import zip_longest

import pytest

from rosterway.sandbox.district import KINDS, DistrictError, make_dirty, make_district, write_canvas

DISTRICT = make_district(students=800, seed=7)


@pytest.fixture
def harm(tmp_path):
    """Damage a delivery: the damages, and lines of a file before and after."""

    def of(*kinds, seed=1):
        write_canvas(DISTRICT, tmp_path)
        before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        damages = make_dirty(tmp_path, seed=seed, kinds=kinds or None)
        after = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        return damages, before, after

    return of


def at(files, damage):
    return files[damage.file].split(b"\n")[damage.line - 1]


def cells(line):
    return next(csv.reader([line.decode()]))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_damages_its_tables_and_says_so(harm, kind):
    damages, before, after = harm(kind)

    touched = {name for name in before if before[name] != after[name]}
    assert touched == {f"{table}.csv" for table in KINDS[kind].tables}
    assert touched == {damage.file for damage in damages}
    assert {damage.kind for damage in damages} == {kind}


def test_the_usual_mix_does_every_usual_kind_and_leaves_only_delivery_files(harm):
    damages, before, after = harm()

    assert {name for name, kind in KINDS.items() if kind.usual} == {d.kind for d in damages}
    assert before.keys() == after.keys()


def test_the_usual_mix_costs_no_large_table_as_a_whole(harm):
    damages, _, after = harm()

    assert {d.file for d in damages if KINDS[d.kind].refuses} == {
        "admins.csv",
        "user_observers.csv",
    }
    for name in ("users.csv", "enrollments.csv", "sections.csv", "courses.csv"):
        after[name].decode("utf-8")


def test_every_line_that_differs_is_told_and_no_other(harm):
    damages, before, after = harm("bad-status:users", "blank-required:users", "duplicate-row:users")

    told = {damage.line for damage in damages}
    lines = after["users.csv"].split(b"\n")
    untold = [line for number, line in enumerate(lines, 1) if number not in told]
    original = before["users.csv"].split(b"\n")
    changed = {d.line for d in damages if d.kind != "duplicate-row"}
    assert len(untold) == len(original) - len(changed)
    remaining = iter(original)
    assert all(line in remaining for line in untold)


@pytest.mark.parametrize(
    ("kind", "column", "cell"),
    [
        ("lost-zeros", "section_id", r"[1-9]\d+"),
        ("dangling-reference:sections", "course_id", r"2O26-.*"),
        ("bad-status:users", "status", r"enrolled|current|A|1|withdrawn|yes"),
        ("bad-email", "email", r"[^@]+"),
        ("nul-byte", "first_name", r"[^\0]+\0[^\0]*"),
        ("us-date", "start_date", r"\d\d/\d\d/202\d"),
        ("smart-quotes", "full_name", ".*\N{RIGHT SINGLE QUOTATION MARK}.*"),
        ("short-row", "status", r"missing"),
        ("long-row", "beyond", r"see office"),
        ("blank-row:users", "user_id", r""),
    ],
)
def test_the_line_told_bears_the_damage(harm, kind, column, cell):
    damages, _, after = harm(kind)

    assert damages
    for damage in damages:
        header = cells(after[damage.file].split(b"\n")[0])
        row = dict(zip_longest([*header, "beyond"], cells(at(after, damage)), fillvalue="missing"))
        assert re.fullmatch(cell, row[column])


def test_a_required_cell_told_to_be_blank_is_blank(harm):
    damages, before, after = harm("blank-required:users")
    header = cells(before["users.csv"].split(b"\n")[0])

    for damage in damages:
        assert damage.columns in {"user_id", "login_id", "status"}
        assert cells(at(after, damage))[header.index(damage.columns)] == ""


def test_a_duplicate_row_follows_its_original(harm):
    damages, _, after = harm("duplicate-row:enrollments")

    for damage in damages:
        lines = after["enrollments.csv"].split(b"\n")
        assert lines[damage.line - 2] == lines[damage.line - 1]


@pytest.mark.parametrize(("table", "key"), [("users", 1), ("enrollments", 4)])
def test_a_duplicate_key_disagrees_with_its_original(harm, table, key):
    damages, _, after = harm(f"duplicate-key:{table}")

    for damage in damages:
        lines = after[f"{table}.csv"].split(b"\n")
        original, second = cells(lines[damage.line - 2]), cells(lines[damage.line - 1])
        assert original[:key] == second[:key]
        assert original != second


def test_a_claimed_login_is_another_users(harm):
    damages, _, after = harm("claimed-login")
    logins = [cells(line)[1] for line in after["users.csv"].split(b"\n") if line]

    for damage in damages:
        assert logins.count(logins[damage.line - 1]) == 2


def test_a_bad_byte_makes_the_file_no_utf8(harm):
    _, _, after = harm("bad-utf8")

    with pytest.raises(UnicodeDecodeError):
        after["user_observers.csv"].decode("utf-8")


def test_a_stray_quote_breaks_strict_quoting(harm):
    damages, _, after = harm("stray-quote")

    for damage in damages:
        assert b'"' in at(after, damage)
        assert not at(after, damage).startswith(b'"')


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("bom:users", rb"\A\xef\xbb\xbfuser_id,"),
        ("crlf:users", rb"\A(?:[^\n]*\r\n)+\Z"),
        ("trailing-commas:users", rb"\A(?:[^\n]*,,\n)+\Z"),
        ("cp1252:users", b"Garc\xeda"),
        ("excel:users", rb"\A(?:[^0\n][^\n]*\n)+\Z"),
        ("header-spaces:users", rb"\Auser_id, login_id, [^\n]*\n[^\n ]+,"),
    ],
)
def test_a_kind_of_whole_files_may_be_sent_to_any_table(harm, kind, content):
    damages, before, after = harm(kind)

    assert [(damage.file, damage.line) for damage in damages] == [("users.csv", None)]
    assert re.search(content, after["users.csv"])
    assert not re.search(content, before["users.csv"])


def test_the_same_seed_does_the_same_damage(harm):
    first, _, one = harm(seed=4)
    again, _, two = harm(seed=4)
    other, _, three = harm(seed=5)

    assert (first, one) == (again, two)
    assert (first, one) != (other, three)


def test_even_the_smallest_delivery_can_be_damaged(tmp_path):
    write_canvas(make_district(students=1, seed=1), tmp_path)

    damages = make_dirty(tmp_path, seed=1)

    assert {"bom", "us-date"} <= {damage.kind for damage in damages}


def test_an_unknown_kind_is_refused_before_anything_is_touched(tmp_path):
    write_canvas(make_district(students=3, seed=1), tmp_path)
    before = (tmp_path / "courses.csv").read_bytes()

    with pytest.raises(DistrictError, match="no kind of damage is called 'rust'"):
        make_dirty(tmp_path, seed=1, kinds=("bom", "rust"))

    assert before == (tmp_path / "courses.csv").read_bytes()
