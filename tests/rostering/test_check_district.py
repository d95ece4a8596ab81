"""A whole district is read and checked: clean it has no problem, damaged exactly its damage."""

from collections import Counter
from shutil import copytree
from typing import NamedTuple

import pytest

from rosterway.formats.canvas_csv.tables import BY_NAME
from rosterway.gateway.calculator import calculator
from rosterway.gateway.unpack import unpack
from rosterway.runs.prepare import read_delivery
from rosterway.sandbox.district import KINDS, make_dirty, make_district, on_day, write_canvas

DISTRICT = make_district(students=300, seed=7)

#: Kind of damage -> what is said of each damaged line (or file); nothing where nothing is lost.
SAID = {
    "lost-zeros": {"reference-missing"},
    "duplicate-row": {"row-repeated"},
    "duplicate-key": {"key-duplicate"},
    "dangling-reference": {"reference-missing"},
    "blank-required": {"value-missing", "value-missing-either"},
    "bad-status": {"status-unknown"},
    "bad-email": {"email-invalid"},
    "claimed-login": {"login-claimed"},
    "nul-byte": {"value-nul"},
    "short-row": {"row-short", "value-missing"},
    "long-row": {"row-long"},
    "blank-row": set(),  # Canvas skips it without a word, and nothing was in it
    "us-date": {"date-unreadable"},
    "smart-quotes": set(),  # a curly apostrophe is a letter like any other
    "stray-quote": {"csv-malformed"},
    "bad-utf8": {"encoding-unknown"},
    "header-spaces": {"header-spaces"},
    "trailing-commas": set(),  # nothing stands behind them
    "excel": set(),  # the file is well formed; whoever names its ids finds out
    "cp1252": {"encoding-unknown"},
    "crlf": {"line-endings"},
    "bom": {"byte-order-mark"},
}

#: What damage does to rows that did nothing wrong.
FOLLOWS = {"reference-refused"}


class Seen(NamedTuple):
    """`places` counts problems by (code, file, line); `lost` is how many rows nobody speaks of."""

    places: Counter[tuple[str, str | None, int | None]]
    going: dict[str, int]
    lost: dict[str, int]


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    """A clean delivery, written once, and its rows by file."""
    folder = tmp_path_factory.mktemp("district")
    return folder, write_canvas(DISTRICT, folder)


@pytest.fixture
def delivery(clean, tmp_path):
    """A folder of it that may be damaged."""
    return copytree(clean[0], tmp_path / "in")


@pytest.fixture
def rows(clean):
    return clean[1]


def look_at(folder, work):
    given = unpack([folder], work / "unpacked")
    with calculator(work, memory="400MB", threads=1) as connection:
        read = read_delivery(connection, given, work)
        places = Counter((p.code, p.file, p.row) for p in read.findings.problems())
        roster = read.checked.roster
        going = {name: count(connection, f"FROM {roster.view(name)}") for name in roster.tables}
        lost = {
            name: table.rows
            - going.get(name, 0)
            - count(
                connection,
                f"FROM (SELECT DISTINCT _file, _row FROM {read.checked.stopped} "
                f"WHERE tbl = '{name}')",
            )
            for name, table in read.checked.staged.tables.items()
        }
    return Seen(places, going, {name: rows for name, rows in lost.items() if rows})


def count(connection, source):
    return connection.execute(f"SELECT count(*) {source}").fetchall()[0][0]


@pytest.mark.parametrize("day", [1, 2])
def test_a_clean_delivery_has_no_problem_and_every_row_goes(tmp_path, day):
    rows = write_canvas(on_day(DISTRICT, day), tmp_path / "in")
    seen = look_at(tmp_path / "in", tmp_path)

    assert (Counter(), {}) == (seen.places, seen.lost)
    assert {name.removesuffix(".csv"): count for name, count in rows.items()} == seen.going
    assert seen.going.keys() <= BY_NAME.keys()


def test_every_kind_of_damage_is_expected():
    assert set(KINDS) == set(SAID)


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_told_where_it_is_and_nowhere_else(delivery, tmp_path, kind):
    damages = make_dirty(delivery, seed=3, kinds=(kind,))
    seen = look_at(delivery, tmp_path)

    whole = {damage.file for damage in damages if damage.line is None}
    told = {
        (file, None if file in whole else row)
        for code, file, row in seen.places
        if code in SAID[kind]
    }
    expected = {(damage.file, damage.line) for damage in damages} if SAID[kind] else set()
    assert expected == told
    assert {code for code, *_ in seen.places} - FOLLOWS - SAID[kind] <= (
        {"reference-missing"} if kind == "excel" else set()
    )
    assert {} == seen.lost


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_the_usual_mix_nothing_is_lost_without_a_word(delivery, rows, tmp_path, seed):
    damages = make_dirty(delivery, seed=seed)
    seen = look_at(delivery, tmp_path)
    spoken = {(file, row) for _, file, row in seen.places}

    for damage in damages:
        if SAID[damage.kind]:
            assert {(damage.file, damage.line), (damage.file, None)} & spoken, damage
    assert {} == seen.lost
    for name, given in rows.items():
        refused = {row for _, file, row in seen.places if file == name and row}
        assert seen.going.get(name.removesuffix(".csv"), 0) >= given - len(refused) or any(
            damage.file == name and KINDS[damage.kind].refuses for damage in damages
        )


def test_excel_costs_references_and_no_row_of_the_file_itself(delivery, rows, tmp_path):
    make_dirty(delivery, seed=3, kinds=("excel",))
    seen = look_at(delivery, tmp_path)

    assert rows["sections.csv"] == seen.going["sections"]
    assert {"enrollments.csv", "xlists.csv"} == {file for _, file, _ in seen.places}


def test_windows_text_that_is_declared_costs_nothing(delivery, rows, tmp_path):
    users = (delivery / "users.csv").read_text(encoding="utf-8")
    (delivery / "users.csv").write_text(users, encoding="cp1252", errors="replace")
    given = unpack([delivery / "users.csv"], tmp_path / "unpacked")
    with calculator(tmp_path) as connection:
        read = read_delivery(connection, given, tmp_path, encoding="windows-1252")

        assert ["encoding-declared"] == [p.code for p in read.findings.problems()]
        assert rows["users.csv"] == count(connection, f"FROM {read.checked.roster.view('users')}")
