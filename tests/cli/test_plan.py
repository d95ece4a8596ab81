"""`rosterway plan CURRENT`: its JSON, its digest, its exit codes, and what `--out` writes."""

import csv
import json
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.terminal import environ, rosterway, tree
from runs.installation import ROSTERWAY

COUNTS = {"create", "update", "delete", "unchanged", "vanished"}
HOLD = {"guard", "table", "scope", "count", "of", "share", "limit", "message"}
EXITS = {"go": 0, "nothing": 0, "hold": 10, "refused": 1}
Rows = list[list[str]]
USERS = "user_id,login_id,status\n"


def planned(*words, **options):
    """What `plan --format json` says, once its shape is that of the contract."""
    done = rosterway("plan", *words, "--format", "json", **options)
    assert done.err == ""
    told = done.json
    assert {"digest", "decision", "tables", "removals", "holds", "files", "problems"} <= set(told)
    assert all(set(counts) == COUNTS for counts in told["tables"].values())
    assert all(set(hold) >= HOLD for hold in told["holds"])
    assert all(
        set(hold["scope"]) <= {"table", "school", "term", "role", "class"} for hold in told["holds"]
    )
    assert done.code == EXITS[told["decision"]]
    return told


def rewritten(folder: Path, into: Path, change: Callable[[Rows], Rows]) -> Path:
    """The same delivery with `change` applied to the rows of every file."""
    into.mkdir()
    for file in folder.glob("*.csv"):
        with file.open(newline="", encoding="utf-8") as source:
            header, *rows = csv.reader(source)
        with (into / file.name).open("w", newline="", encoding="utf-8") as target:
            csv.writer(target).writerows([header, *change(rows)])
    return into


@pytest.fixture(scope="module")
def second(days):
    """The plan of the second day."""
    return planned(days.second, "--baseline", days.first)


@pytest.fixture(scope="module")
def half(days, tmp_path_factory):
    """The first day, the second half of every file lost."""
    into = tmp_path_factory.mktemp("half") / "delivery"
    return rewritten(days.first, into, lambda rows: rows[: len(rows) // 2])


def test_an_ordinary_second_day_goes(second):
    assert (second["decision"], second["holds"], second["problems"]) == ("go", [], [])
    enrollments = second["tables"]["enrollments"]
    assert enrollments["unchanged"] > 500
    assert enrollments["create"] > 0
    assert enrollments["delete"] == enrollments["vanished"] > 0
    assert set(second["tables"]) == set(second["removals"])


def test_the_plan_is_the_same_twice(days, second):
    assert planned(days.second, "--baseline", days.first) == second


def test_the_digest_does_not_depend_on_the_order_of_rows_or_on_the_time(days, second, tmp_path):
    order = random.Random(7)
    shuffled = rewritten(
        days.second, tmp_path / "second", lambda rows: order.sample(rows, len(rows))
    )
    before = rewritten(days.first, tmp_path / "first", lambda rows: rows[::-1])

    again = planned(shuffled, "--baseline", before, "--at", "2026-12-01T09:00:00+02:00")

    assert again["digest"] == second["digest"]
    assert again["files"] == second["files"]
    assert again["imports"] == second["imports"]


def test_the_same_day_again_is_nothing(days):
    told = planned(days.first, "--baseline", days.first)

    assert (told["decision"], told["files"]) == ("nothing", [])


def test_without_a_baseline_it_holds_until_it_is_said_to_be_the_first_load(tmp_path):
    (tmp_path / "users.csv").write_text(USERS + "1,a,active\n")

    held = planned(tmp_path)
    assert [hold["guard"] for hold in held["holds"]] == ["first-load"]
    intended = planned(tmp_path, "--first-load")
    assert (intended["decision"], intended["digest"]) == ("go", held["digest"])


def test_half_a_delivery_holds_and_says_where(half, days):
    told = planned(half, "--baseline", days.first)

    assert told["decision"] == "hold"
    for hold in told["holds"]:
        assert hold["scope"]["table"] == hold["table"]
        assert 0 < hold["count"] <= hold["of"]
        assert hold["message"].endswith(".")


def test_imports_removes_nothing_that_is_not_there(half, days):
    told = planned(half, "--baseline", days.first, "--apply", "imports")

    assert told["decision"] == "nothing"
    assert not any(told["removals"].values())


def test_limits_come_from_a_file_and_guards_switched_off_are_named(half, days, tmp_path):
    limits = tmp_path / "limits.toml"
    limits.write_text('off = ["removals", "class", "to-none"]\n')

    told = planned(half, "--baseline", days.first, "--limits", limits)

    assert told["off"] == ["class", "removals", "to-none"]
    assert {hold["guard"] for hold in told["holds"]} <= {"emptied", "new-users"}


def test_good_rows_go_and_bad_ones_stay_unless_it_is_strict(tmp_path):
    (tmp_path / "users.csv").write_text(USERS + "1,a,active\n2,b,gone\n")

    lenient = planned(tmp_path, "--first-load")
    strict = planned(tmp_path, "--first-load", "--strict")

    assert lenient["decision"] == "go"
    assert lenient["tables"]["users"]["create"] == 1
    assert [problem["row"] for problem in lenient["problems"]] == [3]
    assert (strict["decision"], strict["problems"]) == ("refused", lenient["problems"])


def test_nothing_usable_is_refused(tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n")

    assert planned(tmp_path, "--first-load")["decision"] == "refused"


def test_out_has_the_exact_files_and_the_plan_as_it_was_printed(
    days, second, quiet_folder, tmp_path
):
    out = tmp_path / "deep" / "plan"

    told = planned(days.second, "--baseline", days.first, "--out", out, cwd=quiet_folder)

    assert told == second == json.loads((out / "plan.json").read_text())
    written = {name for name, content in tree(out).items() if content is not None}
    assert written == {"plan.json", *second["files"]}
    for sent in second["imports"]:
        with (out / sent["file"]).open(newline="") as file:
            assert len(list(csv.DictReader(file))) == sent["rows"]


def test_out_takes_the_place_of_an_earlier_plan_and_of_nothing_else(days, tmp_path):
    out = tmp_path / "plan"
    planned(days.second, "--baseline", days.first, "--out", out)
    planned(days.first, "--baseline", days.first, "--out", out)
    assert [path.name for path in out.iterdir()] == ["plan.json"]

    (out / "mine.txt").write_text("mine")
    before = tree(out)
    done = rosterway("plan", days.second, "--baseline", days.first, "--out", out)

    assert (done.code, done.out) == (2, "")
    assert done.err == f"Error: {out} is not empty.\nName an empty or a new folder.\n"
    assert tree(out) == before


def test_a_plan_that_fails_leaves_the_earlier_one(days, tmp_path):
    out = tmp_path / "plan"
    planned(days.second, "--baseline", days.first, "--out", out)
    before = tree(out)

    assert rosterway("plan", tmp_path / "nope", "--out", out).code == 2
    assert rosterway("plan", tmp_path / "nope", "--out", tmp_path / "new").code == 2

    assert tree(out) == before
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_leaves_nothing(days, tmp_path, by):
    scratch, out = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    process = subprocess.Popen(
        [*ROSTERWAY, "plan", days.second, "--baseline", days.first, "--out", out],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environ(TMPDIR=str(scratch)),
    )
    deadline = time.monotonic() + 30
    while not list(scratch.glob("*/planned")):  # it is at work
        assert process.poll() is None
        assert time.monotonic() < deadline

    process.send_signal(by)
    said, _ = process.communicate(timeout=30)

    assert (process.returncode, said) == ({signal.SIGINT: 130, signal.SIGTERM: 143}[by], b"")
    assert list(scratch.iterdir()) == []
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("removls = 3\n", "removls is no limit Rosterway knows."),
        ("removals = 3\n", "removals must be a table of limits."),
        ("[removals]\ncount = -1\n", "removals.count must be a whole number."),
        ('off = ["removls"]\n', "off must be a list of guards."),
        ("a = \n", "is not TOML"),
    ],
)
def test_limits_that_are_not_understood_are_2(tmp_path, content, message):
    limits = tmp_path / "limits.toml"
    limits.write_text(content)

    done = rosterway("plan", tmp_path, "--limits", limits, "--format", "json")

    assert (done.code, done.err) == (2, "")
    assert message in done.json["error"]["message"]
    assert done.json["error"]["remedy"]


def test_people_read_the_balance_the_holds_the_imports_and_the_digest(days):
    lines = rosterway("plan", days.first).out.splitlines()

    assert lines[0] == "No problems found."
    assert lines[1].split() == ["table", "kept", "new", "changed", "removed", "vanished"]
    assert any(line.startswith("Held by first-load: ") for line in lines)
    assert "Import 01: terms, 8 rows (creates and updates)" in lines
    assert lines[-1].startswith("HOLD  ")
    assert len(lines[-1]) == len("HOLD  ") + 64
