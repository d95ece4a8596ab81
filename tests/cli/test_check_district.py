"""A whole district, clean and damaged: a check says all that was done to it, and nothing else."""

import csv

import pytest

from cli.terminal import rosterway
from rosterway.sandbox.district.damage import make_dirty
from rosterway.sandbox.district.damage_kinds import KINDS

#: A kind of damage -> what a check says of it; nothing where Canvas takes it as it is meant.
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
    "blank-row": set(),
    "us-date": {"date-unreadable"},
    "smart-quotes": set(),
    "stray-quote": {"csv-malformed"},
    "bad-utf8": {"encoding-unknown"},
    "header-spaces": {"header-spaces"},
    "trailing-commas": set(),
    "crlf": {"line-endings"},
    "bom": {"byte-order-mark"},
}
#: Said of a row because of another row: of one that refers to a damaged one.
FOLLOWS = {"reference-missing", "reference-refused"}


def table_of(path):
    """Line -> cells, of a file whose rows are a line each."""
    text = path.read_bytes().decode("utf-8", "replace")
    return {at: next(csv.reader([line]), []) for at, line in enumerate(text.split("\n"), 1)}


def tables_of(folder):
    return {file.name: table_of(file) for file in folder.glob("*.csv")}


def ids(table):
    return {cells[0] for cells in table.values() if cells}


def problems(folder):
    return rosterway("check", folder, "--format", "json").json["problems"]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_clean_district_has_no_problem_and_a_damaged_one_exactly_its_damage(tmp_path, seed):
    folder = tmp_path / "district"
    rosterway("sandbox", "district", "--students", 400, "--seed", seed, "--out", folder)
    clean = tables_of(folder)
    assert problems(folder) == []

    damages = make_dirty(folder, seed=seed)
    dirty = tables_of(folder)
    found = problems(folder)

    for damage in damages:
        told = {
            one["code"]
            for one in found
            if one["file"] == damage.file and one["row"] in {damage.line, None}
        }
        earlier = any(
            KINDS[other.kind].refuses and other.file == damage.file and other != damage
            for other in damages
        )  # what refuses a file is said once
        assert earlier or not SAID[damage.kind] or told & SAID[damage.kind], damage

    allowed = {
        (damage.file, line, code)
        for damage in damages
        for line in ((damage.line,) if damage.line else (None, 1))  # of a file, or of its header
        for code in SAID[damage.kind]
    }
    lost = {dirty[damage.file][damage.line][0] for damage in damages if damage.line}
    lost |= {one for name, table in clean.items() for one in ids(table) - ids(dirty[name])}
    unfounded = [
        one
        for one in found
        if (one["file"], one["row"], one["code"]) not in allowed
        and not (one["code"] in FOLLOWS and one["value"] in lost)
    ]
    assert unfounded == []


def test_each_usual_damage_has_its_words_here():
    assert {name for name, kind in KINDS.items() if kind.usual} == set(SAID)
